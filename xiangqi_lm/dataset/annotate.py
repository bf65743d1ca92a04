"""Adding labels to games: a teacher's answer to a position goes to every ply where the position occurs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..files import write_json
from ..rules.moves import MIRROR_ID
from ..rules.squares import MIRROR
from .answers import NOTHING, Answers
from .division import SPLITS
from .labels import NO_MOVE, Labels, position_keys
from .layout import START
from .loader import view
from .shards import Shards, write_arrays
from .splits import Split


def positions(split: Split, games: Sequence[int] | None = None) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each game (all, or those in `games`) with its positions from the side to move, int8 [plies + 1, 90].
    The last position is the one after the last move."""
    for game in range(len(split)) if games is None else games:
        start = split.start(game)
        board, side = (START, 1) if start is None else (np.asarray(start[:90]), int(start[90]))
        yield game, view(split.moves(game).astype(np.int64), board, side)[1]


def find(split: Split, labels: Labels) -> Answers:
    """Return the labels of positions that occur in games, also as mirror images.

    If a position has several labels, the first counts.
    """
    keys, first = np.unique(labels.keys(), return_index=True)
    rows = np.full(int(split.offsets[-1]), -1, np.int32)
    chosen, flips = [np.empty(0, np.int64)], [np.empty(0, bool)]
    count = 0
    for game, boards in positions(split) if len(keys) else ():
        mine = position_keys(boards[:-1])
        at = np.searchsorted(keys, mine).clip(max=len(keys) - 1)
        plies = np.flatnonzero(keys[at] == mine)
        label = first[at[plies]]
        same = (labels.boards[label] == boards[plies]).all(1)
        fits = same | (labels.boards[label][:, MIRROR] == boards[plies]).all(1)  # else only the keys are equal
        rows[split.offsets[game] + plies[fits]] = count + np.arange(fits.sum())
        count += int(fits.sum())
        chosen.append(label[fits])
        flips.append(~same[fits])
    label, flipped = np.concatenate(chosen), np.concatenate(flips)
    moves = labels.ranked[label]
    moves = np.where(flipped[:, None] & (moves != NO_MOVE), MIRROR_ID[moves.clip(0)], moves)
    moves = np.where(moves == NO_MOVE, NOTHING, moves).astype(np.uint16)
    return Answers(rows, moves, labels.ranked_scores[label], labels.values()[label])


def annotate(folder: Path, labels: Labels, sources: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """Add labels to shards and return their index; `sources` are (name, SHA-256) of the label files."""
    shards = Shards.open(folder)
    known: dict[str, int] = {}
    about: dict[str, Any] = {}
    for name in SPLITS:
        answers = find(shards.split(name), labels)
        known[name] = answers.known
        about |= write_arrays(folder / name, answers.arrays())
    index = shards.index | {
        "arrays": shards.index.get("arrays", {}) | about,
        "answers": {"plies": known, "sources": [{"name": name, "sha256": digest} for name, digest in sources]},
    }
    write_json(folder / "index.json", index)
    return index


def without(split: Split, keys: np.ndarray) -> Split:
    """Return the games without the answers at positions with one of these keys (`labels.position_keys`)."""
    if split.answers is None or not len(keys):
        return split
    there, keys = np.asarray(split.answers.rows) >= 0, np.unique(keys)
    for game, boards in positions(split):
        plies = slice(int(split.offsets[game]), int(split.offsets[game + 1]))
        mine = position_keys(boards[:-1])
        there[plies] &= keys[np.searchsorted(keys, mine).clip(max=len(keys) - 1)] != mine
    return replace(split, answers=split.answers.where(there))


def answered(split: Split, games: Sequence[int] | None = None) -> Labels:
    """Return the answered positions of games as labels, which leave out the moves that led to them."""
    if split.answers is None:
        raise ValueError("games without answers")
    boards, plies = [np.empty((0, 90), np.int8)], [np.empty(0, np.int64)]
    for game, seen in positions(split, games):
        first, stop = int(split.offsets[game]), int(split.offsets[game + 1])
        mine = np.flatnonzero(np.asarray(split.answers.rows[first:stop]) >= 0)
        boards.append(seen[mine])
        plies.append(first + mine)
    moves, scores, values = split.answers.at(np.concatenate(plies))
    return Labels(np.concatenate(boards), moves[:, 0], scores[:, 0], values, moves, scores)
