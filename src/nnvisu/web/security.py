"""Who gets in, and what every answer says about it: one wrapper around the whole application.

Checks that each route makes for itself are forgotten by the next route; here none can be.
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
    "host": "This server is not known under the name it was asked for. "
    "Whoever runs it can add the name with --allow-host.",
    "origin": "WebSockets are open to this server's own page alone.",
}
_HOST = re.compile(
    r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:\[\]@/]+))(?::(?P<port>[0-9]{1,5}))?"
)
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>.+)")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"http": 80, "https": 443}


def allowed_hosts(bound: str, extra: Collection[str] = ()) -> set[str]:
    """List the names by which a server may be addressed that listens on an address."""
    names = {*_LOOPBACK, bound, *extra}
    if is_wildcard(bound):
        names |= {socket.gethostname(), f"{socket.gethostname()}.local"}
    return {name.lower() for name in names}


def is_loopback(address: str) -> bool:
    """Tell whether only this machine reaches an address."""
    return address == "localhost" or (
        _is_address(address) and ipaddress.ip_address(address).is_loopback
    )


def is_wildcard(address: str) -> bool:
    """Tell whether an address stands for all of the machine's."""
    return _is_address(address) and ipaddress.ip_address(address).is_unspecified


HEADERS: Headers = [
    (b"content-security-policy", b"default-src 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]
"""Of every answer that has none of its own. What is no page runs nothing, so the policy is short:
a visit brings nearly a hundred of these answers."""


def page_headers(script_sources: Iterable[str], embedders: Iterable[str] = ()) -> dict[str, str]:
    """Give the headers that a page has in the place of those of every answer.

    `script_sources` are the CSP hashes of the page's inline scripts, `embedders` the origins of
    pages that may show this one in a frame.
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


class Gate:
    """Lets in what is addressed to this server and comes from its own page.

    A Host that is not ours means that a foreign name was made to point here (DNS rebinding); an
    Origin that is not the Host means that another site's page opened the WebSocket. Programs send
    no Origin and are let in.
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
        """`any_address` admits every numeric Host, which cannot be a rebound name.

        `on_answer` is told the scope of each request and the status of its answer.
        """
        self.headers = headers
        self._application = application
        self._hosts = hosts
        self._any_address = any_address
        self._on_refusal = on_refusal
        self._on_answer = on_answer

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with 403."""
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

        if reason := self._objection(scope):
            self._on_refusal(reason)
            await _refuse(scope, send_with_headers, _SENTENCES[reason])
        else:
            await self._application(scope, receive, send_with_headers)

    def _objection(self, scope: Message) -> Reason | None:
        hosts = _values(scope, b"host")
        origins = _values(scope, b"origin")
        # A target that is no path names a host of its own, beside the header's.
        is_path = scope["path"].startswith("/")
        if len(hosts) != 1 or not is_path or not self._is_ours(_name(hosts[0])):
            return "host"
        if scope["type"] == "websocket" and origins and not _is_same(origins, hosts[0]):
            return "origin"
        return None

    def _is_ours(self, name: str) -> bool:
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
    """Take the name out of a Host header's value; nothing if it has another form."""
    form = _HOST.fullmatch(host)
    return (form["address"] or form["name"]).lower() if form else ""


def _is_same(origins: list[str], host: str) -> bool:
    """Tell whether the one Origin is a page of this Host."""
    origin = _ORIGIN.fullmatch(origins[0])
    if len(origins) != 1 or origin is None:
        return False
    port = _PORTS[origin["scheme"]]
    return _place(origin["host"], port) == _place(host, port) != ("", port)


def _place(host: str, default_port: int) -> tuple[str, int]:
    form = _HOST.fullmatch(host)
    return _name(host), int(form["port"]) if form and form["port"] else default_port


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
