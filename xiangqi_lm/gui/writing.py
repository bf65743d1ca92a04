"""Files that are replaced whole: whoever reads them sees the old content or the new one, never half of it."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Write a text file under a temporary name in the same folder and rename it; raises OSError, ValueError.

    A link keeps pointing at the file it names, an existing file keeps its mode, a new one gets what the umask leaves.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".xiangqi-{os.urandom(6).hex()}.tmp")  # short: the name itself may be a long one
    try:
        with open(temporary, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(content)
        with contextlib.suppress(OSError):  # no file yet, or a file system without modes
            os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
