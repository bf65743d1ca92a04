"""The language model as a player: moves sampled from its policy over the legal moves."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from ..dataset.loader import RESULT_CONDITIONS, level_of
from ..errors import BadConfig
from ..model.decode import Decoder, Line
from ..model.device import pick_device, use_threads
from ..model.functional import filter_top_p, sharpen
from ..model.gpt import Gpt
from ..model.packed import shared
from ..rules import jit
from ..rules.board import Board
from ..rules.fen import START_FEN
from ..rules.moves import HALF_TURN_ID, MOVE_COUNT, MOVES, Move
from ..rules.score import Score, WinDrawLoss
from ..rules.squares import BLACK, RED, Color
from .oversight import overlooked
from .player import TEMPERATURE, TOP_P, Choice, Info, Limit, Player, PrincipalVariation, choosable


class Policy(NamedTuple):
    """A model's output for B positions: log-probabilities [B, 2086] over the legal moves as the boards have them, (win,
    draw, loss) [B, 3], and the probability [B] that illegal moves have without the mask."""

    moves: torch.Tensor
    value: torch.Tensor
    illegal: torch.Tensor


class LanguageModelPlayer(Player):
    """Samples from the masked policy; `temperature` (0: always the likeliest move) and `top_p` may be set at any time.

    Like every player it knows how games end: it plays a move that mates or stalemates, and avoids a move that can lose
    by the rule on repetition, at once or after the reply, while there is another; likewise a move that can draw that
    way when the model thinks its side is better. A choice's probabilities are those of the policy at temperature 1,
    before any of this. One thread at a time.

    A model trained with conditions is asked to play like a player with an Elo rating of `rating` who gets `result` (by
    default a win); its value is that of the position without conditions. With `sampling="tokens"` it draws tokens
    instead of moves, with temperature and top-p applied to each; the same where a move is one token. With `taylor` it
    draws from an even Taylor softmax of that order, see functional.sharpen.

    With an `oversight` from 0 to 1 it errs as people do: it overlooks captures and mates, but does not leave its rooks
    hanging (see the module `oversight`); with None it considers every move.
    """

    def __init__(
        self,
        model: Gpt,
        name: str,
        temperature: float = TEMPERATURE,
        top_p: float = TOP_P,
        seed: int | None = None,
        result: str | None = None,
        rating: int | None = None,
        sampling: str = "moves",
        taylor: int = 0,
        oversight: float | None = None,
    ):
        self.name, self.temperature, self.top_p, self.sampling = name, temperature, top_p, sampling
        self.oversight = oversight
        self.taylor = taylor
        self._model = model
        self._wanted = _conditions(model, result, rating)
        self._decoder = Decoder(model)  # without conditions
        self._decoders = {RED: Decoder(model), BLACK: Decoder(model)}  # conditions describe the side to move
        self._starts = {START_FEN: (Board().array, RED)}
        self._dice = torch.Generator()
        if seed is None:
            self._dice.seed()
        else:
            self._dice.manual_seed(seed)

    def use_threads(self, count: int) -> None:
        """Compute with that many threads on a CPU; 0: with as many as is usual."""
        use_threads(count)

    def reseed(self, seed: int) -> None:
        """Reset the generator: what follows depends on the seed alone."""
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
        **options: Any,
    ) -> LanguageModelPlayer:
        """Load the player of a shipped model, by its name, or of a model's folder; raises BadCheckpoint."""
        warming = jit.warm_in_background()  # every kernel, while the model loads: the next start compiles nothing
        loaded = shared(model, pick_device(device))
        warming.join()
        return cls(loaded, name or f"lm:{model}", temperature, top_p, seed, **options)

    def choose_many(self, boards: Sequence[Board], limit: Limit | None = None) -> list[Choice]:
        """Return one choice for each game, all in one batch; if the limit has `multipv` above 1 or `report`, each
        choice is explained as well.

        The explanation is the likeliest moves (with one line, the chosen move), each with the value of the position
        after it and the likeliest reply, from another pass of the model.
        """
        limit, begun = limit or Limit(), time.perf_counter()
        policy = self.policy(boards, limit.root_moves)
        considered = self._considered(boards, policy.moves)
        picked = self._sample(boards, self._knowing_the_end(boards, considered, policy.value, limit.ruleset))
        rows = zip(boards, policy.moves, policy.value, picked, strict=True)
        choices = [self._choice(board, limit.root_moves, *row) for board, *row in rows]
        if limit.root_moves is None:
            choices = [
                replace(choice, illegal=share) for choice, share in zip(choices, policy.illegal.tolist(), strict=True)
            ]
        if limit.multipv == 1 and limit.report is None:
            return choices
        return [
            self._explained(board, choice, limit.multipv, begun) for board, choice in zip(boards, choices, strict=True)
        ]

    def _line(self, board: Board) -> Line:
        if board.start_fen not in self._starts:
            root = board.root()
            self._starts[board.start_fen] = (root.array, root.turn)
        squares, side = self._starts[board.start_fen]
        return Line(squares, int(side), np.array([move.id for move in board.move_stack], dtype=np.int64))

    @torch.inference_mode()
    def policy(self, boards: Sequence[Board], root_moves: Sequence[Move] | None = None) -> Policy:
        """Return what the model says of the positions.

        With `root_moves` only those of the legal moves count, and all others as illegal; raises IllegalMove when none
        of them is legal.
        """
        lines = [self._line(board) for board in boards]
        legal = np.zeros((len(boards), MOVE_COUNT), bool)
        for i, board in enumerate(boards):
            legal[i, [move.id for move in choosable(board, root_moves)]] = True
        legal = _turned(boards, legal)
        hidden = self._decoder.encode(lines)
        value = self._model.value(hidden).softmax(-1).cpu()
        if self._wanted == (0, 0):
            scores = self._decoder.scores(hidden, legal)
            return Policy(torch.from_numpy(_turned(boards, scores.masked.cpu().numpy())), value, scores.illegal.cpu())
        policy, illegal = np.empty(legal.shape, np.float32), torch.empty(len(boards))
        for color, group in self._by_mover(boards):
            decoder = self._decoders[color]
            scores = decoder.scores(decoder.encode([lines[i] for i in group], self._wanted), legal[group])
            policy[group] = scores.masked.cpu().numpy()
            illegal[group] = scores.illegal.cpu()
        return Policy(torch.from_numpy(_turned(boards, policy)), value, illegal)

    @staticmethod
    def _by_mover(boards: Sequence[Board]) -> list[tuple[Color, list[int]]]:
        """Group the indices of boards by the side to move."""
        groups = [(color, [i for i, board in enumerate(boards) if board.turn is color]) for color in (RED, BLACK)]
        return [(color, group) for color, group in groups if group]

    def _considered(self, boards: Sequence[Board], log_policy: torch.Tensor) -> torch.Tensor:
        """Return the policy [B, 2086] without the moves that are overlooked, see `oversight`."""
        if self.oversight is None:
            return log_policy
        seen = log_policy.clone()
        for i, board in enumerate(boards):
            draws = torch.rand(MOVE_COUNT, generator=self._dice).numpy()
            seen[i, overlooked(board, self.oversight, draws)] = -math.inf
            if seen[i].max() == -math.inf:  # nothing left of the moves that the limit allows
                seen[i] = log_policy[i]
        return seen

    @staticmethod
    def _knowing_the_end(
        boards: Sequence[Board], log_policy: torch.Tensor, value: torch.Tensor, ruleset: str
    ) -> torch.Tensor:
        """Return the policy [B, 2086] over the moves that remain once the rules on how games end are applied.

        `log_policy` [B, 2086] and `value` [B, 3] are the model's.
        """
        allowed = log_policy.clone()
        for i, board in enumerate(boards):
            final = [move.id for move in board.final_moves()]
            if won := [move_id for move_id in final if log_policy[i, move_id] > -math.inf]:
                allowed[i] = -math.inf
                allowed[i, won] = log_policy[i, won]
                continue
            hopeful = bool(value[i, 0] > value[i, 2])
            for move in board.repeating_moves(times=2):
                ends = _repetitions(board, move, ruleset)
                if any(end is not board.turn and (end is not None or hopeful) for end in ends):
                    allowed[i, move.id] = -math.inf
            if allowed[i].max() == -math.inf:
                allowed[i] = log_policy[i]
        return allowed

    def _sample(self, boards: Sequence[Board], log_policy: torch.Tensor) -> list[int]:
        if self.sampling == "moves":
            chances = filter_top_p(sharpen(log_policy, self.temperature, self.taylor), self.top_p)
            return torch.multinomial(chances, 1, generator=self._dice).squeeze(-1).tolist()
        allowed, picked = _turned(boards, (log_policy > -math.inf).numpy()), [0] * len(boards)
        for color, group in self._by_mover(boards):
            decoder = self._decoder if self._wanted == (0, 0) else self._decoders[color]
            lines = [self._line(boards[i]) for i in group]
            drawn = (self._dice, self.temperature, self.top_p, self._wanted, self.taylor)
            ids = decoder.sample(lines, allowed[group], *drawn)
            for i, move_id in zip(group, ids.tolist(), strict=True):
                picked[i] = move_id if color is RED else int(HALF_TURN_ID[move_id])
        return picked

    @staticmethod
    def _choice(
        board: Board, root_moves: Sequence[Move] | None, log_policy: torch.Tensor, value: torch.Tensor, picked: int
    ) -> Choice:
        ids = [move.id for move in choosable(board, root_moves)]
        pairs = sorted(((p, i) for p, i in zip(log_policy[ids].exp().tolist(), ids, strict=True)), reverse=True)
        score = Score(board.turn, wdl=WinDrawLoss(*value.tolist()))
        return Choice(MOVES[picked], tuple((MOVES[i], p) for p, i in pairs), score, ((MOVES[picked],),))

    def _explained(self, board: Board, choice: Choice, count: int, begun: float) -> Choice:
        """Return the choice with its principal variations; `begun` is when the thinking began."""
        moves = [move for move, _ in choice.probabilities[:count]] if count > 1 else [choice.move]
        after = []
        for move in moves:
            after.append(board.copy())
            after[-1].push_unchecked(move)
        going = [child for child in after if child.legal_moves]
        replies: Iterator[tuple[int, list[float]]] = iter(())
        if going:
            policy = self.policy(going)
            replies = iter(zip(policy.moves.argmax(-1).tolist(), policy.value.tolist(), strict=True))
        shares = dict(choice.probabilities)
        variations = []
        for move, child in zip(moves, after, strict=True):
            if not child.legal_moves:  # mated or stalemated, which loses as well
                variations.append(PrincipalVariation((move,), Score(board.turn, mate=1), shares[move]))
                continue
            reply, (win, draw, loss) = next(replies)
            score = Score(board.turn, wdl=WinDrawLoss(loss, draw, win))
            variations.append(PrincipalVariation((move, MOVES[reply]), score, shares[move]))
        info = Info(1, 1 + len(moves), time.perf_counter() - begun, tuple(variations))
        return replace(choice, lines=tuple(variation.moves for variation in variations), info=info)


def _conditions(model: Gpt, result: str | None, rating: int | None) -> tuple[int, int]:
    """Return the conditions of the side to move; raises BadConfig for a model that was trained without any."""
    if not model.config.conditions:
        if result not in (None, "unknown") or rating:
            raise BadConfig("this model was trained without conditions: it takes neither a result nor a rating")
        return 0, 0
    return RESULT_CONDITIONS.index(result or "win"), level_of(rating or 0)


def _turned(boards: Sequence[Board], moves: np.ndarray) -> np.ndarray:
    """Map columns [B, 2086] from the mover's view to the board's, or back."""
    black = np.array([board.turn is not RED for board in boards])
    return np.where(black[:, None], moves[:, HALF_TURN_ID], moves)


def _repetitions(board: Board, move: Move, ruleset: str) -> list[Color | None]:
    """Return the winners of the repetitions that a move or a reply to it completes (None: draw); usually there are
    none.
    """
    board.push_unchecked(move)
    ends = [board.outcome(ruleset)]
    if ends[0] is None:
        for reply in board.repeating_moves():
            board.push_unchecked(reply)
            ends.append(board.outcome(ruleset))
            board.pop()
    board.pop()
    return [end.winner for end in ends if end is not None]
