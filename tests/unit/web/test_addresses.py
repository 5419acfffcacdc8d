"""IP addresses, and which of them count as one client."""

import pytest

from nnvisu.web.addresses import is_loopback, is_wildcard, subscriber


def test_loopback_and_wildcard_addresses_are_recognised() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.0.0.9", "::1", "localhost", "::ffff:127.0.0.1"]))
    assert not any(map(is_loopback, ["0.0.0.0", "192.168.1.5", "example.org", ""]))  # noqa: S104
    assert all(map(is_wildcard, ["0.0.0.0", "::"]))  # noqa: S104
    assert not any(map(is_wildcard, ["127.0.0.1", "localhost"]))


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:201", "192.0.2.1"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("2001:0DB8::2:0:0:0:1", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_addresses_of_one_subscriber_count_as_one(address: str, counted: str) -> None:
    assert subscriber(address) == counted
