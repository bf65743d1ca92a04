"""Players written as text, the same everywhere: `lm:default?temperature=0.6&top_p=0.9`, `random`."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ..errors import BadConfig
from .player import Player


@dataclass(frozen=True)
class Spec:
    """A parsed player: kind, what it plays with, and options; picklable, so that other processes can build it."""

    kind: str
    target: str
    options: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        query = "&".join(f"{key}={value}" for key, value in self.options)
        return self.kind + (f":{self.target}" if self.target else "") + (f"?{query}" if query else "")


def _lm(spec: Spec, options: dict[str, Any], seed: int | None) -> Player:
    from .lm import LanguageModelPlayer

    return LanguageModelPlayer.load(spec.target or "default", name=str(spec), seed=seed, **options)


def _random(spec: Spec, options: dict[str, Any], seed: int | None) -> Player:
    from .random import RandomPlayer

    return RandomPlayer(seed)


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise ValueError
    return value


def _not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError
    return value


@dataclass(frozen=True)
class Kind:
    """How to build one kind of player; `options` says how each option's text is read."""

    make: Callable[[Spec, dict[str, Any], int | None], Player]
    takes_target: bool
    options: dict[str, Callable[[str], Any]]


KINDS = {
    "lm": Kind(_lm, True, {"temperature": _not_negative, "top_p": _share, "device": str}),
    "random": Kind(_random, False, {}),
}


def _near(word: str, known: dict[str, Any]) -> str:
    close = difflib.get_close_matches(word, known, 1, 0.4)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known) or 'none'}"


def parse_spec(text: str) -> Spec:
    """Read a spec; raises BadConfig naming the part that is wrong, a value out of its range included."""
    head, _, query = text.partition("?")
    kind, _, target = head.partition(":")
    if kind not in KINDS:
        raise BadConfig(f"player {text!r}: no kind {kind!r}{_near(kind, KINDS)}")
    if target and not KINDS[kind].takes_target:
        raise BadConfig(f"player {text!r}: {kind} takes nothing after a colon")
    try:
        options = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise BadConfig(f"player {text!r}: options are written name=value&name=value") from None
    for name, _value in options:
        if name not in KINDS[kind].options:
            raise BadConfig(f"player {text!r}: no option {name!r}{_near(name, KINDS[kind].options)}")
    spec = Spec(kind, target, tuple(options))
    for name, value in options:
        _read(spec, name, value)
    return spec


def with_device(spec: Spec, device: str | None) -> Spec:
    """The spec on another device, where its kind of player runs on one."""
    if device is None or "device" not in KINDS[spec.kind].options:
        return spec
    kept = tuple(option for option in spec.options if option[0] != "device")
    return Spec(spec.kind, spec.target, (*kept, ("device", device)))


def make_player(text: str | Spec, seed: int | None = None) -> Player:
    """Build a player; raises BadConfig for a bad spec and BadCheckpoint for a bad model. `seed` fixes its dice."""
    spec = parse_spec(text) if isinstance(text, str) else text
    kind = KINDS[spec.kind]
    options = {name: _read(spec, name, value) for name, value in spec.options}
    return kind.make(spec, options, seed)


def _read(spec: Spec, name: str, value: str) -> Any:
    try:
        return KINDS[spec.kind].options[name](value)
    except ValueError:
        raise BadConfig(f"player {str(spec)!r}: {name} cannot be {value!r}") from None
