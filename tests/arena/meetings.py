"""Small tournaments of random players that several tests share, and helpers to play them."""

import json

from xiangqi_lm.arena import openings
from xiangqi_lm.arena.adjudication import Adjudication
from xiangqi_lm.arena.journal import NAME
from xiangqi_lm.arena.match import Conditions
from xiangqi_lm.arena.schedule import parse_entrants
from xiangqi_lm.arena.timecontrol import TimeControl
from xiangqi_lm.arena.tournament import Settings, Tournament

BOOK = openings.load()[:5]
SHORT = Conditions(Adjudication(max_plies=30))  # games of random moves: quick, and two thirds of them drawn
ALONE = TimeControl(nodes=1)  # with a limit, random players play game by game instead of in batches


def settings(names="ab", pairs=3, control=ALONE, **more):
    entrants = parse_entrants([f"{name}=random" for name in names], control)
    return Settings(entrants, pairs, tuple(BOOK), SHORT, **more)


def play(folder, what, workers=1, backend="local", games=None):
    """Play a tournament, or only some of its games; return the numbers of the games played."""
    with Tournament(folder, what) as event:
        numbers = []
        running = event.play(backend, workers)
        for game in running:
            numbers.append(game["number"])
            if len(numbers) == games:
                break
        running.close()
        event.write(picture=False)
        return numbers


def moves_of(folder):
    """Return number -> moves and result, from the journal."""
    lines = [json.loads(line) for line in (folder / NAME).read_text(encoding="utf-8").splitlines()[1:]]
    games = [game for line in lines for game in line["games"]]
    assert len({game["number"] for game in games}) == len(games)  # no game twice
    return {game["number"]: (game["moves"], game["result"]) for game in games}
