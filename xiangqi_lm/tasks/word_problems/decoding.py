"""From scores to expressions: greedy and beam search, restricted to outputs that form a valid expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ...model.device import autocast
from .batches import NONE, of_questions
from .model import Keys, Rows, Solver, prefix_mask
from .objective import rows_of
from .questions import Question
from .vocabulary import END, LONGEST, NEXT, PARTS, SIGNS, Vocabulary

DEEPEST = 6  # nested brackets


@dataclass(frozen=True)
class State:
    """The state of a partial expression: open brackets, whether a number is expected, whether after **, parts."""

    depth: int = 0
    operand: bool = True
    power: bool = False  # whether the last operator was **
    parts: int = 1
    length: int = 0
    done: bool = False

    def after(self, sign: str | None) -> State:
        """Return the state after a sign, or after a number (None)."""
        new = replace(self, length=self.length + 1, power=sign == "**")
        if sign is None:
            return replace(new, operand=False)
        if sign == "(":
            return replace(new, depth=self.depth + 1)
        if sign == ")":
            return replace(new, depth=self.depth - 1)
        if sign == END:
            return replace(new, done=True)
        if sign == NEXT:
            return replace(new, operand=True, parts=self.parts + 1)
        return replace(new, operand=True)

    def allows(self) -> set[str | None]:
        """Return the signs allowed next, None standing for numbers; any choice can still be completed."""
        room = LONGEST - self.length - self.depth - 1  # outputs left after closing all brackets and writing END
        if self.operand:
            deeper = not self.power and self.depth < DEEPEST and room >= 3
            return {None, "("} if deeper else {None}
        ends: set[str | None] = {")"} if self.depth else {END}
        if room >= 2:
            ends |= {"+", "-", "*", "/", "**"}
            if not self.depth and self.parts < PARTS:
                ends.add(NEXT)
        return ends


def allowed(state: State, vocabulary: Vocabulary, numbers: int) -> list[bool]:
    """Return for each output whether it is allowed; the exponent of a power must be 2 or 3."""
    signs = state.allows()
    row = [sign in signs for sign in SIGNS]
    number = None in signs
    row += [number and (not state.power or text in ("2", "3")) for text in vocabulary.constants]
    return row + [number and not state.power and i < numbers for i in range(vocabulary.outputs - len(row))]


@dataclass(frozen=True)
class Hypothesis:
    """Outputs without END, and the logarithm of their probability among all that parse."""

    outputs: tuple[int, ...]
    score: float


@dataclass
class _Beam:
    state: State
    outputs: tuple[int, ...]
    score: float
    row: int = 0  # the cache row that it continues


@torch.no_grad()
def decode(
    model: Solver, questions: Sequence[Question], beams: int = 1, precision: str = "float32"
) -> list[list[Hypothesis]]:
    """Return at most `beams` best hypotheses for each question, the likeliest first; with 1 beam, the greedy one.

    Outputs with the same value count together, so that a number given twice does not become two weak candidates.
    """
    device = str(next(model.parameters()).device)
    vocabulary = model.vocabulary
    batch = of_questions([vocabulary.question(q) for q in questions]).to(device)
    width = batch.tokens.shape[1]
    with autocast(device, precision):
        cache = model.new_cache()
        hidden = model.encode(rows_of(batch), prefix_mask(batch.prefixes, width), cache)
        keys = model.keys(hidden, batch.numbers)
        last = hidden.gather(1, (batch.prefixes - 1)[:, None, None].expand(-1, 1, hidden.shape[-1]))
        groups = torch.tensor([vocabulary.groups(q.numbers) for q in questions], device=device)
        search = _Search(questions, vocabulary, beams)
        rows = torch.arange(len(questions), device=device)  # the question of each row
        steps = 0
        while True:
            logits = model.logits(last, Keys(keys.vectors[rows], keys.there[rows]))[:, 0]
            chosen = search.advance(_grouped(logits, groups[rows]).cpu())
            if not chosen:
                return search.results()
            before = torch.tensor([row for row, _ in chosen], device=device)
            rows = rows[before]
            for part in cache:
                part.keep(before, width + steps)
            columns = [vocabulary.column(o, questions[int(q)].numbers) for (_, o), q in zip(chosen, rows, strict=True)]
            new = torch.tensor(columns, device=device).unsqueeze(1)  # [R, 1, 4]
            steps += 1
            seen = torch.arange(width + steps, device=device)
            visible = (seen < batch.prefixes[rows].unsqueeze(1)) | (seen >= width)
            positions = (batch.prefixes[rows] + steps - 1).unsqueeze(1)
            last = model.encode(Rows._make((*new.unbind(-1), positions)), visible.unsqueeze(1), cache)


def _grouped(logits: Tensor, groups: Tensor) -> Tensor:
    """Return log-probabilities [R, outputs] with each group's total at its first output, -inf at the others."""
    chances = torch.zeros_like(logits).scatter_add(1, groups, logits.softmax(-1))
    return chances.log()


