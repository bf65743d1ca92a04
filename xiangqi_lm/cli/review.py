"""`xiangqi-lm review`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadRecord, XiangqiError
from ..files import write_json, write_text
from . import options
from .kernels import compile_for

if TYPE_CHECKING:
    from ..library.library import Library
    from ..records.game import GameRecord
    from ..review.review import Review
    from ..review.reviewer import Reviewer
    from ..review.verdicts import Cache, Judge

NO_MODEL = "none"


def _file(words: str) -> dict[str, Any]:
    return {"type": click.Path(path_type=Path, dir_okay=False), "help": words}


@click.command(short_help="Review games: values, mistakes and their reasons.")
@click.argument("games", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="GAME...")
@click.option(
    "--judge",
    "--player",
    "spec",
    default="alphabeta",
    show_default=True,
    metavar="SPEC",
    help="Player that judges the moves; --player is the same option.",
)
@click.option(
    "--model",
    "model",
    default="default",
    show_default=True,
    metavar="MODEL",
    help="The model that says what masters play: a name, a folder, hf:owner/name; none: without.",
)
@click.option("--nodes", type=click.IntRange(1), help="Nodes the judge searches for each position.")
@click.option(
    "--movetime",
    type=click.FloatRange(0, min_open=True),
    help="Seconds the judge thinks about each, instead of --nodes.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="the processors",
    help="Positions judged at once.",
)
@click.option(
    "--player-name", "name", metavar="NAME", help="Review only the moves of this player, whichever side they play."
)
@options.ruleset
@click.option(
    "--language",
    type=click.Choice(("en", "zh")),
    default="en",
    show_default=True,
    help="Language of the table and the comments.",
)
@click.option(
    "--notation",
    type=click.Choice(("chinese", "wxf", "iccs")),
    default="chinese",
    show_default=True,
    help="Notation of moves in the table and in --pgn.",
)
@click.option(
    "--library", "library_path", default=None, **_file("Library to compare with; default: your own, if there is one.")
)
@click.option("--json", "figures", **_file("Write everything here."))
@click.option("--html", "page", **_file("Write one page here that any browser opens, without a network."))
@click.option("--pgn", "annotated", **_file("Write the games with marks, values and lines here."))
@click.option("--puzzles", **_file("Write the positions with one clearly best move here, as PGN."))
@options.force
@click.option("--picture", **_file("Draw the progress over the games here (PNG; needs matplotlib)."))
@click.option(
    "--cache", "cache_file", default=None, **_file("Keep the judge's answers here; default: your cache folder.")
)
@click.option("--device", default="auto", show_default=True, help="Device of the model: cpu, cuda, cuda:1, ...")
def review(
    games: tuple[Path, ...], spec: str, model: str, nodes: int | None, movetime: float | None, jobs: int,
    name: str | None, ruleset: str, language: str, notation: str, library_path: Path | None, figures: Path | None,
    page: Path | None, annotated: Path | None, puzzles: Path | None, force: bool, picture: Path | None,
    cache_file: Path | None,
    device: str,
) -> None:  # fmt: skip
    """Say what every move of games was worth, which were mistakes and why.

    GAME is a file in any format, a folder, an archive, or - for standard input. Answers are kept: a second run asks
    only what it does not know yet, and one that was interrupted goes on.

    Example: xiangqi-lm review data/sample.pgn --html review.html
    """
    from ..engine.player import Limit
    from ..review.reviewer import Reviewer
    from ..review.verdicts import Cache, Judge

    if nodes and movetime:
        raise click.UsageError("give --nodes or --movetime, not both")
    if picture:
        from ..figures import require

        require()
    options.keep_games(annotated, force)
    options.keep_games(puzzles, force)
    for path in filter(None, (figures, page, annotated, puzzles, picture)):
        path.parent.mkdir(parents=True, exist_ok=True)  # fail now rather than after all the work
    library = _library(library_path)
    compile_for(spec, models=model != NO_MODEL, games=True)
    limit = Limit(nodes=nodes, movetime=movetime) if nodes or movetime else None
    records = _records(games, name)
    cache = Cache(cache_file or _usual_cache())
    judge = Judge(spec, limit, jobs, cache, ruleset)
    reviewer = Reviewer(judge, _masters(model, device, cache))
    try:
        show = _Show(language, notation, name)
        found = list(_reviewed(records, reviewer, show, library))
        exercises = _puzzles(found, judge, puzzles) if puzzles else None
    finally:
        reviewer.close()
        cache.close()
        if library is not None:
            library.close()
    whole = show.totals(found)
    _write(found, whole, figures, page, annotated, picture, show)
    if exercises is not None:
        click.echo(f"{exercises} puzzles written to {puzzles}", err=True)


def _usual_cache() -> Path:
    from ..paths import cache_folder

    return cache_folder() / "review.sqlite"


def _library(path: Path | None) -> Library | None:
    """Return the library to compare with: that of the option, or else the user's own, if it exists."""
    from ..library.library import Library
    from ..paths import library_file

    if path is None and not library_file().exists():
        return None
    return Library(path or library_file())


