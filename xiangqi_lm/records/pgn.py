"""PGN for Chinese chess: a reader for what is in the wild, a writer for what others can read.

Format: https://www.xqbase.com/protocol/cchess_pgn.htm. Moves may be Chinese (simplified, traditional), ICCS or WXF.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..errors import AmbiguousMove, BadRecord, IllegalMove, InvalidFen, InvalidMove, XiangqiError
from ..rules.board import Board
from ..rules.fen import START_FEN
from ..rules.moves import MOVES, Move
from .game import RESULTS, GameRecord, legal_prefix

# ------------------------------------------------------------------------------------------------ games in a text

_GAME_TAG = re.compile(r'\s*\[\s*(?:Game|Event)\s*:?\s+"', re.IGNORECASE)
_TAG = re.compile(r'\s*\[\s*([A-Za-z]\w*)\s*:?\s*(?:"(.*?)"?|([^"\[\]]*))\s*\]?\s*$')
_TAG_SEAM = re.compile(r'(?<="\])\s*(?=\[\s*[A-Za-z]\w*\s*:?\s*")')
_RESULT_AT_END = re.compile(r"(?:^|\s)(?:1-0|0-1|1/2-1/2|\*)\s*$")


def split_games(lines: Iterable[str]) -> Iterator[str]:
    """Each game's text, tags and moves together.

    A game ends before a tag that follows moves, before the first of several `[Game` or `[Event` tags wherever it
    stands (a comment never closed spoils one game, not the rest), and after a line that ends in a result.
    """
    game: list[str] = []
    moves = tags = False
    depth = 0  # inside a {comment}
    for line in lines:
        is_tag = bool(line.lstrip()[:1] == "[" and _TAG.match(line))
        if (is_tag and moves and not depth) or (moves and _GAME_TAG.match(line)):
            yield "".join(game)
            game, moves, tags, depth = [], False, False, 0
        game.append(line if line.endswith("\n") else line + "\n")
        if is_tag and not depth:
            tags = True
        elif line.strip():
            moves = True
            depth = _depth_after(line, depth)
            if not depth and _RESULT_AT_END.search(line):
                yield "".join(game)
                game, moves, tags = [], False, False
    if moves or tags:
        yield "".join(game)


def _depth_after(line: str, depth: int) -> int:
    """1 when a brace comment is open at the end of the line, else 0; a rest-of-line comment hides braces."""
    if "{" not in line and "}" not in line:
        return depth
    for mark in re.findall(r"[{};]", line):
        if mark == ";" and not depth:
            break
        if mark != ";":
            depth = 1 if mark == "{" else 0
    return depth


# ------------------------------------------------------------------------------------------------ one game's text


@dataclass(frozen=True)
class Sheet:
    """One game's text taken apart, moves not yet understood; `result` is that of the move text, if any."""

    headers: dict[str, str]
    tokens: list[str]
    comments: dict[int, str] = field(default_factory=dict)
    result: str | None = None


_KNOWN = "Game Event Site Date Round Red Black Result FEN RedTeam BlackTeam Opening Variation ECCO Format White"
_NAMES = {name.lower(): name for name in _KNOWN.split()}
_TOKEN = re.compile(
    r"""\{(?P<comment>[^}]*)\}
    | (?P<unclosed>\{)
    | ;(?P<line>[^\n]*)
    | ^%[^\n]*                                                  # an escaped line is no part of the game
    | (?P<open>[(（]) | (?P<close>[)）])
    | (?P<result>(?:1-0|0-1|1/2-1/2)(?![^\s{};()（）])|\*)
    | \$[0-9]+ | [!?！？+\#]+(?![A-Za-z0-9])                    # numeric and typed annotations
    | [0-9０-９]+\s*(?:[.．、。]|…)+                             # move number
    | [0-9]+(?=\s|$|[^\W\d_a-zA-Z])                             # move number without its dot
    | [.．…、，,]+                                               # a missing Red move
    | (?P<chinese>[^\s\W]{2,3}[進进退平上下][一二三四五六七八九1-9１-９])
    | (?P<other>[^\s{}();（）!?！？$]+)""",
    re.VERBOSE | re.MULTILINE,
)
_RESULT_WORDS = {
    "红胜": "1-0", "紅勝": "1-0", "红先胜": "1-0", "紅先勝": "1-0", "黑胜": "0-1", "黑勝": "0-1", "红先负": "0-1",
    "紅先負": "0-1", "和": "1/2-1/2", "和棋": "1/2-1/2", "红先和": "1/2-1/2", "紅先和": "1/2-1/2", "1/2": "1/2-1/2",
}  # fmt: skip


