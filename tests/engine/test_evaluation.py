"""The parts of the built-in engine: evaluation, incremental scores, captures, checks and defenders."""

from __future__ import annotations

import random

import numba
import numpy as np
import pytest
from wandering import state_of, wanderings

from xiangqi_lm.engine.alphabeta import evaluation, position, tactics, terms
from xiangqi_lm.engine.alphabeta.evaluation import static_evaluation
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.outcome import Termination

# ------------------------------------------------------------------------------------------------ evaluation


def test_evaluation_is_the_same_under_the_symmetries_of_the_board():
    for board in wanderings(6)[::9]:
        assert static_evaluation(board) == static_evaluation(board.mirror()) == static_evaluation(board.transform())


def test_evaluation_knows_who_is_ahead():
    assert abs(static_evaluation(Board())) < 100
    without_rook = Board("rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/1NBAKABNR w")
    assert static_evaluation(without_rook) < -300
    assert static_evaluation(Board("3ak4/4a4/4b4/9/9/9/9/9/4C4/3AK4 w")) != 0


def test_incremental_scores_agree_with_a_full_count():
    weights = evaluation.shipped()
    rows = weights.rows()
    work = position.new_state(8, 1024, rows, weights.terms, weights.exchange())
    fresh = np.empty(terms.SUMS, dtype=np.int32)
    nothing, dice = np.empty(0, dtype=np.int16), random.Random(2)
    for board in wanderings(6)[::3]:
        if not (moves := board.legal_list()):
            continue
        move = dice.choice(moves)
        one = np.array([move.id], dtype=np.int16)
        position.set_root(work, board.array, int(board.turn), nothing if board.is_capture(move) else one, 0)
        if board.is_capture(move):
            continue
        board.push(move)
        terms.refresh_accumulator(state_of(board), rows, fresh)
        assert (work.sums[0] == fresh).all()
        assert work.keys[1] == np.array(board.key, dtype=np.uint64).view(np.int64)
        assert bool(work.checks[1]) == board.is_check()


def test_material_that_cannot_win_is_judged_as_by_the_rules():
    dice, sums = random.Random(3), np.empty(terms.SUMS, dtype=np.int32)
    # inlined functions can only be called by a kernel
    nobody_can_win = numba.njit(lambda *args: terms.nobody_can_win(*args))
    seen = set()
    for _ in range(300):
        pieces = dict(zip(("c", "C"), dice.choices((0, 1), k=2), strict=True))
        ranks = ["9"] * 10
        ranks[0] = dice.choice(("3ak4", "3aka3", "4k4"))
        ranks[2] = dice.choice(("4b4", "9"))
        ranks[4], ranks[5] = "c8" if pieces["c"] else "9", "8C" if pieces["C"] else "9"
        ranks[7] = dice.choice(("4B4", "9"))
        ranks[9] = dice.choice(("3AK4", "3AKA3", "5K3"))
        board = Board("/".join(ranks) + " w", strict=False)
        end = board.outcome()
        if board.final_moves() or not board.legal_list():
            continue
        terms.refresh_accumulator(state_of(board), evaluation.shipped().rows(), sums)
        drawn = end is not None and end.termination is Termination.MATERIAL
        assert bool(nobody_can_win(sums)) == drawn, board.fen()
        seen.add(drawn)
    assert seen == {True, False}


def test_weights_round_trip_and_refusal():
    weights = evaluation.shipped()
    text = evaluation.weights_text(weights)
    again = evaluation.weights_from(text, "here")
    assert (again.squares == weights.squares).all()
    assert (again.terms == weights.terms).all()
    with pytest.raises(BadConfig, match="here: no evaluation weights"):
        evaluation.weights_from(text.replace('"rook"', '"ruck"'), "here")


# ------------------------------------------------------------------------------------------------ tactics


def test_captures_and_checks_are_those_of_the_board():
    out = np.empty(128, dtype=np.int16)
    for board in wanderings(8):
        if not board.legal_list():
            continue
        n = tactics.captures(state_of(board), int(board.turn), out)
        assert sorted(out[:n].tolist()) == sorted(m.id for m in board.legal_list() if board.is_capture(m))
        assert bool(tactics.checked(state_of(board), int(board.turn))) == board.is_check()


def test_defenders_are_the_attackers_after_the_move():
    for board in wanderings(4)[::6]:
        state, side = state_of(board), board.turn
        for move in board.legal_list():
            told = bool(tactics.is_defended(state, int(side), move.from_square, move.to_square))
            board.push(move)
            assert told == board.is_attacked(side.opponent, move.to_square), (board.fen(), move)
            board.pop()


def test_a_move_that_cannot_check_never_does():
    # inlined functions can only be called by a kernel
    cannot_check = numba.njit(lambda *args: tactics.cannot_check(*args))
    told = moves = 0
    boards = [Board("2ba2b2/Nr7/3k5/3cp4/n1p2Np1p/p1B3P1P/5C3/3AK4/4R4/3A2R2 w")]  # a8b6 checks from two files away
    for board in boards + wanderings(4)[::3]:
        state, side = state_of(board), int(board.turn)
        for move in board.legal_list():
            never = bool(cannot_check(state, side, move.from_square, move.to_square))
            board.push(move)
            assert not (never and board.is_check()), (board.fen(), move)
            board.pop()
            told, moves = told + never, moves + 1
    assert told > moves / 2
