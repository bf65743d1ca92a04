"""Games played side by side."""

import pytest

from xiangqi_lm.arena.match import play_batch
from xiangqi_lm.arena.selfplay import record_of, selfplay
from xiangqi_lm.engine.player import Choice
from xiangqi_lm.engine.random import RandomPlayer
from xiangqi_lm.errors import EngineFailure
from xiangqi_lm.records.pgn import read_games, write_game
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES
from xiangqi_lm.rules.outcome import Termination


def test_games_are_legal_finished_and_survive_pgn():
    plies = []
    games = list(selfplay(RandomPlayer(1), RandomPlayer(2), games=7, batch=3, progress=plies.append))
    assert sorted(game.number for game in games) == list(range(7))
    assert max(plies) <= 3
    assert sum(plies) == sum(game.outcome.plies for game in games)
    for game in games:
        board = Board()
        for move in game.board.move_stack:
            assert board.outcome() is None
            board.push(move)  # raises if illegal
        assert board.outcome() == game.outcome
        record = record_of(game, "a", "b")
        assert record.headers["Termination"].startswith(game.outcome.termination.value)
        (again,) = read_games(write_game(record))
        assert again.moves == record.moves
        assert again.result == game.outcome.result


def test_each_colour_is_played_by_its_player():
    class Watcher(RandomPlayer):
        def choose_many(self, boards, limit=None):
            self.seen = getattr(self, "seen", set()) | {board.turn for board in boards}
            return super().choose_many(boards, limit)

    red, black = Watcher(1), Watcher(2)
    starts = [Board(), Board("3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b")]
    games = list(play_batch(red, black, starts))
    assert len(games) == 2
    assert {int(side) for side in red.seen} == {1}
    assert {int(side) for side in black.seen} == {-1}


def test_a_finished_position_is_yielded_at_once():
    mated = Board("3k1a3/4a4/9/9/9/9/9/9/3r5/3rK4 w")
    (game,) = play_batch(RandomPlayer(), RandomPlayer(), [mated])
    assert (game.outcome.termination, game.outcome.result) == (Termination.CHECKMATE, "0-1")


def test_an_illegal_move_names_player_and_position():
    class Cheat(RandomPlayer):
        name = "cheat"

        def choose_many(self, boards, limit=None):
            return [Choice(MOVES[-1]) for _ in boards]

    with pytest.raises(EngineFailure, match=r"cheat played the illegal move i9h9 in rnbakabnr"):
        list(play_batch(Cheat(), RandomPlayer(), [Board()]))
