"""IP addresses: what they are, and which of them count as one client."""

import ipaddress

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

IPV6_PREFIX = 64
"""Bits of an IPv6 address that identify a subscriber; one machine may use all of the others."""


def parse(text: str) -> _Address | None:
    """Read an IP address; None if it is none. An IPv4 address mapped into IPv6 becomes IPv4."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address."""
    return parse(text) is not None


def is_loopback(address: str) -> bool:
    """Tell whether an address is reachable from this machine only."""
    number = parse(address)
    return address == "localhost" or (number is not None and number.is_loopback)


def is_wildcard(address: str) -> bool:
    """Tell whether an address stands for all of the machine's addresses."""
    number = parse(address)
    return number is not None and number.is_unspecified


def subscriber(address: str) -> str:
    """Return what limits and processor shares count an address as.

    An IPv4 address is counted alone, an IPv6 address with all others of its /64. What is no address
    is returned unchanged.
    """
    number = parse(address)
    if number is None:
        return address
    if isinstance(number, ipaddress.IPv4Address):
        return str(number)
    return str(ipaddress.ip_network((number.packed, IPV6_PREFIX), strict=False))
