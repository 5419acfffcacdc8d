"""A real Chromium, and pages that fail their test if they log an error."""

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


# Playwright's event loop runs in the main thread, where tests of other folders use asyncio. So it
# ends with this folder, which is a package only for this reason.
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
    """Run the distribution's Chromium for the duration of the block."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program is not None, f"Please install {PROGRAMS[0]}."
    browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *options])
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture
def context_options() -> dict[str, object]:
    """Options of the browser context; a module may override this fixture."""
    return {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}


@pytest.fixture
def context(browser: Browser, context_options: dict[str, object]) -> Iterator[BrowserContext]:
    """A new browser profile."""
    context = browser.new_context(**context_options)  # type: ignore[arg-type]  # as Playwright names them
    context.set_default_timeout(TIMEOUT_MS)
    yield context
    context.close()


@pytest.fixture
def open_at(context: BrowserContext) -> Iterator[Open]:
    """A function that opens tabs of one profile; each must have logged no error at the end."""
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
