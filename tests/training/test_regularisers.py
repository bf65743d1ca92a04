"""Regularisers compared with automatic differentiation written out, closed forms, and the corresponding flows."""

import itertools

import pytest
import torch
from torch import nn

from xiangqi_lm.config import RegularisersConfig, preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.training import loop, regularisers
from xiangqi_lm.training.step import GameStep

# ------------------------------------------------------------------------------------------------ small problems


class Problem:
    """A loss as a function of weights, in float64, the sum of some functions; the first weight is the embedding."""

    def __init__(self, *weights, parts):
        self.weights = [nn.Parameter(w.double()) for w in weights]
        self.embeddings, self.parts, self.loss = self.weights[:1], parts, float("nan")

    def losses(self):
        total = 0.0
        for part in self.parts:
            loss = part(*self.weights)
            yield loss
            total += loss.item()
        self.loss = total if self.loss != self.loss else self.loss

    def whole(self, *weights):
        return sum(part(*weights) for part in self.parts)

    def gradient(self, **settings):
        self.loss = float("nan")
        regularisers.gradient(self, RegularisersConfig(**settings))
        return flat([w.grad for w in self.weights])

    def autograd(self, function):
        """Return the gradient of a function of the weights."""
        return flat(torch.autograd.grad(function(*self.weights), self.weights))


def flat(tensors):
    return torch.cat([t.detach().flatten() for t in tensors])


