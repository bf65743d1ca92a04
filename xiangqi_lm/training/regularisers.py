"""Regularisers of a training step: gradient penalty, flooding, adversarial steps.

A wrapper takes a function that puts the gradient of a step into the weights' `.grad` and returns one that puts another
gradient there, so that wrappers combine with each other and with any terms; the gradient is that of the whole step,
however many batches it has. Virtual adversarial training is a term instead, as it needs each batch's input vectors.

- Gradient descent of step size r follows the flow of `L + r/4 |grad L|²` up to terms of r² (Barrett and Dherin 2020,
  arXiv 2009.11162); the penalty adds such a term explicitly.
- Flooding (Ishida et al. 2020, arXiv 2002.08709): `|L - b| + b`. A step down and one up around b move the weights by
  `-r²/2 grad |grad L|²` to first order: a gradient penalty alone, with a step of r²/2.
- FGM (Miyato et al. 2016, arXiv 1605.07725) learns with the input embedding moved by a length e along its gradient:
  `L + e |grad L|` to first order, with the gradient in the embedding's weights.
- Virtual adversarial training (Miyato et al. 2017, arXiv 1704.03976): the policy should not change when the input
  vectors move in the direction that changes it most. It needs no moves played.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from ..config import RegularisersConfig

# ------------------------------------------------------------------------------------------------ a step's gradient


class Step(Protocol):
    """A training step before its update."""

    loss: float  # known once `losses` has been exhausted the first time

    @property
    def weights(self) -> Sequence[nn.Parameter]:
        """Return all trainable weights."""

    @property
    def embeddings(self) -> Sequence[nn.Parameter]:
        """Return those of the weights that make the input vectors."""

    def losses(self) -> Iterator[Tensor]:
        """Yield the parts whose sum is the step's loss, at the present weights; each is differentiated before the next
        is asked for. The random numbers are the same every time."""


Work = Callable[[], None]  # puts a gradient into `.grad`, replacing what is there
Wrapper = Callable[[Work, Step, RegularisersConfig], Work]


def plain(step: Step) -> Work:
    """Return work that puts the gradient of the step's loss into `.grad`."""

    def work() -> None:
        for weight in step.weights:
            weight.grad = None
        for loss in step.losses():
            loss.backward()

    return work


def gradient(step: Step, config: RegularisersConfig) -> None:
    """Put the gradient of a step, with the chosen regularisers, into its weights' `.grad`."""
    work = plain(step)
    for name, wrapper in WRAPPERS.items():
        if getattr(config, name):
            work = wrapper(work, step, config)
    work()


def _gradients(weights: Sequence[nn.Parameter]) -> list[Tensor]:
    """Return copies of the gradients; zeros for weights without one."""
    return [torch.zeros_like(w) if w.grad is None else w.grad.detach().clone() for w in weights]


def length(vectors: Sequence[Tensor]) -> float:
    """Return the Euclidean length of several tensors taken as one vector."""
    return float(torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(v.float()) for v in vectors])))


@contextmanager
def shifted(weights: Sequence[nn.Parameter], direction: Sequence[Tensor], scale: float) -> Iterator[None]:
    """Within the context, move the weights by `scale` times the direction; restore them afterwards."""
    before = [w.detach().clone() for w in weights]
    with torch.no_grad():
        for w, d in zip(weights, direction, strict=True):
            w.add_(d, alpha=scale)
    try:
        yield
    finally:
        with torch.no_grad():
            for w, old in zip(weights, before, strict=True):
                w.copy_(old)


# ------------------------------------------------------------------------------------------------ wrappers


def fgm(work: Work, step: Step, config: RegularisersConfig) -> Work:
    """Return work that takes the gradient at an embedding moved by `config.fgm` along its own gradient."""

    def moved() -> None:
        work()
        direction = _gradients(step.embeddings)
        if size := length(direction):
            with shifted(step.embeddings, direction, config.fgm / size):
                work()

    return moved


def penalty(work: Work, step: Step, config: RegularisersConfig) -> Work:
    """Return work that adds the gradient of `config.penalty` times the squared length of the gradient g, which is 2
    penalty H g for the Hessian H."""

    def penalised() -> None:
        work()
        first = _gradients(step.weights)
        if not (size := length(first)):
            return
        if config.penalty_exact:
            product = hessian_product(step, first)
        else:
            with shifted(step.weights, first, config.penalty_probe / size):
                work()
            scale = size / config.penalty_probe
            product = [(b - a) * scale for a, b in zip(first, _gradients(step.weights), strict=True)]
        for w, g, hg in zip(step.weights, first, product, strict=True):
            if w.grad is not None:
                w.grad = g.add_(hg, alpha=2 * config.penalty)

    return penalised


