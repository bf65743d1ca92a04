"""Move classes in torch compared with the kernel, and the head that uses them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from xiangqi_lm.arena.game_batch import GameBatch, SamplingConfig
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.loader import BOS, legal_moves, view
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.engine.mcts.network import NetworkEvaluator
from xiangqi_lm.engine.player import Limit
from xiangqi_lm.model.decode import Decoder, Line
from xiangqi_lm.model.functional import masked_log_softmax
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.model.move_classes import in_torch, move_classes
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import HALF_TURN_ID, MOVE_COUNT, MOVES

DEVICES = [
    "cpu",
    pytest.param(
        "cuda", marks=[pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]
    ),
]


def positions(count: int, seed: int = 9) -> torch.Tensor:
    """Return positions in the mover's view, from random games that prefer captures."""
    rng, rows, board = np.random.default_rng(seed), [], Board()
    while len(rows) < count:
        moves = list(board.legal_moves)
        if not moves or board.ply > 150:
            board = Board()
            continue
        taking = [move for move in moves if board.is_capture(move)]
        moves = taking if taking and rng.random() < 0.2 else moves
        board.push_unchecked(moves[rng.integers(len(moves))])
        rows.append(board.array.copy() if board.turn > 0 else -board.array[::-1])
    return torch.from_numpy(np.stack(rows))


def as_sets(classes: torch.Tensor) -> list[set[tuple[int, ...]]]:
    return [{tuple(move) for move in row if move[0] != MOVE_COUNT} for row in classes.tolist()]


@pytest.mark.parametrize("device", DEVICES)
def test_both_forms_agree(device):
    given = positions(140)
    given[3] = 0  # padding
    assert as_sets(in_torch(given.to(device))) == as_sets(move_classes(given))


def test_shapes():
    given = positions(6).view(2, 3, 90)
    found = move_classes(given)
    assert found.shape[:2] == (2, 3) and found.dtype == torch.int16
    assert as_sets(found[1]) == as_sets(move_classes(given[1]))
    assert (move_classes(torch.zeros(2, 90, dtype=torch.int8))[..., 0] == MOVE_COUNT).all()


# ------------------------------------------------------------------------------------------------ the head

PLAIN = ModelConfig(width=32, layers=2, heads=2, context=16, dropout=0.0, board="piece_status", legal_bias=True)
TOLD = replace(PLAIN, move_classes=True)


def given(boards: torch.Tensor) -> Inputs:
    """Return boards [B, T, 90] with made-up tokens as inputs."""
    tokens = torch.from_numpy(np.random.default_rng(1).integers(0, MOVE_COUNT, boards.shape[:2]))
    return Inputs(tokens, boards, torch.from_numpy(legal_moves(boards.numpy())), classes=move_classes(boards))


def told_model() -> Gpt:
    """Return a model whose scores depend on classes."""
    torch.manual_seed(3)
    model = Gpt(TOLD).eval()
    assert model.classes is not None
    torch.nn.init.normal_(model.classes.weight, std=0.2)
    torch.nn.init.normal_(model.classes.bias, std=0.3)
    return model


def test_classes_have_no_effect_at_first():
    torch.manual_seed(2)
    plain, told = Gpt(PLAIN).eval(), Gpt(TOLD).eval()
    missing, unexpected = told.load_state_dict(plain.state_dict(), strict=False)
    assert set(missing) == {"classes.weight", "classes.bias"} and not unexpected
    inputs = given(positions(12).view(3, 4, 90))
    assert torch.equal(told(inputs).logits, plain(inputs).logits)


def test_classes_add_their_weights():
    """Computed again, move by move."""
    model, inputs = told_model(), given(positions(8).view(2, 4, 90))
    output, bare = model(inputs), model(inputs._replace(classes=None))
    added = (output.logits - bare.logits).detach()
    assert inputs.classes is not None and model.classes is not None
    wanted = torch.zeros_like(added)
    for b, t in np.ndindex(2, 4):
        for move in inputs.classes[b, t].long():
            if move[0] != MOVE_COUNT:
                u, c = model.classes.weight[move[2:]], model.classes.bias[move[2:], move[1] - 1]
                wanted[b, t, move[0]] = (output.hidden[b, t] @ u.T + c).sum()
    assert torch.allclose(added, wanted, atol=1e-4)
    assert (added[~inputs.moves[:, :, 0]] == 0).all()  # type: ignore[index]


def test_classes_learn_from_the_first_step():
    torch.manual_seed(2)
    model, inputs = Gpt(TOLD), given(positions(4).view(1, 4, 90))
    model(inputs).logits.log_softmax(-1)[..., 7].sum().backward()
    assert model.classes is not None
    for weights in model.classes.parameters():
        assert weights.grad is not None and weights.grad.abs().max() > 0


# ------------------------------------------------------------------------------------------------ everything that plays


def whole_game(plies: int) -> tuple[list[Board], np.ndarray, np.ndarray]:
    """Return the boards of a game, and its tokens [plies + 1] and boards in the mover's view."""
    rng, boards = np.random.default_rng(5), [Board()]
    for _ in range(plies):
        boards.append(boards[-1].copy())
        moves = list(boards[-1].legal_moves)
        boards[-1].push(moves[rng.integers(len(moves))])
    ids = np.array([move.id for move in boards[-1].move_stack])
    tokens, seen, _ = view(ids, boards[0].array, 1)
    return boards, tokens, seen


def legal_of(model: Gpt, tokens: np.ndarray, seen: np.ndarray) -> torch.Tensor:
    """Return log-probabilities of the legal moves at every ply, read at once: float32 [T, 2086]."""
    boards = torch.from_numpy(seen)[None]
    moves = torch.from_numpy(legal_moves(boards.numpy()))
    output = model(Inputs(torch.from_numpy(tokens)[None], boards, moves, classes=move_classes(boards)))
    return masked_log_softmax(output.logits[0], moves[0, :, 0]).detach()


@torch.no_grad()
def test_all_players_are_given_classes():
    model = told_model()
    boards, tokens, seen = whole_game(9)
    wanted = legal_of(model, tokens, seen)
    decoder, single = Decoder(model), NetworkEvaluator(told_model().float(), history=False)
    for ply, board in enumerate(boards):
        line = Line(boards[0].array, 1, np.array([move.id for move in board.move_stack], np.int64))
        legal = legal_moves(seen[ply])[None, 0]
        found = decoder.log_probabilities([line], legal)[0]
        assert torch.allclose(found.exp(), wanted[ply].exp(), atol=2e-2), ply
        chosen = decoder.sample([line], legal, torch.Generator().manual_seed(0), temperature=0.0)
        assert found[chosen[0]] == found.max()
        alone = legal_of(model, np.array([BOS]), seen[ply : ply + 1])[0].exp().numpy()
        ids = board.legal_ids()
        priors = single([board])[0][0]
        assert np.abs(priors - alone[ids if board.turn > 0 else HALF_TURN_ID[ids]]).max() < 3e-2, ply


def test_lockstep_is_given_classes():
    """The likeliest moves are those of a player that reads the game."""
    model = told_model()
    group = GameBatch(model, SamplingConfig(0.0, 1.0, 0), [0, 1], [Board(), Board()])
    group.step(6)
    board, player = Board(), LanguageModelPlayer(model, "told", temperature=0.0)
    played = [MOVES[i] for i in group.moves[0, :6].tolist()]
    for move in played:
        assert player.choose(board, Limit()).move == move
        board.push(move)
