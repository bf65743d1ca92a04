"""Plain lists and tables of games: one line of moves or one JSON object per game, or CSV with one row per move."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...errors import BadRecord
from ..game import RESULTS, GameRecord
from .parsed import ParsedGame, ParsedLine, result_of, understand
from .prose import is_move

_WORD = re.compile(r"\S{2,24}")
_TRIED = 20  # lines examined to distinguish a list of games from one game broken into lines

# ------------------------------------------------------------------------------------------------ one game per line

_POSITION = re.compile(  # as sent to engines: `position startpos moves`, `position fen FEN moves`, or a FEN alone
    r"""\s*(?:position\s+)?(?:startpos | (?:fen[:=]?\s+)?
    ([A-Za-z1-9]{1,9}(?:/[A-Za-z1-9]{1,9}){9}(?:\s+[wbrWBR](?:\s+-){0,2}(?:\s+[0-9]{1,4}(?=\s|$)){0,2})?))
    (?:\s+moves?:?)?(?=\s|$)""",
    re.VERBOSE | re.IGNORECASE,
)


def is_list(text: str) -> bool:
    """Return whether a text holds only move texts, one game per line: most lines can be played from the start.

    Single moves that can be played one line after the other are one game broken into lines; so are longer lines, unless
    each of them could open a game.
    """
    lines = [line for line in text.splitlines() if line.strip()][:_TRIED]
    if not lines or not all(_is_moves(line) for line in lines):
        return False
    if len(lines) == 1 or _POSITION.match(lines[0]):
        return True
    whole = sum(map(_is_playable, lines))
    single = all(len(line.split()) == 1 for line in lines)  # longer ones may be openings that happen to fit together
    if (single or whole < len(lines)) and _is_playable(" ".join(lines)):
        return False
    return 2 * whole > len(lines)


def _is_playable(line: str) -> bool:
    try:
        read_line(line)
    except BadRecord:
        return False
    return True


def _is_moves(line: str) -> bool:
    position = _POSITION.match(line)
    words = line[position.end() if position else 0 :].split()
    if words and words[-1] in RESULTS and (position or len(words) > 1):
        words.pop()
    return bool(words or position) and all(map(is_move, words))


def read_line(line: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the game of one line of move texts, with or without a result at the end; raises BadRecord.

    It starts from the start position unless the line begins with `position fen FEN moves` or `FEN moves`.
    """
    fen = ""
    if position := _POSITION.match(line):
        fen, line = (position[1] or "").strip(), line[position.end() :]
    words = line.split()
    result = words.pop() if words and words[-1] in RESULTS else None
    return understand(ParsedGame({"FEN": fen}, ParsedLine([word[:24] for word in words]), result), source, keep_prefix)


# ------------------------------------------------------------------------------------------------ one row per move

_GAME = ("gameid", "game")
_ORDER = ("turn", "moveindex", "ply", "movenumber")
_HEADERS = {  # column -> tag
    "red": "Red", "redplayer": "Red", "redid": "Red", "redname": "Red", "black": "Black", "blackplayer": "Black",
    "blackid": "Black", "blackname": "Black", "redelobefore": "RedElo", "redelo": "RedElo", "redrating": "RedElo",
    "blackelobefore": "BlackElo", "blackelo": "BlackElo", "blackrating": "BlackElo", "outcome": "Result",
    "winner": "Result", "result": "Result", "timestamp": "Date", "gamedatetime": "Date", "date": "Date",
    "timecontrol": "TimeControl", "gamestatus": "Termination", "termination": "Termination", "site": "Site",
    "round": "Round", "opening": "Opening", "fen": "FEN", "startfen": "FEN",
}  # fmt: skip
_RED = {"red", "r", "w", "white", "红", "紅"}


@dataclass(frozen=True)
class _Columns:
    """The columns of a table's fields, -1 if missing; `headers` are (column, tag)."""

    game: int
    order: int
    side: int
    move: int
    headers: tuple[tuple[int, str], ...]

    @property
    def last(self) -> int:
        """Return the last column that a row of moves must have."""
        return max(self.game, self.order, self.side, self.move)


def _columns(text: str) -> _Columns | None:
    header = text[: 1 << 12].lstrip("\ufeff").split("\n", 1)[0]
    names = [re.sub(r"[\s_]", "", name.strip().strip('"').lower()) for name in header.split(",")]

    def place(choices: tuple[str, ...]) -> int:
        return next((names.index(name) for name in choices if name in names), -1)

    if len(names) < 2 or place(_GAME) < 0:
        return None
    tags: dict[str, int] = {}
    for i, name in enumerate(names):
        if tag := _HEADERS.get(name):
            tags.setdefault(tag, i)
    move, order = place(("move",)), place(_ORDER)
    return _Columns(place(_GAME), order, place(("side",)), move, tuple((i, tag) for tag, i in tags.items()))


def is_csv(text: str) -> bool:
    """Return whether the first line names the columns of a table of moves."""
    columns = _columns(text)
    return columns is not None and columns.move >= 0 and columns.order >= 0


def is_info(text: str) -> bool:
    """Return whether the first line names the columns of a table of games without moves: players, date, result."""
    columns = _columns(text)
    return columns is not None and columns.move < 0 and any(tag in ("Red", "Result") for _, tag in columns.headers)


def read_info(text: str) -> dict[str, dict[str, str]]:
    """Return the headers of each game in a table of games, by game id."""
    columns = _columns(text)
    stream = io.StringIO(text.lstrip("\ufeff"), newline=None)
    stream.readline()
    games: dict[str, dict[str, str]] = {}
    for line in stream:
        fields = _fields(line)
        if columns is not None and len(fields) > columns.game:
            games.setdefault(fields[columns.game].strip()[:40], _headers(fields, columns))
    return games


