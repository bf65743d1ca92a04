"""The board inside a model that sees only moves: a linear read-out of the 90 squares from its hidden states.

The read-out is a ridge regression on the 15 possible contents of each square, one for each layer, fitted in closed form
on training games; the largest output is the square's content. The hidden state is that of the column in which the first
token of a move is chosen, so after everything played before; the board is in the mover's view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..dataset.layout import START, layout_of
from ..dataset.loader import make_batch, plan
from ..dataset.splits import Split
from ..errors import XiangqiError
from ..model.device import autocast
from ..model.gpt import Gpt
from ..model.inputs import Inputs, inputs_of
from ..rules.squares import SQUARES
from .evaluate import Plies

CLASSES = 15  # piece + 7
PENALTY = 1e-3  # of the ridge, in units of a feature's mean square
FEWEST = 100  # positions needed for the majority at a ply
SHOWN = (10, 30, 50, 70)  # plies of the picture, Red to move
BATCH_TOKENS = 8192


@dataclass(frozen=True)
class States:
    """Positions of a batch of games, in the mover's view."""

    hidden: Tensor  # float32 [layers + 1, N, width + 1]: the input of the first block, each block's output, and a 1
    boards: np.ndarray  # int8 [N, 90]
    game: np.ndarray  # int64 [N]
    ply: np.ndarray  # int64 [N]


@dataclass(frozen=True)
class Believed:
    """Some positions of one game, for a picture: the true boards and those read out of the last layer."""

    game: int
    plies: np.ndarray  # int64 [K]
    truth: np.ndarray  # int8 [K, 90]
    belief: np.ndarray  # int8 [K, 90]


# ------------------------------------------------------------------------------------------------ hidden states


