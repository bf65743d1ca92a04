"""Which copy of the kernels to use: compiled by numba, or the same source interpreted while numba still loads.

Importing numba takes about a second and the first compilation on a machine many; a window must not wait for either.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from types import ModuleType

from .compiling import SUFFIX, compile_once

_FILES = (
    "attacks",
    "generation",
    "chasing",
    "piece_status",
    "exchange",
    "mates",
    "move_classes",
    "kernel",
)  # in the order in which they import one another
_lock = threading.Lock()
_warming: threading.Thread | None = None
_current: dict[str, ModuleType] = {}  # what kernels() answers once it is settled; asking importlib costs 0.4 us a call


def _load_interpreted(name: str) -> None:
    found = importlib.util.find_spec(f"{__package__}.{name}")
    assert found is not None and found.origin is not None
    full_name = f"{__package__}.{name}{SUFFIX}"
    spec = importlib.util.spec_from_file_location(full_name, found.origin)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    module.__dict__["INTERPRETED"] = True
    spec.loader.exec_module(module)
    sys.modules[full_name] = module


def interpreted(name: str = "kernel") -> ModuleType:
    """Return the kernels as plain Python: slow, but there at once; also the reference the compiled ones are tested
    against.
    """
    with _lock:
        for file in _FILES[: _FILES.index(name) + 1]:
            if f"{__package__}.{file}{SUFFIX}" not in sys.modules:
                _load_interpreted(file)
    return sys.modules[f"{__package__}.{name}{SUFFIX}"]


def compiled(name: str = "kernel") -> ModuleType:
    """Return the kernels under numba; functions compile (or load from the cache) at their first call."""
    return importlib.import_module(f"{__package__}.{name}")


def kernels(name: str = "kernel") -> ModuleType:
    """Return the compiled kernels, or the interpreted ones while a background warm-up is under way."""
    module = _current.get(name)
    if module is not None:
        return module
    if _warming is not None and _warming.is_alive():
        return interpreted(name)
    compile_rules()
    _current[name] = compiled(name)
    return _current[name]


def class_kernels() -> ModuleType:
    """Return `kernels()`, compiled for `move_classes` and `piece_statuses` as well."""
    module = kernels()
    if "classes" not in _current and not module.__name__.endswith(SUFFIX):
        compile_classes()
        _current["classes"] = module
    return module


def compile_rules() -> None:
    """Compile what the rules need, if that was not done on this machine before."""
    module = compiled()
    compile_once(module.legal_ids, module.warm)


def compile_classes() -> None:
    """Compile what models need besides the rules, if that was not done on this machine before."""
    compile_once(compiled("move_classes").classify, compiled().warm_classes)


def _warm() -> None:
    """Load or compile; whatever keeps numba from working here, the interpreted kernels play on."""
    try:
        compile_rules()
        compile_classes()
        compiled().warm()
        compiled().warm_classes()
    except Exception as fault:  # numba and LLVM fail in many ways on unusual machines
        print(f"xiangqi-lm: rules run uncompiled: {str(fault).splitlines()[0]}", file=sys.stderr)
        _current.update({name: interpreted(name) for name in _FILES})


def is_warm() -> bool:
    """Return whether no background warm-up is under way."""
    return _warming is None or not _warming.is_alive()


def warm_in_background() -> threading.Thread:
    """Load or compile the kernels that a game needs on a thread; until it ends `kernels()` is the interpreted copy."""
    global _warming
    interpreted()  # before the thread starts: the first caller must not wait for an import lock that it holds
    if _warming is None:
        _warming = threading.Thread(target=_warm, name="warm kernels", daemon=True)
        _current.clear()
        _warming.start()
    return _warming
