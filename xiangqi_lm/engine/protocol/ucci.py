"""The grammar of UCCI 3.0 (xqbase.com) where it differs from UCI, as pairs of functions that parse and format.

Ranks are counted from 0. Moves, positions and the contents of `info` lines are read by `uci`.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from ...errors import XiangqiError
from ...rules.board import Board
from ...rules.fen import Position
from ...rules.fen import write as write_fen
from ...rules.moves import MOVES
from ...rules.score import Score
from ...rules.squares import BLACK, Color
from ..player import Clock, Info, Limit
from . import uci
from .uci import MOST_COUNT, MOST_MILLISECONDS, MOST_REMARKS, Go, Option, milliseconds, read_number

MATE = 10_000  # the score of a mate on the board; a mate in n plies scores n less
MOST_PLIES_TO_MATE = 100  # lower scores are evaluations

# ------------------------------------------------------------------------------------------------ positions


def format_position(board: Board) -> str:
    """Return the `position` line: the position after the last capture and the moves since, which is what can repeat."""
    squares, turn, ids = board.since_capture()
    before = board.halfmove - len(ids)  # plies without a capture already counted in the starting FEN
    played = board.ply - len(ids)
    black_began = (turn is BLACK) == (played % 2 == 0)
    fullmove = board.fullmove_start + (played + black_began) // 2
    fen = write_fen(Position(array("b", squares.tobytes()), turn, before, fullmove))
    moves = " ".join(MOVES[i].iccs() for i in ids.tolist())
    return f"position fen {fen}" + (f" moves {moves}" if moves else "")


# ------------------------------------------------------------------------------------------------ go

_NUMBERS = ("depth", "nodes", "time", "movestogo", "increment", "opptime", "oppmovestogo", "oppincrement")


def _split_go(words: Sequence[str]) -> tuple[dict[str, int], set[str], list[str]]:
    """Return numbers by their word, flags, and remarks on what was ignored."""
    numbers: dict[str, int] = {}
    flags: set[str] = set()
    remarks: list[str] = []
    rest = deque(words)
    while rest:
        word = rest.popleft()
        if word in ("infinite", "ponder", "draw"):
            flags.add(word)
        elif word == "depth" and rest and rest[0] == "infinite":
            pass  # `depth infinite`: the next word is the flag
        elif word in _NUMBERS:
            try:
                numbers[word] = read_number(rest.popleft() if rest else "", 0, MOST_COUNT)
            except XiangqiError as fault:
                remarks.append(f"go {word}: {fault}")
        else:
            remarks.append(f"go: unknown word {word[:40]!r}")
    return numbers, flags, remarks[:MOST_REMARKS]


def parse_go(words: Sequence[str], unit: float = 1.0) -> Go:
    """Read a `go` line's arguments; never fails, because every `go` must be answered. `unit` is the unit of times in
    seconds.
    """
    numbers, flags, remarks = _split_go(words)

    def seconds(word: str) -> float:
        return min(numbers.get(word, 0) * unit, MOST_MILLISECONDS / 1000)

    clock = None
    if "time" in numbers:
        theirs = seconds("opptime" if "opptime" in numbers else "time")
        left = numbers.get("movestogo") or None
        clock = Clock(seconds("time"), theirs, seconds("increment"), seconds("oppincrement"), left)
    depth = numbers.get("depth")
    limit = Limit(
        nodes=max(1, numbers["nodes"]) if "nodes" in numbers else None,
        depth=max(1, depth) if depth is not None else None,
        clock=clock,
        infinite="infinite" in flags,
    )
    return Go(limit, "ponder" in flags, "draw" in flags, static=depth == 0, remarks=tuple(remarks))


def format_go(limit: Limit, unit: float = 1.0) -> str:
    """Return the `go` line of a limit: UCCI has one kind at a time, and a time per move is a control of one move."""
    return ("go draw " if limit.draw_offered else "go ") + _mode(limit, unit)


def _mode(limit: Limit, unit: float) -> str:
    if limit.nodes is not None:
        return f"nodes {limit.nodes}"
    if limit.depth is not None:
        return f"depth {limit.depth}"

    def time(seconds: float) -> int:
        return milliseconds(seconds) if unit == 0.001 else max(1, round(seconds / unit))

    if limit.movetime is not None:
        return f"time {time(limit.movetime)} movestogo 1"
    if clock := limit.clock:
        mine = (
            f"movestogo {clock.moves_to_go}" if clock.moves_to_go else f"increment {round(clock.my_increment / unit)}"
        )
        theirs = f"oppincrement {round(clock.their_increment / unit)}"
        return f"time {time(clock.mine)} {mine} opptime {time(clock.theirs)} {theirs}"
    return "depth infinite"


# ------------------------------------------------------------------------------------------------ options, info


def format_option(option: Option) -> str:
    """Return an option's line: like UCI's, but without the word `name` and with the bounds before the default."""
    parts = [f"option {option.name} type {option.type}"]
    if option.least is not None and option.most is not None:
        parts.append(f"min {option.least} max {option.most}")
    parts += [f"var {choice}" for choice in option.choices]
    if option.type != "button":
        parts.append(f"default {option.default}")
    return " ".join(parts).strip()


def parse_setoption(words: Sequence[str]) -> tuple[str, str]:
    """Return name and value of `N [V]`; UCI's form is accepted as well. Raises XiangqiError."""
    if not words:
        raise XiangqiError("setoption: expected <name> [value]")
    if words[0] == "name" and len(words) > 1:
        words = [words[1], *(words[3:] if words[2:3] == ["value"] else words[2:])]
    return words[0], " ".join(words[1:])


def format_setoption(name: str, value: str) -> str:
    return f"setoption {name} {value}".strip()


def write_score(score: Score) -> int:
    """Return a score as UCCI's single number, which includes mates."""
    if score.mate is None:
        return score.as_centipawns()
    return MATE - 2 * score.mate + 1 if score.mate > 0 else -MATE - 2 * score.mate


def read_score(points: int, side: Color) -> Score:
    """Return the score that a number written by `write_score` stands for."""
    plies = MATE - abs(points)
    if not 0 <= plies < MOST_PLIES_TO_MATE:
        return Score(side, points)
    moves = max(1, (plies + 1) // 2)
    return Score(side, mate=moves if points > 0 else -moves)


def format_info(info: Info) -> list[str]:
    """Return the lines that report an `Info`; several variations are numbered as in UCI.

    A probability precedes its variation as `info message multipv K MOVE probability P`.
    """
    lines = [f"info time {round(1000 * max(info.seconds, 0.0))} nodes {info.nodes}"]
    for k, variation in enumerate(info.variations, 1):
        moves = [move.iccs() for move in variation.moves]
        if variation.probability is not None and moves:
            lines.append(f"info message multipv {k} {moves[0]} probability {variation.probability:.4f}")
        parts = [f"info depth {info.depth}", *([f"multipv {k}"] if len(info.variations) > 1 else [])]
        if variation.score is not None:
            parts.append(f"score {write_score(variation.score)}")
        lines.append(" ".join((*parts, "pv", *moves)))
    return lines


def parse_info(line: str, board: Board) -> uci.ParsedInfo | None:
    """Return what an `info` line says about a board, like `uci.parse_info`; scores near `MATE` are mates."""
    heard = uci.parse_info(line, board)
    said = heard.variation.score if heard and heard.variation else None
    if heard is None or heard.variation is None or said is None or said.centipawns is None or said.mate is not None:
        return heard
    score = replace(read_score(said.centipawns, said.side), wdl=said.wdl)
    return replace(heard, variation=replace(heard.variation, score=score))
