"""What trusted proxies report, as header lines."""

import pytest

from nnvisu.web.forwarded import TrustedProxies

PROXIES = TrustedProxies(["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"])


def scope(peer: str, **lines: str) -> dict[str, object]:
    """Make a request's scope."""
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in lines.items()]
    return {"client": (peer, 1234), "headers": headers}


@pytest.mark.parametrize(
    ("reported", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:4::1]:4711", "2001:4::1"),
        ("2001:4::1", "2001:4::1"),
        ("198.51.100.7, 192.0.2.1", "192.0.2.1"),
        ("198.51.100.7, 192.0.2.1, 10.1.2.3", "192.0.2.1"),
        ("10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("", "127.0.0.1"),
        (" , ", "127.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_trusted_proxy(
    reported: str, client: str
) -> None:
    assert PROXIES.client(scope("127.0.0.1", x_forwarded_for=reported)) == client
    mapped = "::ffff:127.0.0.1"
    through_mapped = mapped if client == "127.0.0.1" else client
    assert PROXIES.client(scope(mapped, x_forwarded_for=reported)) == through_mapped
    assert PROXIES.client(scope("192.0.2.9", x_forwarded_for=reported)) == "192.0.2.9"


def test_forwarded_counts_where_there_is_no_x_forwarded_for() -> None:
    element = 'proto=https;For="[2001:4::1]:4711";host=a.example'
    assert PROXIES.client(scope("10.0.0.1", forwarded=element)) == "2001:4::1"
    both = scope("10.0.0.1", forwarded=element, x_forwarded_for="192.0.2.1")
    assert PROXIES.client(both) == "192.0.2.1"


def test_hosts_are_those_of_a_trusted_proxy() -> None:
    lines = {"x_forwarded_host": "a.example, b.example:81", "forwarded": 'for=x;host="c.example"'}
    assert PROXIES.hosts(scope("2001:db8::1", **lines)) == [
        *("a.example", "b.example:81", "c.example")
    ]
    assert PROXIES.hosts(scope("192.0.2.9", **lines)) == []
    assert PROXIES.hosts(scope("", **lines)) == []
