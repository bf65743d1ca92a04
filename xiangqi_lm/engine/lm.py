"""The language model as a player: its policy over the legal moves, sampled."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..errors import IllegalMove
from ..model import checkpoint
from ..model.decode import Decoder, Line
from ..model.device import pick_device
from ..model.functional import filter_top_p, masked_log_softmax, sharpen
from ..model.gpt import Gpt
from ..rules import jit
from ..rules.board import START_FEN, Board
from ..rules.moves import HALF_TURN_ID, MOVE_COUNT, MOVES, Move
from ..rules.squares import RED, Color
from .player import TEMPERATURE, TOP_P, Choice, Info, Limit, PrincipalVariation


class LanguageModelPlayer:
    """Samples from the masked policy; `temperature` (0 = always the likeliest) and `top_p` may be set at any time.

    It knows how games end, as every player does: a move that mates or stalemates is played, and one that can lose by
    the rule on repetition, at once or with the reply, is not while there is another; nor is one that can so draw when
    the model thinks it stands better. A choice's probabilities are the policy itself, at temperature 1, whatever all
    that is. One thread at a time.
    """

    def __init__(
        self, model: Gpt, name: str, temperature: float = TEMPERATURE, top_p: float = TOP_P, seed: int | None = None
    ):
        self.name, self.temperature, self.top_p = name, temperature, top_p
        self._model = model
        self._decoder = Decoder(model)
        self._starts = {START_FEN: (Board().array, RED)}
        self._dice = torch.Generator()
        if seed is None:
            self._dice.seed()
        else:
            self._dice.manual_seed(seed)

    @classmethod
    def load(
        cls,
        model: str | Path,
        name: str = "",
        temperature: float = TEMPERATURE,
        top_p: float = TOP_P,
        device: str = "auto",
        seed: int | None = None,
    ) -> LanguageModelPlayer:
        """By the name of a shipped model or its folder; raises BadCheckpoint."""
        warming = jit.warm_in_background()  # all kernels at once, beside the model: the next start compiles nothing
        loaded = checkpoint.load(model, pick_device(device))
        warming.join()
        return cls(loaded, name or f"lm:{model}", temperature, top_p, seed)

    def choose(self, board: Board, limit: Limit | None = None) -> Choice:
        return self.choose_many([board], limit)[0]

    def choose_many(self, boards: Sequence[Board], limit: Limit | None = None) -> list[Choice]:
        """One choice for each game, all in one batch; with `lines` or `report` in the limit each is explained as well.

        The explanation is the likeliest moves (of one line the chosen move), each with the value of the position after
        it and the likeliest reply, from another pass of the model.
        """
        limit, begun = limit or Limit(), time.perf_counter()
        log_policy, value = self._policy(boards, limit.among)
        picked = self._sample(self._knowing_the_end(boards, log_policy, value))
        rows = zip(boards, log_policy, value, picked, strict=True)
        choices = [self._choice(board, limit.among, *row) for board, *row in rows]
        if limit.lines == 1 and limit.report is None:
            return choices
        return [
            self._explained(board, choice, limit.lines, begun) for board, choice in zip(boards, choices, strict=True)
        ]

    def _line(self, board: Board) -> Line:
        if board.start_fen not in self._starts:
            root = board.root()
            self._starts[board.start_fen] = (root.array, root.turn)
        men, side = self._starts[board.start_fen]
        return Line(men, int(side), np.array([move.id for move in board.move_stack], dtype=np.int64))

    @torch.inference_mode()
    def _policy(
        self, boards: Sequence[Board], among: Sequence[Move] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-probabilities [B, 2086] over legal moves as the board has them, and (win, draw, loss) [B, 3].

        With `among` only those of the legal moves count; raises IllegalMove when none of them is legal.
        """
        hidden = self._decoder.encode([self._line(board) for board in boards])
        logits, value = self._model.policy(hidden).cpu(), self._model.value(hidden).softmax(-1).cpu()
        legal = torch.zeros(len(boards), MOVE_COUNT, dtype=torch.bool)
        turned = torch.from_numpy(HALF_TURN_ID)
        for i, board in enumerate(boards):
            if board.turn is not RED:  # the model spoke as if Black were Red
                logits[i] = logits[i, turned]
            legal[i, _weighed(board, among)] = True
        return masked_log_softmax(logits, legal), value

    @staticmethod
    def _knowing_the_end(boards: Sequence[Board], log_policy: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        """The policy over the moves that are left once the rules of game end are considered."""
        allowed = log_policy.clone()
        for i, board in enumerate(boards):
            final = [move.id for move in board.final_moves()]
            if won := [move_id for move_id in final if log_policy[i, move_id] > -math.inf]:
                allowed[i] = -math.inf
                allowed[i, won] = log_policy[i, won]
                continue
            hopeful = bool(value[i, 0] > value[i, 2])
            for move in board.repeating_moves(times=2):
                if any(end is not board.turn and (end is not None or hopeful) for end in _repetitions(board, move)):
                    allowed[i, move.id] = -math.inf
            if allowed[i].max() == -math.inf:
                allowed[i] = log_policy[i]
        return allowed

    def _sample(self, log_policy: torch.Tensor) -> list[int]:
        chances = filter_top_p(sharpen(log_policy, self.temperature), self.top_p)
        return torch.multinomial(chances, 1, generator=self._dice).squeeze(-1).tolist()

    @staticmethod
    def _choice(
        board: Board, among: Sequence[Move] | None, log_policy: torch.Tensor, value: torch.Tensor, picked: int
    ) -> Choice:
        ids = _weighed(board, among)
        pairs = sorted(((p, i) for p, i in zip(log_policy[ids].exp().tolist(), ids, strict=True)), reverse=True)
        win, draw, loss = value.tolist()
        return Choice(MOVES[picked], tuple((MOVES[i], p) for p, i in pairs), (win, draw, loss), ((MOVES[picked],),))

    def _explained(self, board: Board, choice: Choice, count: int, begun: float) -> Choice:
        """The choice with its principal variations; `begun` is when the thinking began."""
        moves = [move for move, _ in choice.probabilities[:count]] if count > 1 else [choice.move]
        after = []
        for move in moves:
            after.append(board.copy())
            after[-1].push_unchecked(move)
        going = [child for child in after if child.legal_moves]
        policy, value = self._policy(going) if going else (torch.empty(0, MOVE_COUNT), torch.empty(0, 3))
        replies = iter(zip(policy.argmax(-1).tolist(), value.tolist(), strict=True))
        shares = dict(choice.probabilities)
        variations = []
        for move, child in zip(moves, after, strict=True):
            if not child.legal_moves:  # mated or stalemated, which loses as well
                variations.append(PrincipalVariation((move,), (1.0, 0.0, 0.0), mate=1, probability=shares[move]))
                continue
            reply, (win, draw, loss) = next(replies)
            variations.append(PrincipalVariation((move, MOVES[reply]), (loss, draw, win), probability=shares[move]))
        info = Info(1, 1 + len(moves), time.perf_counter() - begun, tuple(variations))
        return replace(choice, lines=tuple(variation.moves for variation in variations), info=info)

    def close(self) -> None:
        """Nothing to release."""


def _weighed(board: Board, among: Sequence[Move] | None) -> list[int]:
    """The ids of the legal moves that may be chosen; raises IllegalMove when there is none."""
    ids: list[int] = board.legal_ids().tolist()
    if among is not None:
        wanted = {move.id for move in among}
        ids = [move_id for move_id in ids if move_id in wanted]
    if not ids:
        raise IllegalMove(f"none of the moves to choose from is legal in {board.fen()}")
    return ids


def _repetitions(board: Board, move: Move) -> list[Color | None]:
    """Who wins the repetitions that a move brings about or allows as the next one (None: drawn); usually nobody."""
    board.push_unchecked(move)
    ends = [board.outcome()]
    if ends[0] is None:
        for reply in board.repeating_moves():
            board.push_unchecked(reply)
            ends.append(board.outcome())
            board.pop()
    board.pop()
    return [end.winner for end in ends if end is not None]
