"""Models from a hub, which here is a small local server."""

import hashlib
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

import xiangqi_lm
from xiangqi_lm.config import preset
from xiangqi_lm.engine.spec import make_player, parse_spec
from xiangqi_lm.errors import BadCheckpoint
from xiangqi_lm.model import checkpoint, hub
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.rules.board import Board

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Files by name of one repository `ann/tiny`, whose branch main is at COMMIT, laid out as on the real hub, which
    redirects to another server for weights."""

    def __init__(self, files: dict[str, bytes]):
        self.files, self.commit = files, COMMIT
        self.asked: list[str] = []
        self.tokens: list[tuple[str, str | None]] = []
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}  # end of a path -> a refusal
        self.cut = 0  # bytes by which the weights are truncated
        self.linked: dict[str, str] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.elsewhere = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        for server in (self.server, self.elsewhere):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def address(self, server=None) -> str:
        return f"http://127.0.0.1:{(server or self.server).server_port}"

    def close(self) -> None:
        for server in (self.server, self.elsewhere):
            server.shutdown()
            server.server_close()

    def _handler(self):
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                here.answer(self)

            def do_HEAD(self):
                here.answer(self)

            def log_message(self, *args):
                pass

        return Handler

    def answer(self, request) -> None:
        file, there = request.path.split("?")[0].split("/")[-1], request.server is self.elsewhere
        if request.command == "GET" and not request.path.startswith("/api"):  # what the library itself asks for
            self.asked.append(request.path)
        self.tokens.append((file + " there" * there, request.headers.get("Authorization")))
        status, headers = self.answers.get(file, (200, {}))
        data = self.files.get(file)
        if data is None and status == 200:
            status, headers = 404, {"X-Error-Code": "EntryNotFound"}
        if status == 200 and file == checkpoint.WEIGHTS and not there:
            linked = {
                "X-Linked-Size": str(len(data)),
                "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"',
                **self.linked,
            }
            status, headers = (
                302,
                {"Location": f"{self.address(self.elsewhere)}/{file}", "X-Repo-Commit": self.commit, **linked},
            )
            data = b"moved"
        request.send_response(status)
        for name, value in (
            {"X-Repo-Commit": self.commit, "ETag": f'"{hashlib.md5(data or b"").hexdigest()}"'} | headers
        ).items():
            request.send_header(name, value)
        body = data if status in (200, 302) else b"no"
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command == "GET":
            request.wfile.write(body[: len(body) - self.cut] if there else body)


@pytest.fixture
def served(tmp_path, monkeypatch):
    torch.manual_seed(1)
    checkpoint.save(tmp_path / "m", Gpt(preset("tiny").model), {"steps": 7})
    hub_ = Hub({path.name: path.read_bytes() for path in (tmp_path / "m").iterdir()})
    hub_.cache = tmp_path / "cache"
    monkeypatch.setattr(hub, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("HF_ENDPOINT", hub_.address())
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # the library waits between attempts
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield hub_
    hub_.close()


def leftovers(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "cache").rglob("*.incomplete"))


def test_fetched_once_and_then_from_the_cache(served, tmp_path, monkeypatch, capsys):
    model = xiangqi_lm.load("hf:ann/tiny")
    wanted = checkpoint.load(tmp_path / "m")
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), wanted.parameters(), strict=True))
    assert model.card == {"steps": 7}
    assert "hf:ann/tiny" in capsys.readouterr().err
    assert {path.split("/")[-1] for path in served.asked} == {"config.json", "card.json", "model.safetensors"}
    served.asked.clear()
    xiangqi_lm.load("hf:ann/tiny")
    xiangqi_lm.load(f"hf:ann/tiny@{COMMIT}")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    xiangqi_lm.load("hf:ann/tiny")
    assert not served.asked  # nothing was fetched twice
    assert not leftovers(tmp_path)


def test_without_the_library_a_line_says_what_to_install_and_the_cache_serves(served, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(BadCheckpoint, match=r"hf:ann/tiny: .* needs huggingface_hub: pip install"):
        xiangqi_lm.load("hf:ann/tiny")
    monkeypatch.undo()
    monkeypatch.setenv("HF_ENDPOINT", served.address())
    monkeypatch.setattr(hub, "cache_folder", lambda: served.cache)
    xiangqi_lm.load("hf:ann/tiny")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert xiangqi_lm.load("hf:ann/tiny").card == {"steps": 7}
    assert "the copy fetched before is used" in capsys.readouterr().err


def test_a_branch_that_has_moved_is_fetched_again(served, tmp_path):
    xiangqi_lm.load("hf:ann/tiny")
    checkpoint.save(tmp_path / "n", Gpt(preset("tiny").model), {"steps": 8})
    served.files = {path.name: path.read_bytes() for path in (tmp_path / "n").iterdir()}
    served.commit = COMMIT[::-1]
    assert xiangqi_lm.load("hf:ann/tiny").card == {"steps": 8}
    assert xiangqi_lm.load(f"hf:ann/tiny@{COMMIT}").card == {"steps": 7}


def test_a_player_with_a_model_of_the_hub(served):
    assert parse_spec("lm:hf:ann/tiny@main?temperature=0").target == "hf:ann/tiny@main"
    player = make_player("lm:hf:ann/tiny?temperature=0&device=cpu", seed=1)
    board = Board()
    assert player.choose(board).move in board.legal_moves


def test_the_token_goes_to_the_hub_alone(served, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    xiangqi_lm.load("hf:ann/tiny")
    assert ("model.safetensors", "Bearer secret") in served.tokens
    assert ("model.safetensors there", None) in served.tokens


def test_without_a_card(served):
    del served.files["card.json"]
    assert xiangqi_lm.load("hf:ann/tiny").card == {}


def test_offline_the_cache_is_used(served):
    xiangqi_lm.load("hf:ann/tiny")
    served.answers["config.json"] = (503, {})
    assert xiangqi_lm.load("hf:ann/tiny").card == {"steps": 7}
    with pytest.raises(BadCheckpoint, match="503"):
        xiangqi_lm.load("hf:ann/tiny@v2")


def test_truncated_weights_are_not_kept(served, tmp_path):
    served.cut = 1000
    with pytest.raises(BadCheckpoint, match="cannot be reached"):
        xiangqi_lm.load("hf:ann/tiny")
    assert not leftovers(tmp_path)
    served.cut = 0
    xiangqi_lm.load("hf:ann/tiny")


def refuse(file, status, kind=""):
    return lambda hub_: hub_.answers.update({file: (status, {"X-Error-Code": kind} if kind else {})})


def serve(file, data):
    return lambda hub_: hub_.files.update({file: data})


def cut_weights(hub_):
    hub_.files["model.safetensors"] = hub_.files["model.safetensors"][:-8]


def wrong_digest(hub_):
    hub_.linked = {"X-Linked-Etag": '"' + "0" * 64 + '"'}


FAULTS = {
    "no such model": (refuse("config.json", 404, "RepoNotFound"), "no such model, .* .HTTP 404"),
    "no such revision": (refuse("config.json", 404, "RevisionNotFound"), "no such revision"),
    "no such file": (refuse("config.json", 404, "EntryNotFound"), "no config.json there"),
    "no weights": (refuse("model.safetensors", 404, "EntryNotFound"), "no model.safetensors there"),
    "not public": (refuse("config.json", 401), "set HF_TOKEN"),
    "gated": (refuse("model.safetensors", 403, "GatedRepo"), "gated"),
    "another program's": (serve("config.json", b'{"model_type": "llama"}'), "another program: llama"),
    "a login page": (serve("config.json", b"<html>"), "config.json: damaged"),
    "damaged on the way": (wrong_digest, "SHA-256"),
    "no hub": (lambda hub_: setattr(hub_, "commit", "x"), "as a hub does"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_one_clear_line_for(served, tmp_path, name):
    damage, says = FAULTS[name]
    damage(served)
    with pytest.raises(BadCheckpoint, match=says) as caught:
        xiangqi_lm.load("hf:ann/tiny")
    assert "\n" not in str(caught.value)
    assert "hf:ann/tiny" in str(caught.value)
    assert not list((tmp_path / "cache").rglob("snapshots/*/model.safetensors"))


@pytest.mark.parametrize(
    ("damage", "says"),
    [(serve("model.safetensors", b"\x80\x04 a pickle, perhaps"), "a pickle"), (cut_weights, "cut off")],
)
def test_damaged_weights_on_the_server(served, damage, says):
    damage(served)
    with pytest.raises(BadCheckpoint, match=f"model.safetensors: .*{says}") as caught:
        xiangqi_lm.load("hf:ann/tiny")
    assert "\n" not in str(caught.value)


def test_foreign_weights_are_not_even_fetched(served):
    served.files["config.json"] = b'{"model_type": "llama"}'
    with pytest.raises(BadCheckpoint):
        xiangqi_lm.load("hf:ann/tiny")
    assert len(served.asked) == 1


@pytest.mark.parametrize(
    "text", ["hf:", "hf:ann", "hf:ann/tiny/x", "hf:../../etc", "hf:ann/..", "hf:a b/c", "hf:ann/x@", "hf:ann/x@../y"]
)
def test_invalid_names(text):
    with pytest.raises(BadCheckpoint, match="is written hf:owner/name"):
        hub.Place.parse(text)


def test_without_any_network(served, monkeypatch):
    served.close()
    monkeypatch.setattr(hub, "TIMEOUT", 2.0)
    with pytest.raises(BadCheckpoint, match="cannot be reached"):
        xiangqi_lm.load("hf:ann/tiny")
    monkeypatch.setenv("HF_HUB_OFFLINE", "true")
    with pytest.raises(BadCheckpoint, match="HF_HUB_OFFLINE"):
        xiangqi_lm.load("hf:ann/tiny")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "nonsense")
    with pytest.raises(BadCheckpoint, match="cannot be reached"):
        xiangqi_lm.load("hf:ann/tiny")
