"""UCCI: where it differs from UCI."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from serving import RANDOM, Session, Thinker, dialogue

from xiangqi_lm.engine.baselines import RandomPlayer
from xiangqi_lm.engine.player import Choice, Clock, Info, Limit, PrincipalVariation
from xiangqi_lm.engine.protocol import ucci, uci
from xiangqi_lm.engine.server.options import declared
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.score import Score, WinDrawLoss
from xiangqi_lm.rules.squares import BLACK, RED

MATED = "3k1a3/4a4/9/9/9/9/9/9/3r5/3rK4 w"


def moves(text: str) -> tuple[Move, ...]:
    return tuple(map(Move.from_iccs, text.split()))


def ucci_dialogue(*lines: str, player=None) -> list[str]:
    """Return what is said after `ucciok` and before `bye`."""
    said = dialogue("ucci", *lines, player=player, protocol="ucci")
    assert said[-1] == "bye"
    return said[said.index("ucciok") + 1 : -1]


# ------------------------------------------------------------------------------------------------ grammar


def test_a_position_is_written_from_the_last_capture_on():
    board = Board("r2k5/9/9/9/9/9/9/9/9/R2AK4 b - - 3 8")
    board.push_text("d9d8")
    assert ucci.format_position(board) == "position fen r2k5/9/9/9/9/9/9/9/9/R2AK4 b - - 3 8 moves d9d8"
    for text in ("a0a9", "d8d7", "d0e1"):
        board.push_text(text)
    line = ucci.format_position(board)
    assert line == "position fen R8/3k5/9/9/9/9/9/9/9/3AK4 b - - 0 9 moves d8d7 d0e1"
    again = uci.parse_position(line.split()[1:])
    assert again.fen() == board.fen()


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("depth 5", Limit(depth=5)),
        ("depth infinite", Limit(infinite=True)),
        ("nodes 300", Limit(nodes=300)),
        ("time 60 increment 2", Limit(clock=Clock(60.0, 60.0, 2.0, 0.0))),
        ("time 60 movestogo 4 opptime 50 oppmovestogo 5", Limit(clock=Clock(60.0, 50.0, moves_to_go=4))),
        ("time 60 movestogo 0 opptime 50 oppincrement 3", Limit(clock=Clock(60.0, 50.0, 0.0, 3.0))),
    ],
)
def test_go_in_all_its_forms(line, limit):
    assert ucci.parse_go(line.split()) == uci.Go(limit)
    assert ucci.parse_go(["draw", *line.split()]) == uci.Go(limit, draw=True)
    assert ucci.parse_go(["ponder", *line.split()]) == uci.Go(limit, ponder=True)


def test_go_corner_cases():
    assert ucci.parse_go(["time", "60000", "increment", "500"], 0.001).limit.clock == Clock(60.0, 60.0, 0.5)
    assert ucci.parse_go(["depth", "0"]).static
    odd = ucci.parse_go(["time", "soon", "draw", "please"])
    assert (odd.limit, odd.draw, len(odd.remarks)) == (Limit(), True, 2)
    assert len(ucci.parse_go(["x"] * 1000).remarks) <= 8
    began = time.monotonic()
    assert ucci.parse_go(["nodes", "7"] * 200_000).limit.nodes == 7
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("unit", [1.0, 0.001])
@pytest.mark.parametrize(
    "limit",
    [
        Limit(nodes=5),
        Limit(depth=4),
        Limit(infinite=True),
        Limit(clock=Clock(60.0, 30.0, 1.0, 2.0)),
        Limit(clock=Clock(60.0, 30.0, moves_to_go=9)),
    ],
)
def test_go_is_read_as_it_is_written(limit, unit):
    assert ucci.parse_go(ucci.format_go(limit, unit).split()[1:], unit).limit == limit


def test_a_time_for_one_move():
    assert ucci.format_go(Limit(movetime=0.2)) == "go time 1 movestogo 1"  # in whole seconds, and at least one
    assert ucci.format_go(Limit(movetime=0.2), 0.001) == "go time 200 movestogo 1"


def test_options_are_read_as_they_are_written():
    for option in declared(RANDOM, "ucci"):
        assert " " not in option.name
        assert uci.parse_option(ucci.format_option(option)) == option
    assert ucci.parse_setoption(["level", "club"]) == ("level", "club")
    assert ucci.parse_setoption(["name", "level", "value", "club"]) == ("level", "club")
    assert ucci.parse_setoption(["newgame"]) == ("newgame", "")


def test_info():
    lines = (
        PrincipalVariation(moves("h2e2 h9g7"), Score(RED, 31), probability=0.5),
        PrincipalVariation(moves("b0c2"), Score(RED, mate=2)),
        PrincipalVariation(moves("a0a1"), Score(RED, mate=-1)),
    )
    assert ucci.format_info(Info(3, 99, 1.5, lines[:1])) == [
        "info time 1500 nodes 99",
        "info message multipv 1 h2e2 probability 0.5000",
        "info depth 3 score 31 pv h2e2 h9g7",
    ]
    assert ucci.format_info(Info(3, 99, 1.5, lines))[2:] == [
        "info depth 3 multipv 1 score 31 pv h2e2 h9g7",
        "info depth 3 multipv 2 score 9997 pv b0c2",
        "info depth 3 multipv 3 score -9998 pv a0a1",
    ]


# ------------------------------------------------------------------------------------------------ the server


def test_before_ucci_nothing_else_is_answered():
    said = dialogue("isready", "position startpos", "go depth 1", protocol="ucci")
    assert said == ["info message say ucci first"] * 3 + ["bye"]


def test_a_conversation():
    said = ucci_dialogue(
        "isready",
        "setoption usemillisec true",
        "position fen rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w - - 0 1 moves h2e2 h9g7",
        "go time 60000 increment 0",
    )
    assert said[0] == "readyok"
    board = uci.parse_position(["startpos", "moves", "h2e2", "h9g7"])
    assert board.is_legal(Move.from_iccs(said[-1].removeprefix("bestmove ")))
    assert any(line.startswith("info depth 1 score ") for line in said)


@pytest.mark.parametrize(("unit", "left"), [("true", 0.06), ("false", 60.0)])
def test_the_unit_of_time(unit, left):
    with Session(protocol="ucci") as session:
        session.send("ucci", f"setoption usemillisec {unit}", "go time 60 increment 0")
        session.until("bestmove")
        clock = session.player.limits[0].clock
        assert (clock.theirs, 0 < clock.mine <= left) == (left, True)


def test_banned_moves_are_not_played_until_the_next_position():
    allowed = moves("h2e2 b0c2")
    banned = " ".join(move.iccs() for move in Board().legal_moves if move not in allowed)
    with Session(RandomPlayer(1), protocol="ucci") as session:
        session.send("ucci", "position startpos", f"banmoves {banned} e0e9")
        assert session.until("info message banmoves: 'e0e9' is not a legal move")
        played = set()
        for _ in range(12):
            session.send("go nodes 1")
            played.add(session.until("bestmove")[-1])
        assert played == {"bestmove h2e2", "bestmove b0c2"}
        session.send("banmoves " + " ".join(move.iccs() for move in Board().legal_moves), "go nodes 1")
        assert session.until("nobestmove") == ["nobestmove"]
        session.send("position startpos", "go nodes 1")
        session.until("bestmove")


def test_stop_in_every_state():
    with Session(Thinker(), protocol="ucci") as session:
        session.send("ucci", "stop")
        assert session.until("nobestmove")[-1] == "nobestmove"
        session.send("go depth infinite")
        session.until("info depth 2")
        session.send("isready", "probe")
        assert session.until("pophash")[:1] == ["readyok"]
        session.send("stop")
        session.until("bestmove", 2.0)


def test_ponder_and_draw():
    with Session(protocol="ucci") as session:
        session.send("ucci", "go ponder time 10 increment 0")
        session.until("info depth 1")
        session.send("ponderhit draw")
        assert session.until("bestmove")[-1] == "bestmove b2e2"  # it is better and declines the draw


def test_a_draw_is_accepted_unless_our_side_is_better():
    class Modest(Thinker):
        def choose(self, board, limit=None):
            return Choice(next(iter(board.legal_moves)), score=Score(board.turn, wdl=WinDrawLoss(0.2, 0.5, 0.3)))

    late = "position fen 3k5/9/9/p8/9/9/P8/9/9/5K3 w - - 0 60"
    assert ucci_dialogue(late, "go draw nodes 1", player=Modest())[-1].endswith(" draw")
    assert not ucci_dialogue(late, "go nodes 1", player=Modest())[-1].endswith(" draw")
    assert not ucci_dialogue("go draw nodes 1", player=Modest())[-1].endswith(" draw")  # the game has hardly begun


def test_a_static_value_and_a_lost_position():
    said = ucci_dialogue("go depth 0")
    assert said[-1] == "nobestmove"
    assert any(line.startswith("info depth 0 score ") for line in said)
    assert ucci_dialogue(f"position fen {MATED}", "go depth 1") == ["nobestmove"]


def test_batches():
    games = ["position startpos", "go nodes 1", "position startpos moves h2e2", "go nodes 1"] * 5
    said = ucci_dialogue("setoption batch true", *games, player=RandomPlayer(2))
    answers = [Move.from_iccs(line.split()[1]) for line in said if line.startswith("bestmove")]
    assert len(answers) == 10
    red, black = Board(), uci.parse_position(["startpos", "moves", "h2e2"])
    assert all((red, black)[i % 2].is_legal(move) for i, move in enumerate(answers))
    assert black.turn is BLACK


def test_more_variations_and_one_protocol_after_the_other():
    with Session(RandomPlayer(1), protocol="ucci") as session:
        session.send("ucci", "setoption multipv 3", "go nodes 1")
        said = session.until("bestmove")
        assert sum(" multipv " in line and " pv " in line for line in said) == 3
        session.send("uci", "go nodes 1")
        assert "uciok" in session.until("bestmove")


@pytest.mark.parametrize(
    "line", ["setoption", "setoption hashsize big", "setoption nothing 3", "position fen x", "what"]
)
def test_bad_lines_get_a_message(line):
    (said,) = ucci_dialogue(line)
    assert said.startswith("info message ")


def test_banmoves_without_end_get_few_messages():
    said = ucci_dialogue("banmoves " + " ".join(f"z{i}" for i in range(1000)))
    assert 0 < len(said) <= 8


def test_the_program_itself():
    done = subprocess.run(
        [sys.executable, "-m", "xiangqi_lm", "ucci", "--player", "random"],
        input="ucci\nposition startpos\ngo depth 1\nquit\n", capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    said = done.stdout.split("\n")
    assert said[-3].startswith("bestmove ")
    assert said[-2:] == ["bye", ""]
    assert not done.stderr
