"""Models on the Hugging Face hub, or on any server that lays files out as it does: `hf:owner/name[@revision]`.

The files of a model are fetched over https, all of one commit and once only, into the user's cache; nothing in them is
ever executed. HF_ENDPOINT names another server, HF_TOKEN is sent to that server alone (for gated and private models),
and HF_HUB_OFFLINE forbids the network.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ..errors import BadCheckpoint
from ..files import write_text
from ..paths import cache_folder
from ..version import __version__
from .checkpoint import CARD, CONFIG, WEIGHTS, config_of

PREFIX = "hf:"
TIMEOUT = 30.0  # seconds without a byte
PIECE = 1 << 18  # bytes read at once
SMALL = 4 << 20  # bytes: neither a config nor a card is larger
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NAME = re.compile(r"([A-Za-z0-9][\w.-]*)/([A-Za-z0-9][\w.-]*)(?:@(\w[\w./-]*))?", re.ASCII)


def fetch(text: str) -> Path:
    """The folder of a model in the cache, fetched if it is not there yet; raises BadCheckpoint with the reason.

    A branch or tag is looked up every time; without the network the commit that it was last time is taken.
    """
    place = Place.parse(text)
    known = place.known()
    if known is not None and (_offline() or _COMMIT.fullmatch(place.revision)):
        return known
    if _offline():
        raise BadCheckpoint(f"{place}: not in the cache ({place.folder}), and HF_HUB_OFFLINE forbids to fetch it")
    try:
        return _fetched(place)
    except _Unreachable as fault:
        if known is None:
            raise BadCheckpoint(f"{place}: {fault}") from fault
        _say(f"{place}: {fault}; the copy of before is used\n")
        return known


@dataclass(frozen=True)
class Place:
    """A model on a server."""

    owner: str
    name: str
    revision: str = "main"  # a branch, a tag or a commit

    @classmethod
    def parse(cls, text: str) -> Place:
        """Of `hf:owner/name[@revision]`; raises BadCheckpoint."""
        found = _NAME.fullmatch(text.removeprefix(PREFIX))
        if found is None or ".." in text:
            raise BadCheckpoint(f"{text}: a model on the hub is written hf:owner/name or hf:owner/name@revision")
        return cls(found[1], found[2], found[3] or "main")

    def __str__(self) -> str:
        return f"{PREFIX}{self.owner}/{self.name}" + (f"@{self.revision}" if self.revision != "main" else "")

    @property
    def folder(self) -> Path:
        """Where its commits are kept; each server has its own."""
        return cache_folder() / "hub" / re.sub(r"\W+", "-", urlsplit(_endpoint()).netloc) / self.owner / self.name

    @property
    def mark(self) -> Path:
        """The file that holds the commit that the revision was when it was last looked up."""
        return self.folder / "revisions" / quote(self.revision, safe="")

    def known(self) -> Path | None:
        """The folder of the revision's files, if they were all fetched before."""
        commit = self.revision
        if self.mark.is_file():
            commit = self.mark.read_text(encoding="utf-8").strip()
        folder = self.folder / commit
        return folder if _COMMIT.fullmatch(commit) and (folder / WEIGHTS).is_file() else None  # fetched last


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def _offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def _say(words: str) -> None:
    if sys.stderr is not None:  # as under pythonw
        sys.stderr.write(words)
        sys.stderr.flush()


# ------------------------------------------------------------------------------------------------ requests


class _Unreachable(Exception):
    """The server could not be asked: what was fetched before is good."""


class _Redirects(HTTPRedirectHandler):
    """Follows to where large files lie, without the token and never to less than https; remembers what was said."""

    def __init__(self) -> None:
        self.said: list[HTTPMessage] = []  # headers of each answer on the way

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        self.said.append(headers)
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.scheme not in ("https", old.scheme):
            raise URLError(f"it sends on to {new.scheme}://{new.netloc}")
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and new.netloc != old.netloc:
            following.remove_header("Authorization")
        return following


@contextmanager
def _answer(place: Place, revision: str, file: str) -> Iterator[tuple[Any, dict[str, str]]]:
    """The body of a file and its headers, in lower case, the hub's own before those of a server it sent us on to.

    Raises BadCheckpoint for what the server refuses, _Unreachable where there is none.
    """
    path = f"{quote(place.owner)}/{quote(place.name)}/resolve/{quote(revision, safe='')}/{file}"
    redirects = _Redirects()
    try:
        request = Request(f"{_endpoint()}/{path}", headers={"User-Agent": f"xiangqi-lm/{__version__}"})
        if token := os.environ.get("HF_TOKEN", "").strip():
            request.add_header("Authorization", f"Bearer {token}")
        with build_opener(redirects).open(request, timeout=TIMEOUT) as body:
            said = [body.headers, *reversed(redirects.said)]
            known = {name.lower(): value for headers in said for name, value in headers.items()}
            yield body, known | {"content-length": body.headers.get("Content-Length", "")}
    except HTTPError as fault:
        if fault.code >= 500 or fault.code == 429:
            raise _Unreachable(f"{_endpoint()} answers {fault.code} {fault.reason}") from fault
        raise BadCheckpoint(f"{place}: {_refusal(fault, file, token)}") from fault
    except (OSError, http.client.HTTPException, ValueError) as fault:  # ValueError: HF_ENDPOINT is no address
        if isinstance(fault, BadCheckpoint):
            raise
        raise _Unreachable(f"{_endpoint()} cannot be reached: {getattr(fault, 'reason', '') or fault}") from fault


