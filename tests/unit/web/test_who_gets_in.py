"""Which Host and Origin get in, with and without --allow-host and --trust-proxy, on every route."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.raw import opened, request
from tests.support.raw import status as raw_status
from tests.support.server import ServerProcess, running

ALLOW = ["--allow-host", "course.example"]
TRUST = ["--trust-proxy", "127.0.0.1"]
OPTIONS = {"plain": [], "allow": ALLOW, "trust": TRUST, "both": [*ALLOW, *TRUST]}
ALL = set(OPTIONS)
NAMED = {"allow", "both"}
REPORTED = {"trust", "allow", "both"}
NONE: set[str] = set()

OWN, BARE, LOCAL = "127.0.0.1:{port}", "127.0.0.1", "localhost:{port}"
COURSE, COURSE_PORT, REBOUND = "course.example", "course.example:8443", "rebound.example"
PAGE, PAGE_PORT = "https://course.example", "https://course.example:8443"
ELSEWHERE = "https://elsewhere.example"

# Host, X-Forwarded-Host, Forwarded, Origin: the servers that open the WebSocket.
WEBSOCKETS: list[tuple[str, str | None, str | None, str | None, set[str]]] = [
    # Directly.
    (OWN, None, None, None, ALL),
    (OWN, None, None, "http://127.0.0.1:{port}", ALL),
    (OWN, None, None, "http://127.0.0.1:1", NONE),
    (OWN, None, None, "http://127.0.0.1", NONE),
    (OWN, None, None, "http://localhost:{port}", NONE),
    (OWN, None, None, "null", NONE),
    (OWN, None, None, "", NONE),
    (OWN, None, None, ELSEWHERE, NONE),
    (LOCAL, None, None, "http://localhost:{port}", ALL),
    # A proxy that replaces the Host.
    (OWN, None, None, PAGE, NAMED),
    (OWN, None, None, PAGE_PORT, NAMED),
    (OWN, None, None, "http://course.example", NAMED),
    (OWN, None, None, "https://COURSE.example", NAMED),
    (OWN, None, None, "https://course.example.", NONE),
    (OWN, None, None, "https://sub.course.example", NONE),
    (OWN, None, None, "https://course.example.elsewhere.example", NONE),
    (OWN, None, None, "ftp://course.example", NONE),
    (OWN, None, None, "https://course.example/", NONE),
    (OWN, None, None, "https://user@course.example", NONE),
    # A proxy that removes the port from the Host.
    (BARE, None, None, "http://127.0.0.1:8443", ALL),
    (BARE, None, None, "http://localhost:8443", NONE),
    (COURSE, None, None, PAGE_PORT, NAMED),
    (COURSE, None, None, ELSEWHERE, NONE),
    (COURSE, None, None, "null", NONE),
    # A proxy that passes the Host on.
    (COURSE, None, None, PAGE, NAMED),
    (COURSE_PORT, None, None, PAGE_PORT, NAMED),
    (COURSE, None, None, None, NAMED),
    # A proxy that reports the Host.
    (OWN, COURSE, None, PAGE, REPORTED),
    (OWN, COURSE, None, PAGE_PORT, REPORTED),
    (OWN, COURSE_PORT, None, PAGE_PORT, REPORTED),
    (OWN, COURSE_PORT, None, PAGE, NAMED),
    (OWN, f"{COURSE}, inner.example", None, PAGE, REPORTED),
    (OWN, COURSE, None, ELSEWHERE, NONE),
    (OWN, COURSE, None, "null", NONE),
    (OWN, "", None, PAGE, NAMED),
    (OWN, None, "for=192.0.2.1;host=course.example;proto=https", PAGE, REPORTED),
    (OWN, None, 'For="[2001:db8::1]";Host="course.example:8443"', PAGE_PORT, REPORTED),
    (OWN, None, "for=192.0.2.1;host=course.example", ELSEWHERE, NONE),
    # A rebound name, whatever else is said.
    (REBOUND, None, None, "http://rebound.example", NONE),
    (REBOUND, None, None, PAGE, NONE),
    (REBOUND, COURSE, None, PAGE, NONE),
    (REBOUND, "127.0.0.1", None, "http://127.0.0.1", NONE),
    (REBOUND, None, "host=localhost", "http://localhost", NONE),
    (f"{REBOUND}:{{port}}", None, None, None, NONE),
]
PATHS = ["/", "/schema.json", "/healthz", "/metrics"]


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, ServerProcess]]:
    """A server for each combination of options."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(running(each)) for name, each in OPTIONS.items()}


def status(server: ServerProcess, path: str, lines: dict[str, str | None]) -> int:
    """Send a GET request with these headers; return the status."""
    filled = [
        f"{name}: {value.format(port=server.port)}"
        for name, value in lines.items()
        if value is not None
    ]
    with opened(server.port) as raw:
        raw.sendall(request(path, server.port, filled))
        return raw_status(raw)


def headers(row: tuple[str, str | None, str | None, str | None, set[str]]) -> dict[str, str | None]:
    """Return a row's headers."""
    return dict(
        zip(("Host", "X-Forwarded-Host", "Forwarded", "Origin"), row[:4], strict=True),
    )


@pytest.mark.parametrize("row", WEBSOCKETS, ids=lambda row: str(row[:4]))
def test_websockets(
    servers: dict[str, ServerProcess],
    row: tuple[str, str | None, str | None, str | None, set[str]],
) -> None:
    lines = headers(row)
    upgrade = {"Upgrade": "websocket"}
    let_in = {
        name for name, each in servers.items() if status(each, "/ws", {**upgrade, **lines}) == 101
    }
    assert let_in == row[4]
    # A page that asks by GET is told the same.
    asked = {name for name, each in servers.items() if status(each, "/ws", lines) == 426}
    assert asked == row[4]


@pytest.mark.parametrize("path", PATHS)
def test_other_routes_depend_on_the_host_alone(
    servers: dict[str, ServerProcess], path: str
) -> None:
    for row in WEBSOCKETS:
        found = {name: status(server, path, headers(row)) for name, server in servers.items()}
        known = NAMED if row[0].startswith(COURSE) else NONE if REBOUND in row[0] else ALL
        assert found == {name: 200 if name in known else 403 for name in OPTIONS}, row
    assert len(WEBSOCKETS) >= 30
