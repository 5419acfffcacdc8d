"""What uvicorn answers without asking the application: as everything else is answered."""

from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Response
from websockets.server import ServerProtocol
from websockets.typing import StatusLike


class Http(H11Protocol):
    """Uvicorn's HTTP; what is no HTTP at all is answered like everything else."""

    def send_400_response(self, msg: str) -> None:
        """Say that a request cannot be read, and close."""
        headers = [
            *_headers(self.config),
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"connection", b"close"),
        ]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=msg.encode()),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class WebSocket(WebSocketsSansIOProtocol):
    """Uvicorn's WebSockets; a handshake that fails is answered like everything else."""

    def __init__(self, config: Config, *args: Any, **options: Any) -> None:
        super().__init__(config, *args, **options)
        self.conn = _Handshake(_headers(config), self.config.ws_max_size)


class _Handshake(ServerProtocol):
    def __init__(self, headers: list[tuple[bytes, bytes]], max_size: int) -> None:
        super().__init__(max_size=max_size)
        self._headers = headers

    def reject(self, status: StatusLike, text: str) -> Response:
        response = super().reject(status, text)
        for name, value in self._headers:
            response.headers[name.decode()] = value.decode()
        return response


def _headers(config: Config) -> list[tuple[bytes, bytes]]:
    """Give the headers that the gate adds to the application's answers."""
    app: Any = config.app
    return list(app.headers)