def hessian_product(step: Step, vector: Sequence[Tensor]) -> list[Tensor]:
    """Return the Hessian of the step's loss times a vector, by differentiating twice.

    Attention uses the plain formula meanwhile, as fused kernels have no second derivative.
    """
    total = [torch.zeros_like(w) for w in step.weights]
    with sdpa_kernel(SDPBackend.MATH):
        for loss in step.losses():
            once = torch.autograd.grad(loss, list(step.weights), create_graph=True, allow_unused=True)
            dots = [(g * v).sum() for g, v in zip(once, vector, strict=True) if g is not None and g.requires_grad]
            twice = torch.autograd.grad(torch.stack(dots).sum(), list(step.weights), allow_unused=True)
            for sum_, found in zip(total, twice, strict=True):
                if found is not None:
                    sum_ += found
    return total


def flood(work: Work, step: Step, config: RegularisersConfig) -> Work:
    """Return work that reverses the gradient where the step's loss is below `config.flood`."""

    def flooded() -> None:
        work()
        if step.loss < config.flood:
            for w in step.weights:
                if w.grad is not None:
                    w.grad.neg_()

    return flooded


WRAPPERS: dict[str, Wrapper] = {"fgm": fgm, "penalty": penalty, "flood": flood}  # the first is the innermost


# ------------------------------------------------------------------------------------------------ random numbers


def random_state(device: str) -> list[Tensor]:
    """Return the state of torch's generators, on the CPU and on the device if that is a GPU."""
    on_gpu = [torch.cuda.get_rng_state(device)] if device.startswith("cuda") else []
    return [torch.get_rng_state(), *on_gpu]


def set_random_state(state: Sequence[Tensor], device: str) -> None:
    """Restore what `random_state` returned."""
    torch.set_rng_state(state[0])
    if len(state) > 1:
        torch.cuda.set_rng_state(state[1], device)


@contextmanager
def replayed(state: Sequence[Tensor], device: str) -> Iterator[None]:
    """Within the context, repeat the random numbers from `state` on; afterwards continue as if nothing had happened."""
    now = random_state(device)
    set_random_state(state, device)
    try:
        yield
    finally:
        set_random_state(now, device)


# ------------------------------------------------------------------------------------------------ virtual adversary


Policy = Callable[[Tensor], Tensor]  # perturbed input vectors [B, T, width] -> logits [B, T, tokens]


def divergence(logits: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """Kullback-Leibler divergence of softmax(logits) [B, T, V] from the log-probabilities `wanted` [N, V] of the
    counted plies (bool [B, T]), in nats, summed over them."""
    log_q = logits[counted].float() if logits.dtype != torch.float64 else logits[counted]
    return F.kl_div(log_q.log_softmax(-1), wanted, log_target=True, reduction="sum")


def scaled(direction: Tensor, counted: Tensor, radius: float) -> Tensor:
    """Scale a direction [B, T, width] in each row so that the root mean square over its counted plies is `radius`; zero
    stays zero."""
    sizes = torch.linalg.vector_norm(direction, dim=(1, 2), keepdim=True).clamp(min=1e-30)
    return direction / sizes * radius * counted.sum(1).to(direction.dtype).sqrt()[:, None, None]


def adversarial_direction(
    policy: Policy, vectors: Tensor, wanted: Tensor, counted: Tensor, probe: float, rounds: int
) -> Tensor:
    """Return the direction [B, T, width] in which moving each row's input vectors changes the policy most.

    At the vectors themselves the divergence and its gradient are 0, so the gradient a little way along d is about H d:
    power iteration from a random d converges to the top eigenvector of H.
    """
    d = torch.randn_like(vectors)
    for _ in range(rounds):
        d = scaled(d, counted, probe).requires_grad_()
        (d,) = torch.autograd.grad(divergence(policy(vectors + d), wanted, counted), d)
    return d


def virtual_adversary(
    policy: Policy, vectors: Tensor, logits: Tensor, counted: Tensor, config: RegularisersConfig
) -> Tensor:
    """Return the divergence of the policy with adversarially moved input vectors from the present one (`logits`), in
    nats summed over the counted plies. Only the former is trained."""
    wanted = logits.detach()[counted]
    wanted = (wanted if wanted.dtype == torch.float64 else wanted.float()).log_softmax(-1)
    still = vectors.detach()
    d = adversarial_direction(policy, still, wanted, counted, config.vat_probe, config.vat_rounds)
    return divergence(policy(vectors + scaled(d, counted, config.vat_radius)), wanted, counted)
