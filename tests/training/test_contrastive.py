"""Learning from two views: views compared with boards, the loss with its definition, collapse, runs and their use."""

import dataclasses
import math
import random

import numpy as np
import pytest
import torch

from xiangqi_lm.config import preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.dataset.division import pack
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.errors import BadCheckpoint, BadConfig
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.training import contrastive, loop, pretraining
from xiangqi_lm.training.contrastive import PretrainConfig, Siamese, SiameseConfig, SiameseObjective
from xiangqi_lm.training.views import PositionFeed, ViewsConfig, changed

STILL = ViewsConfig(mirror=0, turn=0, hide=0, ahead=0)
TINY = PretrainConfig(
    model=dataclasses.replace(preset("tiny").model, board="sum"),
    siamese=SiameseConfig(projection=16, hidden=32),
    batch=64, steps=6, evaluate_every=3, save_every=2, precision="float32",
)  # fmt: skip


def some_game(plies=30):
    board, dice = Board(), random.Random(3)
    while board.ply < plies:
        board.push(dice.choice(list(board.legal_moves)))
    return board


def seen(fen: str) -> list[int]:
    """Return a position in the mover's view, read from the text of a FEN."""
    rows, side = fen.split()[:2]
    letters = [c for row in rows.split("/") for c in "".join("." * int(x) if x.isdigit() else x for x in row)]
    codes = {c: i * (1 if c.isupper() else -1) for i, k in enumerate(".kabnrcp") for c in (k, k.upper())}
    board = [codes[letters[(9 - square // 9) * 9 + square % 9]] for square in range(90)]
    return board if side == "w" else [-x for x in reversed(board)]


# ------------------------------------------------------------------------------------------------ views


def test_plain_views_are_the_positions_of_the_game_and_later_ones():
    game = some_game()
    split = pack([GameRecord(moves=tuple(game.move_stack))])
    positions = []
    while True:
        positions.append(seen(game.fen()))
        if not game.ply:
            break
        game.pop()
    positions.reverse()
    for ahead in (0, 3):
        views = PositionFeed(split, dataclasses.replace(STILL, ahead=ahead), 200, 1).take()
        apart = set()
        for first, second in zip(views.first.tolist(), views.second.tolist(), strict=True):
            ply = positions.index(first)
            apart.add(next(k for k in range(4) if positions[min(ply + k, 30)] == second))
        assert apart == set(range(ahead + 1))


def test_views_mirror_turn_and_hide():
    fen = "r1bakab1r/9/1cn4c1/p1p1p1p1p/9/2P6/P3P1P1P/1C4NC1/9/RNBAKAB1R b - - 0 3"
    mirrored = "/".join(row[::-1] for row in fen.split()[0].split("/")) + " b"
    other = fen.replace(" b ", " w ")
    boards, rng = np.array([seen(fen)] * 400, np.int8), np.random.default_rng(0)
    assert changed(boards, dataclasses.replace(STILL, mirror=1), rng)[0].tolist() == seen(mirrored)
    assert changed(boards, dataclasses.replace(STILL, turn=1), rng)[0].tolist() == seen(other)
    half = changed(boards, dataclasses.replace(STILL, mirror=0.5), rng)
    assert 0.4 < (half == boards).all(1).mean() < 0.6
    hidden = changed(boards, dataclasses.replace(STILL, hide=0.3), rng)
    kept = hidden != 0
    assert (hidden[kept] == boards[kept]).all()
    pieces = (boards != 0) & (abs(boards) != 1)
    assert kept[pieces].mean() == pytest.approx(0.7, abs=0.02)
    assert kept[abs(boards) == 1].all()


def test_the_stream_is_reproducible_and_resumes_where_it_was(data):
    split = Shards.open(data).split("train")
    feed, again = (PositionFeed(split, ViewsConfig(), 32, 5) for _ in range(2))
    batches = [feed.take() for _ in range(3)]
    again.restore({"position": 2})
    assert all(np.array_equal(a, b) for a, b in zip(batches[2], again.take(), strict=True))
    assert not np.array_equal(batches[0].first, batches[1].first)
    assert feed.state() == again.state() == {"position": 3}


# ------------------------------------------------------------------------------------------------ the loss


def scalar_system(stop_gradient: bool, time: float = 60.0, step: float = 0.02) -> tuple[float, float]:
    """Integrate predictor phi and encoder theta, scalars, from 0.6 and 0.1, under the loss (phi theta - theta)²/2."""
    weights = torch.tensor([0.6, 0.1], dtype=torch.float64, requires_grad=True)
    for _ in range(round(time / step)):
        phi, theta = weights
        loss = contrastive.matched(
            [theta, theta], [theta, theta], lambda x, phi=phi: phi * x, stop_gradient, lambda a, b: (a - b) ** 2 / 2
        )
        (g,) = torch.autograd.grad(loss, weights)
        weights = (weights - step * g).detach().requires_grad_()
    return tuple(weights.tolist())


def test_scalar_system_settles_with_stop_gradient_and_collapses_without():
    """With stop-gradient phi² - theta² stays 0.35, so phi = 1 leaves theta = sqrt(0.65); without, (phi - 1)² - theta²
    stays 0.15, so theta = 0 leaves phi = 1 - sqrt(0.15)."""
    assert scalar_system(True) == pytest.approx((1, math.sqrt(0.65)), abs=0.01)
    assert scalar_system(False) == pytest.approx((1 - math.sqrt(0.15), 0), abs=0.01)


def objective(**settings):
    torch.manual_seed(0)
    config = dataclasses.replace(TINY, **settings)
    model = Siamese(config.model, config.siamese)
    average = {k: t.clone() for k, t in Siamese(config.model, config.siamese).state_dict().items()}
    return SiameseObjective(model, config, "cpu", average if config.method == "byol" else None)


@pytest.fixture
def views(data):
    return PositionFeed(Shards.open(data).split("train"), ViewsConfig(), 24, 1).take()


def inputs(made, boards):
    return contrastive.inputs_of(boards, made.config.model, "cpu")


def distance(p, z):
    rows = zip(p.tolist(), z.tolist(), strict=True)
    return sum(
        1 - sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b)) for a, b in rows
    ) / len(p)


def test_simsiam_predicts_the_other_view(views):
    made = objective()
    a, b = (made.model(inputs(made, boards)) for boards in views)
    wanted = (distance(made.model.predict(a), b) + distance(made.model.predict(b), a)) / 2
    loss, figures = made(views)
    assert loss.item() == pytest.approx(wanted, rel=1e-5)
    assert figures["spread"] == pytest.approx(contrastive.spread(a).item())


def test_byol_predicts_the_average_network_s_projection_of_the_other_view(views):
    made = objective(method="byol")
    target = Siamese(made.config.model, made.config.siamese)
    target.load_state_dict(made.average)
    a, b = (made.model(inputs(made, boards)) for boards in views)
    ta, tb = (target(inputs(made, boards)) for boards in views)
    wanted = (distance(made.model.predict(a), tb) + distance(made.model.predict(b), ta)) / 2
    assert made(views)[0].item() == pytest.approx(wanted, rel=1e-5)
    assert not any(torch.equal(made.average[k], t) for k, t in made.model.state_dict().items() if t.std() > 0)


def test_the_mean_of_views_is_read_as_the_mean_board(views):
    """The sum of pieces is linear: the mean of the input vectors is the vector of the averaged zeros and ones."""
    made = objective(
        target="mean", model=with_settings(preset("tiny"), ["model.legal_moves=no", "model.board=sum"]).model
    )
    one_hot = [
        (torch.from_numpy(boards)[:, :, None] == torch.tensor([*range(-7, 0), *range(1, 8)])) for boards in views
    ]
    planes = torch.stack([x.flatten(1).float() for x in one_hot]).mean(0)
    embed = made.model.embed
    read = inputs(made, views.first)
    vectors = embed.move(read.tokens)[:, 0] + embed.position.weight[0] + planes @ embed.board.weight
    target = made.model.project(made.model.transform(vectors[:, None])[:, 0])
    a, b = (made.model(inputs(made, boards)) for boards in views)
    wanted = (distance(made.model.predict(a), target) + distance(made.model.predict(b), target)) / 2
    assert made(views)[0].item() == pytest.approx(wanted, rel=1e-4)


def test_stop_gradient_makes_the_target_constant(views):
    """With it, the gradient is that of the predicted views alone; without, that of the targets is added."""
    for stop in (True, False):
        made = objective(stop_gradient=stop)
        made(views)[0].backward()
        mine = torch.cat([w.grad.flatten() for w in made.model.parameters() if w.grad is not None])
        a, b = (made.model(inputs(made, boards)) for boards in views)
        fixed = (a.detach(), b.detach()) if stop else (a, b)
        cos = torch.nn.functional.cosine_similarity
        loss = (2 - cos(made.model.predict(a), fixed[1]).mean() - cos(made.model.predict(b), fixed[0]).mean()) / 2
        grads = torch.autograd.grad(loss, list(made.model.parameters()), allow_unused=True)
        torch.testing.assert_close(mine, torch.cat([g.flatten() for g in grads if g is not None]))


def test_spread_and_found_of_known_clouds():
    torch.manual_seed(0)
    cloud = torch.randn(4000, 32)
    assert contrastive.spread(cloud).item() == pytest.approx(1, abs=0.01)
    assert contrastive.spread(torch.ones(50, 32)).item() == pytest.approx(0, abs=1e-6)
    assert contrastive.found(cloud[:500], 3 * cloud[:500]).item() == 1
    assert contrastive.found(cloud[:500], cloud[1000:1500]).item() < 0.05


@pytest.mark.parametrize(
    ("settings", "healthy"),
    [
        ([], True),
        (["siamese.predictor=no"], False),
        (["stop_gradient=no"], False),
        (["stop_gradient=no", "siamese.predictor=no"], False),
        (["target=mean"], True),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else str(x),
)
def test_only_stop_gradient_and_predictor_together_keep_positions_apart(settings, healthy, data, tmp_path):
    config = dataclasses.replace(TINY, steps=60, evaluate_every=60, save_every=60)
    config = with_settings(config, ["optim.rate=0.01", "optim.warmup=1", *settings])
    run, lines = pretraining.begin(config, data, tmp_path / "run", "cpu"), []
    loop.train(run, data, lines.append, pretraining.PRETRAINING)
    spread = lines[-1]["validation"]["spread"]
    assert spread > 0.5 if healthy else spread < 0.2


# ------------------------------------------------------------------------------------------------ runs


@pytest.mark.parametrize("settings", [["method=byol"], ["target=mean", "optim.kind=muon"]], ids=lambda x: x[0])
def test_a_stopped_run_is_resumed_exactly(settings, data, tmp_path):
    config = with_settings(TINY, settings)
    loop.train(pretraining.begin(config, data, tmp_path / "a", "cpu"), data, task=pretraining.PRETRAINING)

    def kill(line):
        if line["step"] == 5:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        loop.train(pretraining.begin(config, data, tmp_path / "b", "cpu"), data, kill, pretraining.PRETRAINING)
    loop.train(pretraining.resume(tmp_path / "b", data, "cpu"), data, task=pretraining.PRETRAINING)
    a, b = (checkpoint.read_tensors(tmp_path / x / "last" / "model.safetensors") for x in "ab")
    assert a.keys() == b.keys()
    assert all(torch.equal(a[key], b[key]) for key in a)


def test_a_language_model_starts_from_the_pretrained_trunk(data, tmp_path):
    run = pretraining.begin(TINY, data, tmp_path / "views", "cpu")
    loop.train(run, data, task=pretraining.PRETRAINING)
    config = dataclasses.replace(preset("tiny"), model=TINY.model)
    begun = loop.begin(config, data, tmp_path / "lm", "cpu", init=str(tmp_path / "views" / "last"))
    mine, theirs = begun.model.state_dict(), run.model.state_dict()
    shared = mine.keys() & theirs.keys()
    assert {name.split(".")[0] for name in shared} == {"embed", "blocks", "norm"}
    assert all(torch.equal(mine[name], theirs[name]) for name in shared)
    assert set(begun.origin["init"]["fresh"]) == {n for n in mine if n.startswith(("policy.", "value."))}
    assert {n.split(".")[0] for n in begun.origin["init"]["unused"]} == {"project", "predictor"}
    assert not torch.equal(mine["embed.board.weight"], Gpt(config.model).state_dict()["embed.board.weight"])
    with pytest.raises(BadCheckpoint, match="does not play xiangqi"):
        checkpoint.load(tmp_path / "views" / "last")
    loop.train(loop.begin(preset("tiny"), data, tmp_path / "plain", "cpu"), data)
    with pytest.raises(BadCheckpoint, match="a model that plays"):
        contrastive.load(tmp_path / "plain" / "last")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["model.board=none"], "needs a board encoder"),
        (["method=byol", "stop_gradient=no"], "must be yes with byol"),
        (["method=byol", "ema=0"], "must be above 0 with byol"),
        (["views.hide=0.95"], "hide must be at least 0 and at most 0.9"),
        (["method=moco"], "one of simsiam, byol"),
        (["siamese.width=3"], "unknown setting 'siamese.width'"),
    ],
)
def test_impossible_settings_of_pretraining_are_refused(settings, words):
    with pytest.raises(BadConfig, match=words):
        with_settings(TINY, settings)
