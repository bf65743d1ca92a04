"""Models on the Hugging Face hub, or any server with the same layout: `hf:owner/name[@revision]`.

`huggingface_hub` (extra `hub`) fetches them into our folder of the user's cache; nothing in them is ever executed.
HF_ENDPOINT names another server, HF_TOKEN opens gated and private models, HF_HUB_OFFLINE disables the network. Models
fetched before are found without that library.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import BadCheckpoint
from ..files import sha256
from ..paths import cache_folder

PREFIX = "hf:"
TIMEOUT = 10.0  # seconds until the first response
INSTALL = 'pip install "xiangqi-lm[hub]"'
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NAME = re.compile(r"([A-Za-z0-9][\w.-]*)/([A-Za-z0-9][\w.-]*)(?:@(\w[\w./-]*))?", re.ASCII)


@dataclass(frozen=True)
class Place:
    """A model on a server."""

    owner: str
    name: str
    revision: str = "main"  # a branch, a tag or a commit

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read `hf:owner/name[@revision]`; raises BadCheckpoint."""
        found = _NAME.fullmatch(text.removeprefix(PREFIX))
        if found is None or ".." in text:
            raise BadCheckpoint(f"{text}: a model on the hub is written hf:owner/name or hf:owner/name@revision")
        return cls(found[1], found[2], found[3] or "main")

    def __str__(self) -> str:
        return f"{PREFIX}{self.owner}/{self.name}" + (f"@{self.revision}" if self.revision != "main" else "")

    @property
    def folder(self) -> Path:
        """Return the folder for its files, laid out as by `huggingface_hub`; each server has its own."""
        return _cache() / f"models--{self.owner}--{self.name}"

    def known(self, files: Sequence[str]) -> Path | None:
        """Return the folder of the revision's files if all of them were fetched before."""
        commit, mark = self.revision, self.folder / "refs" / self.revision
        if mark.is_file():
            commit = mark.read_text(encoding="utf-8").strip()
        folder = self.folder / "snapshots" / commit
        whole = bool(_COMMIT.fullmatch(commit)) and all((folder / file).is_file() for file in files)
        return folder if whole else None


def fetch(
    text: str, files: Sequence[str], optional: Sequence[str] = (), check: Callable[[Path], object] = lambda path: None
) -> Path:
    """Return the folder of a model in the cache, fetching it if needed; raises BadCheckpoint with the reason.

    `check` is called with the first file before the others are fetched, and may raise BadCheckpoint. A branch or tag is
    looked up every time; without the network the last known commit is used.
    """
    place = Place.parse(text)
    known = place.known(files)
    if known is not None and (_offline() or _COMMIT.fullmatch(place.revision)):
        return known
    if _offline():
        raise BadCheckpoint(f"{place}: not in the cache ({place.folder}), and HF_HUB_OFFLINE forbids fetching it")
    try:
        return _fetched(place, files, optional, check)
    except _Unreachable as fault:
        if known is None:
            raise BadCheckpoint(f"{place}: {fault}") from fault
        _say(f"{place}: {fault}; the copy fetched before is used")
        return known


class _Missing(BadCheckpoint):
    """The model lacks the file."""


class _Unreachable(Exception):
    """The server cannot be reached; files fetched before may be used."""


def _say(words: str) -> None:
    if sys.stderr is not None:  # None under pythonw
        print(words, file=sys.stderr)


def _cache() -> Path:
    return cache_folder() / "hub" / re.sub(r"\W+", "-", urlsplit(_endpoint()).netloc)


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def _offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def _fetched(place: Place, files: Sequence[str], optional: Sequence[str], check: Callable[[Path], object]) -> Path:
    """Fetch the first file, which gives the commit of all others, then the others; files already there are kept."""
    path = _file(place, files[0], place.revision)
    commit = path.parent.name
    if not _COMMIT.fullmatch(commit):
        raise BadCheckpoint(f"{place}: {_endpoint()} does not answer as a hub does: it names no commit")
    check(path)
    if not all((path.parent / file).is_file() for file in files):
        _say(f"{place}: fetching")
    for file in optional:
        with suppress(_Missing):
            _file(place, file, commit)
    for file in files[1:]:
        _check_digest(place, _file(place, file, commit))
    return path.parent


def _file(place: Place, file: str, revision: str) -> Path:
    """Fetch one file; raises BadCheckpoint if the server refuses it, _Unreachable if the server does not answer."""
    try:
        from huggingface_hub import hf_hub_download
    except ImportError:
        raise _Unreachable(f"fetching models needs huggingface_hub: {INSTALL}") from None
    try:
        return Path(
            hf_hub_download(
                f"{place.owner}/{place.name}",
                file,
                revision=revision,
                cache_dir=_cache(),
                endpoint=_endpoint(),
                token=os.environ.get("HF_TOKEN", "").strip() or None,
                etag_timeout=TIMEOUT,
            )
        )
    except Exception as fault:  # its exceptions, and those of the HTTP client below, change between versions
        raise _refusal(place, file, fault) from fault


def _refusal(place: Place, file: str, fault: Exception) -> Exception:
    """Return the exception for a failure of the library: its names and messages on one line."""
    from huggingface_hub import errors

    if isinstance(fault, errors.LocalEntryNotFoundError) and isinstance(fault.__cause__, Exception):
        fault = fault.__cause__  # the reason the server could not be reached
    status = getattr(getattr(fault, "response", None), "status_code", 0)
    kinds: dict[type[Exception], str] = {
        errors.GatedRepoError: f"access is gated: accept its terms at {_endpoint()}, and set HF_TOKEN to your token",
        errors.RevisionNotFoundError: "no such revision",
        errors.RepositoryNotFoundError: "no such model, or a private one that HF_TOKEN does not open",
        errors.FileMetadataError: f"{_endpoint()} does not answer as a hub does",
    }
    where = f" (HTTP {status})" if status else ""
    for kind, words in kinds.items():
        if isinstance(fault, kind):
            return BadCheckpoint(f"{place}: {words}{where}")
    if isinstance(fault, errors.RemoteEntryNotFoundError):
        return _Missing(f"{place}: no {file} there{where}")
    line = (str(fault).strip() or type(fault).__name__).splitlines()[0]
    if isinstance(fault, errors.HfHubHTTPError) and 400 <= status < 500 and status != 429:
        return BadCheckpoint(f"{place}: access was denied{where}: set HF_TOKEN if the model is private")
    if isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
        return BadCheckpoint(f"{place}: {_cache()}: {fault.strerror}")
    if status:
        return _Unreachable(f"{_endpoint()} answers HTTP {status}")
    return _Unreachable(f"{_endpoint()} cannot be reached: {line[:200]}")


def _check_digest(place: Place, path: Path) -> None:
    """Delete a large file and raise BadCheckpoint if its SHA-256 is not the one that the server named."""
    stored = path.resolve()  # where links exist, the library names stored files by their digest
    if re.fullmatch(r"[0-9a-f]{64}", stored.name) and sha256(stored) != stored.name:
        path.unlink()
        stored.unlink()
        raise BadCheckpoint(f"{place}: {path.name} arrived damaged: its SHA-256 is not the one the server names")
