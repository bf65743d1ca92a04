"""Reasons for mistakes: 200 are replayed on the board, plus positions of every kind."""

from __future__ import annotations

import functools
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from xiangqi_lm.review import reasons, report, words
from xiangqi_lm.review.reasons import Reason
from xiangqi_lm.rules import pieces
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import Color, parse_square

WORTH = {pieces.KING: 100, pieces.ROOK: 9, pieces.CANNON: 5, pieces.HORSE: 4, pieces.ADVISOR: 2, pieces.ELEPHANT: 2,
         pieces.PAWN: 1}  # fmt: skip
HOW = ("fork", "mate_threat", "discovered", "discovered_check", "pinned", "defender_pinned", "trapped")
MISSED = {"missed_fork": "fork", "missed_mate_threat": "mate_threat", "missed_discovered": "discovered",
          "missed_discovered_check": "discovered_check", "missed_trap": "trapped"}  # fmt: skip
LOST = ("walks_into", "defence_left", "left_hanging", "exposed", "loses", *HOW)
EVENTS = ("threat", "hollow_cannon")
RULINGS = ("rule", "missed_rule", "must_break", "drawn", "missed_draw")
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
    if reason["kind"].removeprefix("missed_") in EVENTS:
        assert here.peek() == Move.from_iccs(reason["move"]) and here.turn is (
            before.turn if reason["line"] == "refutation" else before.turn.opponent
        )
        check_event(reason["kind"].removeprefix("missed_"), here)
        return
    capture, square, origin = line[reason["ply"] - 1], parse_square(reason["square"]), parse_square(reason["origin"])
    there = reached(start, line[: reason["ply"] - 1])
    loser = before.turn if reason["line"] == "refutation" else before.turn.opponent
    assert capture.to_square == square and there.turn is loser.opponent
    assert there.piece_at(square) == reason["piece"] == start.piece_at(origin)
    assert there.piece_at(capture.from_square) == reason["by"]
    sign = int(loser)
    assert min(sign * (material(position) - material(before)) for position in positions(start, line)) < 0
    assert reason["kind"] in (*LOST, *MISSED, "missed_capture")
    how = MISSED.get(reason["kind"], reason["kind"])
    if how in HOW:
        check_how(how, start, line, reason, loser)
    elif how == "walks_into":
        assert square == move.to_square and reason["ply"] == 1
    elif how == "defence_left":
        assert move.from_square in before.attackers(before.turn, square)
    elif how == "left_hanging":
        assert before.is_attacked(before.turn.opponent, square) and square != move.to_square


def positions(start: Board, line: tuple[Move, ...]) -> list[Board]:
    return [reached(start, line[:ply]) for ply in range(1, len(line) + 1)]


def threatens_mate(board: Board) -> bool:
    """Whether the side that has just moved mates at once if it may move again."""
    again = reached(board, (Move.null(),))
    return any(not reached(again, (move,)).legal_list() for move in again.legal_list())


def check_event(event: str, here: Board) -> None:
    """Assert that an event has taken place in a position, to the cost of the side to move."""
    victim = here.turn
    (king,) = here.pieces(pieces.KING, victim)
    if event == "threat":
        assert threatens_mate(here)
    else:
        cannons = [sq for sq in here.pieces(pieces.CANNON, victim.opponent) if sq % 9 == king % 9]
        assert any(not any(here.piece_at(s) for s in range(min(c, king) + 9, max(c, king), 9)) for c in cannons)


