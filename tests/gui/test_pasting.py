"""Pasted texts: positions and games in all usual forms, and what is wrong with others."""

from __future__ import annotations

import pytest

FEN = "4k4/9/9/9/9/9/9/9/9/R2K5 b - - 0 1"


@pytest.mark.parametrize(
    "text",
    [
        FEN, f"fen {FEN}", f"position fen {FEN}", f'[FEN "{FEN}"]', f"`{FEN}`", FEN.replace(" ", "_"),
        f"\ufeff {FEN}\n",
        "4k4/9/9/9/9/9/9/9/9/R2K5[] b - - 0 1", "4k4/9/9/9/9/9/9/9/9/R2K5 b",
    ],
)  # fmt: skip
def test_positions_are_pasted_in_all_usual_forms(make_desk, text):
    desk = make_desk()
    assert desk.controller.games.paste(text)
    assert desk.controller.state.game.board.fen() == FEN


def test_a_placement_alone_means_red_to_move(desk):
    assert desk.controller.games.paste("4k4/9/9/9/9/9/9/9/R8/3K5")
    assert desk.controller.state.game.board.fen().split()[1] == "w"


@pytest.mark.parametrize(
    "text",
    [
        "炮二平五 马8进7 马二进三", "1. C2.5 H8+7 2. H2+3", "h2e2 h9g7 h0g2", "position startpos moves h2e2 h9g7 h0g2",
        "startpos moves h2e2 h9g7 h0g2", '[Red "x"]\n\n1. H2-E2 H9-G7 2. H0-G2 *',
        "[DhtmlXQ][DhtmlXQ_movelist]774770627967[/DhtmlXQ_movelist][/DhtmlXQ]",
    ],
)  # fmt: skip
def test_games_are_pasted_in_all_usual_forms(make_desk, text):
    desk = make_desk(side="both")
    assert desk.controller.games.paste(text), desk.controller.view().message
    assert desk.moves == ["h2e2", "h9g7", "h0g2"]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("4k4/9/9/9/9/9/9/9/9/4K4 w", "将帅照面", "the kings face each other"),
        ("4k4/9/9/9/9/9/9/9/9/9 w", "红方没有将帅", "Red has no king"),
        ("4k4/9/9/9/9/9/9/9/4B4/3K5 w", "红相不可能在 e1", "red elephant can never be on e1"),
        ("4k4/9/9/9/9/9/9/9/9/RR1KRR3 w", "红车有 4 个", "4 of red rook"),
        ("4k4/9/9/9/9/9/9/9/9 w", "有 9 行", "9 ranks"),
        ("4k4/9/9/9/9/9/9/9/9/3K6 w", "第 0 行有 10 格", "rank 0 holds 10 files"),
        ("4k4/9/9/9/9/9/9/9/9/3Kz4 w", "「z」不是棋子", "'z' in rank 0 is not a piece"),
        ("4k4/4R4/9/9/9/9/9/9/9/3K5 w", "黑方正被将军", "Black is in check"),
    ],
)
def test_what_is_wrong_with_a_position_is_said_in_the_window_s_language(make_desk, text, zh, en):
    desk = make_desk(language="zh")
    assert not desk.controller.games.paste(text)
    assert zh in desk.controller.view().message and "/9/" not in desk.controller.view().message
    desk.controller.change(language="en")
    assert en in desk.controller.view().message


def test_copied_games_can_be_pasted(make_desk):
    desk = make_desk(side="both")
    for move in ("h2e2", "h9g7", "h0g2"):
        desk.controller.type_move(move)
    for what in ("chinese", "wxf", "iccs", "pgn"):
        copied = desk.controller.games.copied(what)
        other = make_desk(side="both")
        assert other.controller.games.paste(copied), (what, copied)
        assert other.moves == desk.moves
