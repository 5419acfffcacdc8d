"""Other people's proxies, run for real: the page connects, or page and log say what to set."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.http import UPGRADE, Answer, ask
from tests.support.proxy_setups import Setup, nginx_lines
from tests.support.server import ServerProcess, running

PUBLIC = "course.example"
ALLOW = ("--allow-host", PUBLIC)
TRUST = ("--trust-proxy", "127.0.0.1")
TO_SERVER = "127.0.0.1:UPSTREAM"
HOST = "proxy_set_header Host $host;"
HTTP_HOST = "proxy_set_header Host $http_host;"
TUNNEL = (
    "LoadModule proxy_wstunnel_module MODULES/mod_proxy_wstunnel.so\n"
    "ProxyPass /ws ws://127.0.0.1:UPSTREAM/ws\n"
    "ProxyPass / http://127.0.0.1:UPSTREAM/"
)

NO_HOST = Setup("nginx without a Host line", "nginx", nginx_lines("/", TO_SERVER))
GROUP = Setup("nginx with an upstream block", "nginx", nginx_lines("/", "backend"))
DOLLAR_HOST = Setup("nginx with $host", "nginx", nginx_lines("/", TO_SERVER, HOST))
DOLLAR_HTTP_HOST = Setup("nginx with $http_host", "nginx", nginx_lines("/", TO_SERVER, HTTP_HOST))
NO_UPGRADE = Setup(
    "nginx without Upgrade", "nginx", nginx_lines("/", TO_SERVER, HTTP_HOST, upgrade=False)
)
BARE = Setup("nginx with proxy_pass alone", "nginx", nginx_lines("/", TO_SERVER, upgrade=False))
SUB_PATH = Setup(
    "nginx at a sub-path", "nginx", nginx_lines("/lab/", f"{TO_SERVER}/", HTTP_HOST), "/lab/"
)
NO_SLASH = Setup(
    "nginx at a sub-path without its slash",
    "nginx",
    nginx_lines("/lab", f"{TO_SERVER}/", HTTP_HOST),
    "/lab/",
)
UNSTRIPPED = Setup(
    "nginx that keeps the sub-path", "nginx", nginx_lines("/lab", TO_SERVER, HTTP_HOST), "/lab/"
)
APACHE = Setup("Apache with ProxyPass", "apache2", "ProxyPass / http://127.0.0.1:UPSTREAM/")
APACHE_UPGRADE = Setup(
    "Apache with upgrade=", "apache2", "ProxyPass / http://127.0.0.1:UPSTREAM/ upgrade=websocket"
)
APACHE_TUNNEL = Setup("Apache with mod_proxy_wstunnel", "apache2", TUNNEL)
APACHE_SUB_PATH = Setup(
    "Apache at a sub-path without its slash",
    "apache2",
    "ProxyPass /lab http://127.0.0.1:UPSTREAM/ upgrade=websocket",
    "/lab/",
)
HAPROXY = Setup("HAProxy", "haproxy")
CADDY = Setup("Caddy", "caddy", "reverse_proxy 127.0.0.1:UPSTREAM")
CADDY_SUB_PATH = Setup(
    "Caddy at a sub-path",
    "caddy",
    "handle_path /lab/* {\n reverse_proxy 127.0.0.1:UPSTREAM\n }",
    "/lab/",
)

OPEN: list[tuple[Setup, tuple[str, ...]]] = [
    (NO_HOST, ALLOW),
    (GROUP, (*ALLOW, "--allow-host", "backend")),
    (DOLLAR_HOST, ALLOW),
    (DOLLAR_HTTP_HOST, ALLOW),
    (SUB_PATH, ALLOW),
    (NO_SLASH, ALLOW),
    (APACHE_UPGRADE, ALLOW),
    (APACHE_UPGRADE, TRUST),
    (APACHE_TUNNEL, ALLOW),
    (APACHE_TUNNEL, TRUST),
    (APACHE_SUB_PATH, ALLOW),
    (HAPROXY, ALLOW),
    (CADDY, ALLOW),
    (CADDY_SUB_PATH, ALLOW),
]
"""Set-ups in which the page connects, with the server's options."""
REFUSED: dict[tuple[Setup, tuple[str, ...]], tuple[str, str]] = {
    (NO_HOST, ()): ("origin", f"--allow-host {PUBLIC}"),
    (GROUP, ALLOW): ("host", "--allow-host backend"),
    (DOLLAR_HOST, ()): ("host", f"--allow-host {PUBLIC}"),
    (HAPROXY, ()): ("host", f"--allow-host {PUBLIC}"),
    (CADDY, ()): ("host", f"--allow-host {PUBLIC}"),
    (NO_UPGRADE, ALLOW): ("upgrade", "Upgrade"),
    (BARE, ()): ("origin", f"--allow-host {PUBLIC}"),
    (BARE, ALLOW): ("upgrade", "Upgrade"),
    (APACHE, ()): ("origin", f"--allow-host {PUBLIC}"),
    (APACHE, ALLOW): ("upgrade", "Upgrade"),
    (APACHE_UPGRADE, ()): ("origin", f"--allow-host {PUBLIC}"),
    (APACHE_TUNNEL, ()): ("origin", f"--allow-host {PUBLIC}"),
}
"""The reason and a part of its sentence, in page and log, where something must be set."""


