"""A solver's loss: the expression step by step, plus the question's hidden characters."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...model.device import autocast
from .batches import NONE, Batch, expression_columns, hide
from .config import SolverTrainConfig
from .model import Rows, Solver, prefix_mask


def rows_of(batch: Batch) -> Rows:
    """Return the batch's columns with their positions."""
    positions = torch.arange(batch.tokens.shape[1], device=batch.tokens.device).expand_as(batch.tokens)
    return Rows(batch.tokens, batch.places, batch.kinds, batch.sizes, positions)


def step_losses(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of each step [B, E]: minus the logarithm of the total probability of all right outputs; 0 after
    the last step.

    logits [B, E, outputs]; targets int64 [B, E, ALTERNATIVES]. A number that the question gives twice may be copied
    from either place.
    """
    logs = logits.log_softmax(-1).gather(2, targets.clamp(min=0))
    right = logs.masked_fill(targets == NONE, -torch.inf).logsumexp(-1)
    return -right.masked_fill((targets == NONE).all(-1), 0.0)


class SolverObjective(nn.Module):
    """A solver and its loss."""

    def __init__(self, model: Solver, config: SolverTrainConfig, device: str):
        super().__init__()
        self.model, self.config, self.device = model, config, device

    def forward(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the mean loss over the steps of the expressions plus the denoising term, and both of them."""
        config, model = self.config, self.model
        shown, chosen = batch, torch.zeros_like(batch.tokens, dtype=torch.bool)
        if model.training and config.masked:
            shown, chosen = hide(batch, config.masked, model.vocabulary.characters_from)
        with autocast(self.device, config.precision):
            hidden = model.encode(rows_of(shown), prefix_mask(batch.prefixes, batch.tokens.shape[1]))
            index = expression_columns(batch).unsqueeze(-1).expand(-1, -1, hidden.shape[-1])
            logits = model.logits(hidden.gather(1, index), model.keys(hidden, batch.numbers))
            expression = step_losses(logits, batch.targets).sum() / (batch.targets[:, :, 0] != NONE).sum()
            terms = {"expression": expression}
            if config.denoise and chosen.any():
                guesses = model.hidden_characters(hidden[chosen])
                terms["denoise"] = F.cross_entropy(guesses, batch.tokens[chosen])
        loss = expression + config.denoise * terms["denoise"] if "denoise" in terms else expression
        return loss, terms
