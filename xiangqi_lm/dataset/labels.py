"""Label files: positions with a teacher's best moves and their scores, as text and as arrays to learn from.

Each position is one line of tab-separated fields, everything seen from the side to move:

    placement side   best move   score   win/draw/loss   next move   its score   next move   its score ...

- The position is the first two fields of a FEN (more may follow); moves are ICCS.
- A score is centipawns, or `#n` for a mate in n moves and `#-n` for being mated in n.
- All fields from the fourth on are optional: win/draw/loss in per mille as `412/530/58` (`-` if the teacher gave none),
  then its next best moves, each with its score.
- Empty lines and lines that begin with `#` are skipped. Files ending in .xz, .gz or .bz2 are read without unpacking.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import BadRecord, InvalidFen, InvalidMove
from ..records.formats.sources import DAMAGE, Blob, blobs, words
from ..rules import jit, pieces
from ..rules.board import Board
from ..rules.fen import ALLOWED, parse
from ..rules.moves import HALF_TURN_ID, KEYS, MOVES, Move
from ..rules.score import MATE, MOST_CENTIPAWNS, MOST_MOVES_TO_MATE, win_draw_loss
from ..rules.squares import MIRROR, SQUARES

NO_MOVE = -1  # in Labels.ranked, if the teacher gave fewer moves
_BLOCK = 1 << 20  # bytes read at once
_SPLIT_STREAM = 0x5917  # makes the hash that splits positions independent of those that choose them

# ------------------------------------------------------------------------------------------------ many positions


@dataclass(frozen=True)
class Labels:
    """N positions, each as the side to move sees it, as if it were Red."""

    boards: np.ndarray  # int8 [N, 90]
    moves: np.ndarray  # int64 [N], the best move's id
    scores: np.ndarray  # float32 [N], centipawns; mates +-(MATE - n)
    chances: np.ndarray  # float32 [N, 3], the teacher's win, draw and loss; NaN if not given
    ranked: np.ndarray  # int64 [N, K], its K best moves, best first; NO_MOVE if it gave fewer
    ranked_scores: np.ndarray  # float32 [N, K]; NaN without a move

    def __len__(self) -> int:
        return len(self.moves)

    def take(self, rows: np.ndarray) -> Labels:
        """Return some of the positions: `rows` are indices, or bool [N]."""
        return Labels(*(getattr(self, field.name)[rows] for field in fields(self)))

    def values(self) -> np.ndarray:
        """Return win, draw and loss, float32 [N, 3], as the teacher gave them, else computed from the score."""
        return np.where(np.isnan(self.chances), win_draw_loss(self.scores), self.chances).astype(np.float32)

    def keys(self) -> np.ndarray:
        """Return a key for each position, the same for its mirror image and its half turn: uint64 [N]."""
        return position_keys(self.boards)

    def split(self, validation: float, seed: int = 0) -> tuple[Labels, Labels]:
        """Split into training and validation, which gets about that share of the positions.

        A position, its mirror image, its half turn and their repetitions in the file are always on the same side. The
        hash is independent of that of `data label --limit`, so a sample is split like all positions.
        """
        held_out = stirred(self.keys(), _SPLIT_STREAM + seed) < np.uint64(int(validation * (1 << 53)) << 11)
        return self.take(~held_out), self.take(held_out)


# ------------------------------------------------------------------------------------------------ keys

_KEYS = np.array(KEYS, dtype=np.uint64).ravel()  # [15 * 90]


def position_keys(boards: np.ndarray) -> np.ndarray:
    """Return a key for each position, int8 [N, 90] as the side to move sees it, the same for mirror images: uint64 [N].

    The half turn of a position looks the same to the side to move.
    """
    parts = (boards[i : i + (1 << 14)] for i in range(0, len(boards), 1 << 14))  # intermediate arrays are 10x as large
    found = [np.minimum(_hash(part), _hash(part[:, MIRROR])) for part in parts]
    return np.concatenate([np.empty(0, np.uint64), *found])


def keys_of(positions: Sequence[str]) -> np.ndarray:
    """Return `position_keys` of valid positions given as text (placement and side): uint64 [N]."""
    pairs = [position.encode().split()[:2] for position in positions]
    return position_keys(_boards([placement for placement, _ in pairs], [_SIDES[side] for _, side in pairs])[0])


def _hash(boards: np.ndarray) -> np.ndarray:
    return np.bitwise_xor.reduce(_KEYS[(boards.astype(np.int32) + 7) * SQUARES + np.arange(SQUARES)], axis=1)


def stirred(keys: np.ndarray, seed: int) -> np.ndarray:
    """Return uniformly distributed hashes of keys and a seed (the finaliser of SplitMix64): uint64 [N]."""
    z = keys + np.uint64((seed * 0x9E3779B97F4A7C15) % (1 << 64))
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


# ------------------------------------------------------------------------------------------------ reading


def read(paths: Path | Sequence[Path]) -> Labels:
    """Read all labels of files, folders and archives; raises InvalidFen or BadRecord naming file and line.

    Every position and every move is checked by the rules, at about 90,000 lines a second.
    """
    parts = [_parse(lines, source) for lines, source in _blocks([paths] if isinstance(paths, Path) else paths)]
    width = max((part.ranked.shape[1] for part in parts), default=1)
    empty = _packed([], np.empty((0, SQUARES), np.int8), width)
    columns = zip(*(_widened(part, width) for part in [empty, *parts]), strict=True)
    return Labels(*(np.concatenate(column) for column in columns))


def of_lines(lines: Sequence[str], source: str) -> Labels:
    """Return the labels in lines of text; raises InvalidFen or BadRecord naming `source` and the line."""
    numbered = [(i + 1, line.encode()) for i, line in enumerate(lines) if line and line[:1] != "#"]
    return _parse(numbered, source) if numbered else _packed([], np.empty((0, SQUARES), np.int8), 1)


def _widened(part: Labels, width: int) -> tuple[np.ndarray, ...]:
    """Return the arrays of a part with room for `width` ranked moves."""
    more = ((0, 0), (0, width - part.ranked.shape[1]))
    ranked = np.pad(part.ranked, more, constant_values=NO_MOVE)
    ranked_scores = np.pad(part.ranked_scores, more, constant_values=np.nan)
    return part.boards, part.moves, part.scores, part.chances, ranked, ranked_scores


def _blocks(paths: Sequence[Path]) -> Iterator[tuple[list[tuple[int, bytes]], str]]:
    """Yield numbered lines with labels, many at once, and the name of their file."""
    for path in paths:
        for blob in blobs(path):
            if blob.data is None:
                raise BadRecord(blob.fault, source=blob.name)
            number = 1
            for block in _chunks(blob):
                lines = [line.rstrip() for line in block.split(b"\n")]
                found = [(number + i, line) for i, line in enumerate(lines) if line and line[:1] != b"#"]
                number += len(lines)
                if found:
                    yield found, blob.name


def _chunks(blob: Blob) -> Iterator[bytes]:
    """Yield the bytes of a file in chunks of whole lines, each without its last line end."""
    left, more = b"", blob.data
    while more:
        whole, end, rest = (left + more).rpartition(b"\n")
        if end:
            yield whole
        left = rest
        try:
            more = blob.rest.read(_BLOCK) if blob.rest else b""
        except DAMAGE as fault:
            raise BadRecord(words(fault), source=blob.name) from fault
    if left:
        yield left


class _Wrong(ValueError):
    """What is wrong with a line; the code that catches it adds the place."""


_IDS = {move.iccs().encode(): move.id for move in MOVES}
_SIDES = {b"w": 1, b"r": 1, b"b": -1}


def _parse(lines: list[tuple[int, bytes]], source: str) -> Labels:
    """Parse many lines at once: texts by dictionaries, boards by numpy, rules by kernels; reparse faulty lines."""
    rows, placements = [], []
    for number, line in lines:
        try:
            placement, row = _row(line)
        except _Wrong as fault:
            raise BadRecord(str(fault), source=f"{source}: line {number}") from None
        except InvalidFen as fault:
            raise InvalidFen(f"{source}: line {number}: {fault}") from None
        placements.append(placement)
        rows.append(row)
    boards, fine = _boards(placements, [row.side for row in rows])
    black = np.array([row.side for row in rows]) < 0
    labels = _packed(rows, boards, max(len(row.ids) for row in rows))
    turned = labels.ranked[black]
    labels.ranked[black] = np.where(turned == NO_MOVE, NO_MOVE, HALF_TURN_ID[turned])
    labels.moves[:] = labels.ranked[:, 0]
    _check_rules(labels, fine)
    if not fine.all():
        number, line = lines[int(fine.argmin())]
        raise _fault(line, f"{source}: line {number}")
    return labels


class _Row(NamedTuple):
    """A line's fields, with moves and scores as on its board."""

    side: int
    ids: list[int]
    scores: list[float]
    chances: tuple[float, ...] | None