@dataclass
class Visit:
    """What a browser that visits the page at its public address gets."""

    page: Answer
    handshake: Answer
    question: Answer


def visit(port: int, path: str, host: str = f"{PUBLIC}:{{port}}") -> Visit:
    """Ask for the page, for a WebSocket, and then for the reason, as the page does."""
    named = {"Host": host.format(port=port)}
    origin = f"http://{named['Host']}"
    return Visit(
        ask(port, path, named),
        ask(port, f"{path}ws", {**named, **UPGRADE, "Origin": origin}),
        ask(port, f"{path}ws?origin={origin}", named),
    )


def wait_for_log(server: ServerProcess, reason: str) -> str:
    """Wait for the record of a refusal; return what it says."""
    deadline_s = time.monotonic() + 30
    while time.monotonic() < deadline_s:
        for line in server.errors().splitlines():
            record = json.loads(line)
            if record["event"] == "refused" and record.get(reason):
                return str(record["why"])
    raise AssertionError(f"no refusal was logged: {server.errors()}")


@pytest.mark.parametrize(("setup", "options"), OPEN, ids=str)
def test_the_page_connects(setup: Setup, options: tuple[str, ...], tmp_path: Path) -> None:
    with running(options) as server, setup.running(tmp_path, server.port) as port:
        seen = visit(port, setup.path)
        assert seen.page.status == 200
        assert b"<title>nnvisu" in seen.page.content
        assert seen.handshake.status == 101
        assert seen.question.headers["nnvisu-reason"] == "upgrade"


@pytest.mark.parametrize(("setup", "options"), REFUSED, ids=str)
def test_page_and_log_say_what_to_set(
    setup: Setup, options: tuple[str, ...], tmp_path: Path
) -> None:
    reason, hint = REFUSED[setup, options]
    levels = ["--log-level", "info", "--log-format", "json"]
    with (
        running([*options, *levels], errors=True) as server,
        setup.running(tmp_path, server.port) as port,
    ):
        seen = visit(port, setup.path)
        assert seen.page.status == (403 if reason == "host" else 200)
        assert seen.handshake.status in {403, 426}
        assert seen.question.status == (426 if reason == "upgrade" else 403)
        refusal = seen.page if reason == "host" else seen.question
        assert refusal.headers["nnvisu-reason"] == reason
        assert hint in refusal.content.decode()
        assert hint in wait_for_log(server, reason)


def test_many_refusals_are_one_record_with_few_sentences() -> None:
    levels = ["--log-level", "info", "--log-format", "json"]
    with running(levels, errors=True) as server:
        for number in range(50):
            assert ask(server.port, "/", {"Host": f"course{number}.example"}).status == 403
            odd = {**UPGRADE, "Origin": f"http://a{number} b=c"}
            assert ask(server.port, "/ws", odd).status == 403
        why = wait_for_log(server, "origin")
        assert len(why.split(" | ")) <= 3
        # What is no plain name is not repeated.
        assert "b=c" not in server.errors()
        assert len([line for line in server.errors().splitlines() if "refused" in line]) <= 2


def test_a_local_proxy_with_host_needs_no_option(tmp_path: Path) -> None:
    with running() as server, DOLLAR_HOST.running(tmp_path, server.port) as port:
        assert visit(port, "/", "localhost:{port}").handshake.status == 101


def test_a_proxy_that_keeps_the_sub_path_is_told_to_remove_it(tmp_path: Path) -> None:
    with running(ALLOW) as server, UNSTRIPPED.running(tmp_path, server.port) as port:
        page = visit(port, "/lab/").page
        assert page.status == 404
        assert b"sub-path" in page.content


@pytest.mark.parametrize("path", ["/lab", "/lab/", "/lab/index.html"])
def test_the_page_is_served_with_and_without_the_slash(path: str, tmp_path: Path) -> None:
    with running() as server, NO_SLASH.running(tmp_path, server.port) as port:
        page = ask(port, path)
        assert page.status == 200
        assert b"<title>nnvisu" in page.content


def test_jupyter_server_proxy_connects(tmp_path: Path) -> None:
    jupyter = Setup("jupyter-server-proxy", "jupyter")
    with running() as server, jupyter.running(tmp_path, server.port) as port:
        path = f"/proxy/{server.port}/"
        deadline_s = time.monotonic() + 60
        while (seen := visit(port, path, "127.0.0.1:{port}")).page.status != 200:
            assert time.monotonic() < deadline_s, seen.page.content
        assert b"<title>nnvisu" in seen.page.content
        assert seen.handshake.status == 101
