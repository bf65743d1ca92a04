"""Atomic replacement of files, and locks on outputs that only one run at a time may write.

Readers of a file see the old content or the new content, never a part.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import BadConfig

if TYPE_CHECKING:
    import filelock

_ATTEMPTS = 20  # to lock a file that another run may remove at the same moment


def write_bytes(path: Path, data: bytes) -> None:
    """Write under a temporary name in the same folder, then rename; raises OSError, ValueError.

    The folder must exist. A link still points to its target, an existing file keeps its mode, and a new one follows the
    umask.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".xiangqi-{os.urandom(6).hex()}.tmp")  # short: the file's own name may be long
    try:
        with open(temporary, "xb") as stream:
            stream.write(data)
        with contextlib.suppress(OSError):  # no file yet, or a file system without modes
            os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
    except BaseException as fault:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(fault, OSError):
            fault.filename = str(path)  # not the temporary name nor, with a full disk, no name at all
        raise


def write_text(path: Path, text: str) -> None:
    """Write text the same way, in UTF-8 with line feeds; undecodable bytes of file names become `\\udcff`."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_json(path: Path, value: Any) -> None:
    """Write JSON data the same way; Chinese stays readable."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits; raises OSError."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


# ------------------------------------------------------------------------------------------------ one run at a time


@contextlib.contextmanager
def locked(path: Path, folder: bool = False, otherwise: str = "give another --out") -> Iterator[None]:
    """Keep other runs from writing the same output; raises BadConfig naming the run that writes it and the alternative
    (`otherwise`) to waiting; raises OSError.

    The lock of a file is in the same folder, that of a folder inside it. Missing folders are created, and removed again
    if nothing was written. When a process ends in any way, the system releases its lock.
    """
    target = Path(os.path.realpath(path))
    place = target if folder else target.parent
    fresh = [one for one in (place, *place.parents) if not one.is_dir()]
    place.mkdir(parents=True, exist_ok=True)
    stem = os.fsdecode(os.fsencode("" if folder else f".{target.name}")[:200])  # the name itself may be long
    file, holder = place / f"{stem}.lock", place / f"{stem}.lock.json"
    try:
        lock = _acquired(file, holder, path, otherwise)
        try:
            with contextlib.suppress(OSError):  # with a full disk the run's own files will fail
                write_json(holder, _me())
            yield
        finally:
            for one in (holder, file):
                with contextlib.suppress(OSError):  # Windows cannot remove open files
                    one.unlink()
            lock.release()
    finally:
        with contextlib.suppress(OSError):  # not empty
            for one in fresh:
                one.rmdir()


def _acquired(file: Path, holder: Path, path: Path, otherwise: str) -> filelock.FileLock:
    """Return the acquired lock; raises BadConfig if another run holds it."""
    import filelock  # needed only by commands that write

    lock = filelock.FileLock(file, timeout=0, thread_local=False)
    for _ in range(_ATTEMPTS):
        file.touch()
        before = _identity(file)
        try:
            lock.acquire()
        except filelock.Timeout:
            break
        if before is not None and before == _identity(file):
            return lock
        lock.release()  # another run has removed this file meanwhile
    raise BadConfig(f"{path}: another run is writing it{_who(holder)}: wait for it, or {otherwise}") from None


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _me() -> dict[str, Any]:
    """Return the description of this run for others."""
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]).encode("utf-8", "replace").decode(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }


def _who(holder: Path) -> str:
    try:
        known = json.loads(holder.read_text("utf-8"))
        where = "" if known["host"] == socket.gethostname() else f" on {known['host']}"
        command = known["command"] if len(known["command"]) <= 80 else known["command"][:79] + "…"
        return f" since {known['since']} (process {known['pid']}{where}: {command})"
    except (OSError, ValueError, KeyError, TypeError):  # the other run has only just begun
        return ""
