"""Where a WebSocket cannot be opened, the page says why and goes on trying."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.e2e.instrument import Instrument
from tests.e2e.watch import LOST_SERVER
from tests.fault.test_proxies import HTTP_HOST, NO_HOST, NO_SLASH, NO_UPGRADE, TO_SERVER
from tests.support.client import connected
from tests.support.proxy_setups import Setup, nginx_lines
from tests.support.server import ServerProcess, running
from tests.support.throttle import throttle

OTHER_ANSWERS = {
    "not found": ("return 404;", "status 404"),
    "signed out": ("return 302 /login;", "sign in"),
    "asked for a password": ("return 401;", "sign in"),
}

Visit = Callable[[str], Instrument]


@pytest.fixture
def visit(context: BrowserContext) -> Iterator[Visit]:
    """A function that opens the page at an address, without waiting for a connection."""
    visits: list[Instrument] = []

    def visit(address: str) -> Instrument:
        page = Instrument(context.new_page(), address)
        page.watch.expect(LOST_SERVER)
        visits.append(page)
        page.page.goto(address)
        return page

    yield visit
    for page in visits:
        assert page.watch.verdict() == []


def alert(page: Instrument) -> Locator:
    """Find the sentence."""
    return page.page.get_by_role("alert")


@pytest.mark.parametrize(
    ("setup", "hint"), [(NO_UPGRADE, "Upgrade header"), (NO_HOST, "--allow-host 127.0.0.1")]
)
def test_the_page_says_what_a_proxy_lacks(
    visit: Visit, shared_server: ServerProcess, tmp_path: Path, setup: Setup, hint: str
) -> None:
    with setup.running(tmp_path, shared_server.port) as port:
        page = visit(f"http://127.0.0.1:{port}/")
        expect(alert(page)).to_contain_text(hint)
        expect(page.status("Connection")).to_contain_text("connecting")
        # It can be drawn meanwhile.
        expect(page.button("Train")).to_be_visible()


@pytest.mark.parametrize(("answer", "hint"), OTHER_ANSWERS.values(), ids=OTHER_ANSWERS)
def test_the_page_says_that_something_else_answers(
    visit: Visit, shared_server: ServerProcess, tmp_path: Path, answer: str, hint: str
) -> None:
    lines = nginx_lines("/", TO_SERVER, HTTP_HOST) + f"location = /ws {{ {answer} }}"
    with Setup("other", "nginx", lines).running(tmp_path, shared_server.port) as port:
        expect(alert(visit(f"http://127.0.0.1:{port}/"))).to_contain_text(hint)


def test_the_page_says_that_the_server_is_full_and_connects_when_it_is_not(visit: Visit) -> None:
    with running(["--max-connections", "1"]) as server:
        questions: list[str] = []
        with connected(server):
            page = visit(server.url)
            page.page.on("request", lambda request: questions.append(request.url))
            expect(alert(page)).to_contain_text("as many open pages as it allows")
        expect(page.status("Connection")).to_have_text("connected")
        expect(alert(page)).to_have_count(0)
        # The close code has told the reason: the full server is not asked.
        assert [url for url in questions if "ws?" in url] == []


@pytest.mark.only_in("chromium", "webkit", why="Firefox itself delays every further attempt")
def test_a_server_that_cannot_be_reached_needs_no_sentence(
    visit: Visit, shared_server: ServerProcess
) -> None:
    with throttle(shared_server.port) as link:
        page = visit(f"http://127.0.0.1:{link.port}/").ready()
        link.cut(for_good=True)
        expect(page.status("Connection")).to_contain_text("reconnecting in 5 s")
        expect(alert(page)).to_have_count(0)


@pytest.mark.parametrize("path", ["/lab", "/lab/", "/lab?a=1#b", "/lab/index.html"])
def test_the_page_works_at_a_sub_path_with_and_without_its_slash(
    visit: Visit, shared_server: ServerProcess, tmp_path: Path, path: str
) -> None:
    with NO_SLASH.running(tmp_path, shared_server.port) as port:
        page = visit(f"http://127.0.0.1:{port}{path}").ready()
        page.train().wait_for_epoch(5)
        slashed = path.replace("/lab", "/lab/") if "/lab/" not in path else path
        assert page.page.url.endswith(slashed)
