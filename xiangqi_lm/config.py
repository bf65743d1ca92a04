"""Every setting of a model and a training run: frozen dataclasses, presets as literals, `--set a.b=c`, JSON."""

from __future__ import annotations

import dataclasses
import json
import math
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
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
    """Raise BadConfig where a setting is out of its bounds, no finite number, or none of the known words."""
    for one in dataclasses.fields(config):
        value, bounds, known = getattr(config, one.name), one.metadata.get("bounds"), one.metadata.get("among")
        if known and value not in known:
            raise BadConfig(f"setting {one.name}: expected one of {', '.join(known)}, found {value!r}")
        if bounds and not (
            math.isfinite(value) and all(_HOLDS[words](value, bound) for words, bound in bounds.items())
        ):
            wanted = " and ".join(f"{words} {bound:g}" for words, bound in bounds.items())
            raise BadConfig(f"setting {one.name} must be {wanted}; it is {value}")


MODEL_CHOICES = {
    "tokenizer": ("move", "square", "char"),
    "board": ("sum", "piece_status", "convolution", "attention", "none"),
    "trunk": ("transformer", "rnn", "lstm", "gru", "output_gated"),
    "positions": ("learned", "rotary", "none"),
    "attention": ("softmax", "performer", "taylor"),
    "head": ("softmax", "bilinear"),
    "output": ("softmax", "taylor"),
}


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the GPT."""

    width: int = setting(256, least=1, most=1 << 16)
    layers: int = setting(8, least=1, most=1000)
    heads: int = setting(4, least=1, most=1 << 16)
    context: int = setting(256, least=2, most=1 << 20)  # tokens the model looks back on
    mlp_ratio: int = setting(4, least=1, most=64)
    dropout: float = setting(0.1, least=0, below=1)
    # tokens of a move: move (1), square (2), char (4)
    tokenizer: str = setting("move", among=MODEL_CHOICES["tokenizer"])
    # how the exact board is shown: none, or one of the encoders of model.embeddings
    board: str = setting("sum", among=MODEL_CHOICES["board"])
    legal_moves: bool = True  # show the model the legal moves of both sides beside the board; without a board never
    legal_bias: bool = False  # the policy head adds a learned weight to each legal move's score; without a board never
    move_classes: bool = False  # the policy head adds to legal moves' scores by what they do, see rules.move_classes
    conditions: bool = False  # show the model the result wanted and the level of play
    trunk: str = setting("transformer", among=MODEL_CHOICES["trunk"])  # attention in the layers, or recurrent cells
    positions: str = setting("learned", among=MODEL_CHOICES["positions"])  # learned, rotary or none
    attention: str = setting("softmax", among=MODEL_CHOICES["attention"])  # softmax, performer or taylor
    features: int = setting(
        0, least=0, most=1 << 16
    )  # random features a head of a Performer; 0: twice the head's width
    # softmax over the moves, or bilinear: from square x to square
    head: str = setting("softmax", among=MODEL_CHOICES["head"])
    # what makes scores probabilities: softmax, or the even Taylor softmax of `output_order`
    output: str = setting("softmax", among=MODEL_CHOICES["output"])
    output_order: int = setting(4, least=2, most=100)
    output_monotone: bool = False  # the Taylor softmax stays at its minimum left of it, where it would grow again

    def __post_init__(self) -> None:
        check_bounds(self)
        if self.width % self.heads:
            raise BadConfig(f"setting heads: {self.heads} heads do not divide a width of {self.width}")
        if self.positions == "rotary" and self.width // self.heads % 2:
            raise BadConfig(f"setting positions: rotary turns pairs, and a head's {self.width // self.heads} are odd")
        for name in ("context", "output_order"):
            if getattr(self, name) % 2:
                raise BadConfig(f"setting {name} must be even; it is {getattr(self, name)}")
        if self.head == "bilinear" and self.tokenizer != "move":
            raise BadConfig(f"setting head: bilinear scores whole moves, a {self.tokenizer} is not one")
        if self.board == "none":  # they would tell where the pieces stand
            object.__setattr__(self, "legal_moves", False)
            object.__setattr__(self, "legal_bias", False)
            object.__setattr__(self, "move_classes", False)
        for name in ("legal_bias", "move_classes"):
            if getattr(self, name) and not (self.legal_moves and self.tokenizer == "move"):
                raise BadConfig(
                    f"setting {name}: only where the legal moves are shown and a move is one token; else {name}=no"
                )


OPTIM_CHOICES = {"kind": ("adamw", "muon", "sgd"), "schedule": ("cosine", "linear")}


@dataclass(frozen=True)
class OptimConfig:
    """The optimiser, with a linear warm-up and a way down to `floor` times the peak.

    `muon` moves the matrices inside the blocks by Muon and all else by AdamW, at one rate; `sgd` is gradient descent,
    plain with `momentum=0` and `clip=0`. `cosine` goes down over the whole run;
    `linear` stays at the peak and goes down a straight line over the last `decay` of it.
    """

    kind: str = setting("adamw", among=OPTIM_CHOICES["kind"])
    rate: float = setting(1e-3, above=0)
    schedule: str = setting("cosine", among=OPTIM_CHOICES["schedule"])
    decay: float = setting(0.5, least=0, most=1)  # share of the run
    floor: float = setting(0.01, least=0, most=1)
    warmup: int = setting(300, least=0)  # steps; the same share of the run where `budget_seconds` rule it
    weight_decay: float = setting(0.1, least=0)
    beta1: float = setting(0.9, least=0, below=1)
    beta2: float = setting(0.98, least=0, below=1)
    momentum: float = setting(0.95, least=0, below=1)  # of Muon and SGD
    clip: float = setting(1.0, least=0)  # longest gradient; 0: any length

    def __post_init__(self) -> None:
        check_bounds(self)


@dataclass(frozen=True)
class TermsConfig:
    """Weights of the terms that add up to the loss, see training.objectives.TERMS; 0 leaves a term out."""

    lm: float = setting(1.0, least=0)  # the move played, among all
    legal_only: float = setting(0.0, least=0)  # the move played, among the legal ones
    teaforn: float = setting(0.0, least=0)  # the move played, seen from the model's own moves before
    taylor: float = setting(0.0, least=0)  # lm of a model whose output is the Taylor softmax
    smooth: float = setting(0.0, least=0)  # a legal move drawn evenly
    # a teacher's moves by their scores; then labels ask for these in place of the best move alone
    ranked: float = setting(0.0, least=0)
    legal: float = setting(0.25, least=0)  # any legal move
    value: float = setting(0.2, least=0)  # the result

    def __post_init__(self) -> None:
        names = [f.name for f in dataclasses.fields(self)]
        check_bounds(self)
        if not any(getattr(self, name) for name in names):
            raise BadConfig("setting terms: all weights are 0: nothing to learn")

    @property
    def teaforn_alone(self) -> bool:
        """Return whether no other term has a weight."""
        return not any(getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "teaforn")


@dataclass(frozen=True)
class TeaForNConfig:
    """The term teaforn: `passes` N, each weighing `decay` times the one before; what is read is the hidden state, or
    with `top_k` the mean vector of that many likeliest tokens."""

    passes: int = setting(2, least=1)
    decay: float = setting(0.5, above=0)
    top_k: int = setting(0, least=0)

    def __post_init__(self) -> None:
        check_bounds(self)


@dataclass(frozen=True)
class RankedConfig:
    """The soft target of the term ranked: `best` of it is the best move's alone, the rest is shared out over all the
    moves that the teacher named, in proportion to exp(score / temperature)."""

    temperature: float = setting(60.0, above=0)  # centipawns
    best: float = setting(0.5, least=0, most=1)

    def __post_init__(self) -> None:
        check_bounds(self)


@dataclass(frozen=True)
class RegularisersConfig:
    """What is added to a step beside its terms, see training.regularisers; 0 leaves each out."""

    # times the squared length of the loss's gradient in all weights
    penalty: float = setting(0.0, least=0)
    # its gradient by double backward instead of by the difference of two gradients
    penalty_exact: bool = False
    # how far apart, in the space of all weights, the two are taken
    penalty_probe: float = setting(0.1, above=0)
    flood: float = setting(0.0, least=0)  # the loss, in nats, below which a step goes uphill
    fgm: float = setting(0.0, least=0)  # length of the adversarial step of the input embedding's weights
    vat: float = setting(0.0, least=0)  # weight of virtual adversarial training
    vat_radius: float = setting(1.0, above=0)  # how far a ply's input vector is moved, root mean square over a game
    vat_probe: float = setting(0.5, above=0)  # the same where the power iteration takes its gradients
    vat_rounds: int = setting(1, least=1, most=100)  # of the power iteration

    def __post_init__(self) -> None:
        check_bounds(self)
        if self.penalty_exact and self.fgm:
            raise BadConfig("setting penalty_exact must be no with fgm, whose step has derivatives of its own")

    @property
    def passes(self) -> float:
        """About how many forward and backward passes a step makes, in those of a step without."""
        again = 4.0 if self.penalty_exact else 2.0
        return (1 + self.vat_rounds * bool(self.vat)) * (2 if self.fgm else 1) * (again if self.penalty else 1)


@dataclass(frozen=True)
class OutcomesConfig:
    """How much a move counts by how the game ended for who played it; winners' moves alone: all 0 but `win`."""

    win: float = setting(1.0, least=0)
    draw: float = setting(1.0, least=0)
    loss: float = setting(1.0, least=0)
    unknown: float = setting(1.0, least=0)

    def __post_init__(self) -> None:
        check_bounds(self)
        if not any(getattr(self, f.name) for f in dataclasses.fields(self)):
            raise BadConfig("setting outcomes: all weights are 0: no move to learn")


