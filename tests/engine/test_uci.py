"""UCI: its grammar, and our server as a program that uses it sees it."""

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

from xiangqi_lm.engine import uci
from xiangqi_lm.engine.player import TEMPERATURE, TOP_P, Clock, Info, Limit, PrincipalVariation
from xiangqi_lm.engine.random import RandomPlayer
from xiangqi_lm.engine.server import LONGEST_LINE, read_lines, serve
from xiangqi_lm.engine.settings import Settings, changed, declared
from xiangqi_lm.engine.spec import parse_spec
from xiangqi_lm.errors import InvalidMove, XiangqiError
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.fen import START_FEN
from xiangqi_lm.rules.moves import MOVES, Move
from xiangqi_lm.rules.squares import BLACK, RED

MATED = "3k1a3/4a4/9/9/9/9/9/9/3r5/3rK4 w"


def moves(text: str) -> tuple[Move, ...]:
    return tuple(map(Move.from_iccs, text.split()))


# ------------------------------------------------------------------------------------------------ grammar


def test_every_move_is_read_as_it_is_written():
    for move in MOVES:
        for ranks in (0, 1):
            assert uci.read_move(uci.write_move(move, ranks), ranks) is move
    assert uci.read_move("H2-E2") is uci.read_move("h3e3", 1) is Move.from_iccs("h2e2")
    for text, ranks in (("h0e0", 1), ("h10e10", 0), ("a0a0", 0), ("e2e4q", 0), ("", 0), ("a0b5", 0)):
        with pytest.raises(InvalidMove):
            uci.read_move(text, ranks)


def test_at_the_start_no_move_of_one_way_is_legal_in_the_other():
    """What finding out an engine's ranks stands on."""
    board = Board()
    for move in board.legal_moves:
        for ranks in (0, 1):
            try:
                other = uci.read_move(uci.write_move(move, ranks), 1 - ranks)
            except InvalidMove:
                continue
            assert not board.is_legal(other)


@pytest.mark.parametrize(
    "line",
    [
        "startpos moves h2e2 h9g7",
        "startpos moves H2-E2 H9-G7",
        "startpos moves h3e3 h10g8",
        f"fen {START_FEN} moves h2e2 h9g7",
        f"fen {START_FEN.replace(' w ', ' r ')} moves h3e3 h10g8",
        f"{START_FEN} moves h2e2 h9g7",
    ],
)
def test_positions_are_read_in_every_dialect(line):
    board = uci.parse_position(line.split())
    assert [move.iccs() for move in board.move_stack] == ["h2e2", "h9g7"]
    assert board.start_fen == START_FEN


def test_a_position_is_written_with_its_history():
    board = Board("3k5/9/9/9/9/9/9/9/9/R3K4 w - - 7 30")
    board.push_text("a0a5")
    for ranks in (0, 1):
        again = uci.parse_position(uci.format_position(board, ranks).split()[1:], ranks)
        assert (again.fen(), again.move_stack) == (board.fen(), board.move_stack)


def test_go_in_all_its_forms():
    black = Board(START_FEN.replace(" w ", " b "))
    line = "wtime 1000 btime 900 winc 10 binc 20 movestogo 5 movetime 250 nodes 7 depth 3 searchmoves h9g7 b9c7"
    go = uci.parse_go(line.split(), black)
    assert go.limit == Limit(7, 3, 0.25, Clock(0.9, 1.0, 0.02, 0.01, 5), among=moves("h9g7 b9c7"))
    assert not go.remarks
    assert uci.parse_go(["infinite"], Board()).limit.infinite
    assert uci.parse_go(["ponder", "wtime", "5000"], Board()).ponder
    assert uci.parse_go(["mate", "3"], Board()).limit.depth == 5
    assert uci.parse_go(["perft", "2"], Board()).perft == 2
    assert uci.parse_go(["searchmoves", "h3e3", "depth", "2"], Board()).limit == Limit(depth=2, among=moves("h2e2"))


@pytest.mark.parametrize(
    "line", ["depth", "depth x", "depth 1.5", "wtime", "searchmoves h9g7", "go", "movestogo \u0663", "炮二平五"]
)
def test_a_go_that_makes_no_sense_still_asks_for_a_move(line):
    go = uci.parse_go(line.split(), Board())
    assert go.remarks
    assert go.limit == Limit()


