"""Elo, its error, SPRT and ratings of many players, checked against published tallies and values derived by hand."""

import math
import random

import pytest

from xiangqi_lm.arena.ratings import Tally, elo_of, rate
from xiangqi_lm.arena.sprt import Sprt

# ------------------------------------------------------------------------------------------------ two players


def of_pairs(*pairs):
    """Return a tally with known pairs but unknown games: pairs that score one point count as two draws."""
    games, points = 2 * sum(pairs), sum(i * count for i, count in enumerate(pairs))
    return Tally(points // 2, points % 2, games - points // 2 - points % 2, pairs)


@pytest.mark.parametrize(
    ("tally", "elo", "error"),
    [  # fastchess's own tests, and matches published with their tallies
        (Tally(136, 111, 96), 40.70, 30.43),
        (of_pairs(34, 54, 63, 64, 75), 55.58, 27.65),
        (of_pairs(332, 433, 498, 333, 334), -8.64, 10.33),
        (Tally(999, 1590, 785, (36, 340, 767, 462, 82)), 22.07, 7.16),
        (Tally(57776 - 15016 - 27393, 27393, 15016, (835, 6884, 13116, 7201, 852)), 2.11, 1.70),
        (Tally(880, 1863, 759), 12.0, 7.9),  # cutechess
        (Tally(195, 85, 110), 77.0, 31.1),
        (Tally(30, 43, 27), 10.4, 51.7),
    ],
)
def test_elo_and_its_error_are_the_published_ones(tally, elo, error):
    low, high = tally.elo_interval
    assert tally.elo == pytest.approx(elo, abs=0.06)
    assert (high - low) / 2 == pytest.approx(error, rel=0.01)


@pytest.mark.parametrize(
    ("tally", "superiority"),
    [
        (Tally(76, 123, 89), 0.1553),
        (Tally(136, 111, 96), 0.9960),
        (of_pairs(332, 433, 498, 333, 334), 0.0505),
        (Tally(30, 43, 27), 0.654),
        (Tally(745, 501, 678), 0.962),
    ],
)
def test_likelihood_of_superiority_is_the_published_one(tally, superiority):
    assert tally.superiority == pytest.approx(superiority, abs=6e-4)


@pytest.mark.parametrize(
    ("tally", "normalized"),
    [
        (Tally(76, 123, 89), -20.76),
        (Tally(136, 111, 96), 49.77),
        (Tally(34, 0, 356), -508.44),
        (of_pairs(34, 54, 63, 64, 75), 57.94),
        (of_pairs(332, 433, 498, 333, 334), -9.17),
        (Tally(999, 1590, 785, (36, 340, 767, 462, 82)), 36.25),
    ],
)
def test_normalized_elo_is_the_published_one(tally, normalized):
    assert tally.normalized_elo == pytest.approx(normalized, abs=0.006)


def test_elo_by_hand():
    assert elo_of(0.5) == 0
    assert elo_of(10 / 11) == pytest.approx(400)
    assert Tally(3, 0, 1).elo == pytest.approx(400 * math.log10(3))


@pytest.mark.parametrize("games", [1, 2, 10, 1000, 1_000_000])
def test_clean_sweeps_and_all_draws_are_finite(games):
    won, drawn = Tally(games, 0, 0), Tally(0, games, 0)
    low, high = won.elo_interval
    assert -250 < low < won.elo < high < 3000
    assert won.reversed().elo_interval == pytest.approx((-high, -low))
    assert won.superiority > 0.8
    assert drawn.elo == 0
    low, high = drawn.elo_interval
    assert low == pytest.approx(-high)
    assert low < 0
    assert drawn.superiority == 0.5


def test_more_wins_in_a_row_mean_more():
    elos = [Tally(n, 0, 0).elo_interval[0] for n in (1, 4, 16, 64)]
    assert elos == sorted(elos)


def test_a_win_instead_of_a_draw_never_lowers_superiority():
    for games in range(1, 9):
        superior = [Tally(wins, games - wins, 0).superiority for wins in range(games + 1)]
        assert superior == sorted(superior)
    assert Tally(4, 1, 0).superiority == pytest.approx(0.9772, abs=1e-4)  # two standard errors: 4 / sqrt(4)


def test_without_games_nothing_is_known():
    nothing = Tally()
    assert (nothing.score, nothing.elo, nothing.superiority, nothing.llr(Sprt(0, 5))) == (0.5, 0, 0.5, 0)


def test_tallies_add_and_reverse():
    tally = Tally(3, 2, 1, (0, 1, 0, 1, 1)) + Tally(1, 0, 1, (0, 0, 1, 0, 0))
    assert tally == Tally(4, 2, 2, (0, 1, 1, 1, 1))
    assert tally.reversed() == Tally(2, 2, 4, (1, 1, 1, 1, 0))
    assert tally.reversed().elo == pytest.approx(-tally.elo)


def test_intervals_cover_as_often_as_they_should():
    dice = random.Random(5)
    held = 0
    for _ in range(400):
        wins = sum(dice.random() < 0.6 for _ in range(100))
        low, high = Tally(wins, 0, 100 - wins).elo_interval
        held += low <= elo_of(0.6) <= high
    assert 0.92 <= held / 400 <= 0.98


# ------------------------------------------------------------------------------------------------ SPRT

LLRS = [  # counts (losses, draws, wins, or pairs from 0 to 2 points), bounds, model, the published ratio
    ((36027, 68692, 36433), (0, 2), "normalized", 0.92),  # fastchess's tests
    ((10650, 20431, 10871), (-1.75, 0.25), "normalized", 2.30),
    ((0, 0, 4250), (0, 10), "normalized", 120.56),
    ((21184, 40708, 21404), (0.5, 2.5), "logistic", -1.57),
    ((57030, 106593, 57433), (0, 2), "logistic", -2.59),
    ((365, 16618, 36229, 16974, 390), (0, 2), "normalized", 2.25),
    ((127, 4883, 10712, 5150, 104), (-1.75, 0.25), "normalized", 3.01),
    ((0, 0, 0, 0, 5550), (0, 5), "normalized", 111.82),
    ((223, 9863, 21279, 10037, 246), (0.5, 2.5), "logistic", -3.07),
    ((871, 26175, 55983, 26678, 821), (0, 2), "logistic", -4.98),
    ((379, 10170, 21828, 10640, 343), (0, 2), "normalized", 2.94598),  # fastchess's command line
    ((0, 0, 2, 0, 37), (0, 20), "normalized", 2.96),  # a match that was almost a clean sweep
    ((36, 340, 767, 462, 82), (0, 3), "normalized", 2.89),
    ((115, 1156, 2443, 1233, 141), (-3, 1), "normalized", 2.90),
    ((13, 37, 50, 25, 3), (0, 4), "normalized", -0.54912),  # fishtest's exact figures
    ((13, 37, 50, 25, 3), (0, 2.716), "logistic", -0.53772),
    ((759, 1863, 880), (0, 5), "logistic", 2.95),  # the GSPRT answer in a cutechess thread
    ((4063, 8620, 4307), (0, 3), "logistic", 2.99),
]


@pytest.mark.parametrize(("counts", "bounds", "model", "llr"), LLRS)
def test_likelihood_ratios_are_the_published_ones(counts, bounds, model, llr):
    assert Sprt(*bounds, model=model).llr(counts) == pytest.approx(llr, abs=0.006, rel=3e-4)


@pytest.mark.parametrize(("counts", "bounds", "model", "llr"), LLRS)
def test_the_other_side_has_the_same_ratio_with_opposite_sign(counts, bounds, model, llr):
    there = Sprt(*bounds, model=model).llr(counts)
    back = Sprt(-bounds[1], -bounds[0], model=model).llr(counts[::-1])
    assert back == pytest.approx(-there, rel=1e-6, abs=1e-6)


def test_the_bounds_are_walds():
    assert Sprt(0, 5).bounds == pytest.approx((-2.9444, 2.9444), abs=1e-4)
    assert Sprt(0, 5, alpha=0.05, beta=0.1).bounds == pytest.approx((-2.2513, 2.8904), abs=1e-4)


@pytest.mark.parametrize("model", ["logistic", "normalized"])
@pytest.mark.parametrize("size", [3, 5])
def test_clean_sweeps_and_all_draws_come_to_a_decision(model, size):
    test = Sprt(0, 50, model=model)
    for place, decision in ((0, "H0"), (size // 2, "H0"), (size - 1, "H1")):
        counts = [0] * size
        counts[place] = 5000
        llr = test.llr(counts)
        assert math.isfinite(llr)
        assert test.decision(llr) == decision
    assert test.decision(test.llr([0] * size)) == "continue"
    one = [0] * size
    one[-1] = 1
    assert test.decision(test.llr(one)) == "continue"


def test_the_ratio_is_that_of_likelihoods_by_hand():
    """Without draws the probabilities of wins and losses follow from Elo, so the ratio is a plain one."""
    wins, losses = 6000, 4000
    chances = [1 / (1 + 10 ** (-elo / 400)) for elo in (50, 80)]
    by_hand = wins * math.log(chances[1] / chances[0]) + losses * math.log((1 - chances[1]) / (1 - chances[0]))
    assert Sprt(50, 80).llr((losses, 0, wins)) == pytest.approx(by_hand, rel=1e-3)


def test_error_rates_of_the_test_stay_below_alpha_and_beta():
    dice = random.Random(7)
    test, taken = Sprt(0, 60, alpha=0.1, beta=0.1), {0: 0, 60: 0}
    for elo in taken:
        chance = 1 / (1 + 10 ** (-elo / 400))
        for _ in range(40):
            counts, decision = [0, 0, 0], "continue"
            while decision == "continue":
                for _ in range(10):
                    counts[2 if dice.random() < chance else 0] += 1
                decision = test.decision(test.llr(counts))
            taken[elo] += decision == "H1"
    assert taken[0] <= 10
    assert taken[60] >= 30


# ------------------------------------------------------------------------------------------------ many players

PUDDINGS = """
1 2 19 22 16 | 1 3 16 19 12 | 2 3 19 19 10 | 1 4 18 23 13 | 2 4 23 19 9 | 3 4 19 20 15 | 1 5 13 19 18 | 2 5 16 20 12
3 5 16 15 17 | 4 5 17 14 16 | 1 6 18 21 12 | 2 6 22 20 12 | 3 6 13 18 10 | 4 6 14 19 18 | 5 6 11 21 12
"""  # Davidson 1970: brands i, j, wins of i, wins of j, ties


def test_davidsons_example():
    results = {}
    for row in PUDDINGS.replace("\n", "|").split("|"):
        if row.strip():
            i, j, wins, losses, ties = row.split()
            results[i, j] = (int(wins), int(ties), int(losses))
    found = rate(results, advantage=False)
    constant = 2 * found.draws / (1 - found.draws)
    assert constant == pytest.approx(0.7468, abs=1e-4)
    worth = [10 ** (found.players[name].elo * (2 + constant) / 2 / 400) for name in "123456"]
    published = [0.1388, 0.1730, 0.1617, 0.1654, 0.1587, 0.2024]
    assert [w / sum(worth) for w in worth] == pytest.approx(published, abs=1e-4)


def test_two_players_and_the_first_move_by_hand():
    """Without draws, strength and advantage have closed forms: sqrt(AD / BC) and sqrt(AC / BD)."""
    a, b, c, d = 6000, 3000, 4000, 5000
    found = rate({("p", "q"): (a, 0, b), ("q", "p"): (c, 0, d)}, anchor="q")
    assert found.players["q"].elo == 0
    assert found.players["p"].elo == pytest.approx(200 * math.log10(a * d / (b * c)), abs=0.01)
    assert found.advantage == pytest.approx(200 * math.log10(a * c / (b * d)), abs=0.01)
    half = 1.96 * 400 / math.log(10) * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d) / 2  # of a logarithm of odds
    assert found.players["p"].high - found.players["p"].elo == pytest.approx(half, rel=1e-3)


@pytest.mark.parametrize("tally", [Tally(136, 111, 96), Tally(40, 900, 60), Tally(55, 0, 45)])
def test_ratings_of_two_players_are_their_elo_difference(tally):
    found = rate({("a", "b"): (tally.wins, tally.draws, tally.losses)}, anchor="b", advantage=False).players["a"]
    assert found.elo == pytest.approx(tally.elo, rel=0.01)
    assert found.high - found.low == pytest.approx(tally.elo_interval[1] - tally.elo_interval[0], rel=0.02)


def test_draws_do_not_change_the_scale():
    """Equal steps stay equal whatever the draws: 3 : 1 in points for each step; the ends never met."""
    games = {("a", "b"): (75, 0, 25), ("b", "c"): (75, 0, 25)}
    found = rate(games, anchor="c", advantage=False).players
    assert [found[name].elo for name in "abc"] == pytest.approx([2 * elo_of(0.75), elo_of(0.75), 0])


def test_without_an_anchor_the_mean_is_zero_and_an_anchor_only_shifts():
    games = {("a", "b"): (5, 3, 2), ("b", "c"): (6, 1, 3), ("c", "a"): (2, 2, 6)}
    free, bound = rate(games), rate(games, anchor="c")
    assert sum(rating.elo for rating in free.players.values()) == pytest.approx(0)
    for name in "abc":
        shifted = free.players[name].elo - free.players["c"].elo
        assert bound.players[name].elo == pytest.approx(shifted)
    assert bound.players["c"].low == bound.players["c"].high == 0


@pytest.mark.parametrize(
    "games",
    [
        {("a", "b"): (10, 0, 0), ("b", "a"): (0, 0, 10)},
        {("a", "b"): (10, 0, 0), ("b", "c"): (10, 0, 0), ("c", "a"): (0, 0, 10)},
        {("a", "b"): (0, 9, 0), ("b", "c"): (0, 9, 0)},
        {("a", "b"): (5, 0, 0), ("b", "a"): (5, 0, 0)},  # Red always wins
        {("a", "b"): (1, 0, 0)},
        {("a", "b"): (1000, 0, 0), ("b", "c"): (3, 5, 4), ("a", "c"): (900, 1, 0)},
    ],
)
def test_after_clean_sweeps_ratings_are_finite_and_in_order(games):
    found = rate(games)
    for rating in found.players.values():
        assert math.isfinite(rating.elo)
        assert rating.low <= rating.elo <= rating.high
        assert rating.high - rating.low < 10_000
    assert found.players["a"].elo >= found.players["b"].elo - 1e-6
    assert math.isfinite(found.advantage)


@pytest.mark.parametrize("sides", [1, 2])
def test_a_sweep_between_two_players_is_rated_as_by_their_tally(sides):
    games = {("a", "b"): (16 // sides, 0, 0), ("b", "a"): (0, 0, 16 - 16 // sides)}
    assert rate(games, anchor="b", advantage=False).players["a"].elo == pytest.approx(Tally(16, 0, 0).elo)


def test_a_sweep_does_not_affect_the_others():
    games = {("a", "b"): (30, 20, 20), ("b", "a"): (25, 20, 25)}
    alone = rate(games, anchor="b").players["a"].elo
    beside = rate({**games, ("a", "z"): (50, 0, 0), ("b", "z"): (50, 0, 0)}, anchor="b")
    assert beside.players["a"].elo == pytest.approx(alone, abs=4)
    assert beside.players["z"].elo < -500
    assert not beside.bounded


def test_players_not_connected_with_the_anchor_are_not_rated():
    games = {("a", "b"): (3, 2, 1), ("c", "d"): (3, 2, 1), ("d", "e"): (3, 2, 1)}
    assert set(rate(games, anchor="a").players) == {"a", "b"}
    assert set(rate(games).players) == {"c", "d", "e"}
    assert rate({}).players == {}
    assert rate({("a", "b"): (0, 0, 0)}, anchor="a").players["a"].elo == 0


def test_true_strengths_are_recovered():
    """Games are drawn from Davidson's own model; all but about one in twenty ratings lie in their intervals."""
    dice, strengths = random.Random(3), {"a": 0, "b": 100, "c": 250, "d": -150, "e": 40}
    constant, first_move = 0.8, 40
    scale = 2 / (2 + constant)
    games: dict = {}
    for red in strengths:
        for black in strengths:
            if red != black:
                d = (strengths[red] - strengths[black] + first_move) / scale / 400 * math.log(10)
                weights = (math.exp(d / 2), constant, math.exp(-d / 2))
                drawn = dice.choices(range(3), weights, k=300)
                games[red, black] = tuple(drawn.count(i) for i in range(3))
    found = rate(games, anchor="a")
    assert found.advantage == pytest.approx(first_move, abs=12)
    assert found.draws == pytest.approx(constant / (2 + constant), abs=0.03)
    for name, strength in strengths.items():
        rating = found.players[name]
        assert rating.elo == pytest.approx(strength, abs=35)
        assert name == "a" or rating.high - rating.elo < 30