def _masters(model: str, device: str, cache: Cache) -> Any:
    from ..review.masters import Masters

    return None if model == NO_MODEL else Masters.load(model, device, cache)


def _records(paths: tuple[Path, ...], name: str | None) -> list[GameRecord]:
    """Return the games to review; raises XiangqiError if there are none."""
    from ..records.game import GameRecord
    from ..records.readers import Refusal, open_records
    from ..review.review import sides_of

    items = list(open_records(paths, keep_prefix=True))
    records = [item for item in items if isinstance(item, GameRecord)]
    refused = [item for item in items if isinstance(item, Refusal)]
    if not records and len(refused) == 1:
        raise BadRecord(refused[0].text, source=refused[0].source)
    if refused:
        click.echo(f"{len(refused)} unreadable records left out; `xiangqi-lm data import` names them", err=True)
    if name is not None:
        records = [record for record in records if sides_of(name, record)]
    if not records:
        whose = f" of {name[:80]!r}" if name else ""
        raise XiangqiError(f"{', '.join(map(str, paths))}: no games{whose} to review")
    return records


def _reviewed(records: list[GameRecord], reviewer: Reviewer, show: _Show, library: Library | None) -> Iterator[Review]:
    from ..library.departures import departure
    from ..review.review import sides_of
    from .progress import Meter

    before, after = 0, sum(len(record.moves) + 1 for record in records)  # positions of the games before and after
    meter = Meter(after, "positions")
    for number, record in enumerate(records, 1):
        sides = sides_of(show.name, record) if show.name else ()
        after -= len(record.moves) + 1
        with meter:  # so that a game's table appears below its bar
            last = asked = 0

            def report(progress: Any, number: int = number, besides: int = before + after) -> None:
                nonlocal last, asked
                asked = progress.total
                meter.total(besides + asked)
                meter.add(progress.done - last, f"game {number} of {len(records)}")
                last = progress.done

            found = reviewer.review(record, progress=report, sides=sides)
        before += asked
        if library is not None:
            found = replace(found, departure=departure(library, record))
        show.table(found)
        yield found


def _puzzles(found: list[Review], judge: Judge, path: Path) -> int:
    from ..records.formats.pgn import write_game
    from ..review.puzzles import puzzles

    exercises = [puzzle for one in found for puzzle in puzzles(one, judge)]
    write_text(path, "".join(write_game(puzzle.record()) for puzzle in exercises))
    return len(exercises)


def _write(
    found: list[Review], whole: Any, figures: Path | None, page: Path | None, annotated: Path | None,
    picture: Path | None, show: _Show,
) -> None:  # fmt: skip
    from ..records.formats.pgn import write_game
    from ..review import page as pages
    from ..review import report
    from ..review.totals import progress_picture

    if figures:
        write_json(figures, {"games": [report.to_json(one) for one in found], "totals": asdict(whole)})
    if page:
        write_text(page, pages.page(found, show.language))
    if annotated:
        records = (report.annotated(one, show.language) for one in found)
        write_text(annotated, "".join(write_game(record, show.notation) for record in records))
    if picture:
        progress_picture(whole, picture)


# ------------------------------------------------------------------------------------------------ the terminal


