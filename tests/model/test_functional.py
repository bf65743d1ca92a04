"""Masks, sampling filters, even Taylor softmax."""

import math
from fractions import Fraction

import pytest
import torch

from xiangqi_lm.model.functional import (
    filter_top_p,
    log_taylor,
    masked_log_softmax,
    sharpen,
    taylor_log_softmax,
    taylor_minimum,
    taylor_softmax,
)


def test_masked_log_softmax_is_softmax_over_the_legal_moves():
    logits = torch.tensor([[1.0, 2.0, 3.0, 9.0]])
    legal = torch.tensor([[True, False, True, False]])
    got = masked_log_softmax(logits, legal).exp()
    total = math.e + math.e**3
    torch.testing.assert_close(got, torch.tensor([[math.e / total, 0.0, math.e**3 / total, 0.0]]))


def test_top_p_keeps_the_smallest_set_that_reaches_it():
    p = torch.tensor([[0.1, 0.5, 0.15, 0.25]])
    torch.testing.assert_close(filter_top_p(p, 0.7), torch.tensor([[0.0, 2 / 3, 0.0, 1 / 3]]))
    torch.testing.assert_close(filter_top_p(p, 0.5), torch.tensor([[0.0, 1.0, 0.0, 0.0]]))
    torch.testing.assert_close(filter_top_p(p, 1.0), p)
    for least in (0.01, 0.0):
        torch.testing.assert_close(filter_top_p(p, least), torch.tensor([[0.0, 1.0, 0.0, 0.0]]))


def test_temperature():
    log_p = torch.tensor([[0.2, 0.8, 0.0]]).log()
    torch.testing.assert_close(sharpen(log_p, 1.0), torch.tensor([[0.2, 0.8, 0.0]]))
    torch.testing.assert_close(sharpen(log_p, 0.5), torch.tensor([[0.04, 0.64, 0.0]]) / 0.68)
    for tiny in (0.0, 1e-39, 1e-6):
        assert sharpen(log_p, tiny).tolist() == [[0.0, 1.0, 0.0]]


def test_taylor_in_place_of_exp_flattens_and_keeps_the_order():
    log_p = torch.tensor([[0.6, 0.3, 0.08, 0.02, 0.0]]).log()
    above = [math.log(4 * p) for p in (0.6, 0.3, 0.08, 0.02)]
    for order, temperature in ((2, 1.0), (4, 1.0), (4, 2.0)):
        least = taylor_minimum(order)
        f = [float(partial_sum(max(x / temperature, least), order)) for x in above]
        found = sharpen(log_p, temperature, order)
        torch.testing.assert_close(found, torch.tensor([[*(x / sum(f) for x in f), 0.0]]))
        assert (found.diff() <= 0).all()
        assert found[0, 0] < sharpen(log_p, temperature)[0, 0]
    torch.testing.assert_close(sharpen(log_p, 1.0, 40), log_p.exp(), atol=1e-5, rtol=1e-4)
    assert sharpen(log_p, 0.0, 4).tolist() == [[1.0, 0.0, 0.0, 0.0, 0.0]]


# ------------------------------------------------------------------------------------------------ even Taylor softmax

ORDERS = (2, 4, 6, 8, 10)


def partial_sum(x: float | Fraction, order: int) -> Fraction:
    """Return 1 + x + ... + x^order / order!, exactly."""
    return sum((Fraction(x) ** k / math.factorial(k) for k in range(order + 1)), Fraction(0))


@pytest.mark.parametrize(
    ("order", "where", "value"),  # as published
    [(2, -1, 0.5), (4, -1.59607, 0.270395), (6, -2.18061, 0.149325), (8, -2.759, 0.0832715), (10, -3.33355, 0.0466991)],
)
def test_the_minimum_is_where_published(order, where, value):
    x = taylor_minimum(order)
    assert x == pytest.approx(where, rel=3e-6)
    assert log_taylor(torch.tensor(x), order).exp().item() == pytest.approx(value, rel=3e-6)
    assert partial_sum(x, order) < min(partial_sum(x - 1e-4, order), partial_sum(x + 1e-4, order))


@pytest.mark.parametrize("order", ORDERS)
def test_the_minimum_against_exact_bisection(order):
    """The polynomial's derivative is the one of the order below; its sign is found in fractions, to 2 ** -60."""
    low, high = Fraction(-order), Fraction(0)
    while high - low > Fraction(1, 1 << 60):
        middle = (low + high) / 2
        low, high = (middle, high) if partial_sum(middle, order - 1) < 0 else (low, middle)
    assert taylor_minimum(order) == pytest.approx(float(low), abs=1e-12)
    assert log_taylor(torch.tensor(float(low)).double(), order).exp().item() == pytest.approx(
        float(partial_sum(low, order)), rel=1e-12
    )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-12), (torch.float32, 2e-6), (torch.bfloat16, 2e-6)])
