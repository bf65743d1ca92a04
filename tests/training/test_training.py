"""Objectives, the loop, exact resume, evaluation."""

import json
import math
import shutil
import signal

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from xiangqi_lm.cli.train import train as train_command
from xiangqi_lm.config import OptimConfig, preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.dataset.division import Options, pack
from xiangqi_lm.dataset.loader import IGNORED, legal_moves, view
from xiangqi_lm.dataset.shards import Shards, build
from xiangqi_lm.errors import BadCheckpoint, BadConfig, XiangqiError
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt, Output
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES
from xiangqi_lm.training import loop, objectives
from xiangqi_lm.training.evaluate import calibration, evaluate
from xiangqi_lm.training.optim import rate_at

TINY = with_settings(preset("tiny"), ["steps=12", "evaluate_every=6", "save_every=4", "model.dropout=0.1"])


def random_case(rows: int = 40):
    torch.manual_seed(1)
    logits = torch.randn(2, rows, 2086, requires_grad=True)
    legal = torch.rand(2, rows, 2086) < 0.02
    moves = torch.randint(0, 2086, (2, rows))
    legal.scatter_(-1, moves.unsqueeze(-1), True)
    moves[0, 30:], legal[0, 30:] = IGNORED, False
    targets = objectives.Targets(moves, torch.randint(0, 3, (2, rows)), legal)
    return logits, targets


def test_both_policy_terms_in_one_pass_equal_the_plain_terms():
    logits, targets = random_case()
    output = Output(logits, logits, logits[..., :3])
    plain = objectives.lm([output], targets, TINY) + 0.3 * objectives.legal([output], targets, TINY)
    (wanted,) = torch.autograd.grad(plain, logits)
    whole, parts = objectives.policy(output, targets, {"lm": 1.0, "legal": 0.3})
    (found,) = torch.autograd.grad(whole, logits)
    torch.testing.assert_close(whole, plain)
    assert parts.keys() == {"lm", "legal"}
    torch.testing.assert_close(parts["lm"], objectives.lm([output], targets, TINY))
    torch.testing.assert_close(parts["legal"], objectives.legal([output], targets, TINY))
    torch.testing.assert_close(found, wanted, atol=1e-7, rtol=1e-4)
    assert found[0, 30:].abs().max() == 0


def test_legal_term_is_minus_log_of_the_legal_mass():
    logits, targets = random_case()
    p = logits.detach().softmax(-1)
    mass = (p * targets.legal).sum(-1)[targets.moves != IGNORED]
    found = objectives.legal([Output(logits, logits, logits[..., :3])], targets, TINY)
    torch.testing.assert_close(found, -mass.log().mean())


def test_value_term_without_known_results_is_zero():
    logits, targets = random_case()
    nothing = targets._replace(values=torch.full_like(targets.values, IGNORED))
    assert objectives.value([Output(logits, logits, logits[..., :3])], nothing, TINY) == 0


def test_schedule():
    config = OptimConfig()
    rates = [rate_at(step / 1000, 1000, config) for step in range(1000)]
    assert rates[0] == pytest.approx(config.rate / config.warmup)
    assert max(rates) == pytest.approx(config.rate)
    assert rates.index(max(rates)) in (config.warmup - 1, config.warmup)
    assert rates[-1] == pytest.approx(config.rate * config.floor, rel=0.01)


def weights_of(folder):
    return checkpoint.read_tensors(folder / "last" / "model.safetensors")


def test_resuming_equals_never_having_stopped(data, tmp_path):
    straight = loop.begin(TINY, data, tmp_path / "a", "cpu")
    loop.train(straight, data)

    class Killed(Exception):
        pass

    def kill(line):
        if line["step"] == 7:  # three steps after the last save, like kill -9
            raise Killed

    with pytest.raises(Killed):
        loop.train(loop.begin(TINY, data, tmp_path / "b", "cpu"), data, kill)
    again = loop.resume(tmp_path / "b", data, "cpu")
    assert again.step == 4
    loop.train(again, data)
    a, b = weights_of(tmp_path / "a"), weights_of(tmp_path / "b")
    assert all(torch.equal(a[name], b[name]) for name in a)
    logs = [[json.loads(line) for line in (tmp_path / x / "log.jsonl").read_text().splitlines()] for x in "ab"]
    assert [line["step"] for line in logs[1]] == list(range(1, 13))
    assert [line["loss"] for line in logs[0]] == [line["loss"] for line in logs[1]]
    assert logs[0][-1]["validation"] == logs[1][-1]["validation"]


