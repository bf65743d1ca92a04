"""The linear read-out of the board, its baselines and its picture."""

import json

import numpy as np
import pytest
import torch

from xiangqi_lm.cli import main
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.layout import START, layout_of
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES
from xiangqi_lm.training import probe
from xiangqi_lm.training.probe import CLASSES, Counts, States


def blind(tokenizer: str = "move", context: int = 64) -> Gpt:
    torch.manual_seed(5)
    return Gpt(ModelConfig(width=16, layers=2, heads=2, context=context, tokenizer=tokenizer, board="none")).eval()


def test_ridge_minimises_its_objective():
    torch.manual_seed(0)
    x = torch.cat((torch.randn(200, 6) * 3, torch.ones(200, 1)), 1).double()
    y = torch.randn(200, 4).double()
    weights = probe.ridge(x.T @ x, x.T @ y, len(x)).requires_grad_()
    penalty = probe.PENALTY * x[:, :-1].square().mean()
    objective = (x @ weights - y).square().sum(1).mean() + penalty * weights[:-1].square().sum()
    (slope,) = torch.autograd.grad(objective, weights)
    assert slope.abs().max() < 1e-12


def test_states_between_the_layers():
    model = blind()
    inputs = Inputs(torch.randint(0, 2087, (2, 9)))
    with torch.no_grad():
        found = probe.between_layers(model, inputs)
        torch.testing.assert_close(found[0], model.embed(inputs))
        torch.testing.assert_close(found[1], model.blocks[0](found[0], None))
        torch.testing.assert_close(model.norm(found[2]), model.encode(inputs))
    assert len(found) == 3
    assert not any(block._forward_hooks or block._forward_pre_hooks for block in model.blocks)


@pytest.mark.parametrize("tokenizer", ["move", "square"])
def test_positions_are_those_of_the_games(data, tokenizer):
    model, split = blind(tokenizer, 108), Shards.open(data).split("validation")
    seen = list(probe.states(model, split, range(2)))
    for batch in seen:
        assert batch.hidden.shape == (3, len(batch.ply), 17)
        assert (batch.hidden[..., -1] == 1).all()
        for game, ply, found in zip(batch.game, batch.ply, batch.boards, strict=True):
            board = Board()
            for move_id in split.moves(game)[:ply]:
                board.push(MOVES[move_id])
            assert np.array_equal(found, board.array if ply % 2 == 0 else -board.array[::-1])
    assert sum(len(batch.ply) for batch in seen) == sum(len(split.moves(i)) for i in range(2))


def test_plies_where_the_model_was_given_the_pieces_are_left_out(data):
    """Games longer than the context are continued from the pieces on the board: those plies do not test its memory."""
    model, split = blind(context=48), Shards.open(data).split("validation")
    model = Gpt(ModelConfig(width=16, layers=1, heads=2, context=52, tokenizer="square", board="none"))
    room = layout_of(model.config).room(False)
    plies = np.concatenate([batch.ply for batch in probe.states(model, split, range(len(split)))])
    assert plies.max() == room - 1
    assert max(len(split.moves(i)) for i in range(len(split))) > room


def told_boards(split, games):
    """Return states with the whole board in the last layer and nothing in the others."""
    for batch in probe.states(blind(), split, games):
        board = torch.nn.functional.one_hot(torch.from_numpy(batch.boards).long() + 7, CLASSES).flatten(1).float()
        full = torch.cat((board, torch.ones(len(board), 1)), 1)
        nothing = torch.zeros_like(full)
        nothing[:, -1] = 1
        yield States(torch.stack((nothing, full)), batch.boards, batch.game, batch.ply)


def test_a_board_in_the_states_is_found(data, monkeypatch):
    shards = Shards.open(data)
    train, held_out = shards.split("train"), shards.split("validation")
    boards = {name: list(told_boards(split, range(len(split)))) for name, split in (("t", train), ("v", held_out))}
    monkeypatch.setattr(probe, "states", lambda model, split, games, progress: boards["t" if split is train else "v"])
    found, believed = probe.probe(blind(), train, held_out, range(len(train)), range(len(held_out)))
    assert found["probe"]["squares"] > 0.995
    assert found["probe"]["changed"] > 0.98
    assert found["probe"]["boards"] > 0.8
    assert found["layers"][1] == {k: v for k, v in found["probe"].items() if k != "by_phase"}
    assert found["layers"][0]["changed"] < found["probe"]["changed"]  # it only knows the most frequent content
    assert found["start"]["changed"] == 0
    assert found["start"]["squares"] < found["majority"]["squares"] < found["probe"]["squares"]
    assert believed.plies.tolist() == [10, 30]
    assert np.mean(believed.truth == believed.belief) > 0.99


def test_shares_of_squares():
    moved = START.copy()
    moved[25], moved[22] = 0, moved[25]  # h2e2
    seen = States(torch.zeros(1, 2, 1), np.stack((START, moved)), np.zeros(2, np.int64), np.arange(2))
    figures = probe.judged(seen, np.stack((START, START))).figures
    assert figures["squares"].tolist() == [1, 88 / 90]
    assert figures["occupied"].tolist() == [1, 31 / 32]
    assert np.isnan(figures["changed"][0])
    assert figures["changed"][1] == 0
    assert figures["boards"].tolist() == [1, 0]


def test_majority_of_a_ply():
    other = np.zeros(90, np.int8)
    boards = np.stack([START] * 150 + [other] * 120 + [START] * 3)
    ply = np.repeat([0, 1, 2], [150, 120, 3])
    counts = Counts(8)
    counts.add(States(torch.zeros(1, 273, 1), boards, np.zeros(273, np.int64), ply))
    found = counts.majority(np.array([0, 1, 2, 7]))
    assert np.array_equal(found, np.stack((START, other, other, other)))  # ply 2 has too little data


def test_faults(data):
    shards = Shards.open(data)
    train, held_out = shards.split("train"), shards.split("validation")
    with pytest.raises(XiangqiError, match="no training games"):
        probe.probe(blind(), train, held_out, [], [0])
    with pytest.raises(XiangqiError, match="no held-out games"):
        probe.probe(blind(), train, held_out, [0], [])


def test_the_command_probes_and_draws(data, tmp_path, capsys):
    checkpoint.save(tmp_path / "m", blind(), {})
    picture, figures = tmp_path / "boards.png", tmp_path / "e.json"
    args = ["--probe-picture", str(picture), "--json", str(figures), "--games", "4"]
    with pytest.raises(SystemExit) as done:
        main(["evaluate", "--model", str(tmp_path / "m"), str(data), *args])
    assert done.value.code == 0
    found = json.loads(figures.read_text())["probe"]
    assert len(found["layers"]) == 3
    assert found["games"] == 4
    assert set(found) >= {"probe", "start", "majority"}
    assert "changed since the start" in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")
