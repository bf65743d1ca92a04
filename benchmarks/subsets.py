"""Shards with a part of the training games and all of the held-out ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from xiangqi_lm.dataset.shards import Shards, write_arrays
from xiangqi_lm.files import write_json


def subset(shards: Path, games: int, folder: Path) -> Path:
    """Write shards of `games` training games, drawn uniformly, unless they exist; return their folder."""
    if (folder / "index.json").exists():
        return folder
    whole = Shards.open(shards)
    split = whole.split("train")
    chosen = np.unique(np.linspace(0, len(split) - 1, games).round().astype(np.int64))
    offsets = np.concatenate([[0], np.cumsum(np.diff(split.offsets)[chosen])])
    arrays = {
        "moves": np.concatenate([split.moves(int(game)) for game in chosen]),
        "offsets": offsets.astype(np.int64),
        "results": np.asarray(split.results)[chosen],
        "starts": np.asarray(split.starts),
        "ratings": np.asarray(split.ratings)[chosen],
        "start_index": np.asarray(split.start_index)[chosen],
    }
    (folder / "train").mkdir(parents=True, exist_ok=True)
    shutil.copytree(shards / "validation", folder / "validation", dirs_exist_ok=True)
    about = {name: said for name, said in whole.index.get("arrays", {}).items() if name.startswith("validation/")}
    train = {"games": len(chosen), "plies": int(offsets[-1]), "set_up": int((arrays["start_index"] >= 0).sum())}
    index = {key: value for key, value in whole.index.items() if key != "answers"} | {
        "arrays": about | write_arrays(folder / "train", arrays),
        "splits": whole.index["splits"] | {"train": train},
    }
    write_json(folder / "index.json", index)
    return folder