def check_how(how: str, start: Board, line: tuple[Move, ...], reason: dict[str, Any], loser: Color) -> None:
    """Assert how a piece is won: what is said of the position before the capture or one move earlier."""
    ply, square = reason["ply"], parse_square(reason["square"])
    there, here = reached(start, line[: ply - 1]), reached(start, line[:ply])
    if how == "pinned":
        assert there.is_pinned(loser, square)
    elif how == "defender_pinned":
        defenders = list(here.attackers(loser, square))
        assert defenders and all(here.is_pinned(loser, one) for one in defenders)
    elif how == "discovered_check":
        assert any(checker != square for checker in here.checkers())
    else:
        earlier, hunter = reached(start, line[: ply - 2]), line[ply - 1].from_square
        assert square in earlier.attacks(hunter)
        if how == "fork":
            targets = {parse_square(text) for text in reason["targets"]}
            assert len(targets) > 1 and square in targets and targets <= set(earlier.attacks(hunter))
            assert all(earlier.color_at(target) is loser for target in targets)
        elif how == "mate_threat":
            assert threatens_mate(earlier)
        elif how == "discovered":
            assert line[ply - 3].to_square != hunter
            assert square not in reached(start, line[: ply - 3]).attacks(hunter)
        elif how == "trapped":
            for flight in earlier.generate_legal_moves(square):
                assert reached(earlier, (flight,)).is_attacked(loser.opponent, flight.to_square)


@functools.cache
def found_in_games() -> list[tuple[Board, Move, dict[str, Any], Reason]]:
    """Return the mistakes with reasons in reviewed games: the position, the move, what the review said, and the reason
    that is found now."""
    out = []
    for game in GAMES:
        line = moves(game["line"])
        for said in game["mistakes"]:
            if said["reason"] is None:
                continue
            before = reached(Board(game["start_fen"]) if game["start_fen"] else Board(), line[: said["ply"]])
            lines, serious = (moves(said["best"]), moves(said["answer"])), said["mark"] != "inaccuracy"
            reason = reasons.find(before, line[said["ply"]], *lines, serious=serious)
            assert reason is not None
            out.append((before, line[said["ply"]], said, reason))
    return out


def test_two_hundred_reasons_replayed() -> None:
    """Every reason in reviewed games holds on the board, and is found again."""
    count = 0
    for before, move, said, found in found_in_games():
        assert found.kind == said["reason"]["kind"] and found.ply == said["reason"]["ply"]
        assert words.words(found, "en") == said["reason"]["en"]
        assert words.words(found, "zh") == said["reason"]["zh"]
        if found.kind not in RULINGS:
            check(before, move, said)
            count += 1
    assert count >= 200


def found_in(fen: str, move: str, best: str, answer: str, ruleset: str = "computer") -> Reason | None:
    return reasons.find(Board(fen), Move.from_iccs(move), moves(best), moves(answer), ruleset)


def test_a_piece_moved_to_an_attacked_square() -> None:
    reason = found_in("4k4/9/9/4r4/9/9/9/R8/9/3K5 w", "a2e2", "a2a3", "e6e2")
    assert reason is not None and (reason.kind, reason.ply, reason.square) == ("walks_into", 1, parse_square("e2"))
    assert words.words(reason, "en") == "puts the rook where the rook takes it (e6e2)"
    assert words.words(reason, "zh") == "车送入车口（e6e2）"
    assert words.words(reason, "zh", "chinese") == "车送入车口（车５进４）"


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


