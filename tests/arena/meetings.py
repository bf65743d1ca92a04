"""What the tests of tournaments share: small ones of random players, and how to play them."""

import json

from xiangqi_lm.arena import openings
from xiangqi_lm.arena.adjudication import Adjudication
from xiangqi_lm.arena.journal import NAME
from xiangqi_lm.arena.match import Conditions
from xiangqi_lm.arena.schedule import parse_entrants
from xiangqi_lm.arena.timecontrol import TimeControl
from xiangqi_lm.arena.tournament import Settings, Tournament

BOOK = openings.load()[:5]
SHORT = Conditions(Adjudication(max_plies=30))  # games of random moves: two thirds of them drawn, quick
ALONE = TimeControl(nodes=1)  # random players with a limit play game by game, not in batches


def settings(names="ab", pairs=3, control=ALONE, **more):
    entrants = parse_entrants([f"{name}=random" for name in names], control)
    return Settings(entrants, pairs, tuple(BOOK), SHORT, **more)


def play(folder, what, workers=1, backend="local", games=None):
    """Play all of a tournament, or a number of games of it; the numbers of the games played."""
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
    """Number -> moves and result, from the journal."""
    lines = [json.loads(line) for line in (folder / NAME).read_text(encoding="utf-8").splitlines()[1:]]
    games = [game for line in lines for game in line["games"]]
    assert len({game["number"] for game in games}) == len(games)  # none twice
    return {game["number"]: (game["moves"], game["result"]) for game in games}
