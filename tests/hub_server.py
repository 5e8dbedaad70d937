"""A real HTTP server on the loopback that speaks the hub's protocol, and fails on request."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hub:
    """What the server offers and how it misbehaves; `served` counts the bytes of file bodies sent."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.cut_after: list[int] = []  # bytes after which each of the next answers breaks off
        self.corrupt = False
        self.gated = False
        self.ignore_range = False
        self.claimed: dict[str, str] = {}  # path → SHA-256 that the listing claims
        self.requests: list[tuple[str, str, str]] = []
        self.served = 0
        self.endpoint = ""

    def add(self, repository: str, path: str, content: bytes) -> str:
        self.files[repository, path] = content
        return hashlib.sha256(content).hexdigest()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            return None

        def do_GET(self) -> None:
            hub.requests.append((self.command, self.path, self.headers.get("Range", "")))
            if hub.gated:
                self._send(401, b"{}", {"X-Error-Code": "GatedRepo", "X-Error-Message": "gated"})
            elif found := re.match(r"/api/models/(.+?)/tree/", self.path):
                self._tree(found[1])
            elif found := re.match(r"/(.+?/.+?)/resolve/[^/]+/(.+)", self.path):
                self._file(found[1], found[2])
            else:
                self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

        do_HEAD = do_GET

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def _tree(self, repository: str) -> None:
            repository = repository.replace("%2F", "/")
            entries = []
            for (owner, path), content in hub.files.items():
                if owner == repository:
                    entry: dict[str, object] = {
                        "type": "file",
                        "path": path,
                        "size": len(content),
                        "oid": "0",
                    }
                    if len(content) > 1000:
                        digest = hub.claimed.get(path, hashlib.sha256(content).hexdigest())
                        entry["lfs"] = {"oid": digest, "size": len(content), "pointerSize": 130}
                    entries.append(entry)
            if entries:
                self._send(200, json.dumps(entries).encode(), {"Content-Type": "application/json"})
            else:
                self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

        def _file(self, repository: str, path: str) -> None:
            content = hub.files.get((repository, path))
            if content is None:
                self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})
                return
            if hub.corrupt:
                content = content[:-10] + bytes(10)
            start = 0
            asked = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if asked and not hub.ignore_range:
                start = int(asked[1])
            body = content[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if hub.cut_after:
                body = body[: hub.cut_after.pop(0)]
                self.close_connection = True
            self.wfile.write(body)
            hub.served += len(body)

    return Handler


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Run a hub on a free port of the loopback."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