def test_interrupt_saves_and_a_kill_between_renames_loses_nothing(data, tmp_path):
    def interrupt(line):
        if line["step"] == 6:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        loop.train(loop.begin(TINY, data, tmp_path / "r", "cpu"), data, interrupt)
    assert loop.resume(tmp_path / "r", data, "cpu").step == 6
    shutil.move(tmp_path / "r" / "last", tmp_path / "r" / "last.old")
    with pytest.raises(BadConfig, match="--resume"):
        loop.begin(TINY, data, tmp_path / "r", "cpu")
    assert loop.resume(tmp_path / "r", data, "cpu").step == 6


def test_ctrl_c_during_a_step_changes_nothing(data, tmp_path, monkeypatch):
    """The signal arrives while a batch is in the network; the run continues as if it had never been stopped."""
    loop.train(loop.begin(TINY, data, tmp_path / "a", "cpu"), data)
    plain, calls = Gpt.transform, []

    def interrupted(self, *args):
        calls.append(1)
        if len(calls) == 5:
            signal.raise_signal(signal.SIGINT)
        return plain(self, *args)

    monkeypatch.setattr(Gpt, "transform", interrupted)
    with pytest.raises(KeyboardInterrupt):
        loop.train(loop.begin(TINY, data, tmp_path / "b", "cpu"), data)
    monkeypatch.setattr(Gpt, "transform", plain)
    again = loop.resume(tmp_path / "b", data, "cpu")
    assert again.step == 5
    loop.train(again, data)
    a, b = weights_of(tmp_path / "a"), weights_of(tmp_path / "b")
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_a_run_resumes_only_with_its_own_shards(data, tmp_path):
    loop.save(loop.begin(TINY, data, tmp_path / "r", "cpu"), {})
    shutil.copytree(data, tmp_path / "other")
    index = json.loads((tmp_path / "other" / "index.json").read_text())
    (tmp_path / "other" / "index.json").write_text(json.dumps({**index, "seed": 99}))
    with pytest.raises(BadConfig, match="not the shards"):
        loop.resume(tmp_path / "r", tmp_path / "other", "cpu")
    with pytest.raises(XiangqiError, match="no shards here"):
        loop.resume(tmp_path / "r", tmp_path / "none", "cpu")
    (tmp_path / "r" / "last" / "state.json").write_text("{")
    with pytest.raises(BadCheckpoint, match="damaged"):
        loop.resume(tmp_path / "r", data, "cpu")


def test_games_without_results_can_be_trained_on(tmp_path):

    board = Board()
    for text in ("h2e2", "h9g7", "h0g2", "i9h9", "i0h0", "g6g5", "b0c2", "b9c7", "c3c4", "h7i7"):
        board.push_text(text)
    split = pack([GameRecord(moves=tuple(board.move_stack))])
    figures = evaluate(Gpt(preset("tiny").model), split)
    assert "value_accuracy" not in figures
    assert figures["plies"] == 10


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("model.heads=3", "not divisible"),
        ("model.heads=0", "heads must be at least 1"),
        ("model.width=-4", "width must be at least 1"),
        ("model.context=1", "context must be at least"),
        ("model.dropout=1", "dropout must be"),
        ("optim.rate=nan", "rate must be"),
        ("steps=0", "steps must be at least"),
        ("evaluate_games=0", "evaluate_games must be at least"),
        ("save_every=0", "save_every must be at least"),
        ("precision=fp8", "precision: expected one of auto, bf16, float32, found .fp8."),
    ],
)
def test_impossible_settings_are_refused(setting, says):
    with pytest.raises(BadConfig, match=says):
        with_settings(TINY, [setting])


def test_training_learns(data, tmp_path):
    """Enough steps on few games memorise them: the loss falls far below the entropy of random play."""
    config = with_settings(
        TINY, ["steps=150", "model.width=64", "optim.rate=3e-3", "mirror=no", "model.dropout=0", "evaluate_games=1"]
    )
    run = loop.begin(config, data, tmp_path / "r", "cpu")
    losses = []
    loop.train(run, data, lambda line: losses.append(line["lm"]))
    assert losses[0] > 7
    assert np.mean(losses[-5:]) < 2.5


