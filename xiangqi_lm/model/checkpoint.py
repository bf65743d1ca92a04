"""A model on disk: `model.safetensors`, `config.json` (shape, vocabulary fingerprint) and `card.json`; no pickle.

A model with a repertoire has that in `repertoire.safetensors`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_bytes
from safetensors.torch import save as to_bytes
from torch import nn

from ..config import ModelConfig
from ..config_fields import from_dict
from ..dataset.shards import fingerprint
from ..errors import BadCheckpoint, XiangqiError, nearest
from ..files import write_bytes, write_json
from . import named
from .gpt import Gpt
from .repertoire import FILE as REPERTOIRE
from .repertoire import Repertoire

WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "card.json"
FORMAT = 1

Model = TypeVar("Model", bound=nn.Module)


def resolve(name: str | Path) -> Path:
    """Return the folder of a model. Shipped models and the user's own go by name; `hf:owner/name[@revision]` is fetched
    from the hub into the cache; anything else (`./default` too) is a path. Raises BadCheckpoint where fetching
    fails."""
    if str(name).startswith("hf:"):
        from . import hub  # only needed for models on the hub

        return hub.fetch(
            str(name),
            (CONFIG, WEIGHTS),
            (CARD, REPERTOIRE),
            lambda path: config_of(read_config(path), f"{name}: {CONFIG}"),
        )
    return named.find(str(name)) or Path(name)


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Write a safetensors file atomically."""
    write_bytes(path, to_bytes({name: t.detach().cpu().contiguous() for name, t in tensors.items()}))


