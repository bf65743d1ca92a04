"""The schedule: who plays whom, from which opening, in what order. Settings alone decide it, so that a run can
resume.
"""

from __future__ import annotations

import os
import random
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from ..engine import spec
from ..engine.levels import LEVELS
from ..errors import BadConfig
from . import timecontrol
from .openings import Opening
from .timecontrol import TimeControl

BATCH = 16  # pairs of games played side by side by players that think in batches
_BATCHED = ("lm", "random", "greedy")  # kinds that answer at once, for many boards together
_OWN_LIMITS = {"nodes", "depth", "movetime"}


@dataclass(frozen=True)
class Entrant:
    """A participant: a name, the player's spec, and its time control."""

    name: str
    spec: str
    control: TimeControl

    @property
    def kind(self) -> str:
        """Return the kind of player; for a level, the kind that plays it."""
        parsed = spec.parse_spec(self.spec)
        return spec.parse_spec(LEVELS[parsed.target].spec).kind if parsed.kind == "level" else parsed.kind


@dataclass(frozen=True)
class Pairing:
    """A game to be played; `number` counts all games from 0, `round` the pairs of two players from 1."""

    number: int
    round: int
    red: int  # indices of the entrants
    black: int
    opening: Opening


@dataclass(frozen=True)
class Job:
    """Games that one worker plays side by side."""

    games: tuple[Pairing, ...]


def parse_entrants(texts: Sequence[str], control: TimeControl) -> tuple[Entrant, ...]:
    """Read `[NAME=]SPEC` for each player; raises BadConfig.

    A spec may contain `tc=60+0.6` beside its own options, for its own time control. A spec that limits itself by nodes,
    depth or movetime has no other, nor has a level, whose strength is that of its own limit. Players with the same name
    are numbered.
    """
    entrants: list[Entrant] = []
    for text in texts:
        name, equals, rest = text.partition("=")
        named = bool(equals) and not set(name) & set(":?")  # otherwise the = belongs to the spec
        entrant = _entrant(rest if named else text, control)
        name = name.strip() if named else text
        if not name:
            raise BadConfig(f"player {text!r}: a name must come before the =")
        if any(sign < " " for sign in name):
            raise BadConfig(f"player {text!r}: a name is one line, without tabs")
        taken = {other.name for other in entrants}
        numbered = (f"{name} #{number}" for number in range(2, len(texts) + 2))
        name = name if name not in taken else next(other for other in numbered if other not in taken)
        entrants.append(Entrant(name, entrant.spec, entrant.control))
    if len(entrants) < 2:
        raise BadConfig("a tournament needs at least two players")
    return tuple(entrants)


def _entrant(text: str, control: TimeControl) -> Entrant:
    head, _, query = text.partition("?")
    options = query.split("&") if query else []
    own = [option[3:] for option in options if option.startswith("tc=")]
    kept = "&".join(option for option in options if not option.startswith("tc="))
    parsed = spec.parse_spec(f"{head}?{kept}" if kept else head)
    if len(own) > 1:
        raise BadConfig(f"player {text!r}: tc is given twice")
    if own:
        control = timecontrol.parse(own[0])
    elif parsed.kind == "level" or _OWN_LIMITS & {name for name, _ in parsed.options}:
        control = TimeControl()
    return Entrant("", str(parsed), control)


def check_programs(entrants: Sequence[Entrant]) -> None:
    """Raise BadConfig if an external engine is not on this machine, before it loses all its games."""
    for one in entrants:
        parsed = spec.parse_spec(one.spec)
        if parsed.kind in ("uci", "ucci") and not Path(parsed.target).is_file():
            program = (shlex.split(parsed.target, posix=os.name != "nt") or [""])[0].strip('"')
            if shutil.which(program) is None:
                raise BadConfig(f"player {one.name}: no program {program!r} on this machine")


def schedule(
    entrants: Sequence[Entrant], pairs: int, openings: Sequence[Opening], seed: int, gauntlet: bool = False
) -> list[Job]:
    """Return all games in order. Every two players (in a gauntlet: the first and each other) play `pairs` openings with
    both colours; the k-th opening is the same for all of them, and the order of openings is drawn with the seed."""
    order = list(range(len(openings)))
    random.Random(f"openings {seed}").shuffle(order)
    meetings = [(0, other) for other in range(1, len(entrants))] if gauntlet else combinations(range(len(entrants)), 2)
    jobs: list[tuple[int, int, Job]] = []
    for place, (one, two) in enumerate(meetings):
        batched = all(_in_batches(entrants[player]) for player in (one, two))
        games = [
            Pairing(2 * (place * pairs + k) + half, k + 1, red, black, openings[order[k % len(order)]])
            for k in range(pairs)
            for half, (red, black) in enumerate(((one, two), (two, one)))
        ]
        size = 2 * BATCH if batched else 1
        jobs += [(first, place, Job(tuple(games[first : first + size]))) for first in range(0, len(games), size)]
    return [job for _, _, job in sorted(jobs, key=lambda item: item[:2])]


def _in_batches(entrant: Entrant) -> bool:
    return entrant.kind in _BATCHED and entrant.control == TimeControl()
