"""HTTP and WebSockets over raw sockets, for input that no ordinary client sends."""

import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

TIMEOUT_S = 30
KEY = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
COMPRESSED = 0x40
"""The bit that says that a message is compressed."""


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, bits: int = 0) -> bytes:
    """Encode a client's WebSocket frame, masked with zeros."""
    first = (0x80 if fin else 0) | bits | opcode
    return header(first, len(payload)) + payload


def header(first: int, size: int) -> bytes:
    """Encode a frame header that announces a payload of `size` bytes, and the mask."""
    if size < 126:
        return bytes([first, 0x80 | size]) + bytes(4)
    if size < 65_536:
        return struct.pack("!BBH", first, 0x80 | 126, size) + bytes(4)
    return struct.pack("!BBQ", first, 0x80 | 127, size) + bytes(4)


@contextmanager
def opened(port: int, *, receive_buffer: int | None = None) -> Iterator[socket.socket]:
    """Open a TCP connection to a local port."""
    with socket.socket() as raw:
        raw.settimeout(TIMEOUT_S)
        if receive_buffer is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.connect(("127.0.0.1", port))
        yield raw


@contextmanager
def upgraded(
    port: int, *, headers: Sequence[str] = (), receive_buffer: int | None = None
) -> Iterator[socket.socket]:
    """Open a WebSocket; the server's first messages are not read yet."""
    with opened(port, receive_buffer=receive_buffer) as raw:
        raw.sendall(request("/ws", port, ["Upgrade: websocket", *headers]))
        answer = head(raw)
        assert answer.startswith("HTTP/1.1 101 "), answer
        assert "permessage-deflate" not in answer
        yield raw


def request(target: str, port: int, headers: Sequence[str] = (), method: str = "GET") -> bytes:
    """Encode a request; with an `Upgrade` header, a WebSocket handshake."""
    if any(line.startswith("Upgrade:") for line in headers):
        headers = ["Connection: Upgrade", "Sec-WebSocket-Version: 13", KEY, *headers]
    if not any(line.startswith("Host:") for line in headers):
        headers = [f"Host: 127.0.0.1:{port}", *headers]
    return "\r\n".join([f"{method} {target} HTTP/1.1", *headers, "", ""]).encode("latin-1")


def head(raw: socket.socket) -> str:
    """Read a response exactly to the end of its headers."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        byte = raw.recv(1)
        if not byte:
            break
        answer += byte
    return answer.decode("latin-1")


def status(raw: socket.socket) -> int:
    """Read a response's status; 0 if the connection is closed without a response."""
    try:
        words = head(raw).split(" ", 2)
    except ConnectionResetError:
        return 0
    return int(words[1]) if len(words) > 1 else 0


def frames(raw: socket.socket) -> Iterator[tuple[int, bytes]]:
    """Read the server's frames, as opcode and payload, until it closes the connection."""
    with raw.makefile("rb") as stream:
        while len(start := stream.read(2)) == 2:
            size = start[1]
            if size >= 126:
                size = int.from_bytes(stream.read(2 if size == 126 else 8), "big")
            yield start[0] & 0x0F, stream.read(size)


def close_code(raw: socket.socket) -> int:
    """Read until the server closes the WebSocket; return its close code, or 0 without one."""
    try:
        closes = (payload for opcode, payload in frames(raw) if opcode == CLOSE)
        return int.from_bytes(next(closes, b"")[:2], "big")
    except ConnectionResetError:
        return 0
