"""A page that the browser translates: it moves text nodes into elements of its own."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.instrument import Instrument

# As translators do: each text, now and later, goes into two nested font elements.
TRANSLATE = """() => {
  const done = new WeakSet();
  const translate = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    for (let node = walker.nextNode() ?? root; node; node = walker.nextNode()) texts.push(node);
    for (const text of texts) {
      if (!(text instanceof Text) || !text.data.trim() || done.has(text)) continue;
      if (text.parentElement?.closest("[translate=no], script, style, option")) continue;
      const inner = document.createElement("font");
      const outer = document.createElement("font");
      outer.append(inner);
      text.replaceWith(outer);
      const translated = new Text(text.data.toUpperCase());
      done.add(translated);
      inner.append(translated);
    }
  };
  translate(document.body);
  new MutationObserver((records) => {
    for (const { addedNodes } of records) for (const node of addedNodes) translate(node);
  }).observe(document.body, { childList: true, subtree: true });
}"""


@pytest.fixture
def translated(page: Instrument) -> Instrument:
    """A page in another language, here in capitals."""
    page.page.evaluate(TRANSLATE)
    return page


def test_a_translated_page_still_says_what_it_does(translated: Instrument) -> None:
    page = translated.page
    main = page.locator(".transport .primary")
    expect(main).to_have_text("TRAIN")
    main.click()
    expect(main).to_have_text("PAUSE")
    translated.wait_for_epoch(20)
    figure = translated.status("Epoch")
    expect(figure).to_have_text(re.compile(r"^[2-9]\d+$"))
    main.click()
    expect(main).to_have_text("TRAIN")
    expect(page.locator(".history .figure")).to_have_text(f"EPOCH {translated.epoch}")
    header = page.get_by_role("region", name="Network", exact=True).locator("header .hint")
    expect(header).to_have_text("2 – 10 – 5 – 2 · 97 PARAMETERS")
    translated.type("Hidden layers", "3").settled()
    expect(header).to_have_text("2 – 3 – 2 · 17 PARAMETERS")


def test_messages_of_a_translated_page_come_and_go(translated: Instrument) -> None:
    page = translated.page
    field = translated.field("Learning rate")
    for text, problem in (("x", "MUST BE A NUMBER"), ("1,125", "WITHOUT A SEPARATOR")):
        field.fill(text)
        field.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(problem)
    field.fill("0.02")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_have_count(0)
    count = page.locator(".data > .hint")
    expect(count).to_have_text("160 TO TRAIN, 40 TO TEST")
    page.get_by_role("button", name="Clear data").click()
    expect(count).to_have_text("NO POINTS YET")
    page.locator(".transport .primary").click()
    expect(page.get_by_role("alert")).to_contain_text("THERE IS NOTHING TO LEARN YET")
    page.locator("details.menu summary").click()
    item = page.locator(".sheet button").last
    item.click()
    expect(item).to_have_text("YES, DELETE “TWO MOONS”")
    page.keyboard.press("Escape")
    translated.slide("Noise", "0.5")
    expect(page.locator(".slider").filter(has_text="NOISE").locator(".figure")).to_have_text("0.50")


@pytest.mark.only_in("chromium", why="Playwright takes the network away in Chromium only")
def test_the_state_of_the_connection_is_translated(
    translated: Instrument, request: pytest.FixtureRequest
) -> None:
    assert request.node.name
    page = translated.page
    translated.watch.expect("WebSocket|Failed to load|ERR_")
    expect(translated.status("Connection")).to_have_text("CONNECTED")
    page.context.set_offline(True)
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 3_600_000; }")
    expect(translated.status("Connection")).to_contain_text(re.compile("CONNECTING"))
    page.context.set_offline(False)
    expect(translated.status("Connection")).to_have_text("CONNECTED")
