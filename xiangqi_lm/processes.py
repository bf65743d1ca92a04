"""Processes that serve others: none outlives the one that started it."""

from __future__ import annotations

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """End this process as soon as its parent has ended, however that ended: nobody waits for what it does.

    Engines that it runs end at the end of their input. (PR_SET_PDEATHSIG would look at the thread that started
    us, which may end sooner than its process.)
    """
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
