"""The classes of each legal move, for boards on any device: by the compiled kernel on a CPU, in torch elsewhere.

The torch form works on sets of positions. The value of captures on a square is the maximum over the lines that follow,
so all captures are played level by level until none is left, and their values are then passed back up.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..rules import jit
from ..rules.batched import Boards, flipped, from_views, legal_moves, push
from ..rules.move_classes import BUCKETS, COLUMNS, FACTORS, FAR, LARGE, SMALL
from ..rules.moves import FROM, MOVE_COUNT, TO
from ..rules.piece_status import WORTH
from ..rules.pieces import HORSE, KING
from ..rules.squares import FILES

AT_ONCE = 128  # boards of the torch form per batch: about 130 MB

# ------------------------------------------------------------------------------------------------ tables


class _Tables(NamedTuple):
    """numpy tables on a device."""

    start: Tensor  # int64 [2086]
    end: Tensor  # int64 [2086]
    worth: Tensor  # int64 [8]
    buckets: Tensor  # int64 [2 * FAR + 1]


def _tables(device: torch.device) -> _Tables:
    return _Tables(*(torch.from_numpy(x).to(device, torch.int64) for x in (FROM, TO, WORTH, BUCKETS)))


def _worth(boards: Boards, squares: Tensor, tables: _Tables) -> Tensor:
    """Return the worth of the piece on a square of each board, int64 [N]; 0 for an empty square."""
    return tables.worth[boards.pieces.gather(1, squares[:, None])[:, 0].abs().long()]


# ------------------------------------------------------------------------------------------------ moves played


class _Moves(NamedTuple):
    """Some legal moves of many boards."""

    board: Tensor  # int64 [M], index of the board
    ids: Tensor  # int64 [M]
    start: Tensor  # int64 [M]
    end: Tensor  # int64 [M]

    def where(self, chosen: Tensor) -> _Moves:
        return _Moves(*(x[chosen] for x in self))


def _listed(ids: Tensor, tables: _Tables) -> _Moves:
    """Return ids [N, 119], as `legal_moves` gives them, as one list of moves."""
    board, column = (ids != MOVE_COUNT).nonzero(as_tuple=True)
    found = ids[board, column]
    return _Moves(board, found, tables.start[found], tables.end[found])


def _after(boards: Boards, moves: _Moves) -> Boards:
    """Return the boards after each move, [M]; their clocks and histories are meaningless."""
    pieces, side, squares = (field[moves.board] for field in boards[:3])
    nothing = torch.zeros_like(moves.ids)
    return push(Boards(pieces, side, squares, nothing, nothing, nothing[:, None].expand(-1, 2)), moves.ids)


def _captures(boards: Boards, ids: Tensor, tables: _Tables) -> _Moves:
    """Return the captures among legal moves, except captures of a king."""
    moves = _listed(ids, tables)
    taken = boards.pieces[moves.board, moves.end].abs()
    return moves.where((taken != 0) & (taken != KING))


# ------------------------------------------------------------------------------------------------ exchanges


def _wins(boards: Boards, square: Tensor, tables: _Tables) -> Tensor:
    """Return what the side to move wins by captures on a square of each board that holds an enemy piece: int64 [N]."""
    best = torch.zeros_like(square)
    if not len(square):
        return best
    moves = _listed(legal_moves(boards)[0], tables)
    moves = moves.where(moves.end == square[moves.board])
    return best.scatter_reduce(0, moves.board, _gains(boards, moves, tables), "amax")


def _gains(boards: Boards, captures: _Moves, tables: _Tables) -> Tensor:
    """Return what each capture gains after both sides recapture for as long as it pays; it may be negative."""
    worth = tables.worth[boards.pieces[captures.board, captures.end].abs().long()]
    return worth - _wins(_after(boards, captures), captures.end, tables)


def _largest(count: int, at: Tensor, gains: Tensor) -> Tensor:
    """Return the largest gain at each of `count` places, at least 0: int64 [count]."""
    return torch.zeros(count, dtype=torch.int64, device=gains.device).scatter_reduce(0, at, gains, "amax")


# ------------------------------------------------------------------------------------------------ checks and mates


def _may_check(boards: Boards, moves: _Moves) -> Tensor:
    """Return False for moves that obviously give no check, bool [M]: about two thirds need not be tried out."""
    king = (boards.pieces == -boards.side[:, None] * KING).to(torch.int8).argmax(1)[moves.board]

    def away(x: Tensor) -> tuple[Tensor, Tensor]:
        return (x % FILES - king % FILES).abs(), (x // FILES - king // FILES).abs()

    ends = away(moves.start), away(moves.end)
    on_line = torch.stack([(across == 0) | (along == 0) for across, along in ends]).any(0)
    freed, reached = (torch.maximum(*end) for end in ends)
    horse = boards.pieces[moves.board, moves.start].abs() == HORSE
    return on_line | (freed <= 1) | (horse & (reached <= 2))


def _mated(boards: Boards, ids: Tensor, tables: _Tables) -> Tensor:
    """Return whether the side to move can checkmate with one of the given legal moves: bool [N]."""
    moves = _listed(ids, tables)
    moves = moves.where(_may_check(boards, moves))
    mates = []
    for part in zip(*(x.split(AT_ONCE * 64) for x in moves), strict=True):
        replies, check = legal_moves(_after(boards, _Moves(*part)))
        mates.append(check & (replies == MOVE_COUNT).all(1))
    found = torch.zeros(len(ids), dtype=torch.bool, device=ids.device)
    found[moves.board[torch.cat(mates)]] = True
    return found


# ------------------------------------------------------------------------------------------------ all of it


def _rows(taken: Tensor, kind: Tensor, said: dict[str, Tensor], check: Tensor, tables: _Tables) -> Tensor:
    """Return the rows of the classes, int64 [M, FACTORS], numbered as in rules.move_classes."""

    def signed(x: Tensor) -> Tensor:
        return tables.buckets[x + FAR]

    own = tables.worth[kind]
    parts = {
        "taken": torch.where(taken == 0, 0, 2 + (taken > own).long() - (taken < own).long()),
        "exchange": signed(taken - said["back"]),
        "left": signed(said["left"]) - BUCKETS[FAR],
        "net": torch.where(said["mated"] > 0, 0, 1 + signed(taken - torch.maximum(said["back"], said["left"]))),
        "threat": signed(said["threat"]) - BUCKETS[FAR],
        "hung": (said["hung"] >= SMALL).long() + (said["hung"] >= LARGE).long(),
        "check": check,
    }
    first, rows = 0, []
    for name, count in FACTORS.items():
        rows.append(first + parts[name])
        first += count
    return torch.stack(rows, 1)


def _classified(pieces: Tensor) -> Tensor:
    """Return `rules.kernel.move_classes` of boards int8 [N, 90], computed in torch on their device."""
    tables, boards = _tables(pieces.device), from_views(pieces)
    ids, checked = legal_moves(boards)
    whole = ((pieces == KING).any(1) & (pieces == -KING).any(1))[:, None]
    moves = _listed(torch.where(whole, ids, MOVE_COUNT), tables)
    count = len(moves.ids)
    after = _after(boards, moves)
    replies, check = legal_moves(after)
    kind = boards.pieces[moves.board, moves.start].long()

    answers = _captures(after, replies, tables)
    gains = _gains(after, answers, tables)
    there = answers.end == moves.end[answers.board]
    again = flipped(after)
    threats = _captures(again, legal_moves(again)[0], tables)
    threats = threats.where(threats.start == moves.end[threats.board])
    passed = flipped(boards)
    attacks = _captures(passed, legal_moves(passed)[0], tables)
    hung = _largest(pieces.numel(), attacks.board * pieces.shape[1] + attacks.end, _gains(passed, attacks, tables))
    said = {
        "back": _largest(count, answers.board[there], gains[there]),
        "left": _largest(count, answers.board[~there], gains[~there]),
        "mated": _mated(after, replies, tables).long(),
        "threat": _largest(count, threats.board, _gains(again, threats, tables)),
        "hung": hung[moves.board * pieces.shape[1] + moves.start],
    }
    final = (replies == MOVE_COUNT).all(1)
    checks = torch.where(final, 2, check.long()) + 3 * checked[moves.board].long()
    rows = _rows(
        _worth(boards._replace(pieces=boards.pieces[moves.board]), moves.end, tables), kind, said, checks, tables
    )

    place = torch.arange(count, device=pieces.device) - torch.searchsorted(moves.board, moves.board)
    most = int(place.max()) + 1 if count else 1
    out = torch.zeros(len(pieces), most, COLUMNS, dtype=torch.int16, device=pieces.device)
    out[:, :, 0] = MOVE_COUNT
    out[moves.board, place] = torch.cat((moves.ids[:, None], kind[:, None], rows), 1).to(torch.int16)
    return out


def in_torch(pieces: Tensor) -> Tensor:
    """Return the same for any number of boards, batch by batch."""
    parts = [_classified(part) for part in pieces.split(AT_ONCE)]
    widest = max((part.shape[1] for part in parts), default=1)
    out = torch.zeros(len(pieces), widest, COLUMNS, dtype=torch.int16, device=pieces.device)
    out[:, :, 0] = MOVE_COUNT
    for first, part in zip(range(0, len(pieces), AT_ONCE), parts, strict=True):
        out[first : first + len(part), : part.shape[1]] = part
    return out


def move_classes(boards: Tensor) -> Tensor:
    """Map boards in the mover's view, int8 [..., 90], to classes int16 [..., W, COLUMNS], see
    `rules.kernel.move_classes`.
    """
    flat = boards.reshape(-1, boards.shape[-1])
    if flat.device.type == "cpu":
        found = torch.from_numpy(jit.class_kernels().move_classes(flat.contiguous().numpy(), torch.get_num_threads()))
    else:
        found = in_torch(flat)
    return found.view(*boards.shape[:-1], *found.shape[1:])
