"""Games that tests of the library share."""

from dataclasses import replace

from record_samples import ENDGAME, game, mirrored, tree

from xiangqi_lm.records.game import GameRecord


def some_games() -> list[GameRecord]:
    """Return games that share openings, in both mirror images, with all results and one from a set-up position."""
    results, made = ("1-0", "0-1", "1/2-1/2", "*"), []
    for i in range(12):
        record = game(i % 5, 24 + i, results[i % 4], Red=f"R{i}", Black="B", Date=f"{1990 + i}.0{i % 9 + 1}.??")
        made.append(mirrored(record) if i % 2 else record)
    made += [game(7, 20, "1-0", ENDGAME, Red="E"), mirrored(game(7, 16, "0-1", ENDGAME, Red="F"))]
    return [*made, replace(tree(), headers=tree().headers | {"Red": "T"})]