HOW_LOST = {  # kind -> position, move, the better line, the refutation
    "fork": ("3k5/9/9/9/N7N/9/9/5r3/9/4K4 w", "e0e1", "a5c6", "f2f5 e1e0 f5a5"),
    "discovered_check": ("3k5/9/9/9/4r4/9/4n4/9/5C3/R3K4 w", "a0a1", "f1i1", "e3f1 e0f0"),
    "discovered": ("3k5/9/9/9/r1n3C2/9/9/9/9/4K4 w", "e0f0", "g5g0", "c5d3 f0f1 a5g5"),
    "mate_threat": ("r4k3/9/9/P4N3/9/9/9/9/1r7/4K4 w", "e0d0", "f6g8", "a9a6 d0e0 a6f6"),
    "trapped": ("5k3/9/9/9/7r1/9/9/1C7/2C1K4/N8 w", "e1d1", "b2b9", "h5h0 d1d2 h0a0"),
    "threat": ("r4k3/9/9/9/p2R5/9/9/9/1r7/4K4 w", "d5i5", "d5d6", "a9c9"),
    "missed_discovered": ("4k4/9/9/9/R1N3c2/9/9/9/9/3K5 w", "d0d1", "c5d7 e9e8 a5g5", "g5g9"),
    "hollow_cannon": ("4k4/8r/9/9/9/C8/9/9/9/3K5 b", "i8i7", "i8e8 d0d1", "a4e4 i7i6 d0d1 i6i5 d1d0"),
    "missed_hollow_cannon": ("4k4/8r/9/9/9/C8/9/9/9/3K5 w", "a4a5", "a4e4 i8i7 d0d1 i7i6 d1d0", "i8e8 d0d1"),
    "drawn": ("3k5/9/9/9/9/9/9/R8/9/4K4 w", "a2a3", "a2a5", "d9d8 a3a4 d8d9 a4a3"),
    "missed_draw": ("3k5/r8/9/9/9/9/9/R8/9/4K4 w", "a2i2", "a2a3 d9d8 a3a2 d8d9", "a8a0"),
}


@pytest.mark.parametrize("kind", HOW_LOST)
def test_how_a_piece_is_lost(kind: str) -> None:
    fen, move, best, answer = HOW_LOST[kind]
    reason = found_in(fen, move, best, answer)
    assert reason is not None and reason.kind == kind
    if kind not in RULINGS:
        said = {"reason": report.reason_json(reason), "best": best.split(), "answer": answer.split()}
        check(Board(fen), Move.from_iccs(move), said)


def test_a_fork_names_its_targets() -> None:
    reason = found_in("4k4/9/9/9/9/9/4n4/R8/9/3K5 w", "a2a1", "a2a9", "e3c2 d0d1 c2a1")
    assert reason is not None
    assert words.words(reason, "en").startswith("the horse forks the king on d0 and the rook on a1: the rook on a1")
    assert words.words(reason, "zh") == "被马将军抽子（d0 帅、a1 车），三着后丢 a1 车（c2a1）"
    assert words.words(reason, "zh", "chinese") == "被马将军抽子（帅、九路车），三着后丢九路车（马３进１）"
    assert "the king and the rook on file 9: the rook on file 9 is" in words.words(reason, "en", "wxf")


def test_what_is_taken_back_is_not_named() -> None:
    """Rooks are exchanged before the horse is taken for good: the horse is the loss."""
    reason = found_in("3k4r/9/9/1r7/9/1N7/9/9/4K4/R7R w", "e1e2", "b4d5", "i9i0 a0i0 b6b4")
    assert reason is not None and (reason.ply, reason.square) == (3, parse_square("b4"))


def test_what_is_lost_anyway_is_not_named() -> None:
    """The horse goes either way; what the move loses besides is the cannon."""
    fen = "3k5/9/9/1r7/9/1N7/9/9/7r1/4K2C1 w"
    reason = found_in(fen, "e0f0", "h0i0 b6b4", "h1h0 f0f1 b6b4")
    assert reason is not None and reason.square == parse_square("h0")


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


def test_a_ruling_against_the_opponent_is_missed() -> None:
    """Stepping back would have made the checker repeat the position a third time, which loses for him."""
    reason = reasons.find(repeated("a9a8"), Move.from_iccs("d8d7"), moves("d8d9 a8a9"), moves("a8a1"))
    assert reason is not None and (reason.kind, reason.ply) == ("missed_rule", 2)


def test_a_perpetual_must_be_broken() -> None:
    reason = reasons.find(repeated(), Move.from_iccs("a9a8"), moves("a9a1"), moves("d8d9"))
    assert reason is not None and (reason.kind, reason.move) == ("must_break", Move.from_iccs("a8a9"))
    assert words.words(reason, "zh", "chinese").startswith("须变着：再走 车九进一 则")


