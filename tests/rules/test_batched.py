"""The rules in torch compared with the kernels and Board: legal moves as sets, checks, pushes, outcomes."""

import random

import numpy as np
import pytest
import torch
from vectors import load, positions, recorded_games

from xiangqi_lm.rules import batched, kernel
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVE_COUNT, Move
from xiangqi_lm.rules.outcome import Termination

DEVICES = [
    "cpu",
    pytest.param(
        "cuda", marks=[pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]
    ),
]
ENDINGS = {
    None: batched.GOES_ON,
    Termination.CHECKMATE: batched.CHECKMATE,
    Termination.STALEMATE: batched.STALEMATE,
    Termination.REPETITION: batched.REPETITION,
    Termination.MOVE_LIMIT: batched.LIMIT,
}


def assert_same_moves(boards: list[Board], device: str) -> torch.Tensor:
    """Assert that masks equal the kernel's, row by row; return who is in check."""
    pieces = np.stack([board.array for board in boards])
    sides = np.array([board.turn for board in boards], dtype=np.int8)
    ids, check = batched.legal_moves(batched.from_boards(boards, device))
    mask = batched.as_mask(ids).cpu().numpy()
    wrong = np.flatnonzero((mask != kernel.legal_masks(pieces, sides)).any(1))
    assert not len(wrong), [boards[row].fen() for row in wrong[:5]]
    assert ((ids != MOVE_COUNT).sum(1).cpu().numpy() == mask.sum(1)).all()  # no move twice
    return check


@pytest.mark.parametrize("device", DEVICES)
def test_legal_moves_of_20000_positions(device):
    boards = list(positions(140))
    assert len(boards) >= 20_000
    for first in range(0, len(boards), 4096):
        part = boards[first : first + 4096]
        check = assert_same_moves(part, device)
        assert check.tolist() == [board.is_check() for board in part]


@pytest.mark.parametrize("device", DEVICES)
def test_legal_moves_of_chosen_positions(device):
    rows = [row["fen"] for row in load("perft.json")] + [row["fen"] for row in load("repetition.json")]
    rows.append("4k4/1C7/2P1P1P2/5C3/P1N1N1P2/8R/7R1/B3B4/4A4/4K4 w - - 0 1")  # 110 moves
    boards = [Board(fen) for fen in rows]
    assert_same_moves(boards + [board.transform() for board in boards], device)


def endings(boards: batched.Boards) -> tuple[list[int], list[int]]:
    found = batched.outcome(boards, *batched.legal_moves(boards))
    return found.ending.tolist(), found.winner.tolist()


def expected_endings(boards: list[Board]) -> tuple[list[int], list[int]]:
    ends = [board.outcome("simple") for board in boards]
    return [ENDINGS[end and end.termination] for end in ends], [
        int(end.winner) if end and end.winner is not None else 0 for end in ends
    ]


@pytest.mark.parametrize("device", DEVICES)
def test_games_in_step(device):
    """Recorded, random and shuffling games played side by side: every field agrees at every ply."""
    rng = random.Random(5)
    lines = recorded_games()[:8]
    boards = [Board() for _ in range(20)]
    shuffle = ["h0g2", "h9g7", "g2h0", "g7h9"]
    state, seen = batched.start(len(boards), device), set()
    for ply in range(120):
        ids = []
        for row, board in enumerate(boards):
            if row < 8:
                move = lines[row][ply] if ply < len(lines[row]) else None
            elif row < 16:
                move = rng.choice(list(board.legal_moves)) if board.legal_moves else None
            else:
                move = Move.from_iccs(shuffle[ply % 4]) if ply < 8 + row - 16 else None
            ids.append(MOVE_COUNT if move is None else move.id)
            if move is not None:
                board.push(move)
        state = batched.push(state, torch.tensor(ids, device=device))
        assert batched.repetitions(state).tolist() == [board.repetitions() for board in boards]
        now = endings(state)
        assert now == expected_endings(boards)
        seen |= set(now[0])
        if ply % 10 == 9:
            fresh = batched.from_boards(boards, device)
            assert all(
                (getattr(state, name) == getattr(fresh, name)).all() for name in ("pieces", "side", "key", "clock")
            )
    assert seen >= {batched.GOES_ON, batched.CHECKMATE, batched.REPETITION}


@pytest.mark.parametrize("device", DEVICES)
def test_every_ending(device):
    boards = [
        Board(),
        Board("R2k5/1R7/9/9/9/9/9/9/9/4K4 b"),
        Board("4k4/9/9/9/9/9/9/3p5/9/3K5 w"),
        Board("3k5/9/9/9/9/9/9/9/R8/4K4 w - - 120 80"),
        Board("3k5/9/9/9/9/9/9/9/R8/4K4 w - - 119 80"),
        Board("3k5/9/9/9/9/9/9/9/R8/4K4 w - - 300 80", strict=False),
        Board("R2k5/1R7/9/9/9/9/9/9/9/4K4 b - - 120 99"),  # mate comes before the limit
    ]
    lap = Board()
    for text in ["h0g2", "h9g7", "g2h0", "g7h9"] * 2:
        lap.push_text(text)
    boards.append(lap)
    found = endings(batched.from_boards(boards, device))
    assert found == expected_endings(boards)
    assert found[0] == [
        batched.GOES_ON, batched.CHECKMATE, batched.STALEMATE, batched.LIMIT, batched.GOES_ON, batched.LIMIT,
        batched.CHECKMATE, batched.REPETITION,
    ]  # fmt: skip


def test_move_limit_is_reached_by_pushing():
    board = Board("3k5/9/9/9/9/9/9/9/R8/4K4 w - - 118 80")
    state = batched.from_boards([board])
    for text in ("a1b1", "d9d8"):
        state = batched.push(state, torch.tensor([Move.from_iccs(text).id]))
    assert endings(state)[0] == [batched.LIMIT]


def test_push_leaves_its_argument_alone():
    state = batched.start(3)
    before = [field.clone() for field in state]
    batched.push(state, torch.tensor([Move.from_iccs("h2e2").id, MOVE_COUNT, Move.from_iccs("b2b9").id]))
    assert all((old == now).all() for old, now in zip(before, state, strict=True))


def test_under_torch_compile():
    """One graph without breaks; the eager backend keeps the test short."""

    def step(state):
        ids, check = batched.legal_moves(state)
        return batched.as_mask(ids), batched.outcome(state, ids, check).ending, batched.push(state, ids.amin(1))

    state = batched.from_boards(list(positions(1, every=40))[:64])
    plain, compiled = step(state), torch.compile(step, fullgraph=True, backend="eager")(state)
    assert (plain[0] == compiled[0]).all() and (plain[1] == compiled[1]).all()
    assert all((a == b).all() for a, b in zip(plain[2], compiled[2], strict=True))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_no_synchronisation():
    state = batched.start(64, "cuda")
    batched.legal_moves(state)  # the tables are transferred once
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(3):
            ids, check = batched.legal_moves(state)
            batched.outcome(state, ids, check)
            state = batched.push(state, ids.amin(1))
    finally:
        torch.cuda.set_sync_debug_mode("default")
