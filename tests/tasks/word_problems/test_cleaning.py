"""Each cleaning rule on an item of its own, and whole files."""

import json
import lzma

import pytest

from xiangqi_lm.errors import BadRecord
from xiangqi_lm.tasks.word_problems import problems
from xiangqi_lm.tasks.word_problems.cleaning import REASONS, RULES, clean, clean_item
from xiangqi_lm.tasks.word_problems.problems import Problem, RawItem


@pytest.mark.parametrize(
    ("equation", "answer", "rules", "expression"),
    [
        ("x=6*7", "42", {"prefix"}, "6*7"),
        ("6*7", "42", set(), "6*7"),
        ("x=6×7", "42", {"prefix", "spelling"}, "6*7"),
        ("x=80*(1+25%)", "100", {"prefix", "percent"}, "80*(1+25/100)"),
        ("x=3(1/2)*2", "7", {"prefix", "mixed"}, "(3+1/2)*2"),
        ("x=(4:5)*10", "8", {"prefix", "ratio", "brackets"}, "4/5*10"),
        ("x=15/16*100%", "93.75%", {"prefix", "percent", "whole"}, "15/16"),
        ("x=((3*4))+(5)", "17", {"prefix", "brackets"}, "3*4+5"),
        ("x=40*(1/4)", "10", {"prefix"}, "40*(1/4)"),
    ],
)
def test_rules(equation, answer, rules, expression):
    found, problem = clean_item(RawItem("共有多少？", equation, answer))
    assert isinstance(problem, Problem)
    assert problem.expressions == (expression,)
    assert found - {"percent"} == rules - {"percent"} and ("percent" in found) >= ("percent" in rules)


@pytest.mark.parametrize(
    ("equation", "answer", "reason"),
    [
        ("x=+5", "5", "unparsed"),
        ("x=3/0", "1", "no value"),
        ("x=3*4", "十二", "no answer"),
        ("x=3*4", "13", "differs"),
        ("x=43/5", "9", "differs"),
    ],
)
def test_reasons(equation, answer, reason):
    assert clean_item(RawItem("共有多少？", equation, answer))[1] == reason


def test_counts_add_up():
    items = [RawItem("甲？", "x=1+1", "2"), RawItem("甲？", "x=2", "2"), RawItem("乙？", "x=1/0", "2")]
    cleaned = clean(items)
    assert len(cleaned.problems) + sum(cleaned.dropped.values()) == len(items)
    assert cleaned.dropped == dict.fromkeys(REASONS, 0) | {"duplicate": 1, "no value": 1}
    assert cleaned.changed == dict.fromkeys(RULES, 0) | {"prefix": 1}


def test_files_round_trip(tmp_path):
    made = [Problem("甲？", ("1+1", "2"), ("2", "2"), "a"), Problem("乙？", ("3",), ("3",), "")]
    problems.write(tmp_path / "p.jsonl", made)
    assert problems.read(tmp_path / "p.jsonl") == made
    item = {"id": "1", "original_text": "甲？", "segmented_text": "甲 ？", "equation": "x=1+1", "ans": "2"}
    with lzma.open(tmp_path / "raw.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(item) + "\n\n")
    assert problems.read(tmp_path / "raw.jsonl.xz") == [RawItem("甲？", "x=1+1", "2")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{not json", "p.jsonl:1.*not JSON"),
        ("[1]", "p.jsonl:1.*expected an object"),
        ('{"question": "甲？"}', "p.jsonl:1.*expressions"),
        ('{"question": "甲？", "expressions": ["1"], "answers": ["1", "2"]}', "1 expressions but 2 answers"),
        ('{"equation": "x=1", "ans": "1"}', "original_text"),
        ('{"question": "甲？", "expressions": ["1+"], "answers": ["1"]}', "p.jsonl:1.*expressions: .*the end"),
        ('{"question": "甲？", "expressions": ["1"], "answers": ["一"]}', "p.jsonl:1.*answers: .*unexpected '一'"),
        ("\n", "p.jsonl: expected a problem a line, found none"),
    ],
)
def test_errors_name_the_line(tmp_path, text, words):
    (tmp_path / "p.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(BadRecord, match=words):
        problems.read(tmp_path / "p.jsonl")


def test_damaged_archives_are_named(tmp_path):
    (tmp_path / "p.jsonl.xz").write_bytes(b"no archive at all")
    with pytest.raises(BadRecord, match=r"p\.jsonl\.xz"):
        problems.read(tmp_path / "p.jsonl.xz")
