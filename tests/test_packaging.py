"""The contents of an installation."""

import configparser
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_every_package_is_listed_in_setup_cfg():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = set(config["options"]["packages"].split())
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "xiangqi_lm").rglob("__init__.py")}
    assert listed == found | {"xiangqi_lm.assets"}


def test_the_shipped_model_is_complete_and_small():
    from xiangqi_lm.model import checkpoint

    folder = checkpoint.resolve("default")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 30e6
    card = checkpoint.read_card("default")
    assert {"trained_on", "split", "steps", "seed", "commit", "figures"} <= card.keys()
    model = checkpoint.load("default")
    assert 6e6 < model.parameter_count() < 12e6


BUILD = "import sys; from setuptools import build_meta as b; print(getattr(b, 'build_' + sys.argv[1])(sys.argv[2]))"


def tracked() -> set[str]:
    """Return the files of the checkout that git tracks; without git, skip."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return set(listed.stdout.decode().split("\0")) - {""}


@pytest.fixture(scope="module")
def copied(tmp_path_factory) -> Path:
    """Return a copy of the tracked files, to build in."""
    folder = tmp_path_factory.mktemp("copy")
    for name in tracked():
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def built(kind: str, folder: Path, out: Path) -> Path:
    pytest.importorskip("setuptools", "77")
    done = subprocess.run([sys.executable, "-c", BUILD, kind, out], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return out / done.stdout.split()[-1]


def test_the_source_archive_holds_tests_docs_and_changelog(copied, tmp_path):
    with tarfile.open(built("sdist", copied, tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    ours = {name for name in tracked() if not name.startswith(".g") and (ROOT / name).exists()}
    assert ours - names == set()


def test_the_wheel_holds_the_package_and_nothing_else(copied, tmp_path):
    with zipfile.ZipFile(built("wheel", copied, tmp_path)) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    package = {name for name in tracked() if name.startswith("xiangqi_lm/") and (ROOT / name).exists()}
    assets = {f"xiangqi_lm/{name}" for name in tracked() if name.startswith("assets/") and (ROOT / name).exists()}
    assert names == package | assets