def parse_sheet(text: str, source: str = "") -> Sheet:
    """Take one game's text apart: variations are skipped, comments kept by ply; raises BadRecord."""
    headers: dict[str, str] = {}
    body: list[str] = []
    for line in text.split("\n"):
        if not body and line.lstrip().startswith("["):
            for part in _TAG_SEAM.split(line):
                if found := _TAG.match(part):
                    _add_header(headers, found)
                else:
                    body.append(part)
        elif body or line.strip():
            body.append(line)
    if "White" in headers and "Red" not in headers:
        headers["Red"] = headers.pop("White")
    return _scan_moves("\n".join(body), headers, source)


def _add_header(headers: dict[str, str], found: re.Match[str]) -> None:
    name = _NAMES.get(found[1].lower(), found[1])
    value = re.sub(r'\\(["\\])', r"\1", found[2] if found[2] is not None else found[3])
    if not headers.get(name):
        headers[name] = value


def _scan_moves(body: str, headers: dict[str, str], source: str) -> Sheet:
    tokens: list[str] = []
    comments: dict[int, str] = {}
    result = None
    depth = 0
    for found in _TOKEN.finditer(body):
        kind = found.lastgroup
        if kind is None:
            continue
        if kind == "unclosed":
            raise BadRecord("a comment is never closed", source=source, ply=len(tokens))
        if kind in ("open", "close"):
            depth = max(0, depth + (1 if kind == "open" else -1))
        elif depth:
            continue
        elif kind == "result":
            result = found["result"]
        elif kind in ("chinese", "other"):
            tokens.append(found[0].rstrip("+#"))
        elif note := " ".join(found[kind].split()):
            at = len(tokens)
            comments[at] = f"{comments[at]} {note}" if at in comments else note
    if depth:
        raise BadRecord("a variation is never closed", source=source, ply=len(tokens))
    return Sheet(headers, tokens, comments, result)


def _result(sheet: Sheet) -> str:
    """The tag's result, or that of the move text where the tag is silent."""
    tag = sheet.headers.get("Result", "").strip()
    tag = _RESULT_WORDS.get(tag, tag)
    if tag in RESULTS and tag != "*":
        return tag
    return sheet.result or "*"


# ------------------------------------------------------------------------------------------------ understanding it

_START = START_FEN.split()[:2]
_ICCS = {move.iccs(): move for move in MOVES}
_ICCS |= {text.upper(): move for text, move in _ICCS.items()} | {
    f"{text[:2]}-{text[2:]}".upper(): move for text, move in _ICCS.items()
}


def read_game(text: str, source: str = "") -> GameRecord:
    """The record of one game's text; raises BadRecord where the position or a move is no good."""
    sheet = parse_sheet(text, source)
    board = start_board(sheet.headers.get("FEN", ""), source)
    headers = {k: v for k, v in sheet.headers.items() if k not in ("Game", "FEN", "Format", "Result")}
    start_fen = start_fen_of(board)
    moves = read_moves(board, sheet.tokens, source)
    return GameRecord(headers, start_fen, moves, _result(sheet), sheet.comments, source)