def repeated(*more: str) -> Board:
    """Return the position after two repetitions of checks, and more moves."""
    return reached(Board(PERPETUAL), moves(["a1a9", "d9d8", "a9a8", "d8d9", "a8a9", "d9d8", *more]))


def test_a_difference_in_material_between_two_lines_that_win() -> None:
    """Both lines win something; the move lets an advisor go at once, which the better line keeps."""
    fen = "2bak4/4a4/4b3c/4C3R/1np2n3/9/2P1P2rP/N1C6/4A4/2B1KAB2 b"
    best = "i7f7 e3e4 f5d4 c2e2 h3g3 e4e5 f7f9 a2b4 g3g0 b4d5 d4e2 c0e2"
    answer = "e6e8 d9e8 i6i7 f5d4 c2h2 e3h3 i7i9 e8f9 h2e2 d4e2 c0e2 b5c3 a2c3 h3c3 i9i8 f9e8"
    reason = found_in(fen, "h3e3", best, answer)
    assert reason is not None and (reason.ply, reason.square, reason.line) == (1, parse_square("e8"), "refutation")


def every_reason() -> list[Reason]:
    """Return the reasons of all positions of this file."""
    found = [found_in(*case) for case in HOW_LOST.values()]
    found.append(reasons.find(repeated("a9a8", "d8d9"), Move.from_iccs("a8a9"), moves("a8a7"), ()))
    found.append(reasons.find(repeated("a9a8"), Move.from_iccs("d8d7"), moves("d8d9 a8a9"), moves("a8a1")))
    found.append(reasons.find(repeated(), Move.from_iccs("a9a8"), moves("a9a1"), moves("d8d9")))
    return [reason for reason in found if reason is not None] + [reason for *_, reason in found_in_games()]


def test_every_kind_occurs_and_has_words() -> None:
    """Readers of Chinese and WXF moves are shown no squares, which their boards do not name."""
    found = every_reason()
    assert {reason.kind for reason in found} == set(words.REASONS)
    assert set(words.REASONS) | {"unexplained"} == set(words.KINDS)
    for reason in found:
        assert reached(Board(reason.start), reason.shown).ply == len(reason.shown) == reason.ply
        for language, notation in itertools.product(("zh", "en"), ("chinese", "wxf", "iccs")):
            text = words.words(reason, language, notation)
            assert text and "{" not in text and "None" not in text and "  " not in text
            assert notation == "iccs" or not re.search("[a-i][0-9]", text), text


@pytest.mark.parametrize(
    ("square", "chinese", "english"),
    [
        ("a2", "九路前车", "front rook on file 9"),
        ("c9", "３路象", "elephant on file 3"),
        ("e2", "５路前卒", "front pawn on file 5"),
        ("e3", "５路中卒", "middle pawn on file 5"),
        ("e4", "５路后卒", "rear pawn on file 5"),
        ("e0", "帅", "king"),
    ],
)
def test_pieces_are_named_as_in_moves(square: str, chinese: str, english: str) -> None:
    board = Board("2bk5/9/9/9/9/4p4/4p4/R3p4/R8/4K4 w")
    assert words.place(board, parse_square(square), "zh", "chinese") == chinese
    assert words.place(board, parse_square(square), "en", "wxf") == english


def test_events_count_with_heavy_losses_alone() -> None:
    fen, move, best, answer = HOW_LOST["threat"]
    lines = moves(best), moves(answer)
    assert reasons.find(Board(fen), Move.from_iccs(move), *lines, serious=False) is None


def test_a_repetition_is_a_draw_only_where_the_judge_says_so() -> None:
    fen, move, best, answer = HOW_LOST["drawn"]
    said = reasons.find(Board(fen), Move.from_iccs(move), moves(best), moves(answer), expected=(0.9, 0.7))
    assert said is None or said.kind != "drawn"
