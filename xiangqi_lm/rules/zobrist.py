"""Random keys of positions (Zobrist hashing), the same on every machine and in every version."""

from __future__ import annotations

_WORD = (1 << 64) - 1


def _splitmix(seed: int, count: int) -> list[int]:
    """`count` 64-bit words of the SplitMix64 generator (Steele, Lea and Flood 2014)."""
    words = []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & _WORD
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
        words.append(z ^ (z >> 31))
    return words


_words = _splitmix(0x58514C4D, 15 * 90 + 1)
KEYS = [[0] * 90 if p == 7 else _words[p * 90 : (p + 1) * 90] for p in range(15)]  # [piece + 7][square]
BLACK_TO_MOVE = _words[-1]
