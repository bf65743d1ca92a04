"""Whose moves are learned, and how games are divided."""

from collections import Counter

import pytest
from record_samples import ENDGAME, game, games_of

from xiangqi_lm.dataset import shards
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.learning import games
from xiangqi_lm.records.readers import Refusal


@pytest.mark.parametrize(
    ("whose", "headers", "result", "color"),
    [
        ("", {}, "1-0", 0),
        ("red", {}, "0-1", 1),
        ("black", {}, "*", -1),
        ("winner", {}, "1-0", 1),
        ("winner", {}, "0-1", -1),
        ("winner", {}, "1/2-1/2", None),
        ("winner", {}, "*", None),
        ("许银川", {"Red": "廣東 許銀川"}, "*", 1),
        ("許銀川", {"Black": "许银川"}, "*", -1),
        ("吕钦", {"Red": "赵国荣", "Black": "胡荣华"}, "*", None),
        ("ann", {"Red": "Hanna", "Black": "ann_1"}, "*", -1),  # whole words
        ("ann", {"Red": "Hanna", "Black": "Joanne"}, "*", None),
        ("Ann Lee", {"Red": "Ms ANN  LEE"}, "*", 1),
        ("吕钦", {"Red": "小吕钦", "Black": "吕 钦"}, "*", -1),  # an exact match has priority
        ("吕钦", {"Red": "小吕钦", "Black": "郭莉萍 吕钦"}, "*", 0),
        ("  ", {"Red": "x"}, "*", None),
    ],
)
def test_whose_moves(whose, headers, result, color):
    assert games.color_of(game(1, 12, result, **headers), whose) == color


def test_what_is_left_out_is_counted():
    records = [*games_of("Me", 6), *games_of("Other", 3, 50), game(0, 5, Red="Me"), games_of("Me", 1)[0]]
    found = games.gather([*records, Refusal("x", 1, 0, "h2h2", "illegal move")], "me")
    assert (len(found.entries), found.read) == (6, 12)
    assert found.dropped == {"exact": 1, "illegal move": 1, "too short": 1, "not of 'me'": 3}
    assert [entry.color for entry in found.entries] == [1, -1, 1, -1, 1, -1]
    assert found.names == Counter({"Me": 8})
    assert found.rated == 0 and games.gather(games_of("Me", 2, RedElo="1900"), "me").rated == 1


def key_of(entry):
    return entry.canonical.first(40).key()


def test_games_are_held_out_by_their_openings():
    """Ten games in three variations each: a variation is always on the same side as its game."""
    records = [game(i, 60) for i in range(60)]
    twins = [records[i].cut((), 45 + i % 3) for i in range(30)]
    other_ends = []
    for i, twin in enumerate(twins):
        moves = list(twin.final().legal_moves)
        other = next(move for move in moves if move is not records[i].moves[len(twin.moves)])
        other_ends.append(twin.add((), len(twin.moves), [other])[0])
    found = games.gather([*records, *other_ends, *(game(i, 20, fen=ENDGAME) for i in range(5))], "")
    parts = games.divide(found, None)
    count = len(found.entries)
    assert sum(map(len, parts[:3])) == count and parts.left_out == 0
    assert 0.1 * count <= len(parts.measured) <= 0.15 * count + 1 and 3 <= len(parts.stopping) <= 0.1 * count + 1
    assert not any(entry.setup for entry in (*parts.measured, *parts.stopping))
    keys = [{key_of(entry) for entry in part} for part in parts[:3]]
    assert not (keys[0] & keys[1] or keys[0] & keys[2] or keys[1] & keys[2])
    assert games.divide(found, None) == parts
    assert games.divide(found, None, seed=5) != parts


def test_games_set_apart_are_used_for_measuring():
    found = games.gather([game(i, 50) for i in range(30)], "")
    apart = games.gather([game(i, 50) for i in range(28, 40)], "")
    parts = games.divide(found, apart)
    assert (len(parts.train), parts.left_out) == (28, 2)  # two are set apart already
    assert (len(parts.stopping), len(parts.measured)) == (3, 9)
    assert {key_of(e) for e in (*parts.stopping, *parts.measured)} == {key_of(e) for e in apart.entries}


@pytest.mark.parametrize("count", [0, 1, 19])
def test_too_few_games_are_refused_with_what_to_expect(count):
    with pytest.raises(XiangqiError, match=rf"^{count} game.*at least 20 are needed.*even from 200"):
        games.divide(games.gather(games_of("Me", count), "me"), None)


def test_a_name_without_games_is_refused_with_the_most_similar_players():
    names = ("Lin Yi", "吕钦", "Li Ming", "Zhao", "Wu", "Xu", "")
    found = [game(i, 40, Red=names[i], Black="Zhao") for i in range(len(names))]
    with pytest.raises(XiangqiError) as refused:
        games.divide(games.gather(found, "Li Min"), None)
    words = str(refused.value)
    assert words.startswith("0 games of 'Li Min' to learn from")
    assert "players of the other games: 'Li Ming' (1), 'Lin Yi' (1)," in words and words.endswith(" and 1 more")
    with pytest.raises(XiangqiError, match=r"of '呂欽正'.*other games: '吕钦' \(1\), "):
        games.divide(games.gather(found, "呂欽正"), None)
    with pytest.raises(XiangqiError, match=r"^7 games to learn from.*learned$"):
        games.divide(games.gather(found, ""), None)


def test_games_that_are_all_alike_are_refused():
    trunk = game(3, 60)
    found = []
    for end in range(41, 60):
        shorter = trunk.cut((), end)
        last = [move for move in shorter.final().legal_moves if move is not trunk.moves[end]]
        found += [shorter.add((), end, [move])[0] for move in last[:2]]
    with pytest.raises(XiangqiError, match="share their openings"):
        games.divide(games.gather(found, ""), None)


def test_parts_are_shards(tmp_path):
    found = games.gather(games_of("Me", 30), "me")
    parts = games.divide(found, None)
    games.write(parts, found, tmp_path, [("a.pgn", "12")])
    learned, measured = (shards.Shards.open(tmp_path / name) for name in (games.SHARDS, games.MEASURED))
    assert learned.check() == {"train": len(parts.train), "validation": len(parts.stopping)}
    assert measured.check() == {"train": 0, "validation": len(parts.measured)}
    assert learned.index["sources"] == [{"name": "a.pgn", "sha256": "12"}]
    split = measured.split("validation")
    assert [split.color(i) for i in range(len(split))] == [entry.color for entry in parts.measured]
