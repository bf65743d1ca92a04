"""Games as JSON lines: one object a line with event, date, red, black, result, fen and moves (ICCS, spaces between)."""

from __future__ import annotations

import json

from ..errors import BadRecord
from .formats.parsed import Sheet, Spoken, understand
from .game import RESULTS, GameRecord

_TAGS = {"event": "Event", "site": "Site", "date": "Date", "round": "Round", "red": "Red", "black": "Black"}


def read_line(line: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """The record of one line; raises BadRecord."""
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
