"""Where a model runs and in what precision."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from ..errors import BadConfig


def pick_device(name: str = "auto") -> str:
    """`auto` is CUDA where there is one, else the CPU; raises BadConfig for a device that is not there."""
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError) as fault:
        raise BadConfig(f"device {name!r} cannot be used: {str(fault).splitlines()[0]}") from fault
    return name


def fast_bf16(device: str) -> bool:
    """Whether bfloat16 products are faster there than float32."""
    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device != "cpu" or not torch.backends.mkldnn.is_available():  # wheels for macOS have no oneDNN
        return False
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def autocast(device: str, precision: str = "auto") -> AbstractContextManager:
    """A context in which products run in bfloat16, or nothing; `precision` is auto, bf16 or float32."""
    if precision not in ("auto", "bf16", "float32"):
        raise BadConfig(f"precision {precision!r}: expected auto, bf16 or float32")
    if precision == "bf16" or (precision == "auto" and fast_bf16(device)):
        return torch.autocast(device.split(":")[0], torch.bfloat16)
    return nullcontext()
