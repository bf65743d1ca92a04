"""The rules on a device agree with the board: legal moves, endings, and the moves avoided for repetition."""

import random

import pytest
import torch

from xiangqi_lm.arena import devicerules
from xiangqi_lm.dataset.loader import legal_moves
from xiangqi_lm.rules import batched, rulings
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import HALF_TURN_ID, MOVE_COUNT, MOVES, Move
from xiangqi_lm.rules.outcome import Termination
from xiangqi_lm.rules.squares import RED


def random_games(count, plies, seed, fens=(None,)):
    """Yield boards side by side after each ply of random games that tend to move back and forth."""
    rng = random.Random(seed)
    boards = [Board(fen) if (fen := fens[i % len(fens)]) else Board() for i in range(count)]
    for _ in range(plies):
        ids = []
        for board in boards:
            moves = board.legal_list() if board.outcome() is None else []
            again = [m for m in moves if board.ply > 1 and m.from_square == board.move_stack[-2].to_square]
            back = [m for m in again if m.to_square == board.move_stack[-2].from_square]
            ids.append((rng.choice(back if back and rng.random() < 0.8 else moves).id) if moves else MOVE_COUNT)
        yield boards, ids
        for board, move_id in zip(boards, ids, strict=True):
            if move_id != MOVE_COUNT:
                board.push(MOVES[move_id])


CHECKS = (
    "3k5/9/9/9/4R4/9/9/9/9/5K3 w",
    "5k3/9/9/9/9/9/9/4p4/3R5/4K4 w",
    "2b1k4/9/4b4/9/9/9/9/3R5/3r5/4K1c2 b",
    "3ak4/4a4/9/9/4R4/9/9/9/3r5/3K5 w",
)


@pytest.mark.parametrize("compiled", [True, False], ids=["kernels", "torch"])
@pytest.mark.parametrize("fens", [(None,), CHECKS], ids=["start", "endings"])
def test_the_device_agrees_with_the_board(monkeypatch, compiled, fens):
    monkeypatch.setattr(devicerules, "compiled", lambda device: compiled)
    device_boards = clock = None
    judged = 0
    for boards, ids in random_games(12, 70, seed=len(fens), fens=fens):
        if device_boards is None:
            device_boards = batched.from_boards(boards)
            clock = devicerules.Clock.start(device_boards)
        legal = devicerules.look(device_boards, both=True)
        clock = clock.seen(device_boards, legal.check)
        ending = clock.ending(device_boards, legal)
        scores = torch.where(legal.ids == MOVE_COUNT, -torch.inf, 0.0)
        won = devicerules.final(device_boards, legal, scores)
        avoided = devicerules.shunned(device_boards, clock, legal)
        assert torch.equal(legal.moves, devicerules.moves_of(legal.view[:, None]))
        assert (legal.moves[:, 0].numpy() == legal_moves(legal.view.numpy())).all()
        for row, board in enumerate(boards):
            turn = (lambda i: i) if board.turn is RED else (lambda i: int(HALF_TURN_ID[i]))
            columns = {turn(i): column for column, i in enumerate(legal.ids[row].tolist()) if i != MOVE_COUNT}
            assert set(columns) == set(board.legal_ids().tolist())
            assert bool(legal.check[row]) == board.is_check()
            assert int(clock.counted[row]) == rulings.counted_plies(board, 10)
            outcome = board.outcome()
            if outcome is None or outcome.termination is Termination.MATERIAL:
                assert ending[row] in (batched.GOES_ON, devicerules.MATERIAL)
            assert (outcome is not None) >= (int(ending[row]) != batched.GOES_ON)
            if outcome is not None:
                continue
            final = {i for i, column in columns.items() if won[row, column]}
            true = {move.id for move in board.final_moves()}
            assert final == true if compiled or len(columns) <= 8 else final <= true  # a GPU tries eight
            judged += judge_repetitions(board, {i for i, column in columns.items() if avoided[row, column]})
        device_boards, clock = clock.pushed(device_boards, torch.tensor(ids))
    assert judged >= (9 if len(fens) > 1 else 0)  # with these seeds nine occur


def test_perpetual_check_is_avoided_and_claimed_against_the_opponent():
    board = Board("3k5/9/9/9/4R4/9/9/9/9/5K3 w")
    for text in ("e5d5", "d9e9", "d5e5", "e9d9"):
        board.push_text(text)
    check = Move.from_iccs("e5d5").id
    assert avoided_by_device(board) == {check}  # a third time would lose, and the reply may bring it about
    board.push(MOVES[check])
    assert avoided_by_device(board) == set()
    for text in ("d9e9", "d5e5"):
        board.push_text(text)
    assert avoided_by_device(board) == set()  # e9d9 wins
    board.push_text("e9d9")
    assert board.outcome().winner is not RED
    quiet = Board("3k5/9/9/9/4R4/9/9/9/9/5K3 w")
    for text in ("e5g5", "d9d8", "g5e5", "d8d9") * 2:
        quiet.push_text(text)
    quiet.pop()
    assert avoided_by_device(quiet) == {Move.from_iccs("d8d9").id}


def avoided_by_device(board):
    """Return the moves that the device avoids after the same moves."""
    boards = batched.from_boards([board.root()])
    clock = devicerules.Clock.start(boards)
    for move in board.move_stack:
        clock = clock.seen(boards, devicerules.look(boards, False).check)
        boards, clock = clock.pushed(boards, torch.tensor([move.id]))
    legal = devicerules.look(boards, False)
    clock = clock.seen(boards, legal.check)
    ids = legal.ids[0][devicerules.shunned(boards, clock, legal)[0]].tolist()
    return {i if board.turn is RED else int(HALF_TURN_ID[i]) for i in ids}


def judge_repetitions(board, avoided):
    """Compare the moves that the device avoids with the rulings on each; return their number."""
    judged = 0
    for move in list(board.legal_moves):
        board.push(move)
        third, outcome = board.repetitions() >= 3, board.outcome()
        board.pop()
        if third and outcome.termination is not Termination.PERPETUAL_CHASE:
            assert (move.id in avoided) == (outcome.winner is not board.turn), (board.fen(), move, outcome)
            judged += 1
        elif not third and move.id in avoided:  # only a check on the way to perpetual check
            assert board.gives_check(move)
            judged += 1
    return judged
