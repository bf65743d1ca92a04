"""Plain lists and tables of games: a line of moves, a JSON object a line, and CSV with one row a move."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

from ...errors import BadRecord
from ..game import RESULTS, GameRecord
from .parsed import Sheet, Spoken, understand

_WORD = re.compile(r"\S{2,24}")
_LIKE_A_MOVE = re.compile(
    r"[a-iA-I](?:10|[0-9])-?[a-iA-I](?:10|[0-9])|\w{2,3}[進进退平上下]\w|[A-Za-z+.\-]\S[+.=\-][1-9]"
)
_TRIED = 20  # lines looked at to tell a list of games from one game broken into lines

# ------------------------------------------------------------------------------------------------ a game a line


def is_list(text: str) -> bool:
    """Whether a text holds nothing but move texts, a game on each line: most lines can be played from the start."""
    lines = [line for line in text.splitlines() if line.strip()][:_TRIED]
    if not lines or not all(_is_moves(line) for line in lines):
        return False
    if len(lines) == 1:
        return True
    whole = 0
    for line in lines:
        try:
            read_line(line)
        except BadRecord:
            continue
        whole += 1
    return 2 * whole > len(lines)


def _is_moves(line: str) -> bool:
    words = line.split()
    return all(_LIKE_A_MOVE.fullmatch(word) for word in words[:-1]) and bool(
        _LIKE_A_MOVE.fullmatch(words[-1]) or (len(words) > 1 and words[-1] in RESULTS)
    )


def read_line(line: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """The game of one line of move texts from the start position, a result at its end or not; raises BadRecord."""
    words = line.split()
    result = words.pop() if words and words[-1] in RESULTS else None
    return understand(Sheet({}, Spoken([word[:24] for word in words]), result), source, keep_prefix)


# ------------------------------------------------------------------------------------------------ a row a move

_COLUMNS = ("gameid", "turn", "side", "move")
_RED = {"red", "r", "w", "white", "红", "紅"}


def is_csv(text: str) -> bool:
    """Whether the first line names the columns of a table of moves."""
    return _columns(text[: 1 << 12].lstrip("\ufeff").split("\n", 1)[0]) is not None


def _columns(header: str) -> list[int] | None:
    names = [name.strip().strip('"').lower().replace("_", "") for name in header.split(",")]
    return [names.index(name) for name in _COLUMNS] if set(_COLUMNS) <= set(names) else None


def split_csv(text: str) -> Iterator[str]:
    """The rows of each game as lines `turn,side,move`, wherever they stand in the table; the game's name comes first.

    The games come in the order of their first rows.
    """
    stream = io.StringIO(text.lstrip("\ufeff"), newline=None)
    columns = _columns(stream.readline())
    games: dict[str, list[str]] = {}
    for line in stream:
        fields = _fields(line)
        if columns is not None and len(fields) > max(columns):
            game, turn, side, move = (fields[i].strip()[:40] for i in columns)
            games.setdefault(game, []).append(f"{turn},{side},{move}")
        elif line.strip():
            games.setdefault("?", []).append("!" + line.strip()[:80])  # no number: to be refused as it stands
    for name, rows in games.items():
        yield "\n".join([name, *rows])


def _fields(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line]), [])
    except csv.Error:  # a field beyond 128 KiB, a stray NUL
        return []


def read_rows(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """The game of one name's rows; turns count full moves or plies; raises BadRecord."""
    name, *rows = text.split("\n")
    moves: list[tuple[int, bool, str]] = []
    for number, row in enumerate(rows, 1):
        turn, _, rest = row.partition(",")
        side, _, move = rest.partition(",")
        if not re.fullmatch("[0-9]{1,6}", turn) or not _WORD.fullmatch(move):
            raise BadRecord(f"row {number} of game {name!r} is no turn, side and move: {row[:40]!r}", source=source)
        moves.append((int(turn), side.strip().lower() not in _RED, move))
    moves.sort(key=lambda row: row[:2])  # stable: equal rows stay as they came
    return understand(Sheet({"Event": name}, Spoken([move for _, _, move in moves])), source, keep_prefix)


# ------------------------------------------------------------------------------------------------ a game as JSON

_TAGS = {"event": "Event", "site": "Site", "date": "Date", "round": "Round", "red": "Red", "black": "Black"}


def read_json(line: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the game of one JSON object with event, date, red, black, result, fen and moves (ICCS, spaces between);
    raises BadRecord."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as fault:  # a number too long, or brackets too deep
        raise BadRecord(f"no JSON: {fault}: {line[:40]!r}", source=source) from fault
    if not isinstance(fields, dict) or not isinstance(fields.get("moves"), str):
        raise BadRecord(f'no game: expected an object with "moves": {line[:40]!r}', source=source)
    headers = {tag: _text(fields[name])[:1000] for name, tag in _TAGS.items() if fields.get(name)}
    headers["FEN"] = _text(fields.get("fen") or "")
    result = fields.get("result")
    tokens = [word[:24] for word in _text(fields["moves"]).split()]
    return understand(Sheet(headers, Spoken(tokens), result if result in RESULTS else None), source, keep_prefix)


def _text(value: object) -> str:
    """A value as text that can be stored: JSON may spell half of a surrogate pair."""
    return str(value).encode("utf-8", errors="replace").decode("utf-8")
