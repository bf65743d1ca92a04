"""Our UCI server from the view of a program that uses it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import RANDOM, Faulty, Fixed, Lying, Session, Thinker, dialogue

from xiangqi_lm.engine.baselines import RandomPlayer
from xiangqi_lm.engine.protocol import uci
from xiangqi_lm.engine.server.server import LONGEST_LINE, read_lines, serve
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.fen import START_FEN
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.score import centipawns_of

MATED = "3k1a3/4a4/9/9/9/9/9/9/3r5/3rK4 w"


def test_handshake():
    said = dialogue("uci", "isready", "quit", "isready")
    assert said[0].startswith("id name xiangqi-lm")
    assert said[-2:] == ["uciok", "readyok"]
    names = {option.name for line in said if (option := uci.parse_option(line))}
    assert names >= {
        "Threads", "Hash", "MultiPV", "Temperature", "TopP", "Level", "Model", "Ponder", "UCI_ShowWDL", "UCI_Variant",
    }  # fmt: skip


def test_a_move_and_its_info_lines():
    said = dialogue("position startpos", "setoption name UCI_ShowWDL value true", "go nodes 1")
    score = centipawns_of((0.5, 0.3, 0.2))
    assert said == [
        "info string multipv 1 b2e2 probability 1.0000",
        f"info depth 1 multipv 1 score cp {score} wdl 500 300 200 nodes 1 nps 1000 time 1 pv b2e2",
        "bestmove b2e2",
    ]


@pytest.mark.parametrize("position", ["position startpos", "startpos", f"fen {START_FEN}"])
def test_positions_with_and_without_the_word(position):
    with Session(RandomPlayer(1)) as session:
        session.send(f"{position} moves h2e2 h9g7 H0-G2", "go movetime 10")
        board = uci.parse_position(["startpos", "moves", "h2e2", "h9g7", "h0g2"])
        assert Move.from_iccs(session.until("bestmove")[-1].split()[1]) in board.legal_moves


def test_ranks_from_one_when_asked_for():
    with Session() as session:
        session.send("setoption name Ranks value 1-10", "position startpos moves h3e3 h10g8", "go searchmoves b1c3")
        assert session.until("bestmove")[-1] == "bestmove b1c3"
        assert session.player.limits[0].root_moves == (Move.from_iccs("b0c2"),)


def test_infinite_and_ponder_wait_even_when_the_player_does_not():
    with Session() as session:
        for go, release in (("go infinite", "stop"), ("go ponder wtime 9000", "ponderhit"), ("go ponder", "stop")):
            session.send(go)
            session.until("info depth 1")
            session.send("isready")
            assert session.until("readyok") == ["readyok"]
            session.send(release)
            assert session.until("bestmove") == ["bestmove b2e2"]


def test_stop_answers_at_once_with_the_best_so_far_and_ready_is_answered_meanwhile():
    with Session(Thinker()) as session:
        session.send("go infinite")
        session.until("info depth 2")
        session.send("isready")
        assert session.until("readyok") == ["readyok"]
        session.send("stop")
        best = list(Board().legal_moves)[1].iccs()
        assert session.until("bestmove") == [f"bestmove {best}"]
        session.send("stop", "isready")
        assert session.until("readyok") == ["readyok"]


def test_a_ponderhit_starts_the_time():
    with Session(Thinker()) as session:
        session.send("go ponder movetime 300")
        session.until("info depth 2")
        assert session.player.limits[0].infinite
        assert session.player.limits[0].movetime is None
        session.send("isready")
        session.until("readyok")
        assert not any(line.startswith("bestmove") for line in session.said)
        begun = time.monotonic()
        session.send("ponderhit")
        session.until("bestmove")
        assert time.monotonic() - begun > 0.25  # the time starts with the ponderhit


def test_a_ponderhit_is_for_the_go_that_ponders_whatever_is_still_being_answered():
    read = threading.Event()

    class Slow(Fixed):
        """Notices `stop` late, after all lines have been read."""

        def choose(self, board, limit=None):
            limit.stop.wait(5)
            read.wait(5)
            return super().choose(board, limit)

    with Session(Slow()) as session:
        session.send("go infinite", "position startpos moves h2e2", "go ponder movetime 50", "ponderhit")
        read.set()
        session.until("bestmove")
        session.until("bestmove")
    assert sum(line.startswith("bestmove") for line in session.said) == 2


def test_every_go_gets_exactly_one_answer_in_order():
    with Session(Thinker()) as session:
        session.send("go infinite", "position startpos moves h2e2", "go infinite", "position startpos", "go nodes 1")
        answers = [session.until("bestmove")[-1] for _ in range(3)]
        boards = [uci.parse_position(text.split()) for text in ("startpos", "startpos moves h2e2", "startpos")]
        assert answers == [f"bestmove {list(board.legal_moves)[1].iccs()}" for board in boards]
    assert sum(line.startswith("bestmove") for line in session.said) == 3
    many = dialogue("go infinite", "go nodes 1", "go movetime " + "9" * 400, "stop", "stop")
    assert many.count("bestmove b2e2") == 3


def test_the_end_of_the_input_while_thinking():
    said = dialogue("go infinite", player=Thinker())
    assert said[-1].startswith("bestmove")
    assert sum(line.startswith("bestmove") for line in said) == 1


def test_a_mated_side_has_no_move():
    assert dialogue(f"position fen {MATED}", "go depth 5") == ["info depth 0 score mate 0", "bestmove (none)"]


@pytest.mark.parametrize("player", [Faulty(), Lying()])
def test_a_player_at_fault_answers_with_its_best_so_far(player):
    said = dialogue("go nodes 5", "isready", player=player)
    best = next(iter(Board().legal_moves)).iccs() if isinstance(player, Faulty) else "(none)"
    assert f"bestmove {best}" in said
    assert any(line.startswith("info string ") and "\n" not in line for line in said)
    assert sum(line.startswith("bestmove") for line in said) == 1


@pytest.mark.parametrize(
    "line",
    [
        "position fen 9/9 w",
        "position startpos moves h2e9",
        "position startpos moves nonsense",
        "position startpos h2e2",
        "position",
        "position fen 3k5/9/9/9/9/9/9/9/9/3K5 w",
        "startpos moves h2e2 h2e2",
        "setoption name Temperature value warm",
        "setoption name Temperature value +-5",
        "setoption name Threads value 0",
        "setoption name UCI_Variant value chess",
        "setoption name Level value godlike",
        "setoption name UCI_ShowWDL value maybe",
        "setoption name value",
        "setoption",
        "hello",
        "\x00\x07\xff\u2028",
        "position fen " + "x" * 100_000,
    ],
)
def test_bad_lines_get_one_short_message_and_the_server_lives(line):
    said = dialogue(line, "isready")
    assert len(said) == 2
    assert said[0].startswith("info string ")
    assert said[0].isprintable()
    assert len(said[0]) < 500
    assert said[1] == "readyok"


def test_a_message_names_the_word_that_is_wrong():
    for move in ("h2e9", "h2h2", "a0i9", "h3e2", "j0j1"):
        assert f"'{move}'" in dialogue(f"position startpos moves {move}")[0]


def test_a_bad_position_keeps_the_old_one():
    said = dialogue("position startpos moves h2e2", "position fen x w", "go", player=RandomPlayer(3))
    board = uci.parse_position(["startpos", "moves", "h2e2"])
    assert Move.from_iccs(said[-1].split()[1]) in board.legal_moves


def test_multipv_and_time_reach_the_player():
    with Session() as session:
        session.send("setoption name MultiPV value 3", "setoption name Move Overhead value 100", "isready")
        session.until("readyok")
        session.send("go wtime 5000 btime 100 winc 7")
        session.until("bestmove")
        limit = session.player.limits[0]
        assert limit.multipv == 3
        assert limit.clock.mine == pytest.approx(4.9, abs=0.09)
        assert (limit.clock.theirs, limit.clock.my_increment) == (0.1, 0.007)


def test_probabilities_in_every_line():
    said = dialogue("setoption name MultiPV value 4", "go", player=RandomPlayer(1))
    shares = [line.split() for line in said if " probability " in line]
    assert [line[3] for line in shares] == ["1", "2", "3", "4"]
    assert {line[-1] for line in shares} == {f"{1 / 44:.4f}"}
    pvs = [line.split()[-1] for line in said if " pv " in line]
    assert pvs == [line[4] for line in shares]
    assert len(set(pvs)) == 4


def test_perft():
    said = dialogue("position startpos", "go perft 1")
    assert said[-1] == "Nodes searched: 0" or said[-1] == "Nodes searched: 44"  # the end of the input stops it
    with Session() as session:
        session.send("go perft 3")
        assert session.until("Nodes", 120)[-1] == "Nodes searched: 79666"  # it may have to compile first
        session.send("go perft 40", "stop")
        session.until("Nodes", 10)


# ------------------------------------------------------------------------------------------------ input and output


def test_lines_that_are_too_long_are_not_read_and_bytes_are_bytes():
    long = b"position " + b"x" * (3 * LONGEST_LINE) + b"\nisready\r\n\xff\xfe\x00\nquit"
    assert list(read_lines(io.BytesIO(long))) == [None, "isready\r\n", "\ufffd\ufffd\x00\n", "quit"]
    for length in (LONGEST_LINE - 1, LONGEST_LINE, LONGEST_LINE + 1):
        first, second = read_lines(io.BytesIO(b"x" * length + b"\nisready"))
        assert (first is None, second) == (length > LONGEST_LINE, "isready")


def test_a_game_too_long_to_be_read_does_not_change_the_position():
    """Half of it would be a legal game too."""
    there_and_back = "h0g2 h9g7 g2h0 g7h9 " * (LONGEST_LINE // 20)
    text = f"position startpos moves h2e2\nposition startpos moves {there_and_back}h0g2\ngo\n"
    said = dialogue(*read_lines(io.BytesIO(text.encode())))
    assert said[0] == f"info string a line of more than {LONGEST_LINE:,} bytes is not read"
    assert Move.from_iccs(said[-1].split()[1]) in uci.parse_position(["startpos", "moves", "h2e2"]).legal_moves


def test_nobody_reads_our_output():
    class Broken:
        def __init__(self):
            self.count = 0

        def __call__(self, line):
            self.count += 1
            if self.count > 2:
                raise BrokenPipeError

    player = Thinker()
    with pytest.raises(BrokenPipeError):
        serve(lambda spec: player, RANDOM, ["isready", "go infinite", "isready"] * 50, Broken(), time.monotonic)
    assert player.closed


WORDS = """
    uci ucci isready ucinewgame setoption name value Hash MultiPV Level Ranks 1-10 own 3 -1 0 position startpos fen
    moves h2e2 h9g7 h3e3 h10g8 go infinite ponder depth nodes movetime wtime searchmoves mate stop ponderhit banmoves
    probe debug draw time increment usemillisec true batch
