"""The effect of each choice of tokens, input, trunk, attention, output, objective and data on small models.

Run: python -m benchmarks.experiments --data SHARDS --labels LABELS --out DIR [--group NAME] [--seconds N] [ROW ...]

Each row is a training and an evaluation by commands of the program, which are printed; DIR/GROUP.md holds the table of
a group, with means over --seeds. Finished rows are not repeated, so a run can be stopped and resumed at any time, and
groups share rows; a folder keeps the length, games and settings it was started with. Training time is computing time
(CPU seconds of the training process, on a GPU wall seconds), the same for all rows; a slower model sees fewer games in
it. The warm-up is the same share of a run of any length. Use one thread (OMP_NUM_THREADS=1) if other programs run
beside it.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.subsets import subset
from xiangqi_lm.config import preset
from xiangqi_lm.files import write_json, write_text

SMALL = ("optim.kind=muon", "optim.rate=3e-3", "optim.schedule=linear", "optim.decay=0.8", "model.dropout=0")
MOVES_ONLY = ("model.board=none",)
SQUARE, CHAR = ("model.tokenizer=square", "model.context=512"), ("model.tokenizer=char", "model.context=1024")
LABELS = "--labels"  # stands for the label file
GAMES = "--games="  # prefix: number of training games to learn from
PRETRAIN = "--pretrain="  # prefix: a setting of a pretraining that comes first, on all games
PRETRAIN_SHARE = 1 / 3  # share of a row's time
PRESET = "--preset="  # prefix: name of a preset to train unchanged, without SMALL

Rows = dict[str, tuple[str, ...]]

BASE: Rows = {"base: move tokens, board, legal moves": ()}
SMOOTHED: Rows = {"label smoothing 0.05": ("terms.lm=0.95", "terms.smooth=0.05")}
TAYLOR = ("model.output=taylor",)

CHOICES: Rows = BASE | {
    # tokens x input
    "move tokens, moves only": MOVES_ONLY,
    "square tokens, moves only": (*MOVES_ONLY, *SQUARE),
    "char tokens, moves only": (*MOVES_ONLY, *CHAR),
    "square tokens, board, legal moves": SQUARE,
    "char tokens, board, legal moves": CHAR,
    "board without legal moves": ("model.legal_moves=no",),
    # board encoders and heads
    "board by convolution": ("model.board=convolution",),
    "board by attention over squares": ("model.board=attention",),
    "board with piece status": ("model.board=piece_status",),
    "legal bias": ("model.legal_bias=yes",),
    "piece status and legal bias": ("model.board=piece_status", "model.legal_bias=yes"),
    # objectives
    "lm alone": ("terms.legal=0",),
    "legal-only lm": ("terms.lm=0", "terms.legal=0", "terms.legal_only=1"),
    "TeaForN, N = 2": ("terms.teaforn=1", "teaforn.passes=2"),
    "TeaForN, N = 3": ("terms.teaforn=1", "teaforn.passes=3"),
    "TeaForN, N = 2, moves only": (*MOVES_ONLY, "terms.teaforn=1", "teaforn.passes=2"),
    "winners' moves only": ("outcomes.draw=0", "outcomes.loss=0", "outcomes.unknown=0"),
    "weighted by result": ("outcomes.draw=0.7", "outcomes.loss=0.4", "outcomes.unknown=0.7"),
    # attention
    "Performer": ("model.attention=performer",),
    # schedule and data
    "AdamW": ("optim.kind=adamw", "optim.rate=1e-3"),
    "length curriculum": ("curriculum=original",),
    "length curriculum, moves only": (*MOVES_ONLY, "curriculum=original"),
    "no mirror images": ("mirror=no",),
    "a fifth teacher's labels": (LABELS, "labels_share=0.2"),
    "half teacher's labels": (LABELS, "labels_share=0.5"),
}

# ------------------------------------------------------------------------------------------------ columns

Column = Callable[[dict[str, Any], dict[str, Any], Path], float | str]  # from the report, the model's card and the run


def plies_seen(run: Path) -> int:
    """Count the plies, including labelled positions, that a run was trained on."""
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return sum(json.loads(line)["plies"] for line in lines)


def _phases(key: str) -> dict[str, Column]:
    """Return a column of a figure for each phase of the game."""

    def column(phase: str) -> Column:
        return lambda report, card, run: report["by_phase"][phase][key]

    return {f"{key.replace('_', ' ')} {phase}": column(phase) for phase in ("0-19", "20-59", "60-")}


def _ahead(k: int) -> Column:
    """Return the column of the k-th move ahead on the model's own continuations."""
    return lambda report, card, run: report["rollout"]["ahead"][k - 1]["accuracy"]


