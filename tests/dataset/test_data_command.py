"""`xiangqi-lm data`: import and build, as users call them."""

import json
import shutil

import pytest
from click.testing import CliRunner
from record_samples import FOLDER, game, tree

from xiangqi_lm.cli import main
from xiangqi_lm.cli.data import data
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.records.formats.pgn import read_games, write_game


def call(*args):
    return CliRunner().invoke(data, [str(a) for a in args])


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "in"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("programs"))
    (folder / "broken.pgn").write_text("1. 炮二平五 马8进7 2. 马二进四 *\n" * 5, encoding="utf-8")
    (folder / "setup.pgn").write_text(write_game(game(1, 12, fen="3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 w - - 0 1")))
    return folder


def test_import_writes_games_and_reports_everything_else(tmp_path, archive):
    out, report = tmp_path / "new" / "out.pgn", tmp_path / "new" / "report.json"
    result = call("import", archive, "--out", out, "--report", report, "--jobs", 1)
    assert result.exit_code == 0, result.output
    games = list(read_games(out.read_text(encoding="utf-8")))
    assert [len(g.moves) for g in games] == [12, 8, 12, 8]
    assert games[-2].headers["Event"] == '第一屆"測試杯"賽 第2輪'
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["games"] == told["written"] == 4 and told["set_up"] == 1 and told["refused"] == {"illegal move": 5}
    assert told["duplicates"] == {"exact": 1}
    assert [(r["number"], r["ply"]) for r in told["refusals"]] == [(n, 3) for n in range(1, 6)]
    assert told["duplicate_games"][0]["source"].endswith("utf8-bom.pgn#1")
    assert "illegal move: 5" in result.output and f"2 more: see {report}" in result.output
    assert "马二进四" in result.output
    assert not list(tmp_path.rglob("*.part"))


