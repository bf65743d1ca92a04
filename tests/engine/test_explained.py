"""The language model's choices under a limit: with root moves, and explained by several lines."""

from __future__ import annotations

import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.engine.player import Limit
from xiangqi_lm.errors import IllegalMove
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move


@pytest.fixture(scope="module")
def player():
    torch.manual_seed(0)
    return LanguageModelPlayer(Gpt(ModelConfig(width=32, layers=2, heads=2, context=32)).eval(), "lm:tiny", seed=1)


def after(*moves: str) -> Board:
    board = Board()
    for text in moves:
        board.push_text(text)
    return board


@pytest.mark.parametrize("board", [Board(), after("h2e2"), after("h2e2", "h9g7", "h0g2")])
def test_lines_are_the_likeliest_moves_each_with_the_value_after_it(player, board, monkeypatch):
    monkeypatch.setattr("xiangqi_lm.model.decode.autocast", lambda device: torch.no_grad())
    choice = player.choose(board, Limit(multipv=4))
    lines = choice.info.variations
    assert [(line.moves[0], line.probability) for line in lines] == list(choice.probabilities[:4])
    assert choice.lines == tuple(line.moves for line in lines)
    for line in lines:
        child = board.copy()
        child.push(line.moves[0])
        there = player.choose(child)
        assert line.score.as_wdl() == pytest.approx(there.score.as_wdl()[::-1], abs=1e-5)
        assert line.moves[1] is there.probabilities[0][0]
    plain = player.choose(board)
    assert (plain.info, len(plain.lines)) == (None, 1)
    for (move, p), (other, q) in zip(plain.probabilities[:4], choice.probabilities[:4], strict=True):
        assert (move, p) == (other, pytest.approx(q, abs=1e-5))


def test_one_line_is_about_the_move_that_is_played(player):
    for _ in range(5):
        choice = player.choose(Board(), Limit(report=lambda info: None))
        (line,) = choice.info.variations
        assert line.moves[0] is choice.move
        assert line.probability == dict(choice.probabilities)[choice.move]


def test_only_some_moves_may_be_chosen(player):
    board = after("h2e2")
    full = dict(player.choose(board).probabilities)
    among = tuple(list(board.legal_moves)[3:6])
    for _ in range(5):
        choice = player.choose(board, Limit(root_moves=(*among, Move.from_iccs("e0e1")), multipv=9))
        assert choice.move in among
        assert {move for move, _ in choice.probabilities} == set(among)
        mass = sum(full[move] for move in among)
        for move, p in choice.probabilities:
            assert p == pytest.approx(full[move] / mass, abs=2e-3)
        assert len(choice.info.variations) == 3
    with pytest.raises(IllegalMove, match="none of the moves"):
        player.choose(board, Limit(root_moves=(Move.from_iccs("e0e1"),)))


def test_a_mate_outside_the_root_moves_is_not_played_and_one_inside_is_named(player):
    board = Board("3k5/9/9/4R4/9/9/9/9/4R4/5K3 w")
    mates = board.final_moves()
    others = tuple(move for move in board.legal_moves if move not in mates)
    assert player.choose(board, Limit(root_moves=others)).move in others
    choice = player.choose(board, Limit(multipv=len(board.legal_moves)))
    assert choice.move in mates
    named = {line.moves[0] for line in choice.info.variations if line.score.mate == 1}
    assert named == set(mates)