def test_a_long_go_is_read_at_once_and_answered_by_few_words():
    began = time.monotonic()
    assert uci.parse_go(["nodes", "7"] * 200_000, Board()).limit.nodes == 7
    assert time.monotonic() - began < 5
    for nonsense in (["x"] * 1000, ["searchmoves", *(f"a{i}" for i in range(1000))]):
        assert 0 < len(uci.parse_go(nonsense, Board()).remarks) <= 8


def test_a_move_named_twice_is_one_choice():
    assert uci.parse_go(["searchmoves", "h2e2", "H2-E2", "b2e2", "h2e2"], Board()).limit.among == moves("h2e2 b2e2")


def test_numbers_beyond_reason():
    go = uci.parse_go(f"movetime {'9' * 5000} nodes -{'9' * 30} depth 0".split(), Board())
    assert (go.limit.movetime, go.limit.nodes, go.limit.depth) == (10.0**6, 1, 1)


@pytest.mark.parametrize(
    "limit",
    [
        Limit(nodes=5),
        Limit(depth=4, movetime=2.5),
        Limit(clock=Clock(60.0, 30.0, 1.0, 2.0, 12)),
        Limit(infinite=True),
        Limit(nodes=1, among=moves("h2e2 b0c2")),
    ],
)
@pytest.mark.parametrize("ranks", [0, 1])
def test_go_is_read_as_it_is_written(limit, ranks):
    words = uci.format_go(limit, RED, ranks).split()
    assert uci.parse_go(words[1:], Board(), ranks).limit == limit


def test_clocks_belong_to_colours():
    line = uci.format_go(Limit(clock=Clock(60.0, 30.0, 1.0, 2.0)), BLACK)
    assert line == "go btime 60000 binc 1000 wtime 30000 winc 2000"


def test_options_are_read_as_they_are_written():
    for option in declared(RANDOM, "uci"):
        assert uci.parse_option(uci.format_option(option)) == option
    real = uci.parse_option("option name Analysis Contempt type combo default Both var Both var Off var White")
    assert (real.name, real.default, real.choices) == ("Analysis Contempt", "Both", ("Both", "Off", "White"))
    assert uci.parse_option("option name Debug Log File type string default ").default == ""
    assert uci.parse_option("option Hash type spin default 16 min 1 max 131072").most == 131072
    assert uci.parse_option("optional") is None


def test_info_is_read_as_it_is_written():
    board = Board()
    said = Info(
        7,
        1234,
        0.5,
        (
            PrincipalVariation(moves("h2e2 h9g7"), (0.5, 0.25, 0.25), score=31, probability=0.25),
            PrincipalVariation(moves("b0c2"), (1.0, 0.0, 0.0), mate=3),
            PrincipalVariation(moves("a0a1"), (0.0, 0.0, 1.0), mate=-2),
        ),
    )
    lines = uci.format_info(said, wdl=True)
    assert lines[:2] == [
        "info string multipv 1 h2e2 probability 0.2500",
        "info depth 7 multipv 1 score cp 31 wdl 500 250 250 nodes 1234 nps 2468 time 500 pv h2e2 h9g7",
    ]
    assert uci.parse_info(lines[0], board).variation.probability == 0.25
    for line, number in zip(lines[1:], (1, 2, 3), strict=True):
        heard = uci.parse_info(line, board)
        assert (heard.number, heard.depth, heard.nodes, heard.seconds) == (number, 7, 1234, 0.5)
        wanted = said.variations[number - 1]
        assert (heard.variation.moves, heard.variation.score, heard.variation.mate, heard.variation.value) == (
            wanted.moves, wanted.score, wanted.mate, wanted.value,
        )  # fmt: skip