@dataclass(frozen=True)
class _Show:
    """Prints tables in a language and a notation; `name` is the player whose moves are shown."""

    language: str
    notation: str
    name: str | None

    def _pick(self, both: tuple[str, str]) -> str:
        return both[0] if self.language == "zh" else both[1]

    def _print(self, *things: Any) -> None:
        from rich.console import Console

        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(width=120, highlight=False)
        for thing in things:
            console.print(thing, soft_wrap=isinstance(thing, str))

    def table(self, found: Review) -> None:
        """Print one game: a table of its moves, and how both sides played."""
        from rich.table import Table
        from rich.text import Text

        from ..review import report
        from ..review.review import expectation, red_chances
        from ..review.words import departure_words, words

        headers = found.record.headers
        title = f"{headers.get('Red', '?')} - {headers.get('Black', '?')}  {found.record.result}"
        opening = self._pick((found.opening.chinese, found.opening.english))
        left = self._pick(("谱内 {} 着", "known lines for {} plies")).format(found.opening.plies)
        title += f"\n{opening}, {left}"
        if found.departure is not None:
            at = found.record.board_at((), found.departure.plies)
            title += "\n" + departure_words(found.departure, at, self.language, self.notation)
        table = Table(title=Text(title))
        for column in (("着", "move"), ("", ""), ("红方胜率", "Red"), ("损失", "loss"), ("应走", "better"),
                       ("大师", "masters"), ("原因", "why")):  # fmt: skip
            table.add_column(self._pick(column))
        board, reviewed = found.start(), {one.ply: one for one in found.moves}
        for ply, move in enumerate(found.line):
            one = reviewed.get(ply)
            if one is not None:
                black = one.mover < 0
                number = f"{board.fullmove}{'...' if black else '.'} {board.write(move, self.notation)}"
                better = board.write(one.best[0], self.notation) if one.is_mistake and one.best else ""
                masters = f"{100 * one.expected.probability:.0f}% #{one.expected.rank}" if one.expected else ""
                table.add_row(
                    Text(number), Text(report.glyph(one)),
                    f"{100 * expectation(red_chances(one.after, one.mover)):.0f}%",
                    f"{100 * one.loss:.0f}" if one.loss >= 0.005 else "", Text(better), Text(masters),
                    Text(words(one.reason, self.language) if one.reason else ""),
                )  # fmt: skip
            board.push(move)
        self._print(table, *self._players(found))

    def _players(self, found: Review) -> Iterator[str]:
        from rich.markup import escape

        from ..review.report import glyph, side_name
        from ..review.review import GLYPHS
        from ..review.words import PHASES
        from ..rules.squares import BLACK, RED

        for side in (RED, BLACK):
            one = found.player(side)
            if one.accuracy is None or one.loss is None:
                continue
            phases = ", ".join(f"{self._pick(PHASES[p])} {100 * loss:.1f}" for p, (_, loss) in one.losses.items())
            marks = " ".join(f"{GLYPHS[name]} {count}" for name, count in one.marks.items())
            agreed = "" if one.agreement is None else f", {100 * one.agreement:.0f}% " + self._pick(
                ("与大师首选相同", "the masters' first choice"))  # fmt: skip
            what = self._pick(("准确率 {:.1f}，平均损失 {:.1f}", "accuracy {:.1f}, mean loss {:.1f}"))
            said = what.format(one.accuracy, 100 * one.loss)
            name = self._pick((("红方", "黑方")[side < 0], side_name(side)))
            yield escape(f"{name}: {said} ({phases}){agreed}  {marks}")
        turns = ", ".join(f"{one.ply // 2 + 1}{'...' if one.ply % 2 else '.'} {one.move}{glyph(one)}"
                          for one in found.turning_points())  # fmt: skip
        if turns:
            yield escape(self._pick(("转折点", "Turning points")) + f": {turns}")
        if rare := [one for one in found.moves if one.surprising]:
            text = ", ".join(f"{one.ply // 2 + 1}{'...' if one.ply % 2 else '.'} {one.move}" for one in rare)
            yield escape(self._pick(("大师少走而判官认可", "Sound, though masters hardly play them")) + f": {text}")

    def totals(self, found: list[Review]) -> Any:
        """Return the totals of the games, printing them if there are several."""
        from rich.table import Table
        from rich.text import Text

        from ..review.review import sides_of
        from ..review.totals import both_sides, totals
        from ..review.words import PHASES

        sides = both_sides if self.name is None else lambda one: sides_of(self.name or "", one.record)
        whole = totals(found, sides)
        if len(found) < 2:
            return whole
        table = Table(title=self._pick(("{} 局", "{} games")).format(len(whole.games)))
        for column in (("", ""), ("局数", "games"), ("着数", "moves"), ("平均损失", "mean loss"), ("失误", "mistakes")):
            table.add_column(self._pick(column))
        for groups, names in ((whole.by_phase, PHASES), (whole.by_opening, {})):
            for key, one in groups.items():
                shown = Text(self._pick(names[key]) if key in names else key)
                table.add_row(shown, str(one.games), str(one.moves), f"{100 * one.loss:.1f}", str(one.mistakes))
        kinds = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in whole.kinds.items())
        self._print(table, *([self._pick(("失误种类", "Kinds of mistakes")) + f": {kinds}"] if kinds else []))
        return whole
