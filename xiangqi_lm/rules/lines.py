"""Tables of how far a rook or cannon can slide: one lookup for its rank and one for its file.

The pieces on a line are the bits of a number (`1 << position`), with positions counted from file a or rank 0. A word
holds, for a piece at a position, the number of empty squares it can slide to and the next three pieces on either side.
"""

from __future__ import annotations

import numpy as np

from .squares import FILES, RANKS

NONE = 15  # no such piece
LOW, HIGH = 4, 16  # bits of the nearest piece before and behind; the second and third follow, four bits each
SECOND, THIRD = 4, 8  # add to LOW or HIGH


def _words(length: int) -> np.ndarray:
    """Return words by position and pieces on the line, int32 [length, 2 ** length]."""
    pieces = np.arange(1 << length)
    out = np.empty((length, 1 << length), dtype=np.int32)
    for position in range(length):
        slides = np.zeros_like(pieces)
        word = np.zeros_like(pieces)
        for shift, path in ((LOW, range(position - 1, -1, -1)), (HIGH, range(position + 1, length))):
            found = [np.full_like(pieces, NONE) for _ in range(3)]
            for p in path:
                here = (pieces >> p) & 1 == 1
                slides += ~here & (found[0] == NONE)
                for k in (2, 1, 0):  # the first free field takes the piece
                    open_now = here & (found[k] == NONE) & (found[k - 1] != NONE if k else True)
                    found[k] = np.where(open_now, p, found[k])
            for k, nearest in enumerate(found):
                word |= nearest << (shift + 4 * k)
        out[position] = word | slides
    return out


ROW = _words(FILES)  # [9, 512]: pieces on a rank
COLUMN = _words(RANKS)  # [10, 1024]: pieces on a file