def test_faults(data, tmp_path):
    loop.save(loop.begin(TINY, data, tmp_path / "r", "cpu"), {})
    with pytest.raises(BadConfig, match="--resume"):
        loop.begin(TINY, data, tmp_path / "r", "cpu")
    with pytest.raises(BadCheckpoint, match="no run to resume"):
        loop.resume(tmp_path / "none", data, "cpu")
    with pytest.raises(BadConfig, match="did you mean 'rate'"):
        with_settings(TINY, ["optim.rte=1"])
    with pytest.raises(BadConfig, match="not of type int"):
        with_settings(TINY, ["steps=many"])
    with pytest.raises(BadConfig, match="did you mean 'default'"):
        preset("defualt")


# ------------------------------------------------------------------------------------------------ evaluation


def by_hand(model: Gpt, split) -> dict:
    """Return the figures ply by ply from Board and plain softmax, without batches or windows."""
    top1, bits, legal1, mass, n = 0, 0.0, 0, 0.0, 0
    for i in range(len(split)):
        if split.start(i) is not None:
            continue
        tokens, boards, _ = view(split.moves(i).astype(np.int64), Board().array, 1)
        board = Board()
        with torch.no_grad():
            given = (torch.from_numpy(x)[None] for x in (tokens, boards, legal_moves(boards)))
            logits = model(Inputs(*given)).logits[0].double()
        for t, move_id in enumerate(split.moves(i).tolist()):
            moves = {(m if board.turn == 1 else m.half_turn()).id: m for m in board.legal_moves}
            p = logits[t].softmax(-1)
            inside = {k: p[k].item() for k in moves}
            played = next(k for k, m in moves.items() if m.id == move_id)
            top1 += max(inside, key=lambda k: inside[k]) == played
            bits -= math.log2(inside[played] / sum(inside.values()))
            legal1 += int(p.argmax()) in moves
            mass += 1 - sum(inside.values())
            n += 1
            board.push(moves[played])
    return {"plies": n, "top1": top1 / n, "bits_per_move": bits / n, "legal_top1": legal1 / n, "illegal_mass": mass / n}


def test_evaluate_equals_a_ply_by_ply_computation(data, monkeypatch):
    monkeypatch.setattr("xiangqi_lm.model.scoring.autocast", lambda device: torch.no_grad())
    torch.manual_seed(3)
    model = Gpt(preset("tiny").model).eval()
    split = Shards.open(data).split("validation")
    found, wanted = evaluate(model, split, batch_tokens=100), by_hand(model, split)
    for name, figure in wanted.items():
        assert found[name] == pytest.approx(figure, abs=2e-5), name
    assert sum(part["plies"] for part in found["by_phase"].values()) == found["plies"]
    assert found["top1"] <= found["top3"] <= found["top5"]


def test_evaluate_skips_set_up_positions():
    from xiangqi_lm.rules.moves import Move

    fen = "3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 w - - 0 1"
    records = [GameRecord(start_fen=fen, moves=(Move.from_iccs("d1d9"),)), GameRecord(moves=(Move.from_iccs("h2e2"),))]
    figures = evaluate(Gpt(preset("tiny").model), pack(records))
    assert (figures["games"], figures["plies"]) == (1, 1)


def test_calibration_counts_plies_by_expected_score():
    report = calibration(np.array([0.05, 0.07, 0.52, 1.0, 0.3]), np.array([0.0, 0.5, 1.0, 1.0, np.nan]))
    assert report["value_calibration"] == [
        {"plies": 2, "expected": 0.06, "scored": 0.25},
        {"plies": 1, "expected": 0.52, "scored": 1.0},
        {"plies": 1, "expected": 1.0, "scored": 1.0},
    ]
    assert report["value_error"] == pytest.approx((2 * 0.19 + 0.48) / 4)


def test_without_validation_games_there_is_no_best_checkpoint(data, tmp_path):
    split = Shards.open(data).split("train")
    games = [GameRecord(moves=tuple(MOVES[i] for i in split.moves(game))) for game in range(8)]
    build(games, tmp_path / "shards", Options(validation=0.0))
    places = ["--data", str(tmp_path / "shards"), "--out", str(tmp_path / "run")]
    found = CliRunner().invoke(train_command, [*places, "--preset", "tiny", "--device", "cpu", "--set", "steps=1"])
    assert found.exit_code == 0, found.output
    assert f"done: {tmp_path / 'run' / 'last'}\n" in found.output
