"""A run killed at any time resumes as if it had never stopped, whatever it trains with."""

import itertools
import json
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import torch

from xiangqi_lm.config import TrainConfig, preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.errors import BadConfig, XiangqiError
from xiangqi_lm.model import checkpoint, device
from xiangqi_lm.training import loop, resuming

BASE = ["steps=12", "evaluate_every=6", "save_every=4", "model.dropout=0.1", "evaluate_games=2"]


class Killed(Exception):
    pass


def kill_at(step):
    def report(line):
        if line["step"] == step:
            raise Killed

    return report


@pytest.mark.parametrize(
    "settings",
    [
        ["optim.kind=muon", "ema=0.9", "optim.schedule=linear", "accumulate=2"],
        ["labels_share=0.4", "curriculum=original", "ema=0.99", "outcomes.loss=0"],
        ["regularisers.vat=0.5", "regularisers.fgm=0.1", "regularisers.flood=5", "optim.kind=sgd", "optim.momentum=0"],
        ["terms.teaforn=1", "model.tokenizer=square", "model.board=none", "model.context=128"],
    ],
    ids=lambda settings: ",".join(settings),
)
def test_every_way_of_training_is_resumed_exactly(settings, data, label_file, tmp_path):
    config = with_settings(preset("tiny"), [*BASE, *settings])
    labels = [label_file] if any(s.startswith("labels") for s in settings) else []
    loop.train(loop.begin(config, data, tmp_path / "a", "cpu", labels), data)
    with pytest.raises(Killed):
        loop.train(loop.begin(config, data, tmp_path / "b", "cpu", labels), data, kill_at(7))
    loop.train(loop.resume(tmp_path / "b", data, "cpu", labels), data)
    for name in ("last/model.safetensors", "last/optimizer.safetensors"):
        a, b = (checkpoint.read_tensors(tmp_path / x / name) for x in "ab")
        assert a.keys() == b.keys()
        assert all(torch.equal(a[key], b[key]) for key in a)
    logs = [[json.loads(line) for line in (tmp_path / x / "log.jsonl").read_text().splitlines()] for x in "ab"]
    assert [line["loss"] for line in logs[0]] == [line["loss"] for line in logs[1]]


@pytest.mark.slow
def test_a_killed_process_is_resumed_exactly(data, label_file, tmp_path):
    """kill -9 at arbitrary moments, twice; the final weights equal those of an undisturbed process."""
    settings = "steps=40 save_every=3 evaluate_every=20 evaluate_games=2 model.dropout=0.1 labels_share=0.3 ema=0.9"
    settings += " optim.kind=muon curriculum=1/4@0,1@0.4 accumulate=2"
    sets = [word for setting in settings.split() for word in ("--set", setting)]
    command = [sys.executable, "-m", "xiangqi_lm", "train", "--data", data, "--labels", label_file, "--device", "cpu"]

    def start(name, *more):
        return subprocess.Popen([*command, "--out", tmp_path / name, *more], stdout=subprocess.DEVNULL)

    straight = start("a", "--preset", "tiny", *sets)
    assert straight.wait() == 0
    log = tmp_path / "b" / "log.jsonl"
    for steps, more in ((11, ("--preset", "tiny", *sets)), (25, ("--resume",))):
        process = start("b", *more)
        while process.poll() is None and (not log.exists() or log.read_text().count("\n") < steps):
            time.sleep(0.002)
        process.kill()
        process.wait()
    assert start("b", "--resume").wait() == 0
    a, b = (checkpoint.read_tensors(tmp_path / x / "last" / "model.safetensors") for x in "ab")
    assert all(torch.equal(a[name], b[name]) for name in a)
    losses = [
        [json.loads(line)["loss"] for line in (tmp_path / x / "log.jsonl").read_text().splitlines()] for x in "ab"
    ]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 40


