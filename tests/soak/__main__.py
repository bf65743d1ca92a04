"""`python -m tests.soak [NAME...] --minutes M`: run them, print a table of counts, exit 1 if anything went wrong."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from . import clients, disks, hostile, kills, memory, monkey, protocols
from .running import Counts, timed

RUNS: dict[str, Callable[..., None]] = {
    "kills": kills.soak,
    "disks": disks.soak,
    "hostile": hostile.soak,
    "protocols": protocols.soak,
    "monkey": monkey.soak,
    "memory": memory.soak,
    "clients": clients.soak,
}
FAULTS = ("tracebacks", "segfaults", "lost", "doubled", "others")


def run(name: str, seconds: float, seed: int, size: int = 1) -> Counts:
    """Run one of RUNS in a folder of its own, which is removed at the end."""
    counts = Counts()
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder:
        return timed(counts, lambda: RUNS[name](counts, Path(folder), seconds, seed, size))


def table(results: dict[str, Counts]) -> str:
    rows = [f"{'run':<10} {'minutes':>8} " + " ".join(f"{name:>10}" for name in FAULTS) + "  done"]
    for name, counts in results.items():
        numbers = " ".join(f"{getattr(counts, fault):>10}" for fault in FAULTS)
        done = counts.skipped or ", ".join(f"{count:,} {what}" for what, count in counts.done.items())
        rows.append(f"{name:<10} {counts.seconds / 60:>8.1f} {numbers}  {'skipped: ' if counts.skipped else ''}{done}")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RUNS)}; all where none is given")
    parser.add_argument("--minutes", type=float, default=5.0, help="for each run (default 5)")
    parser.add_argument("--seed", type=int, default=None, help="default: the time")
    parser.add_argument("--size", type=int, default=1, help="how large the work of each command is (default 1)")
    parser.add_argument("--json", type=Path, help="write counts and faults here")
    given = parser.parse_args()
    if unknown := set(given.names) - set(RUNS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(RUNS)}")
    seed = int(time.time()) if given.seed is None else given.seed
    print(f"seed {seed}", file=sys.stderr)
    results = {}
    for name in given.names or RUNS:
        results[name] = run(name, 60 * given.minutes, seed, given.size)
        for fault in results[name].faults:
            print(f"{name}: {fault}", file=sys.stderr)
    print(table(results))
    if given.json:
        given.json.write_text(json.dumps({"seed": seed, **{n: asdict(c) for n, c in results.items()}}, indent=1))
    sys.exit(any(not counts.clean for counts in results.values()))


if __name__ == "__main__":
    main()
