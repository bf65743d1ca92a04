"""One entry point for files, folders and archives; everything dropped is reported."""

import gzip
import io
import json
import lzma
import tarfile
import zipfile

import pytest
from record_samples import FOLDER, game

from xiangqi_lm.errors import BadRecord
from xiangqi_lm.records import readers
from xiangqi_lm.records.formats import detect, sources
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.readers import Refusal, open_records

GOOD = b"1. h2e2 h9g7 *\n"
ILLEGAL = "1. 炮二平五 马8进7 2. 马二进四 *\n".encode()


def brief(items):
    """Return (last part of the source, a reason or the number of plies) of each item."""
    return [
        (item.source.split("/")[-1].split("\\")[-1], item.reason if isinstance(item, Refusal) else len(item.moves))
        for item in items
    ]


def add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def test_sample_folder_in_three_encodings():
    assert brief(open_records(sorted(FOLDER.glob("*.pgn")))) == [
        ("simplified-gb18030.pgn#1", 8), ("traditional-big5.pgn#1", 12), ("utf8-bom.pgn#1", 8),
    ]  # fmt: skip


def test_a_folder_is_read_in_order_and_everything_in_it_is_accounted_for(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "one.pgn").write_bytes(GOOD + b'\n[Event "2"]\n\n' + ILLEGAL + GOOD)
    (tmp_path / "a.PGN").write_bytes(GOOD)
    (tmp_path / "c.pgn").write_bytes(b"")
    (tmp_path / "d.pgn").write_bytes(b'[Event "no moves"]\n\n*\n')
    (tmp_path / "e.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "f.pgn").write_bytes(b'[FEN "nonsense"]\n\n1. h2e2\n')
    assert brief(open_records([tmp_path])) == [
        ("a.PGN#1", 2), ("c.pgn", "empty file"), ("d.pgn", "no moves"), ("e.jpg", "unknown format"),
        ("f.pgn", "impossible position"), ("one.pgn#1", 2), ("one.pgn", "illegal move"), ("one.pgn#3", 2),
    ]  # fmt: skip


def test_a_refusal_says_where_and_what(tmp_path):
    path = tmp_path / "x.pgn"
    path.write_bytes(GOOD + ILLEGAL)
    good, refusal = open_records([path])
    assert good.source == f"{path}#1"
    assert (refusal.source, refusal.number, refusal.ply, refusal.reason) == (str(path), 2, 3, "illegal move")
    assert "马二进四" in refusal.text


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.xz", "tgz"])
def test_tar_archives_are_read_and_never_unpacked(tmp_path, suffix, monkeypatch):
    path = tmp_path / f"games.{suffix}"
    with tarfile.open(path, "w:" + {"tar": "", "tgz": "gz"}.get(suffix, suffix[4:])) as archive:
        add(archive, "../../escape.pgn", GOOD)
        add(archive, "/etc/absolute.pgn", ILLEGAL)
        add(archive, "inner.zip", b"PK")
        add(archive, "z.pgn.gz", gzip.compress(GOOD))
        link = tarfile.TarInfo("link.pgn")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    monkeypatch.chdir(tmp_path)
    assert brief(open_records([path])) == [
        ("escape.pgn#1", 2), ("absolute.pgn", "illegal move"), ("inner.zip", "unreadable file"), ("z.pgn#1", 2),
        ("link.pgn", "unreadable file"),
    ]  # fmt: skip
    assert [p.name for p in tmp_path.iterdir()] == [path.name] and not (tmp_path.parent.parent / "escape.pgn").exists()


def test_zip_archives_and_damaged_members(tmp_path):
    path = tmp_path / "games.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../up.pgn", GOOD)
        archive.writestr("bad.pgn", GOOD * 50)
        archive.writestr("last.txt", GOOD)
    data = bytearray(path.read_bytes())
    at = data.find(b"bad.pgn") + len("bad.pgn")
    data[at : at + 8] = b"\xff" * 8
    path.write_bytes(data)
    assert brief(open_records([path])) == [("up.pgn#1", 2), ("bad.pgn", "unreadable file"), ("last.txt#1", 2)]


@pytest.mark.parametrize("name", ["x.tar.xz", "x.tar", "x.zip", "x.pgn.gz", "x.pgn.xz"])
def test_files_that_are_not_what_their_name_says_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"this is neither")
    (refusal,) = open_records([tmp_path])
    assert refusal.reason == "unreadable file" and "damaged" in refusal.text


def test_a_truncated_archive_gives_what_it_still_holds(tmp_path):
    path = tmp_path / "games.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=0) as archive:
        for i in range(40):
            add(archive, f"{i:02}.pgn", GOOD + b" " * 600)
    path.write_bytes(path.read_bytes()[:30000])
    *games, refusal = open_records([path])
    assert len(games) > 10 and refusal.source == str(path) and refusal.reason == "unreadable file"


