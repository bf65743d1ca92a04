"""What each choice of tokens, input, attention, objective and data does: small models, trained equally long.

Run: python -m benchmarks.experiments --data SHARDS --labels LABELS --out DIR [--seconds N] [ROW ...]

Each row is one training and one evaluation by the commands of the program, which are printed; DIR/table.md holds the
table. Rows that are done are not done again, so the run can be stopped and gone on with at any time. Training time is
computing time (CPU seconds of the training process, on a GPU wall seconds), the same for all rows; a slower model sees
fewer games in it. Use one thread (OMP_NUM_THREADS=1) where other programs run beside it.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

from xiangqi_lm.files import write_text

SMALL = ("optim.kind=muon", "optim.rate=3e-3", "optim.schedule=linear", "optim.decay=0.8", "model.dropout=0")
MOVES_ONLY = ("model.board=none",)
LABELS = "--labels"  # stands for the label file

ROWS: dict[str, tuple[str, ...]] = {
    "base: move tokens, board, legal moves": (),
    # tokens x input
    "move tokens, moves only": MOVES_ONLY,
    "square tokens, moves only": (*MOVES_ONLY, "model.tokenizer=square", "model.context=512"),
    "char tokens, moves only": (*MOVES_ONLY, "model.tokenizer=char", "model.context=1024"),
    "square tokens, board, legal moves": ("model.tokenizer=square", "model.context=512"),
    "char tokens, board, legal moves": ("model.tokenizer=char", "model.context=1024"),
    "board without legal moves": ("model.legal_moves=no",),
    # board encoders and heads
    "board by convolution": ("model.board=convolution",),
    "board by attention over squares": ("model.board=attention",),
    "board with piece status": ("model.board=piece_status",),
    "legal bias": ("model.legal_bias=yes",),
    "piece status and legal bias": ("model.board=piece_status", "model.legal_bias=yes"),
    "bilinear head": ("model.head=bilinear",),
    # objectives
    "lm alone": ("terms.legal=0",),
    "legal-only lm": ("terms.lm=0", "terms.legal=0", "terms.legal_only=1"),
    "TeaForN, N = 2": ("terms.teaforn=1", "teaforn.passes=2"),
    "TeaForN, N = 3": ("terms.teaforn=1", "teaforn.passes=3"),
    "TeaForN, N = 2, moves only": (*MOVES_ONLY, "terms.teaforn=1", "teaforn.passes=2"),
    "Taylor output": ("terms.lm=0", "terms.legal=0", "terms.taylor=1"),
    "label smoothing 0.05": ("terms.lm=0.95", "terms.smooth=0.05"),
    "winners' moves only": ("outcomes.draw=0", "outcomes.loss=0", "outcomes.unknown=0"),
    "weighted by result": ("outcomes.draw=0.7", "outcomes.loss=0.4", "outcomes.unknown=0.7"),
    # attention and positions
    "Performer": ("model.attention=performer",),
    "even Taylor attention": ("model.attention=taylor",),
    "rotary positions": ("model.positions=rotary",),
    # schedule and data
    "AdamW": ("optim.kind=adamw", "optim.rate=1e-3"),
    "length curriculum": ("curriculum=original",),
    "length curriculum, moves only": (*MOVES_ONLY, "curriculum=original"),
    "no mirror images": ("mirror=no",),
    "a fifth teacher's labels": (LABELS, "labels_share=0.2"),
    "half teacher's labels": (LABELS, "labels_share=0.5"),
}


def folder_name(row: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in row)


def commands(row: str, asked: argparse.Namespace) -> list[list[str]]:
    """The training and the evaluation of a row."""
    run = asked.out / folder_name(row)
    program = [sys.executable, "-m", "xiangqi_lm"]
    settings = [*SMALL, *(s for s in ROWS[row] if s != LABELS), f"budget_seconds={asked.seconds}", f"seed={asked.seed}"]
    settings += ["evaluate_every=100000", "evaluate_games=20", "save_every=200"]
    train = [*program, "train", "--data", str(asked.data), "--out", str(run), "--preset", "small"]
    if LABELS in ROWS[row]:
        train += ["--labels", str(asked.labels)]
    for setting in settings:
        train += ["--set", setting]
    if (run / "last").exists():
        train = [*program, "train", "--data", str(asked.data), "--out", str(run), "--resume"]
        train += ["--labels", str(asked.labels)] if LABELS in ROWS[row] else []
    figures = ["--json", str(run / "figures.json"), "--games", str(asked.games)]
    return [train, [*program, "evaluate", "--model", str(run / "last"), str(asked.data), *figures]]


def do(row: str, asked: argparse.Namespace) -> None:
    """Train and measure a row that is not done yet."""
    run = asked.out / folder_name(row)
    if (run / "figures.json").exists():
        return
    for command in commands(row, asked):
        print("$", shlex.join(command), flush=True)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def plies_seen(run: Path) -> int:
    """How many plies, labelled positions included, a run was trained on."""
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return sum(json.loads(line)["plies"] for line in lines)


HEADINGS = (
    "row", "parameters", "plies seen", "top-1", "95 %", "bits", "legal top-1", "illegal mass 0-19 / 20-59 / 60-",
    "value bits", "value error",
)  # fmt: skip


def table(asked: argparse.Namespace) -> str:
    """The rows done so far in Markdown."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---" * len(HEADINGS) + "|"]
    for row in ROWS:
        run = asked.out / folder_name(row)
        if not (run / "figures.json").exists():
            continue
        figures = json.loads((run / "figures.json").read_text(encoding="utf-8"))
        card = json.loads((run / "last" / "card.json").read_text(encoding="utf-8"))
        mass = " / ".join(f"{phase['illegal_mass']:.3f}" for phase in figures["by_phase"].values())
        low, high = figures["intervals"]["top1"]
        cells = (
            row, f"{card['parameters'] / 1e6:.2f} M", f"{plies_seen(run) / 1e6:.2f} M", f"{figures['top1']:.4f}",
            f"{low:.3f}-{high:.3f}", f"{figures['bits_per_move']:.3f}", f"{figures['legal_top1']:.4f}", mass,
            f"{figures['value_bits']:.3f}", f"{figures['value_error']:.3f}",
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="a folder of shards")
    options.add_argument("--labels", type=Path, help="a file of teacher's labels, for the rows that use one")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--seconds", type=float, default=90, help="computing time of each training")
    options.add_argument("--games", type=int, default=200, help="validation games to measure on, drawn evenly")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("rows", nargs="*", metavar="ROW", help="beginnings of rows' names; default: all")
    asked = options.parse_args()
    chosen = [row for start in asked.rows or [""] for row in ROWS if row.startswith(start)]
    for row in chosen:
        if LABELS in ROWS[row] and asked.labels is None:
            print(f"left out, no --labels: {row}")
            continue
        try:
            do(row, asked)
        except subprocess.CalledProcessError as fault:
            print(f"{row}: ended with exit code {fault.returncode}; the other rows go on", file=sys.stderr)
        write_text(asked.out / "table.md", table(asked))
    print(table(asked), end="")


if __name__ == "__main__":
    main()