def test_what_real_engines_print():
    """Fairy-Stockfish in its UCI and UCCI modes, and UCCI as its specification has it."""
    line = (
        "info depth 6 seldepth 8 multipv 2 score cp -12 upperbound nodes 300 nps 150000 tbhits 0 time 2 pv h3e3 h10g8"
    )
    heard = uci.parse_info(line, Board(), 1)
    assert (heard.number, heard.depth, heard.variation) == (2, 6, PrincipalVariation(moves("h2e2 h9g7"), score=-12))
    heard = uci.parse_info("info depth 5 score 176 pv h0g2 f9e8 e0e9", Board())
    assert heard.variation == PrincipalVariation(moves("h0g2 f9e8"), score=176)
    assert uci.parse_info("info time 1200 nodes 5000", Board()).nodes == 5000
    assert uci.parse_info("info depth 245 score mate -1 pv", Board()).variation is None
    assert uci.parse_info("info string depth 5 score cp 3 pv h2e2", Board()) is None
    assert uci.parse_info("info string multipv 1 h2e2 probability 1.5", Board()) is None
    assert uci.parse_info("info string multipv 1 h2e2 probability 1.0000", Board()).variation.probability == 1.0


SAID = """
    info depth seldepth multipv score cp mate lowerbound wdl nodes nps time pv string h2e2 h9g7 i10i9 a0a0 -3 0 7 200
    999999999999 probability 0.5 1.5 option name type spin default min max var combo
"""


@settings(deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(SAID.split())).map(" ".join)), st.sampled_from([0, 1]))
def test_whatever_an_engine_prints_is_read_or_passed_over(text, ranks):
    for line in (text, f"info {text}", f"option name {text}"):
        heard = uci.parse_info(line, Board(), ranks)
        if heard is not None and heard.variation is not None:
            assert heard.variation.moves[0] in Board().legal_moves
        uci.parse_option(line)


# ------------------------------------------------------------------------------------------------ the server


def test_handshake():
    said = dialogue("uci", "isready", "quit", "isready")
    assert said[0].startswith("id name xiangqi-lm")
    assert said[-2:] == ["uciok", "readyok"]
    names = {option.name for line in said if (option := uci.parse_option(line))}
    assert names >= {
        "Threads", "Hash", "MultiPV", "Temperature", "TopP", "Level", "Model", "Ponder", "UCI_ShowWDL", "UCI_Variant",
    }  # fmt: skip


def test_a_move_and_what_is_said_about_it():
    said = dialogue("position startpos", "setoption name UCI_ShowWDL value true", "go nodes 1")
    score = uci.centipawns((0.5, 0.3, 0.2))
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
        assert session.player.limits[0].among == moves("b0c2")


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
        assert session.until("readyok", 0.5) == ["readyok"]
        begun = time.monotonic()
        session.send("stop")
        best = list(Board().legal_moves)[1].iccs()
        assert session.until("bestmove", 1.0) == [f"bestmove {best}"]
        assert time.monotonic() - begun < 0.5
        session.send("stop", "isready")
        assert session.until("readyok") == ["readyok"]


def test_a_ponderhit_starts_the_time():
    with Session(Thinker()) as session:
        session.send("go ponder movetime 300")
        session.until("info depth 2")
        assert session.player.limits[0].infinite
        assert session.player.limits[0].movetime is None
        time.sleep(0.4)
        assert not any(line.startswith("bestmove") for line in session.said)
        begun = time.monotonic()
        session.send("ponderhit")
        session.until("bestmove", 3.0)
        assert 0.1 < time.monotonic() - begun < 2.0


def test_a_ponderhit_is_for_the_go_that_ponders_whatever_is_still_being_answered():
    class Slow(Fixed):
        """Hears `stop` late."""

        def choose(self, board, limit=None):
            limit.stop.wait(5)
            time.sleep(0.3)
            return super().choose(board, limit)

    with Session(Slow()) as session:
        session.send("go infinite", "position startpos moves h2e2", "go ponder movetime 50", "ponderhit")
        session.until("bestmove")
        session.until("bestmove", 3.0)


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
        assert limit.lines == 3
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


# ------------------------------------------------------------------------------------------------ options


def test_options_become_a_spec():
    start = Settings(parse_spec("lm:default?top_p=0.8"))
    assert start.spec() == start.base
    hot = changed(start, "uci", "temperature", "75")
    assert str(hot.spec()) == "lm:default?top_p=0.8&temperature=0.75"
    assert str(changed(hot, "uci", "Model", "my model").spec()) == "lm:my model?top_p=0.8&temperature=0.75"
    assert changed(hot, "uci", "Hash", "64").spec() == hot.spec()  # a language model has no table
    assert changed(start, "uci", "MultiPV", "5").lines == 5
    with pytest.raises(XiangqiError, match="no option 'Elo'"):
        changed(start, "uci", "Elo", "5")


