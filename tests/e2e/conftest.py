"""Real browsers, and pages that fail their test if they log an error.

`make test` runs all tests in Chromium, and those of `EVERYWHERE` in Firefox and WebKit, too. `make
browsers` runs all in all. The marker ``only_in`` names the browsers of a test, and says why.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.e2e import firefox, webkit
from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess

TIMEOUT_MS = 60_000
EVERYWHERE = {
    "test_drawing",
    "test_first_visit",
    "test_persistence",
}
"""Modules whose tests `make test` runs in every browser: the main journeys."""
BROWSERS = ("chromium", "firefox", "webkit")
LAUNCHERS = {"firefox": firefox.launcher, "webkit": webkit.launcher}
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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test in one or more browsers."""
    if "browser_name" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--browser")
    module = metafunc.module.__name__.rpartition(".")[2]
    names = [chosen] if chosen else list(BROWSERS) if module in EVERYWHERE else ["chromium"]
    only = metafunc.definition.get_closest_marker("only_in")
    if only is not None:
        names = [name for name in names if name in only.args]
    metafunc.parametrize("browser_name", names, indirect=True, scope="package")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With another browser than Chromium, deselect what cannot be tested there."""
    chosen = config.getoption("--browser")
    if chosen in {None, "chromium"}:
        return
    folder = Path(__file__).parent
    own = [
        item
        for item in items
        if item.path.is_relative_to(folder) and f"[{chosen}" not in item.nodeid
    ]
    config.hook.pytest_deselected(items=own)
    items[:] = [item for item in items if item not in own]


@pytest.fixture(scope="package")
def browser_name(request: pytest.FixtureRequest) -> str:
    """The browser of a test; `pytest_generate_tests` chooses it."""
    return str(request.param)


@pytest.fixture(scope="package")
def browser(
    playwright: Playwright, browser_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """The browser of all tests."""
    if browser_name == "chromium":
        with launched(playwright) as browser:
            yield browser
        return
    # Playwright's way to a browser that speaks WebDriver BiDi.
    program = LAUNCHERS[browser_name](tmp_path_factory.mktemp(browser_name))
    browser = playwright.firefox.launch(channel="moz-firefox", executable_path=program)
    yield browser
    browser.close()


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


@contextmanager
def module_page(playwright: Playwright, url: str) -> Iterator[Page]:
    """Open an empty page that imports the served modules, with WebGL emulated in software."""
    with launched(playwright, "--enable-unsafe-swiftshader") as browser:
        # The policy of the other routes forbids scripts.
        page = browser.new_page(bypass_csp=True)
        page.set_default_timeout(TIMEOUT_MS)
        page.goto(f"{url}healthz")
        yield page


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
