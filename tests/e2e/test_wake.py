"""After sleep or a lost network, the page reconnects and training continues."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import offline
from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument
from tests.e2e.watch import LOST_SERVER
from tests.support.client import connected
from tests.support.relay import relayed
from tests.support.server import ServerProcess

BACK_S = 2.0
MARGIN = 2.5

# How a page detects sleep: its clock has jumped, or an `online` event arrives.
SIGNS = {
    "clock": "() => { const now = Date.now; Date.now = () => now() + 3_600_000; }",
    "network": "() => { dispatchEvent(new Event('online')); }",
}

COUNT_SOCKETS = """() => {
  window.sockets = 0;
  window.WebSocket = class extends WebSocket {
    constructor(...options) { super(...options); window.sockets += 1; }
  };
}"""


def wait_until_ready(server: ServerProcess) -> None:
    """Wait until a server's engine is prepared, which must not count as the page's time."""
    with connected(server):
        pass


def assert_back(page: Instrument, wake: Callable[[], object]) -> float:
    """Wake a page that counts its sockets; assert that it trains in time; return the seconds."""
    start_s = time.monotonic()
    wake()
    page.wait("() => window.sockets > 0").wait_for_epoch(page.epoch + 1)
    back_s = time.monotonic() - start_s
    assert back_s < BACK_S * MARGIN
    expect(page.status("Connection")).to_have_text("connected")
    return back_s


@pytest.mark.only_in("chromium", why="its developer tools freeze a page")
def test_a_frozen_page_continues_after_it_is_resumed(
    open_at: Open, server: ServerProcess, note: Callable[[str], None]
) -> None:
    page = open_at(server.url)
    page.watch.expect(LOST_SERVER)
    start = page.experiment()
    page.train().wait_for_epoch(20)
    page.page.evaluate(COUNT_SOCKETS)
    session = page.page.context.new_cdp_session(page.page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    server.restart()
    wait_until_ready(server)
    wake = {"state": "active"}
    back_s = assert_back(page, lambda: session.send("Page.setWebLifecycleState", wake))
    note(f"back within {back_s:.2f} s")
    page.pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))


@pytest.mark.parametrize("sign", SIGNS)
def test_a_connection_that_died_during_sleep_is_replaced(
    open_at: Open,
    shared_server: ServerProcess,
    note: Callable[[str], None],
    sign: str,
) -> None:
    with relayed(shared_server.port) as relay:
        page = open_at(f"http://127.0.0.1:{relay.port}/")
        page.watch.expect(LOST_SERVER)
        start = page.experiment()
        page.train().wait_for_epoch(20)
        page.page.evaluate(COUNT_SOCKETS)
        relay.forget()
        back_s = assert_back(page, lambda: page.page.evaluate(SIGNS[sign]))
        note(f"back within {back_s:.2f} s")
        page.pause()
        found = page.experiment()
        offline.assert_equal(found, offline.trained(start, found["epoch"]))


@pytest.mark.only_in("chromium", why="Playwright takes the network away in Chromium only")
def test_going_offline_and_online_again(
    open_at: Open, server: ServerProcess, note: Callable[[str], None]
) -> None:
    page = open_at(server.url)
    page.watch.expect(LOST_SERVER)
    page.train().wait_for_epoch(20)
    page.page.context.set_offline(True)
    server.kill()
    expect(page.status("Connection")).to_have_text(re.compile("reconnecting|connecting"))
    server.start()
    wait_until_ready(server)
    page.page.evaluate(COUNT_SOCKETS)
    back_s = assert_back(page, lambda: page.page.context.set_offline(False))
    note(f"back within {back_s:.2f} s")
    page.pause()
