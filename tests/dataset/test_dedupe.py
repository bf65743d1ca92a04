"""The same game recorded more than once: copies, prefixes, mirror images, excerpts."""

import random

from record_samples import ENDGAME, game, mirrored, random_moves

from xiangqi_lm.dataset.dedupe import Line, canonical, line_of, redundant, start_array
from xiangqi_lm.dataset.splits import Entry, split_keys
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board


def line(record: GameRecord) -> Line:
    return line_of(record, start_array(record))


def cut(record: GameRecord, plies: int) -> GameRecord:
    return GameRecord(record.headers, record.start_fen, record.moves[:plies], record.result)


def entry(record: GameRecord) -> Entry:
    return Entry(line(record), record.start_fen is not None, 2)


def test_copies_and_prefixes_are_found_with_the_game_that_contains_them():
    a, b = game(1, 40), game(2, 40)
    lines = [line(r) for r in (cut(a, 12), b, a, cut(a, 30), b, cut(b, 1))]
    assert redundant(lines, [False] * 6) == {0: ("prefix", 2), 3: ("prefix", 2), 4: ("exact", 1), 5: ("prefix", 1)}


def test_of_equal_games_the_preferred_one_is_kept():
    lines = [line(game(1, 40))] * 3
    assert redundant(lines, [False, True, True]) == {0: ("exact", 1), 2: ("exact", 1)}


def test_redundant_equals_the_definition_on_random_lines():
    chance = random.Random(7)
    for _ in range(40):
        lines = [Line(b"s", bytes(chance.choice((0, 1)) for _ in range(2 * chance.randrange(1, 4)))) for _ in range(12)]
        found = redundant(lines, [False] * 12)
        for i, mine in enumerate(lines):
            inside = any(other.moves.startswith(mine.moves) and other != mine for other in lines)
            copy = mine in lines[:i]
            assert (i in found) == (inside or copy)
        assert all(keeper not in found for kind, keeper in found.values() if kind == "prefix")
        assert all(lines[keeper].moves.startswith(lines[i].moves) for i, (_, keeper) in found.items())


def test_canonical_lines_of_mirrors_are_equal_and_keep_prefixes():
    for seed in range(10):
        for fen in (None, ENDGAME):
            record = game(seed, 30, fen=fen)
            assert canonical(line(record)) == canonical(line(mirrored(record)))
            for plies in (1, 3, 9):
                part, whole = canonical(line(cut(record, plies))), canonical(line(record))
                assert whole.start == part.start and whole.moves.startswith(part.moves)


def test_games_that_share_forty_plies_share_their_group():
    start = random_moves(3, 44)
    one = GameRecord(moves=start)
    other = GameRecord(moves=(*start[:41], *_other_end(start[:41])))
    keys = split_keys([entry(r) for r in (one, other, mirrored(other), game(4, 44))])
    assert keys[0] == keys[1] == keys[2] != keys[3]


def _other_end(moves):
    board = GameRecord(moves=moves).final()
    return [list(board.legal_moves)[-1]]


def test_set_up_records_of_one_position_share_their_group():
    keys = split_keys([entry(r) for r in (game(1, 9, fen=ENDGAME), mirrored(game(2, 9, fen=ENDGAME)), game(1, 9))])
    assert keys[0] == keys[1] != keys[2]


def test_an_excerpt_goes_with_the_game_it_comes_from():
    whole = [game(seed, 60) for seed in range(8)]
    board = Board()
    for move in whole[5].moves[:20]:
        board.push(move)
    excerpt = GameRecord({}, Board(board.fen()).fen(), whole[5].moves[20:50])
    stranger = game(0, 20, fen=ENDGAME)
    keys = split_keys([entry(r) for r in (excerpt, mirrored(excerpt), stranger, *whole)])
    assert keys[0] == keys[1] == keys[3 + 5]
    assert keys[2] not in keys[3:]
    assert len(set(keys[3:])) == 8


def test_of_two_games_through_one_position_the_excerpt_follows_the_one_it_continues():
    shared = random_moves(11, 20)
    board = GameRecord(moves=shared).final()
    fen = Board(board.fen()).fen()
    tails = [random_moves(seed, 30, fen) for seed in (1, 2)]
    games = [GameRecord(moves=shared + tail) for tail in tails]
    for tail, source in zip(tails, games, strict=True):
        keys = split_keys([entry(r) for r in (*games, GameRecord({}, fen, tail[:25]))])
        assert keys[2] == keys[games.index(source)] and keys[0] != keys[1]
