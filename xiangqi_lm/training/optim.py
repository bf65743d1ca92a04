"""AdamW and its schedule."""

from __future__ import annotations

import math

import torch
from torch import nn

from ..config import OptimConfig


def make_optimizer(model: nn.Module, config: OptimConfig) -> torch.optim.AdamW:
    """AdamW in one fused kernel; only matrices decay, not gains, biases and embeddings."""
    embeddings = {id(p) for m in model.modules() if isinstance(m, nn.Embedding) for p in m.parameters()}
    decays = [p for p in model.parameters() if p.ndim >= 2 and id(p) not in embeddings]
    others = [p for p in model.parameters() if p.ndim < 2 or id(p) in embeddings]
    groups = [{"params": decays, "weight_decay": config.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=config.rate, betas=(config.beta1, config.beta2), fused=True)


def rate_at(step: int, steps: int, config: OptimConfig) -> float:
    """Learning rate of step `step` (from 0): linear warm-up, then a cosine down to `floor` times the peak."""
    if step < config.warmup:
        return config.rate * (step + 1) / config.warmup
    done = min(1.0, (step - config.warmup) / max(1, steps - config.warmup))
    return config.rate * (config.floor + (1 - config.floor) * (1 + math.cos(math.pi * done)) / 2)
