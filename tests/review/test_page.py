"""The page in a browser: no errors, clicks and keys through a game, lines played out, both languages and themes."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.review.page import page
from xiangqi_lm.review.reviewer import Reviewer
from xiangqi_lm.review.verdicts import Judge
from xiangqi_lm.rules.moves import Move

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
LINE = "h2e2 h9g7 h0g2 i9h9 e2e6 g7e6 g2e1 h7h0"
WALK = """
<script>
const seen = [];
addEventListener("error", event => seen.push("ERROR " + event.message));
const word = () => document.getElementById("word").textContent;
const key = name => document.dispatchEvent(new KeyboardEvent("keydown", { key: name }));
const moves = () => [...document.querySelectorAll("#moves button")];
try {
  seen.push("moves " + moves().length, "pieces " + document.querySelectorAll("#board circle").length);
  moves().forEach((_, i) => moves()[i].click());
  seen.push("end " + state.ply, "left " + document.querySelectorAll("#board circle").length);
  key("Home"); key("n");
  seen.push("mistake " + state.ply, "word " + word(), "ring " + (document.getElementById("prey") !== null));
  const texts = [...document.querySelectorAll("#board text")].map(one => one.textContent);
  seen.push("files " + texts.filter(text => /^[1-9a-i]$/.test(text)).join(""));
  document.querySelector("#word .play").click(); key("ArrowRight");
  seen.push("line " + state.step);
  key("Escape"); key("ArrowLeft"); key("ArrowRight"); key("ArrowRight");
  seen.push("step " + state.ply);
  key("p"); seen.push("back " + state.ply);
  document.getElementById("language").click(); seen.push("zh " + word());
  document.getElementById("theme").click(); seen.push("theme " + document.documentElement.dataset.theme);
  const graph = document.querySelector("#graph svg"), box = graph.getBoundingClientRect();
  graph.dispatchEvent(new MouseEvent("click", { clientX: box.right - 1, clientY: box.top + 5 }));
  seen.push("graph " + state.ply, "title " + document.getElementById("title").textContent);
  seen.push("wide " + (document.documentElement.scrollWidth <= innerWidth));
} catch (fault) { seen.push("ERROR " + fault); }
document.title = "walked";
document.body.append(Object.assign(document.createElement("pre"), { id: "seen", textContent: seen.join("\\n") }));
</script>
"""


@pytest.mark.skipif(BROWSER is None, reason="needs chromium")
@pytest.mark.parametrize("width", [390, 1200])
def test_a_walk_through_the_page(tmp_path: Path, width: int) -> None:
    moves = tuple(Move.from_iccs(text) for text in LINE.split())
    game = GameRecord({"Red": "<script>alert(1)</script>", "Black": "B"}, None, moves, "0-1", {2: "<b>bold</b>"})
    text = page([Reviewer(Judge("alphabeta?nodes=500")).review(game)])
    file = tmp_path / "page.html"
    file.write_text(text.replace("</body>", WALK + "</body>"), encoding="utf-8")
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
        f"--window-size={width},900", "--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom",
        file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, encoding="utf-8", check=True)
    assert "CONSOLE" not in done.stderr
    found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[-500:]
    seen = html.unescape(found[1]).splitlines()
    assert not [line for line in seen if line.startswith("ERROR")]
    assert {
        "moves 8",
        "pieces 32",
        "end 8",
        "mistake 5",
        "line 2",
        "step 6",
        "back 5",
        "graph 8",
        "ring true",
        "wide true",
    } <= set(seen)
    words = {line.split(" ", 1)[0]: line for line in seen}
    assert words["files"] == "files 918273645546372819"  # both sides' own numbers, as in the moves
    assert "Better:" in words["word"] and "应走" in words["zh"]
    assert "<script>alert(1)</script>" in words["title"]
    assert words["theme"] in ("theme dark", "theme light") and words["left"] != words["pieces"]
