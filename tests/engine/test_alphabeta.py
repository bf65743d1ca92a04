"""The built-in engine: its search compared with plain minimax, what it finds, and the player."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from wandering import wanderings

from xiangqi_lm.engine.alphabeta import search
from xiangqi_lm.engine.alphabeta.evaluation import MATE, PROVEN, static_evaluation
from xiangqi_lm.engine.alphabeta.player import AlphaBetaPlayer, mate_in
from xiangqi_lm.engine.player import Info, Limit
from xiangqi_lm.errors import IllegalMove
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES, Move
from xiangqi_lm.rules.outcome import Termination
from xiangqi_lm.rules.rulesets import RULESETS

DATA = Path(__file__).parents[1] / "data"
MATES = [line.split("\t") for line in (DATA / "engine" / "mates.tsv").read_text(encoding="utf-8").splitlines()]
ENDINGS = (
    "4k4/9/4b4/9/6p2/9/4P4/9/4A4/3K1C3 w",
    "4k4/4a4/9/2n6/9/9/9/4B4/9/3K2N2 b",
    "3ak4/9/9/4p4/9/9/4P4/5R3/9/3K5 w",
    "5k3/4P4/9/9/2c6/9/9/4B4/9/4K4 b",
    "2b1k4/4a4/4b4/9/9/2r3P2/9/4C4/4A4/3K1A3 w",
)


@pytest.fixture(scope="module")
def player() -> AlphaBetaPlayer:
    return AlphaBetaPlayer()


# ------------------------------------------------------------------------------------------------ against minimax


def plain_quiescence(board: Board, ply: int) -> int:
    """Return the value after every line of captures (in check: of all moves), to its end."""
    if not board.is_check():
        if (end := board.outcome()) is not None and end.termination is Termination.MATERIAL:
            return 0
        best = static_evaluation(board)
        moves = [move for move in board.legal_list() if board.is_capture(move)]
    else:
        best, moves = ply - MATE, board.legal_list()
    for move in moves:
        board.push_unchecked(move)
        best = max(best, -plain_quiescence(board, ply + 1))
        board.pop()
    return best


def minimax(board: Board, depth: int, ply: int = 0) -> int:
    if depth == 0:
        return plain_quiescence(board, ply)
    if not board.legal_list():
        return ply - MATE
    if ply and not board.is_check() and (end := board.outcome()) is not None and end.winner is None:
        return 0
    best = -MATE
    for move in board.legal_list():
        board.push_unchecked(move)
        best = max(best, -minimax(board, depth - 1, ply + 1))
        board.pop()
    return best


@pytest.mark.parametrize("fen", ENDINGS)
def test_full_width_search_is_minimax(fen):
    full = AlphaBetaPlayer(selective=False)
    for depth in (1, 2, 3):
        board = Board(fen)
        found = full.choose(board, Limit(depth=depth)).info.variations[0]
        assert found.score.centipawns == minimax(board, depth)
        for move in found.moves[:1]:
            board.push(move)
            assert -minimax(board, depth - 1, 1) == found.score.centipawns
            board.pop()


# ------------------------------------------------------------------------------------------------ what it finds


@pytest.mark.parametrize(("fen", "moves"), MATES, ids=[fen.split()[0] for fen, _ in MATES])
def test_mates_are_found(player, fen, moves):
    choice = player.choose(Board(fen), Limit(nodes=150_000))
    best = choice.info.variations[0]
    assert best.score.mate == int(moves)
    board = Board(fen)
    for move in best.moves:
        board.push(move)
    assert choice.score.as_wdl() == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("fen", ["5k3/9/9/9/9/9/9/1r7/7c1/3K1A3 w", "9/5k3/C8/9/5N3/9/4N4/9/3K5/9 b"])
def test_a_stopped_search_does_not_judge_all_moves_by_a_bad_first_one(player, fen):
    """Mated in three; with the first move searched, in two."""
    for nodes in range(2000, 20_000, 1000):
        choice = player.choose(Board(fen), Limit(nodes=nodes))
        assert choice.info.variations[0].score.mate in (None, -3)


def test_stalemate_wins_and_mate_precedes_the_move_limit(player):
    board = Board("4k4/9/4P4/9/9/9/9/9/9/3K5 w")  # e7d7 or e7e8 takes every square from the bare king
    best = player.choose(board, Limit(depth=5)).info.variations[0]
    assert best.score.centipawns > 0
    last = Board("3k5/1R7/R8/9/9/9/9/9/9/4K4 w - - 119 100")
    choice = player.choose(last, Limit(depth=3))
    assert choice.info.variations[0].score.mate == 1
    last.push(choice.move)
    assert last.outcome().termination is Termination.CHECKMATE
    drawn = player.choose(Board("3ak4/4a4/R8/9/9/9/9/9/9/3K5 w - - 119 100"), Limit(depth=3))
    assert drawn.info.variations[0].score.centipawns == 0


def repeated(fen: str, find_repetition: str, times: int) -> Board:
    board = Board(fen)
    for _ in range(times):
        for text in find_repetition.split():
            board.push_text(text)
    return board


def test_a_repetition_that_loses_is_not_played(player):
    board = repeated("4k4/9/9/9/9/9/9/5R3/9/3K5 w", "f2e2 e9f9 e2f2 f9e9", 1)
    for text in ("f2e2", "e9f9", "e2f2"):
        board.push_text(text)
    assert board.outcome() is None
    board.push_text("f9e9")
    assert board.outcome() is not None  # Red checked throughout: one ply earlier, its check loses
    board.pop()
    board.pop()
    assert board.outcome() is None
    checking = player.choose(board, Limit(nodes=5000, root_moves=(Move.from_iccs("e2f2"),)))
    assert (
        checking.info.variations[0].score.centipawns < -PROVEN
    )  # Black goes back to e9, and the repetition loses for Red
    free = player.choose(board, Limit(nodes=5000))
    assert free.move != Move.from_iccs("e2f2")
    assert free.info.variations[0].score.centipawns > 0


def test_repetitions_and_the_move_limit_are_those_of_the_rules(player):
    board = repeated("4k4/9/9/9/9/9/9/5R3/9/3K5 w", "f2e2 e9f9 e2f2 f9e9", 1)
    for text in ("f2e2", "e9f9"):
        board.push_text(text)
    checking = (Move.from_iccs("e2f2"),)  # Black goes back, and the position occurs for the third time
    scores = {
        ruleset: player.choose(board, Limit(nodes=5000, root_moves=checking, ruleset=ruleset))
        .info.variations[0]
        .score.centipawns
        for ruleset in RULESETS
    }
    assert scores.pop("simple") == 0 and max(scores.values()) < -PROVEN
    near = Board("3ak4/4a4/R8/9/9/9/9/9/9/3K5 w - - 99 100")
    drawn = player.choose(near, Limit(depth=4, ruleset="asian")).info.variations[0]
    assert drawn.score.centipawns == 0 and player.choose(near, Limit(depth=4)).info.variations[0].score.centipawns > 100


def test_perpetual_checks_and_bare_cannons_inside_the_search_follow_the_rules(player):
    def worth(fen: str, depth: int) -> list[int]:
        searches = [player.choose(Board(fen), Limit(depth=depth, ruleset=name)) for name in RULESETS]
        return [choice.info.variations[0].score.centipawns for choice in searches]

    *lost, drawn = worth("5R3/9/4k4/9/9/9/9/3K5/rr7/9 w", 8)  # Red is mated unless it checks forever
    assert list(RULESETS)[-1] == "simple" and max(lost) < -PROVEN and drawn == 0
    assert worth("4k4/9/9/9/9/9/4C4/9/9/3K5 w", 2) == [0] * len(RULESETS)


def test_the_worse_side_takes_a_draw_by_repetition_and_the_better_one_does_not(player):
    fen = "r2ak4/4a4/9/9/9/9/9/9/4A4/R2AK4 w"
    board = repeated(fen, "a0b0 a9b9 b0a0 b9a9", 1)
    for text in ("a0b0", "a9b9", "b0a0"):
        board.push_text(text)
    drawing = Move.from_iccs("b9a9")
    board.push(drawing)
    assert board.outcome() is not None
    board.pop()
    only = player.choose(board, Limit(depth=4, root_moves=(drawing,)))
    assert only.info.variations[0].score.centipawns == 0
    assert only.info.variations[0].score.as_wdl().draw > 0.3


# ------------------------------------------------------------------------------------------------ the player


def assert_legal(board: Board, info: Info) -> None:
    for variation in info.variations:
        line = board.copy()
        for move in variation.moves:
            line.push(move)  # raises if it is illegal
        assert variation.moves


def test_a_node_limit_is_kept_and_gives_the_same_answer_each_time(player):
    board = Board()
    for text in ("h2e2", "h9g7", "h0g2", "i9h9"):
        board.push_text(text)
    first = player.choose(board, Limit(nodes=3000))
    player.choose(Board(), Limit(nodes=1000))
    player.choose(Board(), Limit(movetime=0.02))
    again = player.choose(board, Limit(nodes=3000))
    assert first.info.nodes <= 3000
    assert (first.move, first.lines, first.info.nodes) == (again.move, again.lines, again.info.nodes)
    assert_legal(board, first.info)
    other = AlphaBetaPlayer(seed=4).choose(board, Limit(nodes=3000))
    assert (
        other.info.variations[0].score.centipawns
        == AlphaBetaPlayer(seed=4).choose(board, Limit(nodes=3000)).info.variations[0].score.centipawns
    )


@pytest.mark.parametrize("nodes", [1, 2, 10])
def test_a_tiny_limit_still_gives_a_legal_move(player, nodes):
    choice = player.choose(Board(), Limit(nodes=nodes))
    assert choice.move in Board().legal_moves


def test_a_table_of_random_entries_never_causes_an_illegal_move():
    player = AlphaBetaPlayer(hash_mb=1)
    dice = np.random.default_rng(1)
    for board in wanderings(3)[::20]:
        if board.outcome() is not None:
            continue
        work = player.state
        work.table[:, 1] = dice.integers(1 << 12, 1 << 60, len(work.table))
        for slot in range(0, len(work.table), 2):  # so that every probe hits
            work.table[slot, 0] = slot
        choice = player.choose(board, Limit(movetime=0.02))
        assert choice.move in board.legal_moves
        assert_legal(board, choice.info)


def test_lines_begin_with_different_moves_best_first_and_reports_deepen(player):
    reports: list[Info] = []
    choice = player.choose(Board(), Limit(depth=5, multipv=4, report=reports.append))
    assert [info.depth for info in reports] == [1, 2, 3, 4, 5]
    assert [info.nodes for info in reports] == sorted(info.nodes for info in reports)
    for info in reports:
        assert len({variation.moves[0] for variation in info.variations}) == 4
        assert_legal(Board(), info)
    scores = [variation.score.centipawns for variation in choice.info.variations]
    assert scores == sorted(scores, reverse=True)
    assert choice.move == choice.lines[0][0]
    assert sum(p for _, p in choice.probabilities) == pytest.approx(1)


def test_lines_stay_in_order_where_shallow_searches_were_wrong(player):
    dice, reports = random.Random(1), []
    for _ in range(6):
        board = Board()
        for _ in range(dice.randint(10, 40)):
            board.push(dice.choice(list(board.legal_moves)))
        player.choose(board, Limit(depth=4, multipv=4, report=reports.append))
    for info in reports:
        scores = [variation.score.centipawns for variation in info.variations]
        assert scores == sorted(scores, reverse=True)
        assert len({variation.moves[0] for variation in info.variations}) == len(scores)


def test_only_root_moves_are_chosen(player):
    among = (Move.from_iccs("a3a4"), Move.from_iccs("i3i4"))
    assert player.choose(Board(), Limit(nodes=2000, root_moves=among)).move in among
    with pytest.raises(IllegalMove, match="none of the moves"):
        player.choose(Board(), Limit(nodes=10, root_moves=(Move.from_iccs("a0a9"),)))


def test_time_limits_and_stop_work_while_other_threads_run(player):
    begun = time.monotonic()
    player.choose(Board(), Limit(movetime=0.2))  # it must return
    assert time.monotonic() - begun > 0.1
    stop, ticks = threading.Event(), []

    def count() -> None:
        while len(ticks) < 10:
            ticks.append(sum(range(1000)))
        stop.set()

    other = threading.Thread(target=count)
    other.start()
    choice = player.choose(Board(), Limit(infinite=True, stop=stop))
    other.join()
    assert len(ticks) == 10  # the threads ran beside the search, which holds no lock
    assert choice.move in Board().legal_moves
    with pytest.raises(ValueError, match="infinite"):
        player.choose(Board(), Limit(infinite=True))
    stop.set()
    assert player.choose(Board(), Limit(depth=40, stop=stop)).move in Board().legal_moves


def test_a_reseeded_player_plays_like_a_new_one():
    """Whatever was played before: games of a tournament depend on their seeds alone."""
    used, fresh = AlphaBetaPlayer(seed=1), AlphaBetaPlayer(seed=7)
    before = used.choose(Board(), Limit(nodes=3000))
    used.choose(Board(), Limit(movetime=0.05))
    used.reseed(7)
    answers = [player.choose(Board(), Limit(nodes=3000)).info.variations for player in (used, fresh)]
    assert answers[0] == answers[1] != before.info.variations


def test_many_boards_and_mate_distances(player):
    boards = [Board(), Board(MATES[0][0])]
    choices = player.choose_many(boards, Limit(nodes=2000))
    assert [choice.move in board.legal_moves for choice, board in zip(choices, boards, strict=True)] == [True, True]
    assert (mate_in(MATE - 1), mate_in(MATE - 3), mate_in(2 - MATE), mate_in(4 - MATE)) == (1, 2, -1, -2)
    assert mate_in(PROVEN) is None
    assert search.MATE - 1 == MATE - 1
    assert MOVES[choices[0].move.id] is choices[0].move
