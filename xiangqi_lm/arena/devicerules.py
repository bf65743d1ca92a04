"""The rules that self-play needs, for many games at once on their device.

On a CPU the compiled kernels find legal moves and mates; elsewhere the torch rules do. On a CPU the kernels are 10
times as fast (1.5 against 17 us per position), but only the torch rules never leave the device. Moves are in the
mover's view, MOVE_COUNT where there is none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..dataset.loader import legal_moves
from ..rules import batched, jit
from ..rules.batched import CHECKMATE, GOES_ON, HISTORY, LIMIT, REPETITION, STALEMATE, Boards
from ..rules.candidates import ATTACKERS, NOWHERE, signed
from ..rules.moves import BLACK_TO_MOVE, FROM, HALF_TURN_ID, KEYS, MOVE_COUNT, TO
from ..rules.rulesets import RULESETS
from ..rules.squares import SQUARES

MATERIAL = LIMIT + 1  # an ending in addition to those of `batched`
_TRIED = 8  # on a GPU, the number of likeliest moves tested for ending the game
_LOOKED_BACK = HISTORY // 2
_RULES = RULESETS["computer"]
_FIGHTERS = slice(1, ATTACKERS)  # the slots of rooks, cannons, horses and pawns
_BLACK_TO_MOVE = int(signed([BLACK_TO_MOVE])[0])
_TABLES = {
    "half_turn": np.append(HALF_TURN_ID, MOVE_COUNT),  # [2087]
    "from": np.append(FROM, NOWHERE).astype(np.int64),  # [2087]
    "to": np.append(TO, NOWHERE).astype(np.int64),  # [2087]
    "keys": signed([word for row in KEYS for word in (*row, 0)]),  # [15 * 91]
}


@lru_cache(maxsize=16)
def _moved(name: str, device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # the tables outlive the inference mode of their first caller
        return torch.from_numpy(_TABLES[name]).to(device)


def table(name: str, at: Tensor) -> Tensor:
    """Return the entries of a table at int64 indices, on their device."""
    return _moved(name, at.device)[at]


# ------------------------------------------------------------------------------------------------ legal moves


class Legal(NamedTuple):
    """The positions of B games and their legal moves."""

    view: Tensor  # int8 [B, 90], in the mover's view
    ids: Tensor  # int64 [B, W], in ascending order
    check: Tensor  # bool [B], whether the side to move is in check
    moves: Tensor | None  # bool [B, 1, 2, 2086], the moves of the mover and of the opponent, if asked for


def compiled(device: torch.device) -> bool:
    """Return whether the compiled kernels are used on a device."""
    return device.type == "cpu"


def look(boards: Boards, both: bool) -> Legal:
    """Return the legal moves; with `both`, also those that the opponent would have if it were to move."""
    red = (boards.side > 0)[:, None]
    view = torch.where(red, boards.pieces, -boards.pieces.flip(1))
    if compiled(view.device):
        return _look_compiled(view, both)
    ids, check = batched.legal_moves(boards)
    # so that a draw picks the same move on every device
    seen = torch.where(red, ids, table("half_turn", ids)).sort(1).values
    if not both:
        return Legal(view, seen, check, None)
    theirs, _ = batched.legal_moves(boards._replace(side=-boards.side))
    theirs = torch.where(red, theirs, table("half_turn", theirs))
    masks = torch.stack((batched.as_mask(seen), batched.as_mask(theirs)), 1)
    return Legal(view, seen, check, masks[:, None])


def _look_compiled(view: Tensor, both: bool) -> Legal:
    squares, kernels = view.numpy(), jit.kernels()
    if both:
        masks = legal_moves(squares, torch.get_num_threads())  # [B, 2, 2086]
        mine = masks[:, 0]
    else:
        mine = kernels.legal_masks(squares, np.ones(len(squares), np.int8), torch.get_num_threads())
    rows, columns = np.nonzero(mine)
    count = np.bincount(rows, minlength=len(squares))
    ids = np.full((len(squares), max(1, int(count.max()))), MOVE_COUNT)
    ids[rows, np.arange(len(rows)) - (np.cumsum(count) - count)[rows]] = columns
    check = np.array([kernels.in_check(board, 1) for board in squares])
    return Legal(
        view, torch.from_numpy(ids), torch.from_numpy(check), torch.from_numpy(masks)[:, None] if both else None
    )


def moves_of(views: Tensor) -> Tensor:
    """Return both sides' legal moves for positions in the mover's view: int8 [B, T, 90] -> bool [B, T, 2, 2086]."""
    if compiled(views.device):
        return torch.from_numpy(legal_moves(views.numpy(), torch.get_num_threads()))
    boards = batched.from_views(views.flatten(0, 1))
    masks = [batched.legal_mask(boards._replace(side=side * boards.side)) for side in (1, -1)]
    return torch.stack(masks, 1).unflatten(0, views.shape[:2])


def final(boards: Boards, legal: Legal, logits: Tensor) -> Tensor:
    """Return which moves leave the opponent without a legal move: bool [B, W]; logits [B, W], -inf where there is none.

    On a GPU only the likeliest few are tried.
    """
    won = torch.zeros_like(legal.ids, dtype=torch.bool)
    if compiled(won.device):
        final_ids, out = jit.kernels().final_ids, np.empty(128, np.int16)
        for row, squares in enumerate(legal.view.numpy()):
            if count := final_ids(squares, 1, out):
                won[row] = torch.isin(legal.ids[row], torch.from_numpy(out[:count].astype(np.int64)))
        return won
    scores, columns = logits.topk(min(_TRIED, logits.shape[1]), dim=1)  # [B, K]
    ids = legal.ids.gather(1, columns)
    ids = torch.where((boards.side > 0)[:, None], ids, table("half_turn", ids))
    board, side, squares = (field.repeat_interleave(ids.shape[1], 0) for field in boards[:3])
    nothing = torch.zeros(ids.numel(), dtype=torch.int64, device=ids.device)
    many = Boards(board, side, squares, nothing, nothing, nothing[:, None].repeat(1, 2))
    replies, _ = batched.legal_moves(batched.push(many, ids.flatten()))
    stuck = (replies == MOVE_COUNT).all(1).view_as(ids)
    return won.scatter(1, columns, stuck & (scores > -torch.inf))


# ------------------------------------------------------------------------------------------------ ends of games


class Clock(NamedTuple):
    """What rulings on perpetual check need to know of B games since their last captures."""

    checks: Tensor  # bool [B, HISTORY], whether the side to move was in check at [0, boards.clock]
    given: Tensor  # int64 [B, 2], checks given by Red and Black
    counted: Tensor  # int64 [B], plies that count towards the move limit
    check: Tensor  # bool [B], whether the side to move is in check
    was: Tensor  # bool [B], whether its opponent was in check before the last move
    quiet: Tensor  # bool [B], whether the last move was not a capture

    @classmethod
    def start(cls, boards: Boards) -> Clock:
        """Return the clock of games before their first position is examined."""
        no = torch.zeros_like(boards.side, dtype=torch.bool)
        given = torch.zeros(len(no), 2, dtype=torch.int64, device=no.device)
        return cls(no[:, None].repeat(1, HISTORY), given, boards.clock, no, no, no)

    def seen(self, boards: Boards, check: Tensor) -> Clock:
        """Record who is in check in the present positions; counts as in `rules.chasing.counted_plies`."""
        free = _RULES.free_checks if _RULES.free_checks is not None else HISTORY
        mover = (boards.side > 0).long()[:, None]  # 1: Black made the last move
        mine = self.given.gather(1, mover)[:, 0] + (self.quiet & check)
        theirs = self.given.gather(1, 1 - mover)[:, 0]
        open_ = self.quiet & (~check | (mine <= free))
        forced = open_ & self.was & (theirs > free)
        given = self.given.scatter(1, mover, (mine + forced)[:, None])
        checks = self.checks.scatter(1, boards.clock[:, None], check[:, None])
        return self._replace(checks=checks, given=given, counted=self.counted + (open_ & ~forced), check=check)

    def pushed(self, boards: Boards, ids: Tensor) -> tuple[Boards, Clock]:
        """Record a move of each game, int64 [B] in the boards' view; MOVE_COUNT leaves a game unchanged."""
        after = batched.push(boards, ids)
        moved = ids != MOVE_COUNT
        taken = moved & (after.clock == 0)
        given, counted = torch.where(taken[:, None], 0, self.given), torch.where(taken, 0, self.counted)
        return after, self._replace(given=given, counted=counted, was=self.check, quiet=moved & ~taken)

    def ending(self, boards: Boards, legal: Legal) -> Tensor:
        """Return how each game is over, or GOES_ON: int8 [B]. The result is that of `Board.outcome`, except that
        draws by material are found only when no attacking piece is left.
        """
        stuck = (legal.ids == MOVE_COUNT).all(1)
        ending = torch.where(self.counted >= _RULES.move_limit, LIMIT, GOES_ON)
        ending = torch.where((boards.squares[:, :, _FIGHTERS] == NOWHERE).flatten(1).all(1), MATERIAL, ending)
        ending = torch.where(batched.repetitions(boards) >= 3, REPETITION, ending)
        return torch.where(stuck, torch.where(legal.check, CHECKMATE, STALEMATE), ending).to(torch.int8)

    def rows(self, rows: Tensor) -> Clock:
        """Return a selection of the games."""
        return Clock(*(field.index_select(0, rows) for field in self))


