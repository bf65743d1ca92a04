"""A mutator of record files, and the check that every reader survives them.

To run it for longer than the suite does: `python tests/records/fuzzing.py --seconds 600 --seed 1`
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import lzma
import random
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from binaries import cbl, cbr, xqf
from record_samples import ENDGAME, FOLDER, game, tree

from xiangqi_lm.records.formats import dhtmlxq, pgn
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import open_records

SLOWEST = 20.0  # seconds for one small file, on a busy machine
WORDS = [
    b"{", b"}", b"(", b")", b";", b"%", b"[", b"]", b'"', b"$1", b"1-0", b"*", b"1...", b"h2e2", b"H2-E2",
    "炮二平五".encode(), "前炮进一".encode("gb18030"), "馬８進７".encode("big5"), b"\0", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\r", b"\n\n",
    b'[FEN "', b'[Event "', ENDGAME.encode(), b"[DhtmlXQ]", b"[DhtmlXQ_movelist]", b"[/DhtmlXQ_movelist]", b"7747",
    b"[DhtmlXQ_move_0_1_1]", b"XQ\x0a", b"CCBridge Record\0", b"\xff\xff\xff\x7f", b"9" * 400, b" " * 3000, b"(" * 300,
    b"START{", b"}END", b"FORMAT WXF\n", b"<n m=\"h2e2\">", b"<!DOCTYPE n>", "红方：甲\n".encode(), b"Ch3-e3", b"$146",
    b'{"moves": "', b'"fen": ', b"gameID,turn,side,move\n", b"1,1,red,C2.5\n", b"\\ud800", b"\xed\xa0\x80",
]  # fmt: skip


def archives() -> dict[str, bytes]:
    """Return the sample PGN files in each kind of archive."""
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.pgn"))}
    out: dict[str, bytes] = {}
    for mode in ("", "gz", "xz"):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=f"w:{mode}") as archive:
            for name, data in files.items():
                info = tarfile.TarInfo(f"../{name}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        out[f"a.tar.{mode}" if mode else "a.tar"] = buffer.getvalue()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(f"../{name}", data)
    out["a.zip"] = buffer.getvalue()
    out["a.pgn.gz"], out["a.pgn.xz"] = (pack(files["traditional-big5.pgn"]) for pack in (gzip.compress, lzma.compress))
    return out


def samples() -> dict[str, bytes]:
    """Return a valid file of every format, under a name that identifies its reader."""
    records = [tree(), game(3, 40, "0-1", ENDGAME), game(4, 24)]
    out = {path.name: path.read_bytes() for path in FOLDER.glob("*.pgn")}
    for notation in pgn.NOTATIONS:
        text = "".join(pgn.write_game(record, notation) for record in records)
        out[f"{notation}.pgn"] = text.encode()
    out["utf16.pgn"] = text.encode("utf-16")
    out["hkscs.pgn"] = pgn.write_game(records[2], "traditional").encode("big5hkscs", errors="replace")
    out["a.html"] = "".join(map(dhtmlxq.write_game, records)).encode("gb18030")
    lines = [" ".join(m.iccs() for m in record.moves) for record in records]
    fens = [record.start_fen for record in records]
    objects = [{"moves": line, "fen": fen} for line, fen in zip(lines, fens, strict=True)]
    out["a.jsonl"] = "\n".join(map(json.dumps, objects)).encode()
    out["a.moves"] = "\n".join([lines[0], lines[2]]).encode()
    rows = [f"1,{i // 2 + 1},{('red', 'black')[i % 2]},{m.iccs()}" for i, m in enumerate(records[2].moves)]
    out["a.csv"] = "\n".join(["gameID,turn,side,move", *rows]).encode()
    out["plain.xqf"], out["scrambled.xqf"] = xqf(records[0]), xqf(records[0], 18)
    out["a.cbr"], out["a.cbl"] = cbr(records[0]), cbl(records)
    out |= {path.name: path.read_bytes() for path in sorted((FOLDER / "programs").iterdir()) if path.is_file()}
    return out | archives()


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Make a few random changes of kinds that break readers."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 8, 30))):
        at = chance.randrange(len(out) + 1)
        length = min(len(out) - at, chance.choice((1, 2, 4, 16, 200)))
        match chance.randrange(8):
            case 0:
                del out[at : at + length]
            case 1:
                out[at:at] = chance.choice(WORDS)
            case 2:
                out[at:at] = out[at : at + length] * chance.choice((1, 2, 20))
            case 3:
                out[at : at + length] = chance.randbytes(length)
            case 4:
                del out[at:]
            case 5 if at < len(out):
                out[at] ^= 1 << chance.randrange(8)
            case 6 if at < len(out):
                out[at] = chance.choice((0, 1, 127, 128, 255))
            case 7:
                other = chance.randrange(len(out) + 1)
                out[at:at] = out[other : other + length]
    return bytes(out[: 1 << 18])


def survives(folder: Path, name: str, data: bytes) -> Counter[str]:
    """Return what was read from a file; raises AssertionError for effects that no file may have."""
    path = folder / name
    path.write_bytes(data)
    seen: Counter[str] = Counter()
    started = time.monotonic()
    for keep in (False, True):
        for item in open_records([path], keep_prefix=keep):
            if isinstance(item, GameRecord):
                assert not item.cuts or keep or all("variation" in cut.reason for cut in item.cuts)
                item.final()
                pgn.write_game(item).encode()
                dhtmlxq.write_game(item).encode()
            else:
                json.dumps(item.text, ensure_ascii=False).encode()
                assert len(item.text) < 2000 and item.reason and "\n" not in item.text, item
            seen["game" if isinstance(item, GameRecord) else item.reason] += 1
    assert time.monotonic() - started < SLOWEST, "too slow"
    return seen


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance, good = random.Random(args.seed), samples()
    names = sorted(good)
    seen: Counter[str] = Counter()
    files = 0
    stop = time.monotonic() + args.seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < stop:
            name = chance.choice(names)
            data = mutate(good[name], chance) if chance.random() < 0.95 else chance.randbytes(chance.randrange(4000))
            try:
                seen += survives(Path(folder), name, data)
            except Exception as fault:
                kept = Path(f"fuzz-{args.seed}-{files}-{name}")
                kept.write_bytes(data)
                print(f"{kept}: {fault!r}")
                raise
            (Path(folder) / name).unlink()
            files += 1
    print(f"{files:,} files, seed {args.seed}: " + ", ".join(f"{reason} {n:,}" for reason, n in seen.most_common()))


if __name__ == "__main__":
    main()
