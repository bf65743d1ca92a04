"""Tallies and figures of a tournament's games, and when a test ends it."""

import json

from meetings import play, settings

from xiangqi_lm.arena.ratings import Tally
from xiangqi_lm.arena.sprt import Sprt
from xiangqi_lm.arena.standings import Standings


def game(number, round_, red, black, result, termination="checkmate"):
    return {
        "number": number, "round": round_, "red": red, "black": black, "result": result, "termination": termination,
        "thoughts": [None, [0.5, 10, None, None, 100], [0.25, None, None, None, None]], "fen": None,
    }  # fmt: skip


def test_pairs_are_counted_by_opening_whatever_ends_first():
    standings = Standings(["a", "b"])
    for number, round_, red, result in [
        (0, 1, "a", "1-0"),
        (2, 2, "a", "0-1"),
        (3, 2, "b", "1/2-1/2"),
        (1, 1, "b", "0-1"),
    ]:
        standings.add(game(number, round_, red, "b" if red == "a" else "a", result))
    standings.add(game(0, 1, "a", "b", "0-1"))  # counted already
    assert standings.tallies == {("a", "b"): Tally(2, 1, 1, (0, 1, 0, 0, 1))}
    standings.add(game(4, 3, "a", "b", "1-0"))
    assert standings.tallies["a", "b"] == Tally(3, 1, 1, (0, 1, 0, 0, 1))
    assert standings.total("b") == standings.tallies["a", "b"].reversed()
    player = standings.results()["players"][0]
    assert player["wins_draws_losses_by_side"] == {"red": [2, 0, 1], "black": [1, 1, 0]}


def test_figures_of_players_and_games_lost_other_than_on_the_board():
    standings = Standings(["a", "b"])
    standings.add(game(0, 1, "a", "b", "0-1", "time"))
    standings.add(game(1, 1, "b", "a", "0-1", "failure"))
    one, two = standings.results()["players"]
    assert (one["lost_otherwise"], two["lost_otherwise"]) == ({"time": 1}, {"failure": 1})
    assert (one["moves"], one["seconds_per_move"], one["nodes_per_move"]) == (2, 0.375, 50)


def test_a_test_ends_when_it_first_reaches_a_bound():
    standings = Standings(["a", "b"], Sprt(0, 100))
    for number in range(2000):
        red, black = ("a", "b") if number % 2 == 0 else ("b", "a")
        standings.add(game(number, number // 2 + 1, red, black, "1-0" if red == "a" else "0-1"))
        if standings.is_decided("b", "a"):
            break
    (pair,) = standings.results()["pairs"]
    assert pair["sprt"]["state"] == "H1"
    assert pair["sprt"]["llr"] >= pair["sprt"]["bounds"][1] == 2.9444
    later = 2 * (number // 2) + 2
    for number in range(later, later + 60):  # games that were under way
        standings.add(game(number, number // 2 + 1, "a", "b", "0-1"))
    assert standings.results()["pairs"][0]["sprt"]["state"] == "H1"


def test_with_a_test_the_tournament_ends_early(tmp_path):
    what = settings(pairs=400, sprt=Sprt(150, 200))  # random players are equal: H0
    played = play(tmp_path, what)
    assert len(played) < 400
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results["finished"]
    assert results["pairs"][0]["sprt"]["state"] == "H0"
    assert play(tmp_path, what) == []
