"""Terms compared with their definitions, written out in Python or plain torch."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from xiangqi_lm.config import curriculum_stages, preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.dataset.loader import IGNORED
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model.functional import taylor_log_softmax
from xiangqi_lm.model.gpt import Gpt, Output
from xiangqi_lm.training import objectives, teaforn
from xiangqi_lm.training.feed import Feed, beginnings
from xiangqi_lm.training.forward import Objective, material
from xiangqi_lm.training.objectives import Targets

TINY = with_settings(preset("tiny"), ["model.dropout=0"])


def case(rows: int = 12, tokens: int = 7):
    torch.manual_seed(1)
    logits = torch.randn(2, rows, tokens, dtype=torch.float64).float().requires_grad_()
    legal = torch.rand(2, rows, tokens) < 0.5
    moves = torch.randint(0, tokens, (2, rows))
    legal.scatter_(-1, moves.unsqueeze(-1), True)
    moves[0, 9:], legal[0, 9:] = IGNORED, False
    return Output(logits, logits, logits[..., :3]), Targets(moves, torch.randint(0, 3, (2, rows)), legal)


def plies(targets):
    """Return (row, column, move, legal moves) of the plies that count."""
    for b, t in (targets.moves != IGNORED).nonzero().tolist():
        yield (b, t, int(targets.moves[b, t]), targets.legal[b, t].nonzero().flatten().tolist())


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def p(output, b, t, i):
    logits = output.logits[b, t].tolist()
    return math.exp(logits[i]) / sum(math.exp(x) for x in logits)


def test_legal_only_and_smooth_as_they_are_defined():
    output, targets = case()
    inside = mean(
        -math.log(p(output, b, t, m) / sum(p(output, b, t, i) for i in legal)) for b, t, m, legal in plies(targets)
    )
    assert objectives.legal_only([output], targets, TINY).item() == pytest.approx(inside, rel=1e-5)
    even = mean(mean(-math.log(p(output, b, t, i)) for i in legal) for b, t, _, legal in plies(targets))
    assert objectives.smooth([output], targets, TINY).item() == pytest.approx(even, rel=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_smoothing_in_one_pass_with_the_rest_is_the_sum_of_the_terms(weighted):
    output, targets = case()
    targets = targets._replace(weights=torch.rand(2, 12)) if weighted else targets
    chosen = {"lm": 0.7, "smooth": 0.2, "legal": 0.3}
    whole, parts = objectives.policy(output, targets, chosen)
    plain = sum(weight * objectives.TERMS[name]([output], targets, TINY) for name, weight in chosen.items())
    torch.testing.assert_close(whole, plain)
    torch.testing.assert_close(parts["smooth"], objectives.smooth([output], targets, TINY))
    found, expected = (torch.autograd.grad(x, output.logits, retain_graph=True)[0] for x in (whole, plain))
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-4)


def test_weights_count_moves_and_leave_legality_alone():
    output, targets = case()
    weights = torch.rand(2, 12)
    weighted = targets._replace(weights=weights)
    losses = [(weights[b, t].item(), -math.log(p(output, b, t, m))) for b, t, m, _ in plies(targets)]
    wanted = sum(w * x for w, x in losses) / sum(w for w, _ in losses)
    assert objectives.lm([output], weighted, TINY).item() == pytest.approx(wanted, rel=1e-5)
    assert objectives.legal([output], weighted, TINY) == objectives.legal([output], targets, TINY)
    whole, parts = objectives.policy(output, weighted, {"lm": 0.7, "legal": 0.3})
    plain = 0.7 * objectives.lm([output], weighted, TINY) + 0.3 * objectives.legal([output], weighted, TINY)
    torch.testing.assert_close(whole, plain)
    assert parts["lm"].item() == pytest.approx(wanted, rel=1e-5)
    found, expected = (torch.autograd.grad(x, output.logits, retain_graph=True)[0] for x in (whole, plain))
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-4)


def ranked_case():
    """Return a teacher's three moves at most plies; where it named only one, none follow."""
    output, targets = case()
    ranked = torch.randint(0, output.logits.shape[-1], (2, 12, 3))
    shares = torch.rand(2, 12, 3).softmax(-1)
    ranked[1, 3, 1:], shares[1, 3] = IGNORED, torch.tensor([1.0, 0.0, 0.0])
    ranked[0, 9:], shares[0, 9:] = IGNORED, 0
    ranked[1, 7], shares[1, 7] = IGNORED, 0  # a ply without an answer
    return output, targets._replace(ranked=ranked, shares=shares)


