"""The options of an engine: what `option` lines declare and `setoption` lines set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import XiangqiError


@dataclass(frozen=True)
class Option:
    """A setting that an engine offers; `type` is check, spin, combo, button or string. With `free`, a combo accepts
    values beyond those it lists."""

    name: str
    type: str
    default: str = ""
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    free: bool = False

    def parse(self, name: str, text: str) -> str:
        """Return a value as the option spells it; `name` is the option's name in errors. Raises XiangqiError if bad."""
        if self.type == "spin":
            return self._parse_spin(name, text)
        if self.type in ("check", "combo"):
            known = self.choices if self.type == "combo" else ("true", "false")
            for choice in known:
                if choice.lower() == text.lower():
                    return choice
            if known and not self.free:
                words = ", ".join(known)[:200] + " ..." * (len(", ".join(known)) > 200)
                raise XiangqiError(f"setoption {name}: expected one of {words}, found {text[:80]!r}")
        return "" if text == "<empty>" else text

    def _parse_spin(self, name: str, text: str) -> str:
        least, most = self.least, self.most
        bounds = "" if least is None or most is None else f" from {least} to {most}"
        whole = re.fullmatch(r"[-+]?[0-9]{1,15}", text)
        if not whole or (least is not None and most is not None and not least <= int(text) <= most):
            raise XiangqiError(f"setoption {name}: expected a whole number{bounds}, found {text[:80]!r}")
        return text


def parse_option(line: str) -> Option | None:
    """Read `option name N type T ...`, or UCCI's `option N type T ...`; return None for anything else."""
    found = re.fullmatch(r"option (?:name )?(.+?) type (\w+)(.*)", line.strip())
    if not found:
        return None
    tail = found[3]
    least, most = (re.search(rf" {word} (-?[0-9]{{1,18}})(?= |$)", tail) for word in ("min", "max"))
    default = re.search(r" default ?(.*?)(?= (?:min|max|var) |$)", tail)
    return Option(
        found[1],
        found[2],
        default[1] if default else "",
        int(least[1]) if least else None,
        int(most[1]) if most else None,
        tuple(re.findall(r" var (.+?)(?= (?:var|default|min|max) |$)", tail)),
    )


def format_option(option: Option) -> str:
    parts = [f"option name {option.name} type {option.type}"]
    if option.type == "string":
        parts.append(f"default {option.default or '<empty>'}")
    elif option.type != "button":
        parts.append(f"default {option.default}")
    if option.least is not None and option.most is not None:
        parts.append(f"min {option.least} max {option.most}")
    return " ".join((*parts, *(f"var {choice}" for choice in option.choices)))


def parse_setoption(words: Sequence[str]) -> tuple[str, str]:
    """Return name and value of `name N [value V]`; raises XiangqiError."""
    found = re.fullmatch(r"name (.+?)(?: value(?: (.*))?)?", " ".join(words))
    if not found:
        raise XiangqiError("setoption: expected name <name> [value <value>]")
    return found[1], found[2] or ""


def format_setoption(name: str, value: str) -> str:
    return f"setoption name {name}" + (f" value {value}" if value else "")