def _refusal(fault: HTTPError, file: str, token: str) -> str:
    """Why a server refuses a file, in words."""
    kind = fault.headers.get("X-Error-Code", "") if fault.headers else ""
    if kind == "GatedRepo" or fault.code == 403:
        return f"gated (HTTP {fault.code}): accept its terms at {_endpoint()}, and set HF_TOKEN to a token of yours"
    if fault.code == 401:
        more = "HF_TOKEN does not open it" if token else "set HF_TOKEN if it is a private one"
        return f"there is no such model, or it is not public (HTTP 401): {more}"
    if fault.code == 404:
        missing = {"RevisionNotFound": "no such revision", "RepoNotFound": "no such model"}
        return f"{missing.get(kind, f'no {file} there, or no such model')} (HTTP 404)"
    return f"{file}: HTTP {fault.code} {fault.reason}"


# ------------------------------------------------------------------------------------------------ fetching


def _fetched(place: Place) -> Path:
    """Fetch what is missing: the config first, which says whether the rest is worth it, and the weights last."""
    with _answer(place, place.revision, CONFIG) as (body, headers):
        commit = headers.get("x-repo-commit", "")
        if not _COMMIT.fullmatch(commit):
            raise BadCheckpoint(f"{place}: {_endpoint()} does not answer as a hub does (no commit named)")
        config = _small(place, body, CONFIG)
    config_of(config, f"{place}: {CONFIG}")
    folder = place.folder / commit
    if not (folder / WEIGHTS).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with _answer(place, commit, CARD) as (body, _):
                write_text(folder / CARD, _small(place, body, CARD))
        except BadCheckpoint as fault:
            if not isinstance(fault.__cause__, HTTPError) or fault.__cause__.code != 404:  # a card need not be
                raise
        write_text(folder / CONFIG, config)
        _fetch_weights(place, commit, folder / WEIGHTS)
    place.mark.parent.mkdir(parents=True, exist_ok=True)
    write_text(place.mark, commit + "\n")
    return folder


def _small(place: Place, body: Any, file: str) -> str:
    data = body.read(SMALL + 1)
    try:
        if len(data) > SMALL:
            raise ValueError(f"more than {SMALL >> 20} MB")
        return data.decode("utf-8")
    except ValueError as fault:
        raise BadCheckpoint(f"{place}: {file}: not a file of this program: {fault}") from fault


def _fetch_weights(place: Place, commit: str, path: Path) -> None:
    """Fetch into a file beside it, look at it, then rename: what has the name is whole."""
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        try:
            with _answer(place, commit, WEIGHTS) as (body, headers):
                size = int(headers.get("x-linked-size") or headers.get("content-length") or 0)
                digest = _copy(body, part, size, str(place))
            part.close()
            found = os.path.getsize(part.name)
            if size and found != size:
                raise _Unreachable(f"{WEIGHTS} broke off after {found:,} of {size:,} bytes; try again")
            _check_safetensors(Path(part.name), str(place))
            promised = headers.get("x-linked-etag", "").strip('"')
            if re.fullmatch(r"[0-9a-f]{64}", promised) and promised != digest:
                raise BadCheckpoint(f"{place}: {WEIGHTS} came damaged: its SHA-256 is not the one the hub names")
            os.replace(part.name, path)
        finally:
            part.close()
            Path(part.name).unlink(missing_ok=True)


def _copy(body: Any, target: IO[bytes], size: int, words: str) -> str:
    """Copy to a file with a line that tells how far it is; returns the SHA-256."""
    digest, done, told = hashlib.sha256(), 0, 0.0
    live = sys.stderr is not None and sys.stderr.isatty()
    of = f" of {size / 1e6:.1f}" if size else ""
    if not live:
        _say(f"{words}: fetching{of} MB\n" if size else f"{words}: fetching\n")
    while piece := body.read(PIECE):
        try:
            target.write(piece)
        except OSError as fault:  # a full disk is not the network's fault
            raise BadCheckpoint(f"{target.name}: cannot be written: {fault.strerror or fault}") from fault
        digest.update(piece)
        done += len(piece)
        if live and time.monotonic() - told > 0.1:
            told = time.monotonic()
            _say(f"\r{words}: {done / 1e6:.1f}{of} MB ")
    if live:
        _say(f"\r{words}: {done / 1e6:.1f}{of} MB\n")
    return digest.hexdigest()


def _check_safetensors(path: Path, place: str) -> None:
    """Raises BadCheckpoint for a file whose header is none, or speaks of more or less than there is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        try:
            if not 2 <= length <= min(size - 8, 100 << 20):
                raise ValueError
            header = json.loads(file.read(length))
            end = max((about["data_offsets"][1] for name, about in header.items() if name != "__metadata__"), default=0)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            raise BadCheckpoint(f"{place}: {WEIGHTS} is no safetensors file") from None
    if 8 + length + end != size:
        raise BadCheckpoint(
            f"{place}: {WEIGHTS} is cut off: {size:,} bytes where its header names {8 + length + end:,}"
        )
