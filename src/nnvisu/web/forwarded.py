"""What trusted proxies report about a request: the client's address, and the host it named."""

import ipaddress
from collections.abc import Iterable

from nnvisu.web.addresses import parse
from nnvisu.web.connection import Message


class TrustedProxies:
    """The proxies whose `X-Forwarded-For`, `X-Forwarded-Host` and `Forwarded` headers count."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """``networks`` are IP addresses or networks; raises ValueError for others."""
        self._networks = [ipaddress.ip_network(network) for network in networks]

    def __contains__(self, address: str) -> bool:
        number = parse(address)
        return number is not None and any(number in network for network in self._networks)

    def client(self, scope: Message) -> str:
        """Return the address of a request's client.

        Every proxy appends the address that it sees, so the last one that is not a trusted proxy's
        is the client's.
        """
        client = peer(scope)
        if client not in self:
            return client
        reported = _listed(scope, b"x-forwarded-for") or _forwarded(scope, "for")
        for address in reversed([_without_port(each) for each in reported]):
            client = address
            if client not in self:
                break
        return client

    def hosts(self, scope: Message) -> list[str]:
        """Return the hosts that the client named, as `Host` writes them; none without a proxy."""
        if peer(scope) not in self:
            return []
        return [*_listed(scope, b"x-forwarded-host"), *_forwarded(scope, "host")]


def peer(scope: Message) -> str:
    """Return the address of whoever has opened the connection; empty if it is unknown."""
    return str((scope.get("client") or ("",))[0])


def header_values(scope: Message, name: bytes) -> list[str]:
    """Return the values of a header's lines; ``name`` is in lower case."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _listed(scope: Message, name: bytes) -> list[str]:
    """Return the parts of a header whose value is a list."""
    parts = ",".join(header_values(scope, name)).split(",")
    return [part.strip() for part in parts if part.strip()]


def _forwarded(scope: Message, name: str) -> list[str]:
    """Return a parameter of each element of `Forwarded` (RFC 7239)."""
    pairs = (
        pair.partition("=")
        for element in _listed(scope, b"forwarded")
        for pair in element.split(";")
    )
    return [value.strip().strip('"') for key, _, value in pairs if key.strip().lower() == name]


def _without_port(text: str) -> str:
    """Remove the port from ``1.2.3.4:5``, ``[::1]:5`` or ``[::1]``."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