def test_a_run_keeps_the_precision_it_began_with(data, tmp_path, monkeypatch):
    """Even where it would now be chosen otherwise: a busy machine measures badly, another one has other units."""
    config = with_settings(preset("tiny"), [*BASE, "optim.kind=muon"])
    monkeypatch.setattr(device, "fast_bf16", lambda name: True)
    loop.train(loop.begin(config, data, tmp_path / "a", "cpu"), data)
    with pytest.raises(Killed):
        loop.train(loop.begin(config, data, tmp_path / "b", "cpu"), data, kill_at(7))
    for module in (device, resuming):
        monkeypatch.setattr(module, "fast_bf16", lambda name: False)
    run = loop.resume(tmp_path / "b", data, "cpu")
    assert run.config.precision == "bf16" and "slower here" in run.notes[0]
    loop.train(run, data)
    a, b = (checkpoint.read_tensors(tmp_path / x / "last" / "model.safetensors") for x in "ab")
    assert all(torch.equal(a[name], b[name]) for name in a)
    changed = loop.resume(tmp_path / "b", data, "cpu", settings=["precision=auto"])
    assert changed.config.precision == "float32" and changed.notes == []


def test_a_run_can_be_made_longer(data, tmp_path):
    config = with_settings(preset("tiny"), [*BASE, "steps=4"])
    loop.train(loop.begin(config, data, tmp_path / "r", "cpu"), data)
    run = loop.resume(tmp_path / "r", data, "cpu", settings=["steps=8"])
    assert "50.0% of the run is done instead of 100.0%" in run.notes[0]
    loop.train(run, data)
    assert run.step == 8
    assert loop.resume(tmp_path / "r", data, "cpu").config.steps == 8
    with pytest.raises(BadConfig, match=r"optim\.rate.*only steps"):
        loop.resume(tmp_path / "r", data, "cpu", settings=["optim.rate=1"])


def test_a_loss_that_is_not_finite_stops_and_spoils_nothing(data, tmp_path):
    config = with_settings(preset("tiny"), [*BASE, "save_every=2"])

    def spoil(line):
        if line["step"] == 3:
            torch.nn.init.constant_(run.model.norm.weight, torch.nan)

    run = loop.begin(config, data, tmp_path / "r", "cpu")
    with pytest.raises(XiangqiError, match="step 4: the loss is nan"):
        loop.train(run, data, spoil)
    again = loop.resume(tmp_path / "r", data, "cpu")
    assert again.step == 2
    assert all(t.isfinite().all() for t in again.model.state_dict().values())


def test_the_average_is_kept_and_evaluated(data, tmp_path):
    config = with_settings(preset("tiny"), [*BASE, "ema=0.9"])
    run = loop.begin(config, data, tmp_path / "r", "cpu")
    loop.train(run, data)
    kept = checkpoint.load(tmp_path / "r" / "last").state_dict()
    raw = checkpoint.read_tensors(tmp_path / "r" / "last" / "raw.safetensors")
    assert all(torch.equal(kept[name], tensor) for name, tensor in run.average.tensors.items())
    assert all(torch.equal(raw[name], tensor) for name, tensor in run.model.state_dict().items())
    assert not torch.equal(kept["policy.weight"], raw["policy.weight"])


def test_a_budget_of_seconds_ends_a_run(data, tmp_path, monkeypatch):
    clock = itertools.count(0.0, 0.125)  # read before and after each step
    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=time.perf_counter, process_time=lambda: next(clock)))
    config = with_settings(preset("tiny"), [*BASE, "budget_seconds=0.5", "steps=30"])
    run, rates = loop.begin(config, data, tmp_path / "r", "cpu"), []
    loop.train(run, data, lambda line: rates.append(line["rate"]))
    assert (run.computing, run.step) == (0.5, 4)
    assert rates[-1] < max(rates) / 2
    assert loop.resume(tmp_path / "r", data, "cpu").done == 1


def test_init_takes_over_what_fits(data, tmp_path):
    config = with_settings(preset("tiny"), [*BASE, "steps=2"])
    loop.train(loop.begin(config, data, tmp_path / "a", "cpu"), data)
    other = with_settings(config, ["model.legal_moves=no", "model.context=32", "seed=5"])
    run = loop.begin(other, data, tmp_path / "b", "cpu", init=str(tmp_path / "a" / "last"))
    source, mine = (checkpoint.load(tmp_path / "a" / "last").state_dict(), run.model.state_dict())
    assert torch.equal(mine["policy.weight"], source["policy.weight"])
    assert run.origin["init"]["fresh"] == ["embed.position.weight"]
    assert run.origin["init"]["unused"] == ["embed.legal.weight", "embed.position.weight"]
    assert any("begin afresh: embed.position.weight" in note for note in run.notes)
    loop.train(run, data)
    assert checkpoint.read_card(tmp_path / "b" / "last")["origin"]["init"]["model"] == str(tmp_path / "a" / "last")
    wide = with_settings(config, ["model.width=16", "model.heads=1"])
    with pytest.raises(BadConfig, match="none of its weights fits"):
        loop.begin(wide, data, tmp_path / "c", "cpu", init=str(tmp_path / "a" / "last"))


