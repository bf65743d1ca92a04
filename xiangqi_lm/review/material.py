"""What lines of moves win and lose: captures, exchanges, and the capture that decides; values are in pawns."""

from __future__ import annotations

from ..rules import pieces
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.squares import Color
from .motifs import played, settled, worth

LONGEST = 16  # plies of a line that are searched for material
FARTHEST = ((1, 5), (3, 7), (100, 9))  # the cost in pawns, and the last ply at which such a loss is named
EXCHANGED = 3  # a piece is exchanged rather than lost if the exchange wins less than this part of its value


def captures(board: Board, line: tuple[Move, ...], side: Color) -> list[int]:
    """Return the value of what each ply of a line captures, in pawns: positive for `side`, negative against it."""
    board = board.copy()
    found = []
    for move in line:
        taken = board.piece_at(move.to_square)
        found.append((worth(taken) if board.turn is side else -worth(taken)) if taken else 0)
        board.push(move)
    return found


def taken_from(board: Board, line: tuple[Move, ...]) -> list[int | None]:
    """Return the square, at the start of a line, of the piece that each ply captures, or None without a capture."""
    stood = {square: square for square in board.piece_map()}
    found = []
    for move in line:
        found.append(stood.get(move.to_square))
        stood[move.to_square] = stood.pop(move.from_square)
    return found


def balance_at_end(board: Board, line: tuple[Move, ...], side: Color) -> int:
    """Return what a side wins in a line, with the captures that are left at its end."""
    total = sum(captures(board, line, side))
    end = played(board, line)
    return total + (settled(end) if end.turn is side else -settled(end))


def exchanges_of(taken: list[int]) -> list[tuple[int, int | None]]:
    """Return the exchanges of a line (captures at consecutive plies): the last ply and the ply of the main capture.

    The main capture is the most valuable one after equal captures cancel out, or None if it was merely exchanged.
    """
    found: list[tuple[int, int | None]] = []
    left: dict[int, int] = {}
    for ply, won in enumerate([*taken, 0], 1):
        if won:
            left[ply] = won
        elif left:
            last = max(left)
            for loss in [p for p, w in left.items() if w < 0]:
                same = next((p for p, w in left.items() if w == -left[loss]), None)
                if same is not None:
                    del left[loss], left[same]
            dearest = max(left, key=lambda p: (left[p], -p), default=0)
            kept = EXCHANGED * sum(left.values()) >= left.get(dearest, 1)
            found.append((last, dearest if kept else None))
            left = {}
    return found


def _farthest(gain: int) -> int:
    """Return the last ply at which a loss of this size is named."""
    return next(plies for most, plies in FARTHEST if gain <= most)


def _decisive(taken: list[int], first: int, final: int, level: int) -> int | None:
    """Return the ply of the main capture of the first exchange after which the gain stays at `level` or above, or None.

    `taken` is what each ply wins, `first` what was won before, `final` what is won in the end.
    """
    exchanges = exchanges_of(taken)
    gains = [first + sum(taken[:last]) for last, _ in exchanges]
    if exchanges and exchanges[-1][0] == len(taken):
        gains[-1] = final  # the exchange goes on beyond the line
    held = next((i for i in range(len(gains) - 1, -1, -1) if gains[i] < level), -1) + 1
    return exchanges[held][1] if held < len(gains) else None


def _deciding(taken: list[int], first: int, final: int, base: int) -> tuple[int, int] | None:
    """Return the ply of the capture by which a line wins more than `base` for good, and how much it wins, or None.

    It is the capture that makes up half of it or more, or the first of a few pawns, unless it comes too late for
    what it wins: the later a move of a line, the less it is forced.
    """
    if final <= base:
        return None
    half = (final - base + 1) // 2
    for gain, level in ((final - base, base + half), (1, base + 1))[: 1 + (half <= 2)]:
        ply = _decisive(taken, first, final, level)
        if ply is not None and ply <= _farthest(gain):
            return ply, gain
    return None


def deciding_besides(
    taken: list[int], stood: list[int | None], other: set[int | None], first: int, final: int, base: int
) -> tuple[int, int] | None:
    """Return what `_deciding` returns, without captures that the other line makes too; `stood` and `other` are the
    present squares of the captured pieces."""
    taken = list(taken)
    while (found := _deciding(taken, first, final, base)) and stood[found[0] - 1] in other:
        same = taken[found[0] - 1]
        taken[found[0] - 1], final, base = 0, final - same, max(0, base - same)
    return found


def telling(taken: list[int], stood: list[int | None], other: set[int | None], costs: int) -> int | None:
    """Return the ply of the main capture of the first exchange that wins half of `costs` or more, leaving out pieces
    that the other line captures too; else None."""
    since = 0
    for last, ply in exchanges_of(taken):
        net, since = sum(taken[since:last]), last
        enough = net >= worth(pieces.ADVISOR) and 2 * net >= costs
        if ply and enough and stood[ply - 1] not in other and ply <= _farthest(net):
            return ply
    return None
