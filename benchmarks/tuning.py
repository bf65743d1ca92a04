"""Fits the evaluation's weights to positions scored by a search.

    python -m benchmarks.tuning LABELS [LABELS ...] --out assets/evaluation.json

Labels are the files of `dataset.labels`, written by `xiangqi-lm data label`. The fit is a logistic regression of the
score on what the evaluation counts, by Newton's method, with a prior for each weight; it takes a few minutes and is
deterministic.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from xiangqi_lm.dataset import labels
from xiangqi_lm.engine.alphabeta import terms
from xiangqi_lm.engine.alphabeta.evaluation import HALF_SQUARE, PARTS, Weights, weights_text
from xiangqi_lm.engine.alphabeta.terms import FULL_PHASE, TEMPO, TERMS
from xiangqi_lm.files import write_text
from xiangqi_lm.rules import jit
from xiangqi_lm.rules.moves import TO
from xiangqi_lm.rules.pieces import ADVISOR, CANNON, ELEPHANT, HORSE, ROOK
from xiangqi_lm.rules.score import SCALE
from xiangqi_lm.rules.squares import HALF_TURN

MATE_WORTH = 3000  # the centipawns that a mate among the labels counts as
# a piece's value is the sum of its kind's and its square's share
SQUARE_COLUMNS, KIND_COLUMNS = len(PARTS) * 7 * 50, len(PARTS) * 7
COLUMNS = SQUARE_COLUMNS + KIND_COLUMNS + 2 * TERMS
# standard deviation of the prior around the kind's value, centipawns
SPREAD = {"middle": 25.0, "end": 25.0, "by_advisors": 8.0, "by_elephants": 8.0}
TERM_SPREAD = 15.0


# ------------------------------------------------------------------------------------------------ labels


def quiet_positions(paths: list[Path], most: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return boards int8 [N, 90] in the mover's view, and scores [N], without checks and possible captures."""
    found = labels.read(paths)
    in_check = jit.compiled().in_check
    quiet = found.boards[np.arange(len(found)), TO[found.moves]] == 0
    quiet &= ~np.array([in_check(board, 1) for board in found.boards], dtype=np.bool_)
    found = found.take(np.flatnonzero(quiet)[:most])
    return found.boards, np.clip(found.scores.astype(np.float64), -MATE_WORTH, MATE_WORTH)


# ------------------------------------------------------------------------------------------------ what is counted


def terms_of(boards: np.ndarray) -> np.ndarray:
    """Return the evaluation's terms, int8 [N, TERMS]."""
    from xiangqi_lm.rules.generation import STATE, set_up

    state, counts = np.empty(STATE, dtype=np.int16), np.empty(TERMS, dtype=np.int32)
    out = np.empty((len(boards), TERMS), dtype=np.int8)
    for i, men in enumerate(boards):
        set_up(men, state)
        terms.count_terms(state, 1, counts)
        out[i] = counts
    return out


