"""What a first visit costs the network, counted by the browser."""

from playwright.sync_api import BrowserContext, expect

from tests.support.server import ServerProcess

PAGE_BYTES = 200_000


def test_the_page_is_light(context: BrowserContext, shared_server: ServerProcess) -> None:
    page = context.new_page()
    received: list[float] = []
    session = context.new_cdp_session(page)
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    session.send("Network.enable")
    page.goto(shared_server.url, wait_until="networkidle")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    assert len(received) > 50
    assert sum(received) < PAGE_BYTES
