"""Path counts agree with Fairy-Stockfish's and Pikafish's."""

import numpy as np
import pytest
from click.testing import CliRunner
from vectors import load

from xiangqi_lm.cli.perft import perft
from xiangqi_lm.rules import kernel
from xiangqi_lm.rules.board import Board

ROWS = load("perft.json")


def count(board: Board, depth: int) -> int:
    return kernel.perft(board.array, int(board.turn), depth, np.empty((depth, kernel.MOST_MOVES), dtype=np.int16))


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_paths(row):
    board = Board(row["fen"])
    counted = [count(board, depth) for depth in range(1, len(row["nodes"]) + 1)]
    assert counted == row["nodes"]


def test_board_paths_equal_the_kernels():
    """push and pop give the same tree as the kernel's own make and unmake."""

    def walk(board: Board, depth: int) -> int:
        if depth == 0:
            return 1
        total = 0
        for move in board.legal_moves:
            board.push(move)
            total += walk(board, depth - 1)
            board.pop()
        return total

    for row in ROWS[5:20]:
        board = Board(row["fen"])
        depth = 3 if len(row["nodes"]) > 2 and row["nodes"][2] < 2000 else 1
        assert walk(board, depth) == row["nodes"][depth - 1], row["name"]
        assert board == Board(row["fen"]) and board.key == Board(row["fen"]).key


def test_command():
    done = CliRunner().invoke(perft, ["--depth", "2", "--divide"])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[-1] == "Nodes searched: 1920"
    assert len([line for line in lines if ": " in line]) == 45  # 44 moves and the sum
    assert "a0a1: 44" in lines and "b0c2: 43" in lines


def test_command_on_a_position():
    done = CliRunner().invoke(perft, ["--fen", "R2k5/1R7/9/9/9/9/9/9/9/4K4 b", "--depth", "3"])
    assert done.stdout.splitlines()[-1] == "Nodes searched: 0"
    assert CliRunner().invoke(perft, ["--depth", "0"]).stdout.splitlines()[-1] == "Nodes searched: 1"


@pytest.mark.parametrize("args", [["--depth", "-1"], ["--depth", "x"], []])
def test_command_refuses_wrong_usage(args):
    assert CliRunner().invoke(perft, args).exit_code == 2
