"""Two processes started by torchrun learn what one learns from both of their batches."""

import json
import subprocess
import sys

import pytest
import torch

from xiangqi_lm.config import preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model import checkpoint
from xiangqi_lm.training import loop, parallel

SETTINGS = ["steps=4", "evaluate_every=2", "evaluate_games=2", "save_every=2", "labels_share=0.3", "ema=0.5"]
SETTINGS += ["optim.kind=muon", "outcomes.loss=0.5", "precision=float32", "batch_tokens=100"]
SETTINGS += ["optim.schedule=linear", "optim.decay=0", "optim.warmup=0"]  # one rate, however many steps


def together(data, label_file, folder, *more):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "xiangqi_lm", "train", "--data", data, "--labels", label_file, "--device", "cpu", "--out", folder]
    found = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr[-3000:]
    return found.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "more"),
    [("ddp", ["regularisers.fgm=0.1", "regularisers.penalty=0.01"]), ("fsdp", [])],
    ids=["ddp", "fsdp"],
)
def test_two_processes_equal_one(kind, more, data, label_file, tmp_path):
    """Weights, their average and the figures of four steps, in two sessions, compared with one process on both
    batches.
    """
    one = with_settings(preset("tiny"), [*SETTINGS, *more, "accumulate=2"])
    loop.train(loop.begin(one, data, tmp_path / "one", "cpu", [label_file]), data)
    sets = [word for setting in [*SETTINGS, *more, "steps=2", f"parallel={kind}"] for word in ("--set", setting)]
    assert "on 2 processes" in together(data, label_file, tmp_path / "two", "--preset", "tiny", *sets)
    together(data, label_file, tmp_path / "two", "--resume", "--set", "steps=4")
    logs = [
        [json.loads(line) for line in (tmp_path / x / "log.jsonl").read_text().splitlines()] for x in ("one", "two")
    ]
    assert [line["step"] for line in logs[1]] == [1, 2, 3, 4]
    for a, b in zip(*logs, strict=True):
        assert a["plies"] == b["plies"]
        for name in ("loss", "lm", "legal", "value", "labels_lm", "labels_value"):
            assert a[name] == pytest.approx(b[name], rel=1e-3), (a["step"], name)
    atol = 2e-3 if more else 3e-4  # a penalty is a difference of gradients, in which rounding weighs more
    for file in ("last/model.safetensors", "last/raw.safetensors"):
        a, b = (checkpoint.read_tensors(tmp_path / x / file) for x in ("one", "two"))
        assert a.keys() == b.keys()
        for name in a:
            torch.testing.assert_close(a[name], b[name], atol=atol, rtol=1e-2, msg=lambda m, n=name: f"{n}: {m}")


def test_more_processes_than_gpus_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "100")
    monkeypatch.setenv("LOCAL_RANK", "99")
    with pytest.raises(BadConfig, match="'cuda:99' cannot be used"), parallel.meet("cuda"):
        pass


def test_all_processes_save_the_best_or_none_does(data, tmp_path, monkeypatch):
    """A process of rank 1 that measured no improvement follows rank 0, which did, and vice versa."""
    run, said = loop.begin(preset("tiny"), data, tmp_path / "r", "cpu"), []
    run.world, run.best_bits = parallel.World(1, 2), 5.0
    for first, mine in ((True, 6.0), (False, 4.0)):
        monkeypatch.setattr(parallel, "summed", lambda x, world, device, f=first: said.append(x[0]) or x + float(f))
        assert loop.best_so_far(run, mine) == first
    assert said == [False, False]