"""
LINES = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join))


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=12), st.sampled_from(["uci", "ucci"]))
def test_no_lines_break_the_server_and_every_go_is_answered_once(lines, protocol):
    lines = [line.replace("\n", " ") for line in lines if line.split()[:1] != ["quit"] and "perft" not in line]
    said = dialogue(*lines, player=RandomPlayer(1), protocol=protocol)
    assert all(line.isprintable() for line in said)
    answers = sum(line.startswith(("bestmove", "nobestmove")) for line in said)
    goes, booted, idle_stops, spoken = 0, protocol == "uci", 0, protocol
    for line in lines:
        word = (line.replace("\ufeff", "").replace("\0", " ").split() or [""])[0]
        if word in ("uci", "ucci"):
            booted, spoken = True, word
        goes += booted and word == "go"
        idle_stops += booted and spoken == "ucci" and word == "stop"
    assert goes <= answers <= goes + idle_stops


def test_the_program_itself():
    """Through real pipes: a whole conversation, random bytes, and an end while thinking, without a traceback."""
    lines = b"uci\n\xff\x00\xfe rubbish\nsetoption name MultiPV value 2\nisready\nposition startpos moves h2e2\n"
    done = subprocess.run(
        [sys.executable, "-m", "xiangqi_lm", "uci", "--player", "random"],
        input=lines + b"go infinite\n", capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    said = done.stdout.decode().split("\n")
    assert "uciok" in said
    assert "readyok" in said
    assert said[-2].startswith("bestmove ")
    assert not done.stderr


@pytest.mark.skipif(os.name == "nt", reason="closes a pipe's reading end as POSIX does")
def test_the_program_when_its_reader_exits():
    command = [sys.executable, "-m", "xiangqi_lm", "uci", "--player", "random"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        process.stdin.write(b"uci\nisready\ngo infinite\n")
        process.stdin.close()
        process.stdin = None
        timer = threading.Timer(60, process.kill)
        timer.start()
        errors = process.stderr.read()
        assert process.wait() == 1
        timer.cancel()
    assert b"Traceback" not in errors