def net(seed=0, parts=3):
    """Return a small net with its squared errors on three batches."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(parts, 8, 4, generator=g, dtype=torch.float64)
    y = torch.randn(parts, 8, 2, generator=g, dtype=torch.float64)
    weights = [torch.randn(4, 5, generator=g) * 0.5, torch.randn(5, 2, generator=g) * 0.5]

    def part(i):
        return lambda a, b: ((x[i] @ a).tanh() @ b - y[i]).square().mean()

    return Problem(*weights, parts=[part(i) for i in range(parts)])


def squared_gradient(problem):
    def function(*weights):
        grads = torch.autograd.grad(problem.whole(*weights), weights, create_graph=True)
        return sum(g.square().sum() for g in grads)

    return function


# ------------------------------------------------------------------------------------------------ wrappers


def test_without_regularisers_the_gradient_is_the_losses():
    problem = net()
    torch.testing.assert_close(problem.gradient(), problem.autograd(problem.whole))


@pytest.mark.parametrize(("settings", "tolerance"), [({"penalty_exact": True}, 1e-9), ({"penalty_probe": 1e-5}, 1e-4)])
def test_penalty_is_the_gradient_of_the_squared_gradient_length(settings, tolerance):
    problem = net()
    squared = squared_gradient(problem)
    wanted = problem.autograd(lambda *w: problem.whole(*w) + 0.3 * squared(*w))
    before = flat(problem.weights)
    found = problem.gradient(penalty=0.3, **settings)
    torch.testing.assert_close(found, wanted, rtol=tolerance, atol=tolerance)
    assert (found - problem.autograd(problem.whole)).norm() > 0.1 * found.norm()
    assert torch.equal(flat(problem.weights), before)


def test_fgm_takes_the_gradient_at_the_point_of_the_closed_form():
    """L = |E - c|²/2 has the gradient E - c, so the point is E + e (E - c)/|E - c|."""
    e, c = torch.tensor([3.0, 1.0]), torch.tensor([0.0, -3.0])
    problem = Problem(e, parts=[lambda w: (w - c).square().sum() / 2])
    torch.testing.assert_close(problem.gradient(fgm=0.5), (e - c).double() * (1 + 0.5 / 5))
    assert torch.equal(problem.weights[0].detach(), e.double())


def test_fgm_is_a_penalty_on_the_embeddings_gradient_to_first_order():
    problem = net()
    length = lambda *w: torch.autograd.grad(problem.whole(*w), w[0], create_graph=True)[0].norm()  # noqa: E731
    errors = []
    for size in (1e-2, 1e-3):
        wanted = problem.autograd(lambda *w, size=size: problem.whole(*w) + size * length(*w))
        errors.append(float((problem.gradient(fgm=size) - wanted).norm()))
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.2)


def test_flooding_ascends_only_below_its_level():
    problem = net()
    down = problem.gradient()
    level = problem.loss
    torch.testing.assert_close(problem.gradient(flood=level * 0.99), down)
    torch.testing.assert_close(problem.gradient(flood=level * 1.01), -down)
    whole = lambda *w: (problem.whole(*w) - level * 1.01).abs() + level * 1.01  # noqa: E731
    torch.testing.assert_close(-down, problem.autograd(whole))


def test_a_step_down_and_one_up_are_a_gradient_penalty_with_half_the_squared_step():
    """-r²/2 times the gradient of |grad L|², up to terms of r³."""
    errors = []
    for rate in (1e-2, 1e-3):
        problem = net()
        start, wanted = flat(problem.weights), -(rate**2) / 2 * problem.autograd(squared_gradient(problem))
        for sign in (-1, 1):
            problem.gradient()
            for w in problem.weights:
                w.data.add_(w.grad, alpha=sign * rate)
        errors.append(float((flat(problem.weights) - start - wanted).norm()))
    assert errors[0] / errors[1] == pytest.approx(1000, rel=0.3)


def test_wrappers_combine():
    """The penalty of the moved loss, by hand; below the flood its gradient is reversed as a whole."""
    problem = net()
    first = problem.gradient(fgm=0.2)
    size, probe = first.norm(), 1e-3
    here = [w.detach().clone() for w in problem.weights]
    offset = 0
    for w in problem.weights:
        w.data += first[offset : offset + w.numel()].view_as(w) * probe / size
        offset += w.numel()
    second = problem.gradient(fgm=0.2)
    for w, old in zip(problem.weights, here, strict=True):
        w.data.copy_(old)
    wanted = first + 2 * 0.3 * (second - first) * size / probe
    torch.testing.assert_close(problem.gradient(fgm=0.2, penalty=0.3, penalty_probe=probe), wanted)
    torch.testing.assert_close(problem.gradient(fgm=0.2, penalty=0.3, penalty_probe=probe, flood=100.0), -wanted)


# ------------------------------------------------------------------------------------------------ finite steps


def gone_down(problem, rate, steps, **settings):
    """Return the weights after some steps of gradient descent."""
    for _ in range(steps):
        problem.gradient(**settings)
        for w in problem.weights:
            w.data.sub_(w.grad, alpha=rate)
    return flat(problem.weights)


def test_on_a_quadratic_descent_is_an_order_closer_to_the_modified_flow():
    """Both flows in closed form: exp(-A t) and exp(-(A + r A²/2) t), for L = x.A x/2 has |grad L|² = x.A² x."""
    a = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.float64)
    start = torch.tensor([1.0, -2.0], dtype=torch.float64)
    original, modified = [], []
    for steps in (16, 32, 64):
        rate = 1.0 / steps
        reached = gone_down(Problem(start.clone(), parts=[lambda x: x @ a @ x / 2]), rate, steps)
        original.append(float((reached - torch.linalg.matrix_exp(-a) @ start).norm()))
        modified.append(float((reached - torch.linalg.matrix_exp(-(a + rate / 2 * a @ a)) @ start).norm()))
    ratios = [x / y for errors in (original, modified) for x, y in itertools.pairwise(errors)]
    assert ratios == pytest.approx([2, 2, 4, 4], rel=0.1)
    assert modified[0] < original[0] / 5


def flow(problem, time, steps, **settings):
    """Return the weights after following minus the gradient for some time, by the classic Runge-Kutta method."""
    h = time / steps

    def field(at):
        torch.nn.utils.vector_to_parameters(at, problem.weights)
        return -problem.gradient(**settings)

    x = flat(problem.weights)
    for _ in range(steps):
        a = field(x)
        b = field(x + h / 2 * a)
        c = field(x + h / 2 * b)
        x = x + h / 6 * (a + 2 * b + 2 * c + field(x + h * c))
    return x


def test_on_a_small_net_descent_is_an_order_closer_to_the_flow_with_the_penalty():
    """The modified flow is that of the loss with the penalty r/4."""
    original, modified = [], []
    still = flow(net(), 0.8, 12)
    for steps in (8, 16, 32):
        reached = gone_down(net(), 0.8 / steps, steps)
        bent = flow(net(), 0.8, 12, penalty=0.8 / steps / 4, penalty_exact=True)
        original.append(float((reached - still).norm()))
        modified.append(float((reached - bent).norm()))
    ratios = [x / y for errors in (original, modified) for x, y in itertools.pairwise(errors)]
    assert ratios == pytest.approx([2, 2, 4, 4], rel=0.2)
    assert modified[0] < original[0] / 5


# ------------------------------------------------------------------------------------------------ virtual adversary


def small_policy(seed=0, columns=3, width=4, tokens=6):
    """Return a policy that mixes the columns of a row, and the Hessian of each row's divergence at the vectors."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(2, columns, width, generator=g, dtype=torch.float64)
    mix = torch.randn(columns, columns, generator=g, dtype=torch.float64)
    out = torch.randn(width, tokens, generator=g, dtype=torch.float64)
    return x, lambda v: (mix @ v).tanh() @ out * 2


