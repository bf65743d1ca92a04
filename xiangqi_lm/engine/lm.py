"""The language model as a player: its policy over the legal moves, sampled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from ..model import checkpoint
from ..model.decode import Decoder, Line
from ..model.device import pick_device
from ..model.functional import filter_top_p, masked_log_softmax, sharpen
from ..model.gpt import Gpt
from ..rules import jit
from ..rules.board import START_FEN, Board
from ..rules.moves import HALF_TURN_ID, MOVE_COUNT, MOVES, Move
from ..rules.squares import RED, Color
from .player import Choice, Limit

TEMPERATURE, TOP_P = 0.5, 0.9


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
        """One choice for each game, all in one batch."""
        log_policy, value = self._policy(boards)
        picked = self._sample(self._knowing_the_end(boards, log_policy, value))
        return [self._choice(*row) for row in zip(boards, log_policy, value, picked, strict=True)]

    def _line(self, board: Board) -> Line:
        if board.start_fen not in self._starts:
            root = board.root()
            self._starts[board.start_fen] = (root.array, root.turn)
        men, side = self._starts[board.start_fen]
        return Line(men, int(side), np.array([move.id for move in board.move_stack], dtype=np.int64))

    @torch.inference_mode()
    def _policy(self, boards: Sequence[Board]) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-probabilities [B, 2086] over legal moves as the board has them, and (win, draw, loss) [B, 3]."""
        hidden = self._decoder.encode([self._line(board) for board in boards])
        logits, value = self._model.policy(hidden).cpu(), self._model.value(hidden).softmax(-1).cpu()
        legal = torch.zeros(len(boards), MOVE_COUNT, dtype=torch.bool)
        turned = torch.from_numpy(HALF_TURN_ID)
        for i, board in enumerate(boards):
            if board.turn is not RED:  # the model spoke as if Black were Red
                logits[i] = logits[i, turned]
            legal[i, torch.from_numpy(board.legal_ids().astype(np.int64))] = True
        return masked_log_softmax(logits, legal), value

    @staticmethod
    def _knowing_the_end(boards: Sequence[Board], log_policy: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        """The policy over the moves that are left once the rules of game end are considered."""
        allowed = log_policy.clone()
        for i, board in enumerate(boards):
            if won := [move.id for move in board.final_moves()]:
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
    def _choice(board: Board, log_policy: torch.Tensor, value: torch.Tensor, picked: int) -> Choice:
        ids = board.legal_ids().tolist()
        pairs = sorted(((p, i) for p, i in zip(log_policy[ids].exp().tolist(), ids, strict=True)), reverse=True)
        win, draw, loss = value.tolist()
        return Choice(MOVES[picked], tuple((MOVES[i], p) for p, i in pairs), (win, draw, loss), ((MOVES[picked],),))

    def close(self) -> None:
        """Nothing to release."""


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