def test_the_declared_values_are_those_in_force():
    by_name = {option.name: option for option in declared(parse_spec("lm:default?temperature=0.2"), "uci")}
    assert by_name["Temperature"].default == "20"
    assert by_name["TopP"].default == str(round(100 * TOP_P))
    plain = {option.name: option.default for option in declared(parse_spec("lm"), "uci")}
    assert (plain["Temperature"], plain["Model"]) == (str(round(100 * TEMPERATURE)), "default")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mcts:default?nodes=100", "mcts:default?nodes=100&temperature=0"),
        ("mcts:default?temperature=1", "mcts:default?temperature=1"),
        ("alphabeta?hash=64", "alphabeta?hash=64"),
        ("lm:default?top_p=0.5", f"lm:default?top_p=0.5&temperature={TEMPERATURE:g}"),
    ],
)
def test_a_program_that_sends_back_what_it_was_told_changes_nothing(text, kept):
    settings = Settings(parse_spec(text))
    for option in declared(settings.base, "uci"):
        if option.type != "button":
            settings = changed(settings, "uci", option.name, option.default)
    assert str(settings.spec()) == kept


def test_a_level_decides_everything_and_can_be_left_again():
    start = Settings(parse_spec("lm:default"))
    option = next(option for option in declared(start.base, "uci") if option.name == "Level")
    for name in option.choices[1:]:
        levelled = changed(changed(start, "uci", "Temperature", "5"), "uci", "Level", name.upper())
        assert levelled.spec() == parse_spec(f"level:{name}")
    assert changed(levelled, "uci", "Level", option.default).spec() == changed(start, "uci", "Temperature", "5").spec()


def test_a_level_thinks_as_long_as_it_says_itself():
    with Session() as session:
        name = next(option for option in declared(RANDOM, "uci") if option.name == "Level").choices[-1]
        session.send(f"setoption name Level value {name}", "go wtime 60000 btime 60000 searchmoves h2e2")
        assert session.until("bestmove")[-1] == "bestmove h2e2"
        assert session.built == [f"level:{name}"]
        assert (session.player.limits[0].clock, session.player.limits[0].among) == (None, moves("h2e2"))
        session.send("go infinite")
        session.until("info depth 1")
        assert not session.player.limits[1].infinite
        session.send("stop")
        session.until("bestmove")


def test_the_player_is_built_when_needed_and_only_again_when_it_changes():
    with Session(base=parse_spec("lm:default")) as session:
        session.send("uci", "ucinewgame")
        session.until("uciok")
        assert not session.built
        session.send("isready", "go nodes 1", "setoption name MultiPV value 2", "go nodes 1")
        session.until("bestmove")
        session.until("bestmove")
        assert session.built == ["lm:default"]
        session.send("setoption name Temperature value 0", "isready", "isready")
        session.until("readyok")
        session.until("readyok")
        assert session.built == ["lm:default", "lm:default?temperature=0"]
        assert session.player.closed


def test_a_model_that_cannot_be_loaded_is_a_message_and_the_old_player_stays():
    def make(spec):
        if "nowhere" in str(spec):
            raise XiangqiError("no model here: nowhere")
        return Fixed()

    said: list[str] = []
    lines = ["isready", "setoption name Model value nowhere", "isready", "go nodes 1"]
    serve(make, parse_spec("lm:default"), lines, said.append, time.monotonic)
    assert said[:3] == ["readyok", "info string no model here: nowhere; fixed stays", "readyok"]
    assert said[-1] == "bestmove b2e2"


def test_without_any_player_there_is_a_message_and_no_move():
    def broken(spec):
        raise XiangqiError("no such model")

    said: list[str] = []
    serve(broken, RANDOM, ["isready", "go"], said.append, time.monotonic)
    message = "info string no such model; there is no player"
    assert said == [message, "readyok", message, "bestmove (none)"]


# ------------------------------------------------------------------------------------------------ the rim


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
    """Through real pipes: a whole conversation, binary rubbish, and an end in mid-thought, without a traceback."""
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
def test_the_program_when_its_reader_goes_away():
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
