"""Strength from results: a score as an Elo difference with its error, and ratings of many players together."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .sprt import NORMALIZED, Sprt

Z95 = 1.959963984540054  # 95 % of a normal distribution lie within this many standard deviations of its mean
FEW = 10  # pairs
_PER_NATURAL = 400 / math.log(10)  # Elo per natural logarithm of odds


def elo_of(score: float) -> float:
    """Return the Elo difference for which a score between 0 and 1 is expected."""
    return 400 * math.log10(score / (1 - score))


def _normal_cdf(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2


# ------------------------------------------------------------------------------------------------ two players


@dataclass(frozen=True)
class Tally:
    """A player's results against another: games, and pairs of games from one opening with colours exchanged.

    `pairs` counts the pairs that scored 0, 1/2, 1, 3/2 and 2; unpaired games are in none. Tallies can be added.
    """

    wins: int = 0
    draws: int = 0
    losses: int = 0
    pairs: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    def __add__(self, other: Tally) -> Tally:
        pairs = tuple(a + b for a, b in zip(self.pairs, other.pairs, strict=True))
        sums = (self.wins + other.wins, self.draws + other.draws, self.losses + other.losses)
        return Tally(*sums, pairs)  # type: ignore[arg-type]

    def reversed(self) -> Tally:
        """Return the same results from the other player's side."""
        return Tally(self.losses, self.draws, self.wins, self.pairs[::-1])

    @property
    def games(self) -> int:
        return self.wins + self.draws + self.losses

    @property
    def score(self) -> float:
        """Return the points per game; 1/2 without games."""
        return (self.wins + self.draws / 2) / self.games if self.games else 0.5

    @property
    def deviation(self) -> float:
        """Return the standard deviation of a game's score: from pairs, as two games from one opening are not
        independent; from single games if there are too few pairs.
        """
        counts = self.pairs if sum(self.pairs) >= FEW else (self.losses, self.draws, self.wins)
        total, scores = sum(counts), [i / (len(counts) - 1) for i in range(len(counts))]
        if not total:
            return 0.0
        mean = sum(n * score for n, score in zip(counts, scores, strict=True)) / total
        variance = sum(n * (score - mean) ** 2 for n, score in zip(counts, scores, strict=True)) / total
        return math.sqrt(variance * (len(counts) // 2))

    @property
    def error(self) -> float:
        """Return the standard error of the score."""
        return self.deviation / math.sqrt(self.games) if self.games else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % bounds of the expected score, strictly between 0 and 1.

        This is the normal interval; if that exceeds the possible scores or nothing varied (a clean sweep, all draws),
        it is Wilson's interval, after adding one drawn game.
        """
        if self._is_normal:
            return self.score - Z95 * self.error, self.score + Z95 * self.error
        n, score = self.games + 1, self._with_a_draw
        centre = (score + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        half = Z95 * math.sqrt(score * (1 - score) / n + Z95**2 / (4 * n * n)) / (1 + Z95**2 / n)
        return centre - half, centre + half

    @property
    def _is_normal(self) -> bool:
        """Return whether the scores varied and the normal interval stays within the possible scores."""
        return 0 < Z95 * self.error < min(self.score, 1 - self.score)

    @property
    def _with_a_draw(self) -> float:
        return (self.score * self.games + 0.5) / (self.games + 1)

    @property
    def elo(self) -> float:
        """Return the Elo difference; after a clean sweep, as if one more game had been drawn."""
        return elo_of(self.score if 0 < self.score < 1 else self._with_a_draw)

    @property
    def elo_interval(self) -> tuple[float, float]:
        """Return the 95 % bounds of the Elo difference."""
        low, high = self.interval
        return elo_of(low), elo_of(high)

    @property
    def normalized_elo(self) -> float:
        """Return the score above 1/2 in standard deviations of a game; 0 where nothing varied."""
        return (self.score - 0.5) / self.deviation * NORMALIZED if self.deviation else 0.0

    @property
    def superiority(self) -> float:
        """Return the likelihood that the first player is the stronger one (LOS), from the score in standard errors.

        With few games, and where the normal interval would exceed the possible scores, the observed spread is
        unreliable; then the error of equal players with as many draws is used, so that 5 wins mean more than 4 and a
        draw.
        """
        if not self.games:
            return 0.5
        if self._is_normal and self.games >= 2 * FEW:
            return _normal_cdf((self.score - 0.5) / self.error)
        return _normal_cdf((self.wins - self.losses) / math.sqrt(max(1, self.wins + self.losses)))

    def llr(self, sprt: Sprt) -> float:
        """Return the log-likelihood ratio of the test, over pairs if there are any."""
        return sprt.llr(self.pairs if any(self.pairs) else (self.losses, self.draws, self.wins))


# ------------------------------------------------------------------------------------------------ many players


@dataclass(frozen=True)
class Rating:
    """Elo with its 95 % bounds, relative to the anchor or to the mean of all players."""

    elo: float
    low: float
    high: float


@dataclass(frozen=True)
class Ratings:
    """Ratings of players connected by games; `advantage` is the value of Red's first move in Elo, `draws` the share
    of draws between equals. `bounded` is False if someone won or lost everything and imaginary games were added to
    keep the ratings finite.
    """

    players: dict[str, Rating]
    advantage: float
    draws: float
    bounded: bool


Results = Mapping[tuple[str, str], Sequence[float]]  # (red, black) -> Red's wins, draws, losses


def rate(results: Results, anchor: str | None = None, advantage: bool = True) -> Ratings:
    """Return maximum-likelihood ratings in Davidson's model: Red wins, loses and draws with weights e^(d/2), e^(-d/2)
    and a constant, where d is the difference of strengths plus the value of the first move.

    Ratings are scaled so that a small difference means the same as between two players (`Tally.elo`), whatever the
    share of draws. Their bounds come from the Fisher information. The anchor has 0; without one the mean is 0. Players
    that no games connect with the anchor (or with the largest group) are left out. One imaginary game, half won and
    half lost, keeps the advantage finite; the same is added between each two players that are connected only by wins of
    one side, as when somebody has lost everything.

    R. R. Davidson, J. Amer. Statist. Assoc. 65 (1970) 317-328; Davidson and Beaver, Biometrics 33 (1977) 693-702.
    """
    known = _connected(results, anchor)
    played = {pair: np.array(result, dtype=float) for pair, result in results.items() if set(pair) <= set(known)}
    if not any(result.sum() for result in played.values()):
        return Ratings({anchor: Rating(0, 0, 0)} if anchor else {}, 0.0, 0.0, True)
    loose = _one_way(played, known)
    for red, black in loose:
        share = 0.25 if (black, red) in loose else 0.5  # of the imaginary game, for each colour in which they met
        played[red, black] = played[red, black] + np.array([share, 0, share])
    model = _Davidson(played, known, advantage)
    values, covariance = model.fit()
    n = len(known)
    draw = math.exp(values[-1]) if model.draws else 0.0
    scale = _PER_NATURAL * 2 / (2 + draw)  # between equals the expected score has the slope of a logistic curve
    centre = np.eye(n) - (1 / n if anchor is None else np.eye(n)[known.index(anchor)])
    strengths = scale * centre @ values[:n]
    errors = scale * np.sqrt(np.maximum(np.diag(centre @ covariance[:n, :n] @ centre.T), 0))
    ratings = {
        name: Rating(float(elo), float(elo - Z95 * error), float(elo + Z95 * error))
        for name, elo, error in zip(known, strengths, errors, strict=True)
    }
    return Ratings(ratings, float(scale * values[n]) if advantage else 0.0, draw / (2 + draw), not loose)


class _Davidson:
    """The likelihood of results as a function of strengths [n], advantage and logarithm of the draw constant."""

    def __init__(self, played: dict[tuple[str, str], np.ndarray], known: list[str], advantage: bool):
        n, index = len(known), {name: i for i, name in enumerate(known)}
        rows, counts = [], []
        for (red, black), result in played.items():
            row = np.zeros(n + 2)
            row[index[red]], row[index[black]], row[n] = 1, -1, 1
            rows.append(row)
            counts.append(result)
        if advantage:  # the imaginary game between equals
            rows.append(np.eye(n + 2)[n])
            counts.append(np.array([0.5, 0, 0.5]))
        self.counts = np.array(counts)  # [pairs, 3] wins, draws, losses
        self.draws = bool(self.counts[:, 1].sum())
        differences = np.array(rows)  # [pairs, n + 2]
        only_draws = np.eye(n + 2)[n + 1]
        self.features = np.stack([differences / 2, np.tile(only_draws, (len(rows), 1)), -differences / 2], axis=1)
        if not self.draws:
            self.features[:, 1, -1] = 0
        if not advantage:
            self.features[:, :, n] = 0
        self.n = n

    def _chances(self, values: np.ndarray) -> np.ndarray:
        """Return the probabilities of win, draw and loss: [pairs, 3]."""
        logits = self.features @ values
        if not self.draws:
            logits[:, 1] = -np.inf
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def _likelihood(self, values: np.ndarray) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.nansum(np.where(self.counts > 0, self.counts * np.log(self._chances(values)), 0)))

    def fit(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the likeliest values (mean strength 0) and their covariance, by Newton's method on a concave
        function.
        """
        values, best = np.zeros(self.n + 2), self._likelihood(np.zeros(self.n + 2))
        for _ in range(100):
            chances = self._chances(values)
            gradient = np.einsum("pk,pkf->f", self.counts - self.counts.sum(1, keepdims=True) * chances, self.features)
            step = np.linalg.pinv(self._information(chances), rcond=1e-12, hermitian=True) @ gradient
            while (found := self._likelihood(values + step)) < best and np.abs(step).max() > 1e-12:
                step /= 2
            values, best = values + step, max(found, best)
            if np.abs(step).max() < 1e-10:
                break
        return values, np.linalg.pinv(self._information(self._chances(values)), rcond=1e-12, hermitian=True)

    def _information(self, chances: np.ndarray) -> np.ndarray:
        """Return the Fisher information [n + 2, n + 2]; singular, as shifting all strengths changes nothing."""
        games = self.counts.sum(axis=1)
        mean = np.einsum("pk,pkf->pf", chances, self.features)
        second = np.einsum("p,pk,pkf,pkg->fg", games, chances, self.features, self.features)
        return second - np.einsum("p,pf,pg->fg", games, mean, mean)


# ------------------------------------------------------------------------------------------------ connections


def _reach(start: str, ways: Mapping[str, set[str]]) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        for name in ways.get(todo.pop(), set()) - seen:
            seen.add(name)
            todo.append(name)
    return seen


def _connected(results: Results, anchor: str | None) -> list[str]:
    """Return the players that games connect with the anchor, or the largest such group, in order of appearance."""
    ways: dict[str, set[str]] = {}
    order: dict[str, None] = {anchor: None} if anchor else {}
    for (red, black), result in results.items():
        order |= {red: None, black: None}
        if sum(result):
            ways.setdefault(red, set()).add(black)
            ways.setdefault(black, set()).add(red)
    groups = [_reach(name, ways) for name in ([anchor] if anchor else order)]
    largest = max(groups, key=len, default=set())
    return [name for name in order if name in largest]


def _one_way(played: dict[tuple[str, str], np.ndarray], known: list[str]) -> list[tuple[str, str]]:
    """Return the pairs of players that only wins of one side connect, through any games; all pairs that met if
    nobody won.
    """
    beaten: dict[str, set[str]] = {}  # player -> those that it beat or drew against
    decided = Counter[bool]()
    for (red, black), (wins, draws, losses) in played.items():
        decided[bool(wins or losses)] += 1
        if wins or draws:
            beaten.setdefault(red, set()).add(black)
        if losses or draws:
            beaten.setdefault(black, set()).add(red)
    met = [pair for pair, result in played.items() if result.sum()]
    if not decided[True]:
        return met
    below = {name: _reach(name, beaten) for name in known}
    return [(red, black) for red, black in met if black not in below[red] or red not in below[black]]