SIZE: dict[str, Column] = {
    "parameters (M)": lambda report, card, run: card["parameters"] / 1e6,
    "plies seen (M)": lambda report, card, run: plies_seen(run) / 1e6,
}
POLICY: dict[str, Column] = {
    "top-1": lambda report, card, run: report["top1"],
    "±": lambda report, card, run: (report["intervals"]["top1"][1] - report["intervals"]["top1"][0]) / 2,
    "bits": lambda report, card, run: report["bits_per_move"],
}
CALIBRATION: dict[str, Column] = {"calibration error": lambda report, card, run: report["policy_error"]}
LEGALITY: dict[str, Column] = {"legal top-1": lambda report, card, run: report["legal_top1"], **_phases("illegal_mass")}
VALUE: dict[str, Column] = {
    "value bits": lambda report, card, run: report.get("value_bits", "-"),
    "value error": lambda report, card, run: report["value_error"],
}


def _gap(key: str, sign: int) -> Column:
    """Return the column for how much worse a figure is on held-out games than on training games."""

    def column(report: dict[str, Any], card: dict[str, Any], run: Path) -> float:
        learned = json.loads((run / LEARNED).read_text(encoding="utf-8"))
        return sign * (learned[key] - report[key])

    return column


def seconds_a_step(report: dict[str, Any], card: dict[str, Any], run: Path) -> float:
    """Return the computing time of a step."""
    state = json.loads((run / "last" / "state.json").read_text(encoding="utf-8"))
    return state["computing"] / state["step"]


LEARNED = "figures-learned.json"  # of a group with `gap`: figures on the training games
GAP: dict[str, Column] = {
    "top-1 gap": _gap("top1", 1),
    "bits gap": _gap("bits_per_move", -1),
    "s a step": seconds_a_step,
}
AHEAD: dict[str, Column] = {f"move {k} ahead": _ahead(k) for k in (1, 2, 3)}


# ------------------------------------------------------------------------------------------------ groups


@dataclass(frozen=True)
class Group:
    """Rows to compare, each with a name and settings; the figures to compare, and options of `evaluate` for them."""

    rows: Rows
    columns: dict[str, Column]
    evaluate: tuple[str, ...] = ()
    gap: bool = False  # measure on the training games too


def _trunks(*more: str) -> Rows:
    words = ", moves only" if more else ""
    cells = {"simple RNN": "rnn", "LSTM": "lstm", "GRU": "gru", "output-gated cell": "output_gated"}
    return {name + words: (*more, f"model.trunk={trunk}") for name, trunk in cells.items()}


def _teaforn(tokens: str, *more: str) -> Rows:
    """Return rows for one kind of tokens: plain, reading hidden states, reading the likeliest tokens' vectors."""
    two = (*more, "terms.teaforn=1", "teaforn.passes=2")
    return {
        f"{tokens} tokens, moves only": more,
        f"{tokens} tokens, moves only, TeaForN N = 2": two,
        f"{tokens} tokens, moves only, TeaForN N = 2 of top 4": (*two, "teaforn.top_k=4"),
    }


FEW = (f"{GAMES}2000", "batch_tokens=2048")
NONE = "2,000 games"


def _descent(rate: float, steps: int, penalty: float = 0.0) -> tuple[str, ...]:
    """Return the settings of plain gradient descent; rate times steps is the same at every rate."""
    plain = ("optim.kind=sgd", "optim.momentum=0", "optim.clip=0", "optim.weight_decay=0", "optim.decay=0")
    return (*FEW, *plain, f"optim.rate={rate}", f"steps={steps}", "optim.warmup=0", f"regularisers.penalty={penalty}")


