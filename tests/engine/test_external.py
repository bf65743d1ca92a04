"""Other programs as players: good ones, real ones, and every kind of bad one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from xiangqi_lm.arena.match import play_batch
from xiangqi_lm.engine.baselines import RandomPlayer
from xiangqi_lm.engine.external.player import ExternalPlayer
from xiangqi_lm.engine.player import Clock, Info, Limit
from xiangqi_lm.errors import BadConfig, EngineFailure, IllegalMove
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

FAKE = Path(__file__).parents[1] / "tools" / "fake_engine.py"
FAIRY = shutil.which("fairy-stockfish", path=os.environ.get("PATH", "") + os.pathsep + "/usr/games")
needs_fairy = pytest.mark.skipif(FAIRY is None, reason="fairy-stockfish is not installed")
posix = pytest.mark.skipif(os.name == "nt", reason="asks about processes as POSIX has them")


def fake(mode: str, *arguments: str, **settings) -> ExternalPlayer:
    settings = {"ranks": 0, "timeout": 20.0, "limit": Limit(nodes=1), "name": mode} | settings
    return ExternalPlayer([sys.executable, str(FAKE), mode, *arguments], **settings)


def alive(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout[:1] != "Z"


def after(*moves: str) -> Board:
    board = Board()
    for text in moves:
        board.push_text(text)
    return board


# ------------------------------------------------------------------------------------------------ good engines


def test_a_choice_carries_what_the_engine_said():
    with closing(fake("engine")) as player:
        choice = player.choose(Board())
        assert choice.move is next(iter(Board().legal_moves))
        (line,) = choice.info.variations
        assert (line.moves, line.score.centipawns, choice.info.depth, choice.info.nodes) == ((choice.move,), 12, 1, 1)
        assert 0.5 < choice.score.expectation() < 0.6
        assert player.name == "engine"


def test_what_is_sent_to_the_engine(tmp_path):
    log = tmp_path / "log"
    with closing(fake("engine", "--log", str(log), options={"hash": "32"})) as player:
        player.choose(Board(), Limit(multipv=2, depth=3))
        player.choose(after("h2e2", "h9g7"), Limit(clock=Clock(60.0, 50.5, 1.0, 0.0, 20)))
        player.choose(after("b2e2"), Limit(movetime=0.25, root_moves=(Move.from_iccs("h9g7"), Move.from_iccs("e0e9"))))
        with pytest.raises(IllegalMove, match="none of the moves"):
            player.choose(Board(), Limit(root_moves=(Move.from_iccs("e0e9"),)))
    said = log.read_text().splitlines()
    assert said == [
        "uci", "setoption name Hash value 32", "isready",
        "ucinewgame", "setoption name MultiPV value 2", "position startpos", "isready", "go depth 3",
        "setoption name MultiPV value 1", "position startpos moves h2e2 h9g7", "isready",
        "go wtime 60000 winc 1000 btime 50500 binc 0 movestogo 20",
        "ucinewgame", "position startpos moves b2e2", "isready", "go movetime 250 searchmoves h9g7",
        "quit",
    ]  # fmt: skip


def test_ranks_are_detected_and_the_variant_is_set():
    with closing(fake("fromone", ranks=None)) as player:
        assert player.choose(after("h2e2")).move in after("h2e2").legal_moves
    with closing(fake("engine", ranks=None)) as player:
        assert player.choose(after("h2e2")).move in after("h2e2").legal_moves


def test_an_engine_of_another_game_is_refused():
    with pytest.raises(EngineFailure, match="chess: it does not play xiangqi: its first move is 'e2e4'"):
        fake("chess", ranks=None)


def test_ucci_without_isready_and_with_banned_moves():
    with closing(fake("ucci", protocol="ucci", ranks=None)) as player:
        assert player.choose(Board()).info.variations[0].score.centipawns == 12
        moves = list(Board().legal_moves)[5:7]
        assert player.choose(Board(), Limit(root_moves=tuple(moves))).move is moves[0]


def test_what_ucci_adds_to_a_move_is_heard():
    with closing(fake("polite", protocol="ucci", ranks=None)) as player:
        said = player.choose(Board(), Limit(depth=1))
        assert said.resigns and said.draw == ""
        said = player.choose(after("h2e2"), Limit(depth=1, draw_offered=True))
        assert not said.resigns and said.draw == "offers"


def test_stop_is_passed_on_and_infos_are_reported():
    stop, heard = threading.Event(), []

    def report(info: Info) -> None:
        heard.append(info)
        stop.set()

    with closing(fake("slow")) as player:
        choice = player.choose(Board(), Limit(infinite=True, stop=stop, report=report))
    assert choice.move is list(Board().legal_moves)[1]
    assert [(info.depth, info.nodes, info.variations[0].score.centipawns) for info in heard] == [(3, 77, 5)]


def test_an_engine_that_knows_one_line_only_reports_it():
    heard = []
    with closing(fake("fromone", ranks=1)) as player:
        player.choose(Board(), Limit(nodes=5, multipv=3, report=heard.append))
    assert [len(info.variations) for info in heard] == [1]


@pytest.mark.parametrize("mode", ["noisy", "twice"])
def test_noise_and_late_answers_are_ignored(mode):
    with closing(fake(mode)) as player:
        for board in (Board(), after("h2e2"), after("h2e2", "h9g7")):
            assert player.choose(board).move is next(iter(board.legal_moves))


def test_a_game_between_two_programs():
    with closing(fake("random")) as red, closing(RandomPlayer(4)) as black:
        board = after("h2e2", "h9g7")
        for player in (red, black) * 8:
            board.push(player.choose(board).move)  # raises if it is illegal
        assert board.ply == 18


# ------------------------------------------------------------------------------------------------ bad engines


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("silent", "no 'uciok' within 0.5 s"),
        ("deaf", "no 'uciok' within 0.5 s"),
        ("stillborn", r"it ended with exit code 1 \(it says: cannot find my network file\)"),
    ],
)
def test_engines_that_do_not_start(mode, says):
    with pytest.raises(EngineFailure, match=f"^{mode}: {says}"):
        fake(mode, timeout=0.5 if mode != "stillborn" else 20.0)


def test_programs_that_do_not_exist():
    with pytest.raises(EngineFailure, match=r"cannot start '/no/such/engine': "):
        ExternalPlayer(["/no/such/engine"])
    with pytest.raises(EngineFailure, match="cannot start"):
        ExternalPlayer([str(FAKE.parent)])


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("stubborn", r"no move within \d\.\d s \(it says: .*I am thinking, leave me alone\)"),
        ("illegal", "it played the illegal move e0e9 in rnbakabnr/"),
        ("nonsense", "it answered 'checkmate!' in rnbakabnr/"),
        ("moveless", "it gave no move in rnbakabnr/"),
        ("garbage", "no move within"),
        ("flooding", r"it floods us: [\d,]+ lines in"),
        ("torrent", "it floods us: a line of more than 65,536 bytes"),
    ],
)
def test_engines_that_do_wrong_are_ended_and_started_again(mode, says):
    player = fake(mode)
    player.timeout = 20.0 if mode in ("flooding", "torrent") else 0.5
    process = player.child.process
    with pytest.raises(EngineFailure, match=f"^{mode}: {says}"):
        player.choose(Board())
    assert player.child is None
    assert process.returncode is not None


def test_a_move_that_was_not_among_the_choices():
    with closing(fake("wilful")) as player, pytest.raises(EngineFailure, match="which was not among the moves"):
        player.choose(Board(), Limit(root_moves=(Move.from_iccs("h2e2"),)))


@posix
def test_a_stubborn_engine_and_its_helper_are_ended():
    player = fake("stubborn")
    deadline = time.monotonic() + 10
    while "helper" not in player.child.complaints() and time.monotonic() < deadline:
        time.sleep(0.02)
    helper = int(player.child.complaints().split()[1])
    assert alive(helper)
    player.close()
    deadline = time.monotonic() + 10
    while alive(helper) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(helper)


@posix
def test_what_an_engine_leaves_behind_is_ended():
    code = (
        "import subprocess, sys; run = [sys.executable, '-c', 'import time; time.sleep(600)'];"
        "helper = subprocess.Popen(run, stdin=-3, stdout=-3, stderr=-3);"
        "print('helper', helper.pid, file=sys.stderr, flush=True); sys.exit(3)"
    )
    with pytest.raises(EngineFailure, match=r"helper \d+") as fault:
        ExternalPlayer([sys.executable, "-c", code])
    helper = int(str(fault.value).split("helper ")[-1].rstrip(")"))
    deadline = time.monotonic() + 5
    while alive(helper) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(helper)


def test_a_crash_is_explained_and_the_next_move_is_played_by_a_new_process():
    with closing(fake("crashing")) as player:
        player.choose(Board())
        with pytest.raises(EngineFailure, match=r"crashing: it ended with exit code 3 \(it says: out of luck\)"):
            player.choose(after("h2e2"))
        assert player.choose(after("h2e2")).move in after("h2e2").legal_moves


def test_a_wrong_option_is_named():
    with pytest.raises(BadConfig, match="unknown option 'has' of the engine; did you mean 'hash'"):
        fake("engine", options={"Has": "1"})
    with pytest.raises(BadConfig, match="unknown protocol 'usi'"):
        fake("engine", protocol="usi")


@pytest.mark.parametrize(
    ("mode", "options", "says"),
    [
        ("engine", {"Hash": "65"}, "setoption Hash: expected a whole number from 1 to 64, found '65'"),
        ("engine", {"hash": "much"}, "setoption Hash: expected a whole number from 1 to 64, found 'much'"),
        ("engine", {"MultiPV": "two"}, "setoption MultiPV: expected a whole number.*, found 'two'"),
        ("fromone", {"UCI_Variant": "shogi"}, "setoption UCI_Variant: expected one of chess, xiangqi, found 'shogi'"),
    ],
)
def test_a_value_that_the_engine_would_not_take_is_named(mode, options, says):
    with pytest.raises(BadConfig, match=f"^{mode}: {says}"):
        fake(mode, options=options)


def test_a_value_is_sent_as_the_engine_spells_it(tmp_path):
    log = tmp_path / "log"
    fake("fromone", "--log", str(log), options={"uci_variant": "XIANGQI"}).close()
    assert "setoption name UCI_Variant value xiangqi" in log.read_text().splitlines()


def threads_set(log: Path) -> list[str]:
    return [line.rpartition(" ")[2] for line in log.read_text().splitlines() if "name Threads" in line]


def test_threads_are_set_where_the_engine_has_them_and_nobody_else_has_set_them(tmp_path):
    log = tmp_path / "log"
    with closing(fake("threaded", "--log", str(log))) as player:
        player.use_threads(0)
        player.choose(Board())
        for count in (2, 2, 100, 0):  # the same again, more than it takes, its own again
            player.use_threads(count)
        player.use_threads(3)
        player.close()  # and after a new start
        player.choose(Board())
    assert threads_set(log) == ["2", "4", "1", "3", "3"]
    with closing(fake("threaded", "--log", str(log), options={"threads": "1"})) as player:
        player.use_threads(2)
        player.choose(Board())
    assert threads_set(log)[5:] == ["1"]
    with closing(fake("engine", "--log", str(log))) as player:
        player.use_threads(2)
        player.choose(Board())
    assert len(threads_set(log)) == 6


def test_the_reason_for_no_move_is_repeated_if_the_engine_gives_one():
    with pytest.raises(EngineFailure, match="it gave no move at the start position; it says 'no network'"):
        fake("wordless", ranks=None)
    with closing(fake("wordless")) as player, pytest.raises(EngineFailure, match=r"it gave no move in .*'no network'"):
        player.choose(Board())


def test_a_match_gets_the_fault():
    with closing(fake("illegal")) as red, pytest.raises(EngineFailure, match="illegal: "):
        list(play_batch(red, RandomPlayer(1), [Board()]))


@posix
def test_the_engine_ends_when_we_are_killed():
    code = (
        "import sys, time; from xiangqi_lm.engine.external.player import ExternalPlayer;"
        f"player = ExternalPlayer([sys.executable, {str(FAKE)!r}, 'slow'], ranks=0);"
        "print(player.child.process.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    engine = int(parent.stdout.readline())
    assert alive(engine)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while alive(engine) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(engine)


@posix
def test_a_forgotten_engine_ends():
    player = fake("slow")
    pid = player.child.process.pid
    del player
    assert not alive(pid)


# ------------------------------------------------------------------------------------------------ real engines


def play(red, black, opening: Board, most: int) -> Board:
    """Play a game, checking every move."""
    board = opening.copy()
    while board.ply < most and board.outcome() is None:
        board.push((red if board.turn > 0 else black).choose(board).move)
    return board


@needs_fairy
@pytest.mark.parametrize("protocol", ["uci", "ucci"])
def test_fairy_stockfish_just_works(protocol):
    player = ExternalPlayer([FAIRY], protocol, {"UCI_Variant": "xiangqi", "Threads": "1"}, Limit(nodes=10))
    with closing(player), closing(RandomPlayer(7)) as rabbit:
        board = play(player, rabbit, after("h2e2", "h9g7"), 40)
        board = play(rabbit, player, after("b2e2"), 40)
        assert board.ply > 20
        two = player.choose(Board(), Limit(nodes=500, multipv=2)).info
        assert len(two.variations) == 2
        assert all(line.score is not None for line in two.variations)
        among = tuple(list(Board().legal_moves)[:3])
        assert player.choose(Board(), Limit(depth=2, root_moves=among)).move in among
        mate = player.choose(Board("3k5/9/9/9/9/9/9/9/4R3R/4K4 w"), Limit(depth=5))
        assert (mate.info.variations[0].score.mate, mate.score.as_wdl()) == (1, (1.0, 0.0, 0.0))
        begun = time.monotonic()
        player.choose(Board(), Limit(movetime=0.1))
        assert time.monotonic() - begun < 5  # UCCI's times are in the right unit


@pytest.mark.parametrize(("protocol", "ranks"), [("uci", "0-9"), ("uci", "1-10"), ("ucci", "")])
def test_our_own_server_through_our_own_client(protocol, ranks):
    options = {"Ranks": ranks} if ranks else {}
    command = [sys.executable, "-m", "xiangqi_lm", protocol, "--player", "random"]
    with closing(ExternalPlayer(command, protocol, options, Limit(nodes=1), timeout=60)) as player:
        board = play(player, player, after("h2e2"), 30)
        assert board.ply == 30 or not board.legal_list()  # random play can mate
        choice = player.choose(Board(), Limit(multipv=3))
        assert [line.probability for line in choice.info.variations] == pytest.approx([1 / 44] * 3, abs=1e-4)