def between_layers(model: Gpt, inputs: Inputs) -> list[Tensor]:
    """Return the input of the first block and each block's output: [B, T, width], one more than there are layers."""
    kept: list[Tensor] = []
    blocks = list(model.blocks)
    hooks = [blocks[0].register_forward_pre_hook(lambda _, given: kept.append(given[0]))]
    hooks += [block.register_forward_hook(lambda _, given, made: kept.append(made)) for block in blocks]
    try:
        model.encode(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return kept


@torch.no_grad()
def states(
    model: Gpt, split: Split, games: Iterable[int], progress: Callable[[int], None] = lambda plies: None
) -> Iterator[States]:
    """Return the hidden states of the plies of those games that begin at the start position, batch by batch; plies at
    which the model's window no longer reaches back to the start are left out.
    """
    layout, device = layout_of(model.config), str(next(model.parameters()).device)
    chosen = {i for i in games if split.start(i) is None}
    model.eval()
    for planned in plan(split, layout, BATCH_TOKENS, None):
        pieces = [window for window in planned if window.game in chosen and not window.placement]
        if not pieces:
            continue
        batch = make_batch(split, pieces, np.zeros(len(pieces), bool), layout)
        asked, rows = torch.from_numpy(batch.asked).to(device), np.nonzero(batch.asked)[0]
        with autocast(device):
            found = between_layers(model, inputs_of(batch, model.config, device))
        hidden = torch.nn.functional.pad(torch.stack([x[asked].float() for x in found]), (0, 1), value=1.0)
        game = np.array([window.game for window in pieces])[rows]
        yield States(hidden, batch.boards[batch.asked], game, batch.plies[batch.asked].astype(np.int64))
        progress(len(rows))


# ------------------------------------------------------------------------------------------------ fitting


def ridge(gram: Tensor, product: Tensor, count: int) -> Tensor:
    """Return the weights [D, M] that minimise the mean |XW - Y|² + penalty |W|², given XᵀX [D, D] and XᵀY [D, M] in
    float64; the last feature is the constant and is not penalised."""
    scale = gram.diagonal()[:-1].mean() / count
    # at least a little, in case all features are dead
    held_back = torch.full_like(gram.diagonal(), max(PENALTY * float(scale), 1e-9) * count)
    held_back[-1] = 0
    return torch.linalg.solve(gram + held_back.diag(), product)


class Counts:
    """How often each content occurred on each square at each ply."""

    def __init__(self, plies: int):
        self.table = np.zeros((plies, SQUARES, CLASSES), np.int32)

    def add(self, seen: States) -> None:
        ply = np.minimum(seen.ply, len(self.table) - 1)
        np.add.at(self.table, (ply[:, None], np.arange(SQUARES), seen.boards.astype(int) + 7), 1)

    def majority(self, ply: np.ndarray) -> np.ndarray:
        """Return the most frequent content: int64 [N] -> int8 [N, 90]; late plies use the last ply with enough data."""
        well_known = np.flatnonzero(self.table[:, 0].sum(-1) >= FEWEST)
        last = well_known[-1] if len(well_known) else len(self.table) - 1
        return (self.table.argmax(-1) - 7).astype(np.int8)[np.minimum(ply, last)]


def fit(
    model: Gpt, split: Split, games: Iterable[int], progress: Callable[[int], None] = lambda plies: None
) -> tuple[Tensor, Counts]:
    """Return the read-outs of all layers, float32 [layers + 1, width + 1, 90 * 15], and the counts of the same
    positions.
    """
    gram, product, count, counts = None, None, 0, Counts(512)
    for seen in states(model, split, games, progress):
        device = seen.hidden.device
        index = torch.from_numpy(seen.boards).to(device).long() + 7
        stands = torch.nn.functional.one_hot(index, CLASSES).flatten(1).float()  # [N, 90 * 15]
        if gram is None or product is None:
            layers, _, width = seen.hidden.shape
            gram = torch.zeros(layers, width, width, dtype=torch.float64, device=device)
            product = torch.zeros(layers, width, SQUARES * CLASSES, dtype=torch.float64, device=device)
        gram += seen.hidden.transpose(1, 2) @ seen.hidden
        product += seen.hidden.transpose(1, 2) @ stands
        count += len(index)
        counts.add(seen)
    if gram is None or product is None:
        raise XiangqiError("no training games from the start position to fit the probe on")
    return torch.stack([ridge(g, p, count) for g, p in zip(gram, product, strict=True)]).float(), counts


def read_out(weights: Tensor, hidden: Tensor) -> np.ndarray:
    """Return boards from hidden states [N, width + 1] of one layer: int8 [N, 90]."""
    return ((hidden @ weights).unflatten(-1, (SQUARES, CLASSES)).argmax(-1) - 7).to(torch.int8).cpu().numpy()


# ------------------------------------------------------------------------------------------------ judging


def judged(seen: States, boards: np.ndarray) -> Plies:
    """Return what share of each position's squares boards [N, 90] have right: of all, of those with a piece, and of
    those that differ from the start position; and whether the whole board is right."""
    right, truth = boards == seen.boards, seen.boards

    def share(among: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return (right & among).sum(1) / among.sum(1)

    figures = {
        "squares": right.mean(1),
        "occupied": share(truth != 0),
        "changed": share(truth != START),
        "boards": right.all(1).astype(float),
    }
    return Plies(seen.game, seen.ply, figures)


def probe(
    model: Gpt,
    train: Split,
    validation: Split,
    train_games: Sequence[int],
    games: Sequence[int],
    progress: Callable[[int], None] = lambda plies: None,
) -> tuple[dict[str, Any], Believed]:
    """Return the report, and one game for a picture; raises XiangqiError for a model that is given the board.

    Keys: `layers` (figures of each layer, 0 being the input of the first), `probe` (the last layer's), and as baselines
    the `start` position and the `majority` of training games at that ply; with intervals and `by_phase`.
    """
    if model.config.board != "none":
        raise XiangqiError(
            "the probe asks what a model has worked out from the moves alone: this one is shown the board"
        )
    weights, counts = fit(model, train, train_games, progress)
    parts: dict[str, list[Plies]] = {name: [] for name in [*map(str, range(len(weights))), "start", "majority"]}
    candidates: list[Believed] = []
    for seen in states(model, validation, games, progress):
        believed = [read_out(w, h) for w, h in zip(weights, seen.hidden, strict=True)]
        guesses = [*believed, np.broadcast_to(START, seen.boards.shape), counts.majority(seen.ply)]
        for name, guess in zip(parts, guesses, strict=True):
            parts[name].append(judged(seen, guess))
        candidates = [_for_picture(seen, believed[-1], candidates)]
    if not parts["start"]:
        raise XiangqiError("no held-out games from the start position to test the probe on")
    plies = {name: Plies.joined(found) for name, found in parts.items()}
    last = str(len(weights) - 1)
    told = {name: plies[key] for name, key in (("probe", last), ("start", "start"), ("majority", "majority"))}
    return {
        "train_games": sum(train.start(i) is None for i in train_games),
        "games": len(np.unique(plies[last].game)),
        **{name: found.summary() | {"by_phase": found.by_phase()} for name, found in told.items()},
        "layers": [plies[str(layer)].summary() for layer in range(len(weights))],
    }, candidates[0]


def _for_picture(seen: States, belief: np.ndarray, before: list[Believed]) -> Believed:
    """Return the first game that reaches all plies of the picture, else the one that reaches most of them."""
    best = before[0] if before else Believed(-1, *(np.zeros((0, 1), np.int8),) * 3)
    if len(best.plies) == len(SHOWN):
        return best
    for game in np.unique(seen.game):
        rows = np.flatnonzero((seen.game == game) & np.isin(seen.ply, SHOWN))
        if len(rows) > len(best.plies):
            rows = rows[np.argsort(seen.ply[rows])]
            best = Believed(int(game), seen.ply[rows], seen.boards[rows], belief[rows])
    return best
