"""Positions sampled from games, and labelling them by good and bad teachers."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from xiangqi_lm.arena import labels
from xiangqi_lm.arena.labels import Sampling, Teacher, label, missing, sample
from xiangqi_lm.arena.pairings import Pairing, pairings
from xiangqi_lm.arena.selfplay import record_of, selfplay
from xiangqi_lm.cli import main
from xiangqi_lm.dataset import division
from xiangqi_lm.dataset.labels import keys_of, read
from xiangqi_lm.dataset.labelwriter import Heading, LabelWriter
from xiangqi_lm.engine.baselines import RandomPlayer
from xiangqi_lm.engine.player import Choice, Info, Player, PrincipalVariation
from xiangqi_lm.engine.spec import parse_spec
from xiangqi_lm.errors import BadConfig, EngineFailure
from xiangqi_lm.records.formats.pgn import read_games, write_game
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.score import MATE, Score, WinDrawLoss

ENV = {**os.environ, "PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def records():
    games = [record_of(game, "a", "b") for game in selfplay(RandomPlayer(1), RandomPlayer(2), games=3, batch=3)]
    return [replace(record, moves=record.moves[:110]) for record in games]


@pytest.fixture(scope="module")
def games(records):
    return division.pack(records)


def text(board):
    return " ".join(board.fen().split(" ")[:2])


def images(board):
    board = Board(text(board))  # because the symmetries of a board replay its history
    return {text(b) for b in (board, board.mirror(), board.transform(), board.mirror().transform())}


# ------------------------------------------------------------------------------------------------ positions


def test_every_position_with_a_legal_move_is_taken_once(records, games):
    every = {}
    for record in records:
        board = record.start()
        for move in [*record.moves, None]:
            if board.legal_moves:
                every.setdefault(min(images(board)), text(board))
            if move:
                board.push(move)
    found = sample(games, Sampling())
    assert len(found) == len(set(found)) == len(every)
    assert {min(images(Board(position))) for position in found} == set(every)
    assert found != sorted(found)  # not in order
    assert found == sample(games, Sampling())
    assert len(np.unique(keys_of(found))) == len(found)


def test_shares_and_limits(games):
    whole = sample(games, Sampling())
    assert set(sample(games, Sampling(every=5))) < set(whole)
    part = sample(games, Sampling(share=0.25, seed=1))
    assert 0.15 < len(part) / len(whole) < 0.35
    assert sample(games, Sampling(share=0.25, seed=2)) != part
    assert sample(games, Sampling(limit=7)) == whole[:7]  # a larger limit keeps what a smaller one chose
    assert sample(games, Sampling(limit=10**6)) == whole


def test_random_moves_are_legal_and_lead_to_other_positions(games):
    whole = {min(images(Board(position))) for position in sample(games, Sampling())}
    varied = sample(games, Sampling(random_moves=3, random_share=0.4))
    new = [position for position in varied if min(images(Board(position))) not in whole]
    assert 0.3 < len(new) / len(varied) < 0.5
    assert all(Board(position).legal_moves for position in varied)  # raises if a position is invalid
    assert varied == sample(games, Sampling(random_moves=3, random_share=0.4))


def test_games_from_set_up_positions(tmp_path):
    from xiangqi_lm.records.game import GameRecord

    fen = "3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b - - 0 1"
    board = Board(fen)
    moves = (board.legal_list()[0],)
    board.push(moves[0])
    found = sample(division.pack([GameRecord(start_fen=fen, moves=moves)]), Sampling())
    assert set(found) == {text(Board(fen)), text(board)}


# ------------------------------------------------------------------------------------------------ teachers


class Fake(Player):
    """Prefers moves in the generator's order: 100 centipawns, 99, ...; mates where it can."""

    name = "fake"
    made = 0

    def __init__(self, bad=()):
        self.bad, self.asked, self.closed = set(bad), 0, False
        Fake.made += 1

    def choose(self, board, limit=None):
        return self.choose_many([board], limit)[0]

    def choose_many(self, boards, limit=None):
        assert not self.closed
        return [self._choose(board, limit) for board in boards]

    def _choose(self, board, limit):
        self.asked += 1
        if text(board) in self.bad:
            raise EngineFailure(f"choked on {text(board)}")
        moves = board.legal_list()[: limit.multipv]
        chances = WinDrawLoss(0.25, 0.5, 0.25)
        lines = tuple(PrincipalVariation((m,), Score(board.turn, 100 - i, wdl=chances)) for i, m in enumerate(moves))
        if final := board.final_moves():
            lines = (PrincipalVariation((final[0],), Score(board.turn, mate=1)), *lines)
        return Choice(lines[0].moves[0], info=Info(1, 1, 0.0, lines))

    def close(self):
        self.closed = True


