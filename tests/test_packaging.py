"""What an installation holds."""

import configparser
from pathlib import Path

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