def _row(line: bytes) -> tuple[bytes, _Row]:
    """Return a line's placement and its other fields."""
    position, *rest = line.split(b"\t")
    fen = position.split()
    if len(fen) < 2 or fen[1] not in _SIDES:
        raise _Wrong(f"{_shown(position)} is not a position: expected the placement and the side of a FEN")
    if len(fen) > 2:
        parse(position.decode("utf-8", errors="replace"))  # for its errors about the other fields
    if len(rest) < 2 or (len(rest) > 3 and len(rest) % 2 == 0):
        raise _Wrong(f"{len(rest) + 1} fields: expected position, move and score, then chances and more moves in pairs")
    pairs = rest if len(rest) == 2 else rest[:2] + rest[3:]
    ids = [_IDS.get(text, NO_MOVE) for text in pairs[::2]]
    if NO_MOVE in ids:
        raise _Wrong(f"{_shown(pairs[2 * ids.index(NO_MOVE)])} is not a move: expected ICCS as in h2e2")
    scores = [_score(text) for text in pairs[1::2]]
    chances = _chances(rest[2]) if len(rest) > 2 else None
    return fen[0], _Row(_SIDES[fen[1]], ids, scores, chances)


def _shown(text: bytes) -> str:
    return repr(text.decode("utf-8", errors="replace")[:80])


