"""The limits on connections, message rates and slow clients."""

import socket
import time
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from nnvisu.processes.shared_memory import SharedCounters
from nnvisu.serving.http_timeouts import HEADERS_S
from nnvisu.web.limits import (
    BURST,
    LIMIT_SENTENCES,
    MESSAGES_PER_S,
    ConnectionLimits,
    RateLimiter,
)
from nnvisu.wire.messages import Ack, Generate, Generated
from tests.support.client import TIMEOUT_S, connected
from tests.support.http import ask
from tests.support.server import ServerProcess, running


def test_connections_are_limited_in_total() -> None:
    counters = SharedCounters()
    limits = ConnectionLimits(counters, counters.workers[0], max_connections=2)
    assert [limits.enter(f"192.0.2.{host}") for host in range(3)] == [None, None, "full"]
    limits.leave("192.0.2.1")
    assert limits.enter("192.0.2.3") is None


def test_connections_are_limited_by_address_except_loopback() -> None:
    counters = SharedCounters()
    limits = ConnectionLimits(counters, counters.workers[0], max_connections=10, max_per_address=2)
    assert [limits.enter("192.0.2.1") for _ in range(3)] == [None, None, "address"]
    assert limits.enter("192.0.2.2") is None
    assert [limits.enter("127.0.0.1") for _ in range(3)] == [None] * 3
    assert [limits.enter("") for _ in range(3)] == [None, None, "address"]
    limits.leave("192.0.2.1")
    assert limits.enter("192.0.2.1") is None


def test_ipv6_addresses_are_limited_by_64_and_mapped_ones_as_ipv4() -> None:
    counters = SharedCounters()
    limits = ConnectionLimits(counters, counters.workers[0], max_connections=10, max_per_address=2)
    neighbours = [f"2001:db8:0:1::{host}" for host in (1, 2, 3)]
    assert [limits.enter(address) for address in neighbours] == [None, None, "address"]
    assert limits.reason("2001:db8:0:1::4") == "address"
    assert limits.reason("2001:db8:0:2::1") is None
    mapped = ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"]
    assert [limits.enter(address) for address in mapped] == [None, None, "address"]
    assert [limits.enter("::ffff:127.0.0.1") for _ in range(3)] == [None] * 3
    limits.leave("2001:db8:0:1::9")
    assert limits.reason("2001:db8:0:1::4") is None


def test_a_question_is_answered_without_counting() -> None:
    counters = SharedCounters()
    limits = ConnectionLimits(counters, counters.workers[0], max_connections=1)
    assert [limits.reason("192.0.2.1") for _ in range(3)] == [None] * 3
    limits.enter("192.0.2.1")
    assert [limits.reason("192.0.2.1") for _ in range(3)] == ["full"] * 3
    assert counters.connections == 1


def test_close_reasons_fit_into_a_close_frame() -> None:
    assert all(len(sentence.encode()) <= 123 for sentence in LIMIT_SENTENCES.values())


def test_connections_are_counted_over_all_workers_and_removed_with_a_dead_worker() -> None:
    counters = SharedCounters(workers=2)
    here, there = (
        ConnectionLimits(counters, worker, max_connections=3, max_per_address=2)
        for worker in counters.workers
    )
    assert [here.enter("192.0.2.1"), there.enter("192.0.2.1")] == [None, None]
    assert [here.enter("192.0.2.1"), there.enter("192.0.2.1")] == ["address"] * 2
    assert here.enter("192.0.2.2") is None
    assert [here.enter("192.0.2.3"), there.enter("192.0.2.3")] == ["full"] * 2
    counters.workers[0].clear()
    assert [there.enter("192.0.2.1"), there.enter("192.0.2.1")] == [None, "address"]


def test_messages_pass_in_a_burst_and_then_at_the_limited_rate() -> None:
    now_s = 0.0
    limiter = RateLimiter(lambda: now_s, rate=10, burst=3)
    assert [limiter.wait_s() for _ in range(3)] == [0, 0, 0]
    assert limiter.open
    assert limiter.wait_s() == pytest.approx(0.1)
    assert not limiter.open
    now_s = 0.1
    assert limiter.wait_s() == pytest.approx(0.1)
    now_s = 100
    assert [limiter.wait_s() for _ in range(3)] == [0, 0, 0]
    assert limiter.wait_s() > 0


