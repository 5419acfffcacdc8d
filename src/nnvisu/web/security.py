"""Host and Origin checks and security headers, as one middleware around all routes.

Per-route checks get forgotten when a route is added.
"""

import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Literal

from nnvisu.web.connection import Message, Receive, Send

Application = Callable[[Message, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

Reason = Literal["host", "origin"]

_SENTENCES: dict[Reason, str] = {
    "host": "This server does not serve the host name in the request. "
    "Its operator can allow the name with --allow-host.",
    "origin": "WebSockets are open to this server's own page alone.",
}
_HOST = re.compile(
    r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:\[\]@/]+))(?::(?P<port>[0-9]{1,5}))?"
)
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>.+)")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"http": 80, "https": 443}


def allowed_hosts(bound: str, extra: Collection[str] = ()) -> set[str]:
    """Return the allowed Host names of a server that listens on ``bound``."""
    names = {*_LOOPBACK, bound, *extra}
    if is_wildcard(bound):
        names |= {socket.gethostname(), f"{socket.gethostname()}.local"}
    return {name.lower() for name in names}


def is_loopback(address: str) -> bool:
    """Tell whether an address is reachable from this machine only."""
    return address == "localhost" or (
        _is_address(address) and ipaddress.ip_address(address).is_loopback
    )


def is_wildcard(address: str) -> bool:
    """Tell whether an address stands for all of the machine's addresses."""
    return _is_address(address) and ipaddress.ip_address(address).is_unspecified


HEADERS: Headers = [
    (b"content-security-policy", b"default-src 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]
"""Added to every response that does not set them itself. This policy is for all but pages; it is
short, because a visit fetches nearly a hundred files."""


def page_headers(script_sources: Iterable[str], embedders: Iterable[str] = ()) -> dict[str, str]:
    """Return the headers that a page sets instead of those in `HEADERS`.

    ``script_sources`` are the CSP hashes of the page's inline scripts, ``embedders`` the origins
    that may show the page in a frame.
    """
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(("'self'", *script_sources)),
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": " ".join(("'self'", *embedders)),
    }
    return {"content-security-policy": "; ".join(f"{key} {value}" for key, value in policy.items())}


class SecurityMiddleware:
    """Refuses requests with a foreign Host or, for WebSockets, a foreign Origin.

    A Host that is not allowed indicates DNS rebinding. An Origin other than the Host indicates
    that another site's page opened the WebSocket. Programs send no Origin and are accepted.
    """

    def __init__(
        self,
        application: Application,
        hosts: set[str],
        headers: Headers,
        *,
        any_address: bool,
        on_refusal: Callable[[Reason], None] = lambda _: None,
        on_answer: Callable[[Message, int], None] | None = None,
    ) -> None:
        """``any_address`` allows every numeric Host, which cannot be a rebound name.

        ``on_answer`` is called with the scope of each request and the status of its response.
        """
        self.headers = headers
        self._application = application
        self._hosts = hosts
        self._any_address = any_address
        self._on_refusal = on_refusal
        self._on_answer = on_answer

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request to the application, or answer it with 403."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in _STARTS:
                own = message.get("headers", ())
                names = {name for name, _ in own}
                message["headers"] = [
                    *own,
                    *(each for each in self.headers if each[0] not in names),
                ]
                if self._on_answer is not None:
                    self._on_answer(scope, message.get("status", 101))
            await send(message)

        if reason := self._refusal_reason(scope):
            self._on_refusal(reason)
            await _refuse(scope, send_with_headers, _SENTENCES[reason])
        else:
            await self._application(scope, receive, send_with_headers)

    def _refusal_reason(self, scope: Message) -> Reason | None:
        hosts = _values(scope, b"host")
        origins = _values(scope, b"origin")
        # A request target that is not a path names a host of its own.
        is_path = scope["path"].startswith("/")
        if len(hosts) != 1 or not is_path or not self._is_allowed(_name(hosts[0])):
            return "host"
        if scope["type"] == "websocket" and origins and not _is_same(origins, hosts[0]):
            return "origin"
        return None

    def _is_allowed(self, name: str) -> bool:
        return name in self._hosts or (self._any_address and _is_address(name))


_STARTS = {"http.response.start", "websocket.accept", "websocket.http.response.start"}


async def _refuse(scope: Message, send: Send, reason: str) -> None:
    kind = "http.response" if scope["type"] == "http" else "websocket.http.response"
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": f"{kind}.start", "status": 403, "headers": headers})
    await send({"type": f"{kind}.body", "body": reason.encode()})


def _values(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _name(host: str) -> str:
    """Return the name in a Host header's value; empty if the value is malformed."""
    form = _HOST.fullmatch(host)
    return (form["address"] or form["name"]).lower() if form else ""


def _is_same(origins: list[str], host: str) -> bool:
    """Tell whether there is one Origin, and its page is served by this Host."""
    origin = _ORIGIN.fullmatch(origins[0])
    if len(origins) != 1 or origin is None:
        return False
    port = _PORTS[origin["scheme"]]
    return _host_and_port(origin["host"], port) == _host_and_port(host, port) != ("", port)


def _host_and_port(host: str, default_port: int) -> tuple[str, int]:
    form = _HOST.fullmatch(host)
    return _name(host), int(form["port"]) if form and form["port"] else default_port


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
