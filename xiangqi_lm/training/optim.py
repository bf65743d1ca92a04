"""AdamW, Muon, their schedule, and a running average of the weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from ..config import OptimConfig
from ..model.device import chosen_precision
from ..model.gpt import Gpt
from ..model.heads import MoveClassScores
from .parallel import like, whole_tensor

# ------------------------------------------------------------------------------------------------ Muon


def orthogonalise(matrix: Tensor, steps: int = 5, precision: str = "auto") -> Tensor:
    """Return approximately the nearest semi-orthogonal matrix: U Vᵀ of the singular value decomposition, with singular
    values between 0.7 and 1.2, by a fifth-order Newton-Schulz iteration (Jordan et al. 2024, "Muon")."""
    wide = matrix.shape[0] <= matrix.shape[1]
    x = matrix if wide else matrix.T
    if chosen_precision(str(matrix.device), precision) == "bf16":
        x = x.bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * (square @ square)) @ x
    return (x if wide else x.T).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum orthogonalised by Newton-Schulz, for matrices between hidden states, with decoupled weight decay.

    An update has a root mean square of 0.2, like AdamW's (Liu et al. 2025, arXiv 2502.16982), so that rates and decays
    tuned for AdamW apply. `torch.optim.Muon` does the same with `adjust_lr_fn="match_rms_adamw"`, but always in
    bfloat16: on a CPU without instructions for that, one 256 x 256 matrix takes it 141 ms and this class 5 ms.
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float, momentum: float, weight_decay: float, precision: str = "auto"
    ):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.precision = precision

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        assert closure is None
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["momentum"] = torch.zeros_like(p)
                momentum = state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                ahead = p.grad.lerp(momentum, group["momentum"])  # Nesterov
                p.mul_(1 - group["lr"] * group["weight_decay"])
                turned = orthogonalise(whole_tensor(ahead), precision=self.precision)
                p.add_(like(turned, p), alpha=-group["lr"] * 0.2 * math.sqrt(max(p.shape)))


# ------------------------------------------------------------------------------------------------ making them


def make_optimizers(model: Gpt, config: OptimConfig, precision: str = "auto") -> list[torch.optim.Optimizer]:
    """Return AdamW in one fused kernel, and Muon if asked for, or SGD; only matrices decay, not gains, biases and
    embeddings.

    A group's `scale` multiplies its learning rate: scores of move classes learn faster, and do not decay. Muon's
    iteration has the run's precision.
    """
    embeddings = {id(p) for m in model.modules() if isinstance(m, nn.Embedding) for p in m.parameters()}
    inner = {id(p) for p in model.blocks.parameters() if p.ndim == 2} if config.kind == "muon" else set()
    scaled = _scaled(model)
    apart = inner | {id(p) for group in scaled for p in group["params"]}
    rest = [p for p in model.parameters() if id(p) not in apart]
    decays = [p for p in rest if p.ndim >= 2 and id(p) not in embeddings]
    others = [p for p in rest if p.ndim < 2 or id(p) in embeddings]
    groups = [{"params": decays, "weight_decay": config.weight_decay}, {"params": others, "weight_decay": 0.0}]
    if config.kind == "sgd":
        return [torch.optim.SGD(groups + scaled, lr=config.rate, momentum=config.momentum)]
    adamw = torch.optim.AdamW(groups + scaled, lr=config.rate, betas=(config.beta1, config.beta2), fused=True)
    if not inner:
        return [adamw]
    matrices = [p for p in model.parameters() if id(p) in inner]
    return [adamw, Muon(matrices, config.rate, config.momentum, config.weight_decay, precision)]


def _scaled(model: nn.Module) -> list[dict[str, Any]]:
    """Return the groups of parameters with a rate of their own."""
    scores = [m for m in model.modules() if isinstance(m, MoveClassScores)]
    return [
        {"params": [getattr(m, name)], "weight_decay": 0.0, "scale": scale}
        for m in scores
        for name, scale in m.RATES.items()
    ]


def state_tensors(optimizers: list[torch.optim.Optimizer]) -> dict[str, Tensor]:
    """Return the state of the optimisers, by `optimiser.parameter.name`."""
    return {
        f"{k}.{i}.{name}": tensor
        for k, optimizer in enumerate(optimizers)
        for i, values in optimizer.state_dict()["state"].items()
        for name, tensor in values.items()
    }


def load_state_tensors(optimizers: list[torch.optim.Optimizer], tensors: dict[str, Tensor]) -> None:
    """Restore what `state_tensors` returned; names that match no optimiser are skipped."""
    packed = [optimizer.state_dict() for optimizer in optimizers]
    # in the same order on all processes, which share out tensors one by one
    for key, tensor in sorted(tensors.items()):
        k, i, name = (["0"] * (2 - key.count(".")) + key.split("."))[:3]
        parameters = [p for group in optimizers[int(k)].param_groups for p in group["params"]]
        if name != "step" and tensor.ndim and tensor.shape != parameters[int(i)].shape:
            raise ValueError(f"{key} is {list(tensor.shape)}, not {list(parameters[int(i)].shape)}")
        mine = tensor if name == "step" else like(tensor, parameters[int(i)])
        packed[int(k)]["state"].setdefault(int(i), {})[name] = mine
    for optimizer, state in zip(optimizers, packed, strict=True):
        optimizer.load_state_dict(state)


# ------------------------------------------------------------------------------------------------ schedule


def rate_at(done: float, steps: int, config: OptimConfig) -> float:
    """Return the learning rate when `done`, 0 to 1, of a run is completed: linear warm-up, then the chosen decay."""
    warm = config.warmup / steps
    if done < warm:
        # when time is limited, `done` is not a multiple of 1 / steps
        return config.rate * min(1.0, (done + 1 / steps) / warm)
    if config.schedule == "cosine":
        gone = min(1.0, (done - warm) / max(1 - warm, 1 / steps))
        high = (1 + math.cos(math.pi * gone)) / 2
    else:
        high = min(1.0, max(0.0, 1 - done) / config.decay) if config.decay else 1.0
    return config.rate * (config.floor + (1 - config.floor) * high)


# ------------------------------------------------------------------------------------------------ average


class Average:
    """An exponential moving average of a model's weights; early on it forgets faster (decay (1 + n) / (10 + n))."""

    def __init__(self, model: nn.Module, decay: float):
        self.decay, self.updates = decay, 0
        self.tensors = {name: t.detach().clone() for name, t in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Include the model's present weights; buffers (such as drawn features) are copied."""
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        learned = {name for name, _ in model.named_parameters()}
        for name, tensor in model.state_dict().items():
            if name in learned:
                self.tensors[name].lerp_(tensor, 1 - decay)
            else:
                self.tensors[name].copy_(tensor)
