"""A teacher's answers in games: ranked moves, their scores and a value, by ply."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

NOTHING = 0xFFFF  # in Answers.moves, if the teacher gave fewer
ARRAYS = ("answer_rows", "answer_moves", "answer_scores", "answer_values")


@dataclass(frozen=True)
class Answers:
    """Answers to A of the plies of some games, all as the side to move sees them, as if it were Red."""

    rows: np.ndarray  # int32 [plies]: row of the answer to each ply of all games in sequence; -1: none
    moves: np.ndarray  # uint16 [A, K]: its K best moves, best first; NOTHING if it gave fewer
    scores: np.ndarray  # float32 [A, K], centipawns as in labels.Labels; NaN without a move
    values: np.ndarray  # float32 [A, 3]: win, draw and loss

    @property
    def known(self) -> int:
        """Return the number of plies with an answer."""
        return int((self.rows >= 0).sum())

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by the names of their files."""
        return dict(zip(ARRAYS, (self.rows, self.moves, self.scores, self.values), strict=True))

    def at(self, plies: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return moves int64 [N, K] (-1: none), scores [N, K] and values [N, 3] (zeros: none) at indices of `rows`."""
        rows = np.asarray(self.rows[plies])
        if not len(self.moves):
            n, k = len(rows), self.moves.shape[1]
            return np.full((n, k), -1), np.full((n, k), np.nan, np.float32), np.zeros((n, 3), np.float32)
        moves = self.moves[rows.clip(0)].astype(np.int64)
        moves[(moves == NOTHING) | (rows < 0)[:, None]] = -1
        scores = np.where(moves >= 0, self.scores[rows.clip(0)], np.nan).astype(np.float32)
        return moves, scores, self.values[rows.clip(0)] * (rows >= 0)[:, None]

    def take(self, plies: np.ndarray) -> Answers:
        """Return the answers for games that consist of these plies."""
        return replace(self, rows=np.asarray(self.rows[plies]))

    def where(self, wanted: np.ndarray) -> Answers:
        """Return the answers at the plies marked in `wanted`, bool [plies]."""
        return replace(self, rows=np.where(wanted, self.rows, -1).astype(np.int32))


def joined(parts: list[Answers]) -> Answers:
    """Return the answers of several sets of games in sequence."""
    width = max(part.moves.shape[1] for part in parts)
    before = np.cumsum([0, *(len(part.moves) for part in parts)])
    rows = [np.where(part.rows >= 0, part.rows + first, -1) for part, first in zip(parts, before, strict=False)]
    more = [((0, 0), (0, width - part.moves.shape[1])) for part in parts]
    return Answers(
        np.concatenate(rows).astype(np.int32),
        np.concatenate([np.pad(p.moves, m, constant_values=NOTHING) for p, m in zip(parts, more, strict=True)]),
        np.concatenate([np.pad(p.scores, m, constant_values=np.nan) for p, m in zip(parts, more, strict=True)]),
        np.concatenate([part.values for part in parts]),
    )
