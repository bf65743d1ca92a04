"""Every setting of a model and a training run: frozen dataclasses, presets as literals, `--set a.b=c`, JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .errors import BadConfig, nearest

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
    "board": ("sum", "piece_status", "convolution", "attention", "none"),
    "positions": ("learned", "rotary", "none"),
    "attention": ("softmax", "performer", "taylor"),
    "head": ("softmax", "bilinear"),
    "output": ("softmax", "taylor"),
}


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the GPT."""

    width: int = 256
    layers: int = 8
    heads: int = 4
    context: int = 256  # tokens the model looks back on
    mlp_ratio: int = 4
    dropout: float = 0.1
    tokenizer: str = "move"  # tokens of a move: move (1), square (2), char (4)
    board: str = "sum"  # how the exact board is shown: none, or one of the encoders of model.embeddings
    legal_moves: bool = True  # show the model the legal moves of both sides beside the board; without a board never
    legal_bias: bool = False  # the policy head adds a learned weight to each legal move's score; without a board never
    move_classes: bool = False  # the policy head adds to legal moves' scores by what they do, see rules.move_classes
    conditions: bool = False  # show the model the result wanted and the level of play
    positions: str = "learned"  # learned, rotary or none
    attention: str = "softmax"  # softmax, performer or taylor
    features: int = 0  # random features a head of a Performer; 0: twice the head's width
    head: str = "softmax"  # softmax over the moves, or bilinear: from square x to square
    output: str = "softmax"  # what makes scores probabilities: softmax, or the even Taylor softmax of `output_order`
    output_order: int = 4

    def __post_init__(self) -> None:
        _check(self, width=1, layers=1, heads=1, context=2, mlp_ratio=1, dropout=0, features=0)
        for name, known in MODEL_CHOICES.items():
            _among(self, name, known)
        if self.width % self.heads:
            raise BadConfig(f"setting heads: {self.heads} heads do not divide a width of {self.width}")
        if self.positions == "rotary" and self.width // self.heads % 2:
            raise BadConfig(f"setting positions: rotary turns pairs, and a head's {self.width // self.heads} are odd")
        if self.context % 2 or self.dropout >= 1:
            raise BadConfig("setting context must be even" if self.context % 2 else "setting dropout must be below 1")
        if self.output_order < 2 or self.output_order % 2:
            raise BadConfig(f"setting output_order: {self.output_order} is no even number from 2 on")
        if self.head == "bilinear" and self.tokenizer != "move":
            raise BadConfig(f"setting head: bilinear scores whole moves, a {self.tokenizer} is not one")
        if self.board == "none":  # they would tell where the men stand
            object.__setattr__(self, "legal_moves", False)
            object.__setattr__(self, "legal_bias", False)
            object.__setattr__(self, "move_classes", False)
        for name in ("legal_bias", "move_classes"):
            if getattr(self, name) and not (self.legal_moves and self.tokenizer == "move"):
                raise BadConfig(
                    f"setting {name}: only where the legal moves are shown and a move is one token; else {name}=no"
                )


OPTIM_CHOICES = {"kind": ("adamw", "muon"), "schedule": ("cosine", "linear")}


@dataclass(frozen=True)
class OptimConfig:
    """The optimiser, with a linear warm-up and a way down to `floor` times the peak.

    `muon` moves the matrices inside the blocks by Muon and all else by AdamW, at one rate. `cosine` goes down over the
    whole run; `linear` stays at the peak and goes down a straight line over the last `decay` of it.
    """

    kind: str = "adamw"
    rate: float = 1e-3
    schedule: str = "cosine"
    decay: float = 0.5  # share of the run
    floor: float = 0.01
    warmup: int = 300  # steps; the same share of the run where `budget_seconds` rule it
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.98
    momentum: float = 0.95  # of Muon
    clip: float = 1.0  # longest gradient; 0: any length

    def __post_init__(self) -> None:
        for name, known in OPTIM_CHOICES.items():
            _among(self, name, known)
        _check(self, rate=0, floor=0, warmup=0, decay=0, weight_decay=0, beta1=0, beta2=0, momentum=0, clip=0)
        for name in ("beta1", "beta2", "momentum"):
            if getattr(self, name) >= 1:
                raise BadConfig(f"setting {name} must be below 1")
        if self.decay > 1:
            raise BadConfig("setting decay: a share of the run is at most 1")
        if self.floor > 1 or not self.rate:
            raise BadConfig(
                "setting floor: a share of the peak is at most 1" if self.rate else "setting rate: 0 learns nothing"
            )


@dataclass(frozen=True)
class TermsConfig:
    """Weights of the terms that add up to the loss, see training.objectives.TERMS; 0 leaves a term out."""

    lm: float = 1.0  # the move played, among all
    legal_only: float = 0.0  # the move played, among the legal ones
    teaforn: float = 0.0  # the move played, seen from the model's own moves before
    taylor: float = 0.0  # lm of a model whose output is the Taylor softmax
    smooth: float = 0.0  # a legal move drawn evenly
    ranked: float = 0.0  # a teacher's moves by their scores; then labels ask for these in place of the best move alone
    legal: float = 0.25  # any legal move
    value: float = 0.2  # the result

    def __post_init__(self) -> None:
        names = [f.name for f in dataclasses.fields(self)]
        _check(self, **dict.fromkeys(names, 0.0))
        if not any(getattr(self, name) for name in names):
            raise BadConfig("setting terms: all weights are 0: nothing to learn")

    @property
    def teaforn_alone(self) -> bool:
        """Whether no other term has a weight."""
        return not any(getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "teaforn")


