"""Host and Origin checks on every route of the real server, with a browser's headers."""

import pytest

from nnvisu.web.security import HEADERS, SecurityMiddleware, allowed_hosts
from tests.support.client import connected
from tests.support.http import UPGRADE, ask
from tests.support.raw import opened, request
from tests.support.raw import status as raw_status
from tests.support.server import ServerProcess, running

ROUTES = [
    "/",
    "/index.html",
    "/js/main.js",
    "/schema.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/ws",
    "/nothing",
]
OPEN = {"/ws": 101, "/nothing": 404}

OWN_HOSTS = [
    "127.0.0.1:{port}",
    "localhost:{port}",
    "LOCALHOST:{port}",
    "[::1]:{port}",
    "localhost",
    "LocalHost",
    "127.0.0.1",
    "[::1]",
    "127.0.0.1:1",
]
FOREIGN_HOSTS = [
    "rebound.example:{port}",
    "rebound.example",
    "localhost.rebound.example:{port}",
    "127.0.0.1.rebound.example",
    "127.0.0.2:{port}",
    "192.168.1.5:{port}",
    "[::2]:{port}",
    "xn--localhost-9ze:{port}",
    "local host",
    "localhost:{port}.rebound.example",
    "@localhost",
    "user@localhost:{port}",
    "localhost.",
    "localhost:",
    "localhost:x",
    "localhost:{port}:{port}",
    "localhost/",
    "localhost, rebound.example",
    "http://localhost:{port}",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0.0.0.0:{port}",
    "::1",
    "[::ffff:127.0.0.1]:{port}",
    "[localhost]",
    "lo\u0441alhost".encode().decode("latin-1"),
    "*",
    "",
]
FOREIGN_ORIGINS = [
    "null",
    "",
    "https://elsewhere.example",
    "http://rebound.example:{port}",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:{port}",
    "http://127.0.0.1.rebound.example:{port}",
    "http://user@127.0.0.1:{port}",
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}@elsewhere.example",
    "http://127.0.0.1:99999",
    "file://",
    "chrome-extension://abcdef",
    "ws://127.0.0.1:{port}",
    "127.0.0.1:{port}",
    "http://[::1",
    "http://LOCALHOST:{port}",
    "https://127.0.0.1:{port} http://127.0.0.1:{port}",
    "http://127.0.0.1:{port}, http://127.0.0.1:{port}",
    "http://127.0.0.1:{port}?",
    "http://127.0.0.1:{port}#",
    "http://127.1:{port}",
    "http://127.0.0.1\\@elsewhere.example",
    "http://\xe9",
]


@pytest.fixture(autouse=True, scope="module")
def _ready(shared_server: ServerProcess) -> None:
    """Wait until `/readyz` returns 200."""
    with connected(shared_server):
        pass


def status(server: ServerProcess, route: str, *lines: str) -> int:
    """Request a route with exactly these headers, /ws as a WebSocket; return the status."""
    upgrade = ["Upgrade: websocket"] if route == "/ws" else []
    filled = [line.format(port=server.port) for line in lines]
    with opened(server.port) as raw:
        raw.sendall(request(route, server.port, [*upgrade, *filled]))
        return raw_status(raw)


@pytest.mark.parametrize("route", ROUTES)
def test_only_the_servers_own_host_names_are_accepted(
    shared_server: ServerProcess, route: str
) -> None:
    right = OPEN.get(route, 200)
    own = {host: status(shared_server, route, f"Host: {host}") for host in OWN_HOSTS}
    assert own == dict.fromkeys(OWN_HOSTS, right)
    foreign = {host: status(shared_server, route, f"Host: {host}") for host in FOREIGN_HOSTS}
    assert {host: answer for host, answer in foreign.items() if answer not in {400, 403}} == {}
    assert len(own) + len(foreign) >= 30


@pytest.mark.parametrize("route", ROUTES)
def test_other_origins_cannot_open_a_websocket(shared_server: ServerProcess, route: str) -> None:
    """Other routes ignore the Origin."""
    right = 403 if route == "/ws" else OPEN.get(route, 200)
    for origin in FOREIGN_ORIGINS:
        assert status(shared_server, route, f"Origin: {origin}") == right, origin


@pytest.mark.parametrize("route", ROUTES)
def test_a_request_without_a_host_is_refused(shared_server: ServerProcess, route: str) -> None:
    upgrade = UPGRADE if route == "/ws" else {}
    assert ask(shared_server.port, route, {**upgrade, "Host": None}).status in {400, 403}


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}"),
        ("localhost:{port}", "http://localhost:{port}"),
        ("[::1]:{port}", "http://[::1]:{port}"),
        ("localhost", "https://localhost"),
        ("localhost:443", "https://localhost"),
        ("localhost", "http://localhost:80"),
    ],
)
def test_the_own_page_can_open_a_websocket(
    shared_server: ServerProcess, host: str, origin: str
) -> None:
    assert status(shared_server, "/ws", f"Host: {host}", f"Origin: {origin}") == 101


def test_a_refusal_says_what_to_do(shared_server: ServerProcess) -> None:
    answer = ask(shared_server.port, "/", {"Host": "course.example"})
    assert answer.status == 403
    assert b"--allow-host" in answer.content


def test_host_names_and_embedding_origins_can_be_added() -> None:
    options = ["--allow-host", "Course.Example", "--allow-embed", "https://lms.example"]
    with running(options) as server:
        page = ["Host: course.example", "Origin: https://course.example"]
        assert status(server, "/", "Host: course.example") == 200
        assert status(server, "/ws", *page) == 101
        assert status(server, "/", "Host: other.example") == 403
        policy = ask(server.port).headers["content-security-policy"]
        assert "frame-ancestors 'self' https://lms.example" in policy


def test_a_server_on_all_addresses_accepts_any_ip_address_but_no_other_name() -> None:
    with running(["--host", "0.0.0.0"]) as server:  # noqa: S104 - what is tested
        assert status(server, "/", "Host: 192.168.1.5:{port}") == 200
        assert status(server, "/", "Host: [fe80::1]:{port}") == 200
        assert status(server, "/", "Host: rebound.example:{port}") == 403


def test_added_host_names_are_allowed_in_lower_case() -> None:
    assert {"localhost", "127.0.0.1", "::1", "course.example"} == allowed_hosts(
        "127.0.0.1", ["Course.example"]
    )


@pytest.mark.anyio
async def test_two_host_headers_are_refused() -> None:
    """uvicorn's HTTP parser refuses them earlier; another ASGI server may not."""
    sent = []

    async def application(*_: object) -> None:
        raise AssertionError("was let in")

    async def receive() -> dict[str, object]:
        raise AssertionError("needs no body")

    async def send(message: object) -> None:
        sent.append(message)

    middleware = SecurityMiddleware(application, {"localhost"}, HEADERS, any_address=False)
    scope = {
        "type": "http",
        "path": "/",
        "headers": [(b"host", b"localhost"), (b"host", b"evil.example")],
    }
    await middleware(scope, receive, send)
    assert sent[0]["status"] == 403  # type: ignore[index] # an ASGI message


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the server runs on."""
    return "asyncio"
