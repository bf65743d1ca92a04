"""Players written as text, the same everywhere: `lm:default?temperature=0.6&top_p=0.9`, `mcts?nodes=400`, `level:club`.

Every player has `resign` and `draw`: whether it may resign, and offer and accept draws.

Other programs' engines are `uci:PROGRAM?NAME=VALUE&...`: nodes, depth, movetime (seconds), ranks and timeout are ours,
any other name is an option of the engine. A program's arguments follow it, as in a shell: `uci:engine -x`.
"""

from __future__ import annotations

import math
import os
import re
import shlex
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from ..errors import BadConfig, nearest
from .levels import LEVELS
from .player import Limit, Manners, Player


@dataclass(frozen=True)
class Spec:
    """A parsed player: its kind, what it plays with, and options; picklable, so that other processes can build it."""

    kind: str
    target: str
    options: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        query = "&".join(f"{_quoted(key)}={_quoted(value)}" for key, value in self.options)
        return self.kind + (f":{self.target}" if self.target else "") + (f"?{query}" if query else "")


def _quoted(text: str) -> str:
    """Return a text with the characters that separate options written as %XX; everything else stays readable."""
    return "".join(f"%{ord(c):02X}" if c in "%&=+#;" else c for c in text)


# ------------------------------------------------------------------------------------------------ makers


def _limit(options: dict[str, Any], usual: Limit | None = None) -> Limit | None:
    """Take what limits the thinking out of the options; return `usual` if there is nothing."""
    named = {name: options.pop(name) for name in ("nodes", "depth", "movetime") if name in options}
    return Limit(**named) if named else usual


def _random(spec: Spec, options: dict[str, Any], seed: int | None) -> Player:
    from .baselines import RandomPlayer

    return RandomPlayer(seed)


def _greedy(spec: Spec, options: dict[str, Any], seed: int | None) -> Player:
    from .baselines import GreedyPlayer

    return GreedyPlayer(seed)


def _lm(spec: Spec, options: dict[str, Any], seed: int | None) -> Player:
    from .lm import LanguageModelPlayer

    return LanguageModelPlayer.load(spec.target or "default", name=str(spec), seed=seed, **options)


def _mcts(spec: Spec, options: dict[str, Any], seed: int | None) -> Player:
    from .mcts.player import LIMIT, SearchPlayer
    from .mcts.search import SearchSettings

    limit = _limit(options, LIMIT)
    settings = SearchSettings(
        **{name: options.pop(name) for name in ("batch", "cpuct", "fpu", "noise") if name in options}
    )
    assert limit is not None
    return SearchPlayer.load(spec.target or "default", str(spec), settings, limit, seed=seed, **options)


def _alphabeta(spec: Spec, options: dict[str, Any], seed: int | None) -> Player:
    from .alphabeta.player import AlphaBetaPlayer

    return AlphaBetaPlayer(_limit(options), seed=seed, name=str(spec), **{f"{k}_mb": v for k, v in options.items()})


def _external(spec: Spec, options: dict[str, Any], seed: int | None) -> Player:
    from .external.player import ExternalPlayer

    ours = {name: options.pop(name) for name in ("ranks", "timeout") if name in options}
    limit = _limit(options)
    return ExternalPlayer(_command(spec.target), spec.kind, options, limit, name=str(spec), **ours)


def _level(spec: Spec, options: dict[str, Any], seed: int | None) -> Player:
    made = make_player(with_device(parse_spec(LEVELS[spec.target].spec), options.get("device")), seed)
    made.name = str(spec)
    return made


def _command(target: str) -> list[str]:
    """Split a program and its arguments; a path with spaces needs no quotes. Raises ValueError for an open
    quotation.
    """
    if Path(target).is_file():
        return [target]
    if os.name == "nt":  # where backslashes separate folders
        return [part.strip('"') for part in shlex.split(target, posix=False)]
    return shlex.split(target)


# ------------------------------------------------------------------------------------------------ values of options


def _number(least: float, most: float = math.inf, *, above: bool = False) -> Callable[[str], float]:
    """Return a reader of finite numbers from `least` (or, with `above`, just above it) to `most`."""
    wanted = f"a number {'above' if above else 'from'} {least:g}" + (f" to {most:g}" if most < math.inf else "")

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (least <= value <= most and math.isfinite(value)) or (above and value == least):
            raise ValueError(wanted)
        return value

    return read


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) < 2**31:
        raise ValueError("a whole number from 1")
    return int(text)


def _word(*known: str) -> Callable[[str], str]:
    """Return a reader that accepts only the given words."""

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"one of {', '.join(known)}")
        return text

    return read


def _yes_or_no(text: str) -> bool:
    try:
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
    except KeyError:
        raise ValueError("yes or no") from None


def _ranks(text: str) -> int:
    if text not in ("0", "1"):
        raise ValueError("0 or 1")
    return int(text)