def test_bombs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "SPARED", 10_000)
    monkeypatch.setattr(sources, "GROWTH", 20)
    spaces = b" " * 1_000_000
    (tmp_path / "a.pgn.xz").write_bytes(lzma.compress(spaces))
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.pgn", spaces)
    with zipfile.ZipFile(tmp_path / "good.zip", "w") as archive:
        archive.writestr("good.pgn", GOOD)
    with tarfile.open(tmp_path / "c.tar.xz", "w:xz") as tar:
        add(tar, "good.pgn", GOOD)
        add(tar, "bomb.pgn", spaces)
    items = list(open_records([tmp_path]))
    assert brief(items) == [
        ("a.pgn.xz", "unreadable file"), ("bomb.pgn", "unreadable file"), ("good.pgn#1", 2),
        ("c.tar.xz", "unreadable file"), ("good.pgn#1", 2),
    ]  # fmt: skip
    assert "not a game record" in items[0].text and "too many for an archive" in items[-2].text


def test_members_of_an_archive_share_one_size_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "SPARED", 30_000)
    monkeypatch.setattr(sources, "GROWTH", 1)
    with zipfile.ZipFile(tmp_path / "many.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(9):
            archive.writestr(f"{i}.pgn", GOOD + b" " * 9_000)
    items = brief(open_records([tmp_path]))
    assert items[0] == ("0.pgn#1", 2) and items[-1] == ("8.pgn", "unreadable file")


def test_large_files_are_read_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "HEAD", 5_000)
    monkeypatch.setattr(detect, "_SNIFFED", 1_000)
    games = [game(seed, 40, Event=f"第{seed}局") for seed in range(30)]
    text = "".join(write_game(g, "chinese") for g in games)
    for name, encoding in (("a.pgn", "gb18030"), ("b.pgn", "utf-8"), ("c.pgn", "utf-16")):
        (tmp_path / name).write_bytes(text.encode(encoding))
    (tmp_path / "d.pgn.gz").write_bytes(gzip.compress(text.encode("utf-8-sig"))[:-2000])
    *items, refusal = open_records([tmp_path])
    assert [[g.moves, g.headers["Event"]] for g in items[:90]] == [[g.moves, g.headers["Event"]] for g in games] * 3
    assert 0 < len(items[90:]) < 30 and refusal.reason == "unreadable file" and "d.pgn" in refusal.source


def test_names_of_any_bytes_can_be_reported(tmp_path):
    path = tmp_path / "games.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "\udcff\x1b[31m.pgn", ILLEGAL)
    (refusal,) = open_records([path])
    assert refusal.source == f"{path}/\ufffd?[31m.pgn"


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
def test_json_lines(tmp_path, suffix):
    lines = [
        {"event": "賽", "date": "1980", "red": "甲", "black": "乙", "result": "1-0", "fen": None, "moves": "h2e2 h9g7"},
        {"fen": "3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 w - - 0 1", "moves": "d1h1", "result": "odd"},
        {"moves": "h2e2 h2e2"},
        {"event": "no moves"},
    ]
    data = "\n".join([json.dumps(line, ensure_ascii=False) for line in lines] + ["", "{broken"]).encode()
    path = tmp_path / f"games.jsonl{suffix}"
    path.write_bytes({"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}[suffix](data))
    first, second, *refused = open_records([path])
    assert first.headers == {"Event": "賽", "Date": "1980", "Red": "甲", "Black": "乙"} and first.result == "1-0"
    assert second.start_fen == lines[1]["fen"] and second.result == "*"
    assert [(r.number, r.reason) for r in refused] == [(3, "illegal move"), (4, "broken record"), (6, "broken record")]


def test_a_file_named_by_the_user_is_read_whatever_its_suffix(tmp_path):
    (tmp_path / "games.cch").write_bytes(b"Sunday at the club. Eight boards.\n")
    assert brief(open_records([tmp_path / "games.cch"])) == [("games.cch", "unreadable move")]
    assert brief(open_records([tmp_path])) == [("games.cch", "unknown format")]


def test_a_missing_path_is_an_error(tmp_path):
    with pytest.raises(BadRecord, match=r"nothing\.pgn: no such file"):
        list(open_records([tmp_path / "nothing.pgn"]))


def test_processes_give_the_same_records_in_the_same_order(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "_CHUNK", 400)
    for i in range(9):
        (tmp_path / f"{i}.pgn").write_text(write_game(game(i, 20, Event=str(i))), encoding="utf-8")
    (tmp_path / "5.pgn").write_bytes(ILLEGAL)
    alone = list(open_records([tmp_path]))
    assert len(alone) == 9 and list(open_records([tmp_path], jobs=2)) == alone
