"""What a model says of every legal move at every ply of a batch, given the moves played before (teacher forcing)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..dataset.loader import Batch
from .attention import Cache
from .device import autocast
from .gpt import Gpt
from .inputs import Inputs, inputs_of
from .prefixes import MoveScores, PrefixTree, Roots, branch_states

COLUMNS = 256  # columns read at once beside a game: 64 took 1.5 times as long on a CPU


class Scored(NamedTuple):
    """Scores of the N plies that count, in the order of `Batch.asked`."""

    moves: MoveScores
    value: Tensor  # float32 [N, 3]: logits of win, draw and loss


def score(model: Gpt, batch: Batch) -> Scored:
    """Return `network_scores`, with the model's repertoire, if it has one, mixed into those under the legal mask."""
    found = network_scores(model, batch)
    if model.repertoire is None:
        return found
    masked = model.repertoire.mixed(found.moves.masked, batch.boards[batch.asked])
    return found._replace(moves=found.moves._replace(masked=masked))


@torch.no_grad()
def network_scores(model: Gpt, batch: Batch) -> Scored:
    """Score the legal moves, exactly for every tokenizer: where a move has several tokens, all prefixes of legal moves
    are read too, as branches from the game, reusing what is cached of it."""
    device = str(next(model.parameters()).device)
    known = batch.moves()
    moves = torch.from_numpy(known).to(device) if model.config.legal_moves else None
    legal = known[:, :, 0][batch.asked]
    with autocast(device):
        inputs = inputs_of(batch, model.config, device, moves)
        if batch.tokenizer.per_move == 1:
            output, asked = model(inputs), torch.from_numpy(batch.asked).to(device)
            scores = PrefixTree.of(legal, batch.tokenizer).scores(output.logits[asked].float())
            return Scored(scores, output.value[asked].float())
        if model.new_cache()[0].can_shorten:
            return _with_branches(model, batch, inputs, legal)
        return _column_by_column(model, batch, inputs, legal)


def _scored(
    model: Gpt, batch: Batch, cache: list[Cache], hidden: Tensor, legal: np.ndarray, at: tuple[np.ndarray, np.ndarray]
) -> Scored:
    """Score positions with hidden states [P, width] and legal moves bool [P, 2086], at the given rows and columns."""
    tree, (rows, columns) = PrefixTree.of(legal, batch.tokenizer), at
    seen = np.arange(batch.tokens.shape[1]) <= columns[:, None]
    roots = Roots(rows, seen, columns, batch.boards[at], batch.conditions[at])
    below = branch_states(model, cache, tree, roots, len(batch.tokens))
    output = model.read_out(torch.cat((hidden, below)))
    return Scored(tree.scores(output.logits.float()), output.value[: len(hidden)].float())


def _joined(parts: list[Scored], order: np.ndarray) -> Scored:
    """Concatenate parts; `order` holds the index of each of their plies in the result."""
    back = torch.from_numpy(np.argsort(order))
    moves = MoveScores(*(torch.cat(x)[back] for x in zip(*(part.moves for part in parts), strict=True)))
    return Scored(moves, torch.cat([part.value for part in parts])[back])


def _with_branches(model: Gpt, batch: Batch, inputs: Inputs, legal: np.ndarray) -> Scored:
    """Read all games at once, then the prefixes of some plies at a time: at most about COLUMNS columns a game."""
    cache = model.new_cache()
    hidden = model.encode(inputs, cache)
    rows, columns = np.nonzero(batch.asked)
    sizes = np.bincount(PrefixTree.of(legal, batch.tokenizer).where, minlength=len(rows)) - 1
    before = np.cumsum(sizes) - sizes
    in_row = before - before[np.searchsorted(rows, rows)]  # prefixes of earlier plies of the same game
    chunk = in_row // COLUMNS
    parts, order = [], []
    for i in np.unique(chunk):
        chosen = np.flatnonzero(chunk == i)
        at = rows[chosen], columns[chosen]
        states = hidden[torch.from_numpy(at[0]), torch.from_numpy(at[1])]
        parts.append(_scored(model, batch, cache, states, legal[chosen], at))
        order.append(chosen)
    return _joined(parts, np.concatenate(order))


def _column_by_column(model: Gpt, batch: Batch, inputs: Inputs, legal: np.ndarray) -> Scored:
    """Do the same for states that cannot branch: carry them along the games and copy them at every ply."""
    cache = model.new_cache()
    rows, columns = np.nonzero(batch.asked)
    parts, order = [], []
    for column in range(batch.tokens.shape[1]):
        here = slice(column, column + 1)
        given = {name: x[:, here] for name, x in inputs._asdict().items() if x is not None}
        hidden = model.encode(Inputs(**given), cache)
        chosen = np.flatnonzero(columns == column)
        if not len(chosen):
            continue
        at = rows[chosen], columns[chosen]
        parts.append(_scored(model, batch, cache, hidden[torch.from_numpy(at[0]), 0], legal[chosen], at))
        order.append(chosen)
    return _joined(parts, np.concatenate(order))
