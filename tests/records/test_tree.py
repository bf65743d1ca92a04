"""Variations: every edit is checked against the lines of the tree."""

import copy
import pickle
import random

import pytest
from record_samples import moves, random_moves, tree

from xiangqi_lm.errors import IllegalMove, XiangqiError
from xiangqi_lm.records.formats.pgn import read_games, write_game
from xiangqi_lm.records.game import DEEPEST, GameRecord, Line, count, moves_to


def lines(line: Line, before: tuple = ()) -> list[tuple]:
    """Return every line from the start of the game, main line first: all that a tree says about moves."""
    out = [before + line.moves]
    for ply, below in sorted(line.variations.items()):
        for one in below:
            out += lines(one, before + line.moves[:ply])
    return out


def paths(line: Line, path: tuple = ()) -> list[tuple]:
    out = [path]
    for ply, below in sorted(line.variations.items()):
        for index, one in enumerate(below):
            out += paths(one, (*path, (ply, index)))
    return out


def test_moves_played_at_the_end_extend_the_line():
    record, path, ply = GameRecord(headers={"Event": "x"}).add((), 0, moves("h2e2 h9g7"))
    record, path, ply = record.add(path, ply, moves("h0g2"))
    assert (record.moves, path, ply, record.variations) == (moves("h2e2 h9g7 h0g2"), (), 3, {})
    assert record.headers == {"Event": "x"}


def test_another_move_within_a_line_opens_a_variation_and_the_same_move_follows_it():
    record = GameRecord(moves=moves("h2e2 h9g7 h0g2"))
    record, path, ply = record.add((), 1, moves("h7e7 h0g2"))
    assert (path, ply) == (((1, 0),), 2) and record.moves == moves("h2e2 h9g7 h0g2")
    record, path, ply = record.add((), 1, moves("b9c7"))
    assert (path, ply) == (((1, 1),), 1)
    same, path, ply = record.add((), 0, moves("h2e2 h7e7 h0g2"))
    assert (same, path, ply) == (record, ((1, 0),), 2)
    record, path, ply = record.add((), 1, moves("h7e7 b0c2"))
    assert path == ((1, 0), (1, 0)) and count(record.line) == 3
    assert record.board_at(path, ply).move_stack == list(moves("h2e2 h7e7 b0c2"))
    assert record.line_at(path).moves == moves("b0c2")


def test_an_illegal_move_changes_nothing():
    record = tree()
    with pytest.raises(IllegalMove):
        record.add(((0, 0),), 2, moves("h2e2 a0a5"))
    assert record == tree()


@pytest.mark.parametrize("seed", range(20))
def test_adding_never_loses_a_line_and_every_line_is_found_again(seed):
    chance = random.Random(seed)
    record = GameRecord()
    entered = []
    for i in range(12):
        path = chance.choice(paths(record.line))
        ply = chance.randrange(len(record.line_at(path).moves) + 1)
        before = moves_to(record.line, path, ply)
        board = record.board_at(path, ply)
        played = []
        for _ in range(chance.randrange(1, 5)):
            played.append(chance.choice(list(board.legal_moves)))
            board.push(played[-1])
        record, path, ply = record.add(path, ply, played)
        assert moves_to(record.line, path, ply) == before + tuple(played)
        entered.append(before + tuple(played))
        assert i + 1 >= count(record.line)
    known = lines(record.line)
    assert all(any(line[: len(one)] == one for line in known) for one in entered)
    assert len(set(known)) == len(known)


def test_deleting_takes_one_variation_with_all_below_it():
    record = tree()
    for path in paths(record.line)[1:]:
        less = record.delete(path)
        gone = lines(record.line_at(path), moves_to(record.line, path, 0))
        assert sorted(lines(less.line) + gone, key=str) == sorted(lines(record.line), key=str)
        assert less.moves == record.moves and record == tree()
    assert GameRecord(moves=moves("h2e2")).add((), 0, moves("c3c4"))[0].delete(((0, 0),)).variations == {}


