"""Settings of a solver and of its training, in the style of the program's own configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...config import ModelConfig, OptimConfig
from ...errors import BadConfig
from .families import FAMILIES


@dataclass(frozen=True)
class SolverConfig:
    """Shape and vocabulary of a solver; the vocabulary is filled in from its training problems."""

    width: int = 128
    layers: int = 4
    heads: int = 4
    mlp_ratio: int = 4
    dropout: float = 0.2
    characters: str = ""  # of questions, each once; any other is read as unknown
    constants: str = ""  # numbers not in the question that expressions may use, separated by spaces

    def __post_init__(self) -> None:
        self.blocks()

    def blocks(self) -> ModelConfig:
        """Return the configuration of the transformer's blocks; raises BadConfig for an impossible shape."""
        return ModelConfig(
            width=self.width, layers=self.layers, heads=self.heads, mlp_ratio=self.mlp_ratio, dropout=self.dropout,
            board="none", positions="rotary",
        )  # fmt: skip


@dataclass(frozen=True)
class SolverTrainConfig:
    """One training run of a solver."""

    model: SolverConfig = field(default_factory=SolverConfig)
    optim: OptimConfig = field(
        default_factory=lambda: OptimConfig(kind="muon", rate=2.5e-3, schedule="linear", decay=0.7, warmup=100)
    )
    steps: int = 3400
    budget_seconds: float = 0.0  # stop after this much computing time instead: CPU seconds, on a GPU wall seconds
    batch: int = 64  # problems per batch
    accumulate: int = 1  # batches per step
    generated_share: float = 0.25  # share of generated problems in a batch; 1 without problem files
    families: str = ""  # families to generate, such as chickens,chickens,ages: as often as named; empty: all alike
    longest: int = 100  # longest problem to learn from, in columns; the few longer ones cost several times their share
    masked: float = 0.1  # share of a question's characters hidden in training
    denoise: float = 0.2  # weight of predicting the hidden characters, relative to 1 for the expression
    ema: float = 0.998  # decay of the running average of the weights, which is evaluated and kept; 0: none
    validation: float = 0.05  # share of the problems held out to select the best weights
    seed: int = 1
    evaluate_every: int = 500
    evaluate_problems: int = 400
    save_every: int = 500
    patience: int = 0  # stop after this number of evaluations in a row without improvement; 0: never
    precision: str = "auto"  # auto, bf16 or float32
    parallel: str = "ddp"  # as in the program's own runs; a solver trains in one process

    def __post_init__(self) -> None:
        whole = ("steps", "batch", "accumulate", "evaluate_every", "save_every", "evaluate_problems", "longest")
        least_values = dict.fromkeys(whole, 1) | {
            "batch": 2,
            "longest": 8,
            "budget_seconds": 0,
            "seed": 0,
            "patience": 0,
            "denoise": 0,
        }
        for name, least in least_values.items():
            if not getattr(self, name) >= least:
                raise BadConfig(f"setting {name}: {getattr(self, name)} is below {least}")
        for name, bound in (("batch", 1 << 16), ("accumulate", 1 << 16), ("longest", 1 << 16), ("steps", 1 << 40)):
            if getattr(self, name) > bound:
                raise BadConfig(f"setting {name}: {getattr(self, name)} is above {bound}")
        for name, most in (("generated_share", 1), ("masked", 0.9), ("ema", 0.99999), ("validation", 0.5)):
            if not 0 <= getattr(self, name) <= most:
                raise BadConfig(f"setting {name}: {getattr(self, name)}: expected a number from 0 to {most}")
        for name in self.named():
            if name not in FAMILIES:
                raise BadConfig(f"setting families: {name!r}: expected {', '.join(FAMILIES)}, separated by commas")
        if self.precision not in ("auto", "bf16", "float32"):
            raise BadConfig(f"setting precision: {self.precision!r}: expected auto, bf16 or float32")

    def named(self) -> tuple[str, ...]:
        """Return the families to generate, as often as they are named."""
        return tuple(name.strip() for name in self.families.split(",")) if self.families else ()


PRESETS: dict[str, SolverTrainConfig] = {
    "default": SolverTrainConfig(),
    "tiny": SolverTrainConfig(
        model=SolverConfig(width=32, layers=2, heads=2, dropout=0.0),
        optim=OptimConfig(rate=3e-3, warmup=5),
        steps=30, batch=16, ema=0.0, evaluate_every=15, evaluate_problems=16, save_every=15,
    ),
}  # fmt: skip
