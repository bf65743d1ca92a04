"""What a program that uses ours as an engine may set: the options declared to it, and the player that they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import XiangqiError
from ...model import named
from ...rules.rulesets import CHOICES, DEFAULT
from ..levels import LEVELS
from ..player import TEMPERATURE, TOP_P, Manners
from ..protocol.option import Option
from ..spec import KINDS, Spec, manners_of, parse_spec

OWN = "own"  # the Level that stands for the player that the program was started with


@dataclass(frozen=True)
class Settings:
    """All settings; `given` are the spec options that were set, as the spec spells them."""

    base: Spec
    level: str = OWN
    model: str = ""
    given: dict[str, str] = field(default_factory=dict)
    threads: int | None = None
    lines: int = 1
    wdl: bool = False
    ranks: int = 0
    overhead: float = 0.03  # seconds of each move kept back for the communication between the programs
    milliseconds: bool = False  # UCCI's clocks are in seconds unless `usemillisec` is set
    ruleset: str = DEFAULT  # for repetitions, the move limit and the like
    batch: bool = False  # UCCI: a second `go` waits for the first instead of ending it
    resign: bool | None = None  # whether it may; None: as the player's spec says
    draw: bool | None = None

    def manners(self) -> Manners:
        """Return whether the player may resign, which it does where its spec or an option says so, and speak of
        draws, which it does unless they forbid it."""
        return Manners(self.resign, self.draw).where(*_manners(self.base))

    def spec(self) -> Spec:
        """Return the player to think with; a level overrides every other option."""
        if self.level != OWN:
            return parse_spec(f"level:{self.level}")
        target = self.model if self.model and _takes_model(self.base) else self.base.target
        taken = {name: text for name, text in self.given.items() if name in KINDS[self.base.kind].options}
        return replace(self.base, target=target, options=tuple({**dict(self.base.options), **taken}.items()))


def _manners(base: Spec) -> tuple[bool, bool]:
    """Return whether the player of a spec resigns, and offers draws, unless an option says otherwise."""
    found = manners_of(base)
    return found.resign is True, found.draw is not False


def _takes_model(spec: Spec) -> bool:
    return spec.kind in ("lm", "mcts")


def _share(text: str) -> str:
    """Convert a percentage to the fraction that specs use."""
    return f"{int(text) / 100:g}"


def _given(name: str, read: Callable[[str], str] = str) -> Callable[[Settings, str], Settings]:
    return lambda settings, text: replace(settings, given={**settings.given, name: read(text)})


def _field(name: str, read: Callable[[str], Any]) -> Callable[[Settings, str], Settings]:
    return lambda settings, text: replace(settings, **{name: read(text)})


def _threads(settings: Settings, text: str) -> Settings:
    return replace(_given("threads")(settings, text), threads=int(text))


def _nothing(settings: Settings, text: str) -> Settings:
    """Ignore an option that other programs look for and we have no use for."""
    return settings


def _is_true(text: str) -> bool:
    return text == "true"


@dataclass(frozen=True)
class Setting:
    """An option with its names in UCI and in UCCI (empty if not offered there) and the effect of setting it."""

    uci: str
    ucci: str
    option: Option  # with an empty name
    set: Callable[[Settings, str], Settings]


def _check(default: bool) -> Option:
    return Option("", "check", "true" if default else "false")


def _spin(default: int, least: int, most: int) -> Option:
    return Option("", "spin", str(default), least, most)


def _percent(base: Spec, name: str, usual: float, least: int, most: int) -> Option:
    own = float(dict(base.options).get(name, usual))
    return _spin(min(max(round(100 * own), least), most), least, most)


def _models(usual: str) -> Option:
    """Return the model option: a list where the user has models of their own; a folder can always be given instead."""
    if not (own := named.own()):
        return Option("", "string", usual)
    return Option("", "combo", usual, choices=tuple(dict.fromkeys((usual, *named.shipped(), *own))), free=True)


def offered(base: Spec, ruleset: str = DEFAULT) -> tuple[Setting, ...]:
    """Return all options; their defaults are what the program was started with."""
    levels = Option("", "combo", OWN, choices=(OWN, *LEVELS))
    model = _models(base.target or "default")
    variant = Option("", "combo", "xiangqi", choices=("xiangqi",))
    rules = Option("", "combo", ruleset, choices=CHOICES)
    ranks = Option("", "combo", "0-9", choices=("0-9", "1-10"))
    table = int(dict(base.options).get("hash", 16))
    resigns, draws = _manners(base)
    sampled = 0.0 if base.kind == "mcts" else TEMPERATURE
    return (
        Setting("Threads", "threads", _spin(1, 1, 256), _threads),
        Setting("Hash", "hashsize", _spin(min(table, 65536), 1, 65536), _given("hash")),
        Setting("Ruleset", "ruleset", rules, _field("ruleset", str)),
        Setting("MultiPV", "multipv", _spin(1, 1, 128), _field("lines", int)),
        Setting("Level", "level", levels, _field("level", str)),
        Setting("Model", "model", model, _field("model", str)),
        Setting("Temperature", "temperature", _percent(base, "temperature", sampled, 0, 500),
                _given("temperature", _share)),
        Setting("TopP", "topp", _percent(base, "top_p", TOP_P, 1, 100), _given("top_p", _share)),
        Setting("Resign", "resign", _check(resigns), _field("resign", _is_true)),
        Setting("Draw", "draw", _check(draws), _field("draw", _is_true)),
        Setting("UCI_ShowWDL", "", _check(False), _field("wdl", _is_true)),
        Setting("UCI_Variant", "", variant, _nothing),
        Setting("Ranks", "", ranks, _field("ranks", lambda text: int(text == "1-10"))),
        Setting("Move Overhead", "", _spin(30, 0, 5000), _field("overhead", lambda text: int(text) / 1000)),
        Setting("Ponder", "ponder", _check(False), _nothing),
        Setting("UCI_AnalyseMode", "", _check(False), _nothing),
        Setting("Clear Hash", "", Option("", "button"), _nothing),
        Setting("nodestime", "", _spin(0, 0, 10000), _nothing),
        Setting("", "usemillisec", _check(False), _field("milliseconds", _is_true)),
        Setting("", "batch", _check(False), _field("batch", _is_true)),
        Setting("", "debug", _check(False), _nothing),
        Setting("", "usebook", _check(False), _nothing),
        Setting("", "newgame", Option("", "button"), _nothing),
    )  # fmt: skip


def declared(base: Spec, protocol: str, ruleset: str = DEFAULT) -> tuple[Option, ...]:
    """Return the options under their names in a protocol."""
    named = ((getattr(setting, protocol), setting.option) for setting in offered(base, ruleset))
    return tuple(replace(option, name=name) for name, option in named if name)


def changed(settings: Settings, protocol: str, name: str, text: str) -> Settings:
    """Return the settings with one option set; names in any case. Raises XiangqiError for a bad name or value."""
    for setting in offered(settings.base):
        if getattr(setting, protocol).lower() == name.lower() != "":
            return setting.set(settings, setting.option.parse(name, text.strip()))
    raise XiangqiError(f"setoption: unknown option {name[:80]!r}")
