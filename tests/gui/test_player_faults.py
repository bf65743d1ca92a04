"""Every fault of a player is reported in the window's language; no line is left in English."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

import xiangqi_lm
from xiangqi_lm.engine.spec import make_player
from xiangqi_lm.gui.game.player_faults import player_fault
from xiangqi_lm.gui.game.texts import table
from xiangqi_lm.model import checkpoint
from xiangqi_lm.rules.board import Board

PACKAGE = Path(xiangqi_lm.__file__).parent
SENTENCE = re.compile(r"[a-z]+ [a-z]+ [a-z]+")  # three consecutive English words
RAISED = [*sorted((PACKAGE / "engine" / "external").glob("*.py")), PACKAGE / "model" / "checkpoint.py",
          PACKAGE / "model" / "hub.py", PACKAGE / "gui" / "game" / "thinker.py"]  # fmt: skip

REFUSALS = ("EngineFailure", "BadCheckpoint", "_Unreachable")


def literal(node: ast.expr) -> str:
    """Return what a message looks like: its text with something in place of its fields."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        if isinstance(node.value, ast.IfExp):
            return literal(node.value.body)
        source = ast.unparse(node.value)
        if "endpoint" in source:
            return "https://hub.example"
        return "7" if node.format_spec else repr("x") if node.conversion == ord("r") else "x"
    return "x"


def lines() -> list[str]:
    """Return every message with which a player, a model or the hub is refused."""
    out = []
    for path in RAISED:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS:
                out += [literal(node.args[0])]
    return [line for line in out if re.search(r"[a-z]{3}", line)]


INNER = re.compile(
    r"^x: x$|^x: x: x$|^x: xx$|^tensors|^x is x, not x|^x holds"
)  # they contain another line, or are part of one


@pytest.mark.parametrize("line", sorted({line for line in lines() if not INNER.match(line)}))
def test_every_refusal_is_known(line):
    known = player_fault(line)
    assert known.key != "player_other", line
    assert not SENTENCE.search(known.words("zh")), known.words("zh")


def failed(do) -> str:
    with pytest.raises((RuntimeError, ValueError)) as caught:
        do()
    return str(caught.value)


def test_real_engines_and_models_that_fail(tmp_path):
    engine = Path(tmp_path / "engine.py")
    engine.write_text("import sys\nsys.stderr.write('no network file\\n')\nsys.exit(3)\n")
    text = tmp_path / "notes.txt"
    text.write_text("not a program")
    text.chmod(0o755)
    model = tmp_path / "model"
    model.mkdir()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{")
    said = {
        failed(lambda: make_player("uci:/no/such/engine")): "无法启动 /no/such/engine：没有这个文件或文件夹",
        failed(
            lambda: make_player(f"uci:{sys.executable} {engine}")
        ): "程序已退出，退出码 3；程序输出：no network file",
        failed(lambda: make_player(f"ucci:{text}")): f"无法启动 {text}：这不是本机可以运行的程序",
        failed(lambda: checkpoint.load(model)): f"{model} 中没有模型",
        failed(lambda: checkpoint.load(broken)): f"{broken / 'config.json'} 已损坏",
        failed(lambda: make_player("lmx:default")): "没有“lmx:default”这样的棋手",
    }
    for line, words in said.items():
        assert player_fault(line).words("zh") == words


def test_no_position_and_no_python_in_the_words_of_the_window():
    line = f"uci:x: it played the illegal move a0a9 in {Board().fen()} (it says: oops)"
    assert player_fault(line).words("en") == "it played the illegal move a0a9; it says: oops"
    assert player_fault(f"x: it answered 'e2 e4' in {Board().fen()}: 'e2' is not a move").words("en").count("/") == 0
    assert player_fault("MemoryError").words("en") == "there is not enough memory"
    assert player_fault("it fell over").words("en") == "it fell over"


def test_the_chinese_table_has_no_english_sentences():
    for key, words in table("zh").items():
        assert not SENTENCE.search(re.sub(r"xiangqi-lm library add|\{\w+\}", "", words)), key
    assert table("zh").keys() == table("en").keys()
