"""Tournaments: schedules, playing, and resuming from the journal."""

import errno
import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from meetings import ALONE, BOOK, moves_of, play, settings

from xiangqi_lm.arena.adjudication import Adjudication
from xiangqi_lm.arena.journal import NAME, Journal
from xiangqi_lm.arena.match import Conditions
from xiangqi_lm.arena.ratings import Tally
from xiangqi_lm.arena.schedule import BATCH, parse_entrants, schedule
from xiangqi_lm.arena.sprt import Sprt
from xiangqi_lm.arena.timecontrol import TimeControl
from xiangqi_lm.arena.tournament import Settings, Tournament
from xiangqi_lm.errors import BadConfig, BadRecord
from xiangqi_lm.records.formats.pgn import read_games

# ------------------------------------------------------------------------------------------------ schedules


@pytest.mark.parametrize(("gauntlet", "meetings"), [(False, 6), (True, 3)])
@pytest.mark.parametrize("control", [ALONE, TimeControl()])
def test_everybody_plays_each_opening_with_both_colours(gauntlet, meetings, control):
    entrants = parse_entrants(["random"] * 4, control)
    jobs = schedule(entrants, 7, BOOK, seed=3, gauntlet=gauntlet)
    games = [game for job in jobs for game in job.games]
    assert sorted(game.number for game in games) == list(range(2 * 7 * meetings))
    assert max(len(job.games) for job in jobs) == (1 if control == ALONE else 14)
    met = Counter((game.red, game.black) for game in games)
    assert set(met.values()) == {7}
    assert all(met[black, red] == count for (red, black), count in met.items())
    if gauntlet:
        assert all(0 in pair for pair in met)
    by_round = {}
    for game in games:
        by_round.setdefault(game.round, set()).add(game.opening)
    assert all(len(used) == 1 for used in by_round.values())
    assert len({next(iter(used)) for used in by_round.values()}) == len(BOOK)
    assert jobs == schedule(entrants, 7, BOOK, seed=3, gauntlet=gauntlet)


def test_batches_belong_to_one_meeting_and_respect_the_limit():
    jobs = schedule(parse_entrants(["lm:default", "random", "random"], TimeControl()), 2 * BATCH + 3, BOOK, seed=1)
    assert [len(job.games) for job in jobs] == [2 * BATCH] * 6 + [6] * 3
    assert all(len({frozenset((game.red, game.black)) for game in job.games}) == 1 for job in jobs)
    for quick, slow in (("level:beginner", "level:master"), ("lm:default", "lm:default?tc=10")):
        one, two = (parse_entrants([player, "random"], TimeControl()) for player in (quick, slow))
        assert [len(schedule(entrants, 4, BOOK, seed=1)) for entrants in (one, two)] == [1, 8]


def test_entrants_have_names_and_their_own_limits():
    one, two, three, four = parse_entrants(
        ["random", "weak=random", "random", "lm:default?temperature=0.3&tc=10+0.1"], TimeControl(nodes=5)
    )
    assert [player.name for player in (one, two, three)] == ["random", "weak", "random #2"]
    assert (four.spec, four.control) == ("lm:default?temperature=0.3", TimeControl(base=10, increment=0.1))
    assert one.control == TimeControl(nodes=5)
    names = [player.name for player in parse_entrants(["A #2=random", "A=random", "A=greedy"], TimeControl())]
    assert names == ["A #2", "A", "A #3"]
    with pytest.raises(BadConfig, match="a name must come before the ="):
        parse_entrants(["random", "=random"], TimeControl())
    with pytest.raises(BadConfig, match="unknown kind"):
        parse_entrants(["random", "x=nobody"], TimeControl())
    with pytest.raises(BadConfig, match="time control"):
        parse_entrants(["random", "random?tc=soon"], TimeControl())
    with pytest.raises(BadConfig, match="tc is given twice"):
        parse_entrants(["random", "random?tc=5&tc=6"], TimeControl())
    with pytest.raises(BadConfig, match="one line"):
        parse_entrants(["random", "two\nlines=random"], TimeControl())
    odd = parse_entrants(["a/b & \\c=random", "[/x] $^$=greedy", "李 四=lm:default?temperature=0"], TimeControl())
    assert [player.name for player in odd] == ["a/b & \\c", "[/x] $^$", "李 四"]


# ------------------------------------------------------------------------------------------------ playing


