"""PGN for Chinese chess: a tolerant reader and a writer.

Format: https://www.xqbase.com/protocol/cchess_pgn.htm. Moves may be Chinese (either script), WXF, ICCS, UCI or
algebraic (see `rules.san`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence

from ...errors import BadRecord, InvalidMove
from ...rules.board import Board
from ...rules.moves import MOVES, Move
from ..game import DEEPEST, GameRecord, Line
from . import prose
from .parsed import ParsedGame, ParsedLine, escape, understand, unescape
from .pgn_games import LONGEST, LONGEST_TAG, TAG_SEAM, split_games, tag_of, tags_and_moves

# ------------------------------------------------------------------------------------------------ one game's text

_KNOWN = "Game Event Site Date Round Red Black Result FEN RedTeam BlackTeam Opening Variation ECCO Format White"
_NAMES = {name.lower(): name for name in _KNOWN.split()}
_TOKEN = re.compile(
    r"""\{(?P<comment>[^}]*)\}
    | (?P<unclosed>\{)
    | ;(?P<line>[^\n]*)
    | ^%[^\n]*                                                  # an escaped line, outside the game
    | (?P<open>[(（]) | (?P<close>[)）])
    | (?P<result>(?:1-0|0-1|1/2-1/2)(?![^\s{};()（）])|\*)
    | (?P<nag>\$[0-9]+ | [!?！？]+ | [±∓∞⩲⩱□] | (?<![^\s(){}（）])(?:\+/?[-=]|[-=]/?\+|=)(?![^\s(){}（）]))
    | [+\#]+(?![A-Za-z0-9])                                    # check and mate
    | [0-9０-９]+\s*(?:[.．、。]|…)+                             # move number
    | [0-9]+(?=\s|$|[^\W\d_a-zA-Z])                             # move number without its dot
    | 第\s*[0-9０-９一二三四五六七八九十百]{1,4}\s*(?:回合|步|手|着)\s*[:：.．、，,]?
    | [.．…、，,。；]+                                           # a missing Red move, or marks between moves
    | (?P<chinese>[^\s\W]{2,3}[進进退平上下][一二三四五六七八九1-9１-９])
    | (?P<other>[^\s{}();（）!?！？$±∓∞⩲⩱□]+)""",
    re.VERBOSE | re.MULTILINE,
)
_GLYPHS = {
    "!": 1, "?": 2, "!!": 3, "??": 4, "!?": 5, "?!": 6, "□": 7, "=": 10, "∞": 13, "⩲": 14, "+=": 14, "+/=": 14,
    "⩱": 15, "=+": 15, "=/+": 15, "±": 16, "+/-": 16, "∓": 17, "-/+": 17, "+-": 18, "-+": 19,
}  # fmt: skip
_LONGEST_MOVE = 24  # characters; a longer word is not a move, and errors do not quote it in full


def parse_game(text: str) -> ParsedGame:
    """Return the parsed text of one game; a tag's value ends with its line."""
    headers: dict[str, str] = {}
    body: list[str] = []
    for line in text[:LONGEST].split("\n"):
        if not body and line.lstrip().startswith("["):
            line, moves = tags_and_moves(line)
            for part in TAG_SEAM.split(line) if len(line) <= LONGEST_TAG else [line]:
                if found := tag_of(part):
                    _add_header(headers, *found)
                else:
                    body.append(part)
            if moves:
                body.append(moves)
        elif body or line.strip():
            body.append(line)
    if "White" in headers and "Red" not in headers:
        headers["Red"] = headers.pop("White")
    game = scan_moves("\n".join(body), headers)
    if len(text) > LONGEST:
        game.fault = f"the game's text is longer than {LONGEST >> 20} million characters"
    return game


def _add_header(headers: dict[str, str], name: str, value: str) -> None:
    name = _NAMES.get(name.lower(), name)
    if not headers.get(name):
        headers[name] = unescape(re.sub(r'\\(["\\])', r"\1", value) if "\\" in value else value)


def scan_moves(body: str, headers: dict[str, str]) -> ParsedGame:
    """Return the parsed move text; words in brackets that are not moves become comments."""
    game = ParsedGame(headers, ParsedLine())
    here, above = game.line, list[tuple[ParsedLine, int]]()  # the line being read; its parents and brackets
    for found in _TOKEN.finditer(body):
        kind = found.lastgroup
        if kind == "chinese":
            here.texts.append(found[0])
        elif kind == "other":
            here.texts.append(found[0][: _LONGEST_MOVE + 2].rstrip("+#"))
        elif kind == "open":
            if len(above) == DEEPEST:
                game.fault = f"variations are nested deeper than {DEEPEST}"
                break
            above.append((here, found.end()))
            here = ParsedLine()
        elif kind == "close" and above:
            parent, start = above.pop()
            _attach(parent, here, body[start : found.start()])
            here = parent
        elif kind == "result" and not above:
            game.result = found["result"]
        elif kind == "unclosed":
            game.fault = "a comment is never closed"
            break
        elif kind in ("comment", "line"):
            here.comment(unescape(" ".join(found[kind].split())))
        elif kind == "nag":
            _annotate(here, found["nag"])
    if above and not game.fault:
        game.fault = "a variation is never closed"
    while above:
        parent, start = above.pop()
        _attach(parent, here, body[start:])
        here = parent
    return game


def _annotate(line: ParsedLine, text: str) -> None:
    """Add a numeric annotation (`$6`) or a glyph to the last move; glyphs without a number are dropped."""
    nag = int(text[1:5]) if text[0] == "$" else _GLYPHS.get(text.replace("！", "!").replace("？", "?")[:3], 0)
    if 0 < nag < 256:
        line.nag(nag)


def _attach(parent: ParsedLine, below: ParsedLine, text: str) -> None:
    """Attach the contents of brackets to the enclosing line."""
    if not below.texts:
        parent.comment(below.comments.get(0, ""))
        parent.variations += [(len(parent.texts) - 1, line) for _, line in below.variations]
    elif prose.is_move(below.texts[0]):
        parent.variations.append((len(parent.texts) - 1, below))
    else:
        parent.comment("(" + " ".join(text.split()) + ")")


# ------------------------------------------------------------------------------------------------ its record


def read_game(text: str, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the record of one game's text; raises BadRecord if the position or a move is invalid (see `understand`).

    Words around the moves are removed only if the text cannot be read with them.
    """
    game = parse_game(text)
    try:
        record = understand(game, source, keep_prefix)
    except BadRecord as fault:
        if not isinstance(fault.__cause__, InvalidMove) or (plain := prose.strip(text)) == text:
            raise
    else:
        if not any(cut.reason == "unreadable move" for cut in record.cuts) or (plain := prose.strip(text)) == text:
            return record
    return understand(parse_game(plain), source, keep_prefix)


def line_of(text: str, ply: int) -> int:
    """Return the line of a game's text, counted from 0, that holds a ply of the main line; for later plies the last."""
    depth = count = 0
    for found in _TOKEN.finditer(text, _end_of_tags(text)):
        if found.lastgroup in ("open", "close"):
            depth = max(0, depth + (1 if found.lastgroup == "open" else -1))
        elif found.lastgroup == "unclosed":
            break
        elif found.lastgroup in ("chinese", "other") and not depth:
            count += 1
            if count == ply:
                return text.count("\n", 0, found.start())
    return text.rstrip().count("\n")


def _end_of_tags(text: str) -> int:
    """Return the offset at which the moves of a game's text begin."""
    at = 0
    for line in text.splitlines(keepends=True):
        if line.strip() and tag_of(line) is None:
            break
        at += len(line)
    return at


def legal_plies(text: str) -> int:
    """Return the number of legal plies in the first game of a text, as a measure of a guessed encoding."""
    game = parse_game(next(split_games(io.StringIO(text, newline=None)), ""))
    try:
        return len(understand(ParsedGame(game.headers, ParsedLine(game.line.texts)), keep_prefix=True).moves)
    except BadRecord:
        return 0


def read_games(stream: str | Iterable[str], source: str = "") -> Iterator[GameRecord]:
    """Yield the games of a text or of an open text file; raises BadRecord at the first invalid one."""
    lines = io.StringIO(stream, newline=None) if isinstance(stream, str) else stream
    games = (text for text in split_games(lines) if text.strip())
    for number, text in enumerate(games, 1):
        yield read_game(text, f"{source}#{number}" if source else f"game {number}")


# ------------------------------------------------------------------------------------------------ writing

_FORMATS = {
    "iccs": "ICCS", "chinese": "Chinese", "traditional": "Chinese", "wxf": "WXF", "wxf2018": "WXF", "uci": "UCI",
    "uci10": "UCI10", "san": "SAN", "san-winboard": "SAN-WinBoard", "san-elephantchess": "SAN-elephantchess",
    "lan": "LAN",
}  # fmt: skip
NOTATIONS = tuple(_FORMATS)
_ICCS = [f"{text[:2]}-{text[2:]}" for text in (move.iccs().upper() for move in MOVES)]


def write_game(record: GameRecord, notation: str = "iccs") -> str:
    """Return the record as PGN text, ending in a blank line; `notation` is one of NOTATIONS.

    Line breaks in comments become spaces, and braces become round brackets.
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
    if value.isprintable() and not ("&" in value or '"' in value or "\\" in value):
        return value  # the usual case: six times as fast as replacing each
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", escape(value)).replace("\\", "\\\\").replace('"', '\\"')


def _words(record: GameRecord, notation: str) -> list[str]:
    """Return move numbers, moves, comments, variations and the result, in order."""
    board = record.start() if record.start_fen or notation != "iccs" else None
    number, black = (board.fullmove, board.turn < 0) if board else (1, False)
    words: list[str] = []
    if notation == "iccs" and not (record.comments or record.variations or record.nags):
        _add_bare_moves(words, record.moves, number, black)
    else:
        _add_line(words, record.line, number, black, notation, None if notation == "iccs" else board)
    return [*words, record.result]


def _add_bare_moves(words: list[str], moves: Sequence[Move], number: int, black: bool) -> None:
    """Add the words of ICCS moves without comments and variations, as in most games: 3x as fast as `_add_line`."""
    texts = [_ICCS[move.id] for move in moves]
    if black and texts:
        words += (f"{number}...", texts[0])
        number += 1
    for ply in range(black, len(texts), 2):
        words.append(f"{number}.")
        words += texts[ply : ply + 2]
        number += 1


def _add_line(words: list[str], line: Line, number: int, black: bool, notation: str, board: Board | None) -> None:
    """Add the words of a line from move `number` on; `board` (None for ICCS) is restored."""
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
    return "{" + " ".join(escape(text).replace("{", "&#123;").replace("}", "&#125;").split()) + "}"


def _wrap(words: Iterable[str], width: int = 80) -> str:
    """Return words joined into lines; long comments are not broken."""
    lines: list[str] = []
    line: list[str] = []
    size = -1  # length of the line so far, including spaces
    for word in words:
        size += 1 + len(word)
        if size > width and line:
            lines.append(" ".join(line))
            line, size = [], len(word)
        line.append(word)
    lines.append(" ".join(line))
    return "\n".join(lines)
