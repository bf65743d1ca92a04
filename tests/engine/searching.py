"""Handmade evaluations, positions, and a plain search as in the papers, for the tests of the tree search."""

from __future__ import annotations

import math

import numpy as np

from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

CHECKED = "4k4/9/9/9/9/9/9/5R3/9/3K5 w"
CHECKING = "f2e2 e9f9 e2f2 f9e9 f2e2 e9f9"  # Red checks on every move; the third occurrence would lose
SHUFFLE = "3ak4/4a4/9/9/4p4/4P4/9/9/4A4/3AK4 w"  # nobody can win
MATES = [  # position, moves to mate: verified exhaustively below
    ("3k5/9/9/4R4/9/9/9/9/4R4/5K3 w", 1),
    ("3k5/4P4/9/9/9/9/9/9/9/R3K4 w", 1),
    ("5P3/3k5/9/9/9/9/R8/9/9/5K3 w", 2),
    ("9/4Nk3/9/5P3/9/9/3C5/9/9/5K3 w", 2),
    ("4kN3/9/9/5P1N1/9/6n2/9/9/9/3K5 w", 3),
]


def played(moves: str, fen: str | None = None) -> Board:
    board = Board(fen) if fen else Board()
    for text in moves.split():
        board.push_text(text)
    return board


def flat(boards):
    """Return equal priors for all moves and an even value for every position."""
    priors = [np.full(len(b.legal_ids()), 1 / len(b.legal_ids()), np.float32) for b in boards]
    return priors, np.tile(np.array([0.3, 0.4, 0.3], np.float32), (len(boards), 1))


def by_key(boards):
    """Return priors and values that depend only on the position, as if from a network."""
    priors, values = [], []
    for board in boards:
        rng = np.random.default_rng(board.key)
        priors.append(rng.dirichlet(np.ones(len(board.legal_ids()))).astype(np.float32))
        values.append(rng.dirichlet(np.ones(3)).astype(np.float32))
    return priors, np.array(values)


# ------------------------------------------------------------------------------------------------ plain search


def _score(board: Board) -> int | None:
    """Return 1, 0 or -1 for the side to move if the game is over."""
    end = board.outcome()
    return None if end is None else 0 if end.winner is None else 1 if end.winner is board.turn else -1


class Spot:
    """A node of a plain search, with a board of its own: PUCT one leaf at a time, proofs computed from scratch.

    `before` are the keys of the positions from the root on. `sums` and `counts` are values and visits of each move.
    """

    def __init__(self, board: Board, before: list[int]):
        self.board, self.before = board, before
        self.below: dict[Move, Spot] = {}
        self.n, self.w = 0, 0.0
        self.priors: dict[Move, float] = {}
        self.guess: int | None = None  # the verdict on a repetition below the root, which is not a proof
        self.over: int | None = None
        if before:  # the root is always searched
            score = _score(board)
            self.over = 1 if score is None and board.final_moves() else score
            if self.over is None:
                self._look_back()
        if self.over is None and self.guess is None:
            (priors,), (value,) = by_key([board])
            self.priors = dict(zip(board.legal_list(), priors.tolist(), strict=True))
            self.value = float(value[0]) - float(value[2])
        self.counts, self.sums = dict.fromkeys(self.priors, 0), dict.fromkeys(self.priors, 0.0)
        for move in [] if before else board.final_moves():
            self._add(move)

    def _look_back(self) -> None:
        for back in range(4, min(self.board.halfmove, len(self.before)) + 1, 2):
            if self.before[-back] == self.board.key:
                again = self.board.copy()
                for move in self.board.move_stack[-back:]:
                    again.push(move)
                self.guess = _score(again)
                return

    def _add(self, move: Move) -> None:
        after = self.board.copy()
        after.push(move)
        self.below[move] = Spot(after, [*self.before, self.board.key])

    def proof(self) -> int | None:
        if self.over is not None or not self.priors:
            return self.over
        proofs = [self.below[move].proof() if move in self.below else None for move in self.priors]
        if -1 in proofs:
            return 1
        return None if None in proofs else -min(proof for proof in proofs if proof is not None)

    def visit(self, cpuct: float, fpu: float) -> float:
        """Add one visit and return its value for the side to move."""
        if (known := self.proof()) is None and (known := self.guess) is None:
            result = self._walk(cpuct, fpu) if self.n else self.value
            result = result if (proof := self.proof()) is None else proof
        else:
            result = known
        self.n += 1
        self.w += result
        return result

    def _walk(self, cpuct: float, fpu: float) -> float:
        total = sum(self.counts.values())
        seen = sum(self.priors[move] for move in self.priors if self.counts[move])
        proofs = {move: spot.proof() for move, spot in self.below.items()}

        def score(move: Move) -> float:
            n, proof = self.counts[move], proofs.get(move)
            q = self.w / self.n - fpu * math.sqrt(seen) if not n else self.sums[move] / n if proof is None else -proof
            return q + cpuct * self.priors[move] * math.sqrt(max(total, 1)) / (1 + n)

        best = max((move for move in self.priors if proofs.get(move) != 1), key=score)
        if best not in self.below:
            self._add(best)
        result = -self.below[best].visit(cpuct, fpu)
        self.counts[best] += 1
        self.sums[best] += result
        return result


def plain_search(board: Board, visits: int, cpuct: float, fpu: float) -> Spot:
    """Return the root after `visits` visits under `by_key`, or once it is proven."""
    root = Spot(board, [])
    root.visit(cpuct, fpu)
    while root.n < visits and root.proof() is None:
        root.visit(cpuct, fpu)
    return root
