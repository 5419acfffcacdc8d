"""How much may be asked for: connections, messages, patience."""

import socket
import time
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from nnvisu.limits import Doorkeeper, Throttle
from nnvisu.patience import HEADERS_S
from tests.support.client import TIMEOUT_S, connected
from tests.support.server import ServerProcess, running


def test_connections_are_counted_in_all() -> None:
    door = Doorkeeper(most=2)
    assert door.enter("192.0.2.1")
    assert door.enter("192.0.2.2")
    assert not door.enter("192.0.2.3")
    door.leave("192.0.2.1")
    assert door.enter("192.0.2.3")


def test_connections_are_counted_by_address_but_for_this_machine() -> None:
    door = Doorkeeper(most=10, most_per_address=2)
    assert [door.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert door.enter("192.0.2.2")
    assert [door.enter("127.0.0.1") for _ in range(3)] == [True] * 3
    assert [door.enter("") for _ in range(3)] == [True, True, False]
    door.leave("192.0.2.1")
    assert door.enter("192.0.2.1")


def test_messages_pass_in_a_burst_and_then_at_their_rate() -> None:
    now_s = 0.0
    throttle = Throttle(lambda: now_s, rate=10, burst=3)
    assert [throttle.wait_s() for _ in range(4)] == [0, 0, 0, pytest.approx(0.1)]
    now_s = 0.1
    assert throttle.wait_s() == pytest.approx(0.1)
    now_s = 100
    assert [throttle.wait_s() for _ in range(3)] == [0, 0, 0]
    assert throttle.wait_s() > 0


def test_one_connection_too_many_is_told_to_try_again_later() -> None:
    with running(["--max-connections", "1"]) as server, connected(server):
        with connect(server.websocket_url) as second, pytest.raises(ConnectionClosed) as closed:
            second.recv(TIMEOUT_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
        assert server.get("healthz") == "alive\n"


def test_who_does_not_finish_his_headers_is_cut_off_and_nobody_else(
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
