"""A model prepared for play: weights in the precision of the products, on a CPU laid out for them once.

Otherwise every product lays its weights out anew; where bfloat16 is fast it also converts them, and elsewhere it reads
twice the bytes from memory. Such a model can neither be trained nor saved.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn

from . import checkpoint
from .device import fast_bf16
from .gpt import Gpt, RecurrentBlock
from .heads import PolicyHead
from .single import Bfloat16, Float16, SinglePositions

ROWS = 16  # rows for which the layout is optimised: more and fewer are as fast


class HalfLinear(nn.Module):
    """`nn.Linear` of float32 inputs with weights in float16, as shipped models are stored: 1.6 to 3 times as fast with
    16 rows."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None):
        super().__init__()
        self._packed = torch.ops.quantized.linear_prepack_fp16(weight.detach().float(), bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map [..., in] to float32 [..., out]."""
        return torch.ops.quantized.linear_dynamic_fp16(x.float(), self._packed)


class LaidOutLinear(nn.Module):
    """`nn.Linear` in bfloat16 with weights in oneDNN's own layout: 1.3 to 1.6 times as fast."""

    def __init__(self, weight: Tensor):
        super().__init__()
        self._packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach().bfloat16(), ROWS)

    def forward(self, x: Tensor) -> Tensor:
        """Map [..., in] to bfloat16 [..., out]."""
        return torch.ops.mkldnn._linear_pointwise(x.bfloat16(), self._packed, None, "none", [], "")


def _works(kind: type[HalfLinear] | type[LaidOutLinear]) -> bool:
    """Return whether this build of torch has the operators; they are internal, and missing on some systems."""
    try:
        kind(torch.ones(64, 64))(torch.ones(1, 64))
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    return True


def ready_to_play(model: Gpt) -> Gpt:
    """Change the model for use in inference mode only, and return it. Scores and values stay float32."""
    device = str(next(model.parameters()).device)
    fast = fast_bf16(device)
    kind = LaidOutLinear if fast else HalfLinear
    if device == "cpu" and SinglePositions.fits(model) and _works(kind):
        model.single = SinglePositions(model, Bfloat16 if fast else Float16)
    if fast:
        for part in (model.embed, model.blocks, model.norm):
            part.to(torch.bfloat16)
    if device != "cpu":
        return model
    if _works(kind):
        for block in model.blocks:
            _lay_out(block, kind)
    if isinstance(model.policy, PolicyHead) and _works(HalfLinear):
        model.policy.packed = HalfLinear(model.policy.weight, model.policy.bias.detach())
    return model


def _lay_out(block: Any, kind: type[HalfLinear] | type[LaidOutLinear]) -> None:
    mlp = block.mlp
    mlp.up, mlp.down = kind(mlp.up.weight), kind(mlp.down.weight)
    if isinstance(block, RecurrentBlock):
        cells = block.recurrence
        cells.inputs, cells.out = kind(cells.inputs.weight), kind(cells.out.weight)  # type: ignore[assignment]
        return
    attention = block.attention
    attention.values = kind(attention.qkv.weight[2 * len(attention.qkv.weight) // 3 :])
    attention.qkv, attention.out = kind(attention.qkv.weight), kind(attention.out.weight)


_SHARED: WeakValueDictionary[tuple[Path, str], Gpt] = WeakValueDictionary()
_SHARING = threading.Lock()


def shared(name: str | Path, device: str = "cpu") -> Gpt:
    """Return a model ready to play, shared with other players that hold it already: several strengths need only one
    model in memory. It must not be changed. Raises BadCheckpoint."""
    with _SHARING:
        key = (checkpoint.resolve(name).absolute(), device)
        model = _SHARED.get(key)
        if model is None:
            model = _SHARED[key] = ready_to_play(checkpoint.load(name, device))
        return model