def test_a_tournament_leaves_whole_files_that_agree(tmp_path):
    what = settings("abc", pairs=4, anchor="b")
    assert sorted(play(tmp_path, what)) == list(range(24))
    records = list(read_games((tmp_path / "games.pgn").read_text(encoding="utf-8")))
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert len(records) == results["games"] == results["planned"] == 24
    assert results["finished"]
    points = {"1-0": (1, 0, 0), "0-1": (0, 0, 1), "1/2-1/2": (0, 1, 0)}
    for pair in results["pairs"]:
        one, two = pair["players"]
        tally = Tally()
        for record in records:
            if {record.headers["Red"], record.headers["Black"]} == {one, two}:
                seen = points[record.result]
                tally += Tally(*(seen if record.headers["Red"] == one else seen[::-1]))
        assert (pair["wins"], pair["draws"], pair["losses"]) == (tally.wins, tally.draws, tally.losses)
        assert sum(pair["pentanomial"]) == 4
        assert sum(i * n for i, n in enumerate(pair["pentanomial"])) == 2 * tally.wins + tally.draws
        assert pair["elo_95"][0] <= pair["elo"] <= pair["elo_95"][1]
        assert pair["sprt"] is None
    assert results["ratings"]["players"]["b"]["elo"] == 0
    assert sum(results["terminations"].values()) == 24
    assert sum(player["moves"] for player in results["players"]) == sum(len(record.comments) - 1 for record in records)


def test_records_hold_opening_ending_and_the_stats_of_moves(tmp_path):
    play(tmp_path, settings(pairs=1))
    for record in read_games((tmp_path / "games.pgn").read_text(encoding="utf-8")):
        board, plies = record.start(), 0
        for move in record.moves:
            assert board.outcome() is None
            board.push(move)
        for plies in range(len(record.moves)):
            if "end of the opening" in record.comments.get(plies, ""):
                break
        assert plies in (8, 10, 12)
        assert str(record.headers["Opening"]).count(" / ") == 1
        assert record.headers["TimeControl"] == "nodes=1"
        ended = board.outcome()
        words = f"{ended.termination.value}: {ended.reason}" if ended else "adjudication: 30 plies were played"
        assert record.headers["Termination"] == words
        assert all("probability 0." in record.comments[ply] for ply in range(plies + 1, len(record.moves) + 1))


@pytest.mark.parametrize("control", [ALONE, TimeControl()])
def test_the_same_games_are_played_however_they_are_distributed_or_interrupted(tmp_path, control):
    what = settings("abc", pairs=3, control=control)
    play(tmp_path / "one", what)
    play(tmp_path / "two", what, workers=2 if control == ALONE else 1)
    first = play(tmp_path / "three", what, games=5)
    rest = play(tmp_path / "three", what)
    assert not set(first) & set(rest) or control != ALONE
    assert moves_of(tmp_path / "one") == moves_of(tmp_path / "two") == moves_of(tmp_path / "three")
    assert (tmp_path / "one" / "games.pgn").stat().st_size == (tmp_path / "three" / "games.pgn").stat().st_size
    other = replace(what, seed=2)
    play(tmp_path / "four", other)
    assert moves_of(tmp_path / "four") != moves_of(tmp_path / "one")


def test_a_finished_tournament_plays_nothing_more(tmp_path):
    play(tmp_path, settings())
    before = (tmp_path / "results.json").read_bytes()
    assert play(tmp_path, settings()) == []
    assert (tmp_path / "results.json").read_bytes() == before


# ------------------------------------------------------------------------------------------------ the journal


def test_a_truncated_line_is_repaired_and_its_game_replayed(tmp_path):
    play(tmp_path / "whole", settings())
    play(tmp_path, settings(), games=4)
    journal = tmp_path / NAME
    data = journal.read_bytes()
    for cut in (1, 40, len(data.splitlines(keepends=True)[-1]) - 1):
        journal.write_bytes(data[:-cut])
        assert len(play(tmp_path, settings())) == 3
        assert moves_of(tmp_path) == moves_of(tmp_path / "whole")
    journal.write_bytes(data[:10])  # not even the settings were written
    assert len(play(tmp_path, settings())) == 6


def test_a_full_disk_is_reported_with_the_name_of_the_file(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=f"No space left on device: .*{NAME}"):
        Journal(tmp_path, {})


