"""Board encoders and policy heads: what each sees, and that it can learn facts of the rules."""

import pytest
import torch

from xiangqi_lm.model.boards import BOARD_ENCODERS
from xiangqi_lm.model.heads import POLICY_HEADS, BilinearPolicyHead
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES


def boards(count: int) -> torch.Tensor:
    return torch.randint(-7, 8, (2, count, 90), dtype=torch.int8, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", BOARD_ENCODERS)
def test_every_square_matters_and_rows_are_independent(name):
    torch.manual_seed(0)
    encoder = BOARD_ENCODERS[name](32)
    given = boards(3)
    base = encoder(given)
    assert base.shape == (2, 3, 32)
    for square in range(90):
        other = given.clone()
        other[1, 2, square] = 0 if given[1, 2, square] else 5
        changed = (encoder(other) != base).any(-1)
        assert changed.tolist() == [[False] * 3, [False, False, True]]


@pytest.mark.parametrize("name", ["convolution", "attention"])
def test_encoders_see_relations_that_a_sum_cannot(name):
    """Are the rooks on e0 and e9 in line with nothing between? No sum of piece-on-square vectors can tell."""
    torch.manual_seed(0)
    dice = torch.Generator().manual_seed(3)
    given = torch.zeros(256, 1, 90, dtype=torch.int8)
    a, b = (torch.rand(256, generator=dice) < 0.5 for _ in range(2))
    given[a, 0, 40], given[b, 0, 41] = 5, -5
    wanted = (a == b).float()  # exclusive or: not a linear function of the pieces
    errors = {}
    for kind in ("sum", name):
        encoder, read = BOARD_ENCODERS[kind](16), torch.nn.Linear(16, 1)
        steps = torch.optim.Adam([*encoder.parameters(), *read.parameters()], lr=3e-3)
        for _ in range(120):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(read(encoder(given))[:, 0, 0], wanted)
            steps.zero_grad()
            loss.backward()
            steps.step()
        errors[kind] = loss.item()
    assert errors["sum"] > 0.6
    assert errors[name] < 0.2


@pytest.mark.parametrize("name", POLICY_HEADS)
def test_heads_score_all_moves(name):
    assert POLICY_HEADS[name](32, len(MOVES))(torch.randn(2, 3, 32)).shape == (2, 3, len(MOVES))


def test_bilinear_scores_are_products_of_squares():
    torch.manual_seed(0)
    head = BilinearPolicyHead(32, len(MOVES))
    hidden = torch.randn(32)
    squares = head.squares(hidden).view(2, 90, head.RANK)
    scores = head(hidden)
    for move in Board().legal_moves:
        product = squares[0, move.from_square] @ squares[1, move.to_square]
        torch.testing.assert_close(scores[move.id], product)
