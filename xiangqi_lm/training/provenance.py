"""A model's training data compared with its evaluation data: how far held-out games are really held out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..dataset.shards import Shards
from ..files import sha256

SPLIT_KEYS = ("split_rule", "seed", "validation", "shared_run", "min_plies", "sources")
HELD_OUT, TRAINED_ON, UNCERTAIN, UNKNOWN = "held out", "trained on", "uncertain", "unknown"


def of_shards(shards: Shards, side: str, card: dict[str, Any]) -> dict[str, Any]:
    """Return how the split of shards was made, and whether the model of a card was trained on this side of it.

    Keys: `data`, `side`, SPLIT_KEYS of index.json, `trained_on` (HELD_OUT, TRAINED_ON, UNCERTAIN or UNKNOWN), and the
    same in `words`.
    """
    index = {"shared_run": 0, **shards.index}
    made = {key: index.get(key) for key in SPLIT_KEYS}
    digest = sha256(shards.folder / "index.json")
    verdict, words = _verdict(index, digest, side, card)
    words += "; labelled positions were mixed in" if card.get("origin", {}).get("labels") else ""
    before = card
    while (before := before.get("origin", {}).get("init")) and verdict == HELD_OUT:
        if _verdict(index, digest, side, before)[0] != HELD_OUT:
            verdict = UNCERTAIN
            words += (
                f"; but it began with the weights of {before.get('model')}, which may have learned from these games"
            )
    rule = f"seed {made['seed']}, {made['validation']:.0%} validation"
    rule += f", runs of {made['shared_run']} shared plies kept together" if made["shared_run"] else ""
    told = f"{side} side of {shards.folder}; split by groups of games ({rule}). {verdict.capitalize()}: {words}"
    return {"data": str(shards.folder), "side": side, **made, "trained_on": verdict, "words": told}


def _verdict(index: dict[str, Any], digest: str, side: str, card: dict[str, Any]) -> tuple[str, str]:
    """Return the verdict on a model that has learned from nothing but what its card names."""
    sources, split = card.get("trained_on"), card.get("split", {})
    exactly = card.get("origin", {}).get("data") == digest
    if not (sources or exactly):
        return UNKNOWN, "the model's card does not say what it was trained on"
    alike = {**{"shared_run": 0}, **split}
    same = sources == index.get("sources") and all(
        alike.get(key) == index.get(key) for key in ("seed", "validation", "shared_run", "splits")
    )
    if same or exactly:
        if side == "train":
            return TRAINED_ON, "the model's card names this very split, of which it has learned this side"
        return HELD_OUT, "the model's card names this very split, of which it has learned the other side"
    if _digests(sources or []) & _digests(index.get("sources") or []):
        return (
            UNCERTAIN,
            "the model was trained on the same records split in another way: it may know some of these games",
        )
    return UNKNOWN, "the model's card names other records, which may hold some of these games"


def _digests(sources: Iterable[dict[str, Any]]) -> set[str]:
    return {source["sha256"] for source in sources if source.get("sha256")}


def of_files(files: Sequence[Path], card: dict[str, Any]) -> dict[str, Any]:
    """Return the same for record files, which belong to no split. Keys: `data`, `sources`, `trained_on`, `words`."""
    sources = [{"name": path.name, "sha256": sha256(path)} for path in files if path.is_file()]
    names = ", ".join(map(str, files))
    learned = _digests(card.get("trained_on") or []) & _digests(sources)
    if learned:
        verdict, words = TRAINED_ON, "the model's card names a file with this content: most of its games were learned"
    else:
        verdict, words = UNKNOWN, "nothing says which of these games the model was trained on"
    told = f"all games of {names}; no split. {verdict.capitalize()}: {words}"
    return {"data": names, "sources": sources, "trained_on": verdict, "words": told}
