"""Host and Origin checks and security headers, as one middleware around all routes.

Per-route checks get forgotten when a route is added.
"""

import re
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs

from nnvisu.web.addresses import is_address, is_wildcard
from nnvisu.web.connection import Message, Receive, Send
from nnvisu.web.forwarded import TrustedProxies, header_values

Application = Callable[[Message, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

WEBSOCKET_PATHS = ("/ws", "//ws")
"""A proxy that replaces "/path" by "/" makes "//ws" of "/path/ws"."""
MAX_PORT = 65535
REASON = "nnvisu-reason"
"""The header that marks a refusal as this server's own, for the page: a proxy may answer, too."""
_HOST = re.compile(
    r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:\[\]@/]+))(?::(?P<port>[0-9]{1,5}))?"
)
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>.+)")
_PLAIN_NAME = re.compile(r"[0-9A-Za-z._:-]{1,253}")
"""Names that are repeated in answers and in the log."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused, and a sentence on what to do."""

    reason: Literal["host", "origin"]
    sentence: str


def allowed_hosts(bound: str, extra: Collection[str] = ()) -> set[str]:
    """Return the allowed Host names of a server that listens on ``bound``."""
    names = {*_LOOPBACK, bound, *extra}
    if is_wildcard(bound):
        names |= {socket.gethostname(), f"{socket.gethostname()}.local"}
    return {name.lower() for name in names}


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

    A Host that is not allowed indicates DNS rebinding. A foreign Origin indicates that another
    site's page opened the WebSocket. An Origin is let in if the operator has named its host, or if
    its host is the one of the request. Programs send no Origin and are accepted.
    """

    def __init__(
        self,
        application: Application,
        hosts: set[str],
        headers: Headers,
        *,
        any_address: bool,
        named: Collection[str] = (),
        proxies: TrustedProxies | None = None,
        on_refusal: Callable[[Refusal], None] = lambda _: None,
        on_answer: Callable[[Message, int], None] | None = None,
    ) -> None:
        """``any_address`` allows every numeric Host, which cannot be a rebound name.

        ``named`` are the hosts whose pages may open a WebSocket, at any port. ``on_answer`` is
        called with the scope of each request and the status of its response. The scope's
        ``client`` is what ``proxies`` report.
        """
        self.headers = headers
        self._application = application
        self._hosts = hosts
        self._any_address = any_address
        self._named = {name.lower() for name in named}
        self._proxies = proxies or TrustedProxies()
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

        refusal = self._refusal(scope)
        if scope.get("client"):
            scope["client"] = (self._proxies.client(scope), 0)
        if refusal is not None:
            self._on_refusal(refusal)
            await _refuse(scope, send_with_headers, refusal)
        else:
            await self._application(scope, receive, send_with_headers)

    def _refusal(self, scope: Message) -> Refusal | None:
        hosts = header_values(scope, b"host")
        # A request target that is not a path names a host of its own.
        is_path = scope["path"].startswith("/")
        name = _name(hosts[0]) if len(hosts) == 1 and is_path else ""
        if not self._is_allowed(name):
            return _foreign_host(name)
        origins = _origins(scope)
        if not origins:
            return None
        reported = self._proxies.hosts(scope)
        if len(origins) == 1 and self._lets_in(origins[0], hosts[0], reported, scope):
            return None
        return _foreign_origin(origins[0], hosts[0])

    def _is_allowed(self, name: str) -> bool:
        return name in self._hosts or (self._any_address and is_address(name))

    def _lets_in(self, origin: str, host: str, reported: list[str], scope: Message) -> bool:
        """Tell whether a page of this Origin may open a WebSocket.

        ``reported`` are the hosts that trusted proxies have replaced by ``host``.
        """
        form = _ORIGIN.fullmatch(origin)
        name = _name(form["host"]) if form else ""
        if form is None or not name:
            return False
        if name in self._named:
            return True
        default = _PORTS[form["scheme"]]
        own = (scope.get("server") or ("", None))[1]
        return _is_same(form["host"], host, default, own) or any(
            _is_same(form["host"], each, default, None) for each in reported
        )


_STARTS = {"http.response.start", "websocket.accept", "websocket.http.response.start"}


async def _refuse(scope: Message, send: Send, refusal: Refusal) -> None:
    kind = "http.response" if scope["type"] == "http" else "websocket.http.response"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (REASON.encode(), refusal.reason.encode()),
    ]
    await send({"type": f"{kind}.start", "status": 403, "headers": headers})
    await send({"type": f"{kind}.body", "body": f"{refusal.sentence}\n".encode()})


def _foreign_host(name: str) -> Refusal:
    if not _PLAIN_NAME.fullmatch(name):
        return Refusal(
            "host", "The request names no host, or none that nnvisu can be told to serve."
        )
    return Refusal(
        "host",
        f"nnvisu does not know the host name {name}: start it with --allow-host {name} if the name "
        "is yours.",
    )


def _foreign_origin(origin: str, host: str) -> Refusal:
    form = _ORIGIN.fullmatch(origin)
    name = _name(form["host"]) if form else ""
    if form is None or not _PLAIN_NAME.fullmatch(name):
        sentence = (
            "Only nnvisu's own page may open its WebSocket. A page in a sandboxed frame has the "
            "origin null and may not."
        )
        return Refusal("origin", sentence)
    return Refusal(
        "origin",
        f"nnvisu refuses WebSockets of a page at {form['scheme']}://{form['host']}, because its "
        f"proxy names the host {host}: start nnvisu with --allow-host {name} if that is its "
        "public address.",
    )


def _origins(scope: Message) -> list[str]:
    """Return the Origins that a request for a WebSocket comes from.

    A page that asks by GET whether it may open one names its Origin in the query, because browsers
    send none with it.
    """
    origins = header_values(scope, b"origin")
    if scope["type"] == "websocket":
        return origins
    if scope["path"] in WEBSOCKET_PATHS:
        query = scope.get("query_string", b"").decode("latin-1")
        return origins or parse_qs(query).get("origin", [])
    return []


def _name(host: str) -> str:
    """Return the name in a Host header's value; empty if the value is malformed."""
    form = _HOST.fullmatch(host)
    return (form["address"] or form["name"]).lower() if form else ""


def _is_same(page: str, host: str, default_port: int, own_port: int | None) -> bool:
    """Tell whether a page's host is the one of a request.

    A Host without a port was shortened by a proxy, and only the names are compared, unless
    ``own_port``, on which the server listens, is the default itself.
    """
    ours, theirs = _HOST.fullmatch(page), _HOST.fullmatch(host)
    if ours is None or theirs is None or _name(page) != _name(host):
        return False
    if theirs["port"] is None and own_port not in _PORTS.values():
        return int(ours["port"] or 0) <= MAX_PORT
    return int(ours["port"] or default_port) == int(theirs["port"] or default_port)
