"""Drives the page as a user does: controls by role and name, the map by its coordinates."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from tests.e2e import png
from tests.e2e.watch import Watch

Experiment = dict[str, Any]

# Weights arrive from the server shortly after the change of settings that requests them.
_SETTLED = """() => {
  const { config, weights, optimiser } = window.nnvisu?.experiment() ?? {};
  return !!weights
    && JSON.stringify(weights.network.hidden_layers) === JSON.stringify(config.hidden_layers)
    && JSON.stringify(weights.network.features) === JSON.stringify(config.features)
    && weights.network.activation === config.activation
    && (weights.network.classes.length === 0) === (config.task === "regression")
    && optimiser.name === config.optimiser;
}"""
# The points' coordinates and values. The noise of a surface changes only the values.
_POINTS = "() => (({ x, value }) => `${x} ${value}`)(window.nnvisu.experiment().data)"
_ADVANCED = {
    *("Schedule", "Dropout", "Clip norm"),
    *("Stop at epoch", "Stop at loss", "Stop after seconds", "Early stopping (patience)"),
}
_NUMBER = r"[+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?"


class Instrument:
    """One open page.

    Attributes:
        page: Playwright's page.
        watch: The errors that the page logged.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.watch = Watch(page)
        self._address = address

    def open(self) -> "Instrument":
        """Open the address and wait until the page is ready and connected."""
        self.page.goto(self._address)
        return self.ready()

    def reload(self) -> "Instrument":
        """Reload the page and wait until it is ready."""
        self.page.reload()
        return self.ready()

    def ready(self) -> "Instrument":
        """Wait until the experiment is loaded and the server is connected."""
        expect(self.status("Connection")).to_contain_text("connected")
        return self.settled()

    def settled(self) -> "Instrument":
        """Wait until the weights match the settings."""
        self.page.wait_for_function(_SETTLED)
        return self

    # Controls

    def button(self, name: str) -> Locator:
        """Find a button."""
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, *names: str) -> "Instrument":
        """Click buttons, one after the other."""
        for name in names:
            self.button(name).click()
        return self

    def radio(self, name: str) -> Locator:
        """Find a tool or a class."""
        return self.page.get_by_role("radio", name=name, exact=True)

    def pick(self, name: str) -> "Instrument":
        """Choose a tool or a class by clicking its label."""
        self.radio(name).check(force=True)
        expect(self.radio(name)).to_be_checked()
        return self

    def field(self, name: str) -> Locator:
        """Find the spinbutton or textbox of this name; open Advanced if needed."""
        self._lay_open(name)
        either = self.page.get_by_role("spinbutton", name=name, exact=True)
        return either.or_(self.page.get_by_role("textbox", name=name, exact=True))

    def _lay_open(self, name: str) -> None:
        disclosure = self.page.locator("details").filter(has_text="Advanced")
        if name in _ADVANCED and disclosure.get_attribute("open") is None:
            disclosure.locator("summary").click()

    def type(self, name: str, text: str) -> "Instrument":
        """Put text into a field and blur it."""
        self.field(name).fill(text)
        self.field(name).press("Enter")
        return self

    def slide(self, name: str, value: str) -> "Instrument":
        """Move a slider."""
        self.page.get_by_role("slider", name=name, exact=True).fill(value)
        return self

    def choose(self, name: str, label: str) -> "Instrument":
        """Choose from a combobox."""
        self.combobox(name).select_option(label=label)
        return self

    def combobox(self, name: str) -> Locator:
        """Find a combobox; open Advanced if needed."""
        self._lay_open(name)
        return self.page.get_by_role("combobox", name=name, exact=True)

    def at_full_speed(self) -> "Instrument":
        """Choose the last of the speeds, as fast as the server allows."""
        options = self.combobox("Speed").get_by_role("option")
        self.combobox("Speed").select_option(index=options.count() - 1)
        return self

    def status(self, name: str) -> Locator:
        """Find a metric or the connection's state."""
        return self.page.get_by_role("status", name=name, exact=True)

    def alert(self, text: str | re.Pattern[str]) -> Locator:
        """Find an error message."""
        return self.page.get_by_role("alert").filter(has_text=text)

    @property
    def inside(self) -> Locator:
        """The Inside panel, opened if needed."""
        panel = self.page.get_by_role("region", name="Inside", exact=True)
        if panel.locator("details").get_attribute("open") is None:
            panel.locator("summary").click()
        return panel

    def table(self, name: str) -> list[list[str]]:
        """Return the texts of a table's cells under Inside, row by row, without the headers."""
        table = self.inside.get_by_role("table", name=name, exact=True)
        expect(table).to_be_visible()
        rows = table.locator("tbody tr").all()
        return [row.get_by_role("cell").all_inner_texts() for row in rows]

    @property
    def history(self) -> Locator:
        """The history's slider."""
        return self.page.get_by_role("slider", name="History", exact=True)

    # What the page shows

    def experiment(self) -> Experiment:
        """Return the experiment in its saved form."""
        experiment = self.page.evaluate("window.nnvisu.experiment()")
        assert isinstance(experiment, dict)
        return experiment

    @property
    def epoch(self) -> int:
        """The newest epoch."""
        return int(self.experiment()["epoch"])

    def text(self) -> str:
        """Return the experiment as text, for comparison bit for bit."""
        return str(self.page.evaluate("JSON.stringify(window.nnvisu.experiment())"))

    def figure(self, name: str) -> float:
        """Return a metric as shown; percentages as fractions."""
        text = self.status(name).inner_text()
        number = re.search(_NUMBER, text)
        assert number is not None, f"{name} shows {text!r}"
        value = float(number[0].replace(",", "."))
        return value / 100 if "%" in text else value

    def wait(self, condition: str, argument: object = None) -> "Instrument":
        """Wait until a JavaScript function of an argument returns true."""
        self.page.wait_for_function(condition, arg=argument)
        return self

    def wait_for_epoch(self, epoch: int) -> "Instrument":
        """Wait until an epoch is reached."""
        return self.wait("epoch => window.nnvisu.experiment().epoch >= epoch", epoch)

    def wait_for_accuracy(self, share: float, name: str = "Training accuracy") -> "Instrument":
        """Wait until a shown accuracy is at least this fraction."""
        return self._wait_for_figure(name, 100 * share)

    def wait_for_r2(self, share: float, name: str = "Training R²") -> "Instrument":
        """Wait until a shown R² is at least this."""
        return self._wait_for_figure(name, share)

    def _wait_for_figure(self, name: str, least: float) -> "Instrument":
        figure = self.status(name).element_handle()
        return self.wait(
            "([figure, least]) => parseFloat(figure.textContent.replace(',', '.')) >= least",
            [figure, least],
        )

    def regenerated(self, act: Callable[[], object]) -> "Instrument":
        """Call `act`, which makes the server generate points, and wait for the new points."""
        before = self.page.evaluate(_POINTS)
        act()
        return self.wait(f"before => ({_POINTS})() !== before", before)

    def generate(self, name: str) -> "Instrument":
        """Press a generator's button, and wait for its points."""
        return self.regenerated(lambda: self.press(name))

    def train(self) -> "Instrument":
        """Press Train, and wait until training runs."""
        self.press("Train")
        expect(self.button("Pause")).to_be_visible()
        return self

    def pause(self) -> "Instrument":
        """Press Pause, and wait for the last frame."""
        self.press("Pause")
        expect(self.button("Train")).to_be_visible()
        return self

    # The map

    @property
    def map(self) -> Locator:
        """The decision map."""
        return self.page.get_by_role("application", name="Decision map", exact=True)

    def position(self, x: float, y: float) -> tuple[float, float]:
        """Return the window position of a point of the plane, in CSS pixels."""
        canvas = self.map.locator("canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        return (
            box["x"] + (x + 1) / 2 * box["width"],
            box["y"] + (1 - y) / 2 * box["height"],
        )

    def click(self, x: float, y: float) -> "Instrument":
        """Use the tool at a point of the plane."""
        self.page.mouse.click(*self.position(x, y))
        return self

    def drag(self, *path: tuple[float, float], moves: int = 8) -> "Instrument":
        """Use the tool along a path in the plane, with `moves` mouse moves per segment."""
        start, *rest = (self.position(x, y) for x, y in path)
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        for point in rest:
            mouse.move(*point, steps=moves)
        mouse.up()
        return self

    def draw(self, points: Sequence[tuple[float, float, int]]) -> "Instrument":
        """Click points (x, y, label), choosing the class of each."""
        self.pick("Draw")
        for x, y, label in points:
            self.pick(f"Class {label + 1}").click(x, y)
        return self

    def pixels(self) -> "MapPixels":
        """Take a picture of the map, without axes and overlays."""
        self.page.mouse.move(0, 0)
        self.page.evaluate("() => { document.querySelector('.axes').hidden = true; }")
        canvas = self.map.locator("canvas").first
        return MapPixels(png.decode(canvas.screenshot(animations="disabled")))

    def wait_for_pixels(self, fit: Callable[["MapPixels"], bool]) -> "MapPixels":
        """Take a picture per frame until one fits; the map refines itself when idle."""
        for _ in range(120):
            pixels = self.pixels()
            if fit(pixels):
                return pixels
            self.page.evaluate("() => new Promise(requestAnimationFrame)")
        raise AssertionError("the map did not show the expected colours in time")

    def screenshot(self, path: Path) -> None:
        """Save a picture of the window."""
        self.page.screenshot(path=path, animations="disabled")


class MapPixels:
    """A picture of the map, addressed by the plane's coordinates."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self.picture = picture

    def at(self, x: float, y: float) -> NDArray[np.uint8]:
        """Return the colour at a point of the plane."""
        height, width, _ = self.picture.shape
        column = min(int((x + 1) / 2 * width), width - 1)
        row = min(int((1 - y) / 2 * height), height - 1)
        colour: NDArray[np.uint8] = self.picture[row, column]
        return colour

    @property
    def pixel(self) -> float:
        """The size of a pixel in the plane."""
        return 2 / int(self.picture.shape[1])
