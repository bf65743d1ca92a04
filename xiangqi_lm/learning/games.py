"""The choice of whose moves to learn, and the split of games for training, early stopping and measurement."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from ..dataset import division, shards
from ..dataset.division import Options
from ..dataset.splits import Entry
from ..errors import XiangqiError, quoted
from ..library.names import folded, name_key
from ..records.game import GameRecord
from ..records.readers import Refusal
from ..rules.squares import BLACK, RED

FEWEST = 20  # games
OPTIONS = Options(validation=0.0)
SIDES = {"red": int(RED), "black": int(BLACK)}
WINNER, BOTH = "winner", ""
SHARDS, MEASURED = "shards", "measured"
_SHARES = {"measured": (0.15, 4, 100), "stopping": (0.1, 3, 60)}  # share of the games, minimum, maximum
_SHOWN = 5  # names in a message
_STOPPING = 0.25  # share of the games set apart


# ------------------------------------------------------------------------------------------------ whose moves


def color_of(record: GameRecord, whose: str) -> int | None:
    """Return whose moves of a game to learn, as in `Split.color`; None if the game has none.

    `whose` is red, black, winner, "" for both sides, or a player's name or part of it, in either script; Latin letters
    must be whole words. If both names contain it, it means the player with exactly this name, or else both.
    """
    if whose == BOTH:
        return 0
    if whose in SIDES:
        return SIDES[whose]
    if whose == WINNER:
        return {"1-0": int(RED), "0-1": int(BLACK)}.get(record.result)
    names = {int(RED): record.headers.get("Red", ""), int(BLACK): record.headers.get("Black", "")}
    found = [color for color, name in names.items() if _holds(name, whose)]
    exact = [color for color in found if name_key(names[color]) == name_key(whose)]
    chosen = exact if len(exact) == 1 else found
    return chosen[0] if len(chosen) == 1 else 0 if chosen else None


def _holds(name: str, part: str) -> bool:
    """Return whether a name contains a part: "Ann" is not in "Hanna", but 吕钦 is in 廣東 呂欽."""
    if (words := folded(part)).isascii():
        return bool(words) and re.search(rf"(?<![^\W_]){re.escape(words)}(?![^\W_])", folded(name)) is not None
    return name_key(part) in name_key(name)


@dataclass
class Gathered:
    """Games without copies, with counts of what was dropped; `names` are the players whose moves are learned, `others`
    those of games without moves of `whose`."""

    entries: list[Entry]
    read: int
    dropped: dict[str, int]
    names: Counter[str] = field(default_factory=Counter)
    whose: str = BOTH
    others: Counter[str] = field(default_factory=Counter)

    @property
    def rated(self) -> int:
        """Return how many games have the rating of a player whose moves are learned."""
        return sum(any(r for r, color in zip(e.ratings, (1, -1), strict=True) if e.color in (0, color))
                   for e in self.entries)  # fmt: skip


def gather(items: Iterable[GameRecord | Refusal], whose: str) -> Gathered:
    """Return the games with moves of `whose` (see `color_of`)."""
    left, names, others = 0, Counter[str](), Counter[str]()

    def meant() -> Iterable[GameRecord | Refusal]:
        nonlocal left
        for item in items:
            if isinstance(item, GameRecord) and (color := color_of(item, whose)) is None:
                left += 1
                others.update({name for tag in ("Red", "Black") if name_key(name := item.headers.get(tag, "").strip())})
            else:
                yield item
                if isinstance(item, GameRecord) and color:
                    names[item.headers.get("Red" if color > 0 else "Black", "").strip() or "?"] += 1

    entries, read, dropped = division.gather(meant(), OPTIONS, lambda record: color_of(record, whose) or 0)
    left_out = {"drawn or without a result" if whose == WINNER else f"not of {quoted(whose)}": left} if left else {}
    return Gathered(entries, read + left, dropped | left_out, names, whose, others)


# ------------------------------------------------------------------------------------------------ three parts


class Parts(NamedTuple):
    """Games for training, for early stopping and for the final measurement only; `left_out` games overlap too much with
    games set apart for measuring."""

    train: list[Entry]
    stopping: list[Entry]
    measured: list[Entry]
    left_out: int = 0


def divide(games: Gathered, set_apart: Gathered | None, seed: int = 0) -> Parts:
    """Divide games by groups that share their opening or a long run of moves (see `division.groups`).

    If games were set apart, a quarter of them decides when to stop and the rest is measured. Only games from the start
    position are held out. Raises XiangqiError for fewer than FEWEST training games, or too few held-out ones.
    """
    if len(games.entries) < FEWEST:
        raise XiangqiError(too_few(len(games.entries), games))
    apart = set_apart.entries if set_apart else []
    keys = division.groups([*games.entries, *apart], OPTIONS)
    kept_away = set(keys[len(games.entries) :])
    mine: dict[bytes, list[Entry]] = {}
    for entry, key in zip(games.entries, keys, strict=False):
        if key not in kept_away:
            mine.setdefault(key, []).append(entry)
    count = sum(map(len, mine.values()))
    if count < FEWEST:
        raise XiangqiError(f"{too_few(count, games)}; the others share their opening with games that were set apart")
    groups = _shuffled(mine, seed)
    if set_apart is None:
        measured, stopping = _taken(groups, _quota("measured", count)), _taken(groups, _quota("stopping", count))
    else:
        theirs: dict[bytes, list[Entry]] = {}
        for entry, key in zip(apart, keys[len(games.entries) :], strict=True):
            theirs.setdefault(key, []).append(entry)
        others = _shuffled({key: group for key, group in theirs.items() if not any(e.setup for e in group)}, seed)
        stopping = _taken(others, max(1, round(_STOPPING * len(apart))))
        measured = [entry for group in others for entry in group]
    if not measured or not stopping:
        where = "games set apart" if set_apart else "games"
        raise XiangqiError(
            f"too few of the {where} can be held out, as they share their openings or begin at set-up positions"
        )
    return Parts([entry for group in groups for entry in group], stopping, measured, len(games.entries) - count)


def _shuffled(groups: Mapping[bytes, list[Entry]], seed: int) -> list[list[Entry]]:
    """Return groups in an order that depends on the seed and their games alone."""
    return [groups[key] for key in sorted(groups, key=lambda key: hashlib.sha256(b"%d\0" % seed + key).digest())]


def too_few(count: int, games: Gathered) -> str:
    """Return the message that there are too few games, and what different numbers achieve; if a player was asked for,
    with the players of the other games, the most similar names first."""
    player = games.whose if games.whose not in (BOTH, WINNER, *SIDES) else ""
    words = (
        f"{count} game{'s' * (count != 1)}{f' of {quoted(player)}' if player else ''} to learn from, copies and short "
        f"games left out; at least {FEWEST} are needed, and even from 200 mainly openings are learned"
    )
    if not player or not games.others:
        return words
    wanted = name_key(player)

    def similar(item: tuple[str, int]) -> tuple[float, int]:
        return -SequenceMatcher(None, wanted, name_key(item[0])).ratio(), -item[1]

    shown = [f"{quoted(name, 40)} ({n:,})" for name, n in sorted(games.others.items(), key=similar)[:_SHOWN]]
    more = f" and {len(games.others) - _SHOWN:,} more" if len(games.others) > _SHOWN else ""
    return f"{words}; players of the other games: {', '.join(shown)}{more}"


def _quota(part: str, count: int) -> int:
    share, least, most = _SHARES[part]
    return min(max(round(share * count), least), most)


def _taken(groups: list[list[Entry]], most: int) -> list[Entry]:
    """Remove and return whole groups, in their order, while they fit; skip those with a set-up position."""
    taken: list[Entry] = []
    for group in list(groups):
        if len(taken) + len(group) <= most and not any(entry.setup for entry in group):
            taken += group
            groups.remove(group)
    return taken


def write(parts: Parts, games: Gathered, folder: Path, sources: Sequence[tuple[str, str]]) -> None:
    """Write the parts to a folder as shards for `training`: SHARDS and MEASURED."""
    sides = {"train": parts.train, "validation": parts.stopping}
    shards.write(division.Divided(sides, games.read, games.dropped), folder / SHARDS, OPTIONS, sources)
    measured = {"train": [], "validation": parts.measured}
    shards.write(division.Divided(measured, len(parts.measured), {}), folder / MEASURED, OPTIONS, sources)