def curriculum_stages(text: str) -> list[tuple[float, float]]:
    """Return `1/8@0,1/4@0.25,1@0.5` as (share of the context that games are cut to, share of the run it begins at)."""
    named = {"none": "1@0", "original": "1/8@0,1/4@0.25,1/2@0.5,1@0.75"}
    stages = []
    for stage in named.get(text, text).split(","):
        length, _, begins = stage.partition("@")
        top, slash, bottom = length.partition("/")
        try:
            stages.append((float(top) / (float(bottom) if slash else 1.0), float(begins)))
        except (ValueError, ZeroDivisionError):
            raise BadConfig(
                f"setting curriculum: {stage!r} in {text!r}: expected {', '.join(named)} or as in 1/8@0,1/4@0.25,1@0.5"
            ) from None
    starts = [begins for _, begins in stages]
    if starts != sorted(set(starts)) or starts[0] != 0 or not all(begins < 1 for begins in starts):
        raise BadConfig(f"setting curriculum: {text!r}: stages begin at 0 and each after the one before, below 1")
    if not all(0 < length <= 1 for length, _ in stages):
        raise BadConfig(f"setting curriculum: {text!r}: a length is a share of the context, above 0 and up to 1")
    return stages


@dataclass(frozen=True)
class TrainConfig:
    """One training run."""

    model: ModelConfig = field(default_factory=ModelConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    terms: TermsConfig = field(default_factory=TermsConfig)
    teaforn: TeaForNConfig = field(default_factory=TeaForNConfig)
    ranked: RankedConfig = field(default_factory=RankedConfig)
    regularisers: RegularisersConfig = field(default_factory=RegularisersConfig)
    outcomes: OutcomesConfig = field(default_factory=OutcomesConfig)
    steps: int = setting(8000, least=1)
    # stop after so much computing time instead: CPU seconds, on a GPU wall seconds
    budget_seconds: float = setting(0.0, least=0)
    batch_tokens: int = setting(6144, least=1)  # tokens a batch, padding included
    accumulate: int = setting(1, least=1)  # batches a step, on each process
    mirror: bool = True  # show each game as it is or reflected, at random
    curriculum: str = "none"  # short beginnings of games first: none, original, or stages as 1/8@0,1/4@0.25,1@0.5
    # share of games whose result, and whose levels, a model with conditions is not told
    condition_dropout: float = setting(0.2, least=0, most=1)
    labels_share: float = setting(0.2, least=0, below=1)  # of a batch's positions, where label files are given
    labels_weight: float = setting(1.0, least=0)  # of a labelled position, against 1 of a ply of a game
    # of a batch's tokens, where games with a teacher's answers are given by --taught
    taught_share: float = setting(0.2, least=0, below=1)
    # what the moves played in these count, and results where the teacher said nothing
    taught_played: float = setting(0.0, least=0)
    # decay of a running average of the weights, which is then what is evaluated and kept; 0: none
    ema: float = setting(0.0, least=0, below=1)
    seed: int = setting(1, least=0, below=1 << 63)
    evaluate_every: int = setting(500, least=1)
    evaluate_games: int = setting(400, least=1)
    # stop after this number of evaluations in a row without a better one; 0: never
    patience: int = setting(0, least=0)
    save_every: int = setting(500, least=1)
    # bf16 autocast where the device has fast bf16: auto, bf16, float32
    precision: str = setting("auto", among=("auto", "bf16", "float32"))
    compile: bool = False  # torch.compile: needs a C++ compiler on a CPU
    # of several processes: each holds the whole model (ddp), or they share it out (fsdp)
    parallel: str = setting("ddp", among=("ddp", "fsdp"))

    def __post_init__(self) -> None:
        check_bounds(self)
        curriculum_stages(self.curriculum)
        self._check_effects()
        if self.terms.taylor and self.model.output != "taylor":
            object.__setattr__(self, "model", dataclasses.replace(self.model, output="taylor"))

    def _check_effects(self) -> None:
        """Raise BadConfig where settings change nothing, or where nothing would be learned."""
        recurrent = self.model.trunk != "transformer"
        for name, chosen in (("attention", ("performer", "taylor")), ("positions", ("rotary",))):
            if recurrent and getattr(self.model, name) in chosen:
                raise BadConfig(f"setting {name}: without effect unless model.trunk is transformer")
        if self.model.features and self.model.attention != "performer":
            raise BadConfig("setting features: without effect unless model.attention is performer")
        if self.model.output_monotone and not (self.model.output == "taylor" or self.terms.taylor):
            raise BadConfig("setting output_monotone: without effect unless model.output is taylor")
        if not self.terms.teaforn and self.teaforn != TeaForNConfig():
            raise BadConfig("setting teaforn: without effect while terms.teaforn is 0")
        if not self.terms.ranked and self.ranked != RankedConfig():
            raise BadConfig("setting ranked: without effect while terms.ranked is 0")
        self._check_regularisers()
        if self.teaforn.passes == 1 and self.terms.teaforn_alone:
            raise BadConfig("setting teaforn.passes: one pass is lm, which is left out: nothing to learn")

    def _check_regularisers(self) -> None:
        """Raise BadConfig for details of a regulariser that is left out, and for what was never tried together."""
        chosen, plain = self.regularisers, RegularisersConfig()
        for name in ("penalty", "vat"):
            details = [f.name for f in dataclasses.fields(chosen) if f.name.startswith(f"{name}_")]
            changed = [one for one in details if getattr(chosen, one) != getattr(plain, one)]
            if changed and not getattr(chosen, name):
                raise BadConfig(f"setting regularisers.{changed[0]}: without effect while regularisers.{name} is 0")
        if self.parallel == "fsdp" and any((chosen.penalty, chosen.fgm, chosen.vat)):
            raise BadConfig("setting regularisers: penalty, fgm and vat need whole weights: use parallel=ddp")


RENAMED = {"value_weight": "terms.value", "legal_weight": "terms.legal"}  # settings as older runs wrote them
OLD_CHOICES = {("board", "standing"): "piece_status"}  # and their values


PRESETS: dict[str, TrainConfig] = {
    "default": TrainConfig(  # the shipped model
        model=ModelConfig(board="piece_status", legal_bias=True, dropout=0.05),
        optim=OptimConfig(kind="muon", rate=2.5e-3, schedule="linear", decay=0.8),
        steps=3200,
        labels_share=0.15,
        evaluate_every=400,
        save_every=100,
    ),
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
    "large": TrainConfig(  # 90 million parameters, for a GPU
        model=ModelConfig(width=768, layers=12, heads=12, board="piece_status", legal_bias=True),
        optim=OptimConfig(kind="muon", schedule="linear", warmup=500),
        steps=20_000,
        batch_tokens=65_536,
        compile=True,
    ),
    "original": TrainConfig(  # moves as characters and nothing else, short games first: the idea as it was first told
        model=ModelConfig(tokenizer="char", board="none", context=512),
        terms=TermsConfig(legal=0.0, value=0.0),
        batch_tokens=16 * 512,
        curriculum="original",
    ),
}


def preset(name: str) -> TrainConfig:
    """Return a named starting point; raises BadConfig naming the nearest."""
    if name not in PRESETS:
        raise BadConfig(f"no preset {name!r}{nearest(name, PRESETS)}")
    return PRESETS[name]


def _convert(key: str, value: Any, like: Any) -> Any:
    """A JSON or command-line value as the type of the setting it replaces."""
    try:
        if isinstance(like, bool):
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[str(value).lower()]
        if isinstance(like, int):
            if float(value) != int(float(value)):
                raise ValueError
            return int(value) if str(value).isdecimal() else int(float(value))  # 1e4, but large ones to the last digit
        return type(like)(value)
    except (KeyError, ValueError, TypeError, OverflowError):
        raise BadConfig(f"setting {key}: {value!r} is not of type {type(like).__name__}") from None


def _field_or_fail(config: Any, name: str, key: str) -> Any:
    known = [f.name for f in dataclasses.fields(config)]
    if name not in known:
        raise BadConfig(f"no setting {key!r}{nearest(name, known)}")
    return getattr(config, name)


def _note(changes: dict[str, Any], config: Any, key: str, value: Any, place: str = "") -> None:
    """Put a dotted setting's new value among the nested changes; raises BadConfig for unknown keys and wrong types."""
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
    """A copy with nested changes, made all at once: settings that only fit together need no order."""
    new = {name: _replaced(getattr(config, name), x) if isinstance(x, dict) else x for name, x in changes.items()}
    return dataclasses.replace(config, **new)


def with_settings(config: Settings, assignments: Iterable[str]) -> Settings:
    """Return a copy with `a.b=c` texts of the command line applied."""
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
    """Build a configuration from parsed JSON; settings that are missing keep their defaults."""
    if not isinstance(values, dict):
        raise BadConfig(f"settings: expected names with values, found {type(values).__name__}")
    config = kind()
    changes: dict[str, Any] = {}
    for key, value in _dotted(values):
        _note(changes, config, RENAMED.get(key, key) if kind is TrainConfig else key, value, place)
    return _replaced(config, changes)
