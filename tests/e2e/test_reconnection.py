"""After a lost connection the page retries, and at once on events such as waking up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument
from tests.e2e.watch import LOST_SERVER
from tests.fault.test_proxies import HTTP_HOST, TO_SERVER
from tests.support.proxy_setups import Setup, nginx_lines
from tests.support.server import ServerProcess
from tests.support.throttle import Link, throttle

RETRY_EVENTS = {
    "online": "dispatchEvent(new Event('online'))",
    "pageshow": "dispatchEvent(new PageTransitionEvent('pageshow'))",
    "visibilitychange": "document.dispatchEvent(new Event('visibilitychange'))",
}

# During a long delay, the number of sockets that an event opens before it returns.
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
    """A link to the shared server that can be blocked."""
    with throttle(shared_server.port) as link:
        yield link


@pytest.mark.parametrize("event", RETRY_EVENTS.values(), ids=RETRY_EVENTS)
def test_a_retry_event_ends_the_reconnection_delay(open_at: Open, link: Link, event: str) -> None:
    page = open_at(f"http://127.0.0.1:{link.port}/")
    page.watch.expect(LOST_SERVER)
    link.cut(for_good=True)
    found = page.page.wait_for_function(OPENED_BY.replace("EVENT", event))
    assert found.json_value() == {"opened": 1}
    link.mend()
    expect(page.status("Connection")).to_have_text("connected")


@pytest.mark.parametrize("event", RETRY_EVENTS.values(), ids=RETRY_EVENTS)
def test_a_retry_event_keeps_a_working_connection(open_at: Open, link: Link, event: str) -> None:
    page = open_at(f"http://127.0.0.1:{link.port}/")
    page.train().wait_for_epoch(5)
    page.page.evaluate(event)
    page.wait_for_epoch(page.epoch + 120)
    expect(page.status("Connection")).to_have_text("connected")


def test_a_chart_whose_library_failed_to_load_appears_after_reconnection(
    context: BrowserContext, shared_server: ServerProcess, tmp_path: Path
) -> None:
    unreachable = tmp_path / "unreachable"
    unreachable.touch()
    no_chart = f"location ~ uPlot.*js {{ if (-f {unreachable}) {{ return 444; }}"
    no_chart += f" proxy_pass http://{TO_SERVER}; }}"
    lines = nginx_lines("/", TO_SERVER, HTTP_HOST) + no_chart
    with (
        Setup("no chart", "nginx", lines).running(tmp_path, shared_server.port) as port,
        throttle(port) as link,
    ):
        page = Instrument(context.new_page(), f"http://127.0.0.1:{link.port}/")
        page.watch.expect(LOST_SERVER)
        page.open()
        chart = page.page.get_by_role("img", name="Loss chart").locator("canvas")
        page.press("Step").wait_for_epoch(1)
        expect(chart).to_have_count(0)
        unreachable.unlink()
        link.cut(for_good=True)
        expect(page.status("Connection")).to_contain_text("reconnecting")
        link.mend()
        expect(chart).to_be_visible()
        assert page.watch.verdict() == []
