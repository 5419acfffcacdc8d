"""Whatever is missing when the page starts, the page works or says why it does not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect

from tests.e2e import offline
from tests.e2e.conftest import Open, launched
from tests.e2e.instrument import Instrument
from tests.fault.test_proxies import HTTP_HOST, TO_SERVER
from tests.support.proxy_setups import Setup, nginx_lines
from tests.support.server import ServerProcess, running

BLOCK = """() => {
  const deny = () => { throw new DOMException("Access is denied.", "SecurityError"); };
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { get: deny });
  }
  if (globalThis.LockManager) LockManager.prototype.request = () => Promise.reject(deny);
  window.BroadcastChannel = deny;
}"""
NO_STORAGE = """() => {
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { value: null });
  }
}"""
OLD = "() => { delete HTMLScriptElement.supports; }"


@pytest.mark.parametrize("script", [BLOCK, NO_STORAGE], ids=["denied", "null"])
def test_without_site_data_everything_but_saving_works(
    context: BrowserContext, open_at: Open, shared_server: ServerProcess, script: str
) -> None:
    context.add_init_script(f"({script})()")
    page = open_at(shared_server.url)
    expect(page.alert("nothing is saved")).to_be_visible()
    start = page.experiment()
    page.train().wait_for_epoch(20)
    page.pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))
    page.page.locator("details.menu summary").click()
    expect(page.page.get_by_text("Without site data, there is one experiment.")).to_be_visible()
    expect(page.button("New experiment")).to_have_count(0)
    page.page.keyboard.press("Escape")
    page.press("Clear data", "Undo")
    assert page.experiment()["data"] == found["data"]


# What nginx does with a file as long as the first part of it is in FOLDER. 444 is an end of the
# connection without an answer.
FAILURES = {
    "missing": "if (-f FOLDER$uri) { return 404; }",
    "unreachable": "if (-f FOLDER$uri) { return 444; }",
    "cut": "if (-f FOLDER$uri) { rewrite ^ /cut$uri last; }",
}
FILES = [
    "js/main.js",
    "js/ui/map.js",
    "vendor/preact/dist/preact.mjs",
    "vendor/@msgpack/msgpack/dist.umd/msgpack.min.js",
    "schema.json",
    "examples.json",
]


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("file", FILES)
def test_a_page_that_did_not_arrive_whole_says_so(
    context: BrowserContext,
    shared_server: ServerProcess,
    tmp_path: Path,
    file: str,
    failure: str,
) -> None:
    part = tmp_path / "parts/cut" / file
    part.parent.mkdir(parents=True)
    part.write_text(shared_server.get(file)[:150])
    kind = "application/json" if file.endswith("json") else "text/javascript"
    lines = (
        nginx_lines("/", TO_SERVER, HTTP_HOST)
        + nginx_lines(f"= /{file}", TO_SERVER, HTTP_HOST, failure)
        + f"location /cut/ {{ root {tmp_path}/parts; default_type {kind}; }}"
    ).replace("FOLDER", f"{tmp_path}/parts/cut")
    with Setup("incomplete", "nginx", lines).running(tmp_path, shared_server.port) as port:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        said = page.get_by_role("alert")
        expect(said).to_contain_text(re.compile("could not start|did not arrive"))
        expect(said).to_be_visible()
        part.unlink()
        page.get_by_role("button", name="Reload").click()
        expect(page.get_by_role("status", name="Connection")).to_contain_text("connected")
        expect(page.locator("#start")).to_have_count(0)


def test_a_browser_that_is_too_old_is_named(
    context: BrowserContext, shared_server: ServerProcess, tmp_path: Path
) -> None:
    context.add_init_script(f"({OLD})()")
    lines = nginx_lines("/", TO_SERVER, HTTP_HOST) + "location = /js/main.js { return 200 ''; }"
    with Setup("old", "nginx", lines).running(tmp_path, shared_server.port) as port:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.get_by_role("alert")).to_contain_text("This browser is too old for nnvisu")
        expect(page.get_by_role("alert")).to_contain_text("Safari 16.4")


@pytest.mark.only_in("chromium", "firefox", why="our WebKit browser finds nothing in frames")
def test_a_sandboxed_frame_is_not_empty(
    context: BrowserContext, shared_server: ServerProcess, tmp_path: Path
) -> None:
    frame = '<iframe sandbox="allow-scripts" src="/"></iframe>'
    page_with_it = f"default_type text/html; return 200 '{frame}';"
    lines = nginx_lines("/", TO_SERVER, HTTP_HOST) + f"location = /course {{ {page_with_it} }}"
    with Setup("course", "nginx", lines).running(tmp_path, shared_server.port) as port:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/course")
        said = page.frame_locator("iframe").get_by_role("alert")
        expect(said).to_contain_text("did not arrive")


@pytest.fixture
def insecure(playwright: Playwright) -> Iterator[Instrument]:
    """A page at a name that is not this machine's own: no secure context."""
    with (
        running(["--allow-host", "lab.test"]) as server,
        launched(playwright, "--host-resolver-rules=MAP lab.test 127.0.0.1") as browser,
    ):
        page = Instrument(browser.new_page(), f"http://lab.test:{server.port}/")
        page.watch.expect("Cross-Origin-Opener-Policy")
        yield page.open()
        assert page.watch.verdict() == []


