"""The HTTP timeouts under uvicorn, with short limits and a test application."""

import asyncio
import gc
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from nnvisu.serving import http_timeouts
from nnvisu.serving.http_timeouts import TimedHttp
from tests.support.raw import (
    PING,
    PONG,
    TIMEOUT_S,
    frame,
    frames,
    opened,
    request,
    status,
    upgraded,
)
from tests.support.serving import serving

HEADERS_S = 0.2
RESPONSE_S = 2.0
LARGE_BYTES = 20_000_000
"""More than the system holds for a client that does not read."""


class Responder:
    """Responds at once, after `due` is set (`/late`), or with a large body; accepts WebSockets."""

    headers = ((b"x-test", b"yes"),)

    def __init__(self) -> None:
        self.due = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                pass
            return
        if scope["path"] == "/late":
            await asyncio.to_thread(self.due.wait, TIMEOUT_S)
        body = bytes(LARGE_BYTES if scope["path"] == "/large" else 1)
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def responder() -> Responder:
    return Responder()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch, responder: Responder) -> Iterator[int]:
    monkeypatch.setattr(http_timeouts, "HEADERS_S", HEADERS_S)
    monkeypatch.setattr(http_timeouts, "RESPONSE_S", RESPONSE_S)
    with serving(responder) as port:
        yield port


def wait_for_end(raw: socket.socket, drip: bytes = b"") -> None:
    """Read, and send `drip` repeatedly, until the server closes the connection."""
    deadline_s = time.monotonic() + TIMEOUT_S
    with suppress(ConnectionError):
        while True:
            assert time.monotonic() < deadline_s
            if select.select([raw], [], [], HEADERS_S / 4)[0]:
                if not raw.recv(65_536):
                    return
            elif drip:
                raw.sendall(drip)


@pytest.mark.parametrize("drip", [b"", b"x"])
@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nX: ", b"whole"])
def test_late_request_headers_close_the_connection(port: int, first: bytes, drip: bytes) -> None:
    with opened(port) as raw:
        raw.sendall(request("/", port) if first == b"whole" else first)
        wait_for_end(raw, drip)


def test_a_late_response_does_not_close_the_connection(port: int, responder: Responder) -> None:
    with opened(port) as raw, opened(port) as later:
        raw.sendall(request("/late", port))
        wait_for_end(later)
        responder.due.set()
        assert status(raw) == 200


def test_each_response_restarts_the_timeout(port: int) -> None:
    end_s = time.monotonic() + 3 * HEADERS_S
    with opened(port) as raw:
        while time.monotonic() < end_s:
            raw.sendall(request("/", port))
            assert status(raw) == 200
            assert raw.recv(2) == b"\0"


def test_a_websocket_has_no_request_timeout(port: int) -> None:
    with upgraded(port) as raw, opened(port) as later:
        wait_for_end(later)
        raw.sendall(frame(PING, b"alive"))
        assert (PONG, b"alive") in frames(raw)


def test_a_client_that_reads_no_response_is_disconnected(port: int) -> None:
    with opened(port, receive_buffer=4096) as raw:
        raw.sendall(request("/large", port))
        wait_until_none_is_left()


def test_a_closed_connection_leaves_nothing_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    # An uncancelled timer would keep the objects alive longer than the wait.
    monkeypatch.setattr(http_timeouts, "HEADERS_S", 10 * TIMEOUT_S)
    with serving(Responder()) as port:
        with opened(port) as raw:
            raw.sendall(request("/", port))
            assert status(raw) == 200
        wait_until_none_is_left()


def wait_until_none_is_left() -> None:
    deadline_s = time.monotonic() + TIMEOUT_S
    while any(type(each) is TimedHttp for each in gc.get_objects()):
        assert time.monotonic() < deadline_s
        gc.collect()


def test_a_bad_request_response_has_the_security_headers(port: int) -> None:
    with opened(port) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        answer = raw.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\nx-test: yes\r\n")
    assert answer.endswith(b"\r\n\r\nInvalid HTTP request received.")
