"""Pasted texts: positions and games in all usual forms, and what is wrong with others."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.gui.game import pasted
from xiangqi_lm.rules.fen import START_FEN

FEN = "4k4/9/9/9/9/9/9/9/9/R2K5 b - - 0 1"


@pytest.mark.parametrize(
    "text",
    [
        FEN, f"fen {FEN}", f"position fen {FEN}", f'[FEN "{FEN}"]', f"`{FEN}`", FEN.replace(" ", "_"),
        f"\ufeff {FEN}\n",
        "4k4/9/9/9/9/9/9/9/9/R2K5[] b - - 0 1", "4k4/9/9/9/9/9/9/9/9/R2K5 b",
        f"局面：{FEN}，黑先", f"\n +---+\n | r |\n\nFen: {FEN}\nKey: 8F03\nCheckers: e9\n", FEN.replace(" b", "\nb"),
        f"https://www.example.org/analysis/xiangqi?fen={FEN.replace(' ', '_')}&zoom=80",
        "https://www.example.org/query/?4k4/9/9/9/9/9/9/9/9/R2K5%20b", f'{{"fen": "{FEN}", "depth": 10}}',
        f"https://www.example.org/?fen={FEN.replace('/', '%2F').replace(' ', '+')}",
    ],
)  # fmt: skip
def test_positions_are_pasted_in_all_usual_forms(make_desk, text):
    desk = make_desk()
    assert desk.controller.games.paste(text)
    assert desk.controller.state.game.board.fen() == FEN


def test_a_placement_alone_means_red_to_move(desk):
    assert desk.controller.games.paste("4k4/9/9/9/9/9/9/9/R8/3K5")
    assert desk.controller.state.game.board.fen().split()[1] == "w"


@pytest.mark.parametrize("text", ["startpos", "position startpos\n", "Position fen startpos"])
def test_the_start_position_is_pasted_by_its_name(make_desk, text):
    desk = make_desk(side="both")
    desk.controller.type_move("h2e2")
    assert desk.controller.games.paste(text), desk.controller.view().message
    assert desk.controller.state.game.board.fen() == START_FEN and desk.moves == []


@pytest.mark.parametrize(
    "text",
    [
        "炮二平五 马8进7 马二进三", "1. C2.5 H8+7 2. H2+3", "h2e2 h9g7 h0g2", "position startpos moves h2e2 h9g7 h0g2",
        "startpos moves h2e2 h9g7 h0g2", "POSITION STARTPOS MOVES H2E2 H9G7 H0G2",
        "h2e2h9g7h0g2", f"position fen {START_FEN} moves h2e2 h9g7 h0g2",
        f"{START_FEN} moves h3e3 h10g8 h1g3", "炮二平五，马8进7；马二进三。",
        "第1回合 炮二平五 马8进7\n第2回合：马二进三",
        "12:01 > position startpos moves h2e2\n12:01 > go depth 5\ninfo depth 1 pv h9g7\nbestmove h9g7\n"
        "12:02 > position startpos moves h2e2 h9g7 h0g2\n12:02 > go depth 5\n",
        '[Game "Chinese Chess"] [Red "甲"] 1. 炮二平五 马8进7 2. 马二进三 *',
        "h2e2,h9g7,h0g2", "['h2e2', 'h9g7', 'h0g2']", "炮二平五→马8进7→马二进三", "炮二平五/马8进7/马二进三",
        "1) 炮二平五 马8进7\n2) 马二进三", "一、炮二平五 - 马8进7\n二、马二进三", "C2=5, H8+7, H2+3",
        "炮二平五\n马8进7\n马二进三\n",
        '[Red "x"]\n\n1. H2-E2 H9-G7 2. H0-G2 *',
        "[DhtmlXQ][DhtmlXQ_movelist]774770627967[/DhtmlXQ_movelist][/DhtmlXQ]",
    ],
)  # fmt: skip
def test_games_are_pasted_in_all_usual_forms(make_desk, text):
    desk = make_desk(side="both")
    assert desk.controller.games.paste(text), desk.controller.view().message
    assert desk.moves == ["h2e2", "h9g7", "h0g2"]


def test_the_name_of_a_file_is_pasted_as_file_managers_copy_it(make_desk, tmp_path):
    file = tmp_path / "棋 谱.pgn"
    file.write_text("1. h2e2 h9g7 *", encoding="utf-8")
    for text in (str(file), f'"{file}"\n', file.as_uri()):
        desk = make_desk(side="both")
        assert desk.controller.games.paste(text) and desk.moves == ["h2e2", "h9g7"]
        assert desk.controller.state.document.path == file


def test_any_text_is_recognised_in_linear_time():
    for text in ("a1a1" * 30_000 + "x", "1/" * 60_000, f"position fen {START_FEN} moves h2e2 zz " * 2000,
                 "position startpos moves " + "h2e2  " * 20_000 + "\n" * 50_000 + "z", '[a "' * 20_000):  # fmt: skip
        pasted.fen_in(text)
        with contextlib.suppress(XiangqiError):
            pasted.document_in(text)


@pytest.mark.parametrize("text", ["hello world", "https://www.example.org/view_m_1.html", str(Path("/nowhere/x.pgn"))])
def test_a_text_without_games_is_refused_as_such(make_desk, text):
    desk = make_desk(language="zh")
    assert not desk.controller.games.paste(text)
    assert desk.controller.view().message.startswith(f"无法粘贴：不是局面也不是着法：{text[:30]}")


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1", "有 8 行", "8 ranks"),
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


def test_the_moves_of_a_position_without_moves_are_its_fen(make_desk):
    desk = make_desk(fen=FEN)
    assert desk.controller.games.copied("chinese").split("\n") == [f'[FEN "{FEN}"]', "", ""]


def test_copied_games_can_be_pasted(make_desk):
    desk = make_desk(side="both")
    for move in ("h2e2", "h9g7", "h0g2"):
        desk.controller.type_move(move)
    for what in ("chinese", "wxf", "iccs", "pgn"):
        copied = desk.controller.games.copied(what)
        other = make_desk(side="both")
        assert other.controller.games.paste(copied), (what, copied)
        assert other.moves == desk.moves
