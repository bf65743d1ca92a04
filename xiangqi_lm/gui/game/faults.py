"""Messages in both languages for faults of files and records."""

from __future__ import annotations

import errno
import re

from ...errors import AmbiguousMove, BadRecord, IllegalMove, InvalidFen, InvalidMove
from .positions import why_not
from .texts import Message, message

_SYSTEM = {
    errno.ENOENT: "fault_missing", errno.EACCES: "fault_denied", errno.EPERM: "fault_denied",
    errno.EISDIR: "fault_folder", errno.ENOTDIR: "fault_missing", errno.ENOSPC: "fault_full",
    errno.EROFS: "fault_read_only", errno.ENAMETOOLONG: "fault_long_name", errno.EDQUOT: "fault_full",
}  # fmt: skip
_RECORD: dict[type, str] = {
    InvalidMove: "record_unreadable_move", IllegalMove: "record_illegal_move",
    AmbiguousMove: "record_ambiguous_move", InvalidFen: "record_bad_position",
}  # fmt: skip
_WORDS = (  # part of a reason -> the key of the UI texts
    ("no game", "record_empty"), ("no move", "record_no_moves"), ("FEN", "record_bad_fen"),
    ("never closed", "record_open_bracket"), ("neither name nor", "record_unknown"), ("longer than", "record_too_long"),
    ("characters long", "record_too_long"), ("nested deeper", "record_nested"), ("breaks off", "record_damaged"),
    ("damaged", "record_damaged"), ("version 1", "record_old"), ("not text", "record_not_text"),
    ("changed by another", "record_changed"),
)  # fmt: skip
_QUOTED = re.compile(r"'([^']{1,40})'")


def reason(fault: BaseException) -> Message:
    """Return the message for a fault of a file or a record, with the line where that is known, without the file's
    name.
    """
    if isinstance(fault, OSError) and fault.errno in _SYSTEM:
        return Message(_SYSTEM[fault.errno])
    if isinstance(fault, OSError) and fault.strerror:
        return message("fault_other", words=fault.strerror)
    if isinstance(fault, BadRecord):
        why = _record_fault(fault)
        return message("fault_at_line", line=fault.line, reason=why) if fault.line else why
    lines = str(fault).strip().splitlines() or [type(fault).__name__]
    return message("fault_other", words=lines[0])


def _record_fault(fault: BadRecord) -> Message:
    key = _RECORD.get(type(fault.__cause__), "")
    if key == "record_bad_position":
        return why_not(str(fault.__cause__))
    quoted = _QUOTED.search(fault.reason)
    if key and fault.ply is not None:
        return message(key, ply=fault.ply, text=quoted[1] if quoted else "?")
    for words, known in _WORDS:
        if words in fault.reason:
            return Message(known)
    return Message("record_broken")
