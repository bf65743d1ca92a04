"""Messages in both languages for faults of players: engines, models, and the hub that models are downloaded from.

Players report a fault in one English line. It is recognised here by its wording, so that the window can show it in the
user's language and in short form, without FENs and Python terms.
"""

from __future__ import annotations

import errno
import os
import re
from typing import Any

from .texts import Message, message

_SYSTEM = {
    os.strerror(number): key
    for number, key in (
        (errno.ENOENT, "fault_missing"), (errno.EACCES, "fault_denied"), (errno.ENOTDIR, "fault_missing"),
        (errno.ENOEXEC, "player_no_program"), (errno.ENOSPC, "fault_full"), (errno.EISDIR, "fault_folder"),
    )
}  # fmt: skip
_PATTERNS = [  # (key of the UI text, pattern of the line with named groups as fields); the first match counts
    ("player_start", r"cannot start '(?P<name>.*?)': (?P<why>[^(]*)"),
    ("player_ended", r"it ended with exit code (?P<code>\d+)"),
    ("player_killed", r"it was ended by signal (?P<code>\d+)"),
    ("player_closed", r"it closed its output"),
    ("player_flood", r"it floods us"),
    ("player_silent", r"no (?:move|'[^']*') within (?P<seconds>[\d.]+) s"),
    ("player_illegal", r"(?:played|answered) the illegal move (?P<move>\w+)"),
    ("player_unasked", r"it played (?P<move>\w+), which was not among"),
    ("player_unasked", r"chose (?P<move>\w+), which is not allowed"),
    ("player_no_move", r"it gave no move"),
    ("player_not_xiangqi", r"it does not play xiangqi"),
    ("player_nonsense", r"it answered '(?P<text>.*?)' in "),
    ("player_option", r"unknown option (?:'(?P<name>.*?)')? ?of the engine"),
    ("player_value", r"setoption (?P<name>[^:]+): expected"),
    ("player_spec", r"^player '(?P<text>.*?)': "),
    ("player_spec", r"^(?P<text>\S*): a model on the hub is written"),
    ("hub_offline", r"HF_HUB_OFFLINE"),
    ("hub_package", r"needs huggingface_hub"),
    ("hub_gated", r"access is gated"),
    ("hub_denied", r"access was denied"),
    ("hub_missing", r"no such revision|no such model, or a private one|: no \S+ there"),
    ("hub_unreachable", r"(?P<place>https?://\S+) (?:cannot be reached|answers HTTP)"),
    ("hub_strange", r"(?P<place>https?://\S+) does not answer as a hub does"),
    ("hub_damaged", r"arrived damaged"),
    ("model_missing", r"^(?P<name>.*?): no model here"),
    ("model_unreadable", r"^(?P<name>.*?): cannot be read: (?P<why>.*)"),
    ("model_pickle", r"^(?P<name>.*?): not safetensors but a pickle"),
    ("model_damaged", r"^(?P<name>.*?): (?:no safetensors file|damaged)"),
    ("model_other", r"^(?P<name>.*?): (?:the model of another program|a model of another format|a model for )"),
    ("model_newer", r"^(?P<name>.*?): made by a newer version"),
    ("model_vocabulary", r"^(?P<name>.*?): made for another vocabulary"),
    ("model_unfit", r"^(?P<name>.*?): does not fit "),
    ("model_unsearchable", r"a search needs a model that sees the board"),
    ("model_unconditioned", r"trained without conditions"),
    ("weights_damaged", r"no evaluation weights"),
    ("player_device", r"device '(?P<name>.*?)' cannot be used"),
    ("player_memory", r"MemoryError|out of memory|can't allocate memory"),
]
_SAID = re.compile(r"\(it says: (?P<says>.*)\)$|; it says '(?P<said>.*?)'|; its last line was '(?P<last>.*?)'")


def player_fault(line: str) -> Message:
    """Return the message for a player's line; an unknown line is quoted after an introduction."""
    for key, pattern in _PATTERNS:
        found = re.search(pattern, line)
        if found is not None:
            fields: dict[str, Any] = {name: value or "?" for name, value in found.groupdict().items()}
            if "why" in fields:
                why = fields["why"].strip()
                fields["why"] = Message(_SYSTEM[why]) if why in _SYSTEM else message("fault_other", words=why)
            known = message(key, **fields)
            said = _SAID.search(line)
            if said is None or key in ("player_nonsense",):
                return known
            return message("player_says", fault=known, words=next(word for word in said.groups() if word))
    return message("player_other", words=line)
