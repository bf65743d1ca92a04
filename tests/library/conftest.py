"""A library to fill."""

import pytest

from xiangqi_lm.library.library import Library


@pytest.fixture
def library(tmp_path):
    """Return a new, open library."""
    with Library(tmp_path / "new" / "games.sqlite", create=True) as opened:
        yield opened
