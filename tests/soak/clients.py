"""Games in other people's clients and against their engines: XBoard on a display of its own, HoiXiangqi and MaxQi, with
our program behind UCI2WB, over UCI and UCCI. pyffish checks that every move was legal."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import open_records

from .running import ROOT, Counts, environment

SCREEN = ":93"
OPPONENTS = ("hoixiangqi", "maxqi")
GAMES = [("uci", "hoixiangqi"), ("ucci", "maxqi"), ("uci", "maxqi"), ("ucci", "hoixiangqi")]
LONGEST = 600.0  # seconds for one game


def program(name: str) -> str | None:
    """Return the path of a program; Debian keeps games outside the usual path."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/games")


def soak(counts: Counts, folder: Path, seconds: float, seed: int, size: int = 1) -> None:
    """Play both opponents over both protocols in turn until the time is up; at least one game."""
    wanted = ("Xvfb", "xboard", "uci2wb", *OPPONENTS)
    if missing := [name for name in wanted if program(name) is None]:
        counts.skipped = f"needs {', '.join(missing)}"
        return
    end = time.monotonic() + seconds
    server = subprocess.Popen([program("Xvfb") or "", SCREEN, "-screen", "0", "1024x768x24"], stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        for number, (protocol, opponent) in enumerate(GAMES):
            _game(counts, folder, protocol, opponent, min(LONGEST, max(60.0, end - time.monotonic())))
            if number and time.monotonic() > end:
                return
    finally:
        server.terminate()
        server.wait(10)


def _game(counts: Counts, folder: Path, protocol: str, opponent: str, longest: float) -> None:
    script, out = folder / f"{protocol}.sh", folder / f"{protocol}-{opponent}.pgn"
    script.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m xiangqi_lm {protocol} --player "alphabeta?nodes=300" '
        f'2>>"{folder}/stderr"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    (folder / "stderr").touch()
    adapter = f"{program('uci2wb')} {'-x' if protocol == 'ucci' else '-c'} {script}"
    words = [
        program("xboard") or "", "-variant", "xiangqi", "-fcp", adapter, "-fd", str(folder), "-scp",
        program(opponent) or "", "-mg", "1", "-st", "1", "-depth", "2", "-sgf", str(out), "-xponder", "-noGUI",
        "-initialMode", "TwoMachines", "-mps", "40", "-tc", "1",
    ]  # fmt: skip
    began = time.monotonic()
    client = subprocess.Popen(
        words, cwd=ROOT, env={**environment(folder), "DISPLAY": SCREEN, "HOME": str(folder)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        client.wait(longest)
    except subprocess.TimeoutExpired:
        client.terminate()
        client.wait(20)
    said = (folder / "stderr").read_text(errors="replace")
    counts.look(f"{protocol} in XBoard", None, said)
    (folder / "stderr").write_text("")
    _judge(counts, f"{protocol} against {opponent}, {time.monotonic() - began:.0f} s", out)


def _judge(counts: Counts, what: str, out: Path) -> None:
    import pyffish

    if not out.exists():
        counts.fault("others", f"{what}: XBoard saved no game")
        return
    text = out.read_text(errors="replace")
    result = (re.search(r'\[Result "([^"]*)"', text) or ["", "*"])[1]
    records = [item for item in open_records([out], 1) if isinstance(item, GameRecord)]
    if not records:
        counts.fault("others", f"{what}: its record is not read")
        return
    moves: list[str] = []
    for move in records[-1].moves:
        name = move.iccs()
        moves.append(f"{name[0]}{int(name[1]) + 1}{name[2]}{int(name[3]) + 1}")
    start = pyffish.start_fen("xiangqi")
    for ply in range(len(moves)):
        if moves[ply] not in pyffish.legal_moves("xiangqi", start, moves[:ply]):
            counts.fault("others", f"{what}: {moves[ply]} at ply {ply} is illegal")
            return
    counts.did("games")
    counts.did("plies", len(moves))
    if re.search(r"illegal|forfeit|exited", text, re.I):
        words = next(line for line in text.splitlines() if re.search(r"illegal|forfeit|exited", line, re.I))
        counts.fault("others", f"{what}: {words[:200]}")
    elif result == "*":
        counts.did("games not ended in time")
