"""The client for an OpenAI-compatible server, against real HTTP servers that behave and misbehave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from models.errors import ModelError, ModelTimeout, SettingsError
from models.openai_server import ServerChat, is_loopback

PIECE = b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n'
END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


@contextmanager
def server(body: bytes, *, status: int = 200, wait: float = 0.0) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return None

        def do_GET(self) -> None:
            self._send(200, b'{"data":[{"id":"m"}]}')

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            stopped.wait(wait)
            self._send(status, body)

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    stopped = threading.Event()
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}"
    finally:
        stopped.set()
        http.shutdown()
        http.server_close()
        thread.join()


def test_streams() -> None:
    with server(PIECE % "Có ".encode() + b": ping\n\n" + PIECE % b"900" + END) as url:
        assert [str(chunk.content) for chunk in ServerChat(url=url).stream("?")][:2] == ["Có ", "900"]
        assert ServerChat(url=f"{url}/v1/").invoke("?").content == "Có 900"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"<html>", 200, "ngắt giữa chừng"),
        (b"data: {oops}\n\n", 200, "sai giao thức"),
        (b'data: {"choices": 3}\n\n', 200, "sai giao thức"),
        (PIECE % b"900", 200, "ngắt giữa chừng"),
        (b"model not loaded", 500, "model not loaded"),
        (b"", 404, "404"),
    ],
)
def test_servers_that_misbehave(body: bytes, status: int, message: str) -> None:
    with server(body, status=status) as url, pytest.raises(ModelError, match=message):
        ServerChat(url=url, model="m").invoke("?")


def test_slow_server_meets_the_deadline() -> None:
    with server(END, wait=30) as url, pytest.raises(ModelTimeout):
        ServerChat(url=url, model="m", deadline_seconds=0.3).invoke("?")


def test_nobody_answers() -> None:
    with pytest.raises(ModelError, match="không trả lời") as caught:
        ServerChat(url="http://127.0.0.1:9").invoke("?")
    assert "Khởi động máy chủ" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://example.com", "http://192.168.1.4:8080/v1", "http://localhost.evil.net"]
)
def test_other_machines_only_when_allowed(url: str) -> None:
    with pytest.raises(SettingsError, match="ra ngoài"):
        ServerChat(url=url)
    assert ServerChat(url=url, allow_remote=True).url == url


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1", "127.0.0.1:8080", "http://"])
def test_senseless_addresses(url: str) -> None:
    with pytest.raises(SettingsError, match="không hợp lệ"):
        ServerChat(url=url)


def test_loopback_names() -> None:
    assert all(is_loopback(url) for url in ("http://localhost:1", "http://127.8.8.8", "http://[::1]:8080"))
    assert not is_loopback("http://0.0.0.0")
