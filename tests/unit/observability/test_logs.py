"""The server's log, as written by the real command."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from nnvisu import __version__
from nnvisu.wire.messages import Error
from tests.support.client import connected
from tests.support.http import UPGRADE, ask
from tests.support.requests import a_checkpoint, a_train, with_parameters
from tests.support.server import ServerProcess, running

Record = dict[str, object]


def records(options: Sequence[str] = ()) -> list[Record]:
    """Run a server, use it, and return its log records."""
    with running(["--max-connections", "1", *options], errors=True) as server:
        use(server)
        assert server.terminate() == 0
        return [json.loads(line) for line in server.errors().splitlines()]


def use(server: ServerProcess) -> None:
    """Train, request a missing path, send an invalid message, and exceed the connection limit."""
    with connected(server) as client:
        client.train(a_train())
        for illegal in (b"\xc1" * 10, b"{}"):
            client.send_raw(illegal)
            assert isinstance(client.next(), Error)
        ask(server.port, "/ws", UPGRADE)
        ask(server.port, "/nothing?secret=1")
        ask(server.port, "/", {"Host": "rebound.example"})


def test_the_default_level_logs_the_life_cycle_and_nothing_about_users() -> None:
    logged = records(["--log-level", "info"])
    assert {record["level"] for record in logged} == {"info"}
    refused = [
        logged.pop(at) for at in reversed(range(len(logged))) if logged[at]["event"] == "refused"
    ]
    assert [record["event"] for record in logged] == ["started", "ready", "draining"]
    started, ready, draining = logged
    for reason, number in {"full": 1, "host": 1, "request": 2}.items():
        assert sum(int(str(record.get(reason, 0))) for record in refused) == number
    assert (started["version"], started["workers"]) == (__version__, 1)
    assert isinstance(ready["preparation_s"], float)
    assert draining["connections"] == 0
    for record in logged:
        assert re.fullmatch(r"[\d-]{10}T[\d:.]{12}\+00:00", str(record["time"]))


def test_the_debug_level_logs_events_with_their_connection() -> None:
    logged = [
        (record["event"], record.get("connection"), record.get("reason"))
        for record in records(["--log-level", "debug"])
        if "connection" in record
    ]
    assert logged == [
        ("connection opened", 1, None),
        ("connection refused", 2, "full"),
        ("connection closed", 1, None),
    ]


def test_addresses_are_logged_only_with_access_log() -> None:
    without = json.dumps(records(["--log-level", "debug"]))
    assert "127.0.0.1" not in without
    assert "nothing" not in without
    logged = records(["--log-level", "info", "--access-log"])
    assert {record["address"] for record in logged if "connection" in record} == {"127.0.0.1"}
    requests = [
        (record["method"], record["path"], record["status"])
        for record in logged
        if record["event"] == "request" and record["path"] != "/ws"
    ]
    assert requests == [("GET", "/nothing", 404), ("GET", "/", 403)]
    assert "secret" not in json.dumps(logged)


def test_the_text_format_is_one_line_per_record() -> None:
    options = ["--log-level", "info", "--log-format", "text"]
    with running(options, errors=True) as server:
        assert server.terminate() == 0
        first = server.errors().splitlines()[0]
    assert re.fullmatch(rf"\d\d:\d\d:\d\d info: started version={__version__} .*", first)


INVALID_UTF_8 = b"\x81\x82\0\0\0\0\xff\xff"
CLOSE_FRAME = b"\x88\x80\0\0\0\0"
"""WebSocket frames that no client library would send."""


@pytest.mark.parametrize(
    "raw",
    [INVALID_UTF_8, INVALID_UTF_8 + CLOSE_FRAME, b"\xff\x80\0\0\0\0", b"\x81\x7f" + b"\xff" * 8],
)
def test_invalid_input_is_not_logged_as_a_server_fault(
    shared_server: ServerProcess, raw: bytes
) -> None:
    before = shared_server.errors()
    with connected(shared_server) as client:
        client.socket.socket.sendall(raw)
        with pytest.raises(ConnectionClosed):
            client.next()
    with connected(shared_server):
        assert shared_server.errors() == before


FAULT = """
import asyncio, threading
from nnvisu.observability import logs
logs.configure("info", "json", worker=3)
def fail(): raise RuntimeError("a mistake")
thread = threading.Thread(target=fail); thread.start(); thread.join()
async def main(): asyncio.get_running_loop().call_soon(fail); await asyncio.sleep(0)
asyncio.run(main())
fail()
"""


def test_every_fault_is_one_record_with_its_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAULT], capture_output=True, text=True, check=False
    )
    logged = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(logged) == 3
    for record in logged:
        assert (record["level"], record["worker"]) == ("error", 3)
        assert record["traceback"].rstrip().endswith("RuntimeError: a mistake")


FAULTY = """
from nnvisu.training.session import Session
advance = Session.advance
def faulty(session, slice_s, stretch):
    return 1 / 0 if session._id == 13 else advance(session, slice_s, stretch)
Session.advance = faulty
"""


def test_a_fault_in_a_training_names_its_connection_and_affects_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(FAULTY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with running(errors=True) as server:
        with connected(server) as first, connected(server) as second:
            second.send(a_train(13))
            assert isinstance(second.next(), Error)
            for client in (first, second):
                assert client.train(a_train(1))[-1].ended == "budget"
        record = json.loads(server.errors())
    assert (record["level"], record["event"], record["connection"]) == ("error", "fault", 2)
    assert record["traceback"].rstrip().endswith("ZeroDivisionError: division by zero")


def test_bad_numbers_are_not_logged() -> None:
    """Values in messages are private data of users, also in errors."""
    with running(["--log-level", "debug"], errors=True) as server:
        with connected(server) as client:
            client.send(a_train(checkpoint=with_parameters(a_checkpoint(), float("nan"))))
            assert isinstance(client.next(), Error)
        server.terminate()
        assert "nan" not in server.errors().lower()
