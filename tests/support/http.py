"""HTTP requests with arbitrary headers, including ones that ordinary clients do not send."""

import base64
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse

TIMEOUT_S = 10
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
}
"""The headers that open a WebSocket."""


class Answer:
    """Status, headers (lower-case names) and body of a response."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.content = b"" if response.status == 101 else response.read()


def ask(
    port: int, path: str = "/", headers: Mapping[str, str | None] | None = None, method: str = "GET"
) -> Answer:
    """Send one request to a port of this machine.

    A header whose value is None is omitted, even Host.
    """
    sent = {"Host": f"127.0.0.1:{port}", **(headers or {})}
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders()
        return Answer(connection.getresponse())
    finally:
        connection.close()