def fake(monkeypatch, player):
    monkeypatch.setattr(labels, "make_player", lambda spec, seed: player())


def test_labels_hold_the_answers_of_the_teacher(tmp_path, monkeypatch, games):
    fake(monkeypatch, Fake)
    positions = sample(games, Sampling(limit=60))
    out, counted = tmp_path / "out.tsv", []
    with LabelWriter(out, Heading("fake", 3)) as writer:
        summary = label(missing(positions, writer), Teacher("fake", 3), writer, batch=7, progress=counted.append)
        writer.finish()
    assert (summary.labelled, summary.total, summary.failures) == (60, 60, ())
    assert sum(counted) == 60
    assert max(counted) == 7
    got = read(out)
    assert set(got.keys().tolist()) == set(keys_of(positions).tolist())
    written = [line.split("\t") for line in out.read_text("utf-8").splitlines()[1:]]
    assert [line[0] for line in written] == positions
    for i, line in enumerate(written):
        board = Board(line[0])
        if board.final_moves():
            assert got.scores[i] == MATE - 1
            assert line[1] == board.final_moves()[0].iccs()
        else:
            assert line[1:] == _expected_line(board)
            assert got.values()[i] == pytest.approx([0.25, 0.5, 0.25])


def _expected_line(board):
    best, *others = [move.iccs() for move in board.legal_list()[:3]]
    rest = [cell for i, move in enumerate(others) for cell in (move, str(99 - i))]
    return [best, "100", "250/500/250", *rest]


def test_only_the_positions_that_a_teacher_fails_on_are_lost(tmp_path, monkeypatch, games):
    positions = sample(games, Sampling(limit=40))
    bad = positions[5:40:9]
    Fake.made = 0
    fake(monkeypatch, lambda: Fake(bad))
    out = tmp_path / "out.tsv"
    with LabelWriter(out, Heading("fake")) as writer:
        summary = label(positions, Teacher("fake"), writer, batch=10)
        writer.finish()
    assert [position for position, _ in summary.failures] == bad
    assert summary.failures[0][1] == f"choked on {bad[0]}"
    assert len(read(out)) == summary.labelled == 40 - len(bad)
    assert Fake.made > 4  # a player that failed is not asked again
    with LabelWriter(out, Heading("fake")) as writer:
        assert missing(positions, writer) == bad


def test_a_teacher_that_always_fails_ends_the_run(tmp_path, monkeypatch, games):
    positions = sample(games, Sampling())
    fake(monkeypatch, lambda: Fake(positions))
    with LabelWriter(tmp_path / "out.tsv", Heading("fake")) as writer, pytest.raises(EngineFailure, match="every pos"):
        label(positions, Teacher("fake"), writer)
    assert not list(tmp_path.iterdir())


def test_a_player_without_scores_cannot_teach(tmp_path, games):
    with LabelWriter(tmp_path / "out.tsv", Heading("random")) as writer, pytest.raises(BadConfig, match="a teacher"):
        label(sample(games, Sampling(limit=3)), Teacher("random"), writer)


def test_whole_games_are_labelled_position_by_position(records, games):
    known = [set(keys_of([text(board) for board in _boards_of(record)]).tolist()) for record in records]
    for count in (1, 2, 5):
        found = labels.whole_games(games, count, seed=3)
        mine = keys_of(found).tolist()
        assert len(mine) == len(set(mine))
        whole = [i for i, keys in enumerate(known) if keys <= set(mine)]
        assert len(whole) == min(count, 3)
        assert set(mine) == set().union(*(known[i] for i in whole))
    order = [next(i for i, keys in enumerate(known) if key in keys) for key in mine[10:]]
    assert sum(a != b for a, b in pairwise(order)) == 2  # one game after the other
    first = labels.whole_games(games, 1, seed=3)
    assert first == found[: len(first)]


def _boards_of(record):
    """Return the positions of a game in which there is a legal move."""
    board = record.start()
    for move in [*record.moves, None]:
        if board.legal_moves:
            yield board
        if move:
            board.push(move)


