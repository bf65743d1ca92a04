"""No argument crashes the interpreter: every public member of the rules is called with random arguments."""

import inspect
import random
from contextlib import suppress

import numpy as np
import pytest
from vectors import random_game

from xiangqi_lm.rules import fen, notation, pictures, pieces, san, square_set, squares
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.legal_moves import LegalMoves
from xiangqi_lm.rules.moves import MOVES, Move
from xiangqi_lm.rules.square_set import SquareSet
from xiangqi_lm.rules.squares import BLACK, RED

ABSURD = [
    -1, 90, 120, 2086, 10**7, 2**31, 2**63, -(2**63), 10**5000, 1.5, float("nan"), None, True, False, b"e0", "", "e0",
    "j9", "h2e2", "炮二平五", "x" * 5000, "\ud800", [], [5, 200], {}, {3}, (1, 2), object(), RED, BLACK, np.int64(3),
    np.int8(-5), np.zeros(3), np.array(7), Board, Board(), Move.null(), MOVES[0], MOVES[576], SquareSet([4]), slice(1),
    "wxf", "san", "computer", "asian", "R", pieces.Piece.RED_ROOK, lambda *a: None, iter([1]), 0, 1, 3, 4, 89,
    "4k4/9/9/9/9/9/9/9/9/3K5 b", [MOVES[576]], "pychess", Ellipsis, 1j,
]  # fmt: skip
FAULTS = (TypeError, ValueError, IndexError, AttributeError)  # IndexError: pop; AttributeError: read-only attributes
MODULES = (fen, notation, pieces, pictures, san, square_set, squares)


def public(thing: object) -> list[str]:
    return [name for name in dir(thing) if not name.startswith("_") and name not in dir(int)]


def arguments(rng: random.Random, call: object) -> list[object]:
    """Return as many random arguments as the call takes, sometimes fewer or one too many."""
    try:
        count = len(inspect.signature(call).parameters)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        count = 2
    return [rng.choice(ABSURD) for _ in range(max(0, count - (rng.random() < 0.3) + (rng.random() < 0.1)))]


def attempt(rng: random.Random, owner: object, name: str) -> bool:
    """Call or set one member with random arguments; return True if it was refused. Other exceptions fail the test."""
    try:
        member = getattr(owner, name)
        if callable(member) and not isinstance(member, type):
            answer = member(*arguments(rng, member))
            if inspect.isgenerator(answer):
                list(answer)
        elif not inspect.ismodule(owner) and not inspect.isclass(owner):
            setattr(owner, name, rng.choice(ABSURD))
    except FAULTS as fault:
        assert len(str(fault)) < 600, (name, str(fault)[:200])
        return True
    return False


@pytest.mark.parametrize("seed", range(3))
def test_board_members(seed):
    rng, refused, tried = random.Random(seed), 0, 0
    for start in list(random_game(seed, 40))[-1:] * 2 + [Board.empty()]:
        for name in public(Board):
            for _ in range(25):
                board = start.copy()
                refused += attempt(rng, board, name)
                tried += 1
                assert board.fen().count("/") == 9 and 0 <= len(board.legal_moves) < 112
                board.outcome()
    assert tried > 3000 and refused > tried / 3


def test_many_calls_on_one_board():
    """Long chains of calls on one board, so that each call meets the effects of earlier ones."""
    rng, board = random.Random(7), Board()
    names = [name for name in public(Board) if name not in ("svg", "attacks", "pin")]
    for _ in range(6000):
        attempt(rng, board, rng.choice(names))
        if rng.random() < 0.5 and board.legal_moves:
            board.push(rng.choice(list(board.legal_moves)))
    assert board.copy().fen() == board.fen()


def test_moves_and_functions():
    rng = random.Random(1)
    for owner in (Move, MOVES[576], Move.null(), LegalMoves(Board()), SquareSet([4, 80]), pieces.Piece, RED, *MODULES):
        for name in public(owner):
            member = getattr(owner, name, None)
            foreign = inspect.ismodule(owner) and getattr(member, "__module__", "") != owner.__name__
            if not foreign and not inspect.isclass(member):
                for _ in range(40):
                    attempt(rng, owner, name)
    assert [m.id for m in MOVES] == list(range(2086)) and Move.of(25, 22) is MOVES[576]


def test_constructors():
    for text in ABSURD:
        for kind in (Board, SquareSet, LegalMoves, pieces.Piece):
            with suppress(FAULTS):
                kind(text)


@pytest.mark.parametrize("square", [-1, 90, 120, 10**7, 2**31, -(2**31)])
def test_squares_off_the_board(square):
    board = Board()
    for call in (
        lambda: board.attackers(RED, square),
        lambda: board.is_attacked(BLACK, square),
        lambda: board.attacks(square),
        lambda: board.piece_at(square),
        lambda: board.pin(RED, square),
        lambda: board.svg(marks=[square]),
        lambda: squares.square_name(square),
        lambda: Move.of(square, 3),
    ):
        with pytest.raises(ValueError, match="expected a square 0-89"):
            call()
