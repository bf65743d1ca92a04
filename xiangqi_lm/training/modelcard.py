"""A model's card as a page for people, with the front matter that the hub expects."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from typing import Any

from ..config import PRESETS, TrainConfig
from ..config_fields import from_dict
from ..errors import XiangqiError

PAGE = "README.md"
ROWS = {
    "top1": "top-1, legal mask",
    "top3": "top-3, legal mask",
    "top5": "top-5, legal mask",
    "bits_per_move": "bits per move, legal mask",
    "bits_per_move_unmasked": "bits per move, no mask",
    "legal_top1": "best move legal, no mask",
    "illegal_mass": "mass on illegal moves, no mask",
    "value_accuracy": "result predicted (win, draw or loss)",
}


def page(name: str, card: dict[str, Any]) -> str:
    """Return a card as Markdown: how to use the model, how good it is, and from what and how it was made."""
    parts = [
        "---\nlibrary_name: xiangqi-lm\ntags: [xiangqi, chinese-chess, game-playing]\n---",
        f"# {name}",
        f"A language model of xiangqi (Chinese chess) games, {card.get('parameters', 0):,} parameters. To play it:",
        f"```\nxiangqi-lm play --player lm:{name}\n```",
        'From Python, `xiangqi_lm.load("hf:owner/name")` or `xiangqi_lm.load(folder)`.',
        *_learned(card.get("learned", {})),
        *_figures(card.get("figures", {})),
        "## Data",
        *_data(card),
        "## Training",
        *_training(card),
    ]
    return "\n\n".join(parts) + "\n"


def _learned(learned: dict[str, Any]) -> list[str]:
    """Return whose moves a model of `learn` learned and what changed; empty for any other model."""
    if not learned:
        return []
    gain, (low, high) = learned["gain"]["top1"], learned["gain"]["intervals"].get("top1", (float("nan"),) * 2)
    parts = [
        f"Learned by `xiangqi-lm learn` from {learned['train']:,} games, moves of {learned['whose'] or 'both sides'}, "
        f"started from `{learned['base']}`.",
        *_repertoire(learned),
        f"On {learned['before']['plies']:,} such moves of {learned['games']:,} held-out games, the move played is the "
        f"first choice at {learned['before']['top1']:.4f} before and {learned['after']['top1']:.4f} after: "
        f"{gain:+.4f}, 95 % interval [{low:+.4f}, {high:+.4f}] ({learned['about_intervals']}).",
    ]
    if played := learned.get("strength"):
        low, high = played["elo_interval"]
        parts += [
            f"In {played['games']} games against `{learned['base']}`, won-drawn-lost: {played['wins']}-"
            f"{played['draws']}-{played['losses']}, {played['elo']:+.0f} Elo [{low:+.0f}, {high:+.0f}]."
        ]
    return ["## Learned", " ".join(parts)]


def _repertoire(learned: dict[str, Any]) -> list[str]:
    """Say what is new in a model that has a repertoire."""
    if not (positions := learned.get("repertoire")):
        return []
    weights = "" if learned.get("trained", True) else "; the weights are those of the model before"
    return [f"Its repertoire, what was played in {positions:,} positions, is mixed into the policy{weights}."]


def _figures(figures: dict[str, Any]) -> list[str]:
    """Return a table by phase; empty without measurements."""
    if not figures.get("plies"):
        return []
    columns = {"all plies": figures, **{f"plies {name}": part for name, part in figures["by_phase"].items()}}
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += ["| plies | " + " | ".join(f"{part['plies']:,}" for part in columns.values()) + " |"]
    for key, label in ROWS.items():
        if key in figures:
            lines += [f"| {label} | " + " | ".join(_cell(part, key) for part in columns.values()) + " |"]
    about = f"On the {figures['games']:,} whole games of the validation split, which is made by game"
    about += f" (± half of the interval: {figures['about_intervals']})." if "about_intervals" in figures else "."
    return ["## Figures", about, "\n".join(lines)]


def _cell(part: dict[str, Any], key: str) -> str:
    if key not in part:
        return "-"
    edges = part.get("intervals", {}).get(key)
    return f"{part[key]:.4f}" + (f" ± {(edges[1] - edges[0]) / 2:.4f}" if edges else "")


def _data(card: dict[str, Any]) -> list[str]:
    sources = [f"- `{source['name']}`, SHA-256 `{source['sha256']}`" for source in card.get("trained_on", [])]
    split, origin = card.get("split", {}), card.get("origin", {})
    said = [
        f"Split with seed {split.get('seed')}, {split.get('validation', 0):.0%} held out: {split.get('split_rule')}."
    ]
    if split.get("shared_run"):
        said += [f"Games that share {split['shared_run']} plies in a row are of one group."]
    for side, size in split.get("splits", {}).items():
        said += [f"{side.capitalize()}: {size['games']:,} games, {size['plies']:,} plies."]
    if origin.get("labels"):
        said += [f"Mixed with labelled positions, digest `{origin['labels']}`."]
    if taught := origin.get("taught"):
        said += [f"Mixed with games that carry a teacher's answers, digests {', '.join(f'`{x}`' for x in taught)}."]
    if init := origin.get("init"):
        said += [f"Begun with the weights of `{init['model']}`, SHA-256 `{init['sha256']}`."]
    return ["\n".join(sources) or "Not known.", *([" ".join(said)] if split else [])]


def _training(card: dict[str, Any]) -> list[str]:
    steps = f"{card.get('steps', 0):,} steps"
    steps += f", {card['plies_seen']:,} plies seen" if card.get("plies_seen") else ""
    steps += f", {card['training_seconds'] / 60:,.0f} minutes" if card.get("training_seconds") else ""
    with_ = {**card.get("trained_with", {})}
    where = ", ".join(f"{key} {value}" for key, value in with_.items() if value)
    config = card.get("config", {})
    parts = [f"{steps}." + (f" With {where}." if where else "")]
    if command := _command(card):
        parts += [f"```\n{command}\n```"]
    return [*parts, f"All settings:\n\n```json\n{json.dumps(config, indent=1)}\n```"]


def _command(card: dict[str, Any]) -> str:
    """Return the command that makes the model again; empty if it was not made by `train`, or with settings that this
    program no longer has."""
    if "learned" in card:
        return ""
    try:
        mine = asdict(from_dict(TrainConfig, card.get("config", {})))
    except XiangqiError:
        return ""
    changed = {name: _changes(asdict(start), mine) for name, start in PRESETS.items()}
    nearest = min(changed, key=lambda name: len(changed[name]))
    settings = " ".join(f"--set {shlex.quote(f'{key}={value}')}" for key, value in changed[nearest].items())
    origin, processes = card.get("origin", {}), card.get("trained_with", {}).get("processes", 1)
    program = f"torchrun --nproc-per-node {processes} -m xiangqi_lm" if processes > 1 else "xiangqi-lm"
    words = [program, "train --data SHARDS --out RUN --preset", nearest, settings]
    words += ["--labels LABELS"] if origin.get("labels") else []
    words += ["--taught SHARDS"] * len(origin.get("taught", []))
    words += ["--init", shlex.quote(str(origin["init"].get("model")))] if origin.get("init") else []
    return " ".join(filter(None, words))


def _changes(start: dict[str, Any], mine: dict[str, Any], place: str = "") -> dict[str, Any]:
    """Return the settings that differ, by dotted name."""
    found: dict[str, Any] = {}
    for key, value in mine.items():
        if isinstance(value, dict):
            found |= _changes(start[key], value, f"{place}{key}.")
        elif value != start[key]:
            found[place + key] = value
    return found