class _Search:
    """The beams of several questions, live and finished."""

    def __init__(self, questions: Sequence[Question], vocabulary: Vocabulary, beams: int):
        self.numbers = [len(q.numbers) for q in questions]
        self.vocabulary, self.beams = vocabulary, beams
        self.live: list[list[_Beam]] = [[_Beam(State(), (), 0.0)] for _ in questions]
        self.finished: list[list[Hypothesis]] = [[] for _ in questions]
        self._masks: dict[tuple[frozenset[str | None], bool, int], Tensor] = {}

    def advance(self, logs: Tensor) -> list[tuple[int, int]]:
        """Extend every beam, given log-probabilities [R, outputs]; return for each new row the row it continues and its
        output. The list is empty once all are finished."""
        scores = self._scores(logs)
        chosen: list[tuple[int, int]] = []
        row = 0
        for i, beams in enumerate(self.live):
            some = scores[row : row + len(beams)].flatten()
            self.live[i] = []
            best = some.topk(min(self.beams, len(some))) if beams else None
            for score, flat in zip(best.values.tolist(), best.indices.tolist(), strict=True) if best else ():
                if score == -torch.inf:
                    break
                which, output = divmod(flat, scores.shape[1])
                state = beams[which].state.after(SIGNS[output] if output < len(SIGNS) else None)
                if state.done:
                    self.finished[i].append(Hypothesis(beams[which].outputs, score))
                else:
                    self.live[i].append(_Beam(state, (*beams[which].outputs, output), score, row + which))
            self._prune(i)
            chosen += [(beam.row, beam.outputs[-1]) for beam in self.live[i]]
            row += len(beams)
        return chosen

    def _scores(self, logs: Tensor) -> Tensor:
        """Return each row's score with each output [R, outputs], from the probability among outputs that parse."""
        live = [(beam, self.numbers[i]) for i, beams in enumerate(self.live) for beam in beams]
        logs = logs.masked_fill(torch.stack([self._closed(beam.state, count) for beam, count in live]), -torch.inf)
        return logs - logs.logsumexp(-1, keepdim=True) + torch.tensor([beam.score for beam, _ in live]).unsqueeze(1)

    def _closed(self, state: State, numbers: int) -> Tensor:
        """Return bool [outputs]: those not allowed. Cached, as there are few different masks."""
        key = (frozenset(state.allows()), state.power, numbers)
        if key not in self._masks:
            self._masks[key] = ~torch.tensor(allowed(state, self.vocabulary, numbers))
        return self._masks[key]

    def _prune(self, question: int) -> None:
        """Drop live beams that can no longer be among the best finished ones."""
        best = sorted((h.score for h in self.finished[question]), reverse=True)[: self.beams]
        if len(best) == self.beams:
            self.live[question] = [beam for beam in self.live[question] if beam.score > best[-1]]

    def results(self) -> list[list[Hypothesis]]:
        return [sorted(found, key=lambda h: -h.score)[: self.beams] for found in self.finished]


__all__ = ["NONE", "Hypothesis", "State", "allowed", "decode"]
