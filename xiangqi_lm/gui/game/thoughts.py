"""The programs' view of the position: the adviser's best lines, the model's moves, and the evaluation."""

from __future__ import annotations

from ...engine.player import Choice, PrincipalVariation
from ...rules.board import Board
from ...rules.moves import Move
from ...rules.squares import RED
from .movelist import MoveNames
from .state import State
from .texts import say
from .view import BestLine, Candidate
from .worth import worth

LEAST = 0.01  # less likely moves get neither row nor arrow
BEST = 3  # most lines of the adviser
LINE = 8  # most moves of a line


class Thoughts:
    """Makes the lists of moves next to the board."""

    def __init__(self, state: State, names: MoveNames):
        self._state, self._names = state, names

    def candidates(self) -> tuple[tuple[Candidate, ...], str, Choice | None]:
        """Return what the model would play here if arrows are on, else what a program considered at its last move, with
        a title and the whole choice."""
        state, language = self._state, self._state.settings.language
        if state.editor:
            return (), say(language, "candidates_none"), None
        choice = state.said() if state.arrows else None
        if choice and choice.probabilities:
            return self._listed(state.game.board, choice, None), say(language, "candidates_here"), choice
        for back in (1, 2):
            choice = state.thought(back)
            if choice and choice.probabilities and state.game.turn_at(state.game.cursor - back) not in state.humans:
                board = state.game.board.copy()
                for _ in range(back):
                    played = board.pop()
                title = say(language, "candidates_last", number=board.fullmove)
                return self._listed(board, choice, played), title, choice
        return (), say(language, "candidates_none"), None

    def _listed(self, board: Board, choice: Choice, played: Move | None) -> tuple[Candidate, ...]:
        most = self._state.settings.arrow_count
        best = [pair for pair in choice.probabilities[:most] if pair[1] >= LEAST]
        if played and all(move is not played for move, _ in best):
            best[most - 1 :] = [pair for pair in choice.probabilities if pair[0] is played]
        style = self._state.settings.notation
        return tuple(Candidate(move, self._names(board, move, style), share, move is played) for move, share in best)

    def best(self) -> tuple[tuple[BestLine, ...], str]:
        """Return the adviser's lines for the current position, with a title."""
        state, language = self._state, self._state.settings.language
        choice = state.advice.get(state.here)
        name = adviser_name(state)
        if choice is None or state.editor:
            return (), say(language, "best_title", name=name)
        board = state.game.board.copy()
        lines = []
        for variation in variations_of(choice)[:BEST]:
            moves = tuple(self._names.line(board, variation.moves[:LINE], state.settings.notation))
            words, good = worth(language, variation)
            lines.append(BestLine(words, good, moves))
        depth = choice.info.depth if choice.info else 0
        title = say(language, "best_title_depth" if depth else "best_title", name=name, depth=depth)
        return tuple(lines), title


def adviser_name(state: State) -> str:
    """Return the name of the adviser in the player's language."""
    return say(state.settings.language, f"choice_adviser_{state.settings.adviser}")


def variations_of(choice: Choice) -> tuple[PrincipalVariation, ...]:
    """Return a choice's lines, best first; at least the move itself.

    An engine that is stopped in the middle of a depth has updated the scores of some lines only, so they are sorted by
    their present scores.
    """
    if choice.info and choice.info.variations:
        lines = choice.info.variations
        if all(line.score is not None for line in lines):
            return tuple(sorted(lines, key=lambda line: -line.score.as_centipawns() if line.score else 0))
        return lines
    return (PrincipalVariation((choice.move,), choice.score),)


def value(state: State) -> tuple[float, float, float] | None:
    """Return (red wins, draw, black wins) by the latest evaluation of the current position or of one just before it."""
    if state.editor:
        return None
    judged = state.analysis.lines.get(state.here) if state.analysis.on else None
    if judged is not None and judged.variations[0].score is not None:
        return judged.variations[0].score.seen_by(RED).as_wdl()
    for choice in (state.advice.get(state.here), state.said(), state.thought(1), state.thought(2)):
        if choice and choice.score:
            return choice.score.seen_by(RED).as_wdl()
    return None