def test_a_truncated_line_of_the_log_is_dropped(data, tmp_path):
    """Even a line that ends like a complete one."""
    run = loop.begin(with_settings(preset("tiny"), [*BASE, "steps=2"]), data, tmp_path / "r", "cpu")
    loop.train(run, data)
    log = tmp_path / "r" / "log.jsonl"
    whole = log.read_text()
    for torn in ('{"step": 3, "validation": {"a": {"b": 1}', '{"st', "7", "{}"):
        log.write_text(whole + torn)
        loop.resume(tmp_path / "r", data, "cpu")
        assert log.read_text() == whole


def test_the_card_keeps_the_last_figures(data, tmp_path):
    config = with_settings(preset("tiny"), [*BASE, "evaluate_every=3", "save_every=1"])
    with pytest.raises(Killed):
        loop.train(loop.begin(config, data, tmp_path / "r", "cpu"), data, kill_at(4))
    before = checkpoint.read_card(tmp_path / "r" / "last")["validation_sample"]
    assert before["plies"]
    with pytest.raises(Killed):
        loop.train(loop.resume(tmp_path / "r", data, "cpu"), data, kill_at(5))
    loop.save(run := loop.resume(tmp_path / "r", data, "cpu"), loop.card(run, data))
    assert run.step == 4
    assert checkpoint.read_card(tmp_path / "r" / "last")["validation_sample"] == before


def test_only_a_stretched_schedule_is_reported(data, tmp_path):
    config = with_settings(preset("tiny"), [*BASE, "steps=4", "optim.warmup=1"])
    loop.train(loop.begin(config, data, tmp_path / "r", "cpu"), data)
    assert loop.resume(tmp_path / "r", data, "cpu", settings=["save_every=2", "steps=4"]).notes == []


def test_the_random_state_of_the_gpu_in_use_is_saved_and_restored(data, tmp_path, monkeypatch):
    run, asked = loop.begin(with_settings(preset("tiny"), BASE), data, tmp_path / "r", "cpu"), []
    run.device = "cuda:1"
    state = torch.arange(4, dtype=torch.uint8)
    monkeypatch.setattr(torch.cuda, "get_rng_state", lambda device="cuda": asked.append(device) or state)
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda x, device="cuda": asked.append((x.tolist(), device)))
    loop.save(run, {})
    resuming.restore(run, *resuming.read_state(tmp_path / "r", TrainConfig))
    assert asked == ["cuda:1", ([0, 1, 2, 3], "cuda:1")]


def test_a_warm_up_that_never_ends_is_reported(data, tmp_path):
    config = with_settings(preset("tiny"), [*BASE, "steps=4", "optim.warmup=16", "optim.rate=1"])
    assert loop.begin(config, data, tmp_path / "r", "cpu").notes == [
        "optim.warmup=16 of 4 steps: the learning rate only rises, to 0.25 of 1"
    ]
    assert loop.begin(with_settings(config, ["optim.warmup=3"]), data, tmp_path / "s", "cpu").notes == []


def test_patience_ends_a_run_and_is_resumed(data, tmp_path):
    settings = [*BASE, "evaluate_every=1", "save_every=1", "optim.warmup=0", "patience=3", "steps=60"]
    config = with_settings(preset("tiny"), settings)

    def begun(folder):
        run = loop.begin(config, data, tmp_path / folder, "cpu")
        run.best_bits = 0.0  # never reached
        return run

    run = begun("a")
    loop.train(run, data)
    assert (run.step, run.waited, run.done) == (3, 3, 1.0)
    assert not (tmp_path / "a" / "best").exists()
    with pytest.raises(Killed):
        loop.train(begun("b"), data, kill_at(3))  # before it was saved
    again = loop.resume(tmp_path / "b", data, "cpu")
    assert (again.step, again.waited) == (2, 2)
    loop.train(again, data)
    assert (again.step, again.waited) == (3, 3)
    assert loop.resume(tmp_path / "b", data, "cpu").done == 1.0
    more = loop.resume(tmp_path / "b", data, "cpu", settings=["patience=5"])
    loop.train(more, data)
    assert more.step == 5
