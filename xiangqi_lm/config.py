"""Every setting of a model and a training run: frozen dataclasses, presets as literals, `--set a.b=c`, JSON."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .errors import BadConfig

Settings = TypeVar("Settings")


def _check(config: Any, **least: float) -> None:
    """Raise BadConfig where a setting is below its least value, infinite or no number."""
    for name, bound in least.items():
        value = getattr(config, name)
        if not (math.isfinite(value) and value >= bound):
            raise BadConfig(f"setting {name}: {value} is not a number from {bound} on")


def _among(config: Any, name: str, known: Iterable[str]) -> None:
    """Raise BadConfig where a setting is none of the known words."""
    value = getattr(config, name)
    if value not in known:
        raise BadConfig(f"setting {name}: {value!r} is none of {', '.join(known)}")


MODEL_CHOICES = {
    "tokenizer": ("move", "square", "char"),
    "board": ("sum", "convolution", "attention", "none"),
    "positions": ("learned", "rotary", "none"),
    "attention": ("softmax", "performer", "taylor"),
    "head": ("softmax", "bilinear"),
}


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the GPT."""

    width: int = 256
    layers: int = 8
    heads: int = 4
    context: int = 256  # plies the model looks back on
    mlp_ratio: int = 4
    dropout: float = 0.1
    tokenizer: str = "move"  # tokens of a move: move (1), square (2), char (4)
    board: str = "sum"  # how the exact board is shown: none, or one of the encoders of model.embeddings
    legal_moves: bool = True  # show the model the legal moves of both sides beside the board
    conditions: bool = False  # show the model the result wanted and the level of play
    positions: str = "learned"  # learned, rotary or none
    attention: str = "softmax"  # softmax, performer or taylor
    features: int = 0  # random features a head of a Performer; 0: twice the head's width
    head: str = "softmax"  # softmax over the moves, or bilinear: from square x to square

    def __post_init__(self) -> None:
        _check(self, width=1, layers=1, heads=1, context=2, mlp_ratio=1, dropout=0, features=0)
        for name, known in MODEL_CHOICES.items():
            _among(self, name, known)
        if self.width % self.heads:
            raise BadConfig(f"setting heads: {self.heads} heads do not divide a width of {self.width}")
        if self.context % 2 or self.dropout >= 1:
            raise BadConfig("setting context must be even" if self.context % 2 else "setting dropout must be below 1")


@dataclass(frozen=True)
class OptimConfig:
    """AdamW with linear warm-up and a cosine down to `floor` times the peak."""

    rate: float = 1e-3
    floor: float = 0.01
    warmup: int = 300  # steps
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.98
    clip: float = 1.0  # gradient norm

    def __post_init__(self) -> None:
        _check(self, rate=0, floor=0, warmup=0, weight_decay=0, beta1=0, beta2=0, clip=0)
        if self.beta1 >= 1 or self.beta2 >= 1:
            raise BadConfig("settings beta1 and beta2 must be below 1")


@dataclass(frozen=True)
class TrainConfig:
    """One training run."""

    model: ModelConfig = field(default_factory=ModelConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    steps: int = 8000
    batch_tokens: int = 6144  # plies a step, padding included
    mirror: bool = True  # show each game as it is or reflected, at random
    value_weight: float = 0.2
    legal_weight: float = 0.25  # weight of -log(probability of all legal moves together)
    seed: int = 1
    evaluate_every: int = 500
    evaluate_games: int = 400
    save_every: int = 500
    precision: str = "auto"  # bf16 autocast where the device has fast bf16: auto, bf16, float32
    compile: bool = False  # torch.compile: needs a C++ compiler on a CPU

    def __post_init__(self) -> None:
        _check(self, steps=1, batch_tokens=1, value_weight=0, legal_weight=0, seed=0)
        _check(self, evaluate_every=1, evaluate_games=1, save_every=1)
        if self.precision not in ("auto", "bf16", "float32"):
            raise BadConfig(f"setting precision: {self.precision!r} is none of auto, bf16, float32")


PRESETS: dict[str, TrainConfig] = {
    "default": TrainConfig(),
    "small": TrainConfig(model=ModelConfig(width=128, layers=4, heads=4), steps=2000, evaluate_every=250),
    "tiny": TrainConfig(
        model=ModelConfig(width=32, layers=2, heads=2, context=64, dropout=0.0),
        optim=OptimConfig(warmup=5),
        steps=30,
        batch_tokens=512,
        evaluate_every=15,
        evaluate_games=8,
        save_every=15,
    ),
}


def preset(name: str) -> TrainConfig:
    """A named starting point; raises BadConfig naming the nearest."""
    if name not in PRESETS:
        raise BadConfig(f"no preset {name!r}{_nearest(name, PRESETS)}")
    return PRESETS[name]


def _nearest(name: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(name, known, 1, 0.4)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _convert(key: str, value: Any, like: Any) -> Any:
    """A JSON or command-line value as the type of the setting it replaces."""
    try:
        if isinstance(like, bool):
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[str(value).lower()]
        if isinstance(like, int):
            if float(value) != int(float(value)):
                raise ValueError
            return int(float(value))
        return type(like)(value)
    except (KeyError, ValueError, TypeError, OverflowError):
        raise BadConfig(f"setting {key}: {value!r} is no {type(like).__name__}") from None


def _field_or_fail(config: Any, name: str, key: str) -> Any:
    known = [f.name for f in dataclasses.fields(config)]
    if name not in known:
        raise BadConfig(f"no setting {key!r}{_nearest(name, known)}")
    return getattr(config, name)


def with_setting(config: Settings, key: str, value: Any, _whole: str | None = None) -> Settings:
    """A copy with the dotted setting replaced; raises BadConfig for unknown keys and wrong types."""
    whole = _whole or key
    name, _, rest = key.partition(".")
    old = _field_or_fail(config, name, whole)
    if dataclasses.is_dataclass(old) != bool(rest):
        raise BadConfig(f"setting {whole!r}: " + (f"{name} has no parts" if rest else f"{name} has parts: name one"))
    new = with_setting(old, rest, value, whole) if rest else _convert(whole, value, old)
    return dataclasses.replace(config, **{name: new})  # type: ignore[type-var]


def with_settings(config: Settings, assignments: Iterable[str]) -> Settings:
    """Apply `a.b=c` texts of the command line."""
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals:
            raise BadConfig(f"setting {text!r}: expected name=value")
        config = with_setting(config, key.strip(), value.strip())
    return config


def to_json(config: Any) -> str:
    return json.dumps(dataclasses.asdict(config), indent=1)


def from_dict(kind: type[Settings], values: dict[str, Any], place: str = "") -> Settings:
    """Build a configuration from parsed JSON; settings that are missing keep their defaults."""
    config = kind()
    for name, value in values.items():
        old = _field_or_fail(config, name, place + name)
        if dataclasses.is_dataclass(old):
            new = from_dict(type(old), value, f"{place}{name}.")
        else:
            new = _convert(place + name, value, old)
        config = dataclasses.replace(config, **{name: new})  # type: ignore[type-var]
    return config
