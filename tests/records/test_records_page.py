"""The table of docs/records.md, cell by cell."""

import json
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from binaries import cbl, cbr, xqf
from record_samples import game, moves, tree

from xiangqi_lm.dataset.collect import writer
from xiangqi_lm.records.formats import dhtmlxq, pgn
from xiangqi_lm.records.game import GameRecord, Line
from xiangqi_lm.records.readers import open_records
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import file_of, rank_of

PAGE = Path(__file__).parents[2] / "docs" / "records.md"
CODECS = {
    "UTF-8": "utf-8", "UTF-8 with BOM": "utf-8-sig", "UTF-16": "utf-16", "GB18030": "gb18030", "Big5": "big5",
    "Big5-HKSCS": "big5hkscs",
}  # fmt: skip
NAMES = {"Big5": "許銀川", "Big5-HKSCS": "許㗎"}  # the second is only in the Hong Kong supplement


def rows() -> list[list[str]]:
    section = PAGE.read_text(encoding="utf-8").split("## Formats")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def traditional(record: GameRecord, name: str) -> GameRecord:
    """Return the record with comments and names that Big5 can write."""
    small = dict.fromkeys(record.comments, "first")
    return GameRecord({"Red": name}, None, record.moves, "1-0", small, record.variations)


def text_of(form: str, record: GameRecord) -> str:
    line = " ".join(board.chinese(move, traditional=True) for board, move in record.replay())
    if form == "PGN":
        return pgn.write_game(record, "traditional")
    if form == "DhtmlXQ":
        return dhtmlxq.write_game(record).replace("红胜", "紅勝")
    if form == "Move list":
        return f"{line} {record.result}\n"
    if form == "JSON lines":
        fields = {"red": record.headers["Red"], "result": record.result, "moves": line}
        return json.dumps(fields, ensure_ascii=False) + "\n"
    if form == "WXF":
        body = pgn.write_game(record, "wxf").split("\n\n", 1)[1]
        return f"FORMAT WXF\nRED {record.headers['Red']}\nRESULT {record.result}\n\nSTART{{\n{body}}}END\n"
    if form == "PFC":
        return pfc(record)
    if form == "CBF":
        return cbf(record)
    assert form == "CSV"
    lines = [f"{record.headers['Red']},{i + 1},{'rb'[i % 2]},{move}" for i, move in enumerate(line.split())]
    return "\n".join(["gameID,turn,side,move", *lines]) + "\n"


def pfc(record: GameRecord) -> str:
    """Return a PFC file with a node for each move, the main line first among those that follow."""

    def nodes(line: Line, ply: int) -> str:
        if ply >= len(line.moves):
            return ""
        comment = escape(" ".join(line.comments.get(ply + 1, "").split()))
        here = f'<n m="{line.moves[ply].iccs()}" c="{comment}">{nodes(line, ply + 1)}</n>'
        return here + "".join(nodes(below, 0) for below in line.variations.get(ply, ()))

    head = f'm="{Board().fen()}" win="{record.result}" red="{escape(record.headers["Red"])}"'
    return f'<?xml version="1.0"?><n {head} c="{escape(record.comments.get(0, ""))}">{nodes(record.line, 0)}</n>'


def cbf(record: GameRecord) -> str:
    def digits(move: Move) -> str:
        squares = (move.from_square, move.to_square)
        return "-".join(f"{file_of(sq)}{9 - rank_of(sq)}" for sq in squares)

    values = ["00-00", *map(digits, record.moves)]
    moves = "".join(f'<Move value="{v}">{escape(record.comments.get(i, ""))}</Move>' for i, v in enumerate(values))
    head = f"<Red>{escape(record.headers['Red'])}</Red><RecordResult>1</RecordResult><FEN>{Board().fen()}</FEN>"
    return f"<ChineseChessRecord><Head>{head}</Head><MoveList>{moves}</MoveList></ChineseChessRecord>"


BINARY = {"XQF": xqf, "CBR": cbr, "CBL": lambda record: cbl([record])}


def sample(form: str, encoding: str) -> tuple[GameRecord, bytes]:
    if form in BINARY:
        return tree(), BINARY[form](tree())
    plain = encoding.startswith("Big5")
    record = traditional(game(1, 20) if plain else tree(), NAMES.get(encoding, "許銀川"))
    if plain:
        move = next(m for m in record.board_at((), 1).legal_moves if m is not record.moves[1])
        record = record.add((), 1, [move])[0]
        record.comments[3] = "note"
    return record, text_of(form, record).encode(CODECS[encoding])


def cells():
    for form, files, *_, encodings in rows():
        for suffix in files.split():
            for encoding in encodings.split(", "):
                yield form, suffix, encoding


def test_the_table_is_complete():
    assert [row[0] for row in rows()] == [
        "PGN", "WXF", "XQF", "CBR", "CBL", "CBF", "PFC", "DhtmlXQ", "Move list", "JSON lines", "CSV",
    ]  # fmt: skip
    assert all(len(row) == 7 and set(row[2:6]) <= {"yes", "no"} for row in rows())


@pytest.mark.parametrize(("form", "suffix", "encoding"), list(cells()))
def test_formats_listed_as_read_are_read(tmp_path, form, suffix, encoding):
    _, _, read, _, variations, comments, _ = next(row for row in rows() if row[0] == form)
    record, data = sample(form, encoding)
    (tmp_path / f"x{suffix}").write_bytes(data)
    assert read == "yes"
    (back,) = open_records([tmp_path])
    assert back.moves == record.moves and back.cuts == ()
    assert (bool(back.variations) and back.variations.keys() == record.variations.keys()) == (variations == "yes")
    assert (bool(back.comments) and back.comments == record.comments) == (comments == "yes")
    if form != "Move list":  # it has no room for names
        assert record.headers["Red"] in (back.headers.get("Red"), back.headers.get("Event"))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_formats_listed_as_written_are_written(tmp_path, row):
    form, files, _, written, variations, comments, _ = row
    suffix = files.split()[0]
    path = tmp_path / f"x{suffix}"
    text = writer(path)(tree())
    is_pgn = isinstance(text, str) and text.startswith("[Game ")
    assert is_pgn == (form == "PGN" or written == "no")
    if written == "yes":
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        (back,) = open_records([path])
        assert back.moves == tree().moves and back.result == "1-0"
        assert (back.variations.keys() == tree().variations.keys()) == (variations == "yes")
        assert (back.comments == tree().comments) == (comments == "yes")


def test_the_listed_reasons_are_the_actual_ones():
    from xiangqi_lm.records.formats import parsed

    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{reason}`" in text for reason in parsed._REASONS.values())


def test_the_edits_shown_work_as_described():
    (code,) = PAGE.read_text(encoding="utf-8").split("```python")[1:]
    names = {"record": GameRecord(moves=moves("h2e2 h9g7 h0g2")), "Move": Move}
    exec(code.split("```")[0], names)
    assert names["record"] == GameRecord(moves=moves("h2e2 h7e7"))
    assert names["board"].move_stack == list(moves("h2e2 h7e7"))
