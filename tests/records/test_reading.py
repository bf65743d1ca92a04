"""How much of the sources has been read, as an estimate of the time left needs it."""

import gzip
import tarfile
import zipfile
from itertools import pairwise

import pytest
from record_samples import game

from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.formats.sources import Reading
from xiangqi_lm.records.readers import open_records

FEW = "".join(write_game(game(i, 40)) + "\n" for i in range(20))
GAMES = FEW * 150


def plain(folder):
    (folder / "a.pgn").write_text(GAMES)
    return folder / "a.pgn"


def packed(folder):
    (folder / "a.pgn.gz").write_bytes(gzip.compress(GAMES.encode()))
    return folder / "a.pgn.gz"


def tar(folder):
    parts = folder / "parts"
    parts.mkdir()
    for i in range(30):
        (parts / f"{i}.pgn").write_text(FEW * 4)
    with tarfile.open(folder / "a.tar.xz", "w:xz") as archive:
        archive.add(parts, "parts")
    return folder / "a.tar.xz"


def zipped(folder):
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(30):
            archive.writestr(f"{i}.pgn", FEW * 4)
    return folder / "a.zip"


def folder_of_files(folder):
    tar(folder)
    return folder / "parts"


@pytest.mark.parametrize("make", [plain, packed, tar, zipped, folder_of_files])
def test_reading_goes_from_nothing_to_everything(tmp_path, make):
    path = make(tmp_path)
    reading, steps = Reading([path]), []
    for count, _ in enumerate(open_records([path], reading=reading), 1):
        if not steps or reading.done != steps[-1][1]:
            steps.append((count, reading.done))
    assert steps[0] == (1, 0) and len(steps) >= 2
    assert all(0 <= a <= b <= reading.total for (_, a), (_, b) in pairwise(steps))
    assert reading.done == reading.position() == reading.total == sum(
        file.stat().st_size for file in (path.iterdir() if path.is_dir() else [path])
    )  # fmt: skip
    if path.is_dir():  # of single large files, much is read ahead
        assert all(abs(done / reading.total - games / count) < 0.25 for games, done in steps[1:])


def test_standard_input_and_missing_files_have_no_total(tmp_path):
    plain(tmp_path)
    assert Reading(["-", tmp_path / "a.pgn"]).total == Reading([tmp_path / "none.pgn"]).total == 0