def test_power_iteration_finds_the_top_eigenvector_of_the_hessian():
    vectors, policy = small_policy()
    counted = torch.ones(2, 3, dtype=torch.bool)
    wanted = policy(vectors).log_softmax(-1).flatten(0, 1)
    torch.manual_seed(0)
    found = regularisers.adversarial_direction(policy, vectors, wanted, counted, 1e-5, 60)

    def of_row(row):
        def function(d):
            log_q = policy(vectors + torch.nn.functional.one_hot(torch.tensor(row), 2)[:, None, None] * d)
            p = policy(vectors)[row].softmax(-1)
            return (p * (p.log() - log_q[row].log_softmax(-1))).sum()

        return torch.autograd.functional.hessian(function, torch.zeros(3, 4, dtype=torch.float64)).view(12, 12)

    for row in range(2):
        top = torch.linalg.eigh(of_row(row)).eigenvectors[:, -1]
        mine = found[row].flatten() / found[row].norm()
        assert abs(float(mine @ top)) == pytest.approx(1, abs=1e-3)


def test_one_power_iteration_is_the_hessian_times_the_random_start():
    vectors, policy = small_policy(1)
    counted = torch.ones(2, 3, dtype=torch.bool)
    wanted = policy(vectors).log_softmax(-1).flatten(0, 1)
    torch.manual_seed(0)
    found = regularisers.adversarial_direction(policy, vectors, wanted, counted, 1e-4, 1)
    torch.manual_seed(0)
    start = torch.randn_like(vectors)
    start *= 1e-4 * 3**0.5 / start.norm(dim=(1, 2), keepdim=True)
    _, product = torch.autograd.functional.hvp(
        lambda d: regularisers.divergence(policy(vectors + d), wanted, counted), torch.zeros_like(vectors), start
    )
    torch.testing.assert_close(found, product, rtol=1e-2, atol=1e-9)


def test_the_adversary_moves_each_game_by_the_radius_and_reports_the_change_of_the_policy():
    vectors, policy = small_policy(2)
    counted = torch.tensor([[True, True, True], [True, False, False]])
    config = RegularisersConfig(vat=1.0, vat_radius=0.3, vat_probe=1e-3, vat_rounds=20)
    seen = []

    def watched(v):
        seen.append((v - vectors).detach())
        return policy(v)

    torch.manual_seed(0)
    found = regularisers.virtual_adversary(watched, vectors, policy(vectors), counted, config)
    moved = seen[-1]
    torch.testing.assert_close(moved.norm(dim=(1, 2)), 0.3 * torch.tensor([3.0, 1.0], dtype=torch.float64).sqrt())
    p, q = policy(vectors).softmax(-1), policy(vectors + moved).softmax(-1)
    torch.testing.assert_close(found, (p * (p / q).log()).sum(-1)[counted].sum())
    random = torch.randn_like(moved)
    random *= moved.norm(dim=(1, 2), keepdim=True) / random.norm(dim=(1, 2), keepdim=True)
    q = policy(vectors + random).softmax(-1)
    assert found > (p * (p / q).log()).sum(-1)[counted].sum()


# ------------------------------------------------------------------------------------------------ in a run

TINY = ["model.dropout=0.2", "steps=4", "evaluate_every=4", "evaluate_games=2", "save_every=4", "precision=float32"]