FINITE_RATE: Rows = {
    "gradient descent, 30 steps of 0.4": _descent(0.4, 30),
    "gradient descent, 120 steps of 0.1": _descent(0.1, 120),
    "gradient descent, 120 steps of 0.1, penalty 0.075": _descent(0.1, 120, 0.075),
    NONE: FEW,
    f"{NONE}, a quarter of the rate": (*FEW, "optim.rate=7.5e-4"),
    f"{NONE}, a quarter of the rate, penalty 0.05": (*FEW, "optim.rate=7.5e-4", "regularisers.penalty=0.05"),
}
REGULARISED: Rows = {NONE: FEW} | {
    f"{NONE}, {name} {strength}": (*FEW, f"regularisers.{name}={strength}", *more)
    for name, strengths, more in (
        ("penalty", (0.02, 0.1), ()),
        ("flood", (4.5, 5.0), ()),
        ("fgm", (0.3, 1.0), ()),
        ("vat", (0.3, 1.0), ()),
    )
    for strength in strengths
}


def _pretrained(*games: str) -> Rows:
    """Return rows from scratch and after each kind of pretraining, for several numbers of games."""
    words = "10 % of the games" if games else "all games"
    kinds = {"SimSiam": (), "SimSiam, mean of views": ("target=mean",), "BYOL": ("method=byol",)}
    begun = {name: (*games, f"{PRETRAIN}views.ahead=2", *(PRETRAIN + s for s in more)) for name, more in kinds.items()}
    return {f"{words}, from scratch": games} | {f"{words}, after {name}": settings for name, settings in begun.items()}


PRETRAINED: Rows = _pretrained(f"{GAMES}2702") | _pretrained()

GROUPS = {
    "choices": Group(CHOICES, SIZE | POLICY | LEGALITY | VALUE),
    "recurrent": Group(
        BASE | _trunks() | {"move tokens, moves only": MOVES_ONLY} | _trunks(*MOVES_ONLY),
        SIZE | POLICY | _phases("top1") | _phases("illegal_mass"),
    ),
    "taylor": Group(
        BASE
        | {f"Taylor output, n = {n}": (*TAYLOR, f"model.output_order={n}") for n in (2, 4, 6)}
        | {"Taylor output, n = 4, monotone": (*TAYLOR, "model.output_monotone=yes")}
        | {"even Taylor attention": ("model.attention=taylor",)}
        | SMOOTHED
        | {"label smoothing 0.1": ("terms.lm=0.9", "terms.smooth=0.1")},
        SIZE | POLICY | CALIBRATION | LEGALITY,
    ),
    "inputs": Group(
        BASE
        | {"rotary positions": ("model.positions=rotary",), "no positions": ("model.positions=none",)}
        | {"bilinear head": ("model.head=bilinear",)},
        SIZE | POLICY | LEGALITY,
    ),
    "performer": Group(
        BASE
        | {f"Performer, m = {m}": ("model.attention=performer", f"model.features={m}") for m in (64, 128, 256, 512)},
        SIZE | POLICY,
    ),
    "teaforn": Group(
        _teaforn("square", *MOVES_ONLY, *SQUARE) | _teaforn("char", *MOVES_ONLY, *CHAR),
        SIZE | POLICY | LEGALITY | AHEAD,
        ("--rollout", "3"),
    ),
    "finite-rate": Group(FINITE_RATE, SIZE | POLICY | GAP, gap=True),
    "regularisers": Group(REGULARISED, SIZE | POLICY | GAP, gap=True),
    "pretraining": Group(PRETRAINED, SIZE | POLICY | VALUE),
    "original": Group(
        {"original system": (f"{PRESET}original",), "default": (f"{PRESET}default",)},
        SIZE | POLICY | _phases("top1") | _phases("legal_top1") | _phases("illegal_mass"),
    ),
}

# ------------------------------------------------------------------------------------------------ running


def folder(row: str, seed: int, asked: argparse.Namespace) -> Path:
    """Return the folder of a row's run with a seed."""
    return asked.out / ("".join(c if c.isalnum() else "-" for c in row) + (f"-seed-{seed}" if seed > 1 else ""))


def _named(settings: tuple[str, ...], option: str) -> list[str]:
    """Return the text after a prefix, if one of the settings has it."""
    return [s.removeprefix(option) for s in settings if s.startswith(option)]


