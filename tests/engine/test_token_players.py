"""The language model as a player, with any tokens, inputs and conditions."""

import contextlib
import random

import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.engine.spec import make_player, parse_spec
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.squares import RED

KINDS = [("square", "none", "softmax"), ("char", "none", "performer"), ("char", "sum", "softmax")]


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    monkeypatch.setattr("xiangqi_lm.model.decode.autocast", lambda device: contextlib.nullcontext())


def make(tokenizer: str, board: str, attention: str = "softmax", conditions: bool = False) -> Gpt:
    torch.manual_seed(0)
    model = Gpt(
        ModelConfig(
            width=32, layers=2, heads=2, context=64, tokenizer=tokenizer, board=board, attention=attention,
            conditions=conditions,
        )
    ).eval()  # fmt: skip
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(4 if p.ndim > 1 else 1)
    return model


def boards() -> list[Board]:
    """Return boards: the start, short games, one far past the context, and set-up positions for both sides."""
    dice, made = random.Random(3), []
    for plies in (0, 3, 40):
        board = Board()
        for _ in range(plies):
            board.push(dice.choice(list(board.legal_moves)))
        made.append(board)
    made += [Board("3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 w - - 0 1"), Board("3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b")]
    return made


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_games_of_all_lengths_together_as_each_alone(kind):
    model = make(*kind)
    together = LanguageModelPlayer(model, "x", seed=1).choose_many(boards())
    for board, choice in zip(boards(), together, strict=True):
        assert {move for move, _ in choice.probabilities} == set(board.legal_moves)
        assert sum(p for _, p in choice.probabilities) == pytest.approx(1, abs=1e-5)
        assert choice.move in board.legal_moves
        alone = dict(LanguageModelPlayer(model, "x").choose(board).probabilities)
        for move, p in choice.probabilities:
            assert alone[move] == pytest.approx(p, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
@pytest.mark.parametrize("sampling", ["moves", "tokens"])
def test_whole_games_are_played(kind, sampling):
    player, now = LanguageModelPlayer(make(*kind), "x", 1.0, 1.0, seed=1, sampling=sampling), [Board(), Board()]
    for _ in range(24):
        for board, choice in zip(now, player.choose_many(now), strict=True):
            board.push(choice.move)  # raises IllegalMove
    fresh = LanguageModelPlayer(make(*kind), "x").choose_many(now)
    for old, new in zip(player.choose_many(now), fresh, strict=True):
        known = dict(new.probabilities)
        assert all(known[move] == pytest.approx(p, abs=1e-4) for move, p in old.probabilities)


def test_drawn_tokens_follow_the_policy_of_moves():
    player = LanguageModelPlayer(make("square", "sum"), "x", 1.0, 1.0, seed=1, sampling="tokens")
    board = boards()[1]
    assert board.turn is not RED
    picks = [c.move for _ in range(4) for c in player.choose_many([board] * 200)]
    for move, p in player.choose(board).probabilities[:5]:
        assert abs(picks.count(move) / len(picks) - p) < 0.07


def test_a_model_is_given_the_wanted_result_of_its_mover():
    model = make("square", "none", conditions=True)
    asked = boards()
    told = {result: LanguageModelPlayer(model, "x", result=result) for result in (None, "win", "loss", "unknown")}
    choices = {result: player.choose_many(asked) for result, player in told.items()}
    for i in range(len(asked)):
        policy = {result: dict(found[i].probabilities) for result, found in choices.items()}
        assert policy[None] == policy["win"]
        assert max(abs(policy["win"][move] - policy["loss"][move]) for move in policy["win"]) > 1e-3
        assert choices["win"][i].score.as_wdl() == pytest.approx(choices["unknown"][i].score.as_wdl(), abs=1e-5)
    rated = LanguageModelPlayer(model, "x", rating=2500).choose(asked[0]).probabilities
    assert dict(rated) != dict(choices["win"][0].probabilities)


def test_specs_set_conditions_only_for_models_that_have_them(tmp_path):
    checkpoint.save(tmp_path / "told", make("square", "none", conditions=True), {})
    checkpoint.save(tmp_path / "plain", make("square", "none"), {})
    player = make_player(f"lm:{tmp_path / 'told'}?result=draw&rating=1900&sampling=tokens&device=cpu")
    assert player.choose(Board()).move in Board().legal_moves
    with pytest.raises(BadConfig, match="without conditions"):
        make_player(f"lm:{tmp_path / 'plain'}?result=win&device=cpu")
    with pytest.raises(BadConfig, match="found 'victory'"):
        parse_spec("lm:default?result=victory")
    with pytest.raises(BadConfig, match="found 'games'"):
        parse_spec("lm:default?sampling=games")
