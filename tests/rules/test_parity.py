"""Legal moves as sets: Board against pyffish (Fairy-Stockfish's rules), and interpreted against compiled kernels."""

import re

import numpy as np
import pyffish
import pytest
from vectors import DATA, load, positions, random_game, recorded_games

from xiangqi_lm.rules import jit
from xiangqi_lm.rules.board import Board


def witness(fen: str) -> set[str]:
    """Return Fairy-Stockfish's legal moves in ICCS; it counts ranks from 1 to 10."""
    moves = pyffish.legal_moves("xiangqi", fen, [])
    return {re.sub(r"([a-i])(\d+)", lambda at: f"{at[1]}{int(at[2]) - 1}", move) for move in moves}


def ours(board: Board) -> set[str]:
    moves = [move.iccs() for move in board.legal_moves]
    assert len(moves) == len(set(moves)) == len(board.legal_moves)
    return set(moves)


STARTS = [row["fen"] for row in load("perft.json")]


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_random_games(first):
    """Every ply of 200 random games: 20 from the start position, the others from difficult positions."""
    for seed in range(first, first + 20):
        game = random_game(seed, 100) if seed < 20 else random_game(seed, 30, STARTS[seed % len(STARTS)])
        for board in game:
            assert ours(board) == witness(board.fen()), board.fen()


def test_recorded_games():
    """Every ply of every second recorded game."""
    for moves in recorded_games()[::2]:
        board = Board()
        for move in moves:
            assert ours(board) == witness(board.fen()), board.fen()
            assert move in board.legal_moves
            board.push(move)
        assert ours(board) == witness(board.fen())


def test_chosen_positions():
    for row in load("perft.json"):
        assert ours(Board(row["fen"])) == witness(row["fen"]), row["name"]


def test_positions_of_old_bugs():
    """Every bug left a position in bugs.epd: the kernels, interpreted and compiled, agree with pyffish."""
    ids = np.empty(128, dtype=np.int16)
    for line in (DATA.parent / "bugs.epd").read_text(encoding="utf-8").splitlines():
        board = Board(" ".join(line.split()[:4]))
        assert ours(board) == witness(board.fen()), line
        count = jit.interpreted().legal_ids(board.array, int(board.turn), ids)
        assert set(ids[:count].tolist()) == set(board.legal_ids().tolist()), line


def test_most_moves_known():
    """A position with 110 legal moves; no position is known to have more."""
    board = Board("4k4/1C7/2P1P1P2/5C3/P1N1N1P2/8R/7R1/B3B4/4A4/4K4 w - - 0 1")
    assert len(board.legal_moves) == 110 and ours(board) == witness(board.fen())


def test_interpreted_kernels_equal_compiled():
    """The same source without the JIT: legal ids in the same order, single moves, checks, masks, paths."""
    plain, fast = jit.interpreted(), jit.compiled()
    assert plain is not fast
    boards = list(positions(3, every=40))
    ids = np.empty((2, 128), dtype=np.int16)
    for board in boards:
        pieces, side = board.array, int(board.turn)
        counts = [kernels.legal_ids(pieces, side, row) for kernels, row in ((plain, ids[0]), (fast, ids[1]))]
        assert counts[0] == counts[1] and (ids[0, : counts[0]] == ids[1, : counts[1]]).all(), board.fen()
        assert (pieces == board.array).all()
        assert bool(plain.in_check(pieces, side)) == bool(fast.in_check(pieces, side))
        for move_id in range(0, 2086, 7):
            assert bool(plain.is_legal(pieces, side, move_id)) == bool(fast.is_legal(pieces, side, move_id))
    pieces = np.stack([board.array for board in boards[:6]])
    sides = np.array([board.turn for board in boards[:6]], dtype=np.int8)
    assert (plain.legal_masks(pieces, sides) == fast.legal_masks(pieces, sides)).all()
    buffers = np.empty((2, 128), dtype=np.int16)
    assert plain.perft(Board().array, 1, 2, buffers) == 1920


def test_single_moves_agree_with_the_list():
    """is_legal agrees with the list of legal moves for each of the 2,086 moves."""
    kernels = jit.compiled()
    for board in positions(2, every=15):
        listed = set(board.legal_ids().tolist())
        pieces, side = board.array, int(board.turn)
        assert listed == {i for i in range(2086) if kernels.is_legal(pieces, side, i)}, board.fen()


def test_masks_over_threads():
    boards = list(positions(4, every=6))
    pieces = np.stack([board.array for board in boards])
    sides = np.array([board.turn for board in boards], dtype=np.int8)
    one = jit.compiled().legal_masks(pieces, sides)
    assert len(boards) > 256  # enough to be distributed
    assert (jit.compiled().legal_masks(pieces, sides, threads=3) == one).all()
    for board, mask in zip(boards, one, strict=True):
        assert set(np.flatnonzero(mask)) == set(board.legal_ids().tolist())