def shards_of(settings: tuple[str, ...], asked: argparse.Namespace) -> Path:
    """Return the shards that a row learns from; a part of the given ones is made here."""
    games = _named(settings, GAMES)
    return subset(asked.data, int(games[0]), asked.out / f"shards-{games[0]}") if games else asked.data


def pretraining(settings: tuple[str, ...], seed: int, asked: argparse.Namespace) -> tuple[Path, list[str]]:
    """Return the folder and the command of a row's pretraining, shared by rows with the same one."""
    chosen = _named(settings, PRETRAIN)
    run = asked.out / "".join(c if c.isalnum() else "-" for c in f"views {' '.join(chosen)} seed {seed}")
    command = [sys.executable, "-m", "xiangqi_lm", "pretrain", "--data", str(asked.data), "--out", str(run)]
    if (run / "last").exists():
        return run, [*command, "--resume"]
    chosen += [f"budget_seconds={asked.seconds * PRETRAIN_SHARE}", f"seed={seed}", "evaluate_every=100000"]
    sets = [part for setting in [*chosen, "save_every=200"] for part in ("--set", setting)]
    return run, [*command, "--preset", "small", *sets]


def steps_of(begun: str, steps: int) -> list[str]:
    """Return the settings of a run of a preset with that number of steps; the warm-up keeps its share of them."""
    whole = preset(begun)
    return [f"steps={steps}", f"optim.warmup={round(whole.optim.warmup / whole.steps * steps)}"]


def training(row: str, settings: tuple[str, ...], seed: int, asked: argparse.Namespace) -> list[str]:
    """Return the command that trains a row, resuming if it was interrupted."""
    run = folder(row, seed, asked)
    train = [sys.executable, "-m", "xiangqi_lm", "train", "--data", str(shards_of(settings, asked)), "--out", str(run)]
    train += ["--labels", str(asked.labels)] if LABELS in settings else []
    if (run / "last").exists():
        return [*train, "--resume"]
    named = _named(settings, PRESET)
    changed = [*(() if named else SMALL), *asked.set, *(s for s in settings if not s.startswith("--"))]
    begun = named[0] if named else "small"
    seconds = asked.seconds
    if _named(settings, PRETRAIN):
        train += ["--init", str(pretraining(settings, seed, asked)[0] / "last")]
        seconds *= 1 - PRETRAIN_SHARE
    changed += [f"seed={seed}", "evaluate_every=100000", "evaluate_games=20", "save_every=200"]
    long = steps_of(begun, asked.steps) if asked.steps else [f"budget_seconds={seconds}"]
    changed += [] if _named(settings, "steps=") else long
    train += ["--preset", begun]
    return [*train, *(part for setting in changed for part in ("--set", setting))]


def report_of(row: str, group: Group, seed: int, asked: argparse.Namespace) -> Path:
    """Return the file that holds a row's figures; groups that measure other figures have a file of their own."""
    return folder(row, seed, asked) / ("figures" + "".join(group.evaluate) + ".json")


def commands(row: str, group: Group, seed: int, asked: argparse.Namespace) -> Iterator[tuple[Path, list[str]]]:
    """Yield what is left to do for a row: commands, each with the file that exists once it is done."""
    run, report, settings = folder(row, seed, asked), report_of(row, group, seed, asked), group.rows[row]
    if _named(settings, PRETRAIN):
        views, command = pretraining(settings, seed, asked)
        yield views / "trained", command
    yield run / "trained", training(row, settings, seed, asked)
    measure = [
        sys.executable,
        "-m",
        "xiangqi_lm",
        "evaluate",
        "--model",
        str(run / "last"),
        "--games",
        str(asked.games),
    ]
    if group.gap:
        learned = str(shards_of(settings, asked))
        yield run / LEARNED, [*measure, learned, "--split", "train", "--json", str(run / LEARNED)]
    yield report, [*measure, str(asked.data), *group.evaluate, "--json", str(report)]


def do(row: str, group: Group, seed: int, asked: argparse.Namespace) -> None:
    """Train and measure a row unless that is done already."""
    if report_of(row, group, seed, asked).exists():
        return
    for done, command in commands(row, group, seed, asked):
        if done.exists():
            continue
        print("$", shlex.join(command), flush=True)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        if done.suffix != ".json":
            write_text(done, "")


