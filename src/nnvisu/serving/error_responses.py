"""Adds our security headers to responses that uvicorn sends before the app runs.

These are the answers to bad requests and to failed handshakes.
"""

from typing import Any

from uvicorn.config import Config
from websockets.http11 import Response
from websockets.server import ServerProtocol
from websockets.typing import StatusLike


def bad_request(config: Config) -> bytes:
    """Return a whole HTTP response with status 400, which closes the connection."""
    body = b"Invalid HTTP request received."
    headers = [
        *_security_headers(config),
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    lines = (b"%s: %s\r\n" % header for header in headers)
    return b"HTTP/1.1 400 Bad Request\r\n%s\r\n%s" % (b"".join(lines), body)


class Handshake(ServerProtocol):
    """The websockets package's protocol of one connection, without extensions."""

    def __init__(self, config: Config) -> None:
        super().__init__(max_size=config.ws_max_size)
        self._config = config

    def reject(self, status: StatusLike, text: str) -> Response:
        """Make the response to a failed handshake."""
        response = super().reject(status, text)
        for name, value in _security_headers(self._config):
            response.headers[name.decode()] = value.decode()
        return response


def _security_headers(config: Config) -> list[tuple[bytes, bytes]]:
    """Return the headers that the application adds to its own responses."""
    app: Any = config.app
    return list(app.headers)
