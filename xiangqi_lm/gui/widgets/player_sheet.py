"""The sheet for a user-defined opponent: model or engine, temperature, time or nodes per move."""

from __future__ import annotations

from collections.abc import Sequence

from ..game.texts import brief, say
from .controls import Action, Choice, Intent, Picker
from .forms import Form
from .line import Line

KINDS = ("lm", "mcts", "alphabeta")
TEMPERATURES = ("0", "0.3", "0.6", "1", "1.5")
LIMITS = (
    "movetime=0.5", "movetime=1", "movetime=2", "movetime=5", "movetime=10", "movetime=30", "nodes=100", "nodes=400",
    "nodes=1600", "nodes=10000", "nodes=100000",
)  # fmt: skip
DEFAULT = "default"  # the shipped model


class PlayerSheet(Form):
    """A sheet whose controls depend on the kind of player; `models` are pairs (text in a spec, name of the model)."""

    def __init__(self, models: Sequence[tuple[str, str]]):
        super().__init__("player", "", 620)
        self._models = list(models)
        self._kind = KINDS[0]

    def build(self, language: str) -> None:
        self.title = say(language, "player_title")
        kinds = [(kind, say(language, f"kind_{kind}")) for kind in KINDS]
        self.controls = [Choice("kind", "", kinds, self._kind, self._turn)]
        if self._kind != "alphabeta":
            models = [(DEFAULT, say(language, "player_model_default")), *self._models]
            self.controls.append(Picker("model", say(language, "player_model"), models, DEFAULT))
            degrees = [(degree, degree) for degree in TEMPERATURES]
            chosen = "0.6" if self._kind == "lm" else "0"
            self.controls.append(Choice("temperature", say(language, "player_temperature"), degrees, chosen))
        if self._kind != "lm":
            limits = [(limit, limit_words(language, limit)) for limit in LIMITS]
            self.controls.append(Picker("limit", say(language, "player_limit"), limits, "movetime=2"))
        note = say(language, "player_name_note")
        self.controls.append(Line("name", "", say(language, "engine_name"), 40, note))
        self.buttons = [
            Action("cancel", say(language, "cancel"), lambda: ("close", None)),
            Action("ok", say(language, "player_add"), self._add, main=True),
        ]

    def _turn(self, kind: str) -> Intent:
        self._kind = kind
        self.controls = [c for c in self.controls if c.name != "temperature"]  # each kind has its usual name
        return "again", None

    def spec(self) -> str:
        """Return the spec of the described player."""
        v = self.values()
        options = [f"temperature={v['temperature']}"] if "temperature" in v else []
        options += [v["limit"]] if "limit" in v else []
        target = f":{v['model']}" if "model" in v else ""
        return f"{self._kind}{target}?{'&'.join(options)}"

    def _add(self) -> Intent:
        return "add_player", (brief(self.values()["name"].strip(), 40), self.spec())


def limit_words(language: str, limit: str) -> str:
    """Return a text for `movetime=2` or `nodes=400`."""
    name, _, value = limit.partition("=")
    return say(language, f"kind_{name}", **{name: value})