def test_ranked_is_the_cross_entropy_with_the_soft_target():
    output, targets = ranked_case()
    losses = [
        -sum(
            share * math.log(p(output, b, t, i))
            for i, share in zip(targets.ranked[b, t].tolist(), targets.shares[b, t].tolist(), strict=True)
            if share
        )
        for b, t, _, _ in plies(targets)
    ]
    assert losses.count(0) == 1
    assert objectives.ranked([output], targets, TINY).item() == pytest.approx(mean(losses), rel=1e-5)
    weights = {"lm": 0.7, "ranked": 0.4, "legal": 0.3}
    for chosen in (weights, {"ranked": 0.4, "legal": 0.3}):
        whole, parts = objectives.policy(output, targets, chosen)
        plain = sum(weight * objectives.TERMS[name]([output], targets, TINY) for name, weight in chosen.items())
        torch.testing.assert_close(whole, plain)
        torch.testing.assert_close(parts["ranked"], objectives.ranked([output], targets, TINY))
        found, expected = (torch.autograd.grad(x, output.logits, retain_graph=True)[0] for x in (whole, plain))
        torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-4)


def test_sizes_of_a_whole_step_make_sums_of_parts_its_mean():
    output, targets = case()
    sizes = (float(targets.size(0)), float(targets.size(1)), float(targets.size(2)))
    for name in ("lm", "legal_only", "smooth", "legal", "value"):
        whole = objectives.TERMS[name]([output], targets, TINY)
        parts = []
        for b in range(2):
            rows = Output(*(x[b : b + 1] for x in output))
            asked = Targets(*(x[b : b + 1] for x in targets[:3]), sizes=sizes)
            parts.append(objectives.TERMS[name]([rows], asked, TINY))
        torch.testing.assert_close(sum(parts), whole)


def test_soft_values_are_the_cross_entropy_with_the_chances():
    output, targets = case()
    chances = torch.rand(2, 12, 3).softmax(-1)
    chances[0, 9:] = 0
    wanted = -(chances * output.value.log_softmax(-1)).sum(-1)[:, :][chances.any(-1)].mean()
    torch.testing.assert_close(objectives.value([output], targets._replace(values=chances), TINY), wanted)


@pytest.fixture(scope="module")
def batch(data):
    return Feed.make(TINY, Shards.open(data).split("train"), None).take(0.0).games


def loss_of(model, batch, settings):
    config = with_settings(TINY, settings)
    given = material(batch, config, "cpu")
    return Objective(model, config, "cpu")(given, given.sizes)


def test_winners_moves_alone(batch):
    torch.manual_seed(0)
    model = Gpt(TINY.model)
    only = [f"outcomes.{name}=0" for name in ("draw", "loss", "unknown")] + ["precision=float32"]
    _, parts = loss_of(model, batch, only)
    given = material(batch, TINY, "cpu")
    with torch.no_grad():
        logits = model(given.inputs).logits
    won = torch.from_numpy(batch.values == 0)
    wanted = F.cross_entropy(logits[won], torch.from_numpy(batch.targets)[won])
    assert 0 < won.sum() < (batch.targets != IGNORED).sum()
    torch.testing.assert_close(parts["lm"], wanted)