def test_log_taylor_against_exact_fractions(order, dtype, error):
    """Float32, and bf16 inputs in float32, also near the minimum, where summing the terms loses digits."""
    x = torch.cat((torch.linspace(-12, 12, 97), torch.tensor([-300.0, -50.0, 0.0, 50.0, 300.0]))).to(dtype)
    exact = torch.tensor([math.log(partial_sum(v, order)) for v in x.tolist()], dtype=torch.float64)
    found = log_taylor(x, order)
    assert found.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    torch.testing.assert_close(found.double(), exact, atol=error, rtol=error)


def test_log_taylor_neither_overflows_nor_vanishes():
    x = torch.tensor([-1e18, -1e9, 1e9, 1e18])
    assert log_taylor(x, 10).isfinite().all()
    torch.testing.assert_close(log_taylor(x, 10), 10 * x.abs().log() - math.lgamma(11))
    torch.testing.assert_close(taylor_softmax(x, 10), torch.tensor([0.5, 0.0, 0.0, 0.5]))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("monotone", [False, True])
def test_taylor_gradients(order, monotone):
    """Compared with differences in float64 and with the formula: the polynomial of the order below over the
    polynomial.
    """
    generator = torch.Generator().manual_seed(order)
    x = (3 * torch.randn(4, 9, generator=generator, dtype=torch.float64)).requires_grad_()
    mask = torch.rand(4, 9, generator=generator) < 0.7
    mask[:, 0] = True
    assert torch.autograd.gradcheck(lambda x: taylor_softmax(x, order, mask, monotone), x)
    assert torch.autograd.gradgradcheck(lambda x: taylor_softmax(x, order, mask, monotone), x)
    picked = lambda x: taylor_log_softmax(x, order, mask, monotone).masked_fill(~mask, 0.0)  # noqa: E731
    assert torch.autograd.gradcheck(picked, x)
    (found,) = torch.autograd.grad(log_taylor(x, order, monotone).sum(), x)
    flat = torch.tensor([float(partial_sum(v, order - 1) / partial_sum(v, order)) for v in x.flatten().tolist()])
    expected = flat.double().view_as(x)
    if monotone:
        expected = expected.masked_fill(x < taylor_minimum(order), 0.0)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_taylor_softmax_is_the_definition_and_masks_exactly(dtype):
    x = (4 * torch.randn(5, 40, generator=torch.Generator().manual_seed(0))).to(dtype)
    mask = torch.rand(5, 40, generator=torch.Generator().manual_seed(1)) < 0.5
    mask[4] = False
    f = 1 + x.double() + x.double() ** 2 / 2
    expected = torch.where(mask, f, 0.0) / torch.where(mask, f, 0.0).sum(-1, keepdim=True).clamp(min=1e-9)
    x = x.masked_fill(~mask, -math.inf).requires_grad_()  # whatever is outside the mask
    found = taylor_softmax(x, 2, mask)
    torch.testing.assert_close(found.double(), expected, atol=1e-6, rtol=1e-6)
    assert (found[~mask] == 0).all()
    torch.testing.assert_close(found[:4].sum(-1), torch.ones(4))
    logs = taylor_log_softmax(x, 2, mask)
    torch.testing.assert_close(logs.exp(), found)
    assert (logs[~mask] == -math.inf).all()
    logs[:4].masked_fill(~mask[:4], 0).sum().backward()
    assert x.grad.isfinite().all()
    assert (x.grad[~mask] == 0).all()


def test_without_a_mask_all_take_part():
    x = torch.randn(3, 7)
    torch.testing.assert_close(taylor_softmax(x, 4), taylor_softmax(x, 4, torch.ones(3, 7, dtype=torch.bool)))
    torch.testing.assert_close(taylor_softmax(x, 4).sum(-1), torch.ones(3))


def test_a_high_order_is_softmax_and_a_low_one_is_flatter():
    x = torch.randn(20, 30, generator=torch.Generator().manual_seed(0)) * 2
    torch.testing.assert_close(taylor_softmax(x, 24), x.softmax(-1), atol=1e-5, rtol=1e-5)
    surest = [taylor_softmax(x, order).amax(-1).mean().item() for order in (2, 4, 6)] + [x.softmax(-1).amax(-1).mean()]
    assert surest == sorted(surest)


@pytest.mark.parametrize("order", ORDERS)
def test_only_the_monotone_form_keeps_the_order_left_of_the_minimum(order):
    x = torch.linspace(-20, 6, 200)
    least = taylor_minimum(order)
    plain, monotone = log_taylor(x, order), log_taylor(x, order, monotone=True)
    left = x < least
    assert (plain.diff() < 0).any()
    assert (monotone.diff() >= 0).all()
    assert monotone[left].unique().numel() == 1
    torch.testing.assert_close(plain[~left], monotone[~left])


def test_odd_orders_are_not_positive_and_refused():
    with pytest.raises(AssertionError):
        log_taylor(torch.zeros(1), 3)
