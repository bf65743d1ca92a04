"""All settings of models and training runs: frozen dataclasses, and presets as literals."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from .config_fields import check_bounds, setting
from .errors import BadConfig, nearest

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
    """The shape of the model."""

    width: int = setting(256, least=1, most=1 << 16)
    layers: int = setting(8, least=1, most=1000)
    heads: int = setting(4, least=1, most=1 << 16)
    context: int = setting(256, least=2, most=1 << 20)  # tokens the model can look back on
    mlp_ratio: int = setting(4, least=1, most=64)
    dropout: float = setting(0.1, least=0, below=1)
    # tokens of a move: move (1), square (2), char (4)
    tokenizer: str = setting("move", among=MODEL_CHOICES["tokenizer"])
    # how the exact board is shown: none, or one of the encoders of model.embeddings
    board: str = setting("sum", among=MODEL_CHOICES["board"])
    legal_moves: bool = True  # the input also shows the legal moves of both sides; needs a board
    legal_bias: bool = False  # the policy head adds a learned weight to the scores of legal moves; needs a board
    move_classes: bool = False  # the policy head adds weights of rules.move_classes to the scores of legal moves
    conditions: bool = False  # the input also has the desired result and the level of play
    trunk: str = setting("transformer", among=MODEL_CHOICES["trunk"])  # attention or recurrent cells
    positions: str = setting("learned", among=MODEL_CHOICES["positions"])  # learned, rotary or none
    attention: str = setting("softmax", among=MODEL_CHOICES["attention"])  # softmax, performer or taylor
    features: int = setting(
        0, least=0, most=1 << 16
    )  # random features per head of a Performer; 0: twice the head's width
    # softmax over the moves, or bilinear in from-square and to-square
    head: str = setting("softmax", among=MODEL_CHOICES["head"])
    # how scores become probabilities: softmax, or the Taylor softmax of the even order `output_order`
    output: str = setting("softmax", among=MODEL_CHOICES["output"])
    output_order: int = setting(4, least=2, most=100)
    output_monotone: bool = False  # keep the Taylor softmax at its minimum for scores below it, instead of rising again

    def __post_init__(self) -> None:
        check_bounds(self)
        if self.width % self.heads:
            raise BadConfig(f"setting heads: a width of {self.width} is not divisible by {self.heads} heads")
        if self.positions == "rotary" and self.width // self.heads % 2:
            raise BadConfig(f"setting positions: rotary needs an even width per head; it is {self.width // self.heads}")
        for name in ("context", "output_order"):
            if getattr(self, name) % 2:
                raise BadConfig(f"setting {name} must be even; it is {getattr(self, name)}")
        if self.head == "bilinear" and self.tokenizer != "move":
            raise BadConfig(f"setting head: bilinear needs tokenizer=move; it is {self.tokenizer}")
        if self.board == "none":  # they would reveal where the pieces are
            object.__setattr__(self, "legal_moves", False)
            object.__setattr__(self, "legal_bias", False)
            object.__setattr__(self, "move_classes", False)
        for name in ("legal_bias", "move_classes"):
            if getattr(self, name) and not (self.legal_moves and self.tokenizer == "move"):
                raise BadConfig(f"setting {name}: needs legal_moves=yes and tokenizer=move; else set {name}=no")


OPTIM_CHOICES = {"kind": ("adamw", "muon", "sgd"), "schedule": ("cosine", "linear")}


@dataclass(frozen=True)
class OptimConfig:
    """The optimiser and its learning rate: linear warm-up, then decay to `floor` times the peak.

    `muon` updates the matrices inside the blocks by Muon and all other weights by AdamW, at the same rate; `sgd` is
    plain gradient descent with `momentum=0` and `clip=0`. `cosine` decays over the whole run; `linear` stays at the
    peak and decays linearly over the last `decay` of the run.
    """

    kind: str = setting("adamw", among=OPTIM_CHOICES["kind"])
    rate: float = setting(1e-3, above=0)
    schedule: str = setting("cosine", among=OPTIM_CHOICES["schedule"])
    decay: float = setting(0.5, least=0, most=1)  # share of the run
    floor: float = setting(0.01, least=0, most=1)
    warmup: int = setting(300, least=0)  # steps; with `budget_seconds` the same share of the run
    weight_decay: float = setting(0.1, least=0)
    beta1: float = setting(0.9, least=0, below=1)
    beta2: float = setting(0.98, least=0, below=1)
    momentum: float = setting(0.95, least=0, below=1)  # for Muon and SGD
    clip: float = setting(1.0, least=0)  # maximum gradient norm; 0: no clipping

    def __post_init__(self) -> None:
        check_bounds(self)


@dataclass(frozen=True)
class TermsConfig:
    """Weights of the terms of the loss (see training.objectives.TERMS); 0 leaves a term out."""

    lm: float = setting(1.0, least=0)  # the move played, among all moves
    legal_only: float = setting(0.0, least=0)  # the move played, among the legal moves
    teaforn: float = setting(0.0, least=0)  # the move played, predicted from the model's own earlier predictions
    taylor: float = setting(0.0, least=0)  # lm for models with the Taylor softmax as output
    smooth: float = setting(0.0, least=0)  # a uniformly random legal move
    # a teacher's moves by their scores; labels then train these instead of the best move alone
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
    """The term teaforn: N `passes`, each with `decay` times the weight of the one before; a pass reads the hidden state
    or, with `top_k`, the mean vector of that many likeliest tokens."""

    passes: int = setting(2, least=1)
    decay: float = setting(0.5, above=0)
    top_k: int = setting(0, least=0)

    def __post_init__(self) -> None:
        check_bounds(self)


@dataclass(frozen=True)
class RankedConfig:
    """The soft target of the term ranked: a share `best` goes to the best move alone, the rest to all moves of the
    teacher, in proportion to exp(score / temperature)."""

    temperature: float = setting(60.0, above=0)  # centipawns
    best: float = setting(0.5, least=0, most=1)

    def __post_init__(self) -> None:
        check_bounds(self)


@dataclass(frozen=True)
class RegularisersConfig:
    """Regularisers of a training step (see training.regularisers); 0 leaves each out."""

    # weight of the squared norm of the loss's gradient over all weights
    penalty: float = setting(0.0, least=0)
    # compute its gradient by double backward instead of a difference of two gradients
    penalty_exact: bool = False
    # distance of these two gradients, in the space of all weights
    penalty_probe: float = setting(0.1, above=0)
    flood: float = setting(0.0, least=0)  # the loss, in nats, below which steps ascend
    fgm: float = setting(0.0, least=0)  # length of the adversarial step on the input embedding's weights
    vat: float = setting(0.0, least=0)  # weight of virtual adversarial training
    vat_radius: float = setting(1.0, above=0)  # perturbation of a ply's input vector, root mean square over a game
    vat_probe: float = setting(0.5, above=0)  # the same for the gradients of the power iteration
    vat_rounds: int = setting(1, least=1, most=100)  # rounds of the power iteration

    def __post_init__(self) -> None:
        check_bounds(self)
        if self.penalty_exact and self.fgm:
            raise BadConfig("setting penalty_exact must be no with fgm, which computes its own derivatives")

    @property
    def passes(self) -> float:
        """Return the approximate cost of a step, relative to a step without regularisers."""
        again = 4.0 if self.penalty_exact else 2.0
        return (1 + self.vat_rounds * bool(self.vat)) * (2 if self.fgm else 1) * (again if self.penalty else 1)


@dataclass(frozen=True)
class OutcomesConfig:
    """Weights of moves by the result for the player; to learn only winners' moves, set all but `win` to 0."""

    win: float = setting(1.0, least=0)
    draw: float = setting(1.0, least=0)
    loss: float = setting(1.0, least=0)
    unknown: float = setting(1.0, least=0)

    def __post_init__(self) -> None:
        check_bounds(self)
        if not any(getattr(self, f.name) for f in dataclasses.fields(self)):
            raise BadConfig("setting outcomes: all weights are 0: no move to learn")


