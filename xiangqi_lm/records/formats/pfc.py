"""PFC, the XML files of Pengfei Xiangqi: a node is a move, and its children are the moves that may follow."""

from __future__ import annotations

import re

from ...errors import BadRecord
from ..game import DEEPEST, GameRecord
from . import markup
from .markup import Element
from .parsed import ParsedGame, ParsedLine, understand

_TAGS = {
    "title": "Title", "event": "Event", "create-time": "Date", "date": "Date", "place": "Site", "round": "Round",
    "red": "Red", "black": "Black", "redteam": "RedTeam", "blackteam": "BlackTeam", "redrating": "RedElo",
    "blackrating": "BlackElo", "open": "Opening", "author": "Annotator", "win": "Result", "result": "Result",
    "m": "FEN",
}  # fmt: skip


def is_pfc(text: str) -> bool:
    """Return whether a text begins like a file of this format: XML with a node for a move or a position."""
    return text[:1] == "<" and re.search(r"<n\s[^<>]{0,400}\bm=", text) is not None


def read_game(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the record of a file's text; raises BadRecord."""
    root = markup.parse(text, source)
    headers: dict[str, str] = {}
    for name, value in root.attributes.items():
        if (tag := _TAGS.get(name.lower())) and value.strip():
            headers.setdefault(tag, " ".join(value.split()))
    try:
        line = _line(root, 0)
    except RecursionError:
        raise BadRecord(f"variations are nested deeper than {DEEPEST}", source=source) from None
    return understand(ParsedGame(headers, line), source, keep_prefix)


def _line(node: Element, depth: int) -> ParsedLine:
    """Return the line below a node, starting with its comment; without a marked main move the first one counts."""
    if depth > DEEPEST:
        raise RecursionError
    line = ParsedLine()
    line.comment(node.attributes.get("c", "").strip())
    while nodes := [child for child in node.children if child.name == "n"]:
        node = next((child for child in nodes if child.attributes.get("default") in ("1", "true")), nodes[0])
        ply = len(line.texts)
        line.variations += [(ply, _variation(other, depth)) for other in nodes if other is not node]
        _add(line, node)
    return line


def _variation(node: Element, depth: int) -> ParsedLine:
    """Return the line that begins with a node's own move."""
    below = _line(node, depth + 1)
    line = ParsedLine()
    _add(line, node)
    line.texts += below.texts
    line.comments |= {ply + 1: text for ply, text in below.comments.items() if ply}
    line.variations = [(ply + 1, other) for ply, other in below.variations]
    return line


def _add(line: ParsedLine, node: Element) -> None:
    line.texts.append(node.attributes.get("m", "").strip()[:24] or "?")
    line.comment(node.attributes.get("c", "").strip())
