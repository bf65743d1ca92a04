"""`xiangqi-lm perft`: count the paths of legal moves, to check a move generator."""

from __future__ import annotations

import time

import click
import numpy as np

from ..rules import jit
from ..rules.board import Board
from ..rules.fen import START_FEN
from .kernels import compile_for


def count_paths(board: Board, depth: int) -> int:
    """Count the paths of `depth` legal moves from a position (1 at depth 0); draw rules do not end a path."""
    if depth == 0:
        return 1
    kernels = jit.compiled()
    buffers = np.empty((depth, kernels.MOST_MOVES), dtype=np.int16)
    return int(kernels.perft(board.array, int(board.turn), depth, buffers))


@click.command()
@click.option("--fen", default=START_FEN, metavar="FEN", help="Position to count from; the start position if omitted.")
@click.option("--depth", type=click.IntRange(0, 32), required=True, help="Length of the paths in plies.")
@click.option("--divide", is_flag=True, help="Also print the count for each legal move.")
def perft(fen: str, depth: int, divide: bool) -> None:
    """Count the paths of legal moves of a given length.

    Example: xiangqi-lm perft --depth 4
    """
    compile_for()
    board = Board(fen)
    count_paths(board, 1)  # the time for compiling or loading the kernels is not counted
    begun = time.perf_counter()
    if divide and depth > 0:
        nodes = 0
        for move in sorted(board.legal_moves):
            board.push(move)
            behind = count_paths(board, depth - 1)
            board.pop()
            click.echo(f"{move.iccs()}: {behind}")
            nodes += behind
        click.echo()
    else:
        nodes = count_paths(board, depth)
    seconds = time.perf_counter() - begun
    click.echo(f"{seconds:.2f} s, {nodes / max(seconds, 1e-9):,.0f} nodes/s", err=True)
    click.echo(f"Nodes searched: {nodes}")
