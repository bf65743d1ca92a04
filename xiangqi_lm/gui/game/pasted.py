"""Recognition of pasted texts: the name of a file, a position, or games in any notation and format."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from ...errors import BadRecord
from ...records.formats.prose import is_move
from ...rules.fen import START_FEN
from .document import Document

LONG_FEN = 480  # characters; no text that is only a position is longer
LONG_SEARCH = 20_000  # characters in which a position among other words is looked for
_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
_FEN = re.compile(r"((?:[1-9A-Za-z]{1,9}/){9}[1-9A-Za-z]{1,9})((?:[ _\t]+(?:\[\]|[^\s_]+)){0,6})")
_AMONG_WORDS = re.compile(
    r"(?<![A-Za-z0-9])((?:[1-9KABNRCPEHkabnrcpeh]{1,9}/){9}[1-9KABNRCPEHkabnrcpeh]{1,9})(?![A-Za-z0-9/])"
    r"(?:[\s_+]+([wbrWBR])(?![A-Za-z0-9])((?:[\s_+]+(?:-|[0-9]+)(?![A-Za-z0-9.])){0,4}))?"
)
_POSITION = re.compile(
    r"(?:\bposition\s+)?(?:\bstartpos|(?:\bfen\s+)?(?P<fen>(?:[1-9A-Za-z]{1,9}/){9}[1-9A-Za-z]{1,9}\b[^\n]*?))"
    r"(?:\s+moves\s+(?P<moves>(?:[a-iA-I][0-9]{1,2}-?[a-iA-I][0-9]{1,2}\s*)+))?(?=\s*(?:\Z|\n|\r))",
    re.IGNORECASE,
)
_COORDINATES = re.compile(r"(?:[a-iA-I][0-9]-?[a-iA-I][0-9]){2,}")  # moves without anything between them
_TAG = re.compile(r'^[ \t]*\[\s*[A-Za-z]\w*\s*(?::\s*)?"', re.MULTILINE)
_SEPARATORS = re.compile(r"[\s,，;；:：。、|/→>·'\"\[\]()（）]+")
_NUMBER = re.compile(r"[-–—]+|[0-9０-９]{1,3}|第?[一二三四五六七八九十百]{1,4}(?:回合)?")
_RANKS = re.compile(r"(?:fen\s+)?[0-9A-Za-z]*(?:/[0-9A-Za-z]*){7,}(?:\s|_|$)", re.IGNORECASE)


def file_in(text: str) -> Path | None:
    """Return the existing file that a text names, as file managers copy it: a path or a `file:` address."""
    words = text.translate(_UNSEEN).strip().strip("\"'")
    if not words or len(words) > 4096 or "\n" in words or "\0" in words:
        return None
    if words.lower().startswith("file:"):
        words = url2pathname(urlsplit(words).path)
    path = Path(words)
    try:
        return path if path.is_absolute() and path.is_file() else None
    except OSError:
        return None


def fen_in(text: str) -> str | None:
    """Return the FEN in a text that holds a position and no moves, in the form `Board` accepts; None for other texts.

    Accepted are `startpos`, `fen …`, `position fen …`, a FEN in quotes or a tag, `[]` after the placement, underscores
    for spaces, a placement alone, with Red to move, and one FEN among other words: an address, JSON, the output of an
    engine.
    """
    clean = _plain(text)
    return _whole_fen(clean) or _fen_among_words(clean)


def _plain(text: str) -> str:
    """Return a text without invisible characters, with the escapes of an address undone."""
    clean = text[:LONG_SEARCH].translate(_UNSEEN).strip()
    return unquote(clean) if re.search(r"%(?:2F|20)", clean, re.IGNORECASE) else clean


def _whole_fen(clean: str) -> str | None:
    if len(clean) > LONG_FEN:
        return None
    clean = clean.strip("`\"'").replace("[]", " ")
    if re.fullmatch(r"(?:position\s+)?(?:fen\s+)?startpos", clean, re.IGNORECASE):
        return START_FEN
    found = re.fullmatch(r"(?:position\s+)?(?:fen\s*[:=]?\s*)?(.+)", clean, re.I | re.S)
    clean = found[1].strip() if found else clean
    tag = re.fullmatch(r'\[\s*FEN\s+"([^"]*)"\s*\]', clean, re.I)
    whole = _FEN.fullmatch(tag[1].strip() if tag else clean)
    if not whole or " moves" in whole[2]:
        return None
    return _written(whole[1], [word for word in re.split(r"[\s_]+", whole[2].strip(" _\t")) if word])


def _fen_among_words(clean: str) -> str | None:
    found = list(_AMONG_WORDS.finditer(clean))
    if len(found) != 1 or _TAG.search(clean):
        return None
    fen = found[0]
    rest = f"{clean[: fen.start()]} {clean[fen.end() :]}"
    if any(len(word) > 2 and is_move(word) for word in rest.split()):
        return None
    return _written(fen[1], [word for word in re.split(r"[\s_+]+", f"{fen[2] or ''}{fen[3] or ''}") if word])


def _written(placement: str, fields: list[str]) -> str:
    turn = fields[0].lower() if fields else "w"
    return " ".join([placement, {"r": "w"}.get(turn, turn), *fields[1:]])


def is_like_fen(text: str) -> bool:
    """Return whether a text that is not a FEN was probably meant as one, as it begins with ranks."""
    words = text.translate(_UNSEEN).strip().strip("`\"'")
    return "\n" not in words[:LONG_FEN] and _RANKS.match(words) is not None and " moves " not in words


def document_in(text: str) -> Document:
    """Return the games of a pasted text: `position …` (the last one of an engine's log), moves in any notation, PGN,
    DhtmlXQ; raises BadRecord."""
    clean = text.translate(_UNSEEN).strip()
    lines = [found for found in _POSITION.finditer(clean) if found["moves"] or found[0] == clean]
    if _COORDINATES.fullmatch(clean):
        clean = " ".join(re.findall("[a-iA-I][0-9]-?[a-iA-I][0-9]", clean)) + " *"
    elif lines and not _TAG.search(clean):
        fen = lines[-1]["fen"]
        head = f'[FEN "{fen_in(fen) or fen}"]\n\n' if fen else f'[FEN "{START_FEN}"]\n\n'
        clean = head + " ".join((lines[-1]["moves"] or "").split()) + " *"
    try:
        return Document.of_text(clean)
    except BadRecord:
        if (moves := _moves_alone(clean)) is None:
            raise
        return Document.of_text(moves)


def _moves_alone(clean: str) -> str | None:
    """Return the moves of a text that holds nothing else but numbers and separators of any kind, such as `h2e2,h9g7`,
    `1) 炮二平五→马8进7` or `["h2e2", "h9g7"]`; None for any other text."""
    words = [word.strip(".．") for word in _SEPARATORS.split(clean[:LONG_SEARCH])]
    moves = [word for word in words if word and not _NUMBER.fullmatch(word)]
    return " ".join(moves) + " *" if moves and all(map(is_move, moves)) else None