def curriculum_stages(text: str) -> list[tuple[float, float]]:
    """Return `1/8@0,1/4@0.25,1@0.5` as pairs (share of the context to cut games to, share of the run it starts at)."""
    named = {"none": "1@0", "original": "1/8@0,1/4@0.25,1/2@0.5,1@0.75"}
    stages = []
    for stage in named.get(text, text).split(","):
        length, _, begins = stage.partition("@")
        top, slash, bottom = length.partition("/")
        try:
            stages.append((float(top) / (float(bottom) if slash else 1.0), float(begins)))
        except (ValueError, ZeroDivisionError):
            raise BadConfig(
                f"setting curriculum: {stage!r} in {text!r}: expected {', '.join(named)} or stages as in 1/8@0,1@0.5"
            ) from None
    starts = [begins for _, begins in stages]
    if starts != sorted(set(starts)) or starts[0] != 0 or not all(begins < 1 for begins in starts):
        raise BadConfig(f"setting curriculum: {text!r}: stages begin at 0, each later than the one before, all below 1")
    if not all(0 < length <= 1 for length, _ in stages):
        raise BadConfig(f"setting curriculum: {text!r}: a length is a share of the context, above 0 and up to 1")
    return stages


ONLY = {"heads": ("policy", "classes", "value"), "value": ("value",)}  # parts of a model that may learn alone


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
    # stop after this computing time instead of `steps`: CPU seconds, or wall seconds on a GPU
    budget_seconds: float = setting(0.0, least=0)
    batch_tokens: int = setting(6144, least=1)  # tokens per batch, including padding
    accumulate: int = setting(1, least=1)  # batches per step, in each process
    only: str = setting("all", among=("all", *ONLY))  # the parts of the model that learn; the others stay as they are
    mirror: bool = True  # mirror games at random
    curriculum: str = "none"  # train on short beginnings of games first: none, original, or as 1/8@0,1/4@0.25,1@0.5
    # share of games without the result, and of those without the levels, for models with conditions
    condition_dropout: float = setting(0.2, least=0, most=1)
    labels_share: float = setting(0.2, least=0, below=1)  # share of a batch's positions from label files, if given
    labels_weight: float = setting(1.0, least=0)  # weight of a labelled position; a ply of a game has 1
    # share of a batch's tokens from games with a teacher's answers, given by --taught
    taught_share: float = setting(0.2, least=0, below=1)
    # weight of the moves played in these games, and of results without a teacher's answer
    taught_played: float = setting(0.0, least=0)
    # decay of a moving average of the weights, which is then evaluated and saved; 0: none
    ema: float = setting(0.0, least=0, below=1)
    seed: int = setting(1, least=0, below=1 << 63)
    evaluate_every: int = setting(500, least=1)
    evaluate_games: int = setting(400, least=1)
    # stop after this many evaluations in a row without improvement; 0: never
    patience: int = setting(0, least=0)
    save_every: int = setting(500, least=1)
    # auto (bf16 autocast if the device has fast bf16), bf16 or float32
    precision: str = setting("auto", among=("auto", "bf16", "float32"))
    compile: bool = False  # torch.compile: needs a C++ compiler on a CPU
    # with several processes: each holds the whole model (ddp), or they shard it (fsdp)
    parallel: str = setting("ddp", among=("ddp", "fsdp"))

    def __post_init__(self) -> None:
        check_bounds(self)
        curriculum_stages(self.curriculum)
        self._check_effects()
        if self.terms.taylor and self.model.output != "taylor":
            object.__setattr__(self, "model", dataclasses.replace(self.model, output="taylor"))

    def _check_effects(self) -> None:
        """Raise BadConfig for settings without effect, or with which nothing would be learned."""
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
        if self.only == "value" and not self.terms.value:
            raise BadConfig("setting only: the value learns from terms.value alone, which is 0: nothing to learn")
        if self.only != "all" and (self.regularisers.fgm or self.regularisers.penalty):
            raise BadConfig("setting only: regularisers.fgm and regularisers.penalty move all weights; use only=all")
        self._check_regularisers()
        if self.teaforn.passes == 1 and self.terms.teaforn_alone:
            raise BadConfig("setting teaforn.passes: one pass is lm, which is left out: nothing to learn")

    def _check_regularisers(self) -> None:
        """Raise BadConfig for settings of an unused regulariser, and for untested combinations."""
        chosen, plain = self.regularisers, RegularisersConfig()
        for name in ("penalty", "vat"):
            details = [f.name for f in dataclasses.fields(chosen) if f.name.startswith(f"{name}_")]
            changed = [one for one in details if getattr(chosen, one) != getattr(plain, one)]
            if changed and not getattr(chosen, name):
                raise BadConfig(f"setting regularisers.{changed[0]}: without effect while regularisers.{name} is 0")
        if self.parallel == "fsdp" and any((chosen.penalty, chosen.fgm, chosen.vat)):
            raise BadConfig("setting regularisers: penalty, fgm and vat need whole weights: use parallel=ddp")


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
    "original": TrainConfig(  # only moves as characters, short games first: the original idea
        model=ModelConfig(tokenizer="char", board="none", context=512),
        terms=TermsConfig(legal=0.0, value=0.0),
        batch_tokens=16 * 512,
        curriculum="original",
    ),
}


def preset(name: str) -> TrainConfig:
    """Return a preset; raises BadConfig naming the nearest."""
    if name not in PRESETS:
        raise BadConfig(f"unknown preset {name!r}{nearest(name, PRESETS)}")
    return PRESETS[name]