def test_a_client_above_the_message_rate_is_slowed_and_no_other(
    shared_server: ServerProcess,
) -> None:
    excess_s = 0.8
    with connected(shared_server) as hasty, connected(shared_server) as other:
        start_s = time.monotonic()
        for step in range(int(BURST + excess_s * MESSAGES_PER_S)):
            hasty.send(Ack(1, step))
        hasty.send(Generate(1, "moons"))
        other.send(Generate(2, "moons"))
        other.expect(Generated)
        others_s = time.monotonic() - start_s
        hasty.expect(Generated)
        assert time.monotonic() - start_s >= excess_s
        assert others_s < time.monotonic() - start_s


def test_a_connection_above_the_limit_is_closed_with_try_again_later() -> None:
    with running(["--max-connections", "1"]) as server, connected(server):
        assert refusal(server) == (1013, LIMIT_SENTENCES["full"])
        answer = ask(server.port, "/ws")
        assert (answer.status, answer.headers["nnvisu-reason"]) == (503, "full")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.content.decode() == LIMIT_SENTENCES["full"] + "\n"
        for path in ("healthz", "readyz"):
            assert ask(server.port, f"/{path}").status == 200
            assert ask(server.port, f"/{path}", method="HEAD").status == 200


def test_a_connection_above_the_limit_per_address_is_closed_with_a_reason() -> None:
    options = ["--trust-proxy", "127.0.0.1", "--max-per-address", "1"]
    one, another = ({"X-Forwarded-For": f"192.0.2.{host}"} for host in (1, 2))
    with running(options) as server, connected(server, additional_headers=one):
        assert refusal(server, additional_headers=one) == (1013, LIMIT_SENTENCES["address"])
        answer = ask(server.port, "/ws", one)
        assert (answer.status, answer.headers["nnvisu-reason"]) == (429, "address")
        with connected(server, additional_headers=another):
            pass


def test_an_untrusted_proxy_cannot_set_the_client_address() -> None:
    options = ["--trust-proxy", "192.0.2.9", "--max-per-address", "1"]
    one = {"X-Forwarded-For": "192.0.2.1"}
    with (
        running(options) as server,
        connected(server, additional_headers=one),
        connected(server, additional_headers=one),
    ):
        pass


def test_the_client_addresses_of_a_trusted_proxy_are_limited_by_64() -> None:
    options = ["--trust-proxy", "127.0.0.1", "--max-per-address", "1"]
    one, neighbour, other = (
        {"X-Forwarded-For": f"2001:db8:{subnet}::{host}"}
        for subnet, host in (("a", 1), ("a", 2), ("b", 1))
    )
    with running(options) as server, connected(server, additional_headers=one):
        assert refusal(server, additional_headers=neighbour)[0] == 1013
        with connected(server, additional_headers=other):
            pass


def refusal(server: ServerProcess, **options: Any) -> tuple[int, str]:
    """Connect, and return the code and the reason with which the connection is closed."""
    with (
        connect(server.websocket_url, **options) as refused,
        pytest.raises(ConnectionClosed) as closed,
    ):
        refused.recv(TIMEOUT_S)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


def test_a_client_with_unfinished_headers_is_disconnected_and_no_other(
    shared_server: ServerProcess,
) -> None:
    beginnings = [
        b"",
        b"GET / HTTP/1.1\r\nHo",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HT",
    ]
    with ExitStack() as stack:
        client = stack.enter_context(connected(shared_server))
        silent = [
            stack.enter_context(socket.create_connection(("127.0.0.1", shared_server.port), 30))
            for _ in beginnings
        ]
        start_s = time.monotonic()
        for connection, beginning in zip(silent, beginnings, strict=True):
            connection.sendall(beginning)
        for connection in silent:
            while connection.recv(65_536):
                pass
        assert time.monotonic() - start_s > HEADERS_S / 2
        assert client.socket.ping().wait(TIMEOUT_S)