def test_promoting_keeps_every_line_and_leads_with_the_chosen_one():
    record = tree()
    for path in paths(record.line)[1:]:
        risen = record.promote(path)
        assert set(lines(risen.line)) == set(lines(record.line)) and count(risen.line) == count(record.line)
        chosen = moves_to(record.line, path, len(record.line_at(path).moves))
        parent = path[:-1]
        assert moves_to(risen.line, parent, len(risen.line_at(parent).moves)) == chosen
        ply = path[-1][0]
        back = risen.promote((*parent, (ply, 0)))
        assert lines(back.line)[0] == lines(record.line)[0]
        for one in lines(risen.line):
            GameRecord(moves=one).final()


def test_comments_go_with_their_moves_when_a_variation_is_promoted():
    record = tree().promote(((0, 0),))
    assert record.moves == moves("c3c4 h7e7") and record.comments == {0: "开始", 1: "先", 2: "end"}
    demoted = record.variations[0][0]
    assert demoted.moves == tree().moves and demoted.comments == {2: "第一行", 4: "last"}
    assert demoted.variations == {n: below for n, below in tree().variations.items() if n}


@pytest.mark.parametrize("path", [((0, 1),), ((2, 0),), ((1, 0), (5, 0)), ((0, -1),)])
def test_places_that_do_not_exist(path):
    for act in (tree().delete, tree().promote, tree().line_at):
        with pytest.raises(XiangqiError, match="no variation"):
            act(path)


def test_the_main_line_cannot_be_deleted():
    for act in (tree().delete, tree().promote):
        with pytest.raises(XiangqiError, match="main line"):
            act(())


def test_the_deepest_tree_can_be_compared_copied_and_sent():
    record, path = GameRecord(moves=random_moves(1, 2)), ()
    for _ in range(DEEPEST):
        known = record.line_at(path).moves[1]
        board = record.board_at(path, 1)
        other = next(m for m in board.legal_moves if m is not known)
        board.push(other)
        record, path, _ = record.add(path, 1, [other, next(iter(board.legal_moves))])
    assert len(path) == DEEPEST and count(record.line) == DEEPEST
    assert pickle.loads(pickle.dumps(record)) == record == copy.deepcopy(record)
    (back,) = read_games(write_game(record))
    assert back.line == record.line
    known = record.line_at(path).moves[1]
    with pytest.raises(XiangqiError, match="deeper"):
        record.add(path, 1, [next(m for m in record.board_at(path, 1).legal_moves if m is not known)])


def test_glyphs_comments_and_cuts_are_edits_of_one_place():
    record = tree()
    path = next(path for path in paths(record.line) if len(path) == 1)
    marked = record.mark(path, 1, (2, 18)).mark((), 1, (3,)).comment(path, 1, "why").comment((), 0, "")
    assert marked.line_at(path).nags == {1: (2, 18)} and marked.nags == {1: (3,)}
    assert marked.line_at(path).comments[1] == "why" and 0 not in marked.comments
    assert marked.mark(path, 1, ()).mark((), 1, ()).nags == {}
    promoted = marked.promote(path)
    ply = path[0][0]
    assert promoted.nags[ply + 1] == (2, 18)
    assert next(read_games(write_game(marked))).line == marked.line
    assert marked.cut((), 1).moves == record.moves[:1] and marked.cut((), 1).nags == {1: (3,)}
    assert marked.cut(path, 0) == marked.delete(path)


def test_glyphs_are_read_as_numbers_or_signs_and_written_as_numbers():
    record = next(
        read_games("1. 炮二平五! 马8进7?! $6 $18 (1... 炮8平5 ！？ 2. 马二进三??) 2. 马二进三 $999 车9平8+! *")
    )
    assert record.nags == {1: (1,), 2: (6, 18), 4: (1,)}
    assert record.variations[1][0].nags == {1: (5,), 2: (4,)}
    assert "$6 $18" in write_game(record) and next(read_games(write_game(record))).nags == record.nags
