"""Muon compared with the singular value decomposition, schedules, running averages."""

import math

import pytest
import torch

from xiangqi_lm.config import OptimConfig, preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.training import loop
from xiangqi_lm.training.optim import Average, Muon, make_optimizers, orthogonalise, rate_at
from xiangqi_lm.training.step import train_step


@pytest.mark.parametrize("shape", [(48, 48), (32, 128), (96, 32)])
def test_orthogonalised_matrices_keep_their_singular_vectors(shape):
    torch.manual_seed(0)
    matrix = torch.randn(shape)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    inside = u.T @ orthogonalise(matrix) @ v.T  # diagonal in the matrix's own singular vectors
    assert inside.diagonal().min() > 0.6
    assert inside.diagonal().max() < 1.25
    assert (inside - inside.diagonal().diag()).abs().max() < 0.05


def test_muon_moves_as_far_as_the_rate_says_and_decays_apart():
    torch.manual_seed(0)
    p = torch.nn.Parameter(torch.randn(32, 64))
    before = p.detach().clone()
    optimizer = Muon([p], lr=0.01, momentum=0.95, weight_decay=0.5)
    p.grad = 1000 * torch.randn(32, 64)
    optimizer.step()
    moved = p.detach() - before * (1 - 0.01 * 0.5)
    # the singular values of a step lie between 0.7 and 1.2; where exactly depends on the precision of the products
    assert 0.7 < moved.pow(2).mean().sqrt().item() / (0.2 * 0.01) < 1.2
    assert (moved * p.grad).sum() < 0


def test_muon_updates_only_the_matrices_of_the_blocks():
    model = Gpt(preset("tiny").model)
    config = with_settings(preset("tiny"), ["optim.kind=muon"]).optim
    adamw, muon = make_optimizers(model, config)
    names = {id(p): name for name, p in model.named_parameters()}
    inner = {names[id(p)] for group in muon.param_groups for p in group["params"]}
    outer = [names[id(p)] for group in adamw.param_groups for p in group["params"]]
    assert inner == {n for n, p in model.named_parameters() if n.startswith("blocks.") and p.ndim == 2}
    assert sorted([*inner, *outer]) == sorted(names.values())


def test_scores_of_move_classes_learn_faster_and_do_not_decay():
    """A run that moves its weights by a third must be able to move a class's score by several units."""
    config = with_settings(
        preset("tiny"), ["model.move_classes=yes", "model.legal_bias=yes", "optim.warmup=0", "steps=1"]
    )
    model = Gpt(config.model)
    (adamw,) = make_optimizers(model, config.optim)
    own = {id(p): group for group in adamw.param_groups for p in group["params"]}
    assert len(own) == len(list(model.parameters()))
    weight, bias = own[id(model.classes.weight)], own[id(model.classes.bias)]
    assert weight["weight_decay"] == bias["weight_decay"] == 0
    assert bias["scale"] * 8e-4 * 800 / 2 > 5 * weight["scale"] * 8e-4 * 800 / 2 > 1
    for group in adamw.param_groups:
        assert group is weight or group is bias or "scale" not in group


def test_muon_solves_least_squares():
    """Least squares: the loss falls a thousandfold as the rate decreases."""
    torch.manual_seed(0)
    wanted, x = torch.randn(24, 16), torch.randn(200, 16)
    p = torch.nn.Parameter(torch.zeros(24, 16))
    optimizer = Muon([p], lr=1.0, momentum=0.95, weight_decay=0.0)
    losses = []
    for step in range(300):
        for group in optimizer.param_groups:
            group["lr"] = 0.3 * (1 - step / 300)
        loss = (x @ (p - wanted).T).square().mean()
        losses.append(loss.item())
        (p.grad,) = torch.autograd.grad(loss, p)
        optimizer.step()
    assert losses[-1] < losses[0] / 1000


def test_linear_schedule_is_flat_and_then_falls():
    config = OptimConfig(schedule="linear", decay=0.25, warmup=100, rate=1.0, floor=0.1)
    rates = [rate_at(step / 1000, 1000, config) for step in range(1001)]
    assert rates[:100] == pytest.approx([(step + 1) / 100 for step in range(100)])
    assert rates[100:751] == pytest.approx([1.0] * 651)
    assert rates[875] == pytest.approx(0.55)
    assert rates[1000] == pytest.approx(0.1)


def test_settings_of_the_optimiser_are_checked():
    for setting, says in (
        ("optim.kind=lion", "adamw, muon"),
        ("optim.schedule=x", "cosine"),
        ("optim.decay=2", "at most 1"),
    ):
        with pytest.raises(BadConfig, match=says):
            with_settings(preset("tiny"), [setting])


def test_average_is_the_weighted_sum_of_the_weights():
    model = torch.nn.Linear(3, 1, bias=False)
    seen = [model.weight.detach().clone()]
    average, wanted = Average(model, 0.5), seen[0]
    for i in range(20):
        torch.nn.init.constant_(model.weight, math.sin(i))
        average.update(model)
        decay = min(0.5, (1 + i) / (10 + i))
        wanted = decay * wanted + (1 - decay) * model.weight.detach()
    torch.testing.assert_close(average.tensors["weight"], wanted)


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_a_warm_up_in_seconds_does_not_overshoot(schedule):
    """When time limits the run, the fraction completed is not a whole number of steps."""
    config = OptimConfig(schedule=schedule, warmup=2, rate=1.0)
    assert max(rate_at(done / 1000, 30, config) for done in range(1000)) == pytest.approx(1.0)


def test_without_clipping_gradients_keep_their_length(data, tmp_path):
    config = with_settings(preset("tiny"), ["steps=1", "optim.warmup=0", "model.dropout=0"])
    moved = []
    for clip in (0, 1e6, 1e-12):
        run = loop.begin(with_settings(config, [f"optim.clip={clip}"]), data, tmp_path / str(clip), "cpu")
        before = run.model.embed.position.weight.detach().clone()
        train_step(run, [run.feed.take(0.0)])
        moved.append(run.model.embed.position.weight.detach() - before)
    assert torch.equal(moved[0], moved[1])
    assert moved[0].abs().max() > 10 * moved[2].abs().max()
