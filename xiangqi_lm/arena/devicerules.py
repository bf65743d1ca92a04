"""What self-play asks of the rules, for many games at once on their device.

On a CPU the compiled kernels find legal moves and mates, elsewhere the torch rules: there the kernels are 10 times as
fast (1.5 against 17 us a position), and only the torch rules never leave the device. Moves are as their movers see
them, MOVE_COUNT where there is none.
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

MATERIAL = LIMIT + 1  # an ending beside those of `batched`
_TRIED = 8  # of so many likeliest moves a GPU asks whether they end the game
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
    with torch.inference_mode(False):  # they outlive the mode of the first caller
        return torch.from_numpy(_TABLES[name]).to(device)


def table(name: str, at: Tensor) -> Tensor:
    """Return the entries of a table at int64 indices, on their device."""
    return _moved(name, at.device)[at]


# ------------------------------------------------------------------------------------------------ legal moves


class Legal(NamedTuple):
    """The positions of B games and what can be played there."""

    view: Tensor  # int8 [B, 90], as the mover sees it
    ids: Tensor  # int64 [B, W], in ascending order
    check: Tensor  # bool [B], whether the mover is in check
    moves: Tensor | None  # bool [B, 1, 2, 2086], the mover's moves and the opponent's, where they were asked for


def compiled(device: torch.device) -> bool:
    """Return whether the kernels are used there."""
    return device.type == "cpu"


def look(boards: Boards, both: bool) -> Legal:
    """Return the legal moves; `both` asks for those of the opponent too, if it were its turn."""
    red = (boards.side > 0)[:, None]
    view = torch.where(red, boards.pieces, -boards.pieces.flip(1))
    if compiled(view.device):
        return _look_compiled(view, both)
    ids, check = batched.legal_moves(boards)
    seen = torch.where(red, ids, table("half_turn", ids)).sort(1).values  # a draw then falls on the same move
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
    """Return both sides' legal moves in positions as their movers see them: int8 [B, T, 90] -> bool [B, T, 2, 2086]."""
    if compiled(views.device):
        return torch.from_numpy(legal_moves(views.numpy(), torch.get_num_threads()))
    boards = batched.from_views(views.flatten(0, 1))
    masks = [batched.legal_mask(boards._replace(side=side * boards.side)) for side in (1, -1)]
    return torch.stack(masks, 1).unflatten(0, views.shape[:2])


def final(boards: Boards, legal: Legal, logits: Tensor) -> Tensor:
    """Return which moves leave the opponent without one: bool [B, W]; logits [B, W], -inf where there is no move.

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
    """What rulings on checks need of B games since their last captures."""

    checks: Tensor  # bool [B, HISTORY], whether the mover was in check at [0, boards.clock]
    given: Tensor  # int64 [B, 2], checks that Red and Black gave
    counted: Tensor  # int64 [B], plies that count for the move limit
    check: Tensor  # bool [B], whether the mover is in check
    was: Tensor  # bool [B], whether he was before the last move
    quiet: Tensor  # bool [B], whether the last move was one, and no capture

    @classmethod
    def start(cls, boards: Boards) -> Clock:
        """Return the clock of games before their first position is looked at."""
        no = torch.zeros_like(boards.side, dtype=torch.bool)
        given = torch.zeros(len(no), 2, dtype=torch.int64, device=no.device)
        return cls(no[:, None].repeat(1, HISTORY), given, boards.clock, no, no, no)

    def seen(self, boards: Boards, check: Tensor) -> Clock:
        """Note who is in check after a look at the positions; counts as `rules.chasing.counted_plies`."""
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
        """Note a move of each game, int64 [B] as the boards have them; MOVE_COUNT leaves a game as it is."""
        after = batched.push(boards, ids)
        moved = ids != MOVE_COUNT
        taken = moved & (after.clock == 0)
        given, counted = torch.where(taken[:, None], 0, self.given), torch.where(taken, 0, self.counted)
        return after, self._replace(given=given, counted=counted, was=self.check, quiet=moved & ~taken)

    def ending(self, boards: Boards, legal: Legal) -> Tensor:
        """Return how each game is over, or GOES_ON: int8 [B]. What `Board.outcome` calls draws by material are only
        seen when no piece is left that attacks; all else is as it has it."""
        stuck = (legal.ids == MOVE_COUNT).all(1)
        ending = torch.where(self.counted >= _RULES.move_limit, LIMIT, GOES_ON)
        ending = torch.where((boards.squares[:, :, _FIGHTERS] == NOWHERE).flatten(1).all(1), MATERIAL, ending)
        ending = torch.where(batched.repetitions(boards) >= 3, REPETITION, ending)
        return torch.where(stuck, torch.where(legal.check, CHECKMATE, STALEMATE), ending).to(torch.int8)

    def rows(self, rows: Tensor) -> Clock:
        """Return some of the games."""
        return Clock(*(field.index_select(0, rows) for field in self))


def shunned(boards: Boards, clock: Clock, legal: Legal) -> Tensor:
    """Return which moves repeat what a player with a choice would not repeat: bool [B, W].

    That is a position for the third time, unless the opponent alone has given check with every move since the first:
    he then loses. And it is a position for the second time if the mover alone has given check with every move since,
    for the third time would lose. Perpetual chases are not looked for: no choice leads to a third time anyway.
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
    second = torch.where(same, j, back).amin(-1)  # steps back to the last time and to the time before that
    third = torch.where(same & (j > second[..., None]), j, back).amin(-1)
    checking, checked = (_run(clock.checks, at)[:, None] for at in (before, own))
    claims = (third < back) & (checking <= third) & (checked > third)
    loses = (third == back) & (second < back) & (checking > second) & (checked <= second)
    return ((third < back) & ~claims) | loses


def _run(checks: Tensor, at: Tensor) -> Tensor:
    """How many checks in a row there were, counted backwards: checks [B, HISTORY], at [B, J] -> int8 [B]."""
    flags = checks.gather(1, at.clamp(min=0)) & (at >= 0)
    return flags.to(torch.int8).cumprod(1, dtype=torch.int8).sum(1, dtype=torch.int8)


def _keys_after(boards: Boards, legal: Legal) -> tuple[Tensor, Tensor]:
    """The keys that moves lead to, int64 [B, W], good for those that take nothing: bool [B, W]."""
    ids = torch.where((boards.side > 0)[:, None], legal.ids, table("half_turn", legal.ids))
    a, b = table("from", ids), table("to", ids)
    squares = torch.nn.functional.pad(boards.pieces, (0, 1), value=1)
    piece = (squares.gather(1, a).long() + 7) * (SQUARES + 1)
    changed = table("keys", piece + a) ^ table("keys", piece + b)
    return boards.key[:, None] ^ changed ^ _BLACK_TO_MOVE, (squares.gather(1, b) == 0) & (ids != MOVE_COUNT)