def shunned(boards: Boards, clock: Clock, legal: Legal) -> Tensor:
    """Return which repeating moves a player with a choice avoids: bool [B, W].

    A third occurrence is avoided, unless the opponent alone has checked with every move since the first, and so would
    lose. A second occurrence is avoided if the mover alone has checked with every move since, because the third would
    lose. Perpetual chases need no test: no choice leads to a third occurrence anyway.
    """
    back = _LOOKED_BACK if not compiled(legal.ids.device) else (int(boards.clock.max()) + 1) // 2
    if not back:
        return torch.zeros_like(legal.ids, dtype=torch.bool)
    steps = 2 * torch.arange(back, device=legal.ids.device)
    before, own = boards.clock[:, None] - 1 - steps, boards.clock[:, None] - steps  # [B, J]
    past = boards.history.gather(1, before.clamp(min=0))
    keys, quiet = _keys_after(boards, legal)
    same = (keys[..., None] == past[:, None]) & (before >= 0)[:, None] & quiet[..., None]  # [B, W, J]
    j = torch.arange(back, dtype=torch.int8, device=same.device)
    second = torch.where(same, j, back).amin(-1)  # steps back to the previous occurrence and to the one before it
    third = torch.where(same & (j > second[..., None]), j, back).amin(-1)
    checking, checked = (_run(clock.checks, at)[:, None] for at in (before, own))
    claims = (third < back) & (checking <= third) & (checked > third)
    loses = (third == back) & (second < back) & (checking > second) & (checked <= second)
    return ((third < back) & ~claims) | loses


def _run(checks: Tensor, at: Tensor) -> Tensor:
    """Count consecutive checks backwards: checks [B, HISTORY], at [B, J] -> int8 [B]."""
    flags = checks.gather(1, at.clamp(min=0)) & (at >= 0)
    return flags.to(torch.int8).cumprod(1, dtype=torch.int8).sum(1, dtype=torch.int8)


def _keys_after(boards: Boards, legal: Legal) -> tuple[Tensor, Tensor]:
    """Return the keys after each move, int64 [B, W]; bool [B, W] marks those of non-captures, which are valid."""
    ids = torch.where((boards.side > 0)[:, None], legal.ids, table("half_turn", legal.ids))
    a, b = table("from", ids), table("to", ids)
    squares = torch.nn.functional.pad(boards.pieces, (0, 1), value=1)
    piece = (squares.gather(1, a).long() + 7) * (SQUARES + 1)
    changed = table("keys", piece + a) ^ table("keys", piece + b)
    return boards.key[:, None] ^ changed ^ _BLACK_TO_MOVE, (squares.gather(1, b) == 0) & (ids != MOVE_COUNT)
