"""A hub on this machine: it serves the files of one model as the hub does, or refuses as the hub or a proxy does."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from huggingface_hub import constants

COMMIT = "c" * 40

NAME = "vinai/phobert-base"
CONFIG = b'{"model_type": "roberta", "tokenizer_class": "PhobertTokenizer"}'
PHOBERT = {"config.json": CONFIG, "pytorch_model.bin": b"weights", "vocab.txt": b"a 1\n", "bpe.codes": b"a b 1\n"}
WEIGHTS = "weights (model.safetensors or pytorch_model.bin)"
TOKENIZER = "a tokenizer (tokenizer.json or a vocabulary)"


def without(*names: str) -> dict[str, bytes]:
    return {name: content for name, content in PHOBERT.items() if name not in names}


def written(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@contextmanager
def serve(
    files: Mapping[str, bytes] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    refused: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Yield the address of a hub whose every model holds `files`.

    With another `status`, everything is answered with it and the `headers`; `refused` has
    the names of files that are answered with 403, and the error code of each: empty from a proxy, which knows none.
    """
    held = dict(files or {})

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if status != 200:
                return self._answer(status, headers or {})
            if "/resolve/" in path:
                return self._file(path.rpartition("/resolve/")[2].partition("/")[2])
            if "/tree/" in path:
                return self._json(
                    [
                        {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                        for name, content in held.items()
                    ]
                )
            return self._json({"id": "owner/name", "sha": COMMIT})

        do_HEAD = do_GET

        def _file(self, name: str) -> None:
            if refused and name in refused:
                return self._answer(403, {"X-Error-Code": refused[name]})
            if name not in held:
                return self._answer(404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
            etag = hashlib.sha1(held[name]).hexdigest()
            self._answer(200, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}, held[name])

        def _json(self, value: object) -> None:
            self._answer(200, {"Content-Type": "application/json"}, json.dumps(value).encode())

        def _answer(self, code: int, fields: Mapping[str, str], body: bytes = b"") -> None:
            self.send_response(code)
            for name, value in {**fields, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def snapshot(cache: Path, name: str, files: Mapping[str, bytes], commit: str = COMMIT) -> Path:
    """Write `files` into a cache as a download leaves them, links to blobs, and return the snapshot's folder."""
    storage = cache / f"models--{name.replace('/', '--')}"
    folder = storage / "snapshots" / commit
    folder.mkdir(parents=True)
    (storage / "blobs").mkdir()
    (storage / "refs").mkdir()
    (storage / "refs" / "main").write_text(commit)
    for file, content in files.items():
        blob = storage / "blobs" / hashlib.sha1(content).hexdigest()
        blob.write_bytes(content)
        (folder / file).symlink_to(Path("../../blobs") / blob.name)
    return folder


def connect(patch: pytest.MonkeyPatch, address: str) -> None:
    """Let the hub's client ask at `address`, as HF_ENDPOINT does for a new process."""
    patch.setattr(constants, "ENDPOINT", address)
    patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}")
    patch.setattr(constants, "HF_HUB_OFFLINE", False)
    patch.setenv("no_proxy", "*")
