"""How kernels are compiled: by numba into a cache, or, for the interpreted copy that `jit` loads, not at all."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

SUFFIX = "_interpreted"  # of the names of uncompiled copies
_SOURCES = (
    "squares", "pieces", "lines", "moves", "compiling", "attacks", "generation", "kernel", "chasing", "piece_status",
    "exchange", "mates", "move_classes",
)  # fmt: skip


_compiling: list[int] = []  # one entry for each compilation under way, on whatever thread


def is_compiling() -> bool:
    """Return whether numba compiles a function at this moment; one that it finds in its cache it does not."""
    return bool(_compiling)


@cache
def _watch() -> None:
    """Note every compilation of numba from now on."""
    from numba.core import event

    event.register("numba:compile", type("Listener", (_Noted, event.Listener), {})())


class _Noted:
    """What numba's listener does; apart from it, as numba is not imported with this module."""

    def on_start(self, _event: Any) -> None:
        _compiling.append(1)

    def on_end(self, _event: Any) -> None:
        _compiling.pop()


def _fingerprint(more: Sequence[Path]) -> str:
    """A mark of everything that goes into the compiled code."""
    texts = (path.read_bytes() for path in (*(Path(__file__).with_name(f"{name}.py") for name in _SOURCES), *more))
    return hashlib.sha256(b"".join(texts)).hexdigest()[:12]


def decorators(module: dict[str, Any], beside: Sequence[str] = ()) -> tuple[Callable, Callable]:
    """Return `njit` and an inlining variant of it, for a module's functions; pass `globals()`.

    numba knows a cached function by its own file alone, so the functions' names carry a mark of all sources: a change
    of a table or of a callee in another file compiles anew. Kernels outside the rules name the files `beside` their own
    that go into them.
    """
    if module.get("INTERPRETED"):
        return (lambda function: function), (lambda function: function)
    import numba

    _watch()
    mark = _fingerprint([Path(module["__file__"]).with_name(f"{name}.py") for name in beside])

    def compiler(inline: bool) -> Callable:
        def njit(function: Any, cache: bool) -> Any:
            return numba.njit(cache=cache, nogil=True, boundscheck=False, forceinline=inline)(function)

        def compile_(function: Any) -> Any:
            function.__qualname__ += f"_{mark}"
            try:
                return njit(function, cache=True)
            except RuntimeError:  # nowhere to write a cache to: neither beside the sources nor in a home folder
                return njit(function, cache=False)

        return compile_

    return compiler(inline=False), compiler(inline=True)


def sibling(module: dict[str, Any], name: str) -> ModuleType:
    """Return another module of kernels, compiled or not as the importing one is; pass `globals()`."""
    suffix = SUFFIX if module.get("INTERPRETED") else ""
    return importlib.import_module(f"{__package__}.{name}{suffix}")
