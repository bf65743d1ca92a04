"""The Jacobians of recurrent cells: formulas against autograd, over one step and over many."""

import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.model.rnn import CELLS, Step, scan
from xiangqi_lm.training.diagnostics import influence, jacobian

D = 5


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def one_step(trunk: str, x: torch.Tensor, u: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
    """Return a step of one row as a function of its whole state, h and then c, in float64."""
    cell = CELLS[trunk]
    h, c = (state[None, :D], state[None, D:]) if cell.carries else (state[None], None)
    made = cell.step(x[None], h @ u.T, h, c)
    return torch.cat((made.h[0], made.c[0])) if cell.carries else made.h[0]


@pytest.mark.parametrize("trunk", CELLS)
def test_a_step_has_the_jacobian_of_autograd(trunk):
    torch.manual_seed(1)
    cell = CELLS[trunk]
    x, u, h = draw(3, cell.parts * D), draw(cell.parts * D, D), draw(3, D)
    c = draw(3, D) if cell.carries else None
    made = cell.step(x, h @ u.T, h, c)
    found = jacobian(trunk, u, made, h, c)
    states = h if c is None else torch.cat((h, c), 1)
    for row in range(3):
        wanted = torch.autograd.functional.jacobian(lambda s: one_step(trunk, x[row], u, s), states[row])  # noqa: B023
        torch.testing.assert_close(found[row], wanted)


def test_a_simple_rnn_is_bounded_by_u_and_the_others_by_a_gate():
    torch.manual_seed(2)
    h = draw(4, D)
    u = draw(D, D)
    made = CELLS["rnn"].step(draw(4, D), h @ u.T, h, None)
    assert (torch.linalg.matrix_norm(jacobian("rnn", u, made, h, None), 2) <= torch.linalg.matrix_norm(u, 2)).all()
    for trunk, gate in (("lstm", 1), ("output_gated", 0)):  # without U only what the gate keeps is left
        parts, c = CELLS[trunk].parts, draw(4, D)
        u = torch.zeros(parts * D, D, dtype=torch.float64)
        made = CELLS[trunk].step(draw(4, parts * D), h @ u.T, h, c)
        kept = made.gates[gate] if trunk == "lstm" else 1 - made.gates[gate]
        torch.testing.assert_close(jacobian(trunk, u, made, h, c)[:, D:, D:], torch.diag_embed(kept))


@pytest.mark.parametrize("trunk", CELLS)
def test_influence_is_the_gradient_through_the_layer(trunk):
    """Of the first layer, from the 3 columns before the last, by autograd through a separate loop."""
    torch.manual_seed(3)
    config = ModelConfig(width=8, layers=2, heads=2, context=64, dropout=0.0, board="none", trunk=trunk)
    model = Gpt(config).eval()
    for p in model.blocks.parameters():
        p.data.normal_(std=0.4)
    inputs = Inputs(torch.randint(0, 2086, (4, 6)))
    found = influence(model, inputs, 3)
    assert found.outputs.shape == found.carried.shape == (2, 3)
    layer = model.blocks[0].recurrence
    with torch.no_grad():
        x = layer.projected(model.blocks[0].norm_recurrence(model.embed(inputs)))
    for k in (1, 2, 3):
        logs = []
        for row in range(4):
            first = [None if s is None else s[:1] for s in layer.start(4)]
            before = scan(layer.cell, x[: 6 - k, row : row + 1], layer.recurrent, *first)[-1]

            def last(h, c, row=row, k=k) -> tuple[torch.Tensor, ...]:
                made: Step = scan(layer.cell, x[6 - k :, row : row + 1], layer.recurrent, h, c)[-1]
                return (made.h[0], made.c[0] if layer.cell.carries else made.h[0])

            states = (before.h.detach(), before.c.detach() if layer.cell.carries else None)
            if layer.cell.carries:
                (hh, _), (_, cc) = torch.autograd.functional.jacobian(last, states)
            else:
                hh, cc = torch.autograd.functional.jacobian(lambda h: last(h, None), states[0])
            logs.append([torch.linalg.matrix_norm(m[:, 0], 2).log() for m in (hh, cc)])
        wanted = torch.tensor(logs).mean(0).exp().double()
        torch.testing.assert_close(
            torch.stack((found.outputs[0, k - 1], found.carried[0, k - 1])), wanted, atol=1e-5, rtol=1e-4
        )


def test_only_recurrent_models_have_an_influence():
    config = ModelConfig(width=8, layers=1, heads=2, context=64, dropout=0.0, board="none")
    with pytest.raises(AssertionError):
        influence(Gpt(config).eval(), Inputs(torch.randint(0, 2086, (1, 6))), 3)