def _headers(fields: list[str], columns: _Columns) -> dict[str, str]:
    found = {tag: fields[i].strip()[:200] for i, tag in columns.headers if i < len(fields) and fields[i].strip()}
    if "Date" in found:
        found["Date"] = re.sub(r"^([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9]).*", r"\1.\2.\3", found["Date"])
    if "Result" in found:
        won = {found.get("Red"): "1-0", found.get("Black"): "0-1"}  # the winner may be given by name
        found["Result"] = result_of(found["Result"]) or won.get(found["Result"], "*")
    return found


def split_csv(text: str, infos: Mapping[str, dict[str, str]]) -> Iterator[str]:
    """Yield the rows of each game, which may be scattered over the table, in the order of the games' first rows.

    A game's text is its headers as JSON, then lines `turn,side,move,line of the file`. Headers come from the game's
    first row and from `infos`, by game id.
    """
    stream = io.StringIO(text.lstrip("\ufeff"), newline=None)
    columns = _columns(stream.readline())
    assert columns is not None
    games: dict[str, list[str]] = {}
    for number, line in enumerate(stream, 2):
        fields = _fields(line)
        if len(fields) > columns.last:
            game, turn, move = (fields[i].strip()[:40] for i in (columns.game, columns.order, columns.move))
            side = fields[columns.side].strip()[:40] if columns.side >= 0 else ""
            if (rows := games.get(game)) is None:
                headers = {"Event": game} | _headers(fields, columns) | infos.get(game, {})
                games[game] = rows = [json.dumps(headers)]
            rows.append(f"{turn},{side},{move},{number}")
        elif line.strip():  # kept, to be refused later
            games.setdefault("?", ['{"Event": "?"}']).append(f"!{line.strip()[:80]},{number}")
    for rows in games.values():
        yield "\n".join(rows)


def _fields(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    line = line.rstrip("\n")
    if line[:1] == line[-1:] == '"' and line.count('"') == 2 + 2 * line.count('","'):
        return line[1:-1].split('","')  # if all fields are quoted: three times as fast
    try:
        return next(csv.reader([line]), [])
    except csv.Error:  # a field beyond 128 KiB, a stray NUL
        return []


def read_rows(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the game of one id's rows, whose turns may count full moves or plies; raises BadRecord."""
    first, _, rows = text.partition("\n")
    try:
        headers = {str(tag): str(value) for tag, value in json.loads(first).items()}
    except (ValueError, AttributeError, RecursionError) as fault:
        raise BadRecord(f"expected the headers of a game, found {first[:80]!r}", source=source) from fault
    moves = [move for *_, move, _ in _ordered(rows, source)]
    return understand(ParsedGame(headers, ParsedLine(moves)), source, keep_prefix)


def row_line(text: str, ply: int) -> int:
    """Return the line of the table, counted from 0, with a ply of one id's rows; the first row's for ply 0."""
    rows = text.partition("\n")[2]
    try:
        lines = [line for *_, line in _ordered(rows, "")]
    except BadRecord as fault:
        return (fault.line or 1) - 1
    return lines[min(max(ply, 1), len(lines)) - 1] - 1


def _ordered(rows: str, source: str) -> list[tuple[int, bool, str, int]]:
    """Return rows in the order of play as (turn, whether Black's, move, line); raises BadRecord."""
    moves: list[tuple[int, bool, str, int]] = []
    for row in rows.split("\n"):
        start, _, line = row.rpartition(",")
        turn, _, rest = start.partition(",")
        side, _, move = rest.partition(",")
        if not re.fullmatch("[0-9]{1,6}", turn) or not _WORD.fullmatch(move):
            found = start.lstrip("!")[:80]
            raise BadRecord(f"expected a turn, a side and a move, found {found!r}", source=source, line=int(line))
        moves.append((int(turn), bool(side) and side.strip().lower() not in _RED, move, int(line)))
    moves.sort(key=lambda row: row[:2])  # stable: equal rows keep their order
    return moves


# ------------------------------------------------------------------------------------------------ JSON

_TAGS = {
    "event": "Event",
    "site": "Site",
    "date": "Date",
    "round": "Round",
    "red": "Red",
    "black": "Black",
    "red_elo": "RedElo",
    "black_elo": "BlackElo",
}


def read_json(line: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the game of one JSON object with event, date, red, black, result, fen and moves (ICCS, separated by
    spaces); raises BadRecord."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as fault:  # a number too long, or brackets too deep
        raise BadRecord(f"damaged JSON: {fault}: {line[:40]!r}", source=source) from fault
    if not isinstance(fields, dict) or not isinstance(fields.get("moves"), str):
        raise BadRecord(f'expected an object with "moves", found {line[:40]!r}', source=source)
    headers = {tag: _text(fields[name])[:1000] for name, tag in _TAGS.items() if fields.get(name)}
    headers["FEN"] = _text(fields.get("fen") or "")
    result = fields.get("result")
    tokens = [word[:24] for word in _text(fields["moves"]).split()]
    return understand(
        ParsedGame(headers, ParsedLine(tokens), result if result in RESULTS else None), source, keep_prefix
    )


def _text(value: object) -> str:
    """Return a value as text that can be stored, as JSON may contain half a surrogate pair."""
    return str(value).encode("utf-8", errors="replace").decode("utf-8")
