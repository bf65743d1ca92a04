"""The network: causality, decoding with a cache, checkpoints."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.loader import legal_moves, view
from xiangqi_lm.errors import BadCheckpoint
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.decode import Decoder, Line
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.rules.board import Board

SMALL = ModelConfig(width=32, layers=2, heads=2, context=16, dropout=0.0)


@pytest.fixture(scope="module")
def model() -> Gpt:
    torch.manual_seed(0)
    return Gpt(SMALL).eval()


def random_line(seed: int, plies: int) -> Line:
    dice, board = random.Random(seed), Board()
    for _ in range(plies):
        board.push(dice.choice(list(board.legal_moves)))
    return Line(Board().array, 1, np.array([move.id for move in board.move_stack], np.int64))


def no_moves(b: int, t: int) -> torch.Tensor:
    return torch.zeros(b, t, 2, 2086, dtype=torch.bool)


def direct(model: Gpt, line: Line) -> torch.Tensor:
    """Return the hidden state without any cache; only for lines within the context."""
    tokens, boards, _ = view(line.ids, line.start, line.side)
    with torch.no_grad():
        moves = torch.from_numpy(legal_moves(boards))[None]
        return model.encode(Inputs(torch.from_numpy(tokens)[None], torch.from_numpy(boards)[None], moves))[0, -1]


def test_shapes(model):
    out = model(Inputs(torch.zeros(3, 5, dtype=torch.long), torch.zeros(3, 5, 90, dtype=torch.int8), no_moves(3, 5)))
    assert out.hidden.shape == (3, 5, 32)
    assert out.logits.shape == (3, 5, 2086)
    assert out.value.shape == (3, 5, 3)


def test_the_future_is_not_seen(model):
    tokens = torch.randint(0, 2086, (1, 12))
    boards = torch.randint(-7, 8, (1, 12, 90), dtype=torch.int8)
    moves = torch.rand(1, 12, 2, 2086) < 0.02
    before = model(Inputs(tokens, boards, moves)).logits
    tokens[0, 8:], boards[0, 8:], moves[0, 8:] = 7, 0, False
    after = model(Inputs(tokens, boards, moves)).logits
    assert torch.equal(before[:, :8], after[:, :8])
    assert not torch.equal(before[:, 8:], after[:, 8:])


def test_every_input_matters(model):
    tokens, boards = torch.randint(0, 2086, (1, 4)), torch.zeros(1, 4, 90, dtype=torch.int8)
    moves = no_moves(1, 4)
    base = model(Inputs(tokens, boards, moves)).logits[0, -1]
    other = boards.clone()
    other[0, 0, 33] = 5  # one rook, three plies ago
    assert not torch.allclose(model(Inputs(tokens, other, moves)).logits[0, -1], base)
    assert not torch.allclose(model(Inputs(tokens.flip(1), boards, moves)).logits[0, -1], base)
    moves[0, 1, 1, 77] = True  # one move that the opponent had
    assert not torch.allclose(model(Inputs(tokens, boards, moves)).logits[0, -1], base)


def test_without_legal_moves_as_input():
    """The original idea: moves and board only."""
    plain = Gpt(replace(SMALL, legal_moves=False)).eval()
    tokens, boards = torch.zeros(1, 2, dtype=torch.long), torch.zeros(1, 2, 90, dtype=torch.int8)
    assert torch.equal(plain(Inputs(tokens, boards)).logits, plain(Inputs(tokens, boards, no_moves(1, 2))).logits)
    assert Decoder(plain).encode([random_line(1, 3)]).shape == (1, 32)


def test_decoder_equals_encoding_from_scratch(model, monkeypatch):
    monkeypatch.setattr("xiangqi_lm.model.decode.autocast", lambda device: torch.no_grad())
    decoder = Decoder(model)
    lines = [random_line(seed, 14) for seed in range(4)]
    cut = lambda lines, n: [line._replace(ids=line.ids[:n]) for line in lines]  # noqa: E731
    steps = [
        cut(lines, 0), cut(lines, 1), cut(lines, 2), cut(lines, 4),  # one ply at a time, then two
        cut(lines[1:], 5), cut([lines[3], lines[1]], 6),  # games end, the order changes
        cut([lines[3], lines[1]], 3), cut(lines, 3),  # moves are taken back, games appear
        [lines[0]._replace(ids=lines[0].ids[:9]), lines[2]._replace(ids=lines[2].ids[:4])],  # unequal lengths
        [lines[0]._replace(ids=lines[0].ids[:10]), lines[2]._replace(ids=lines[2].ids[:5])],
    ]  # fmt: skip
    for asked in steps:
        found = decoder.encode(asked)
        for row, line in zip(found, asked, strict=True):
            torch.testing.assert_close(row, direct(model, line), atol=1e-5, rtol=1e-5)


def test_decoder_past_the_context(model, monkeypatch):
    """Beyond the context a growing game and a fresh one agree: the window moves by half a context."""
    monkeypatch.setattr("xiangqi_lm.model.decode.autocast", lambda device: torch.no_grad())
    line, decoder = random_line(5, 60), Decoder(model)
    for n in range(60):
        now = line._replace(ids=line.ids[:n])
        torch.testing.assert_close(decoder.encode([now]), Decoder(model).encode([now]), atol=1e-5, rtol=1e-5)


def test_checkpoint_round_trip(model, tmp_path):
    checkpoint.save(tmp_path / "m", model, {"steps": 3})
    again = checkpoint.load(tmp_path / "m")
    assert again.config == SMALL
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), again.state_dict().values(), strict=True))
    assert checkpoint.read_card(tmp_path / "m") == {"steps": 3}
    assert {path.name for path in (tmp_path / "m").iterdir()} == {"model.safetensors", "config.json", "card.json"}


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("config.json", lambda c: {**c, "vocabulary": "other"}, "another vocabulary"),
        ("config.json", lambda c: {**c, "format": 99}, "format 99"),
        ("config.json", lambda c: {**c, "model": {**c["model"], "width": 64}}, "does not fit"),
        ("config.json", lambda c: {**c, "model": {"widht": 32}}, "widht"),
        ("config.json", lambda c: {**c, "model": {**c["model"], "heads": 0}}, "heads"),
        ("config.json", lambda c: {**c, "model": 7}, "another program"),
    ],
)
def test_bad_config_is_refused_in_one_line(model, tmp_path, file, change, says):
    checkpoint.save(tmp_path, model, {})
    path = tmp_path / file
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(BadCheckpoint, match=says) as fault:
        checkpoint.load(tmp_path)
    assert "\n" not in str(fault.value)


def test_a_bare_name_is_a_shipped_model_and_a_path_is_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "default").mkdir()
    assert checkpoint.resolve("default").is_absolute()
    assert checkpoint.resolve("./default") == Path("default")
    assert checkpoint.resolve("mine") == Path("mine")


def test_missing_and_damaged_weights(model, tmp_path):
    with pytest.raises(BadCheckpoint, match="no model here"):
        checkpoint.load(tmp_path / "nowhere")
    checkpoint.save(tmp_path, model, {})
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(BadCheckpoint, match="damaged"):
        checkpoint.load(tmp_path)
