"""`xiangqi-lm word-problems`."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadConfig
from ..files import write_json
from . import options

if TYPE_CHECKING:
    from ..tasks.word_problems.problems import Problem
    from ..tasks.word_problems.run import SolverRun
    from ..tasks.word_problems.solving import Solution

SHIPPED = "word-problems"
SHOWN = 80  # characters of a question without an answer that are repeated


def _path(words: str, **more: Any) -> dict[str, Any]:
    return {"type": click.Path(path_type=Path, dir_okay=False), "help": words, **more}


@click.group("word-problems", short_help="Solve grade-school word problems in Chinese.")
def word_problems() -> None:
    """Solve grade-school word problems in Chinese: a question in, an expression and its exact value out.

    Example: xiangqi-lm word-problems solve "鸡兔同笼，共35个头，94只脚，鸡兔各几只？"
    """


# ------------------------------------------------------------------------------------------------ data


@word_problems.command()
@click.option("--count", default=1000, show_default=True, type=click.IntRange(1), help="Number of problems.")
@click.option(
    "--family", "families", multiple=True, help="Only problems of this family; may be repeated.  [default: all]"
)
@click.option("--held-out", is_flag=True, help="Use only wordings that training never uses.")
@click.option("--seed", default=0, show_default=True, help="Seed; the same seed gives the same problems.")
@click.option("--out", **_path("JSON lines to write; standard output without it."))
def generate(count: int, families: tuple[str, ...], held_out: bool, seed: int, out: Path | None) -> None:
    """Make problems of the classic families, with expressions and answers.

    Example: xiangqi-lm word-problems generate --count 100 --family chickens --out problems.jsonl
    """
    from ..tasks.word_problems import generator, problems
    from ..tasks.word_problems.families import FAMILIES

    for name in families:
        if name not in FAMILIES:
            known = ", ".join(FAMILIES)
            raise click.BadParameter(f"{name!r} is unknown; known are {known}", param_hint="--family")
    rng = random.Random(seed)
    made = [generator.generate(rng, families, held_out) for _ in range(count)]
    if out is None:
        click.echo(problems.lines(made), nl=False)
        return
    problems.write(out, made)
    click.echo(f"{len(made):,} problems: {out}")


@word_problems.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--out", **_path("JSON lines to write.", required=True))
@click.option("--json", "report", **_path("Write the counts here."))
def clean(files: tuple[Path, ...], out: Path, report: Path | None) -> None:
    """Clean Ape210K as it is distributed (.jsonl, also .xz or .gz), with a count for every rule.

    Example: xiangqi-lm word-problems clean train.ape.jsonl --out clean.jsonl
    """
    from ..tasks.word_problems import cleaning, problems

    items: list[problems.RawItem] = []
    for path in files:
        found = problems.read(path)
        if found and not isinstance(found[0], problems.RawItem):
            raise BadConfig(f"{path}: not Ape210K: its lines have no 'equation'")
        items += found  # type: ignore[arg-type]
    cleaned = cleaning.clean(items)
    problems.write(out, cleaned.problems)
    click.echo(f"{len(cleaned.problems):,} of {len(items):,} items kept: {out}")
    for title, counts, words in (
        ("changed", cleaned.changed, cleaning.RULES),
        ("dropped", cleaned.dropped, cleaning.REASONS),
    ):
        for name, count in counts.items():
            click.echo(f"{title}  {count:>8,}  {words[name]}")
    if report is not None:
        both = {"changed": cleaned.changed, "dropped": cleaned.dropped}
        write_json(report, {"items": len(items), "kept": len(cleaned.problems), **both})


# ------------------------------------------------------------------------------------------------ training


@word_problems.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@options.preset
@options.settings
@click.option("--limit", type=click.IntRange(1), help="Learn from this many problems of the files.  [default: all]")
@click.option("--init", default="", metavar="SOLVER", help="Start from the weights of this solver, of the same shape.")
@options.resume
@options.device
def train(
    files: tuple[Path, ...], out: Path, preset_name: str, settings: tuple[str, ...], limit: int | None, init: str,
    resume: bool, device: str,
) -> None:  # fmt: skip
    """Train a solver on problem files, our own or Ape210K's, and on generated problems.

    Without files all problems are generated. Use the solver in OUT/solver: it has half the size, and its confidence is
    calibrated.

    Example: xiangqi-lm word-problems train clean.jsonl --out runs/solver
    """
    from ..config_fields import with_settings
    from ..files import locked
    from ..model.device import pick_device
    from ..tasks.word_problems import run as runs
    from ..tasks.word_problems.config import PRESETS
    from ..training import loop

    if preset_name not in PRESETS:
        raise BadConfig(f"preset {preset_name!r} is unknown; known are {', '.join(PRESETS)}")
    if resume and (limit or init or preset_name != "default"):
        raise BadConfig("--resume continues with the run's own settings: leave out --preset, --limit and --init")
    with locked(out, folder=True):
        if resume:
            run = runs.resume(out, files, pick_device(device), settings)
        else:
            config = with_settings(PRESETS[preset_name], settings)
            run = runs.begin(config, files, out, pick_device(device), limit or 0, init)
        click.echo(f"{run.model.parameter_count():,} parameters on {run.device}; step {run.step} of {run.config.steps}")
        for note in run.notes:
            click.echo(note)
        try:
            loop.train(run, out, _reported, runs.WORD_PROBLEMS)
        except KeyboardInterrupt:
            again = "".join(f"{path} " for path in files)
            click.echo(
                f"stopped at step {run.step} and saved; continue with: "
                f"xiangqi-lm word-problems train {again}--out {out} --resume"
            )
            raise
        _finished(run)


def _reported(line: dict[str, Any]) -> None:
    """Print a line of the log now and then, and every evaluation."""
    text = f"step {line['step']}: loss {line['loss']:.3f}, {line['problems_per_s']:,.0f} problems/s"
    figures = line.get("validation", {})
    if figures.get("problems"):
        by = ", ".join(f"{name} {part['accuracy']:.1%}" for name, part in figures["by_source"].items())
        click.echo(f"{text}, right on held-out problems {figures['accuracy']:.1%} ({by})")
    elif line["step"] % 100 == 0:
        click.echo(text)


def _finished(run: SolverRun) -> None:
    from ..tasks.word_problems import run as runs

    about = runs.finish(run)
    click.echo(f"done: {run.folder / runs.SOLVER}; unsure below a confidence of {about['threshold']:.0%}")


# ------------------------------------------------------------------------------------------------ use


@word_problems.command()
@click.argument("questions", nargs=-1, metavar="[QUESTION]...")
@click.option("--model", "name", default=SHIPPED, show_default=True, help="The shipped solver, or a folder.")
@click.option(
    "--beams", default=3, show_default=True, type=click.IntRange(1, 32), help="Number of hypotheses that vote."
)
@click.option("--json", "report", **_path("Write the answers here."))
def solve(questions: tuple[str, ...], name: str, beams: int, report: Path | None) -> None:
    """Answer questions, given as arguments or one per line on standard input.

    Shows each expression, its steps, the value, and how sure the solver is.

    Example: xiangqi-lm word-problems solve "一件商品进价80元，加价25%出售，售价多少元？"
    """
    from ..tasks.word_problems import run, solving

    texts = [text.strip() for text in questions or sys.stdin.read().splitlines()]
    if not any(texts):
        raise click.UsageError("a question is needed, as an argument or on standard input")
    solutions = solving.solve(run.load(name), [text for text in texts if text], beams)
    for solution in solutions:
        click.echo(_shown(solution))
    if report is not None:
        write_json(report, [solving.as_json(solution) for solution in solutions])


def _shown(solution: Solution) -> str:
    """Return a solution as lines."""
    if not solution.parts:
        question = solution.question
        cut = question if len(question) <= SHOWN else f"{question[:SHOWN]}…"
        return f"{cut}\n  no answer: {'; '.join(solution.doubts)}"
    lines = [solution.question]
    for part in solution.parts:
        value = part.text if part.expression == part.text else f"{part.expression} = {part.text}"
        lines.append(f"  {part.label + ': ' if part.label else ''}{value}")
        if len(part.steps) > 1:
            lines += [f"      {step} = {value}" for step, value in part.steps]
    answer = ", ".join(part.answer for part in solution.parts)
    lines.append(f"  answer: {answer} (confidence {solution.confidence:.0%})")
    return "\n".join([*lines, *(f"  unsure: {doubt}" for doubt in solution.doubts)])


@word_problems.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--model", type=click.Path(path_type=Path), required=True, help="Folder of the solver; its card is rewritten."
)
@click.option(
    "--generated", default=0, show_default=True, type=click.IntRange(0), help="Number of generated problems to add."
)
@click.option("--seed", default=2_000_000, show_default=True, help="Seed of the generated problems.")
@options.device
def calibrate(files: tuple[Path, ...], model: Path, generated: int, seed: int, device: str) -> None:
    """Calibrate a solver's confidence on problems that it has not learned from.

    Training does this on its validation problems; more problems, of the kind that will be asked, make it more accurate.

    Example: xiangqi-lm word-problems calibrate held-out.jsonl --generated 400 --model runs/solver/solver
    """
    from ..model import checkpoint
    from ..model.device import pick_device
    from ..tasks.word_problems import measuring, run

    problems = [p for path in files for p in measuring.to_measure(path)]
    problems += run.generated(seed, generated, held_out=True)
    if not problems:
        raise click.UsageError("nothing to calibrate on: name files, or give --generated")
    solver = run.load(model, pick_device(device))
    about = run.calibrate(solver, problems)
    write_json(checkpoint.resolve(model) / checkpoint.CARD, {**solver.card, **about, "calibrated_on": len(problems)})
    click.echo(f"{model}: unsure below a confidence of {about['threshold']:.0%}, by {len(problems):,} problems")


@word_problems.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--model", "name", default=SHIPPED, show_default=True, help="The shipped solver, or a folder.")
@click.option(
    "--generated", default=0, show_default=True, type=click.IntRange(0), help="Number of generated problems to add."
)
@click.option("--seed", default=1_000_000, show_default=True, help="Seed of the generated problems.")
@click.option(
    "--beams", "widths", default="1,2,3", show_default=True, help="Beam widths to measure, separated by commas."
)
@options.device
@click.option("--json", "report", **_path("Write the report here."))
def evaluate(
    files: tuple[Path, ...], name: str, generated: int, seed: int, widths: str, device: str, report: Path | None
) -> None:
    """Measure a solver: whole answers right, with 95 % intervals, on problem files or generated problems.

    In Ape210K every item with a number as its answer counts, whether or not its expression is clean.

    Example: xiangqi-lm word-problems evaluate test.ape.jsonl --json report.json
    """
    from ..model.device import pick_device
    from ..tasks.word_problems import measuring, run

    chosen = _widths(widths)
    problems = [p for path in files for p in measuring.to_measure(path)]
    problems += run.generated(seed, generated, held_out=True)
    if not problems:
        raise click.UsageError("nothing to measure on: name files, or give --generated")
    model = run.load(name, pick_device(device))
    figures = [_measured(model, problems, width) for width in chosen]
    if report is not None:
        write_json(report, {"model": name, "files": [str(path) for path in files], "figures": figures})


def _widths(text: str) -> list[int]:
    try:
        widths = [int(part) for part in text.split(",")]
    except ValueError:
        widths = []
    if not widths or not all(1 <= width <= 32 for width in widths):
        raise click.BadParameter(
            f"{text!r}: expected numbers from 1 to 32 separated by commas, as in 1,2,3", param_hint="--beams"
        )
    return widths


def _measured(model: Any, problems: list[Problem], width: int) -> dict[str, Any]:
    """Measure with one beam width and print it."""
    from ..tasks.word_problems.measuring import measure
    from .progress import Meter

    with Meter(len(problems), "problems") as meter:
        figures = measure(model, problems, width, report=meter.add)
    low, high = figures["interval"]
    click.echo(f"beams {width}: {figures['accuracy']:.2%} of {figures['problems']:,} right ({low:.1%} to {high:.1%})")
    if figures["sure"]["problems"]:
        sure = figures["sure"]
        click.echo(f"  sure of {sure['problems']:,}, of which {sure['accuracy']:.2%} are right")
    if len(figures["by_source"]) > 1:
        for source, part in figures["by_source"].items():
            click.echo(f"  {source}: {part['accuracy']:.2%} of {part['problems']:,}")
    return figures
