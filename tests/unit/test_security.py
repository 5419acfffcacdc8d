"""Who gets in, on every route, asked of the real server with headers that a browser would send."""

import pytest

from nnvisu.security import HEADERS, Gate, allowed_hosts, is_loopback, is_wildcard
from tests.support.http import UPGRADE, ask
from tests.support.server import ServerProcess, running

ROUTES = ["/", "/ws", "/schema.json", "/healthz", "/readyz", "/js/main.js", "/nothing"]
OPEN = {"/ws": 101, "/nothing": 404}

OWN_HOSTS = [
    "127.0.0.1:{port}",
    "localhost:{port}",
    "LOCALHOST:{port}",
    "[::1]:{port}",
    "localhost",
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
]


def status(server: ServerProcess, route: str, **headers: str) -> int:
    """Ask for a route, opening a WebSocket where it is one."""
    filled = {name: value.format(port=server.port) for name, value in headers.items()}
    return ask(server.port, route, {**(UPGRADE if route == "/ws" else {}), **filled}).status


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("host", OWN_HOSTS)
def test_the_servers_own_names_are_let_in(
    shared_server: ServerProcess, route: str, host: str
) -> None:
    assert status(shared_server, route, Host=host) == OPEN.get(route, 200)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_other_names_are_kept_out(shared_server: ServerProcess, route: str, host: str) -> None:
    assert status(shared_server, route, Host=host) in {400, 403}


@pytest.mark.parametrize("route", ROUTES)
def test_a_request_without_a_host_is_kept_out(shared_server: ServerProcess, route: str) -> None:
    upgrade = UPGRADE if route == "/ws" else {}
    assert ask(shared_server.port, route, {**upgrade, "Host": None}).status in {400, 403}


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_other_sites_open_no_websocket(shared_server: ServerProcess, origin: str) -> None:
    assert status(shared_server, "/ws", Origin=origin) == 403


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
def test_the_own_page_opens_one(shared_server: ServerProcess, host: str, origin: str) -> None:
    assert status(shared_server, "/ws", Host=host, Origin=origin) == 101


@pytest.mark.parametrize("route", [route for route in ROUTES if route != "/ws"])
def test_an_origin_does_not_matter_where_nothing_is_opened(
    shared_server: ServerProcess, route: str
) -> None:
    answer = status(shared_server, route, Origin="https://elsewhere.example")
    assert answer == OPEN.get(route, 200)


def test_a_refusal_says_what_to_do(shared_server: ServerProcess) -> None:
    answer = ask(shared_server.port, "/", {"Host": "course.example"})
    assert answer.status == 403
    assert b"--allow-host" in answer.content


def test_names_and_embedders_can_be_added() -> None:
    options = ["--allow-host", "Course.Example", "--allow-embed", "https://lms.example"]
    with running(options) as server:
        assert status(server, "/", Host="course.example") == 200
        assert status(server, "/ws", Host="course.example", Origin="https://course.example") == 101
        assert status(server, "/", Host="other.example") == 403
        policy = ask(server.port).headers["content-security-policy"]
        assert "frame-ancestors 'self' https://lms.example" in policy


def test_a_server_on_all_addresses_is_known_by_any_number_but_not_by_any_name() -> None:
    with running(["--host", "0.0.0.0"]) as server:  # noqa: S104 - what is tested
        assert status(server, "/", Host="192.168.1.5:{port}") == 200
        assert status(server, "/", Host="[fe80::1]:{port}") == 200
        assert status(server, "/", Host="rebound.example:{port}") == 403


def test_addresses_are_told_apart() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.0.0.9", "::1", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "192.168.1.5", "example.org"]))  # noqa: S104
    assert all(map(is_wildcard, ["0.0.0.0", "::"]))  # noqa: S104
    assert not any(map(is_wildcard, ["127.0.0.1", "localhost"]))
    assert {"localhost", "127.0.0.1", "::1", "course.example"} == allowed_hosts(
        "127.0.0.1", ["Course.example"]
    )


@pytest.mark.anyio
async def test_two_hosts_are_one_too_many() -> None:
    """Python's HTTP parser refuses them before; another ASGI host may not."""
    sent = []

    async def application(*_: object) -> None:
        raise AssertionError("was let in")

    async def receive() -> dict[str, object]:
        raise AssertionError("needs no body")

    async def send(message: object) -> None:
        sent.append(message)

    gate = Gate(application, {"localhost"}, HEADERS, any_address=False)
    scope = {"type": "http", "headers": [(b"host", b"localhost"), (b"host", b"evil.example")]}
    await gate(scope, receive, send)
    assert sent[0]["status"] == 403  # type: ignore[index] # an ASGI message


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the server runs on."""
    return "asyncio"