def columns(boards: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Return the factors of the weights, float32 [N, COLUMNS]: squares by part and kind, kinds by part, terms."""
    n = len(boards)
    row, square = np.nonzero(boards)
    man = boards[row, square].astype(np.int64)
    sign, kind = np.sign(man), np.abs(man)
    place = np.where(man > 0, HALF_SQUARE[square], HALF_SQUARE[HALF_TURN[square]])
    worth = np.zeros(8)
    worth[[ROOK, HORSE, CANNON]] = 4, 2, 2
    phase = np.minimum(worth[np.abs(boards)].sum(1), FULL_PHASE) / FULL_PHASE  # [N]
    gone = {
        # the guards that Red's and Black's pieces face
        guard: np.stack([2 - (boards == -guard).sum(1), 2 - (boards == guard).sum(1)])
        for guard in (ADVISOR, ELEPHANT)
    }
    black = (man < 0).astype(np.int64)
    shares = (phase[row], 1 - phase[row], gone[ADVISOR][black, row], gone[ELEPHANT][black, row])
    wheres, values = [], []
    for part, share in enumerate(shares):
        for column in ((part * 7 + kind - 1) * 50 + place, SQUARE_COLUMNS + part * 7 + kind - 1):
            wheres.append(row * COLUMNS + column)
            values.append(sign * share)
    flat = np.bincount(np.concatenate(wheres), np.concatenate(values), n * COLUMNS)
    out = flat.reshape(n, COLUMNS).astype(np.float32)
    at = SQUARE_COLUMNS + KIND_COLUMNS
    out[:, at : at + TERMS] = terms * phase[:, None]
    out[:, at + TERMS :] = terms * (1 - phase)[:, None]
    return out


def spreads() -> np.ndarray:
    """Return the standard deviations of the prior, [COLUMNS]."""
    squares = np.repeat([SPREAD[part] for part in PARTS], 7 * 50)
    kinds = np.repeat([500.0, 500.0, 30.0, 30.0], 7)
    terms = np.full(2 * TERMS, TERM_SPREAD)
    terms[[TEMPO, TERMS + TEMPO]] = 100.0
    return np.concatenate([squares, kinds, terms])


# ------------------------------------------------------------------------------------------------ the fit


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def fit(boards: np.ndarray, terms: np.ndarray, scores: np.ndarray, rounds: int = 5, chunk: int = 4096) -> np.ndarray:
    """Return the weights [COLUMNS] by Newton's method on the cross-entropy."""
    wanted, precision = logistic(scores / SCALE), 1 / spreads() ** 2
    weights = np.zeros(COLUMNS)
    for turn in range(rounds):
        gradient, curvature, loss = -precision * weights, np.diag(precision), 0.0
        for first in range(0, len(boards), chunk):
            part = slice(first, first + chunk)
            x = columns(boards[part], terms[part])
            said = logistic(x @ weights / SCALE)
            gradient += x.T @ (wanted[part] - said) / SCALE
            scaled = x * np.sqrt(said * (1 - said) / SCALE**2)[:, None].astype(np.float32)
            curvature += scaled.T @ scaled
            loss += float(np.square(wanted[part] - said).sum())
        weights += np.linalg.solve(curvature, gradient)
        print(f"round {turn + 1}: error before it {np.sqrt(loss / len(boards)):.4f}", flush=True)
    return weights


def as_weights(fitted: np.ndarray) -> Weights:
    """Return rounded tables; squares that a kind can never reach are zero."""
    squares = np.zeros((len(PARTS), 8, 50))
    table = fitted[:SQUARE_COLUMNS].reshape(len(PARTS), 7, 50)
    squares[:, 1:] = table + fitted[SQUARE_COLUMNS:][:KIND_COLUMNS].reshape(len(PARTS), 7, 1)
    squares[:, 1:][np.abs(table) < 1e-9] = 0
    terms = fitted[-2 * TERMS :].reshape(2, TERMS)
    return Weights(squares.round().astype(np.int32), terms.round().astype(np.int32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--most", type=int, help="quiet positions to use; all if not given")
    args = parser.parse_args()
    boards, scores = quiet_positions(args.labels, args.most)
    terms = terms_of(boards)
    held = np.arange(len(boards)) % 20 == 0
    print(f"{len(boards):,} quiet positions, {held.sum():,} of them held out", flush=True)
    fitted = fit(boards[~held], terms[~held], scores[~held])
    said = np.concatenate([columns(boards[i : i + 1], terms[i : i + 1]) @ fitted for i in np.flatnonzero(held)[:4000]])
    wanted = scores[held][:4000]
    error = np.sqrt(np.square(logistic(said / SCALE) - logistic(wanted / SCALE)).mean())
    close = np.abs(wanted) < 400
    print(f"held out: error {error:.4f}, median distance {np.median(np.abs(said - wanted)[close]):.0f} centipawns")
    write_text(args.out, weights_text(as_weights(fitted)))


if __name__ == "__main__":
    main()
