"""The command, run as a process."""

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.sync.client import connect

from nnvisu import __version__
from nnvisu.command import MAX_DEFAULT_WORKERS, command_line
from nnvisu.processes.cpu_count import cpu_count
from nnvisu.processes.supervisor import SUPPORTED
from nnvisu.wire.messages import Engine
from tests.support.client import Client, connected
from tests.support.server import ServerProcess, run_to_exit, running


def test_version_is_printed() -> None:
    done = run_to_exit("--version")
    assert (done.returncode, done.stdout) == (0, f"nnvisu {__version__}\n")


def test_help_names_every_option() -> None:
    done = run_to_exit("--help")
    assert done.returncode == 0
    options = set(re.findall(r"--[a-z-]+", done.stdout))
    assert options == {
        "--access-log",
        "--allow-embed",
        "--allow-host",
        "--help",
        "--host",
        "--log-format",
        "--log-level",
        "--max-connections",
        "--max-per-address",
        "--open",
        "--port",
        "--trust-proxy",
        "--version",
        "--workers",
    }


def test_a_port_in_use_gives_one_sentence_and_exit_code_2(shared_server: ServerProcess) -> None:
    done = run_to_exit("--port", str(shared_server.port))
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"cannot listen on 127.0.0.1 port {shared_server.port}: " in done.stderr
    assert "--port 0" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["-1", "65536", "abc", "1.5", "²"])
def test_an_invalid_port_is_refused(port: str) -> None:
    done = run_to_exit("--port", port)
    assert done.returncode == 2
    assert f"expected a port from 0 to 65535, got {port!r}" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--allow-host", "https://course.example", "a name or an address, without http://"),
        ("--allow-host", "course.example:8080", "a name or an address, without http://"),
        ("--allow-host", "", "a name or an address, without http://"),
        ("--allow-embed", "course.example", "an origin such as https://course.example"),
        ("--allow-embed", "https://a.example; script-src *", "an origin such as"),
        ("--allow-embed", "https://course.example/page", "an origin such as"),
        ("--allow-embed", "https://course.example\nx: y", "an origin such as"),
        ("--trust-proxy", "proxy.example", "an IP address or network such as 10.0.0.0/8"),
        ("--trust-proxy", "*", "an IP address or network such as 10.0.0.0/8"),
        ("--trust-proxy", "10.0.0.1/8", "an IP address or network such as 10.0.0.0/8"),
        ("--max-connections", "0", "a number from 1 on"),
        ("--max-per-address", "many", "a number from 1 on"),
        ("--workers", "99999999", "a number from 1 to 256, or auto"),
    ],
)
def test_invalid_option_values_are_refused(option: str, value: str, expected: str) -> None:
    done = run_to_exit(option, value)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"argument {option}: expected {expected}" in done.stderr
    assert f"got {value!r}" in done.stderr


def test_connections_are_accepted_once_the_address_is_printed(server: ServerProcess) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5):
        pass


END_S = 2.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_the_server_cleanly(server: ServerProcess, number: int) -> None:
    with connected(server):
        assert ends_within_s(server, number) < END_S
    assert server.errors() == ""


@pytest.mark.parametrize(
    ("number", "progress", "workers"),
    [
        (signal.SIGINT, 0, 1),
        (signal.SIGTERM, 0.1, 1),
        (signal.SIGINT, 0.6, 1),
        (signal.SIGTERM, 0.6, 2),
    ],
)
def test_signals_end_the_server_cleanly_during_the_first_compilation(
    tmp_path: Path, number: int, progress: float, workers: int
) -> None:
    options = ["--workers", str(workers)]
    with running(options, NUMBA_CACHE_DIR=str(tmp_path)) as server:
        with connect(server.websocket_url) as socket_:
            Client(socket_).expect(Engine, lambda engine: engine.progress >= progress)
            assert ends_within_s(server, number) < END_S
        assert server.errors() == ""


def ends_within_s(server: ServerProcess, number: int) -> float:
    """Send a signal, check that the exit code is 0, and return how long it took."""
    start_s = time.monotonic()
    server.process.send_signal(number)
    assert server.reap() == 0
    return time.monotonic() - start_s


def test_listening_on_all_addresses_prints_the_network_address() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "nnvisu", "--port", "0", "--host", "0.0.0.0"],  # noqa: S104
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        own = process.stdout.readline()
        others = process.stdout.readline()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        workers = len(children.read_text().split()) if SUPPORTED else 0
        process.terminate()
    assert own.startswith(f"nnvisu {__version__} is ready at http://127.0.0.1:")
    assert "without a password" in others
    assert re.search(r"http://\S+:\d+/$", others.strip())
    usual = min(cpu_count(), MAX_DEFAULT_WORKERS)
    assert workers == (usual if SUPPORTED and usual > 1 else 0)


def test_an_ipv4_proxy_may_be_written_as_ipv6() -> None:
    """As the access log of a server on ``::`` prints it."""
    options = ["--trust-proxy", "::ffff:127.0.0.1", "--trust-proxy", "::ffff:10.0.0.0/104"]
    found = command_line().parse_args(options).trust_proxy
    assert found == ["127.0.0.1/32", "10.0.0.0/8"]
