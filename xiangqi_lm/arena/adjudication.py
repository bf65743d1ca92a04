"""Games that end before the rules end them: by resignation, by agreement on the players' scores, or by length."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import BadConfig
from ..rules.outcome import Outcome, Termination
from ..rules.score import Score
from ..rules.squares import BLACK, RED, Color

NAMES = {RED: ("Red", "红方"), BLACK: ("Black", "黑方")}
LONGEST = 500  # plies of a game, by default


@dataclass(frozen=True)
class Adjudication:
    """When a game is ended early; scores are centipawns from the scoring side's view, and None disables a rule.

    A side resigns after scoring -`resign_score` or worse, while the other side scores `resign_score` or better, in
    `resign_moves` consecutive moves of each. A draw is agreed from ply `draw_ply` on, after neither side's score has
    been further than `draw_score` from 0 in `draw_moves` moves of each. If only one of the players gives scores, that
    one decides. After `max_plies` plies the game is drawn.
    """

    resign_score: int | None = None
    resign_moves: int = 4
    draw_score: int | None = None
    draw_moves: int = 8
    draw_ply: int = 60
    max_plies: int = LONGEST


def parse(resign: str | None, draw: str | None, max_plies: int = LONGEST) -> Adjudication:
    """Read `SCORE[,MOVES]` for resigning and `SCORE[,MOVES[,PLY]]` for draws; raises BadConfig."""
    values: dict[str, int] = {}
    for word, text, names in (
        ("resign", resign, ("resign_score", "resign_moves")),
        ("draw", draw, ("draw_score", "draw_moves", "draw_ply")),
    ):
        parts = text.split(",") if text else []
        if len(parts) > len(names) or not all(part.strip().isdecimal() for part in parts):
            form = ",".join(name.rsplit("_", 1)[1].upper() for name in names)
            raise BadConfig(f"{word} {text!r}: expected {form}, as whole numbers")
        values |= {name: int(part) for name, part in zip(names, parts, strict=False)}
        if values.get(f"{word}_moves") == 0:
            raise BadConfig(f"{word} {text!r}: the number of moves must be above 0")
    return Adjudication(**values, max_plies=max_plies)


@dataclass
class Referee:
    """Follows the scores of one game."""

    rules: Adjudication
    # consecutive moves with a winning score
    _good: dict[Color, int] = field(default_factory=lambda: dict.fromkeys(Color, 0))
    _bad: dict[Color, int] = field(default_factory=lambda: dict.fromkeys(Color, 0))
    _level: dict[Color, int] = field(default_factory=lambda: dict.fromkeys(Color, 0))
    _speaks: dict[Color, bool] = field(default_factory=lambda: dict.fromkeys(Color, False))
    _moved: dict[Color, int] = field(default_factory=lambda: dict.fromkeys(Color, 0))

    def judge(self, color: Color, score: Score | None, ply: int) -> Outcome | None:
        """Return how the game ends after a side's move, given its score and the plies played; None if it goes on."""
        rules = self.rules
        points = None if score is None else score.seen_by(color).as_centipawns()
        self._speaks[color] |= points is not None
        self._moved[color] += 1
        bound, level = rules.resign_score, rules.draw_score
        self._count(self._good, color, points is not None and bound is not None and points >= bound)
        self._count(self._bad, color, points is not None and bound is not None and points <= -bound)
        self._count(self._level, color, points is not None and level is not None and abs(points) <= level)
        for loser in Color:
            if self._agree({loser: self._bad, loser.opponent: self._good}, rules.resign_moves):
                name, name_zh = NAMES[loser]
                words = (f"{name} resigned after {rules.resign_moves} lost moves", f"{name_zh}认输")
                return Outcome(loser.opponent, Termination.RESIGNATION, *words, ply)
        if ply >= rules.draw_ply and self._agree(dict.fromkeys(Color, self._level), rules.draw_moves):
            words = (f"both sides saw a level game for {rules.draw_moves} moves", "双方均势，判和")
            return Outcome(None, Termination.ADJUDICATION, *words, ply)
        if ply >= rules.max_plies:
            words = (f"{rules.max_plies} plies were played", f"满{rules.max_plies}着，判和")
            return Outcome(None, Termination.ADJUDICATION, *words, ply)
        return None

    @staticmethod
    def _count(streaks: dict[Color, int], color: Color, goes_on: bool) -> None:
        streaks[color] = streaks[color] + 1 if goes_on else 0

    def _agree(self, streaks: dict[Color, dict[Color, int]], moves: int) -> bool:
        """Return whether every side that gives scores has a long enough streak, and the other has had time to give
        one.
        """
        speaking = [side for side in Color if self._speaks[side]]
        heard = all(self._moved[side] >= moves for side in Color)
        return heard and bool(speaking) and all(streaks[side][side] >= moves for side in speaking)