def test_teaforn_of_one_pass_is_plain_training_bit_for_bit(batch):
    torch.manual_seed(0)
    model = Gpt(TINY.model)
    gradients = []
    for settings in ([], ["terms.teaforn=1", "teaforn.passes=1"]):
        loss, _ = loss_of(model, batch, settings)
        gradients.append([loss.detach(), *torch.autograd.grad(loss, list(model.parameters()))])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_teaforn_feeds_outputs_back_by_the_formula(batch):
    """H1 = M(e0, e1, ...), H2 = M(e0, h1_0, h1_1, ...), H3 = M(e0, h2_0, ...), with boards as late as allowed."""
    torch.manual_seed(0)
    model = Gpt(TINY.model).eval()
    config = with_settings(TINY, ["terms.teaforn=0.5", "teaforn.passes=3", "teaforn.decay=0.3", "precision=float32"])
    given = material(batch, config, "cpu")
    with torch.no_grad():
        found = teaforn.passes(model, given.inputs, given.asked, 3)
        vectors = model.embed.move(given.inputs.tokens)
        for i, output in enumerate(found):
            inputs = given.inputs
            wanted = [inputs.boards[:, max(0, t - i)] for t in range(vectors.shape[1])]
            boards, legal = (torch.stack(wanted, 1), inputs.moves[:, [max(0, t - i) for t in range(vectors.shape[1])]])
            hidden = model.transform(model.embed(inputs._replace(boards=boards, moves=legal), vectors=vectors))
            real = given.asked >= 0  # padding keeps its token
            torch.testing.assert_close(output.hidden[real], hidden[real], atol=1e-5, rtol=1e-4)
            vectors = torch.cat((vectors[:, :1], hidden[:, :-1]), 1)
        _, parts = Objective(model, config, "cpu")(given, given.sizes)
    lms = [F.cross_entropy(o.logits.flatten(0, 1), given.targets.moves.flatten(), ignore_index=IGNORED) for o in found]
    torch.testing.assert_close(parts["teaforn"], 0.3 * lms[1] + 0.09 * lms[2])
    torch.testing.assert_close(parts["lm"], lms[0])


def test_teaforn_over_the_likeliest_tokens(batch):
    """With all tokens the vector is the mean of the table as the next mover reads it, weighted by probability."""
    torch.manual_seed(0)
    model = Gpt(TINY.model).eval()
    given = material(batch, TINY, "cpu")
    with torch.no_grad():
        first = model(given.inputs)
        said = teaforn.likeliest_vectors(model, first, given.asked, 5000)
        from xiangqi_lm.rules.moves import HALF_TURN_ID

        table = model.embed.move.weight[torch.from_numpy(np.asarray(HALF_TURN_ID))]
        torch.testing.assert_close(said, first.logits.softmax(-1) @ table, atol=1e-5, rtol=1e-3)
        best = first.logits.argmax(-1)
        torch.testing.assert_close(teaforn.likeliest_vectors(model, first, given.asked, 1), table[best])


@pytest.mark.parametrize("tokenizer", ["square", "char"])
def test_the_likeliest_token_is_read_as_the_next_column_reads_it(data, tokenizer):
    """If the model is sure of the move played, its vectors are those of plain training, inside moves and between."""
    config = with_settings(TINY, [f"model.tokenizer={tokenizer}", "model.board=none", "model.context=256"])
    games = Feed.make(config, Shards.open(data).split("train"), None).take(0.0).games
    model, given = Gpt(config.model).eval(), material(games, config, "cpu")
    counted = given.targets.moves != IGNORED
    sure = 50.0 * F.one_hot(given.targets.moves.clamp(min=0), model.policy.tokens)
    with torch.no_grad():
        read = model.embed.move(given.inputs.tokens)
        for top_k in (1, 4):
            said = teaforn.likeliest_vectors(model, Output(sure, sure, sure[..., :3]), given.asked, top_k)
            follows = counted[:, :-1] & counted[:, 1:]
            torch.testing.assert_close(said[:, :-1][follows], read[:, 1:][follows], atol=1e-6, rtol=1e-5)
    assert follows.sum() > 100


