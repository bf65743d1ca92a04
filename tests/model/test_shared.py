"""Players at several strengths share one model in memory for as long as one of them needs it."""

import gc
import weakref

from xiangqi_lm.model import checkpoint, packed


def test_a_model_is_loaded_once_and_let_go():
    one = packed.shared("default")
    assert packed.shared("default") is one
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None
    assert checkpoint.load("default") is not checkpoint.load("default")  # so that the caller may change it
