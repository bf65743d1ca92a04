"""The UCI server, line by line."""

import pytest

from xiangqi_lm.engine.player import Choice
from xiangqi_lm.engine.random import RandomPlayer
from xiangqi_lm.engine.uci import Server, centipawns, parse_go, parse_position, serve
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.rules.moves import Move


def dialogue(*lines: str, player=None) -> list[str]:
    said: list[str] = []
    ticks = iter(range(1000))
    serve(lambda: player or RandomPlayer(1), lines, said.append, lambda: float(next(ticks)))
    return said


class Fixed:
    """Always wants the same move; has the two settings of a language model."""

    name = "fixed"
    temperature, top_p = 0.5, 0.9

    def choose(self, board, limit=None):
        move = Move.from_iccs("b2e2")
        return Choice(move, ((move, 1.0),), (0.5, 0.3, 0.2), ((move,),))

    def close(self):
        pass


def test_handshake():
    said = dialogue("uci", "isready", "quit", "isready")
    assert said[0].startswith("id name xiangqi-lm")
    assert "uciok" in said
    assert said[-1] == "readyok"
    assert said.count("readyok") == 1


def test_best_moves_are_legal_with_ranks_from_0():
    said = dialogue("position startpos moves h2e2 h9g7 H0-G2", "go movetime 10", "quit")
    word, move = said[-1].split()
    assert word == "bestmove"
    board = parse_position(["startpos", "moves", "h2e2", "h9g7", "h0g2"])
    assert Move.from_iccs(move) in board.legal_moves


def test_info_line():
    said = dialogue("position startpos", "go nodes 1", player=Fixed())
    assert said == ["info depth 1 score cp 108 wdl 500 300 200 nodes 1 time 1000 pv b2e2", "bestmove b2e2"]
    assert centipawns((0.2, 0.3, 0.5)) == -centipawns((0.5, 0.3, 0.2))
    assert centipawns((1.0, 0.0, 0.0)) < 2000


def test_infinite_waits_for_stop():
    said: list[str] = []
    server = Server(lambda: Fixed(), said.append, lambda: 0.0)
    assert server.handle("go infinite")
    assert not said
    server.handle("isready")
    assert said == ["readyok"]
    server.handle("stop")
    assert said[-1] == "bestmove b2e2"
    server.handle("stop")
    assert len(said) == 3


def test_mated_side_has_no_move():
    mated = "3k1a3/4a4/9/9/9/9/9/9/3r5/3rK4 w"
    assert dialogue(f"position fen {mated}", "go depth 5")[-1] == "bestmove (none)"


@pytest.mark.parametrize(
    "line",
    [
        "position fen 9/9 w",
        "position startpos moves h2e9",
        "position startpos moves nonsense",
        "position",
        "position fen 3k5/9/9/9/9/9/9/9/9/3K5 w",
        "setoption name Temperature value warm",
        "setoption name UCI_Variant value chess",
        "setoption",
        "hello",
    ],
)
def test_bad_lines_get_a_message_and_the_server_lives(line):
    said = dialogue(line, "isready")
    assert len(said) == 2
    assert said[0].startswith("info string ")
    assert said[1] == "readyok"


def test_a_bad_position_keeps_the_old_one():
    said = dialogue("position startpos moves h2e2", "position fen x w", "go", player=RandomPlayer(3))
    board = parse_position(["startpos", "moves", "h2e2"])
    assert Move.from_iccs(said[-1].split()[1]) in board.legal_moves


def test_options_reach_the_player():
    player = Fixed()
    dialogue("setoption name Temperature value 0", "isready", "setoption name TopP value 75", player=player)
    assert (player.temperature, player.top_p) == (0.0, 0.75)


def test_a_player_that_cannot_be_built_ends_the_server():
    """Silence would leave the other program waiting for readyok for ever."""

    def broken():
        raise XiangqiError("no such model")

    said: list[str] = []
    with pytest.raises(XiangqiError, match="no such model"):
        serve(broken, ["uci", "isready", "go"], said.append, lambda: 0.0)
    assert said[-1] == "uciok"


def test_every_go_gets_its_answer():
    said = dialogue("go infinite", "go nodes 1", "go movetime " + "9" * 400, player=Fixed())
    assert said.count("bestmove b2e2") == 3


def test_go_grammar():
    limit, waits = parse_go(["wtime", "1000", "btime", "900", "movetime", "250", "nodes", "7", "depth", "3"])
    assert (limit.movetime, limit.nodes, limit.depth, waits) == (0.25, 7, 3, False)
    assert parse_go(["ponder"])[1]
