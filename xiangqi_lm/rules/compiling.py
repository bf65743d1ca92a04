"""Compilation of kernels by numba into a cache; the interpreted copy that `jit` loads is not compiled."""

from __future__ import annotations

import hashlib
import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import filelock

SUFFIX = "_interpreted"  # of the module names of uncompiled copies
# For arguments of kernels: numba gives a literal 1 its own type and would compile the callee once more for it.
MINUS_ONE, ZERO, ONE = np.int64(-1), np.int64(0), np.int64(1)
_SOURCES = (
    "squares", "pieces", "lines", "moves", "compiling", "attacks", "generation", "kernel", "chasing", "piece_status",
    "exchange", "mates", "move_classes", "input_rows",
)  # fmt: skip


_compiling: list[int] = []  # one entry for each compilation in progress, on any thread
_waiting: list[int] = []  # one entry for each thread that is waiting for another process to compile
_kernels: list[Any] = []  # all kernels to compile in the modules imported so far


def is_compiling() -> bool:
    """Return whether numba is compiling, here or in another process that this one is waiting for.

    Loading a function from the cache does not count.
    """
    return bool(_compiling or _waiting)


def progress() -> tuple[int, int]:
    """Return how many kernels are compiled or loaded, and how many are known so far."""
    return sum(bool(kernel.overloads) for kernel in _kernels), len(_kernels)


@contextmanager
def watched(tell: Callable[[str, int, int], None], pause: float = 0.2) -> Iterator[None]:
    """Call `tell` with a message, the number of kernels ready and their total, every `pause` seconds while compiling.

    It is called on another thread, for the last time before the block is left.
    """
    over = threading.Event()

    def watch() -> None:
        while not is_compiling():
            if over.wait(0.05):
                return
        while True:
            words = "another process compiles the engine, once: waiting" if _waiting else "compiling the engine, once"
            tell(words, *progress())
            if over.wait(pause):
                break
        tell("compiled", *progress())

    watcher = threading.Thread(target=watch, name="watch the compiler", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def compile_once(last: Any, work: Callable[[], object]) -> None:
    """Call `work`, which compiles kernels up to the dispatcher `last`, unless this machine has compiled them before.

    One process at a time compiles; the others wait and then load everything from numba's cache. Without a cache, each
    process compiles when it calls a kernel. Raises what `work` raises.
    """
    import filelock

    folder = last.stats.cache_path
    if folder is None:
        work()
        return
    stamp = Path(folder) / f"{last.py_func.__qualname__}-{_machine()}.compiled"
    if stamp.exists():
        return
    lock = filelock.FileLock(stamp.with_name("compiling.lock"))
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        _acquire(lock)
    except (OSError, NotImplementedError):  # a file system without locks
        work()
        return
    try:
        if not stamp.exists():
            work()
            with suppress(OSError):
                stamp.touch()
    finally:
        lock.release()


def _acquire(lock: filelock.BaseFileLock) -> None:
    import filelock

    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        _waiting.append(1)
        try:
            lock.acquire()
        finally:
            _waiting.pop()


def _machine() -> str:
    """Return a hash of what numba compiles for: the processor and the versions of numba and Python."""
    import llvmlite.binding
    import numba

    features = llvmlite.binding.get_host_cpu_features().flatten()
    what = f"{llvmlite.binding.get_host_cpu_name()} {features} {numba.__version__} {sys.version}"
    return hashlib.sha256(what.encode()).hexdigest()[:12]


@cache
def _watch() -> None:
    """Record every compilation by numba from now on."""
    from numba.core import event

    event.register("numba:compile", type("Listener", (_Noted, event.Listener), {})())


class _Noted:
    """The methods of numba's listener, in a class without its base: numba is not imported with this module."""

    def on_start(self, _event: Any) -> None:
        _compiling.append(1)

    def on_end(self, _event: Any) -> None:
        _compiling.pop()


def _fingerprint(more: Sequence[Path]) -> str:
    """Return a hash of all sources of the compiled code."""
    texts = (path.read_bytes() for path in (*(Path(__file__).with_name(f"{name}.py") for name in _SOURCES), *more))
    return hashlib.sha256(b"".join(texts)).hexdigest()[:12]


def decorators(module: dict[str, Any], beside: Sequence[str] = ()) -> tuple[Callable, Callable]:
    """Return `njit` and an inlining variant of it for a module's functions; pass `globals()`.

    Functions that only other kernels call are inlined or `@njit(inner=True)`, which spares the compiler the code that
    unpacks Python's arguments: half of the code of a function of 26 arrays. Calling them from Python would crash.
    Functions that make arrays are `@njit(allocates=True)`; in all others references to arrays are not counted: that
    took three quarters of the time of a search, and a seventh of its compilation.
    Sums of floats are vectorised, in whatever order that takes, where `@njit(reassociate=True)` allows it.

    numba checks a cached function against its own file only, so the functions' names carry a hash of all sources: they
    are recompiled when a table or a callee in another file changes. Kernels outside the rules list in `beside` the
    other files that they depend on.
    """
    if module.get("INTERPRETED"):
        return _unchanged, _unchanged
    import numba

    _watch()
    mark = _fingerprint([Path(module["__file__"]).with_name(f"{name}.py") for name in beside])

    def compiler(inline: bool) -> Callable:
        def compile_(
            function: Any = None, inner: bool = inline, reassociate: bool = False, allocates: bool = False
        ) -> Any:
            if function is None:
                return lambda function: compile_(function, inner, reassociate, allocates)
            function.__qualname__ += f"_{mark}"
            options: dict[str, Any] = {"nogil": True, "boundscheck": False, "forceinline": inline}
            options |= {"no_cpython_wrapper": inner, "no_cfunc_wrapper": True}
            options |= {"fastmath": {"reassoc", "contract"}} if reassociate else {}
            if not allocates and hasattr(numba.core.options.DefaultOptions, "_nrt"):  # undocumented, so it may go
                options["_nrt"] = False
            try:
                kernel = numba.njit(cache=True, **options)(function)
            except RuntimeError:  # the cache can be written neither beside the sources nor in a home folder
                kernel = numba.njit(cache=False, **options)(function)
            _kernels.append(kernel)
            return kernel

        return compile_

    return compiler(inline=False), compiler(inline=True)


def _unchanged(function: Any = None, inner: bool = False, reassociate: bool = False, allocates: bool = False) -> Any:
    """Return an interpreted kernel unchanged."""
    return function if function is not None else _unchanged


def sibling(module: dict[str, Any], name: str) -> ModuleType:
    """Return another module of kernels, compiled if the importing module is; pass `globals()`."""
    suffix = SUFFIX if module.get("INTERPRETED") else ""
    return importlib.import_module(f"{__package__}.{name}{suffix}")
