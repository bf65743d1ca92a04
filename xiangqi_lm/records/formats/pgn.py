"""PGN for Chinese chess: a reader for what is in the wild; the writer is in `pgnwriter`.

Format: https://www.xqbase.com/protocol/cchess_pgn.htm. Moves may be Chinese (either script), WXF, ICCS or UCI.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from functools import partial

from ...errors import BadRecord
from ...rules.board import Board
from ...rules.moves import MOVES
from ..game import DEEPEST, GameRecord, Line
from .parsed import Sheet, Spoken, understand

__all__ = ["legal_plies", "parse_sheet", "read_game", "read_games", "split_games", "write_game"]

LONGEST = 1 << 23  # characters of one game: a book of variations has some hundred thousand
PIECE = 1 << 16  # characters of a line read at once; one this long without its end goes on in the next

# ------------------------------------------------------------------------------------------------ games in a text

_TAG_HEAD = re.compile(r"\[\s*([A-Za-z]\w*)\s*(?::\s*)?")
_GAME_TAG = re.compile(r'\[\s*(?:Game|Event)\s*(?::\s*)?"', re.IGNORECASE)
_TAG_SEAM = re.compile(r'(?<="\])\s*(?=\[\s*[A-Za-z]\w*\s*(?::\s*)?")')
_RESULT_AT_END = re.compile(r"(?:^|\s)(?:1-0|0-1|1/2-1/2|\*)$")
_LONGEST_TAG = 1 << 12


def _tag(line: str) -> tuple[str, str] | None:
    """The name and value of a tag line; quotes inside the value and a missing bracket or quote are forgiven."""
    text = line.strip()
    found = _TAG_HEAD.match(text) if text[:1] == "[" and len(text) <= _LONGEST_TAG else None
    if found is None:
        return None
    rest = text[found.end() :]
    if rest[:1] == '"':
        rest = rest[1:]
        rest = rest[:-1].rstrip() if rest.endswith("]") else rest
        return found[1], rest[:-1] if rest.endswith('"') else rest
    rest = rest[:-1].rstrip() if rest.endswith("]") else rest
    return None if set(rest) & set('"[]') else (found[1], rest)


def split_games(lines: Iterable[str]) -> Iterator[str]:
    """Each game's text, tags and moves together.

    A game ends before a tag that follows moves, before the first of several `[Game` or `[Event` tags wherever it
    stands (a comment never closed spoils one game, not the rest), and after a line that ends in a result. Of a game
    longer than LONGEST the rest is left out.
    """
    game: list[str] = []
    moves = tags = False
    depth = size = 0  # inside a {comment}; characters kept
    whole = True  # whether the line before has ended: long ones come in pieces
    for line in _pieces(lines):
        is_tag = whole and line.lstrip()[:1] == "[" and _tag(line) is not None
        if moves and is_tag and (not depth or _GAME_TAG.match(line.lstrip())):
            yield "".join(game)
            game, moves, tags, depth, size = [], False, False, 0, 0
        if size <= LONGEST:
            game.append(line)
            size += len(line)
        whole = line.endswith("\n")
        if is_tag and not depth:
            tags = True
        elif line.strip():
            moves = True
            if "{" in line or "}" in line:
                depth = _depth_after(line, depth)
            end = line.rstrip()[-9:]
            if end[-1:] in "012*" and not depth and whole and _RESULT_AT_END.search(end):
                yield "".join(game)
                game, moves, tags, size = [], False, False, 0
    if moves or tags:
        yield "".join(game)


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """Lines that end in a newline, very long ones in pieces."""
    for line in iter(partial(lines.readline, PIECE), "") if isinstance(lines, io.TextIOBase) else lines:
        yield line if line.endswith("\n") or len(line) >= PIECE else line + "\n"


def _depth_after(line: str, depth: int) -> int:
    """1 when a brace comment is open at the end of the line, else 0; a rest-of-line comment hides braces."""
    for mark in re.findall(r"[{};]", line):
        if mark == ";" and not depth:
            break
        if mark != ";":
            depth = 1 if mark == "{" else 0
    return depth


# ------------------------------------------------------------------------------------------------ one game's text

_KNOWN = "Game Event Site Date Round Red Black Result FEN RedTeam BlackTeam Opening Variation ECCO Format White"
_NAMES = {name.lower(): name for name in _KNOWN.split()}
_TOKEN = re.compile(
    r"""\{(?P<comment>[^}]*)\}
    | (?P<unclosed>\{)
    | ;(?P<line>[^\n]*)
    | ^%[^\n]*                                                  # an escaped line is no part of the game
    | (?P<open>[(（]) | (?P<close>[)）])
    | (?P<result>(?:1-0|0-1|1/2-1/2)(?![^\s{};()（）])|\*)
    | \$(?P<nag>[0-9]+) | (?P<glyph>[!?！？+\#]+)(?![A-Za-z0-9])  # numeric and typed annotations
    | [0-9０-９]+\s*(?:[.．、。]|…)+                             # move number
    | [0-9]+(?=\s|$|[^\W\d_a-zA-Z])                             # move number without its dot
    | [.．…、，,]+                                               # a missing Red move
    | (?P<chinese>[^\s\W]{2,3}[進进退平上下][一二三四五六七八九1-9１-９])
    | (?P<other>[^\s{}();（）!?！？$]+)""",
    re.VERBOSE | re.MULTILINE,
)
_MOVE_LIKE = re.compile(
    r"""[a-iA-I](?:10|[0-9])-?[a-iA-I](?:10|[0-9])
    | [A-Za-z1-5+.\-][A-Ea-e1-9+.\-][+.=\-][1-9]
    | \w{2,3}[進进退平上下][一二三四五六七八九1-9１-９]""",
    re.VERBOSE,
)
_GLYPHS = {"!": 1, "?": 2, "!!": 3, "??": 4, "!?": 5, "?!": 6}  # as the PGN standard numbers them
_NARROW = str.maketrans("！？", "!?")
_MOST_NAG = 255
_LONGEST_MOVE = 24  # characters; a longer word is no move, and is not to be repeated whole


def parse_sheet(text: str) -> Sheet:
    """Take one game's text apart."""
    headers: dict[str, str] = {}
    body: list[str] = []
    for line in text[:LONGEST].split("\n"):
        if not body and line.lstrip().startswith("["):
            for part in _TAG_SEAM.split(line) if len(line) <= _LONGEST_TAG else [line]:
                if found := _tag(part):
                    _add_header(headers, *found)
                else:
                    body.append(part)
        elif body or line.strip():
            body.append(line)
    if "White" in headers and "Red" not in headers:
        headers["Red"] = headers.pop("White")
    sheet = _scan_moves("\n".join(body), headers)
    if len(text) > LONGEST:
        sheet.fault = f"the game's text is longer than {LONGEST >> 20} million characters"
    return sheet


def _add_header(headers: dict[str, str], name: str, value: str) -> None:
    name = _NAMES.get(name.lower(), name)
    if not headers.get(name):
        headers[name] = re.sub(r'\\(["\\])', r"\1", value) if "\\" in value else value


def _scan_moves(body: str, headers: dict[str, str]) -> Sheet:
    """The tree of move texts; what stands in brackets but is no move stays as a comment."""
    sheet = Sheet(headers, Spoken())
    here, above = sheet.line, list[tuple[Spoken, int]]()  # the line being read; those it stands in, with the bracket
    for found in _TOKEN.finditer(body):
        kind = found.lastgroup
        if kind == "chinese":
            here.tokens.append(found[0])
        elif kind == "other":
            here.tokens.append(found[0][: _LONGEST_MOVE + 2].rstrip("+#"))
        elif kind == "open":
            if len(above) == DEEPEST:
                sheet.fault = f"variations are nested deeper than {DEEPEST}"
                break
            above.append((here, found.end()))
            here = Spoken()
        elif kind == "close" and above:
            parent, start = above.pop()
            _attach(parent, here, body[start : found.start()])
            here = parent
        elif kind == "result" and not above:
            sheet.result = found["result"]
        elif kind == "nag":
            if len(found["nag"]) <= 3 and int(found["nag"]) <= _MOST_NAG:
                here.nag(int(found["nag"]))
        elif kind == "glyph":
            if number := _GLYPHS.get(found["glyph"].translate(_NARROW).strip("+#")):
                here.nag(number)
        elif kind == "unclosed":
            sheet.fault = "a comment is never closed"
            break
        elif kind in ("comment", "line"):
            here.comment(" ".join(found[kind].split()))
    if above and not sheet.fault:
        sheet.fault = "a variation is never closed"
    while above:
        parent, start = above.pop()
        _attach(parent, here, body[start:])
        here = parent
    return sheet


def _attach(parent: Spoken, below: Spoken, text: str) -> None:
    """Hang what stood in brackets on the line around it."""
    if not below.tokens:
        parent.comment(below.comments.get(0, ""))
        parent.variations += [(len(parent.tokens) - 1, line) for _, line in below.variations]
    elif _MOVE_LIKE.fullmatch(below.tokens[0]):
        parent.variations.append((len(parent.tokens) - 1, below))
    else:
        parent.comment("(" + " ".join(text.split()) + ")")


# ------------------------------------------------------------------------------------------------ understanding it


def read_game(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """The record of one game's text; raises BadRecord where the position or a move is no good (see `understand`)."""
    return understand(parse_sheet(text), source, keep_prefix)


def legal_plies(text: str) -> int:
    """How many plies of the first game of a text are legal: the measure of a guessed encoding."""
    sheet = parse_sheet(next(split_games(io.StringIO(text, newline=None)), ""))
    try:
        return len(understand(Sheet(sheet.headers, Spoken(sheet.line.tokens)), keep_prefix=True).moves)
    except BadRecord:
        return 0


def read_games(stream: str | Iterable[str], source: str = "") -> Iterator[GameRecord]:
    """The games of a text or of an open text file, one after the other; raises BadRecord at the first bad one."""
    lines = io.StringIO(stream, newline=None) if isinstance(stream, str) else stream
    for number, text in enumerate(split_games(lines), 1):
        yield read_game(text, f"{source}#{number}" if source else f"game {number}")


# ------------------------------------------------------------------------------------------------ writing

_FORMATS = {
    "iccs": "ICCS", "chinese": "Chinese", "traditional": "Chinese", "wxf": "WXF", "uci": "UCI", "uci10": "UCI10",
}  # fmt: skip
NOTATIONS = tuple(_FORMATS)
_ICCS = [f"{text[:2]}-{text[2:]}" for text in (move.iccs().upper() for move in MOVES)]


def write_game(record: GameRecord, notation: str = "iccs") -> str:
    """The record as PGN text with a blank line at its end; `notation` is one of NOTATIONS.

    Line breaks in comments become spaces, braces round brackets.
    """
    headers = {"Game": "Chinese Chess"}
    headers |= {name: record.headers.get(name, "?") for name in ("Event", "Site", "Date", "Round", "Red", "Black")}
    headers["Result"] = record.result
    headers |= {k: v for k, v in record.headers.items() if k not in headers and k not in ("FEN", "Format")}
    if record.start_fen:
        headers["FEN"] = record.start_fen
    headers["Format"] = _FORMATS[notation]
    tags = "".join(f'[{name} "{_tag_value(value)}"]\n' for name, value in headers.items())
    return f"{tags}\n{_wrap(_words(record, notation))}\n\n"


def _tag_value(value: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", value).replace("\\", "\\\\").replace('"', '\\"')


def _words(record: GameRecord, notation: str) -> list[str]:
    """Move numbers, moves, comments, variations and the result, in order."""
    board = record.start() if record.start_fen or notation != "iccs" else None
    number, black = (board.fullmove, board.turn < 0) if board else (1, False)
    words: list[str] = []
    _add_line(words, record.line, number, black, notation, None if notation == "iccs" else board)
    return [*words, record.result]


def _add_line(words: list[str], line: Line, number: int, black: bool, notation: str, board: Board | None) -> None:
    """The words of a line from move `number` on; `board`, None for ICCS, ends where it began."""
    if 0 in line.comments:
        words.append(_comment(line.comments[0]))
    numbered = False  # whether Black's next move needs its number again
    for ply, move in enumerate(line.moves):
        if not black:
            words.append(f"{number}.")
        elif not ply or numbered:
            words.append(f"{number}...")
        words.append(board.write(move, notation) if board else _ICCS[move.id])
        words += [f"${nag}" for nag in line.nags.get(ply + 1, ())]
        if ply + 1 in line.comments:
            words.append(_comment(line.comments[ply + 1]))
        for below in line.variations.get(ply, ()):
            first = len(words)
            _add_line(words, below, number, black, notation, board)
            words[first] = "(" + words[first]
            words[-1] += ")"
        numbered = ply in line.variations
        if board:
            board.push_unchecked(move)
        number += black
        black = not black
    if board:
        for _ in line.moves:
            board.pop()


def _comment(text: str) -> str:
    return "{" + " ".join(text.replace("{", "(").replace("}", ")").split()) + "}"


def _wrap(words: Iterable[str], width: int = 80) -> str:
    """Words joined into lines; a long comment makes a long line rather than being broken."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines)