def test_import_reports_assumptions_and_the_place_of_refusals(tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(FOLDER / "programs" / "placement.pgn", tmp_path / "in")
    (tmp_path / "in" / "x.pgn").write_text('[RedElo "1800"]\n\n1. h2e2 *\n\n1. h2e2\nh7h0 *\n', encoding="utf-8")
    result = call("import", tmp_path / "in", "--out", tmp_path / "a.pgn", "--report", tmp_path / "a.json", "--jobs", 1)
    assert "1 games: the FEN names no side to move: assumed Red" in result.output
    assert "x.pgn, game 2, line 6, ply 2:" in result.output
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert told["rated"] == 1 and told["assumed"] == {"the FEN names no side to move: assumed Red": 1}
    assert told["assumptions"][0]["source"].endswith("placement.pgn#1")
    assert [refusal["line"] for refusal in told["refusals"]] == [6]


def test_import_drops_copies_on_demand(tmp_path, archive):
    out = tmp_path / "out.pgn"
    assert call("import", archive, "--out", out, "--dedupe", "--jobs", 1).exit_code == 0
    assert sorted(len(g.moves) for g in read_games(out.read_text(encoding="utf-8"))) == [8, 12, 12]


def test_imported_file_imports_to_itself(tmp_path, archive):
    one, two = tmp_path / "one.pgn", tmp_path / "two.pgn"
    call("import", archive, "--out", one, "--jobs", 1)
    call("import", one, "--out", two, "--jobs", 1)
    assert one.read_bytes() == two.read_bytes() != b""


def test_an_import_that_fails_leaves_the_old_file(tmp_path, capsys):
    out = tmp_path / "out.pgn"
    out.write_text("old")
    with pytest.raises(SystemExit) as stop:
        main(["data", "import", str(tmp_path / "missing"), "--out", str(out)])
    assert stop.value.code == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert out.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["out.pgn"]


def test_build_makes_shards_of_what_import_wrote(tmp_path):
    pgn = tmp_path / "games.pgn"
    pgn.write_text("".join(write_game(game(seed, 30)) for seed in range(25)), encoding="utf-8")
    for name in ("a", "b"):
        result = call("build", pgn, "--out", tmp_path / name, "--validation", "0.2", "--seed", 7, "--jobs", 1)
        assert result.exit_code == 0, result.output
    shards = Shards.open(tmp_path / "a")
    sizes = [len(shards.split(name)) for name in ("train", "validation")]
    assert sum(sizes) == 25 and min(sizes) > 0
    assert shards.index["sources"][0]["name"] == "games.pgn" and len(shards.index["sources"][0]["sha256"]) == 64
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_min_plies(tmp_path):
    pgn = tmp_path / "games.pgn"
    pgn.write_text(write_game(game(1, 12)) + write_game(game(2, 30)), encoding="utf-8")
    call("build", pgn, "--out", tmp_path / "s", "--min-plies", 13, "--validation", 0, "--jobs", 1)
    assert Shards.open(tmp_path / "s").index["dropped"] == {"too short": 1}


@pytest.mark.parametrize(
    "args",
    [["import"], ["import", "x"], ["build", "nothing.pgn", "--out", "s"], ["build"], ["import", "x", "--jobs", "0"]],
)
def test_wrong_usage_is_exit_2(args):
    assert call(*args).exit_code == 2


def test_help_shows_an_example():
    for command in ("import", "build", "stats"):
        assert f"xiangqi-lm data {command}" in call(command, "--help").output


# ------------------------------------------------------------------------------------------------ faults and formats


BROKEN = "1. 炮二平五 (1. 兵七进二) 马8进7 2. 马二进四 *\n"


def run(*args):
    """Return the exit code of the program."""
    with pytest.raises(SystemExit) as stop:
        main(["data", *map(str, args)])
    return stop.value.code or 0


def test_strict_exits_1_but_still_writes(tmp_path, capsys):
    path, out, report = tmp_path / "x.pgn", tmp_path / "out.pgn", tmp_path / "r.json"
    path.write_text("1. h2e2 h9g7 *\n" + BROKEN, encoding="utf-8")
    assert run("import", path, "--out", out, "--report", report, "--jobs", 1) == 0
    capsys.readouterr()
    assert run("import", path, "--out", out, "--strict", "--force", "--jobs", 1) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1 and "1 records refused, 0 cut" in told.err and "wrote" in told.out
    assert len(list(read_games(out.read_text(encoding="utf-8")))) == 1
    path.write_text("1. h2e2 h9g7 *\n", encoding="utf-8")
    assert run("import", path, "--out", out, "--strict", "--force", "--jobs", 1) == 0


def test_the_legal_prefix_is_kept_on_demand_and_the_rest_reported(tmp_path):
    path, out, report = tmp_path / "x.pgn", tmp_path / "out.pgn", tmp_path / "r.json"
    path.write_text(BROKEN, encoding="utf-8")
    result = call("import", path, "--out", out, "--report", report, "--keep-legal-prefix", "--jobs", 1)
    assert result.exit_code == 0 and "cut               2" in result.output
    (record,) = read_games(out.read_text(encoding="utf-8"))
    assert [move.iccs() for move in record.moves] == ["h2e2", "h9g7"]
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["cut"] == {"illegal move": 1, "illegal move in a variation": 1} and told["refused"] == {}
    assert [(cut["source"], cut["ply"]) for cut in told["cuts"]] == [(f"{path}#1", 3), (f"{path}#1", 1)]
    assert "马二进四" in told["cuts"][0]["text"]
    assert run("import", path, "--out", out, "--keep-legal-prefix", "--strict", "--force", "--jobs", 1) == 1


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.pgn", b'[Game "Chinese Chess"]'), ("a.ubb", b"[DhtmlXQ]"), ("a.dhtmlxq", b"[DhtmlXQ]"), ("a.xqf", b"XQ\x0a")],
)
def test_the_name_of_the_output_chooses_its_format(tmp_path, name, start):
    (tmp_path / "in.pgn").write_text(write_game(tree()), encoding="utf-8")
    out = tmp_path / name
    assert call("import", tmp_path / "in.pgn", "--out", out, "--jobs", 1).exit_code == 0
    assert out.read_bytes().startswith(start)
    again = tmp_path / "again.pgn"
    assert call("import", out, "--out", again, "--jobs", 1).exit_code == 0
    (record,) = read_games(again.read_text(encoding="utf-8"))
    assert record.moves == tree().moves and record.variations.keys() == tree().variations.keys()


def test_notation_and_standard_input(tmp_path):
    out = tmp_path / "out.pgn"
    args = ["import", "-", "--out", str(out), "--notation", "wxf", "--jobs", "1"]
    result = CliRunner().invoke(data, args, input="h2e2 h9g7\nc3c4 g6g5\n")
    assert result.exit_code == 0, result.output
    text = out.read_text(encoding="utf-8")
    assert "1. C2.5 H8+7" in text and "1. P7+1 P7+1" in text and '[Format "WXF"]' in text


def test_an_xqf_file_takes_one_game(tmp_path, capsys):
    path = tmp_path / "two.pgn"
    path.write_text(write_game(tree()) * 2, encoding="utf-8")
    assert run("import", path, "--out", tmp_path / "x.xqf", "--jobs", 1) == 1
    assert "holds one game" in capsys.readouterr().err and not (tmp_path / "x.xqf").exists()
