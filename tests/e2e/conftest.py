"""A real chromium, and pages in it that fail their test for whatever they complain of."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess

TIMEOUT_MS = 60_000
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first one found is used: without windows, a new page takes half the processor time."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

expect.set_options(timeout=TIMEOUT_MS)

Open = Callable[..., Instrument]


# While Playwright runs, its event loop is that of the main thread, where tests of other folders use
# asyncio themselves. Hence it ends with this folder, which is a package for that reason alone.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, which starts browsers."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The browser of all tests."""
    with launched(playwright) as browser:
        yield browser


@contextmanager
def launched(playwright: Playwright, *options: str) -> Iterator[Browser]:
    """Run Chromium, as the distribution has it, for as long as the block lasts."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program is not None, f"Please install {PROGRAMS[0]}."
    browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *options])
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture
def context_options() -> dict[str, object]:
    """What a module may change about its windows."""
    return {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}


@pytest.fixture
def context(browser: Browser, context_options: dict[str, object]) -> Iterator[BrowserContext]:
    """A browser profile that was never used."""
    context = browser.new_context(**context_options)  # type: ignore[arg-type]  # as Playwright names them
    context.set_default_timeout(TIMEOUT_MS)
    yield context
    context.close()


@pytest.fixture
def open_at(context: BrowserContext) -> Iterator[Open]:
    """Opens tabs of one profile at an address; each must be without complaint at the end."""
    opened: list[Instrument] = []

    def open_at(address: str) -> Instrument:
        instrument = Instrument(context.new_page(), address)
        opened.append(instrument)
        return instrument.open()

    yield open_at
    for instrument in opened:
        assert instrument.watch.verdict() == []


@pytest.fixture
def page(open_at: Open, shared_server: ServerProcess) -> Instrument:
    """A first visit to the page."""
    return open_at(shared_server.url)