def step_of(settings, data, tmp_path, batches=1):
    config = with_settings(preset("tiny"), [*TINY, *settings])
    run = loop.begin(config, data, tmp_path / "-".join(settings), "cpu")
    run.model.train()
    return run, GameStep(run, [run.feed.take(0.0) for _ in range(batches)])


def gradient_of(run, step):
    regularisers.gradient(step, run.config.regularisers)
    return flat([w.grad for w in step.weights if w.grad is not None])


@pytest.mark.parametrize("encoder", ["sum", "piece_status", "none"])
def test_both_hessian_products_agree_on_the_model_with_accumulation(encoder, data, tmp_path):
    """With dropout: both gradients of the difference must use the same mask."""
    board = [f"model.board={encoder}"]
    products = []
    for settings in (["regularisers.penalty_exact=yes"], ["regularisers.penalty_probe=0.003"]):
        run, step = step_of([*board, "regularisers.penalty=1", *settings], data, tmp_path, 2)
        plain = step_of(board, data, tmp_path / settings[0], 2)
        products.append(gradient_of(run, step) - gradient_of(*plain))
    exact, difference = products
    assert torch.nn.functional.cosine_similarity(exact, difference, dim=0) > 0.98
    assert float(difference.norm() / exact.norm()) == pytest.approx(1, abs=0.1)


def test_virtual_adversary_sees_the_dropout_of_the_plain_pass(data, tmp_path):
    """With a radius near 0, only different dropout could change the policy."""
    run, step = step_of(["regularisers.vat=1", "regularisers.vat_radius=1e-4"], data, tmp_path)
    gradient_of(run, step)
    assert abs(step.terms["vat"]) < 1e-6
    run, step = step_of(["regularisers.vat=1", "regularisers.vat_radius=2"], data, tmp_path)
    gradient_of(run, step)
    assert step.terms["vat"] > 1e-3
    assert step.loss > sum(step.terms[name] * getattr(run.config.terms, name) for name in ("lm", "legal", "value"))


ALL = ["regularisers.penalty=0.01", "regularisers.fgm=0.1", "regularisers.vat=0.5", "regularisers.flood=1"]


def test_all_regularisers_together_learn_and_log_their_figures(data, tmp_path):
    config = with_settings(preset("tiny"), [*TINY, *ALL, "accumulate=2", "terms.teaforn=0.5"])
    run = loop.begin(config, data, tmp_path / "run", "cpu")
    lines = []
    loop.train(run, data, lines.append)
    assert all({"vat", "lm", "teaforn"} <= line.keys() for line in lines)
    assert lines[-1]["loss"] < lines[0]["loss"]


def test_gradient_descent_is_an_optimiser(data, tmp_path):
    """One step with momentum 0 and no clipping is w - rate g."""
    settings = ["optim.kind=sgd", "optim.momentum=0", "optim.clip=0", "optim.warmup=0", "optim.weight_decay=0"]
    run, step = step_of([*settings, "optim.rate=0.5"], data, tmp_path)
    before = flat(step.weights)
    grads = torch.zeros_like(before)
    regularisers.gradient(step, run.config.regularisers)
    grads = flat([torch.zeros_like(w) if w.grad is None else w.grad for w in step.weights])
    for optimizer in run.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = 0.5
        optimizer.step()
    torch.testing.assert_close(flat(step.weights), before - 0.5 * grads)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["regularisers.fgm=-1"], "fgm must be at least 0"),
        (["regularisers.vat_radius=2"], "without effect while regularisers.vat is 0"),
        (["regularisers.penalty_exact=yes"], "without effect while regularisers.penalty is 0"),
        (["regularisers.penalty=1", "regularisers.penalty_exact=yes", "regularisers.fgm=1"], "must be no with fgm"),
        (["regularisers.fgm=1", "parallel=fsdp"], "parallel=ddp"),
        (["regularisers.penalty=1", "regularisers.penalty_probe=0"], "penalty_probe must be above 0"),
    ],
)
def test_settings_out_of_bounds_are_refused(settings, words):
    with pytest.raises(BadConfig, match=words):
        with_settings(preset("tiny"), settings)