@lru_cache(maxsize=1 << 13)
def _score(text: bytes) -> float:
    """Return the centipawns of `35`, `#3` or `#-3`."""
    if found := re.fullmatch(rb"(#?)([+-]?[0-9]{1,6})", text):
        number = int(found[2])
        if not found[1] and abs(number) <= MOST_CENTIPAWNS:
            return float(number)
        if found[1] and 0 < abs(number) <= MOST_MOVES_TO_MATE:
            return MATE - number if number > 0 else -MATE - number
    raise _Wrong(f"{_shown(text)} is not a score: expected centipawns up to {MOST_CENTIPAWNS} as in -35, or #3 or #-3")


def _chances(text: bytes) -> tuple[float, ...] | None:
    if text == b"-":
        return None
    parts = [int(part) for part in text.split(b"/")] if re.fullmatch(rb"[0-9]{1,4}(/[0-9]{1,4}){2}", text) else []
    if not 995 <= sum(parts) <= 1005:  # engines round their values
        raise _Wrong(f"{_shown(text)}: expected win, draw and loss in per mille as in 412/530/58, or -")
    return tuple(part / sum(parts) for part in parts)


def _packed(rows: list[_Row], boards: np.ndarray, width: int) -> Labels:
    """Return rows as arrays, with moves as on their boards."""
    ranked = np.array([row.ids + [NO_MOVE] * (width - len(row.ids)) for row in rows], np.int64).reshape(-1, width)
    nothing = [np.nan] * width
    scores = np.array([row.scores + nothing[len(row.scores) :] for row in rows], np.float32).reshape(-1, width)
    chances = np.array([row.chances or nothing[:1] * 3 for row in rows], np.float32).reshape(-1, 3)
    return Labels(boards, ranked[:, 0].copy(), scores[:, 0].copy(), chances, ranked, scores)


