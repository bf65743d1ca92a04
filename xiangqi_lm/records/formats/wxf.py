"""WXF files with a header of lines `FORMAT WXF`, `RED name;…;rating`, `RESULT 1-0` and so on, then moves in
`START{ … }END`, as PlayOK and XieXie write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import BadRecord
from ..game import GameRecord
from .parsed import ParsedGame, understand
from .pgn import scan_moves

LONGEST = 1 << 23  # characters of one game
_FORMAT = re.compile(r"^[ \t]*FORMAT[ \t:]+WXF\b", re.IGNORECASE | re.MULTILINE)
_START = re.compile(r"^[ \t]*START[ \t]*\{", re.IGNORECASE | re.MULTILINE)
_END = re.compile(r"\}[ \t]*END\b", re.IGNORECASE)
_FIELD = re.compile(r"[ \t]*([A-Za-z]{2,12})(?:[ \t]*:[ \t]*|[ \t]+)(\S.*)")
_COMMENT = re.compile(r"^[ \t]*COMMENT[ \t]*\{", re.IGNORECASE | re.MULTILINE)
_END_OF_COMMENT = re.compile(r"\}[ \t]*COMMENT\b", re.IGNORECASE)
_TAGS = {
    "event": "Event", "game": "Event", "title": "Title", "site": "Site", "place": "Site", "date": "Date",
    "round": "Round", "result": "Result", "fen": "FEN", "opening": "Opening", "variation": "Variation",
    "author": "Annotator", "time": "TimeControl", "timecontrol": "TimeControl", "redelo": "RedElo",
    "blackelo": "BlackElo",
}  # fmt: skip


def is_wxf(text: str) -> bool:
    """Return whether a text begins like a file of this format."""
    return _FORMAT.search(text) is not None or _START.search(text) is not None


def split_games(text: str) -> Iterator[str]:
    """Yield each game's text: from one `FORMAT` line to the next or, without such lines, up to an `}END`."""
    edges = [mark.start() for mark in _FORMAT.finditer(text)] or [
        0, *(mark.end() for mark in _END.finditer(text)),
    ]  # fmt: skip
    for first, after in zip(edges, [*edges[1:], len(text)], strict=True):
        if text[first:after].strip():
            yield text[first:after]


def read_game(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the record of one game's text; raises BadRecord."""
    if len(text) > LONGEST:
        raise BadRecord(f"the game's text is longer than {LONGEST >> 20} million characters", source=source)
    text, comments = _without_comments(text)
    start = _START.search(text)
    lines = text[: start.start() if start else len(text)].splitlines()
    headers: dict[str, str] = {}
    rest = [line for line in lines if not _add_field(headers, line)]
    end = _END.search(text, start.end()) if start else None
    body = text[start.end() : end.start() if end else len(text)] if start else "\n".join(rest)
    game = scan_moves(body, headers)
    if start and not end and not game.fault:
        game.fault = "START{ is never closed by }END"
    _add_comments(game, comments)
    return understand(game, source, keep_prefix)


def _without_comments(text: str) -> tuple[str, list[str]]:
    """Return a text without its `COMMENT{ … }COMMENT` blocks, and the contents of these blocks."""
    kept, comments, at = [], [], 0
    while (start := _COMMENT.search(text, at)) and (end := _END_OF_COMMENT.search(text, start.end())):
        kept.append(text[at : start.start()])
        comments.append(" ".join(text[start.end() : end.start()].split()))
        at = end.end()
    return "".join([*kept, text[at:]]), comments


def _add_comments(game: ParsedGame, comments: list[str]) -> None:
    first = game.line.comments.get(0)
    if words := " ".join([*comments, *([first] if first else [])]):
        game.line.comments[0] = words


def _add_field(headers: dict[str, str], line: str) -> bool:
    """Add the field of a header line to the headers; return false if the line is not a field."""
    found = _FIELD.fullmatch(line)
    if found is None:
        return not line.strip()
    name, value = found[1].lower(), found[2].strip()
    if name in ("red", "black"):
        _add_player(headers, name.capitalize(), value)
    elif name in _TAGS:
        headers.setdefault(_TAGS[name], value)
    else:
        return name == "format"
    return True


def _add_player(headers: dict[str, str], side: str, value: str) -> None:
    """Add a player given as `name;team;…;rating`; the rating is the last numeric field."""
    name, *others = (part.strip() for part in value.split(";"))
    headers.setdefault(side, name)
    ratings = [part for part in others if re.fullmatch(r"[0-9]{3,4}\??", part)]
    if ratings:
        headers.setdefault(f"{side}Elo", ratings[-1])
    if others and others[0] and others[0] not in ratings:
        headers.setdefault(f"{side}Team", others[0])
