"""Plies of games scored by a judge: any player that scores its moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..dataset import labels as label_files
from ..dataset.annotate import find, positions
from ..dataset.labelwriter import Label, write_label
from ..dataset.splits import Split
from ..errors import EngineFailure
from ..rules.board import Board
from ..rules.squares import RED, Color
from .backends import Backend, run
from .labels import Teacher, position_text

_AT_ONCE = 16  # positions per task of a worker


def judged(
    split: Split,
    games: Sequence[int],
    judge: Teacher,
    count: int,
    rng: np.random.Generator,
    backend: Backend = "local",
    workers: int = 1,
    progress: Callable[[int], None] = lambda positions: None,
) -> Split:
    """Return the games with a judge's answers at `count` plies of `games`, or at all plies if there are fewer.

    The judge sees the positions without the moves that led to them. Raises EngineFailure if it fails on all of them,
    and passes on its exceptions.
    """
    places, texts = _sampled(split, games, count, rng)
    labels: list[Label] = []
    failures: list[str] = []
    jobs = [tuple(texts[first : first + _AT_ONCE]) for first in range(0, len(texts), _AT_ONCE)]
    for job, answer in run(jobs, judge, backend, max(1, min(workers, len(jobs)))):
        if isinstance(answer, Exception):
            raise answer
        labels += answer.labels
        failures += [why for _, why in answer.failures]
        progress(len(job))
    if texts and not labels:
        raise EngineFailure(f"the judge {judge.spec!r} failed on every position: {failures[0]}")
    found = find(split, label_files.of_lines([write_label(label) for label in labels], judge.spec))
    wanted = np.zeros(len(found.rows), bool)
    wanted[places] = True
    return replace(split, answers=found.where(wanted))


def _sampled(split: Split, games: Sequence[int], count: int, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
    """Return indices into `Answers.rows`, in order, and the positions there as text."""
    plies = np.concatenate([np.empty(0, np.int64), *(np.arange(split.offsets[i], split.offsets[i + 1]) for i in games)])
    places = np.sort(rng.choice(plies, min(count, len(plies)), replace=False))
    texts = []
    for game, boards in positions(split, games):
        first, start = int(split.offsets[game]), split.start(game)
        side = 1 if start is None else int(start[90])
        mine = places[(places >= first) & (places < split.offsets[game + 1])] - first
        for ply in mine.tolist():
            mover = Color(side if ply % 2 == 0 else -side)
            board = boards[ply] if mover is RED else -boards[ply, ::-1]
            texts.append(position_text(board, mover))
    return places, [" ".join(Board(text).fen().split(" ")[:2]) for text in texts]
