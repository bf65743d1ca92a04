"""What is added to a training step without asking for a move: gradient penalty, flooding, adversarial steps.

A wrapper takes whatever puts the gradient of a step into the weights' `.grad` and returns something that puts another
one there, so wrappers combine with each other and with any terms; the gradient is that of the whole step, however many
batches it has. Virtual adversarial training is a term instead, for it needs each batch's input vectors.

- Gradient descent of step size r follows the flow of `L + r/4 |grad L|²` up to terms of r² (Barrett and Dherin 2020,
  arXiv 2009.11162); the penalty adds such a term explicitly.
- Flooding (Ishida et al. 2020, arXiv 2002.08709): `|L - b| + b`. A step down and one up around b move the weights by
  `-r²/2 grad |grad L|²` to first order: a gradient penalty alone, with a step of r²/2.
- FGM (Miyato et al. 2016, arXiv 1605.07725) learns from the input embedding moved along its gradient by a length e:
  `L + e |grad L|` to first order, the gradient being that in the embedding's weights.
- Virtual adversarial training (Miyato et al. 2017, arXiv 1704.03976): the policy should not change where the input
  vectors are moved in the direction that changes it most. No moves played are needed.
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

    loss: float  # known when `losses` has ended for the first time

    @property
    def weights(self) -> Sequence[nn.Parameter]:
        """All that is learned."""

    @property
    def embeddings(self) -> Sequence[nn.Parameter]:
        """Those of the weights that make input vectors."""

    def losses(self) -> Iterator[Tensor]:
        """Yield the parts that the step's loss is the sum of, at the present weights; each is differentiated before
        the next is asked for. Random numbers are the same every time."""


Work = Callable[[], None]  # puts a gradient into `.grad`, in place of what is there
Wrapper = Callable[[Work, Step, RegularisersConfig], Work]


def plain(step: Step) -> Work:
    """Return what puts the gradient of the step's loss into `.grad`."""

    def work() -> None:
        for weight in step.weights:
            weight.grad = None
        for loss in step.losses():
            loss.backward()

    return work


def gradient(step: Step, config: RegularisersConfig) -> None:
    """Put the gradient of a step, with the regularisers chosen, into its weights' `.grad`."""
    work = plain(step)
    for name, wrapper in WRAPPERS.items():
        if getattr(config, name):
            work = wrapper(work, step, config)
    work()


def _gradients(weights: Sequence[nn.Parameter]) -> list[Tensor]:
    """Return copies of the gradients; zeros where a weight has none."""
    return [torch.zeros_like(w) if w.grad is None else w.grad.detach().clone() for w in weights]


def length(vectors: Sequence[Tensor]) -> float:
    """The Euclidean length of several tensors as one vector."""
    return float(torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(v.float()) for v in vectors])))


@contextmanager
def shifted(weights: Sequence[nn.Parameter], direction: Sequence[Tensor], scale: float) -> Iterator[None]:
    """While inside, the weights are moved by `scale` times the direction; afterwards they are what they were."""
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
    """Return work that takes the gradient where the embedding is moved by `config.fgm` along its own gradient."""

    def moved() -> None:
        work()
        direction = _gradients(step.embeddings)
        if size := length(direction):
            with shifted(step.embeddings, direction, config.fgm / size):
                work()

    return moved


def penalty(work: Work, step: Step, config: RegularisersConfig) -> Work:
    """Return work that adds the gradient of `config.penalty` times the squared length of the gradient g: that is
    2 penalty H g, H being the Hessian."""

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
    """The Hessian of the step's loss times a vector, by differentiating twice.

    Attention runs by the plain formula meanwhile: fused kernels have no second derivative.
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
    """Return work that turns the gradient round where the step's loss is below `config.flood`."""

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
    """Where torch's random numbers are, on the CPU and on a GPU that is the device."""
    on_gpu = [torch.cuda.get_rng_state(device)] if device.startswith("cuda") else []
    return [torch.get_rng_state(), *on_gpu]


def set_random_state(state: Sequence[Tensor], device: str) -> None:
    """Go where `random_state` was taken."""
    torch.set_rng_state(state[0])
    if len(state) > 1:
        torch.cuda.set_rng_state(state[1], device)


@contextmanager
def replayed(state: Sequence[Tensor], device: str) -> Iterator[None]:
    """While inside, the random numbers are those from `state` on; afterwards they go on where they were."""
    now = random_state(device)
    set_random_state(state, device)
    try:
        yield
    finally:
        set_random_state(now, device)


# ------------------------------------------------------------------------------------------------ virtual adversary


Policy = Callable[[Tensor], Tensor]  # moved input vectors [B, T, width] -> logits [B, T, tokens]


def divergence(logits: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """Kullback-Leibler divergence of softmax(logits) [B, T, V] from the log-probabilities `wanted` [N, V] of the
    counted plies (bool [B, T]), in nats, summed over them."""
    log_q = logits[counted].float() if logits.dtype != torch.float64 else logits[counted]
    return F.kl_div(log_q.log_softmax(-1), wanted, log_target=True, reduction="sum")


def scaled(direction: Tensor, counted: Tensor, radius: float) -> Tensor:
    """A direction [B, T, width] at such a length in each row that the root mean square over its counted plies is
    `radius`; all zero stays so."""
    sizes = torch.linalg.vector_norm(direction, dim=(1, 2), keepdim=True).clamp(min=1e-30)
    return direction / sizes * radius * counted.sum(1).to(direction.dtype).sqrt()[:, None, None]


def adversarial_direction(
    policy: Policy, vectors: Tensor, wanted: Tensor, counted: Tensor, probe: float, rounds: int
) -> Tensor:
    """The direction [B, T, width] in which moving each row's input vectors changes the policy most.

    At the vectors themselves the divergence and its gradient are 0, so its gradient a little way along d is about H d:
    power iteration from a random d approaches the top eigenvector of H.
    """
    d = torch.randn_like(vectors)
    for _ in range(rounds):
        d = scaled(d, counted, probe).requires_grad_()
        (d,) = torch.autograd.grad(divergence(policy(vectors + d), wanted, counted), d)
    return d


def virtual_adversary(
    policy: Policy, vectors: Tensor, logits: Tensor, counted: Tensor, config: RegularisersConfig
) -> Tensor:
    """The divergence between the policy as it is (`logits`) and with the input vectors moved adversarially, in nats
    summed over the counted plies. What is learned is to change the latter."""
    wanted = logits.detach()[counted]
    wanted = (wanted if wanted.dtype == torch.float64 else wanted.float()).log_softmax(-1)
    still = vectors.detach()
    d = adversarial_direction(policy, still, wanted, counted, config.vat_probe, config.vat_rounds)
    return divergence(policy(vectors + scaled(d, counted, config.vat_radius)), wanted, counted)
