"""Fields of configurations, which are frozen dataclasses: bounds, the command line's `a.b=c`, JSON."""

from __future__ import annotations

import dataclasses
import json
import math
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from typing import Any, TypeVar

from .errors import BadConfig, nearest

Settings = TypeVar("Settings")


def setting(
    default: Any,
    *,
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
    among: Iterable[str] = (),
) -> Any:
    """Return a dataclass field with its bounds, which `check_bounds` enforces."""
    bounds = {"at least": least, "at most": most, "above": above, "below": below}
    given = {words: bound for words, bound in bounds.items() if bound is not None}
    return field(default=default, metadata={"bounds": given, "among": tuple(among)})


_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "at least": operator.ge, "at most": operator.le, "above": operator.gt, "below": operator.lt,
}  # fmt: skip


def check_bounds(config: Any) -> None:
    """Raise BadConfig if a setting is out of bounds, not a finite number, or not one of the known words."""
    for one in dataclasses.fields(config):
        value, bounds, known = getattr(config, one.name), one.metadata.get("bounds"), one.metadata.get("among")
        if known and value not in known:
            raise BadConfig(f"setting {one.name}: expected one of {', '.join(known)}, found {value!r}")
        if bounds and not (
            math.isfinite(value) and all(_HOLDS[words](value, bound) for words, bound in bounds.items())
        ):
            wanted = " and ".join(f"{words} {bound:g}" for words, bound in bounds.items())
            raise BadConfig(f"setting {one.name} must be {wanted}; it is {value}")


# ------------------------------------------------------------------------------------------------ from texts and JSON

RENAMED = {"value_weight": "terms.value", "legal_weight": "terms.legal"}  # names of settings in older runs
OLD_CHOICES = {("board", "standing"): "piece_status"}  # and old values


def _convert(key: str, value: Any, like: Any) -> Any:
    """Return a JSON or command-line value as the type of the setting it replaces."""
    try:
        if isinstance(like, bool):
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[str(value).lower()]
        if isinstance(like, int):
            if float(value) != int(float(value)):
                raise ValueError
            return int(value) if str(value).isdecimal() else int(float(value))  # also 1e4; large integers stay exact
        return type(like)(value)
    except (KeyError, ValueError, TypeError, OverflowError):
        raise BadConfig(f"setting {key}: {value!r} is not of type {type(like).__name__}") from None


def _field_or_fail(config: Any, name: str, key: str) -> Any:
    known = [f.name for f in dataclasses.fields(config)]
    if name not in known:
        raise BadConfig(f"unknown setting {key!r}{nearest(name, known)}")
    return getattr(config, name)


def _note(changes: dict[str, Any], config: Any, key: str, value: Any, place: str = "") -> None:
    """Add a dotted setting's new value to the nested changes; raises BadConfig for unknown keys and wrong types."""
    *path, last = key.split(".")
    for name in path:
        config = _field_or_fail(config, name, place + key)
        if not dataclasses.is_dataclass(config):
            raise BadConfig(f"setting {place + key!r}: {name} has no parts")
        changes = changes.setdefault(name, {})
    old = _field_or_fail(config, last, place + key)
    if dataclasses.is_dataclass(old):
        raise BadConfig(f"setting {place + key!r}: {last} has parts: name one")
    value = _convert(place + key, value, old)
    changes[last] = OLD_CHOICES.get((last, value), value)


def _replaced(config: Any, changes: dict[str, Any]) -> Any:
    """Return a copy with nested changes made all at once, so that interdependent settings need no order."""
    new = {name: _replaced(getattr(config, name), x) if isinstance(x, dict) else x for name, x in changes.items()}
    return dataclasses.replace(config, **new)


def with_settings(config: Settings, assignments: Iterable[str]) -> Settings:
    """Return a copy with the command line's `a.b=c` assignments applied."""
    changes: dict[str, Any] = {}
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals:
            raise BadConfig(f"setting {text!r}: expected name=value")
        _note(changes, config, RENAMED.get(key.strip(), key.strip()), value.strip())
    return _replaced(config, changes)


def to_json(config: Any) -> str:
    return json.dumps(dataclasses.asdict(config), indent=1)


def _dotted(values: dict[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{place}{name}.")
        else:
            yield place + name, value


def from_dict(kind: type[Settings], values: Any, place: str = "") -> Settings:
    """Return a configuration from parsed JSON; missing settings keep their defaults."""
    if not isinstance(values, dict):
        raise BadConfig(f"settings: expected names with values, found {type(values).__name__}")
    config = kind()
    changes: dict[str, Any] = {}
    for key, value in _dotted(values):
        _note(changes, config, RENAMED.get(key, key), value, place)
    return _replaced(config, changes)