# ------------------------------------------------------------------------------------------------ boards

_PIECE, _WIDTH = np.zeros(256, np.int8), np.full(256, 99, np.uint8)  # of a character; 99: not valid in a placement
for _letter in "kabnrcpehKABNRCPEH":
    _PIECE[ord(_letter)], _WIDTH[ord(_letter)] = pieces.from_letter(_letter), 1
_WIDTH[[*b"123456789"]], _WIDTH[ord("/")] = range(1, 10), 0
_ALLOWED = np.ones((15, SQUARES), np.bool_)  # [piece + 7, square]
for _piece, _squares in ALLOWED.items():
    _ALLOWED[_piece + 7] = [sq in _squares for sq in range(SQUARES)]


def _boards(placements: list[bytes], sides: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return positions as the side to move sees them, int8 [N, 90], and whether each FEN is valid: bool [N]."""
    if not placements:
        return np.empty((0, SQUARES), np.int8), np.empty(0, np.bool_)
    text = np.frombuffer(b"".join(placements), np.uint8)
    lengths = np.array([len(placement) for placement in placements])
    row = np.repeat(np.arange(len(placements)), lengths)  # the row of each character
    ends = np.cumsum(lengths)
    width = np.concatenate(([0], np.cumsum(_WIDTH[text], dtype=np.int64)))
    at = width[:-1] - width[ends - lengths][row]  # squares before it: 0 is a9, 89 is i0
    fine = width[ends] - width[ends - lengths] == SQUARES
    slash = np.flatnonzero(text == ord("/"))
    count = np.bincount(row[slash], minlength=len(placements))
    nth = np.arange(len(slash)) - (np.cumsum(count) - count)[row[slash]]
    fine &= count == 9
    fine[row[slash[at[slash] != 9 * (nth + 1)]]] = False
    boards = np.zeros((len(placements), SQUARES), np.int8)
    occupied = np.flatnonzero((_PIECE[text] != 0) & fine[row])
    boards[row[occupied], (9 - at[occupied] // 9) * 9 + at[occupied] % 9] = _PIECE[text[occupied]]
    fine &= _ALLOWED[boards.astype(np.intp) + 7, np.arange(SQUARES)].all(1)
    for kind, most in pieces.MOST.items():
        for piece in (kind, -kind):
            count = (boards == piece).sum(1)
            fine &= (count <= most) & ((count == 1) | (kind != pieces.KING))
    black = np.array(sides) < 0
    boards[black] = -boards[black, ::-1]
    return boards, fine


def _check_rules(labels: Labels, fine: np.ndarray) -> None:
    """Clear `fine` (bool [N]) where a move is illegal or the side not to move is in check."""
    in_check, is_legal = jit.kernels().in_check, jit.kernels().is_legal
    ranked = labels.ranked.tolist()
    for i in np.flatnonzero(fine).tolist():
        board = labels.boards[i]
        legal = all(is_legal(board, 1, move) for move in ranked[i] if move != NO_MOVE)
        fine[i] = legal and not in_check(board, -1)


def _fault(line: bytes, place: str) -> InvalidFen | BadRecord:
    """Return the error for a line that violates the rules."""
    position, *rest = line.decode("utf-8", errors="replace").split("\t")
    try:
        board = Board(position)
        for text in rest[:1] + rest[3::2]:
            board.push(Move.from_iccs(text))
            board.pop()
    except InvalidFen as fault:
        return InvalidFen(f"{place}: {fault}")
    except (InvalidMove, ValueError) as fault:
        return BadRecord(str(fault), source=place)
    raise AssertionError(line)
