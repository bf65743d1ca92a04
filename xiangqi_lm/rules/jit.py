"""The choice between two copies of the kernels: compiled by numba, or the same source interpreted while numba loads.

Importing numba takes about a second and the first compilation many; a window must not wait for either.
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
    "input_rows",
    "kernel",
)  # in the order in which they import each other
_lock = threading.Lock()
_warming: threading.Thread | None = None
_current: dict[str, ModuleType] = {}  # the final results of kernels(); asking importlib costs 0.4 us a call


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
    """Return the kernels as plain Python: slow but available at once, and the reference that tests compare with."""
    with _lock:
        for file in _FILES[: _FILES.index(name) + 1]:
            if f"{__package__}.{file}{SUFFIX}" not in sys.modules:
                _load_interpreted(file)
    return sys.modules[f"{__package__}.{name}{SUFFIX}"]


def compiled(name: str = "kernel") -> ModuleType:
    """Return the kernels under numba; each function compiles (or loads from the cache) on its first call."""
    return importlib.import_module(f"{__package__}.{name}")


def kernels(name: str = "kernel") -> ModuleType:
    """Return the compiled kernels, or the interpreted ones during a background warm-up."""
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


def chase_kernels() -> ModuleType:
    """Return `kernels("chasing")`, compiled for rulings on repetition as well."""
    module = kernels("chasing")
    if "chases" not in _current and not module.__name__.endswith(SUFFIX):
        compile_chases()
        _current["chases"] = module
    return module


def compile_rules() -> None:
    """Compile what the rules need except rulings on repetition, unless this machine has compiled it before."""
    module = compiled()
    compile_once(module.legal_ids, module.warm)


def compile_classes() -> None:
    """Compile what models need besides the rules, unless this machine has compiled it before."""
    compile_once(compiled("move_classes").classify, compiled().warm_classes)


def compile_chases() -> None:
    """Compile what rulings on repetition need as well, unless this machine has compiled it before."""
    compile_once(compiled("chasing").threats_made, compiled().warm_chases)


def _warm() -> None:
    """Load or compile the kernels; if numba fails, the interpreted ones stay in use."""
    try:
        compile_rules()
        compile_chases()
        compile_classes()
        compiled().warm()
        compiled().warm_chases()
        compiled().warm_classes()
    except Exception as fault:  # numba and LLVM fail in many ways on unusual machines
        print(f"xiangqi-lm: rules run uncompiled: {str(fault).splitlines()[0]}", file=sys.stderr)
        _current.update({name: interpreted(name) for name in _FILES})


def is_warm() -> bool:
    """Return whether no background warm-up is running."""
    return _warming is None or not _warming.is_alive()


def warm_in_background() -> threading.Thread:
    """Load or compile a game's kernels on a thread; until it ends, `kernels()` returns the interpreted copy."""
    global _warming
    interpreted()  # before the thread starts: the first caller must not wait for an import lock that it holds
    if _warming is None:
        _warming = threading.Thread(target=_warm, name="warm kernels", daemon=True)
        _current.clear()
        _warming.start()
    return _warming