def _even(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 2 <= int(text) <= 100 or int(text) % 2:
        raise ValueError("an even number from 2 to 100")
    return int(text)


_TEMPERATURE, _SHARE, _SECONDS = _number(0), _number(0, 1, above=True), _number(0, above=True)
MANNERS: dict[str, Callable[[str], bool]] = {"resign": _yes_or_no, "draw": _yes_or_no}  # of every kind
_EXTERNAL = {"nodes": _count, "depth": _count, "movetime": _SECONDS, "ranks": _ranks, "timeout": _SECONDS}


@dataclass(frozen=True)
class Kind:
    """How to build one kind of player; `options` gives the reader of each option's text.

    `targets` are the only texts allowed after the colon, where they are known; with `needs_target` there must be one.
    With `free`, options of other names are passed on unchanged.
    """

    make: Callable[[Spec, dict[str, Any], int | None], Player]
    takes_target: bool
    options: dict[str, Callable[[str], Any]]
    needs_target: bool = False
    targets: Collection[str] = ()
    free: bool = False


KINDS = {
    "random": Kind(_random, False, {}),
    "greedy": Kind(_greedy, False, {}),
    "lm": Kind(
        _lm,
        True,
        {
            "temperature": _TEMPERATURE, "top_p": _SHARE, "device": str,
            "result": _word("unknown", "win", "draw", "loss"), "rating": _count, "sampling": _word("moves", "tokens"),
            "oversight": _number(0, 1),
            "taylor": _even,
        },
    ),
    "mcts": Kind(
        _mcts,
        True,
        {
            "nodes": _count, "movetime": _SECONDS, "batch": _count, "cpuct": _number(0), "fpu": _number(0),
            "noise": _number(0, 1), "temperature": _TEMPERATURE, "history": _yes_or_no,
            "tactics": _number(0, 1), "advice_depth": _count, "advice_nodes": _count, "device": str,
        },
    ),
    "alphabeta": Kind(
        _alphabeta, False, {"nodes": _count, "depth": _count, "movetime": _SECONDS, "hash": _count}
    ),
    "uci": Kind(_external, True, _EXTERNAL, needs_target=True, free=True),
    "ucci": Kind(_external, True, _EXTERNAL, needs_target=True, free=True),
    "level": Kind(_level, True, {"device": str}, needs_target=True, targets=tuple(LEVELS)),
}  # fmt: skip


# ------------------------------------------------------------------------------------------------ reading


def parse_spec(text: str) -> Spec:
    """Read a spec; raises BadConfig naming the part that is wrong, including a value out of range."""
    head, _, query = text.partition("?")
    kind, _, target = head.partition(":")
    if kind not in KINDS:
        raise BadConfig(f"player {text!r}: unknown kind {kind!r}{nearest(kind, KINDS)}")
    _check_target(text, kind, target)
    try:
        options = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise BadConfig(f"player {text!r}: options are written name=value&name=value") from None
    for name, value in options:
        if not name.strip() or not (name + value).isprintable():  # a line feed would begin another command
            raise BadConfig(f"player {text!r}: options are written name=value&name=value")
        known = {**KINDS[kind].options, **MANNERS}
        if name not in known and not KINDS[kind].free:
            raise BadConfig(f"player {text!r}: unknown option {name!r}{nearest(name, known)}")
    spec = Spec(kind, target, tuple(options))
    names = [name for name, _value in options]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadConfig(f"player {text!r}: {twice[0]} is given twice")
    for name, value in options:
        _read(spec, name, value)
    return spec


def _check_target(text: str, kind: str, target: str) -> None:
    rules = KINDS[kind]
    if target and not rules.takes_target:
        raise BadConfig(f"player {text!r}: {kind} is written without a colon")
    if rules.needs_target and not target.strip():
        what = "a level" if rules.targets else "a program"
        raise BadConfig(f"player {text!r}: {kind} needs {what} after a colon")
    if rules.targets and target not in rules.targets:
        raise BadConfig(f"player {text!r}: unknown {kind} {target!r}{nearest(target, rules.targets)}")
    if rules.free:
        try:
            _command(target)
        except ValueError as fault:
            raise BadConfig(f"player {text!r}: {str(fault).lower()}") from None


def with_device(spec: Spec, device: str | None) -> Spec:
    """Return the spec for another device, where its kind of player runs on one."""
    if device is None or "device" not in KINDS[spec.kind].options:
        return spec
    kept = tuple(option for option in spec.options if option[0] != "device")
    return replace(spec, options=(*kept, ("device", device)))


def make_player(text: str | Spec, seed: int | None = None) -> Player:
    """Build a player; raises BadConfig for a bad spec and BadCheckpoint for a bad model. `seed` fixes its
    randomness.
    """
    spec = parse_spec(text) if isinstance(text, str) else text
    options = {name: _read(spec, name, value) for name, value in spec.options if name not in MANNERS}
    player = KINDS[spec.kind].make(spec, options, seed)
    player.manners = manners_of(spec)
    return player


def manners_of(spec: Spec) -> Manners:
    """Return what a spec says of resigning and draws; raises BadConfig."""
    return Manners(**{name: _read(spec, name, value) for name, value in spec.options if name in MANNERS})


def _read(spec: Spec, name: str, value: str) -> Any:
    reader = MANNERS.get(name) or KINDS[spec.kind].options.get(name)
    try:
        return value if reader is None else reader(value)
    except ValueError as fault:
        raise BadConfig(f"player {str(spec)!r}: {name}: expected {fault}, found {value[:80]!r}") from None
