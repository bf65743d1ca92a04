"""The tables that `xiangqi-lm evaluate` prints."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.table import Table

WIDTH = 118  # columns where there is no terminal
ROWS = {
    "top1": ("top-1", "{:.4f}"),
    "top3": ("top-3", "{:.4f}"),
    "top5": ("top-5", "{:.4f}"),
    "bits_per_move": ("bits per move", "{:.3f}"),
    "bits_per_move_unmasked": ("bits per move", "{:.3f}"),
    "legal_top1": ("best move legal", "{:.4f}"),
    "illegal_mass": ("mass on illegal moves", "{:.4f}"),
    "value_accuracy": ("result predicted", "{:.4f}"),
    "value_bits": ("bits per result", "{:.3f}"),
    "teacher_top1": ("teacher's move", "{:.4f}"),
}


def show(report: dict[str, Any]) -> None:
    """Print every part of the report as a table, with a line on how the games were split and what the intervals are."""
    console = Console(width=None if Console().is_terminal else WIDTH)
    click.echo(f"model: {report['model']}\ngames: {report['games']:,}, {report['split']['words']}")
    click.echo(f"shown to the model: {_shown(report['shown'])}")
    if not report["plies"]:
        click.echo("no games from the start position: nothing was measured")
    else:
        console.print(_by_phase(report, report))
        _calibration(report)
        _teacher(report)
    if found := report.get("rollout"):
        click.echo(
            f"\naccuracy on its own continuations (masked), {found['plies']:,} lines of {found['games']:,} games:"
        )
        console.print(_rollout(found))
    if sampled := report.get("sampled"):
        click.echo(f"\n{sampled['about']}")
        for kind, words in (("own", "from the start position"), ("random_openings", "after random openings")):
            click.echo(f"{sampled[kind]['games']:,} games sampled by the model {words}:")
            console.print(_by_phase(sampled[kind], report))
    if probe := report.get("probe"):
        click.echo(
            f"\nsquares read out of its hidden states, a linear fit on {probe['train_games']:,} training games, "
            f"tested on {probe['games']:,} others:"
        )
        console.print(_probe(probe))
    click.echo(f"±: half the interval; {report['about_intervals']}")


def _shown(shown: dict[str, Any]) -> str:
    words = ["the moves before", *(["the board"] if shown["board"] != "none" else [])]
    if shown["legal_moves"]:
        words.append("the legal moves" + (", its policy head too" if shown["legal_bias"] else ""))
        words += ["what each legal move wins and loses by exchanges"] if shown.get("move_classes") else []
        return ", ".join(words) + ": what is unmasked tells how well it heeds them, not that it found them"
    return ", ".join(words)


def _cell(part: dict[str, Any], key: str, form: str) -> str:
    if key not in part:
        return "-"
    low, high = part.get("intervals", {}).get(key, (None, None))
    return form.format(part[key]) + ("" if low is None else f" ±{form.format((high - low) / 2)}")


def _by_phase(found: dict[str, Any], report: dict[str, Any]) -> Table:
    """Return the table of figures of all plies and by phase; each column says whether the legal mask was on."""
    columns = {"all plies": found, **{f"plies {name}": part for name, part in found["by_phase"].items()}}
    table = Table()
    table.add_column("", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row("plies", *(f"{part['plies']:,}" for part in columns.values()))
    for key, (label, form) in ROWS.items():
        if key in found:
            mask = next((f" ({word})" for word in ("masked", "unmasked") if key in report[word]), "")
            table.add_row(label + mask, *(_cell(part, key, form) for part in columns.values()))
    return table


def _calibration(report: dict[str, Any]) -> None:
    """Print expected results and move probabilities beside the actual ones."""
    for name, words in (("value", "score of the mover"), ("policy", "probability of the best move (masked)")):
        pairs = ", ".join(f"{row['expected']:.2f} -> {row['scored']:.2f}" for row in report[f"{name}_calibration"])
        if pairs:
            click.echo(f"{words}, expected -> real: {pairs}; mean distance {report[f'{name}_error']:.3f}")


def _teacher(report: dict[str, Any]) -> None:
    """Print how the value agrees with a teacher's scores, within the games and on the same positions alone."""
    for key, words in (("teacher", "in the games"), ("teacher_alone", "of the positions alone")):
        found = report.get(key)
        if not found or "correlation" not in found:
            continue
        sign = f"sign right {_cell(found, 'sign_right', '{:.4f}')} of {found['clear']:,} " if found["clear"] else ""
        sign += f"with a score of {found['clear_from']:.0f} centipawns or more, " if found["clear"] else ""
        of = f" (scores of {report['teacher']['of']})" if key == "teacher" else ""
        told = f"correlation with tanh(score / 400) {_cell(found, 'correlation', '{:.4f}')}"
        if "clear_correlation" in found:
            told += f" (of the clear ones {_cell(found, 'clear_correlation', '{:.4f}')})"
        click.echo(f"value {words}: {sign}{told}, {found['positions']:,} positions{of}")


def _rollout(found: dict[str, Any]) -> Table:
    table = Table("moves ahead")
    table.add_column("right", justify="right")
    for row in found["ahead"]:
        part = {"right": row["accuracy"], "intervals": {"right": row["interval"]} if "interval" in row else {}}
        table.add_row(str(row["move"]), _cell(part, "right", "{:.4f}"))
    return table


def _probe(found: dict[str, Any]) -> Table:
    table = Table("")
    columns = {
        "squares": "all squares",
        "occupied": "occupied",
        "changed": "changed since the start",
        "boards": "whole boards",
    }
    for words in columns.values():
        table.add_column(words, justify="right", no_wrap=True)
    rows = {"the start position": found["start"], "the most common piece there at that ply": found["majority"]}
    names = ["of the input", *(f"after layer {i}" for i in range(1, len(found["layers"])))]
    rows |= {f"probe {name}": part for name, part in zip(names, found["layers"], strict=True)}
    rows |= {f"the last, plies {phase}": part for phase, part in found["probe"]["by_phase"].items()}
    for name, part in rows.items():
        table.add_row(name, *(_cell(part, key, "{:.4f}") for key in columns))
    return table
