"""The way to the server is lost: the page tries again, and at once when there is reason to hope."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument
from tests.e2e.watch import LOST_SERVER
from tests.support.server import ServerProcess
from tests.support.throttle import Link, throttle

HOPES = {
    "online": "dispatchEvent(new Event('online'))",
    "pageshow": "dispatchEvent(new PageTransitionEvent('pageshow'))",
    "visibilitychange": "document.dispatchEvent(new Event('visibilitychange'))",
}

# In the middle of a long wait, the number of sockets that an event opens before it returns.
OPENED_BY = """() => {
  const status = document.querySelector("[role=status][aria-label=Connection]");
  if (!/reconnecting in [45] s/.test(status.textContent)) return null;
  const Socket = window.WebSocket;
  let opened = 0;
  window.WebSocket = class extends Socket {
    constructor(url) {
      super(url);
      opened += 1;
    }
  };
  EVENT;
  window.WebSocket = Socket;
  return { opened };
}"""


@pytest.fixture
def link(shared_server: ServerProcess) -> Iterator[Link]:
    """A way to the shared server that can be blocked."""
    with throttle(shared_server.port) as link:
        yield link


@pytest.mark.parametrize("hope", HOPES.values(), ids=HOPES)
def test_a_wait_ends_at_once_when_there_is_reason_to_hope(
    open_at: Open, link: Link, hope: str
) -> None:
    page = open_at(f"http://127.0.0.1:{link.port}/")
    page.watch.expect(LOST_SERVER)
    link.cut(for_good=True)
    found = page.page.wait_for_function(OPENED_BY.replace("EVENT", hope))
    assert found.json_value() == {"opened": 1}
    link.mend()
    expect(page.status("Connection")).to_have_text("connected")


@pytest.mark.parametrize("hope", HOPES.values(), ids=HOPES)
def test_a_sound_connection_is_kept(open_at: Open, link: Link, hope: str) -> None:
    page = open_at(f"http://127.0.0.1:{link.port}/")
    page.train().wait_for_epoch(5)
    page.page.evaluate(hope)
    page.wait_for_epoch(page.epoch + 120)
    expect(page.status("Connection")).to_have_text("connected")


def test_a_chart_whose_library_was_lost_on_the_way_comes_once_the_server_is_back(
    context: BrowserContext, link: Link
) -> None:
    context.route("**/uPlot*.js", lambda route: route.abort())
    page = Instrument(context.new_page(), f"http://127.0.0.1:{link.port}/")
    page.watch.expect(LOST_SERVER)
    page.open()
    chart = page.page.get_by_role("img", name="Loss chart").locator("canvas")
    page.press("Step").wait_for_epoch(1)
    expect(chart).to_have_count(0)
    context.unroute_all()
    link.cut(for_good=True)
    expect(page.status("Connection")).to_contain_text("reconnecting")
    link.mend()
    expect(chart).to_be_visible()
    assert page.watch.verdict() == []