def test_the_legal_bias_is_not_learned_without_legal_moves(batch):
    """Later passes do not get the legal moves; otherwise they would penalise all rarely played moves."""
    torch.manual_seed(0)
    only = ["terms.teaforn=1", *(f"terms.{name}=0" for name in ("lm", "legal", "value"))]
    model = Gpt(with_settings(TINY, ["model.legal_bias=yes"]).model)
    loss_of(model, batch, ["model.legal_bias=yes", "precision=float32", *only])[0].backward()
    assert model.policy.told.grad is None or not model.policy.told.grad.any()
    assert model.policy.bias.grad.any()


def test_later_passes_see_nothing_later(batch):
    """The output of pass i in column t does not change with boards or tokens after t - i."""
    torch.manual_seed(0)
    model = Gpt(TINY.model).eval()
    given = material(batch, TINY, "cpu")
    cut, i = 12, 2
    inputs = given.inputs
    other = inputs._replace(
        tokens=torch.cat((inputs.tokens[:, :cut], torch.zeros_like(inputs.tokens[:, cut:])), 1),
        boards=torch.cat((inputs.boards[:, :cut], -inputs.boards[:, cut:]), 1),
        moves=torch.cat((inputs.moves[:, :cut], ~inputs.moves[:, cut:]), 1),
    )
    with torch.no_grad():
        a, b = (teaforn.passes(model, x, given.asked, i + 1)[i].logits for x in (inputs, other))
    torch.testing.assert_close(a[:, : cut + i], b[:, : cut + i], atol=1e-5, rtol=1e-4)
    assert (a[:, cut + i] - b[:, cut + i]).abs().max() > 1e-3


@pytest.mark.parametrize("monotone", [False, True])
def test_taylor_is_the_loss_of_the_taylor_softmax(batch, monotone):
    torch.manual_seed(0)
    settings = [
        "terms.taylor=1",
        "terms.lm=0",
        "terms.legal=0",
        "precision=float32",
        f"model.output_monotone={monotone}",
    ]
    config = with_settings(TINY, settings)
    assert config.model.output == "taylor"
    model = Gpt(config.model)
    model.policy.weight.data.normal_(std=0.5)  # scores on both sides of the minimum
    given = material(batch, config, "cpu")
    _, parts = Objective(model, config, "cpu")(given, given.sizes)
    with torch.no_grad():
        scores = model.policy(model.encode(given.inputs), given.inputs.moves[:, :, 0])
    counted = given.targets.moves != IGNORED
    log_p = taylor_log_softmax(scores[counted], config.model.output_order, monotone=monotone)
    wanted = -log_p.gather(-1, given.targets.moves[counted].unsqueeze(-1)).mean()
    torch.testing.assert_close(parts["taylor"], wanted)


# ------------------------------------------------------------------------------------------------ curriculum


def test_stages_of_a_curriculum(data):
    config = with_settings(TINY, ["curriculum=original", "model.context=64"])
    feed = Feed.make(config, Shards.open(data).split("train"), None)
    longest = [feed.take(done).games.tokens.shape[1] for done in (0.0, 0.24, 0.25, 0.5, 0.76, 0.99)]
    assert longest[:4] == [8, 8, 16, 32] or longest[:3] == [8, 8, 16]
    assert longest[-1] > 16
    for text in ("1/8", "1/8@0.5", "1/8@0,1/4@0", "2@0", "0@0", "x@0", "1/0@0", "1/8@0,1@1"):
        with pytest.raises(BadConfig, match="curriculum"):
            curriculum_stages(text)


def test_beginnings_are_the_first_plies(data):
    split = Shards.open(data).split("train")
    cut = beginnings(split, 9)
    assert all((cut.moves(i) == split.moves(i)[:9]).all() and len(cut.moves(i)) == 9 for i in range(len(split)))
