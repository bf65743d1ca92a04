"""Groups of games that stay on one side."""

import numpy as np

from xiangqi_lm.dataset.splits import united


def test_groups_that_share_runs_are_united_transitively():
    runs, games = np.array([1, 1, 2, 2], np.uint64), np.array([0, 1, 1, 2])
    assert united([b"a", b"c", b"b"], runs, games) == [b"a"] * 3
    assert united([b"a", b"c", b"b", b"d"], runs, games) == [b"a"] * 3 + [b"d"]
