"""Recognition of pasted texts: a position, or games in any notation and format."""

from __future__ import annotations

import re

from ...rules.fen import START_FEN
from .document import Document

_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
_FEN = re.compile(r"((?:[1-9A-Za-z]{1,9}/){9}[1-9A-Za-z]{1,9})((?:[ _\t]+(?:\[\]|[^\s_]+)){0,6})")
_POSITION = re.compile(r"(?:position\s+)?(?:startpos|fen\s+(?P<fen>.+?))(?:\s+moves\s+(?P<moves>.+))?", re.I | re.S)


def fen_in(text: str) -> str | None:
    """Return the FEN in a text that is only a position, in the form `Board` accepts; None for any other text.

    Accepted are `fen …`, `position fen …`, a FEN in quotes or a tag, `[]` after the placement, underscores for spaces,
    and a placement alone, with Red to move.
    """
    clean = text.translate(_UNSEEN).strip().strip("`\"'").replace("[]", " ")
    found = re.fullmatch(r"(?:position\s+)?(?:fen\s*[:=]?\s*)?(.+)", clean, re.I | re.S)
    clean = found[1].strip() if found else clean
    tag = re.fullmatch(r'\[\s*FEN\s+"([^"]*)"\s*\]', clean, re.I)
    whole = _FEN.fullmatch(tag[1].strip() if tag else clean)
    if not whole:
        return None
    rest = re.split(r"[\s_]+", whole[2].strip(" _\t"))
    rest = [word for word in rest if word]
    turn = rest[0].lower() if rest else "w"
    return " ".join([whole[1], {"r": "w"}.get(turn, turn), *rest[1:]])


def document_in(text: str) -> Document:
    """Return the games of a pasted text: `position …`, moves in any notation, PGN, DhtmlXQ; raises BadRecord."""
    clean = text.translate(_UNSEEN).strip()
    found = _POSITION.fullmatch(clean)
    if found and found["moves"]:
        head = f'[FEN "{fen_in(found["fen"]) or found["fen"]}"]\n\n' if found["fen"] else ""
        clean = head + " ".join(found["moves"].split()) + " *"
    elif found:
        clean = f'[FEN "{START_FEN}"]\n\n*'
    return Document.of_text(clean)
