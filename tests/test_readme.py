"""The README's examples, pictures and links are true."""

import doctest
import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_pictures_and_pages_exist_and_nothing_is_left_to_fill_in():
    pages = [README, *(README.parent / "docs").glob("*.md"), README.parent / "benchmarks" / "README.md"]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text) + re.findall(r'<img src="([^":]+)"', text):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
        assert not re.findall(r"^[A-Z_]{5,}$", text, re.MULTILINE), page.name


def test_examples():
    failed, tried = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert tried >= 8
    assert failed == 0
