"""Compressed files and archives are unpacked bit by bit, and what would take gigabytes is refused once."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
import zlib

import pytest

from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import Refusal, open_records

GAME = b'[Event "a game"]\n[Result "1-0"]\n\n1. h2e2 h9g7 2. h0g2 1-0\n\n'
ROOM = 45 << 20  # bytes: a third more than reading a long file needs, but less than the zeros below
PACK = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def tar(size: int) -> bytes:
    """Return a tar archive of a game, of `size` zeros, and of another game."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in (("a.pgn", GAME), ("zeros", bytes(size)), ("z.pgn", GAME.replace(b"1-0", b"0-1"))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def read(*paths):
    """Return what was read, and the peak memory of Python's objects meanwhile."""
    tracemalloc.start()
    try:
        items = list(open_records(paths, 1))
        return items, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def counts(items) -> tuple[int, int]:
    return sum(isinstance(i, GameRecord) for i in items), sum(isinstance(i, Refusal) for i in items)


@pytest.mark.parametrize("suffix", PACK)
def test_an_archive_is_not_unpacked_as_a_whole(tmp_path, suffix):
    path = tmp_path / f"a.tar{suffix}"
    path.write_bytes(PACK[suffix](tar(60 << 20)))
    items, most = read(path)
    assert counts(items)[0] == 2 and most < ROOM


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_of_a_zip_are_not_unpacked_as_a_whole(tmp_path, method):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.pgn", GAME)
        archive.writestr("zeros.bin", bytes(60 << 20))
        archive.writestr("z.pgn", GAME.replace(b"1-0", b"0-1"))
    items, most = read(path)
    assert counts(items)[0] == 2 and most < ROOM


@pytest.mark.parametrize("suffix", PACK)
def test_what_unpacks_to_gigabytes_is_refused_and_the_rest_read(tmp_path, suffix):
    bomb, good = tmp_path / f"a.pgn{suffix}", tmp_path / "b.pgn"
    bomb.write_bytes(PACK[suffix](b" " * (90 << 20)))
    good.write_bytes(GAME)
    items, most = read(bomb, good)
    assert counts(items) == (1, 1) and most < 80 << 20
    assert "times its size" in next(item.text for item in items if isinstance(item, Refusal))


def test_a_dictionary_of_gigabytes_is_refused(tmp_path):
    packed = bytearray(lzma.compress(GAME))
    end = 12 + 4 * (packed[12] + 1) - 4  # the end of the block's header, before its checksum
    at = packed.index(b"\x21\x01", 12, end)  # LZMA2 with one byte of properties: the size of the dictionary
    packed[at + 2] = 40  # 4 GiB
    packed[end : end + 4] = zlib.crc32(packed[12:end]).to_bytes(4, "little")
    bomb, good = tmp_path / "a.pgn.xz", tmp_path / "b.pgn"
    bomb.write_bytes(packed)
    good.write_bytes(GAME)
    assert counts(read(bomb, good)[0]) == (1, 1)


def test_several_streams_in_one_file_are_all_read(tmp_path):
    for suffix, pack in PACK.items():
        path = tmp_path / f"a.pgn{suffix}"
        path.write_bytes(pack(GAME) + pack(GAME))
        assert counts(read(path)[0]) == (2, 0), suffix


@pytest.mark.parametrize("suffix", PACK)
def test_a_file_that_is_cut_is_refused(tmp_path, suffix):
    path = tmp_path / f"a.pgn{suffix}"
    path.write_bytes(PACK[suffix](GAME * 50)[:-9])
    assert counts(read(path)[0])[1] == 1
