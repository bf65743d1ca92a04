"""Files that are replaced whole: whoever reads them sees the old content or the new one, never half of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any


def write_bytes(path: Path, data: bytes) -> None:
    """Write under a temporary name in the same folder, then rename; raises OSError, ValueError.

    The folder must exist. A link keeps pointing at the file it names, an existing file keeps its mode, a new one gets
    what the umask leaves.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".xiangqi-{os.urandom(6).hex()}.tmp")  # short: the name itself may be a long one
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
            fault.filename = str(path)  # neither the temporary name nor, with a full disk, no name at all
        raise


def write_text(path: Path, text: str) -> None:
    """Write text the same way, in UTF-8 with line feeds."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write anything that JSON can hold the same way; Chinese stays readable."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits; raises OSError."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
