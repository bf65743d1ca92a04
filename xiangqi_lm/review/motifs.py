"""The ways in which a piece is won at a ply of a line: fork, pin, discovered attack, threat of mate, trapped piece.

Each is a fact about the positions of the line that the rules decide; no values are compared with a judge's.
"""

from __future__ import annotations

from ..rules import pieces
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.squares import FILE_OF, RANK_OF, Color

DEEPEST = 4  # captures searched after the end of a line, so that it does not end in the middle of an exchange


def worth(piece: int) -> int:
    """Return the value of a piece in pawns."""
    from ..rules.piece_status import WORTH  # late, as the window's first frame must not wait for the kernels

    return int(WORTH[abs(piece)])


def played(board: Board, line: tuple[Move, ...]) -> Board:
    """Return a new board after a line."""
    board = board.copy()
    for move in line:
        board.push(move)
    return board


def settled(board: Board, depth: int = DEEPEST) -> int:
    """Return what the side to move can still win by captures, in pawns; both sides capture only while it pays."""
    most = 0
    if not depth:
        return most
    for move in sorted(board.generate_legal_captures(), key=lambda m: -worth(board.piece_at(m.to_square) or 0)):
        taken = worth(board.piece_at(move.to_square) or 0)
        if taken <= most:
            continue
        board.push_unchecked(move)
        most = max(most, taken - settled(board, depth - 1))
        board.pop()
    return most


def exchanged(board: Board, square: int) -> int:
    """Return what the side to move can win by captures on one square, in pawns; both sides may stop at any time."""
    most = 0
    for move in board.generate_legal_captures(to_squares=square):
        taken = worth(board.piece_at(square) or 0)
        board.push_unchecked(move)
        most = max(most, taken - exchanged(board, square))
        board.pop()
    return most


def mates_if_let(board: Board) -> bool:
    """Return whether the side that has just moved threatens a mate in one; a check is not counted as such a threat."""
    if board.is_check():
        return False
    board = board.copy()
    board.push(Move.null())
    return bool(board.final_moves())


def motif(start: Board, line: tuple[Move, ...], ply: int) -> tuple[str, tuple[int, ...]]:
    """Return the cause of the capture at a ply (from 1) of a line, and the targets if it is a fork.

    The causes: `discovered_check`: the capture opens a check by another piece; `fork`; `mate_threat`: the winner's
    previous move also threatened mate; `discovered`: that move opened the line of the capturing piece; `pinned` and
    `defender_pinned`; `trapped`: every move of the piece would have lost it; "": none of these.
    """
    capture = line[ply - 1]
    board = played(start, line[: ply - 1])
    side = board.turn.opponent  # that loses the piece
    if _discovers_check(board, capture):
        return "discovered_check", ()
    threatened = played(start, line[: ply - 2]) if ply >= 3 else None  # the loser is to move
    if threatened is not None:
        attack, reply = line[ply - 3], line[ply - 2]
        if targets := _forked(threatened, attack, capture, side):
            return "fork", targets
        attacked = capture.from_square in threatened.attackers(side.opponent, capture.to_square)
        if not attacked or reply.to_square == capture.to_square:  # the piece was not there, or not yet in danger
            threatened = None
        elif mates_if_let(threatened):
            return "mate_threat", ()
        elif _discovered(played(start, line[: ply - 3]), attack, capture):
            return "discovered", ()
    if board.is_pinned(side, capture.to_square):
        return "pinned", ()
    if _pinned_defender(board, capture, side):
        return "defender_pinned", ()
    if threatened is not None and _trapped(threatened, capture, side):
        return "trapped", ()
    return "", ()


def _discovers_check(board: Board, capture: Move) -> bool:
    after = played(board, (capture,))
    return any(square != capture.to_square for square in after.checkers())


def _forked(threatened: Board, attack: Move, capture: Move, side: Color) -> tuple[int, ...]:
    """Return the squares that the capturing piece attacked, its prey among them, after it moved there one move earlier.

    They hold the king, or pieces that are worth more than the attacker or that nothing defends.
    """
    if attack.to_square != capture.from_square:
        return ()
    hunter = threatened.piece_at(attack.to_square)
    assert hunter is not None
    targets = []
    for square in threatened.attacks(attack.to_square):
        prey = threatened.piece_at(square)
        if prey is None or prey.color is not side:
            continue
        dear = worth(prey) > worth(hunter) or not threatened.attackers(side, square)
        if prey.kind == pieces.KING or (dear and worth(prey) >= worth(pieces.ADVISOR)):
            targets.append(square)
    return tuple(targets) if len(targets) > 1 and capture.to_square in targets else ()


def _discovered(before: Board, attack: Move, capture: Move) -> bool:
    """Return whether the attacking move opened the line between the capturing piece and its prey."""
    if attack.to_square == capture.from_square or not _between(attack.from_square, capture):
        return False
    return capture.from_square not in before.attackers(before.turn, capture.to_square)


def _between(square: int, move: Move) -> bool:
    """Return whether a square lies on the straight line between the ends of a move."""
    one, other = move.from_square, move.to_square
    for same, along in ((FILE_OF, RANK_OF), (RANK_OF, FILE_OF)):
        if same[one] == same[other] == same[square]:
            low, high = sorted((along[one], along[other]))
            return bool(low < along[square] < high)
    return False


def _pinned_defender(board: Board, capture: Move, side: Color) -> bool:
    """Return whether pieces defend the prey, but none may take back because it is pinned."""
    after = played(board, (capture,))
    defenders = list(after.attackers(side, capture.to_square))
    pinned = [square for square in defenders if after.is_pinned(side, square)]
    takes_back = any(move.to_square == capture.to_square for move in after.legal_list())
    return bool(defenders) and len(pinned) == len(defenders) and not takes_back


def _trapped(threatened: Board, capture: Move, side: Color) -> bool:
    """Return whether a rook, cannon or horse under attack had no move that would have kept it."""
    prey = threatened.piece_at(capture.to_square)
    if prey is None or prey.kind not in (pieces.ROOK, pieces.CANNON, pieces.HORSE) or threatened.is_check():
        return False
    for move in threatened.generate_legal_moves(capture.to_square):
        taken = threatened.piece_at(move.to_square)
        gained = worth(taken) if taken else 0
        if 2 * (exchanged(played(threatened, (move,)), move.to_square) - gained) < worth(prey):
            return False
    return True