def test_the_page_works_without_a_secure_context(insecure: Instrument) -> None:
    assert insecure.page.evaluate("isSecureContext") is False
    assert insecure.page.evaluate("navigator.locks") is None
    insecure.train().wait_for_epoch(20)
    text = insecure.pause().text()
    insecure.reload()
    assert insecure.text() == text


# In some browsers a click takes the focus away from the page before it reaches a button.
NO_FOCUS = """() => addEventListener("mousedown", (event) => {
  event.preventDefault();
  document.activeElement.blur();
}, true)"""


@pytest.mark.parametrize("item", ["New experiment", "Duplicate"])
def test_the_menu_works_where_a_click_gives_no_focus(
    page: Instrument, browser: Browser, item: str
) -> None:
    assert browser.is_connected()
    page.press("Step").wait_for_epoch(1)
    page.page.locator("details.menu summary").click()
    page.page.locator("details.menu summary").focus()
    page.page.evaluate(NO_FOCUS)
    with page.page.expect_navigation():
        # Longer than a frame between press and release.
        page.button(item).click(delay=100)
    page.ready()
    menu = page.page.locator("details.menu")
    menu.locator("summary").click()
    expect(page.button("Two moons")).to_be_visible()
    page.page.mouse.click(700, 400)
    expect(menu).not_to_have_attribute("open", "")


def test_the_menu_closes_when_the_focus_leaves_it(page: Instrument) -> None:
    menu = page.page.locator("details.menu")
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    page.button("Train").focus()
    expect(menu).not_to_have_attribute("open", "")


def test_a_double_click_deletes_nothing(page: Instrument) -> None:
    page.press("Step").wait_for_epoch(1)
    page.page.locator("details.menu summary").click()
    page.button("Delete this experiment").dblclick()
    expect(page.button("Yes, delete “Two moons”")).to_be_visible()
    assert page.epoch == 1
    with page.page.expect_navigation():
        page.button("Yes, delete “Two moons”").click()
    assert page.ready().epoch == 0


REFUSE = """() => {
  window.write = Storage.prototype.setItem;
  Storage.prototype.setItem = () => { throw new DOMException("denied", "SecurityError"); };
}"""
ACCEPT = "() => { Storage.prototype.setItem = window.write; }"


def test_what_the_storage_refused_for_a_while_is_saved_afterwards(page: Instrument) -> None:
    page.page.evaluate(REFUSE)
    page.type("Learning rate", "0.02").draw([(-0.5, 0.1, 0), (0.5, -0.1, 1)])
    page.train().wait_for_epoch(30).pause()
    notice = page.alert("The browser refuses to store anything (SecurityError)")
    expect(notice).to_have_count(1)
    page.page.evaluate(ACCEPT)
    expect(notice).to_have_count(0)
    text = page.text()
    page.reload()
    assert page.text() == text