def test_games_are_distributed_among_players():
    a, b, c = (parse_spec(text) for text in ("random", "greedy", "alphabeta?depth=1"))
    assert pairings([a], 7) == [Pairing(a, None, 7)]
    assert pairings([a, b, c], 8) == [
        Pairing(a, None, 3), Pairing(a, b, 2), Pairing(b, a, 1), Pairing(a, c, 1), Pairing(c, a, 1),
    ]  # fmt: skip
    assert [pairing.games for pairing in pairings([a, b, c], 1)] == [1, 0, 0, 0, 0]
    assert sum(pairing.games for pairing in pairings([a, b, c], 100)) == 100


def test_without_games_there_are_no_positions():
    assert labels.whole_games(division.pack([]), 3) == []
    assert sample(division.pack([]), Sampling()) == []


# ------------------------------------------------------------------------------------------------ the command


def command(*args):
    return [sys.executable, "-m", "xiangqi_lm", "data", "label", *map(str, args)]


def test_a_killed_command_resumes_and_labels_nothing_twice(tmp_path, records):
    pgn, out, figures = tmp_path / "games.pgn", tmp_path / "out.tsv.xz", tmp_path / "figures.json"
    pgn.write_text("".join(write_game(record) for record in records[:2]), encoding="utf-8")
    args = command(pgn, "--teacher", "alphabeta?depth=1", "--out", out, "--limit", 120, "--lines", 2, "--batch", 4)
    part = tmp_path / "out.tsv.xz.part"
    with subprocess.Popen([*args, "--jobs", "2"], env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while not part.exists() or part.read_bytes().count(b"\n") < 5:  # bounded by pytest-timeout
            assert run.poll() is None
            time.sleep(0.01)
        run.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    assert not out.exists()
    before = part.read_bytes().split(b"\n")[1:-1]
    done = subprocess.run(
        [*args, "--jobs", "1", "--json", figures], env=ENV, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    got = read(out)
    assert len(got) == len(set(got.keys().tolist())) == 120
    assert json.loads(figures.read_text("utf-8"))["labelled"] == 120 - len(before)
    assert not part.exists()
    again = subprocess.run(args, env=ENV, capture_output=True, text=True, check=True)
    assert "labelled 0 positions" in again.stdout


def test_one_command_plays_the_games_that_it_labels(tmp_path, capsys):
    """A player plays itself and an opponent; the same command with more games adds to both."""
    out = tmp_path / "labels.tsv"
    args = ["--from-players", "alphabeta?depth=1", "--from-players", "greedy", "--teacher", "alphabeta?depth=1"]

    def run(games):
        with pytest.raises(SystemExit, match="0"):
            main(["data", "label", *args, "--out", str(out), "--jobs", "1", "--whole-games", "99", "--play", games])
        files = sorted((tmp_path / "labels.tsv.games").iterdir())
        assert {path.suffix for path in files} == {".pgn"}  # no partial file is left
        return [list(read_games(path.read_text("utf-8"))) for path in files], capsys.readouterr().out

    few, _ = run("2")
    known = read(out).keys().tolist()
    assert [len(games) for games in few] == [1, 1]
    many, told = run("5")
    assert [len(games) for games in many] == [3, 1, 1]
    assert few[0][0].moves in [game.moves for game in many[0]]
    assert few[1][0].moves == many[1][0].moves
    names = [(games[0].headers["Red"], games[0].headers["Black"]) for games in many]
    assert names == [("alphabeta?depth=1",) * 2, ("alphabeta?depth=1", "greedy"), ("greedy", "alphabeta?depth=1")]
    positions = [text(board) for games in many for game in games for board in _boards_of(game)]
    assert set(read(out).keys().tolist()) == set(keys_of(positions).tolist())
    assert read(out).keys().tolist()[: len(known)] == known
    assert f"labelled {len(read(out)) - len(known):,} positions" in told


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "give record files, or --from-players"),
        (["x.pgn", "--play", "3"], "--play: without effect"),
        (["x.pgn", "--whole-games", "3", "--limit", "9"], "leave out --limit"),
    ],
)
def test_options_that_do_not_go_together(tmp_path, capsys, given, said):
    with pytest.raises(SystemExit, match="2"):
        main(["data", "label", *given, "--teacher", "alphabeta", "--out", str(tmp_path / "out.tsv")])
    assert said in capsys.readouterr().err
