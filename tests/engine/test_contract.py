"""The contract that every kind of player keeps."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.engine.alphabeta.player import AlphaBetaPlayer
from xiangqi_lm.engine.baselines import GreedyPlayer, RandomPlayer
from xiangqi_lm.engine.external.player import ExternalPlayer
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.engine.mcts.network import NetworkEvaluator
from xiangqi_lm.engine.mcts.player import SearchPlayer
from xiangqi_lm.engine.player import Limit, Player
from xiangqi_lm.engine.spec import KINDS
from xiangqi_lm.errors import IllegalMove
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

FAKE = Path(__file__).parents[1] / "tools" / "fake_engine.py"


def model() -> Gpt:
    torch.manual_seed(1)
    return Gpt(ModelConfig(width=32, layers=2, heads=2, context=32)).eval()


def search() -> SearchPlayer:
    evaluator = NetworkEvaluator(model(), history=False)
    return SearchPlayer(evaluator, limit=Limit(nodes=20), temperature=1.0, seed=1, begin=evaluator.begin)


def engine(mode: str, protocol: str = "uci") -> ExternalPlayer:
    return ExternalPlayer([sys.executable, str(FAKE), mode], protocol, limit=Limit(nodes=1), timeout=60.0)


MAKERS = {
    "random": lambda: RandomPlayer(1),
    "greedy": lambda: GreedyPlayer(1),
    "lm": lambda: LanguageModelPlayer(model(), "lm:tiny", seed=1),
    "mcts": search,
    "alphabeta": lambda: AlphaBetaPlayer(Limit(depth=2), seed=1),
    "uci": lambda: engine("engine"),
    "ucci": lambda: engine("ucci", "ucci"),
}


def test_every_kind_of_player_is_here():
    assert set(MAKERS) == set(KINDS) - {"level"}  # a level is one of the others


@pytest.fixture(params=MAKERS)
def player(request):
    with MAKERS[request.param]() as made:
        yield made


def boards() -> list[Board]:
    later = Board()
    for text in ("h2e2", "h9g7", "h0g2"):
        later.push_text(text)
    return [Board(), later, Board("3ak4/9/9/9/9/9/9/9/5R3/3K5 w")]


def test_a_player_keeps_the_contract(player):
    assert isinstance(player, Player) and player.name
    for board in boards():
        before = board.fen(), board.ply
        choice = player.choose(board)
        assert (board.fen(), board.ply) == before
        assert board.is_legal(choice.move)
        assert all(board.is_legal(line[0]) for line in choice.lines)
        if choice.probabilities:
            shares = [share for _, share in choice.probabilities]
            assert sum(shares) == pytest.approx(1, abs=1e-4) and shares == sorted(shares, reverse=True)
        if choice.score:
            assert choice.score.side is board.turn and sum(choice.score.as_wdl()) == pytest.approx(1, abs=1e-4)
        for line in choice.info.variations if choice.info else ():
            assert line.score is None or line.score.side is board.turn


def test_a_player_answers_for_several_games_in_their_order(player):
    choices = player.choose_many(boards(), Limit(nodes=1))
    assert [board.is_legal(choice.move) for board, choice in zip(boards(), choices, strict=True)] == [True] * 3


def test_a_player_stays_within_the_root_moves(player):
    board = Board()
    wanted = tuple(sorted(board.legal_moves))[:1]
    assert player.choose(board, Limit(nodes=4, root_moves=wanted)).move is wanted[0]
    with pytest.raises(IllegalMove, match="none of the moves"):
        player.choose(board, Limit(nodes=4, root_moves=(Move.from_iccs("a0a9"),)))
    assert board.is_legal(player.choose(board).move)  # and it still works without them


def test_a_player_that_is_stopped_answers(player):
    stop = threading.Event()
    stop.set()
    assert Board().is_legal(player.choose(Board(), Limit(movetime=600, stop=stop)).move)


def test_the_same_seed_gives_the_same_moves(player):
    def moves():
        player.reseed(7)
        return [player.choose(board, Limit(nodes=8)).move for board in boards()]

    assert moves() == moves()


def test_a_player_may_be_closed_twice(player):
    player.choose(Board(), Limit(nodes=1))
    player.close()
    player.close()