@dataclass(frozen=True)
class TeaForNConfig:
    """The term teaforn: `passes` N, each weighing `decay` times the one before; what is read is the hidden state, or
    with `top_k` the mean vector of so many likeliest tokens."""

    passes: int = 2
    decay: float = 0.5
    top_k: int = 0

    def __post_init__(self) -> None:
        _check(self, passes=1, decay=0, top_k=0)
        if not self.decay:
            raise BadConfig("setting decay: 0 leaves later passes out: that is passes=1")


@dataclass(frozen=True)
class RankedConfig:
    """The soft target of the term ranked: `best` of it is the best move's alone, the rest is shared out over all the
    moves that the teacher named, in proportion to exp(score / temperature)."""

    temperature: float = 60.0  # centipawns
    best: float = 0.5

    def __post_init__(self) -> None:
        _check(self, temperature=0, best=0)
        if not self.temperature:
            raise BadConfig("setting temperature: must be above 0; best=1 asks for the best move alone")
        if self.best > 1:
            raise BadConfig("setting best: a share of the target is at most 1")


@dataclass(frozen=True)
class OutcomesConfig:
    """How much a move counts by how the game ended for who played it; winners' moves alone: all 0 but `win`."""

    win: float = 1.0
    draw: float = 1.0
    loss: float = 1.0
    unknown: float = 1.0

    def __post_init__(self) -> None:
        _check(self, win=0, draw=0, loss=0, unknown=0)
        if not any(getattr(self, f.name) for f in dataclasses.fields(self)):
            raise BadConfig("setting outcomes: all weights are 0: no move to learn")


def curriculum_stages(text: str) -> list[tuple[float, float]]:
    """`1/8@0,1/4@0.25,1@0.5` as (share of the context that games are cut to, share of the run it begins at)."""
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
    outcomes: OutcomesConfig = field(default_factory=OutcomesConfig)
    steps: int = 8000
    budget_seconds: float = 0.0  # stop after so much computing time instead: CPU seconds, on a GPU wall seconds
    batch_tokens: int = 6144  # tokens a batch, padding included
    accumulate: int = 1  # batches a step, on each process
    mirror: bool = True  # show each game as it is or reflected, at random
    curriculum: str = "none"  # short beginnings of games first: none, original, or stages as 1/8@0,1/4@0.25,1@0.5
    condition_dropout: float = 0.2  # share of games whose result, and whose levels, a model with conditions is not told
    labels_share: float = 0.2  # of a batch's positions, where label files are given
    labels_weight: float = 1.0  # of a labelled position, against 1 of a ply of a game
    taught_share: float = 0.2  # of a batch's tokens, where games with a teacher's answers are given by --taught
    taught_played: float = 0.0  # what the moves played in these count, and results where the teacher said nothing
    ema: float = 0.0  # decay of a running average of the weights, which is then what is evaluated and kept; 0: none
    seed: int = 1
    evaluate_every: int = 500
    evaluate_games: int = 400
    save_every: int = 500
    precision: str = "auto"  # bf16 autocast where the device has fast bf16: auto, bf16, float32
    compile: bool = False  # torch.compile: needs a C++ compiler on a CPU
    parallel: str = "ddp"  # of several processes: each holds the whole model (ddp), or they share it out (fsdp)

    def __post_init__(self) -> None:
        _check(self, steps=1, budget_seconds=0, batch_tokens=1, labels_share=0, labels_weight=0, ema=0, seed=0)
        _check(self, taught_share=0, taught_played=0)
        _check(self, evaluate_every=1, evaluate_games=1, save_every=1, accumulate=1, condition_dropout=0)
        _among(self, "precision", ("auto", "bf16", "float32"))
        _among(self, "parallel", ("ddp", "fsdp"))
        for name in ("labels_share", "taught_share", "ema"):
            if getattr(self, name) >= 1:
                raise BadConfig(f"setting {name} must be below 1")
        if self.condition_dropout > 1:
            raise BadConfig("setting condition_dropout: a share of the games is at most 1")
        if self.seed >= 1 << 63:
            raise BadConfig(f"setting seed: {self.seed} has more than 63 bits")
        curriculum_stages(self.curriculum)
        self._check_effects()
        if self.terms.taylor and self.model.output != "taylor":
            object.__setattr__(self, "model", dataclasses.replace(self.model, output="taylor"))

    def _check_effects(self) -> None:
        """Raise BadConfig where settings change nothing, or where nothing would be learned."""
        if self.model.features and self.model.attention != "performer":
            raise BadConfig("setting features: without effect, for model.attention is no performer")
        if not self.terms.teaforn and self.teaforn != TeaForNConfig():
            raise BadConfig("setting teaforn: without effect, for terms.teaforn is 0")
        if not self.terms.ranked and self.ranked != RankedConfig():
            raise BadConfig("setting ranked: without effect, for terms.ranked is 0")
        if self.teaforn.passes == 1 and self.terms.teaforn_alone:
            raise BadConfig("setting teaforn.passes: one pass is lm, which is left out: nothing to learn")


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
    """A named starting point; raises BadConfig naming the nearest."""
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
        raise BadConfig(f"setting {key}: {value!r} is no {type(like).__name__}") from None


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
    """A copy with `a.b=c` texts of the command line applied."""
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
