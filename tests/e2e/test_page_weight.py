"""The bytes of a first visit, counted by the browser."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.support.server import ServerProcess

BEFORE_TRAIN_BYTES = 200_000
PAGE_BYTES = 260_000

# Records when Train can be pressed.
CLOCK = """new MutationObserver((_, observer) => {
  if (!document.querySelector("button.primary")) return;
  window.started_ms = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });"""
EARLY = """() => performance.getEntriesByType("resource")
  .filter(({ startTime }) => startTime <= window.started_ms)
  .map(({ name }) => name)"""


@pytest.mark.only_in("chromium", why="its developer tools count the bytes")
def test_the_page_stays_within_its_size_limit(
    context: BrowserContext, shared_server: ServerProcess
) -> None:
    page = context.new_page()
    page.add_init_script(CLOCK)
    urls: dict[str, str] = {}
    received: dict[str, float] = {}
    session = context.new_cdp_session(page)
    session.on(
        "Network.responseReceived",
        lambda event: urls.update({event["requestId"]: event["response"]["url"]}),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: received.update({urls[event["requestId"]]: event["encodedDataLength"]}),
    )
    session.send("Network.enable")
    page.goto(shared_server.url, wait_until="networkidle")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="Loss chart").locator("canvas")).to_be_visible()
    early = {shared_server.url, *page.evaluate(EARLY)}
    assert len(received) > 50
    assert len(early & set(received)) > 50
    assert sum(received.values()) < PAGE_BYTES
    assert sum(received[url] for url in early & set(received)) < BEFORE_TRAIN_BYTES
