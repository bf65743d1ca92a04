"""The window's game: a record with its tree, the current line, and the position on the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...records.game import GameRecord
from ...records.game import Path as TreePath
from ...rules.board import Board
from ...rules.moves import Move
from ...rules.outcome import Outcome, Termination
from ...rules.squares import RED, Color
from .tree_walk import Place, TreeWalk

MOST_EDITS = 200  # most edits that can be undone


@dataclass(frozen=True)
class Resting:
    """A game suspended for analysis: its place, its main line, and the length of its line."""

    place: Place
    moves: tuple[Move, ...]
    plies: int


@dataclass(frozen=True)
class Facts:
    """The rules' verdict on a position with its history."""

    outcome: Outcome | None
    check: bool


@dataclass(frozen=True)
class _Standing:
    """The state that an edit can change."""

    record: GameRecord
    path: TreePath
    cursor: int


class Game(TreeWalk):
    """A record that is played, studied and edited.

    While `live`, the game is being played here: a move that differs from the moves taken back becomes part of the game,
    and those become a variation. Otherwise, as after the end of the game, a different move becomes a variation. Only
    `delete` ever removes moves.
    """

    def __init__(self, record: GameRecord, *, live: bool = True, ruleset: str = "computer"):
        super().__init__(record)
        self.live, self.ruleset = live, ruleset
        self._ended: Outcome | None = None
        self._ended_line: tuple[Move, ...] = ()
        self._facts: Facts | None = None
        self._edits: list[tuple[_Standing, _Standing]] = []
        self._undone: list[tuple[_Standing, _Standing]] = []
        self._main_end: tuple[GameRecord, str, Outcome | None] | None = None
        self._tried: tuple[int, tuple[Move, ...]] | None = None  # moves after the game's end, with their first ply

    @classmethod
    def start(cls, fen: str | None = None, ruleset: str = "computer") -> Game:
        """Return a new game; raises InvalidFen."""
        board = Board(fen) if fen is not None else None
        game = cls(GameRecord(start_fen=board.start_fen if board else None), ruleset=ruleset)
        if board is None:
            game._facts = Facts(None, False)  # known, so that the first frame need not wait for the compiler
        return game

    @classmethod
    def from_record(cls, record: GameRecord, ruleset: str = "computer") -> Game:
        """Return the recorded game, at its last position."""
        game = cls(record, live=False, ruleset=ruleset)
        game.go_to(len(game.line))
        shown = game._here().outcome
        if record.result in ("1-0", "0-1", "1/2-1/2") and (shown is None or shown.result != record.result):
            winner = {"1-0": Color.RED, "0-1": Color.BLACK}.get(record.result)
            game.end(Outcome(winner, Termination.ADJUDICATION, *_recorded_words(winner), len(game.line)))
        return game

    def _moved(self) -> None:
        self._facts = None

    # ------------------------------------------------------------------------------------------------ how it ends

    @property
    def ended(self) -> Outcome | None:
        """Return how the main line ended if its last position does not show it: resignation, agreement, time or as
        recorded.
        """
        return self._ended if self._ended is not None and self.record.moves == self._ended_line else None

    def outcome(self) -> Outcome | None:
        """Return how the game ended if the current position is its end; recorded games may continue after a draw."""
        if not self.at_tip:
            return None
        if self.on_main_line and self.ended is not None:
            return self.ended
        return self._here().outcome

    def result(self) -> Outcome | None:
        """Return how the main line ended, regardless of the position on the board."""
        if self.ended is not None:
            return self.ended
        if self.on_main_line and self.cursor == len(self.record.moves):
            return self._here().outcome
        if self._main_end is None or self._main_end[:2] != (self.record, self.ruleset):
            self._main_end = (self.record, self.ruleset, self.record.final().outcome(self.ruleset))
        return self._main_end[2]

    def is_check(self) -> bool:
        """Return whether the side to move is in check in the current position."""
        return self._here().check

    def _here(self) -> Facts:
        """Return the facts of the current position, computed once."""
        if self._facts is None:
            self._facts = Facts(self.board.outcome(self.ruleset), self.board.is_check())
        return self._facts

    def judge_by(self, ruleset: str) -> None:
        """Use another ruleset from now on."""
        if ruleset != self.ruleset:
            self.ruleset, self._facts = ruleset, None

    # ------------------------------------------------------------------------------------------------ playing

    def play(self, move: Move) -> None:
        """Play a move in the current position; raises IllegalMove."""
        if not self.at_tip and self.line[self.cursor] is move:
            self.go_to(self.cursor + 1)
            return
        here = self.place
        instead = self.live and not here.path and here.ply < len(self.record.moves)
        record, path, ply = self.record.add(here.path, here.ply, [move])
        if instead and path != here.path:
            record, path, ply = record.promote(path), path[:-1], path[-1][0] + ply
        self.record = record
        self._facts = None
        self._follow(path)
        self.go_to(sum(branch for branch, _ in path) + ply)
        if self._tried is not None:
            self._keep_tried()
        if self.live and self._here().outcome is not None:
            self.live = False

    # ------------------------------------------------------------------------------------------------ analysis

    def rest(self) -> Resting:
        """Suspend the game: moves made from now on are trials and do not change what was played."""
        self.live = False
        return Resting(self.place, self.record.moves, len(self.line))

    def resume(self, resting: Resting) -> None:
        """Resume a suspended game.

        Lines tried meanwhile stay in the tree; moves tried after the game's last move become a variation once the game
        has continued.
        """
        self.live = True
        played = resting.moves
        if self.record.moves[: len(played)] != played:  # the record was edited meanwhile
            self.look_at(Place((), len(self.record.moves)))
            return
        if beyond := self.record.moves[len(played) :]:
            self._tried = (len(played), beyond)
            self.look_at(Place((), len(played)))
            self.record = self.record.cut((), len(played))
        self.look_at(resting.place)
        self.line = self.line[: resting.plies]

    def _keep_tried(self) -> None:
        """Add the moves tried after the game's end as a variation where the game continued differently."""
        assert self._tried is not None
        ply, moves = self._tried
        played = self.record.moves
        while moves and ply < len(played) and played[ply] is moves[0]:
            ply, moves = ply + 1, moves[1:]
        if not moves or ply > len(played):
            self._tried = None
        elif ply < len(played):
            self._tried = None
            self.record, _, _ = self.record.add((), ply, moves)
        else:
            self._tried = (ply, moves)

    def drop_following(self) -> None:
        """End the current line at the position on the board; the later moves stay in the tree, as after taking back."""
        self.line = self.line[: self.cursor]

    def end(self, outcome: Outcome) -> None:
        """End the game at the end of its main line."""
        self._ended, self._ended_line = outcome, self.record.moves
        self.live = False

    # ------------------------------------------------------------------------------------------------ editing

    def _edit(self, record: GameRecord, place: Place) -> None:
        before = self._standing()
        self._stand(_Standing(record, (), 0))
        self.look_at(place)
        self._edits.append((before, self._standing()))
        del self._edits[:-MOST_EDITS]
        self._undone.clear()

    def _standing(self) -> _Standing:
        return _Standing(self.record, self.path, self.cursor)

    def _stand(self, standing: _Standing) -> None:
        self.record = standing.record
        self._follow(standing.path)
        self.go_to(standing.cursor)

    def delete(self) -> None:
        """Remove the last move and all moves after it from the tree; its first alternative takes its place."""
        places, which = self.alternatives()
        if not places:
            return
        here = places[which]
        if which or len(places) > 1:
            path = here.path
            record = self.record
            if not which:  # promote the first alternative, then delete the old line
                path = places[1].path
                record = record.promote(path)
            start = places[0]
            self._edit(record.delete(path), Place(start.path, start.ply - 1))
            return
        start = Place(here.path, here.ply - 1)
        if not start.ply and start.path:  # the variation goes with its first move; never reached: it has alternatives
            return
        self._edit(self.record.cut(start.path, start.ply), start)

    def promote(self) -> None:
        """Promote the variation on the board to its parent line."""
        path = self.place.path
        if path:
            cursor = self.cursor
            self._edit(self.record.promote(path), Place(path[:-1], cursor - sum(b for b, _ in path[:-1])))

    def annotate(self, text: str) -> None:
        """Set the comment at the current place; an empty text removes it."""
        here = self.place
        if text != self.comment():
            self._edit(self.record.comment(here.path, here.ply, text), here)

    def mark(self, nags: tuple[int, ...]) -> None:
        """Replace the numeric annotation glyphs of the last move."""
        here = self.place
        if here.ply:
            self._edit(self.record.mark(here.path, here.ply, nags), here)

    def change_headers(self, headers: Mapping[str, str]) -> None:
        """Change headers; an empty value removes a header."""
        kept = {name: value for name, value in {**self.record.headers, **headers}.items() if value}
        if kept != self.record.headers:
            self._edit(replace(self.record, headers=kept), self.place)

    @property
    def can_undo(self) -> bool:
        """Return whether the last change to the record was an edit."""
        return bool(self._edits) and self._edits[-1][1].record is self.record

    @property
    def can_redo(self) -> bool:
        """Return whether an edit was undone and the record has not changed since."""
        return bool(self._undone) and self._undone[-1][0].record is self.record

    def undo(self) -> None:
        """Undo the last edit."""
        if self.can_undo:
            edit = self._edits.pop()
            self._stand(edit[0])
            self._undone.append(edit)

    def redo(self) -> None:
        """Redo the last undone edit."""
        if self.can_redo:
            edit = self._undone.pop()
            self._stand(edit[1])
            self._edits.append(edit)


def _recorded_words(winner: Color | None) -> tuple[str, str]:
    if winner is None:
        return "a draw by the record", "棋谱记为和棋"
    return ("Red wins by the record", "棋谱记为红胜") if winner is RED else ("Black wins by the record", "棋谱记为黑胜")
