"""The dense form of piece status compared with the compiled kernel, and the encoder that reads it."""

import numpy as np
import torch

from xiangqi_lm.model import piece_status
from xiangqi_lm.model.boards import PieceStatus
from xiangqi_lm.model.piece_status import dense_piece_statuses, in_pieces, piece_statuses
from xiangqi_lm.rules.board import Board


def positions(count: int) -> torch.Tensor:
    dice, rows = np.random.default_rng(9), []
    board = Board()
    while len(rows) < count:
        moves = list(board.legal_moves)
        if not moves or board.ply > 150:
            board = Board()
            continue
        board.push_unchecked(moves[dice.integers(len(moves))])
        rows.append(board.array.copy())
    return torch.from_numpy(np.stack(rows))


def test_both_forms_agree():
    given = positions(300)
    assert torch.equal(dense_piece_statuses(given), piece_statuses(given))


def test_many_boards_are_taken_in_pieces(monkeypatch):
    """The dense form would need sixteen gigabytes at once for a large GPU's training batch."""
    given, sizes = positions(25), []
    monkeypatch.setattr(piece_status, "PIECE", 10)
    monkeypatch.setattr(piece_status, "dense_piece_statuses", lambda x: sizes.append(len(x)) or dense_piece_statuses(x))
    assert torch.equal(in_pieces(given), piece_statuses(given))
    assert sizes == [10, 10, 5]
    assert in_pieces(given[:0]).shape == (0, 6, 90)


def test_the_operator_keeps_its_contract():
    torch.library.opcheck(piece_statuses, (positions(3),))


def test_a_hanging_piece_shows():
    """Two boards with the same pieces, on the same squares but one: only this encoder separates hanging from
    defended.
    """
    torch.manual_seed(0)
    encoder = PieceStatus(16)
    encoder.sum.weight.data.zero_()
    boards = [Board("5k3/9/9/9/4r4/9/9/9/4C4/3K5 w"), Board("5k3/9/9/9/4r4/9/9/9/4C4/4K4 w")]
    marks = [piece_statuses(torch.from_numpy(b.array)[None])[0] for b in boards]
    cannon = 13
    assert marks[0][:4, cannon].tolist() == [True, False, True, False]
    assert marks[1][:4, cannon].tolist() == [True, True, False, False]
    rows = torch.from_numpy(np.stack([b.array for b in boards]))[None]
    assert not torch.allclose(*encoder(rows)[0])
