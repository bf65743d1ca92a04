"""Rulings: Pikafish's verdicts and plies, reasons in words, move limit, material, and all their symmetries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors import load, recorded_games

from xiangqi_lm.rules import jit, rulings
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.outcome import Termination
from xiangqi_lm.rules.rulesets import CHOICES, RULESETS
from xiangqi_lm.rules.squares import BLACK, RED

ROWS = load("repetition.json")
NAMED = load("repetition_named.json")
BOOK = load("asian_book.json")  # the Asian federation's diagrams
VERDICTS = {"Red wins": RED, "Black wins": BLACK, "draw": None}


def moves_of(row) -> list[Move]:
    return [Move.from_iccs(text) for text in row["moves"].split()]


def play(board: Board, moves: list[Move], ruleset: str = "computer"):
    """Play until the game ends; return the outcome, or None."""
    end = board.outcome(ruleset)
    for move in moves:
        if end is not None:
            return end
        board.push(move)
        end = board.outcome(ruleset)
    return end


@pytest.mark.parametrize("row", ROWS, ids=[f"{i}-{row['kind']}" for i, row in enumerate(ROWS)])
def test_pikafish_verdict_and_ply(row):
    board = Board(row["fen"])
    end = play(board, moves_of(row))
    assert end is not None and end.winner == VERDICTS[row["pikafish"]]
    assert end.plies == board.ply == row["pikafish_ply"]
    assert end.reason and end.reason_zh


@pytest.mark.parametrize("row", NAMED, ids=[row["name"] for row in NAMED])
def test_worked_cases(row):
    board = Board(row["fen"])
    end = play(board, moves_of(row))
    assert board.ply == len(row["moves"].split())
    assert end is None if row["verdict"] is None else end.winner == VERDICTS[row["verdict"]]


RULES = st.sampled_from(list(RULESETS))
CYCLES = st.sampled_from([row for row in ROWS + NAMED + BOOK if row["moves"]])


@settings(max_examples=150, deadline=None)
@given(CYCLES, RULES)
def test_mirror_keeps_the_verdict(row, ruleset):
    board = Board(row["fen"])
    end = play(board, moves_of(row), ruleset)
    twin = play(Board(row["fen"]).mirror(), [move.mirror() for move in moves_of(row)], ruleset)
    assert (end and (end.winner, end.termination, end.plies)) == (twin and (twin.winner, twin.termination, twin.plies))


@settings(max_examples=150, deadline=None)
@given(CYCLES, RULES)
def test_half_turn_swaps_the_winner(row, ruleset):
    end = play(Board(row["fen"]), moves_of(row), ruleset)
    twin = play(Board(row["fen"]).transform(), [move.half_turn() for move in moves_of(row)], ruleset)
    if end is None or twin is None:
        assert end is twin
    else:
        assert twin.winner is (None if end.winner is None else end.winner.opponent)
        assert (twin.termination, twin.plies) == (end.termination, end.plies)


@settings(max_examples=60, deadline=None)
@given(CYCLES, st.integers(0, 3))
def test_the_past_before_the_cycle_does_not_matter(row, extra):
    """A board that continues from an earlier FEN rules like one that starts in the cycle: only the window counts."""
    moves = moves_of(row)
    end = play(Board(row["fen"]), moves)
    if end is None or end.termination not in (Termination.PERPETUAL_CHASE, Termination.PERPETUAL_CHECK):
        return
    board = Board(row["fen"])
    cycle = moves[-4:]  # for some more plies the last three occurrences are still the same cycle
    for move in moves[: end.plies] + (cycle * 2)[:extra]:
        if move in board.legal_moves:
            board.push(move)
    later = board.outcome()
    assert later is not None and later.winner == end.winner


def case(name: str):
    row = next(row for row in NAMED if row["name"] == name)
    board = Board(row["fen"])
    return play(board, moves_of(row))


def test_reasons_name_pieces_and_moves():
    check = case("perpetual check")
    assert (check.winner, check.termination) == (BLACK, Termination.PERPETUAL_CHECK)
    assert check.reason == "Red's rook checked with each of 4 moves (f2e2, e2f2): perpetual check loses"
    assert check.reason_zh == "红车连续四次将军（f2e2, e2f2），长将作负"
    chase = case("rook chases bare horse")
    assert (chase.winner, chase.termination) == (BLACK, Termination.PERPETUAL_CHASE)
    assert chase.reason == (
        "Red's rook chased Black's horse on i9, h7 with each of 4 moves (h0i0, i0h0): perpetual chase loses"
    )
    assert chase.reason_zh == "红车连续四次捉黑马 i9, h7（h0i0, i0h0），长捉作负"
    assert chase.words("zh-CN") == chase.reason_zh and chase.result == "0-1"


def test_reasons_of_draws():
    assert case("both check always").reason_zh == "同一局面出现三次，双方长将，不变作和"
    assert "both sides chased" in case("both chase").reason
    idle = case("idle")
    assert idle.termination is Termination.REPETITION and idle.winner is None and "three times" in idle.reason


def test_two_hunters_and_black_at_fault():
    both = case("two attackers (elephant, uncovered rook), one victim")
    assert "elephant and rook" in both.reason and "相、车" in both.reason_zh
    assert case("Black keeps making a fake root").reason.startswith("Black's rook chased Red's horse")


def test_simple_draws_every_repetition():
    for row in NAMED:
        end = play(Board(row["fen"]), moves_of(row), "simple")
        if end is not None and end.termination is Termination.REPETITION:
            assert end.winner is None
    chase = next(row for row in NAMED if row["name"] == "rook chases bare horse")
    assert play(Board(chase["fen"]), moves_of(chase), "simple").winner is None


# ------------------------------------------------------------------------------------------------ asian


@pytest.mark.parametrize("row", BOOK, ids=[f"{i}-{row['diagram']}" for i, row in enumerate(BOOK)])
@pytest.mark.parametrize("ruleset", ["asian", "wxf"])
def test_diagrams_of_the_book(row, ruleset):
    board = Board(row["fen"])
    end = play(board, moves_of(row), ruleset)
    assert end is not None and end.result == row["verdict"]
    assert end.reason and end.reason_zh


ASIAN = {  # name -> verdict decided by the book's text (worked cases without a diagram)
    "perpetual check": "Black wins",
    "both check always": "draw",
    "check v renewed chase: checker loses": "Black wins",
    "rook chases bare horse": "Black wins",
    "horse protected": "draw",
    "horse on protected rook": "Black wins",
    "cannon on protected rook": "Black wins",
    "pawn chases rook": "draw",
    "king chases pawn": "draw",
    "rook chases crossed pawn": "Black wins",
    "two victims in turn": "draw",
    "both chase": "draw",
    "check + chase (CXA: Red must change)": "draw",
    "rook held by horse (AXF diagram 39)": "Black wins",
    "Black keeps making a fake root": "Red wins",
}


@pytest.mark.parametrize("name", ASIAN)
def test_asian_verdicts(name):
    row = next(row for row in NAMED if row["name"] == name)
    assert play(Board(row["fen"]), moves_of(row), "asian").winner == VERDICTS[ASIAN[name]]


PAIRS = {  # name -> position, one lap, winner under the Asian rules, under the computer's
    "two hunters in turn, one victim": (
        "2c1kab2/4a4/4b4/9/9/9/P1p5P/2r1N1cC1/4A4/3ACK3 w", "e2d4 g2g1 d4e2 g1g2", BLACK, None),
    "a pawn beside the hunter": ("1c1ak4/N1PNa4/9/9/5P3/9/9/4Bp3/9/3p1K1p1 w", "c8b8 b9c9 b8c8 c9b9", BLACK, BLACK),
    "the victim's side checks now and then": (
        "3akr3/n3a4/4b4/9/P1b6/9/1n7/4B4/3RA4/2BAK4 w", "d1d3 b3c1 d3d1 c1b3", BLACK, None),
    "once with check": ("3k5/9/9/9/9/9/9/9/cr1CAK3/9 w", "d1d3 b1b3 d3d1 b3b1", RED, None),
    "a pawn that uncovers its cannon": (
        "3a3C1/3P5/3k5/9/9/4p1B2/n8/5K3/9/N2C5 w", "d8c8 d7e7 c8d8 e7d7", BLACK, BLACK),
}  # fmt: skip


@pytest.mark.parametrize("fen, lap, asian, computer", PAIRS.values(), ids=PAIRS.keys())
def test_chases_are_judged_by_pair(fen, lap, asian, computer):
    moves = moves_of({"moves": lap}) * 2
    assert play(Board(fen), moves, "asian").winner is asian
    assert play(Board(fen), moves).winner is computer


def test_chasing_a_rook_held_by_a_horse_loses_whatever_the_other_side_does():
    """Both sides chase, the cannon a rook that a horse holds: a draw by the computer rule."""
    row = next(row for row in NAMED if row["name"].startswith("rook held by horse"))
    end = play(Board(row["fen"]), moves_of(row), "asian")
    assert "held by a horse" in end.reason and "被马牵制" in end.reason_zh
    assert play(Board(row["fen"]), moves_of(row)).winner is None


# ------------------------------------------------------------------------------------------------ chinese

MATE_THREATS = "3aka3/4n4/4b4/4C4/p3p3p/9/2c6/2C6/4K4/9 w", "c2g2 c3g3 g2c2 g3c3"
CHINESE = {  # name -> position, one lap, winner, how
    "a mate threat with every move": (*MATE_THREATS, BLACK, Termination.PERPETUAL_ATTACK),
    "check and mate threat in turn": (
        "2bak4/4a4/4b4/8p/5R3/8P/n8/1r2C4/9/1cBAKAB2 w", "f5h5 e9f9 h5f5 f9e9", BLACK, Termination.PERPETUAL_ATTACK),
    "check and chase in turn": (
        "5k3/9/9/6n2/9/9/6R2/9/9/3K5 w", "g3f3 f9e9 f3g3 e9f9", BLACK, Termination.PERPETUAL_ATTACK),
    "check and idle move": ("5k3/9/9/9/9/9/6R2/9/9/3K5 w", "g3f3 f9e9 f3g3 e9f9", None, Termination.REPETITION),
    "two victims in turn": ("3k5/9/9/cn7/9/9/9/9/9/R4K3 w", "a0b0 d9d8 b0a0 d8d9", BLACK, Termination.PERPETUAL_CHASE),
    "check against chase": (
        "3k5/9/9/4N4/1R3r3/9/9/4BA3/4K4/9 w", "e6c7 d9d8 c7e6 d8d9", BLACK, Termination.PERPETUAL_CHECK),
    "pawn chases rook": ("3k5/9/1r7/2P6/9/9/9/9/9/4K4 w", "c6b6 b7c7 b6c6 c7b7", None, Termination.REPETITION),
}  # fmt: skip


@pytest.mark.parametrize("fen, lap, winner, how", CHINESE.values(), ids=CHINESE.keys())
def test_chinese_verdicts(fen, lap, winner, how):
    end = play(Board(fen), moves_of({"moves": lap}) * 2, "chinese")
    assert (end.winner, end.termination) == (winner, how)
    assert end.reason and end.reason_zh


def test_chinese_reasons_say_what_each_move_did():
    end = play(Board(MATE_THREATS[0]), moves_of({"moves": MATE_THREATS[1]}) * 2, "chinese")
    assert end.reason == (
        "each of Red's 4 moves is forbidden (c2g2 threatens mate, g2c2 threatens mate) and Black's are allowed: "
        "Red loses"
    )
    assert end.reason_zh == "红方连续四着均为禁止着法（c2g2 杀，g2c2 杀），黑方为允许着法，红方不变作负"


def test_both_sides_at_fault_draw_under_the_chinese_rules():
    row = next(row for row in NAMED if row["name"] == "both chase")
    end = play(Board(row["fen"]), moves_of(row), "chinese")
    assert end.winner is None and "both sides" in end.reason and "双方均为禁止着法" in end.reason_zh


# ------------------------------------------------------------------------------------------------ move limit


def test_move_limit():
    board = Board("3k5/9/9/9/9/9/9/9/R8/4K4 w - - 118 80")
    end = play(board, [Move.from_iccs("a1b1"), Move.from_iccs("d9d8")])
    assert end.termination is Termination.MOVE_LIMIT and end.winner is None and end.plies == 2
    assert "60回合" in end.reason_zh and Board("3k5/9/9/9/9/9/9/9/R8/4K4 w - - 120 80").outcome() is not None
    assert Board("3k5/9/9/9/9/9/9/9/R8/4K4 w - - 100 80").outcome("asian").termination is Termination.MOVE_LIMIT
    assert Board("3k5/9/9/9/9/9/9/9/R8/4K4 w - - 100 80").outcome() is None


def laps(board: Board, cycles: list[str], plies: int) -> None:
    """Walk cycles of different lengths, so that no position repeats three times within the plies; ignore outcomes."""
    texts = [cycle.split() for cycle in cycles]
    for ply in range(plies):
        side = texts[ply % len(texts)]
        board.push_text(side[(ply // len(texts)) % len(side)])


def test_only_ten_checks_of_a_side_count():
    """28 plies with 14 checks by Red: ten checks and ten replies count, so the clock is at 20."""
    board = Board("4k4/9/9/9/9/9/9/5R3/9/3K5 w")
    laps(board, ["f2e2 e2f2", "e9f9 f9e9"], 28)
    assert board.halfmove == 28
    assert rulings.counted_plies(board, 10) == 20
    assert rulings.counted_plies(board, None) == 28


def test_checks_before_the_fen_are_unknown():
    board = Board("4k4/9/9/9/9/9/9/5R3/9/3K5 w - - 50 70")
    laps(board, ["f2e2 e2f2", "e9f9 f9e9"], 28)
    assert rulings.counted_plies(board, 10) == 70


def test_a_capture_forgets_the_checks():
    board = Board("4k4/9/9/9/9/9/9/p4R3/9/3K5 w")
    laps(board, ["f2e2 e2f2", "e9f9 f9e9"], 28)
    board.push_text("f2a2")
    board.push_text("e9e8")
    assert board.halfmove == 1 and rulings.counted_plies(board, 10) == 1


# ------------------------------------------------------------------------------------------------ material

MATERIAL = {
    "bare kings": ("4k4/9/9/9/9/9/9/9/9/3K5 w", True),
    "no attackers": ("4k4/4a4/4b4/9/9/9/9/4B4/4A4/3K5 w", True),
    "a pawn": ("4k4/9/9/9/9/9/P8/9/9/3K5 w", False),
    "a rook": ("4k4/9/9/9/9/9/9/9/9/R2K5 w", False),
    "a horse": ("4k4/9/9/9/9/9/9/9/9/N2K5 w", False),
    "cannon, no advisors": ("4k4/9/9/9/9/9/9/9/9/C2K5 w", True),
    "cannon and elephants, no advisors": ("4k4/9/9/9/9/9/9/9/9/C1BK2B2 w", True),
    "cannon with an advisor of its own": ("4k4/9/9/9/9/9/9/9/9/C2K1A3 w", False),
    "cannon v one advisor": ("4ka3/9/9/9/9/9/9/9/9/C2K5 w", True),
    "cannon and elephant v one advisor, no mate": ("4ka3/9/9/9/9/9/9/9/9/C1BK5 w", True),
    "cannon v two advisors, no mate": ("3aka3/9/9/9/9/9/9/9/9/C2K5 w", True),
    "cannon and elephant v two advisors": ("3aka3/9/9/9/9/9/9/9/9/C1BK5 w", False),
    "a cannon each, bare": ("c3k4/9/9/9/9/9/9/9/9/C2K5 w", True),
    "a cannon each and an elephant": ("c3k1b2/9/9/9/9/9/9/9/9/C2K5 w", True),
    "a cannon each and an advisor": ("c3ka3/9/9/9/9/9/9/9/9/C2K5 w", False),
    "two cannons of one side": ("4k4/9/9/9/9/9/9/9/9/CC1K5 w", False),
}


@pytest.mark.parametrize("fen, drawn", MATERIAL.values(), ids=MATERIAL.keys())
def test_material(fen, drawn):
    for board in (Board(fen), Board(fen).transform()):
        end = board.outcome()
        assert (end is not None and end.termination is Termination.MATERIAL) == drawn
        for ruleset in CHOICES:
            assert board.outcome(ruleset) == end


def test_a_mate_in_one_overrides_the_draw():
    """Cannon against two advisors is a draw, unless the next move mates."""
    mate = Board("9/3ka4/3a5/9/9/9/9/5K3/9/C8 w")
    assert mate.outcome() is None
    mate.push_text("a0d0")
    assert mate.outcome().winner is RED


# ------------------------------------------------------------------------------------------------ whole games


def test_interpreted_chases_equal_compiled(monkeypatch):
    rows = ROWS[::50] + BOOK[::12]

    def ends():
        return [
            play(Board(row["fen"]), moves_of(row), name) for row in rows for name in ("computer", "asian", "chinese")
        ]

    expected = ends()
    monkeypatch.setattr(jit, "kernels", jit.interpreted)
    assert ends() == expected


def test_recorded_games_do_not_end_early():
    """Rulings do not end games without repetitions."""
    for moves in recorded_games():
        board = Board()
        for move in moves:
            assert board.outcome() is None
            board.push(move)