# ------------------------------------------------------------------------------------------------ tables


def _cells(row: str, group: Group, asked: argparse.Namespace) -> Iterator[str]:
    """Yield a row's figures as texts: means over the finished seeds, and of several the range of top-1 and bits."""
    seeds = [seed for seed in range(1, asked.seeds + 1) if report_of(row, group, seed, asked).exists()]
    found: list[dict[str, float | str]] = []
    for seed in seeds:
        run = folder(row, seed, asked)
        report = json.loads(report_of(row, group, seed, asked).read_text(encoding="utf-8"))
        card = json.loads((run / "last" / "card.json").read_text(encoding="utf-8"))
        found.append({name: column(report, card, run) for name, column in group.columns.items()})
    yield row
    if asked.seeds > 1:
        yield str(len(seeds))
    for name in group.columns:
        values = [one[name] for one in found]
        numbers = [x for x in values if not isinstance(x, str)]
        text = f"{sum(numbers) / len(numbers):.{2 if name in SIZE else 4 if 'top' in name else 3}f}" if numbers else "-"
        if name in ("top-1", "bits") and len(numbers) > 1:
            digits = 4 if name == "top-1" else 3
            text += f" ({min(numbers):.{digits}f}-{max(numbers):.{digits}f})"
        yield text


def table(group: Group, asked: argparse.Namespace) -> str:
    """Return the finished rows in Markdown."""
    headings = ["row", *(["seeds"] if asked.seeds > 1 else []), *group.columns]
    done = [row for row in group.rows if report_of(row, group, 1, asked).exists()]
    lines = [headings, ["---"] * len(headings), *(list(_cells(row, group, asked)) for row in done)]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def keep_to(asked: argparse.Namespace) -> None:
    """Raise SystemExit where the folder holds rows of other lengths, games or settings; else note these there."""
    noted, these = asked.out / "asked.json", {key: getattr(asked, key) for key in ("seconds", "steps", "games", "set")}
    if noted.exists() and (before := json.loads(noted.read_text(encoding="utf-8"))) != these:
        raise SystemExit(f"{asked.out} holds rows made with {before}: give these, or another folder")
    asked.out.mkdir(parents=True, exist_ok=True)
    write_json(noted, these)


def run_group(name: str, asked: argparse.Namespace) -> None:
    """Run the chosen rows of a group and write its table after each."""
    keep_to(asked)
    group = GROUPS[name]

    def named(start: str) -> list[str]:
        return [start] if start in group.rows else [row for row in group.rows if row.startswith(start)]

    chosen = [row for start in asked.rows or [""] for row in named(start)]
    for row, seed in [(row, seed) for seed in range(1, asked.seeds + 1) for row in chosen]:
        if LABELS in group.rows[row] and asked.labels is None:
            print(f"left out, no --labels: {row}")
            continue
        try:
            do(row, group, seed, asked)
        except subprocess.CalledProcessError as fault:
            print(f"{row}: ended with exit code {fault.returncode}; the other rows follow", file=sys.stderr)
        write_text(asked.out / f"{name}.md", table(group, asked))
    print(table(group, asked), end="")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="a folder of shards")
    options.add_argument("--labels", type=Path, help="a file of teacher's labels, for the rows that use one")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--group", choices=GROUPS, default="choices", help="which rows are compared (choices)")
    options.add_argument("--seconds", type=float, default=90, help="computing time of each training (90)")
    options.add_argument("--steps", type=int, help="steps of each training, in place of a time")
    options.add_argument("--games", type=int, default=200, help="validation games to measure on, drawn evenly (200)")
    options.add_argument(
        "--set", action="append", default=[], metavar="A.B=C", help="a setting of all rows, which a row's own outweighs"
    )
    options.add_argument("--seeds", type=int, default=1, help="how many trainings of each row are averaged (1)")
    options.add_argument(
        "rows", nargs="*", metavar="ROW", help="rows, or beginnings of their names; default: all of the group"
    )
    asked = options.parse_args()
    run_group(asked.group, asked)


if __name__ == "__main__":
    main()