def read_moves(board: Board, tokens: list[str], source: str) -> tuple[Move, ...]:
    """The moves that the tokens mean; raises BadRecord at the first that is none."""
    spelled = [_ICCS.get(token) for token in tokens]
    if None not in spelled:  # replayed in one call: 20 times faster than move by move
        moves = tuple(move for move in spelled if move)
        if legal_prefix(board, moves) == len(moves):
            return moves
    try:
        for token in tokens:
            board.push_text(token)
    except (InvalidMove, IllegalMove, AmbiguousMove) as fault:
        raise BadRecord(str(fault), source=source, ply=board.ply + 1) from fault
    return tuple(board.move_stack)


def legal_plies(text: str) -> int:
    """How many plies of the first game of a text are legal: the measure of a guessed encoding."""
    board = Board()
    try:
        sheet = parse_sheet(next(split_games(io.StringIO(text, newline=None)), ""))
        board = start_board(sheet.headers.get("FEN", ""))
        for token in sheet.tokens:
            board.push_text(token)
    except XiangqiError:
        pass
    return board.ply


def start_board(fen: str, source: str = "") -> Board:
    """The board of a FEN tag's value, "" for the start position; raises BadRecord."""
    if not fen or fen.split()[:2] == _START:
        return Board()
    try:
        return Board(fen)
    except InvalidFen as fault:
        raise BadRecord(str(fault), source=source) from fault


def start_fen_of(board: Board) -> str | None:
    """The board's first position as a record keeps it: None for the start position, whatever its clocks."""
    return None if board.start_fen.split()[:2] == _START else board.start_fen


def read_games(stream: str | Iterable[str], source: str = "") -> Iterator[GameRecord]:
    """The games of a text or of an open text file, one after the other; raises BadRecord at the first bad one."""
    lines = io.StringIO(stream, newline=None) if isinstance(stream, str) else stream
    for number, text in enumerate(split_games(lines), 1):
        yield read_game(text, f"{source}#{number}" if source else f"game {number}")


# ------------------------------------------------------------------------------------------------ writing


def write_game(record: GameRecord, notation: str = "iccs") -> str:
    """The record as PGN text with a blank line at its end; `notation` is "iccs" or "chinese"."""
    headers = {"Game": "Chinese Chess"}
    headers |= {name: record.headers.get(name, "?") for name in ("Event", "Site", "Date", "Round", "Red", "Black")}
    headers["Result"] = record.result
    headers |= {k: v for k, v in record.headers.items() if k not in headers and k not in ("FEN", "Format")}
    if record.start_fen:
        headers["FEN"] = record.start_fen
    headers["Format"] = {"iccs": "ICCS", "chinese": "Chinese"}[notation]
    tags = "".join(f'[{name} "{_tag_value(value)}"]\n' for name, value in headers.items())
    return f"{tags}\n{_wrap(_words(record, notation))}\n\n"


def _tag_value(value: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", value).replace("\\", "\\\\").replace('"', '\\"')


def _words(record: GameRecord, notation: str) -> Iterator[str]:
    """Move numbers, moves, comments and the result, in order."""
    number, black = 1, False
    if record.start_fen:
        start = record.start()
        number, black = start.fullmove, start.turn < 0
    texts = _iccs_texts(record) if notation == "iccs" else _chinese_texts(record)
    if 0 in record.comments:
        yield _comment(record.comments[0])
    for ply, text in enumerate(texts, 1):
        if not black:
            yield f"{number}."
        elif ply == 1:
            yield f"{number}..."
        yield text
        if ply in record.comments:
            yield _comment(record.comments[ply])
        number += black
        black = not black
    yield record.result


def _iccs_texts(record: GameRecord) -> Iterator[str]:
    for move in record.moves:
        text = move.iccs().upper()
        yield f"{text[:2]}-{text[2:]}"


def _chinese_texts(record: GameRecord) -> Iterator[str]:
    for board, move in record.replay():
        yield board.chinese(move)


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