def save(
    folder: Path,
    model: Any,
    card: dict[str, Any],
    dtype: torch.dtype | None = None,
    weights: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """Write a model that describes itself (`about`); `dtype` converts the weights (float16 for shipping), `weights`
    replace its own."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = model.state_dict() if weights is None else weights
    tensors = {name: t if dtype is None else t.to(dtype) for name, t in chosen.items()}
    write_tensors(folder / WEIGHTS, tensors)
    if repertoire := getattr(model, "repertoire", None):
        write_tensors(folder / REPERTOIRE, repertoire.tensors())
    else:
        (folder / REPERTOIRE).unlink(missing_ok=True)
    write_json(folder / CONFIG, {"format": FORMAT, **model.about()})
    write_json(folder / CARD, card)


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Read the tensors of a file; raises BadCheckpoint when the file is missing or damaged."""
    try:
        data = path.read_bytes()  # not memory-mapped: Windows cannot replace a mapped file
    except OSError as fault:
        raise BadCheckpoint(f"{path}: cannot be read: {fault.strerror or fault}") from fault
    try:
        return load_bytes(data)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as fault:
        if data[:2] == b"PK" or data[:1] == b"\x80":
            raise BadCheckpoint(
                f"{path}: not safetensors but a pickle, which is never loaded: it could run anything"
            ) from fault
        words = str(fault).splitlines()[0]
        raise BadCheckpoint(f"{path}: no safetensors file, or one that is cut off or damaged: {words}") from fault


# ------------------------------------------------------------------------------------------------ loading


def load(name: str | Path, device: str = "cpu") -> Gpt:
    """Return a trained model in float32 and evaluation mode: `default`, one of the user's own by its name, a folder, or
    `hf:owner/name[@revision]`; raises BadCheckpoint with the reason.

    Its `card` says what it learned from and how good it is. `engine.lm.LanguageModelPlayer(model, "name")` plays with
    it, `training.evaluate.measure` evaluates it.
    """
    folder = resolve(name)
    if named.is_name(str(name)) and not folder.exists():
        known = nearest(str(name), [*named.shipped(), *named.own()])
        raise BadCheckpoint(f"{name}: no model here, and none is called that{known}")
    config = config_of(read_config(folder / CONFIG), str(folder / CONFIG))
    model = filled(lambda: Gpt(config), folder)
    model.card = _card_in(folder)
    if (folder / REPERTOIRE).exists():
        model.repertoire = Repertoire.from_tensors(read_tensors(folder / REPERTOIRE), folder / REPERTOIRE)
    return model.to(device).eval()


def read_config(path: Path) -> str:
    """Return the text of a model's config.json; raises BadCheckpoint where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise BadCheckpoint(f"{path.parent}: no model here ({CONFIG}: {fault.strerror})") from fault
    except UnicodeDecodeError as fault:
        raise BadCheckpoint(f"{path}: damaged: not UTF-8 text") from fault


def filled(make: Callable[[], Model], folder: Path) -> Model:
    """Return the model that `make` builds with the weights in a folder; raises BadCheckpoint if they do not fit."""
    tensors = read_tensors(folder / WEIGHTS)
    try:
        return _filled(make, tensors)
    except (RuntimeError, MemoryError, XiangqiError) as fault:
        raise BadCheckpoint(f"{folder / WEIGHTS}: does not fit {CONFIG}: {str(fault).splitlines()[0]}") from fault


def config_of(text: str, place: str, task: str | None = None) -> ModelConfig:
    """Return the model shape in a config.json; raises BadCheckpoint naming the place if it is not ours or from a newer
    version.
    """
    try:
        about = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadCheckpoint(f"{place}: damaged: {fault}") from fault
    if not isinstance(about, dict) or not isinstance(about.get("model"), dict) or "vocabulary" not in about:
        whose = about.get("architectures") or about.get("model_type") if isinstance(about, dict) else None
        raise BadCheckpoint(f"{place}: the model of another program" + (f": {whose}" if whose else ""))
    if about.get("format") != FORMAT:
        newer = isinstance(about.get("format"), int) and about["format"] > FORMAT
        words = f"format {about.get('format')!r}, this program reads {FORMAT}"
        raise BadCheckpoint(f"{place}: {'made by a newer version' if newer else 'a model of another format'}: {words}")
    if about.get("task") != task:
        found = f"a model for {about['task']}, which does not play xiangqi" if "task" in about else "a model that plays"
        raise BadCheckpoint(f"{place}: {found}" + (f", where one for {task} is expected" if task else ""))
    if about["vocabulary"] != fingerprint():
        raise BadCheckpoint(f"{place}: made for another vocabulary of moves")
    unknown = sorted(set(about["model"]) - {f.name for f in fields(ModelConfig)})
    if unknown:
        raise BadCheckpoint(f"{place}: made by a newer version of this program? unknown settings: {', '.join(unknown)}")
    try:
        return from_dict(ModelConfig, about["model"], "model.")
    except XiangqiError as fault:
        raise BadCheckpoint(f"{place}: {fault}") from fault


def _filled(make: Callable[[], Model], tensors: dict[str, torch.Tensor]) -> Model:
    """Return the model that `make` builds with these tensors; raises BadCheckpoint if their names or shapes differ."""
    with torch.device("meta"):  # so that a wrong config allocates no memory
        wanted = {name: tuple(t.shape) for name, t in make().state_dict().items()}
    missing, foreign = sorted(wanted.keys() - tensors.keys()), sorted(tensors.keys() - wanted.keys())
    if missing or foreign:
        lacks = f"{len(missing)} missing, first {missing[0]}" if missing else ""
        has = f"{len(foreign)} foreign, first {foreign[0]}" if foreign else ""
        raise BadCheckpoint("tensors " + "; ".join(filter(None, (lacks, has))))
    for name, shape in wanted.items():
        found = tensors[name]
        if tuple(found.shape) != shape:
            raise BadCheckpoint(f"{name} is {list(found.shape)}, not {list(shape)}")
        if not found.is_floating_point():
            raise BadCheckpoint(f"{name} holds {str(found.dtype).removeprefix('torch.')}, not real numbers")
        if not found.isfinite().all():
            raise BadCheckpoint(f"{name} holds NaN or infinite values")
    model = make()
    model.load_state_dict({name: t.float() for name, t in tensors.items()})
    return model


def read_card(name: str | Path) -> dict[str, Any]:
    """Return the card of a model; empty if it has none."""
    return _card_in(resolve(name))


def _card_in(folder: Path) -> dict[str, Any]:
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return card if isinstance(card, dict) else {}
