"""Which copy of the kernels to use: compiled by numba, or the same source interpreted while numba still loads.

Importing numba takes about a second and the first compilation on a machine many; a window must not wait for either.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from types import ModuleType

_KERNEL = f"{__package__}.kernel"
_INTERPRETED = f"{__package__}.kernel_interpreted"
_lock = threading.Lock()
_warming: threading.Thread | None = None


def interpreted() -> ModuleType:
    """The kernels as plain Python: slow, but there at once; also the reference the compiled ones are tested against."""
    with _lock:
        if _INTERPRETED not in sys.modules:
            found = importlib.util.find_spec(_KERNEL)
            assert found is not None and found.origin is not None
            spec = importlib.util.spec_from_file_location(_INTERPRETED, found.origin)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            module.__dict__["INTERPRETED"] = True
            spec.loader.exec_module(module)
            sys.modules[_INTERPRETED] = module
    return sys.modules[_INTERPRETED]


def compiled() -> ModuleType:
    """The kernels under numba; functions compile (or load from the cache) at their first call."""
    return importlib.import_module(_KERNEL)


def kernels() -> ModuleType:
    """The compiled kernels, or the interpreted ones while a background warm-up is under way."""
    if _warming is not None and _warming.is_alive():
        return interpreted()
    return compiled()


def is_warm() -> bool:
    """Whether no background warm-up is under way."""
    return _warming is None or not _warming.is_alive()


def warm_in_background() -> threading.Thread:
    """Load or compile the kernels that a game needs on a thread; until it ends `kernels()` is the interpreted copy."""
    global _warming
    interpreted()  # before the thread starts: the first caller must not wait for an import lock that it holds
    if _warming is None:
        _warming = threading.Thread(target=lambda: compiled().warm(), name="warm kernels", daemon=True)
        _warming.start()
    return _warming
