"""The grammar of UCI."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import RANDOM

from xiangqi_lm.engine.player import Clock, Info, Limit, PrincipalVariation
from xiangqi_lm.engine.protocol import uci
from xiangqi_lm.engine.server.options import declared
from xiangqi_lm.errors import InvalidMove
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.fen import START_FEN
from xiangqi_lm.rules.moves import MOVES, Move
from xiangqi_lm.rules.score import Score, WinDrawLoss
from xiangqi_lm.rules.squares import BLACK, RED


def moves(text: str) -> tuple[Move, ...]:
    return tuple(map(Move.from_iccs, text.split()))


def test_every_move_is_read_as_it_is_written():
    for move in MOVES:
        for ranks in (0, 1):
            assert uci.read_move(uci.write_move(move, ranks), ranks) is move
    assert uci.read_move("H2-E2") is uci.read_move("h3e3", 1) is Move.from_iccs("h2e2")
    for text, ranks in (("h0e0", 1), ("h10e10", 0), ("a0a0", 0), ("e2e4q", 0), ("", 0), ("a0b5", 0)):
        with pytest.raises(InvalidMove):
            uci.read_move(text, ranks)


def test_at_the_start_no_move_in_one_notation_is_legal_in_the_other():
    """The detection of an engine's ranks relies on this."""
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
    assert go.limit == Limit(7, 3, 0.25, Clock(0.9, 1.0, 0.02, 0.01, 5), root_moves=moves("h9g7 b9c7"))
    assert not go.remarks
    assert uci.parse_go(["infinite"], Board()).limit.infinite
    assert uci.parse_go(["ponder", "wtime", "5000"], Board()).ponder
    assert uci.parse_go(["mate", "3"], Board()).limit.depth == 5
    assert uci.parse_go(["perft", "2"], Board()).perft == 2
    assert uci.parse_go(["searchmoves", "h3e3", "depth", "2"], Board()).limit == Limit(
        depth=2, root_moves=moves("h2e2")
    )


@pytest.mark.parametrize(
    "line", ["depth", "depth x", "depth 1.5", "wtime", "searchmoves h9g7", "go", "movestogo \u0663", "炮二平五"]
)
def test_a_go_that_makes_no_sense_still_asks_for_a_move(line):
    go = uci.parse_go(line.split(), Board())
    assert go.remarks
    assert go.limit == Limit()


def test_a_long_go_is_read_fast_and_answered_briefly():
    began = time.monotonic()
    assert uci.parse_go(["nodes", "7"] * 200_000, Board()).limit.nodes == 7
    assert time.monotonic() - began < 5
    for nonsense in (["x"] * 1000, ["searchmoves", *(f"a{i}" for i in range(1000))]):
        assert 0 < len(uci.parse_go(nonsense, Board()).remarks) <= 8


def test_a_move_named_twice_is_one_choice():
    assert uci.parse_go(["searchmoves", "h2e2", "H2-E2", "b2e2", "h2e2"], Board()).limit.root_moves == moves(
        "h2e2 b2e2"
    )


def test_absurdly_large_numbers():
    go = uci.parse_go(f"movetime {'9' * 5000} nodes -{'9' * 30} depth 0".split(), Board())
    assert (go.limit.movetime, go.limit.nodes, go.limit.depth) == (10.0**6, 1, 1)


@pytest.mark.parametrize(
    "limit",
    [
        Limit(nodes=5),
        Limit(depth=4, movetime=2.5),
        Limit(clock=Clock(60.0, 30.0, 1.0, 2.0, 12)),
        Limit(infinite=True),
        Limit(nodes=1, root_moves=moves("h2e2 b0c2")),
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
            PrincipalVariation(moves("h2e2 h9g7"), Score(RED, 31, wdl=WinDrawLoss(0.5, 0.25, 0.25)), 0.25),
            PrincipalVariation(moves("b0c2"), Score(RED, mate=3, wdl=WinDrawLoss(1.0, 0.0, 0.0))),
            PrincipalVariation(moves("a0a1"), Score(RED, mate=-2, wdl=WinDrawLoss(0.0, 0.0, 1.0))),
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
        assert (heard.variation.moves, heard.variation.score) == (wanted.moves, wanted.score)


def test_what_real_engines_print():
    """Fairy-Stockfish in its UCI and UCCI modes, and UCCI as in its specification."""
    line = (
        "info depth 6 seldepth 8 multipv 2 score cp -12 upperbound nodes 300 nps 150000 tbhits 0 time 2 pv h3e3 h10g8"
    )
    heard = uci.parse_info(line, Board(), 1)
    assert (heard.number, heard.depth, heard.variation) == (
        2,
        6,
        PrincipalVariation(moves("h2e2 h9g7"), Score(RED, -12)),
    )
    heard = uci.parse_info("info depth 5 score 176 pv h0g2 f9e8 e0e9", Board())
    assert heard.variation == PrincipalVariation(moves("h0g2 f9e8"), Score(RED, 176))
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
def test_whatever_an_engine_prints_is_read_or_ignored(text, ranks):
    for line in (text, f"info {text}", f"option name {text}"):
        heard = uci.parse_info(line, Board(), ranks)
        if heard is not None and heard.variation is not None:
            assert heard.variation.moves[0] in Board().legal_moves
        uci.parse_option(line)
