"""A model on disk: `model.safetensors`, `config.json` (shape, vocabulary fingerprint) and `card.json`; no pickle."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_bytes
from safetensors.torch import save as to_bytes

from ..config import ModelConfig, from_dict
from ..errors import BadCheckpoint, XiangqiError
from ..files import write_bytes, write_json
from ..paths import assets
from ..records.shards import fingerprint
from .gpt import Gpt

WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "card.json"
FORMAT = 1


def resolve(name: str | Path) -> Path:
    """The folder of a model: `default` and its like are shipped ones, anything else (`./default` too) is a path."""
    shipped = assets() / "models" / str(name)
    bare = re.fullmatch(r"\w[\w-]*", str(name)) is not None
    return shipped if bare and shipped.is_dir() else Path(name)


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Write a safetensors file whole or not at all."""
    write_bytes(path, to_bytes({name: t.detach().cpu().contiguous() for name, t in tensors.items()}))


def save(folder: Path, model: Gpt, card: dict[str, Any], dtype: torch.dtype | None = None) -> None:
    """Write a model; `dtype` (float16 to ship it) converts the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: t if dtype is None else t.to(dtype) for name, t in model.state_dict().items()}
    write_tensors(folder / WEIGHTS, tensors)
    config = {"format": FORMAT, "vocabulary": fingerprint(), "model": asdict(model.config)}
    write_json(folder / CONFIG, config)
    write_json(folder / CARD, card)


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Raises BadCheckpoint when the file is missing or damaged."""
    try:
        return load_bytes(path.read_bytes())  # not mapped: Windows cannot replace a file that is
    except (OSError, SafetensorError) as fault:
        raise BadCheckpoint(f"{path}: missing or damaged: {fault}") from fault


def load(name: str | Path, device: str = "cpu") -> Gpt:
    """A model in float32 and evaluation mode, by the name of a shipped one or its folder; raises BadCheckpoint."""
    folder = resolve(name)
    try:
        about = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except OSError as fault:
        raise BadCheckpoint(f"{folder}: no model here ({CONFIG}: {fault.strerror})") from fault
    except ValueError as fault:
        raise BadCheckpoint(f"{folder / CONFIG}: damaged: {fault}") from fault
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise BadCheckpoint(f"{folder}: a model of another format")
    if about.get("vocabulary") != fingerprint():
        raise BadCheckpoint(f"{folder}: made for another vocabulary of moves")
    tensors = read_tensors(folder / WEIGHTS)
    try:
        model = Gpt(from_dict(ModelConfig, about["model"], "model."))
        model.load_state_dict({key: t.float() for key, t in tensors.items()})
    except (KeyError, TypeError, AttributeError, RuntimeError, XiangqiError) as fault:
        raise BadCheckpoint(f"{folder}: weights and {CONFIG} do not fit: {str(fault).splitlines()[0]}") from fault
    return model.to(device).eval()


def read_card(name: str | Path) -> dict[str, Any]:
    """What is known about a model; empty if nothing is."""
    try:
        return json.loads((resolve(name) / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
