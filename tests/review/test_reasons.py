"""Reasons for mistakes: 200 are replayed on the board, plus positions of every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xiangqi_lm.review import reasons, words
from xiangqi_lm.review.reasons import Reason
from xiangqi_lm.rules import pieces
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import parse_square

WORTH = {pieces.KING: 100, pieces.ROOK: 9, pieces.CANNON: 5, pieces.HORSE: 4, pieces.ADVISOR: 2, pieces.ELEPHANT: 2,
         pieces.PAWN: 1}  # fmt: skip
LOST = ("walks_into", "defence_left", "left_hanging", "exposed", "fork", "pinned", "defender_pinned", "loses")
GAMES = json.loads((Path(__file__).parents[1] / "data" / "review" / "reasons.json").read_text("utf-8"))["games"]


def moves(texts: list[str] | str) -> tuple[Move, ...]:
    return tuple(Move.from_iccs(text) for text in (texts.split() if isinstance(texts, str) else texts))


def reached(board: Board, line: tuple[Move, ...]) -> Board:
    board = board.copy()
    for move in line:
        board.push(move)  # raises if it is illegal
    return board


def material(board: Board) -> int:
    """Return the value of Red's pieces less Black's, in pawns."""
    return sum((1 if piece > 0 else -1) * WORTH[abs(piece)] for piece in board.piece_map().values())


def check(before: Board, move: Move, said: dict[str, Any]) -> None:
    """Assert that what a reason says can be verified on the board."""
    reason, sign = said["reason"], int(before.turn)
    best, answer = moves(said["best"]), moves(said["answer"])
    after = reached(before, (move,))
    start, line = (before, best) if reason["line"] == "best" else (after, answer)
    here = reached(start, line[: reason["ply"]])
    if reason["kind"] in ("mated", "missed_mate"):
        assert not here.legal_list() and reason["ply"] == 2 * reason["moves"] - 1
        assert here.turn is (before.turn if reason["kind"] == "mated" else before.turn.opponent)
        return
    capture, square = line[reason["ply"] - 1], parse_square(reason["square"])
    there = reached(start, line[: reason["ply"] - 1])
    assert capture.to_square == square
    assert there.piece_at(square) == reason["piece"] and there.piece_at(capture.from_square) == reason["by"]
    assert there.turn is (before.turn if reason["line"] == "best" else before.turn.opponent)
    change = sign * (material(reached(start, line)) - material(before))
    if reason["kind"] == "missed_capture":
        assert change > 0
        return
    assert reason["kind"] in LOST and change < 0
    if reason["kind"] == "fork":
        forked = reached(start, line[: reason["ply"] - 2])
        targets = {parse_square(text) for text in reason["targets"]}
        assert len(targets) > 1 and square in targets and targets <= set(forked.attacks(capture.from_square))
        assert all(forked.color_at(target) is before.turn for target in targets)
    elif reason["kind"] == "pinned":
        assert there.is_pinned(before.turn, square)
    elif reason["kind"] == "defender_pinned":
        defenders = list(here.attackers(before.turn, square))
        assert defenders and all(here.is_pinned(before.turn, one) for one in defenders)
    elif reason["kind"] == "walks_into":
        assert square == move.to_square and reason["ply"] == 1
    elif reason["kind"] == "defence_left":
        assert move.from_square in before.attackers(before.turn, square)
    elif reason["kind"] == "left_hanging":
        assert before.is_attacked(before.turn.opponent, square) and square != move.to_square


def test_two_hundred_reasons_replayed() -> None:
    """Every reason in reviewed games holds on the board, and is found again."""
    count = 0
    for game in GAMES:
        line = moves(game["line"])
        for said in game["mistakes"]:
            if said["reason"] is None or said["reason"]["kind"] in ("rule", "missed_rule", "must_break", "drawn"):
                continue
            before = reached(Board(game["start_fen"]) if game["start_fen"] else Board(), line[: said["ply"]])
            check(before, line[said["ply"]], said)
            least = 1 if said["mark"] == "inaccuracy" else 2
            found = reasons.find(before, line[said["ply"]], moves(said["best"]), moves(said["answer"]), least=least)
            assert found is not None and found.kind == said["reason"]["kind"] and found.ply == said["reason"]["ply"]
            assert words.words(found, "en") == said["reason"]["en"]
            assert words.words(found, "zh") == said["reason"]["zh"]
            count += 1
    assert count >= 200


def found_in(fen: str, move: str, best: str, answer: str, ruleset: str = "computer") -> Reason | None:
    return reasons.find(Board(fen), Move.from_iccs(move), moves(best), moves(answer), ruleset)


def test_a_piece_moved_to_an_attacked_square() -> None:
    reason = found_in("4k4/9/9/4r4/9/9/9/R8/9/3K5 w", "a2e2", "a2a3", "e6e2")
    assert reason is not None and (reason.kind, reason.ply, reason.square) == ("walks_into", 1, parse_square("e2"))
    assert words.words(reason, "en") == "puts the rook on e2, where the rook takes it"
    assert words.words(reason, "zh") == "送吃：车到 e2 被车吃"


def test_a_piece_left_under_attack() -> None:
    reason = found_in("4k4/9/9/r4R3/9/9/9/9/9/3K5 w", "d0d1", "f6a6", "a6f6")
    assert reason is not None and reason.kind == "left_hanging"


def test_an_exchange_is_not_a_loss() -> None:
    """An exchange of rooks is not called a loss; a rook that is not recaptured is."""
    assert found_in("5k1r1/9/9/9/9/9/9/7R1/9/3K3R1 w", "d0e0", "d0d1", "h9h2 h0h2") is None
    lost = found_in("5k1r1/9/9/9/9/9/9/7R1/9/3K5 w", "d0e0", "h2h9", "h9h2")
    assert lost is not None and lost.kind == "left_hanging"


def test_mate_allowed_and_missed() -> None:
    reason = found_in("3k5/1R7/9/9/9/9/8p/R8/9/4K4 w", "e0e1", "a2a9", "i3i2")
    assert reason is not None and (reason.kind, reason.moves) == ("missed_mate", 1)
    assert words.words(reason, "zh") == "错过一步杀"
    reason = found_in("3k5/9/9/9/9/9/r3P4/9/1r7/4K4 w", "e0f0", "e3e4", "a3a0")
    assert reason is not None and (reason.kind, reason.moves) == ("mated", 1)


def test_a_fork() -> None:
    """Black's rook attacks two horses at once; the king cannot defend both."""
    fen = "3k5/9/9/9/N7N/9/9/5r3/9/4K4 w"
    reason = found_in(fen, "e0e1", "a5c6", "f2f5 e1e0 f5a5")
    assert reason is not None and reason.kind == "fork" and reason.ply == 3
    assert set(reason.targets) == {parse_square("a5"), parse_square("i5")}


def test_nothing_is_claimed_where_the_lines_show_nothing() -> None:
    assert found_in(Board().fen(), "a0a1", "h2e2", "h9g7 h0g2") is None


PERPETUAL = "3k5/9/9/9/9/9/9/9/R8/4K4 w"


def test_perpetual_check_that_loses_by_the_rules() -> None:
    """The third repetition of checks with every move loses for the checker, as seen at ply 0."""
    board = Board(PERPETUAL)
    for text in ["a1a9", "d9d8", "a9a8", "d8d9", "a8a9", "d9d8", "a9a8", "d8d9"]:
        board.push(Move.from_iccs(text))
    reason = reasons.find(board, Move.from_iccs("a8a9"), moves("a8a7"), ())
    assert reason is not None and (reason.kind, reason.ply) == ("rule", 0)
    assert "长将" in words.words(reason, "zh") and "perpetual check" in words.words(reason, "en")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", sorted(words.REASONS))
def test_every_kind_has_words(kind: str, language: str) -> None:
    reason = Reason(kind, "best", 3, 40, 5, -4, (40, 41), 2, 9, Move.from_iccs("h2e2"), ("it loses", "作负"))
    text = words.words(reason, language)
    assert text and "{" not in text and "None" not in text
