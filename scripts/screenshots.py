"""Take pictures of every state of the page, in every size and theme, for review.

``python scripts/screenshots.py .screenshots`` starts a server, and writes the pictures and an
index.html that shows them side by side. ``--only TEXT`` takes those with this text in their names.
"""

import argparse
import html
import sys
from collections.abc import Callable
from itertools import product
from math import cos, pi, sin
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.e2e.conftest import TIMEOUT_MS, launched
from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess, running

SIZES: dict[str, Any] = {
    "2560x1440": {},
    "1440x900": {},
    "1280x720": {},
    "1024x768": {},
    "390x844": {"has_touch": True, "is_mobile": True},
    "320x640": {"has_touch": True, "is_mobile": True},
}
"""The options of the browser context, by the window's size."""
THEMES = ("light", "dark")
EPOCHS = 300
State = Callable[[Instrument, ServerProcess], object]


def first_visit(page: Instrument, _: ServerProcess) -> None:
    """Show the first steps."""
    expect(page.button("Got it")).to_be_visible()


def trained(page: Instrument, _: ServerProcess) -> None:
    """Train for some seconds, with Inside and Advanced open."""
    page.at_full_speed().field("Dropout")
    page.train().wait_for_epoch(EPOCHS).pause()
    expect(page.inside.get_by_role("table").first).to_be_visible()


def ten_classes(page: Instrument, _: ServerProcess) -> None:
    """Train on ten classes."""
    places = [(0.5, k) for k in range(10)] + [(0.8, k) for k in range(10)]
    turn = pi / 5
    # In a small window, what stays in view may cover the classes.
    window = page.page.viewport_size or {"width": 0, "height": 0}
    page.page.set_viewport_size({"width": 1440, "height": 900})
    page.press("Clear data").draw([(r * cos(turn * k), r * sin(turn * k), k) for r, k in places])
    page.wait("() => window.nnvisu.experiment().weights.network.classes.length === 10")
    page.at_full_speed().train().wait_for_epoch(EPOCHS).pause()
    page.page.set_viewport_size(window)
    # Chromium's telephone keeps the zoom of the other window until it loads a page.
    page.reload()


def regression(page: Instrument, _: ServerProcess) -> None:
    """Train on values."""
    page.choose("Task", "Regression").settled().generate("Multi-Gauss").at_full_speed()
    page.settled().train().wait_for_epoch(EPOCHS).pause()


def diverged(page: Instrument, _: ServerProcess) -> None:
    """Train with a learning rate at which training diverges."""
    page.choose("Activation", "ReLU").choose("Optimiser", "SGD").type("Learning rate", "100")
    page.type("Hidden layers", "-".join(["20"] * 10)).settled().at_full_speed().press("Train")
    expect(page.alert("diverged")).to_be_visible()


def past(page: Instrument, _: ServerProcess) -> None:
    """Go back in the history."""
    page.at_full_speed().train().wait_for_epoch(EPOCHS).pause()
    page.history.fill(str(int(page.history.get_attribute("max") or 0) // 4))


def weight_card(page: Instrument, server: ServerProcess) -> None:
    """Open the card of a weight."""
    past(page, server)
    page.history.press("End")
    page.page.get_by_role("group", name="Network diagram").focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        page.page.keyboard.press(key)
    expect(page.page.get_by_role("dialog", name="Weight", exact=True)).to_be_visible()


def help_dialog(page: Instrument, _: ServerProcess) -> None:
    """Open the help."""
    page.press("Help")
    expect(page.page.get_by_role("dialog")).to_be_visible()


def server_away(page: Instrument, server: ServerProcess) -> None:
    """End the server during training."""
    page.train().wait_for_epoch(20)
    server.kill()
    expect(page.status("Connection")).to_contain_text("reconnecting")


STATES: dict[str, State] = {
    "first visit": first_visit,
    "trained": trained,
    "ten classes": ten_classes,
    "regression": regression,
    "diverged": diverged,
    "weight card": weight_card,
    "past": past,
    "help": help_dialog,
    "server away": server_away,
}


def take(browser: Browser, server: ServerProcess, name: str, target: Path) -> None:
    """Open the page anew, bring it into a state, and save a picture of the window."""
    state, size, theme = name.split(", ")
    width, height = map(int, size.split("x"))
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        **SIZES[size],
    )
    context.set_default_timeout(TIMEOUT_MS)
    page = Instrument(context.new_page(), server.url).open()
    if state != "first visit":
        page.press("Got it")
    STATES[state](page, server)
    page.screenshot(target)
    context.close()
    if server.process.poll() is not None:
        server.start()


def index(names: dict[str, str]) -> str:
    """Return a page that shows the pictures, a row for each state and theme."""
    rows = []
    for state, theme in product(STATES, THEMES):
        cells = [
            f'<td><a href="{names[name]}"><img src="{names[name]}" alt="{html.escape(name)}"></a>'
            for name in (f"{state}, {size}, {theme}" for size in SIZES)
            if name in names
        ]
        rows.append(f"<tr><th>{state}<br>{theme}{''.join(cells)}" if cells else "")
    heads = "".join(f"<th>{size}" for size in SIZES)
    style = "img { height: 18rem } th { font: 1rem sans-serif } td, th { vertical-align: top }"
    table = f"<table><tr><th>{heads}{''.join(rows)}</table>"
    return f'<!doctype html><html lang="en"><title>nnvisu</title><style>{style}</style>{table}'


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description="Take pictures of every state of the page.")
    parser.add_argument("target", type=Path, help="the folder to write")
    parser.add_argument("--only", default="", help="take those with this text in their names")
    options = parser.parse_args()
    every = [", ".join(parts) for parts in product(STATES, SIZES, THEMES)]
    names = {name: name.replace(", ", "_").replace(" ", "-") + ".png" for name in every}
    wanted = [name for name in every if options.only in name]
    options.target.mkdir(parents=True, exist_ok=True)
    with running() as server, sync_playwright() as playwright, launched(playwright) as browser:
        for name in wanted:
            print(name, flush=True)
            take(browser, server, name, options.target / names[name])
    found = {name: file for name, file in names.items() if (options.target / file).exists()}
    (options.target / "index.html").write_text(index(found))


if __name__ == "__main__":
    main()