def test_damage_in_the_middle_is_reported(tmp_path):
    play(tmp_path, settings())
    lines = (tmp_path / NAME).read_bytes().splitlines(keepends=True)
    (tmp_path / NAME).write_bytes(b"".join([lines[0], b"{damaged\n", *lines[1:]]))
    with pytest.raises(BadRecord, match=r"journal\.jsonl: line 2 is damaged"):
        Tournament(tmp_path, settings())


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (settings("ac"), 'players b is \\["random", "nodes=1"\\] there and missing here'),
        (settings("ba"), 'the order of players is \\["a", "b"\\] there and \\["b", "a"\\] here'),
        (settings(control=TimeControl(nodes=2)), "players a is"),
        (settings(seed=9), "seed is 1 there and 9 here"),
        (settings(gauntlet=True), "gauntlet is false there and true here"),
        (settings(sprt=Sprt(0, 5)), "sprt is missing there"),
        (replace(settings(), openings=tuple(BOOK[:4])), "openings is"),
        (replace(settings(), conditions=Conditions()), "adjudication max_plies is 30 there and 500 here"),
    ],
)
def test_other_settings_are_refused(tmp_path, other, words):
    play(tmp_path, settings())
    with pytest.raises(BadConfig, match=f"holds a tournament with other settings: {words}"):
        Tournament(tmp_path, other)


def test_pairs_can_be_added_but_not_taken_away(tmp_path):
    few, more = settings("abc", pairs=2), settings("abc", pairs=3)
    played = {(number, words) for number, words in games_by_players(tmp_path, few) if number < 2 * 3 * 2}
    assert len(play(tmp_path, more)) == 6
    with Tournament(tmp_path, more) as event:
        assert (event.resumed, event.planned, event.finished) == (18, 18, True)
    records = list(read_games((tmp_path / "games.pgn").read_text(encoding="utf-8")))
    met = Counter((record.headers["Red"], record.headers["Black"]) for record in records)
    assert len(met) == 6
    assert set(met.values()) == {3}
    assert len({record.headers["Round"].partition(".")[2] for record in records}) == 18
    kept = {(record.headers["Red"], record.headers["Black"], record.moves) for record in records}
    assert {words for _, words in played} <= kept
    with pytest.raises(BadConfig, match="holds games of 3 pairs, and 2 were asked for: give 3 or more"):
        Tournament(tmp_path, few)


def games_by_players(folder, what):
    """Play a tournament; return the number of each game with its players and moves."""
    numbers = play(folder, what)
    records = list(read_games((folder / "games.pgn").read_text(encoding="utf-8")))
    words = [(record.headers["Red"], record.headers["Black"], record.moves) for record in records]
    return list(zip(sorted(numbers), words, strict=True))


def test_a_level_keeps_its_own_limit():
    """More nodes or time than its own limit would make it a different level."""
    one, two = parse_entrants(["level:master", "level:master?tc=nodes=5"], TimeControl(nodes=10**6))
    assert (one.control, two.control) == (TimeControl(), TimeControl(nodes=5))


def test_games_of_seeded_engines_do_not_depend_on_what_was_played_before(tmp_path):
    entrants = parse_entrants(["alphabeta?depth=1", "alphabeta?depth=2"], TimeControl())
    what = Settings(entrants, 2, tuple(BOOK), Conditions(Adjudication(max_plies=24)))
    play(tmp_path / "one", what)
    for _ in range(4):
        play(tmp_path / "two", what, games=1)
    assert len(moves_of(tmp_path / "two")) == 4
    assert moves_of(tmp_path / "one") == moves_of(tmp_path / "two")


def test_a_second_run_at_once_is_refused_and_foreign_files_are_left_alone(tmp_path, monkeypatch):
    with Tournament(tmp_path, settings()):
        with pytest.raises(BadConfig, match="another run is writing it since"):
            Tournament(tmp_path, settings())
        monkeypatch.setattr(Path, "exists", lambda path: False)  # as seen by a run that starts at the same moment
        with pytest.raises(BadConfig, match="another run is writing it since"):
            Tournament(tmp_path, settings())
        monkeypatch.undo()
    assert (tmp_path / NAME).read_bytes().startswith(b"{")
    Tournament(tmp_path, settings()).close()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "games.pgn").write_text("dear to me")
    with pytest.raises(BadConfig, match="give another folder"):
        Tournament(tmp_path / "mine", settings())
    with pytest.raises(BadConfig, match="anchor 'z': no player has that name"):
        Tournament(tmp_path / "new", settings(anchor="z"))
