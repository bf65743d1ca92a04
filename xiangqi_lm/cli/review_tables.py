"""What `xiangqi-lm review` shows on the terminal: a table of each game and the totals of several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..review.review import MoveReview, Review
    from ..review.totals import Totals
    from ..rules.board import Board


@dataclass(frozen=True)
class Tables:
    """Tables on standard output, in a language and a notation; `name` is the player whose moves are shown.

    With `brief`, the tables hold the mistakes alone.
    """

    language: str
    notation: str
    name: str | None
    brief: bool = False

    def _pick(self, both: tuple[str, str]) -> str:
        return both[0] if self.language == "zh" else both[1]

    def _print(self, *things: Any) -> None:
        from rich.console import Console

        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(width=120, highlight=False)
        for thing in things:
            console.print(thing, soft_wrap=isinstance(thing, str))

    def _label(self, board: Board, one: MoveReview) -> str:
        """Return a move with its number."""
        return f"{board.fullmove}{'...' if one.mover < 0 else '.'} {board.write(one.move, self.notation)}"

    def table(self, found: Review) -> None:
        """Show one game: a table of its moves, and how both sides played."""
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(self._title(found)))
        masters = [("大师", "masters")] if found.model else []
        for column in (("着", "move"), ("", ""), ("红方胜率", "Red"), ("失分", "loss"), ("应走", "better"),
                       *masters, ("原因", "why")):  # fmt: skip
            table.add_column(self._pick(column))
        board, reviewed, labels = found.start(), {one.ply: one for one in found.moves}, dict[int, str]()
        for ply, move in enumerate(found.line):
            one = reviewed.get(ply)
            if one is not None:
                labels[ply] = self._label(board, one)
                if one.is_mistake or not self.brief:
                    table.add_row(labels[ply], *map(Text, self._row(board, one, bool(masters))))
            board.push(move)
        if self.brief and not table.row_count:
            nothing = self._pick(("没有失误", "no mistakes"))
            self._print(Text(f"{self._title(found)}\n{nothing}"), *self._players(found, labels))
        else:
            self._print(table, *self._players(found, labels))

    def _title(self, found: Review) -> str:
        from ..review.words import departure_words

        headers, opening = found.record.headers, found.opening
        plies = "ply" if opening.plies == 1 else "plies"
        left = self._pick((f"谱内 {opening.plies} 着", f"known lines for {opening.plies} {plies}"))
        title = f"{headers.get('Red', '?')} - {headers.get('Black', '?')}  {found.record.result}"
        title += f"\n{self._pick((opening.chinese, opening.english))}"
        title += f"{self._pick(('，', ', '))}{left}" if opening.plies else ""
        if found.departure is not None:
            at = found.record.board_at((), found.departure.plies)
            title += "\n" + departure_words(found.departure, at, self.language, self.notation)
        return title

    def _row(self, board: Board, one: MoveReview, masters: bool) -> tuple[str, ...]:
        """Return the cells of a move after its name, with what masters think of it or without."""
        from ..review.report import glyph
        from ..review.review import expectation, red_chances, whole_points
        from ..review.words import words

        return (
            glyph(one),
            f"{100 * expectation(red_chances(one.after, one.mover)):.0f}%",
            str(whole_points(one.loss) or ""),
            board.write(one.best[0], self.notation) if one.is_mistake and one.best else "",
            *([f"{100 * one.expected.probability:.0f}% #{one.expected.rank}" if one.expected else ""] * masters),
            words(one.reason, self.language, self.notation) if one.reason else "",
        )

    def _players(self, found: Review, labels: dict[int, str]) -> Iterator[str]:
        from rich.markup import escape

        from ..review.report import glyph, side_name
        from ..review.review import GLYPHS
        from ..review.words import PHASES
        from ..rules.squares import BLACK, RED

        colon, comma, semicolon = self._pick(("：", ": ")), self._pick(("、", ", ")), self._pick(("；", "; "))
        for side in (RED, BLACK):
            one = found.player(side)
            if one.accuracy is None or one.loss is None:
                continue
            phases = comma.join(f"{self._pick(PHASES[p])} {100 * loss:.1f}" for p, (_, loss) in one.losses.items())
            marks = comma.join(f"{count} {GLYPHS[name]}" for name, count in one.marks.items())
            what = self._pick(("准确率 {:.1f}，平均失分 {:.1f}（{}）", "accuracy {:.1f}, mean loss {:.1f} ({})"))
            said = what.format(one.accuracy, 100 * one.loss, phases)
            if one.agreement is not None:
                agreed = self._pick(("，{:.0f}% 与大师首选相同", ", the masters' first choice in {:.0f}%"))
                said += agreed.format(100 * one.agreement)
            name = self._pick((("红方", "黑方")[side < 0], side_name(side)))
            yield escape(f"{name}{colon}{said}" + (f"{semicolon}{marks}" if marks else ""))
        turns = comma.join(labels[one.ply] + glyph(one) for one in found.turning_points())
        if turns:
            yield escape(self._pick(("转折点", "Turning points")) + colon + turns)
        if rare := [one for one in found.moves if one.surprising]:
            text = comma.join(labels[one.ply] for one in rare)
            yield escape(self._pick(("大师少走而引擎认可", "Sound, though masters hardly play them")) + colon + text)

    def totals(self, found: list[Review]) -> Totals:
        """Return the totals of the games, shown where there are several."""
        from rich.table import Table
        from rich.text import Text

        from ..review.review import sides_of
        from ..review.totals import both_sides, totals
        from ..review.words import KINDS, PHASES

        sides = both_sides if self.name is None else lambda one: sides_of(self.name or "", one.record)
        whole = totals(found, sides)
        if len(found) < 2:
            return whole
        table = Table(title=self._pick(("{} 局", "{} games")).format(len(whole.games)))
        for column in (("", ""), ("局数", "games"), ("着数", "moves"), ("平均失分", "mean loss"), ("失误", "mistakes")):
            table.add_column(self._pick(column))
        phases = {phase: whole.by_phase[phase] for phase in PHASES if phase in whole.by_phase}
        openings = {one.opening.chinese: (one.opening.chinese, one.opening.english) for one in found}
        for groups, names in ((phases, PHASES), (whole.by_opening, openings)):
            for key, one in groups.items():
                name = Text(self._pick(names[key]))
                table.add_row(name, str(one.games), str(one.moves), f"{100 * one.loss:.1f}", str(one.mistakes))
        counted = [f"{self._pick(KINDS[kind])} {count}" for kind, count in whole.kinds.items()]
        kinds = self._pick(("失误种类：", "Kinds of mistakes: ")) + self._pick(("、", ", ")).join(counted)
        self._print(table, *([kinds] if counted else []))
        return whole
