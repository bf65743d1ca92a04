"""The grammar of UCI for xiangqi, as pairs of functions that parse and format the lines of both sides.

Squares are written with ranks from 0 (`h2e2`, Pikafish) or from 1 (`h3e3`, Fairy-Stockfish); `ranks`, 0 or 1, says
which. This module only translates: `server` answers lines, `external` sends them. `option` has the options; `ucci`
holds where UCCI differs.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from ...errors import IllegalMove, InvalidMove, XiangqiError
from ...rules.board import Board
from ...rules.fen import START_FEN
from ...rules.moves import Move
from ...rules.notation import write_uci10
from ...rules.score import Score, WinDrawLoss
from ...rules.squares import RED, Color
from ..player import Clock, Info, Limit, PrincipalVariation
from .option import Option as Option  # part of this grammar
from .option import format_option as format_option
from .option import format_setoption as format_setoption
from .option import parse_option as parse_option
from .option import parse_setoption as parse_setoption

MOST_COUNT = 10**12  # larger numbers of nodes, plies or moves are cut to this
MOST_MILLISECONDS = 10**9  # eleven days: longer waits overflow the clocks of some systems
MOST_REMARKS = 8  # on one line, so that a long line of nonsense does not cause as many replies

# ------------------------------------------------------------------------------------------------ moves, positions


@lru_cache(maxsize=8192)  # a `position` line repeats the whole game before every move
def read_move(text: str, ranks: int = 0) -> Move:
    """Read a move written `h2e2`, `H2-E2`, or with ranks from 1 `h10g8`; raises InvalidMove."""
    found = re.fullmatch(r"([a-i])(10|[0-9])-?([a-i])(10|[0-9])", text.lower())
    if not found:
        raise InvalidMove(f"expected a move as in {'h3e3' if ranks else 'h2e2'}, found {text[:40]!r}")
    squares = []
    for file, rank in ((found[1], found[2]), (found[3], found[4])):
        if not 0 <= int(rank) - ranks <= 9:
            raise InvalidMove(f"{text[:40]!r}: ranks run from {ranks} to {9 + ranks}")
        squares.append((int(rank) - ranks) * 9 + "abcdefghi".index(file))
    try:
        return Move.of(*squares)
    except InvalidMove:
        raise InvalidMove(f"{text[:40]!r}: no piece moves like that") from None


def write_move(move: Move, ranks: int = 0) -> str:
    return write_uci10(move) if ranks else move.iccs()


def _play(board: Board, texts: Sequence[str], ranks: int) -> Board:
    for text in texts:
        move = read_move(text, ranks)
        if not board.is_legal(move):
            raise IllegalMove(f"{text!r} is illegal in {board.fen()}")
        board.push_unchecked(move)
    return board


def parse_position(words: Sequence[str], ranks: int = 0) -> Board:
    """Read `startpos [moves ...]` or `fen F [moves ...]` as a board; raises XiangqiError naming what is wrong.

    If the moves cannot be played with ranks counted from `ranks`, all are read with the other count, provided they are
    legal then; from the start position at most one reading is.
    """
    if not words or (words[0] not in ("startpos", "fen") and "/" not in words[0]):
        raise XiangqiError("position: expected startpos or fen")
    split = words.index("moves") if "moves" in words else len(words)
    if words[0] == "startpos" and split > 1:  # better an error than thinking about the wrong position
        raise XiangqiError(f"position: expected moves after startpos, not {words[1][:40]!r}")
    root = Board(START_FEN if words[0] == "startpos" else " ".join(words[words[0] == "fen" : split]))
    moves = words[split + 1 :]
    try:
        return _play(root.copy(), moves, ranks)
    except (InvalidMove, IllegalMove) as first:
        try:
            return _play(root, moves, 1 - ranks)
        except (InvalidMove, IllegalMove):
            raise first from None


def format_position(board: Board, ranks: int = 0) -> str:
    """Return the `position` line that describes a board with its whole history."""
    start = "startpos" if board.start_fen == START_FEN else f"fen {board.start_fen}"
    moves = " ".join(write_move(move, ranks) for move in board.move_stack)
    return f"position {start}" + (f" moves {moves}" if moves else "")


# ------------------------------------------------------------------------------------------------ go


@dataclass(frozen=True)
class Go:
    """What a `go` line asks for. `remarks` name the words that made no sense and were ignored."""

    limit: Limit
    ponder: bool = False
    draw: bool = False  # UCCI: the opponent offers a draw
    perft: int | None = None
    static: bool = False  # UCCI's depth 0: evaluate the position without searching for a move
    remarks: tuple[str, ...] = ()


def read_number(text: str, least: int, most: int) -> int:
    """Read an integer and clamp it to a range; raises XiangqiError for anything else."""
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise XiangqiError(f"expected a number, found {text[:40]!r}")
    if len(text) > 18:
        return least if text[0] == "-" else most
    return min(max(int(text), least), most)


_TIMES = ("wtime", "btime", "winc", "binc", "movetime")
_COUNTS = ("movestogo", "depth", "nodes", "mate", "perft")


def _split_go(words: Sequence[str]) -> tuple[dict[str, int], set[str], list[str], list[str]]:
    """Return numbers by their word, flags, the moves after `searchmoves`, and remarks on what was ignored."""
    numbers: dict[str, int] = {}
    flags: set[str] = set()
    moves: list[str] = []
    remarks: list[str] = []
    rest = deque(words)
    while rest:
        word = rest.popleft()
        if word in ("infinite", "ponder"):
            flags.add(word)
        elif word == "searchmoves":
            while rest and rest[0] not in (*_TIMES, *_COUNTS, "infinite", "ponder"):
                moves.append(rest.popleft())
        elif word in _TIMES or word in _COUNTS:
            least, most = (0, MOST_MILLISECONDS) if word in _TIMES else (1, MOST_COUNT)
            try:
                numbers[word] = read_number(rest.popleft() if rest else "", least, most)
            except XiangqiError as fault:
                remarks.append(f"go {word}: {fault}")
        else:
            remarks.append(f"go: unknown word {word[:40]!r}")
    return numbers, flags, moves, remarks[:MOST_REMARKS]


def read_root_moves(texts: Sequence[str], board: Board, ranks: int) -> tuple[list[Move], list[str]]:
    """Return the legal moves in a list, each once, and a remark on each of the others, at most MOST_REMARKS.

    All are read with the same count of ranks (see parse_position).
    """
    fen = board.fen()
    for way in (ranks, 1 - ranks):
        moves: dict[Move, None] = {}
        remarks: list[str] = []
        for text in dict.fromkeys(texts):
            with suppress(InvalidMove):
                move = read_move(text, way)
                if board.is_legal(move):
                    moves[move] = None
                    continue
            remarks.append(f"{text[:40]!r} is not a legal move in {fen}")
        if moves:
            break
    return list(moves), remarks[:MOST_REMARKS]


def parse_go(words: Sequence[str], board: Board, ranks: int = 0) -> Go:
    """Read a `go` line's arguments; never fails, because every `go` must be answered.

    `mate N` becomes a search to depth 2N-1, in which such a mate lies. wtime is Red's.
    """
    numbers, flags, texts, remarks = _split_go(words)
    moves, more = read_root_moves(texts, board, ranks)
    seconds = {word: numbers[word] / 1000 for word in _TIMES if word in numbers}
    mine, theirs = ("wtime", "btime") if board.turn is RED else ("btime", "wtime")
    clock = None
    if mine in seconds:
        left = seconds[mine]
        my_increment, their_increment = (seconds.get(f"{word[0]}inc", 0.0) for word in (mine, theirs))
        clock = Clock(left, seconds.get(theirs, left), my_increment, their_increment, numbers.get("movestogo"))
    limit = Limit(
        nodes=numbers.get("nodes"),
        depth=numbers.get("depth", 2 * numbers["mate"] - 1 if "mate" in numbers else None),
        movetime=seconds.get("movetime"),
        clock=clock,
        infinite="infinite" in flags,
        root_moves=tuple(moves) or None,
    )
    return Go(limit, "ponder" in flags, perft=numbers.get("perft"), remarks=(*remarks, *more))


def milliseconds(seconds: float) -> int:
    """Return whole milliseconds, at least 1: an engine must not read that its time is up."""
    return max(1, min(round(1000 * seconds), MOST_MILLISECONDS))


def format_go(limit: Limit, turn: Color, ranks: int = 0) -> str:
    """Return the `go` line of a limit for the side to move."""
    parts = ["go"]
    if limit.infinite:
        parts.append("infinite")
    if clock := limit.clock:
        mine, theirs = ("w", "b") if turn is RED else ("b", "w")
        for side, left, increment in (
            (mine, clock.mine, clock.my_increment),
            (theirs, clock.theirs, clock.their_increment),
        ):
            parts.append(f"{side}time {milliseconds(left)} {side}inc {round(1000 * increment)}")
        if clock.moves_to_go:
            parts.append(f"movestogo {clock.moves_to_go}")
    if limit.nodes is not None:
        parts.append(f"nodes {limit.nodes}")
    if limit.depth is not None:
        parts.append(f"depth {limit.depth}")
    if limit.movetime is not None:
        parts.append(f"movetime {milliseconds(limit.movetime)}")
    if limit.root_moves:
        parts.append("searchmoves " + " ".join(write_move(move, ranks) for move in limit.root_moves))
    return " ".join(parts)


# ------------------------------------------------------------------------------------------------ info


def _per_mille(value: tuple[float, float, float]) -> tuple[int, int, int]:
    """Return win, draw and loss in thousandths that sum to 1000."""
    win, loss = round(1000 * value[0]), round(1000 * value[2])
    return win, max(0, 1000 - win - loss), loss


def format_info(info: Info, ranks: int = 0, wdl: bool = False) -> list[str]:
    """Return the lines that report an `Info`, one for each variation.

    A probability precedes its variation as `info string multipv K MOVE probability P`: other programs show or ignore
    strings, but stumble over unknown words in a variation's line.
    """
    seconds = max(info.seconds, 0.0)
    spent = f"nodes {info.nodes} nps {round(info.nodes / max(seconds, 0.001))} time {round(1000 * seconds)}"
    if not info.variations:
        return [f"info depth {info.depth} {spent}"]
    lines = []
    for k, variation in enumerate(info.variations, 1):
        moves = [write_move(move, ranks) for move in variation.moves]
        parts = [f"info depth {info.depth} multipv {k}"]
        if (score := variation.score) is not None:
            parts.append(f"score cp {score.as_centipawns()}" if score.mate is None else f"score mate {score.mate}")
            if wdl:
                parts.append("wdl {} {} {}".format(*_per_mille(score.as_wdl())))
        if variation.probability is not None and moves:
            lines.append(f"info string multipv {k} {moves[0]} probability {variation.probability:.4f}")
        lines.append(" ".join((*parts, spent, *(("pv", *moves) if moves else ()))))
    return lines


@dataclass(frozen=True)
class ParsedInfo:
    """One `info` line of an engine; what it did not say is None. `number` is the MultiPV rank."""

    number: int = 1
    depth: int | None = None
    nodes: int | None = None
    seconds: float | None = None
    variation: PrincipalVariation | None = None


def _legal_prefix(texts: Sequence[str], board: Board, ranks: int) -> tuple[Move, ...]:
    """Return the moves of a variation up to the first that is unreadable or illegal."""
    board, moves = board.copy(), []
    for text in texts:
        try:
            move = read_move(text, ranks)
        except InvalidMove:
            break
        if not board.is_legal(move):
            break
        moves.append(move)
        board.push_unchecked(move)
    return tuple(moves)


_PROBABILITY = re.compile(r"info (?:string|message) multipv (\d{1,3}) (\S{4,6}) probability (0\.\d+|1\.0+)")
_HEARD = {
    word: re.compile(rf"(?<= ){word} (-?\d{{1,15}})(?= |$)") for word in ("multipv", "depth", "nodes", "time", "mate")
}
_SCORE = re.compile(r"(?<= )score (?:cp )?(-?\d{1,9})(?= |$)")  # UCCI leaves out `cp`
_WDL = re.compile(r"(?<= )wdl (\d{1,4}) (\d{1,4}) (\d{1,4})(?= |$)")


def _read_score(head: str, mate: int | None, side: Color) -> Score | None:
    """Return the score in the part of an `info` line before its `pv`."""
    points, wdl = _SCORE.search(head), None
    if (found := _WDL.search(head)) and (total := sum(map(int, found.groups()))):
        wdl = WinDrawLoss(*(int(share) / total for share in found.groups()))
    if not mate and points is None and wdl is None:
        return None
    return Score(side, int(points[1]) if points else None, mate or None, wdl)


def parse_info(line: str, board: Board, ranks: int = 0) -> ParsedInfo | None:
    """Return what an `info` line says about a board, with variations as far as they are legal; None if nothing."""
    if found := _PROBABILITY.fullmatch(line):
        moves = _legal_prefix([found[2]], board, ranks)
        share = PrincipalVariation(moves, probability=float(found[3]))
        return ParsedInfo(int(found[1]), variation=share) if moves else None
    if line.startswith(("info string", "info message")):
        return None
    head, _, pv = line.partition(" pv ")
    said = {word: int(found[1]) for word, pattern in _HEARD.items() if (found := pattern.search(head))}
    moves = _legal_prefix(pv.split(), board, ranks)
    variation = PrincipalVariation(moves, _read_score(head, said.get("mate"), board.turn)) if moves else None
    seconds = said["time"] / 1000 if "time" in said else None
    return ParsedInfo(max(1, said.get("multipv", 1)), said.get("depth"), said.get("nodes"), seconds, variation)
