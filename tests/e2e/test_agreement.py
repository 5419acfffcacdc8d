"""The map shows what the engine computes: both renderers, compared with the engine's outputs.

Each network has random weights. Both renderers draw it at SIDE x SIDE pixels, and the engine
computes its outputs at the pixels' centres. The colours of these outputs are computed here.
"""

import base64
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, Playwright

from nnvisu import engine
from nnvisu.model import choices
from tests.e2e.conftest import module_page
from tests.support.server import ServerProcess

SIDE = 100
"""Pixels along a side of the map."""
FINE = 5
"""Places along a pixel's side at which the engine decides, to find where its decision changes."""
MOST = 2
"""The largest difference of a channel, of 255."""
EQUAL_LOGITS = 1e-4
"""The winner of two logits may be either where they differ by a smaller share."""
COVERED, TOUCHED = 0.5, 0.25
"""The shares of a pixel that the boundary takes at least, to cover it and to touch it."""
NEAR = 1 + 0.5 / FINE
"""Within a pixel, and as precisely as the engine's boundary is known."""
FEATURE_SETS = [*((name,) for name in get_args(choices.Feature)), get_args(choices.Feature)]
ACTIVATIONS = get_args(choices.Activation)
CLASSES = [*range(2, 11), 0]
"""Without classes: regression."""
COLOURINGS = ("confidence", "mix", "discrete")
HIDDEN = [(10, 5), (8,), (6, 6, 6)]

Array = NDArray[np.float64]
Figures = dict[str, float]

# What the page draws: the bytes of each picture, the boundary's pieces, and the colours.
DRAW = """async ({ network, parameters, dark, side }) => {
  const { createGpu } = await import("./js/draw/gpu.js");
  const { createRaster } = await import("./js/draw/raster.js");
  const { traceBoundary } = await import("./js/draw/boundary.js");
  const { BOUNDARY_WIDTH } = await import("./js/draw/field.js");
  const palette = await import("./js/base/palette.js");
  globalThis.gpu ??= createGpu({ acceptSoftware: true, slowest_ms: Infinity, budget_ms: Infinity });
  const text = (array) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  };
  const copy = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
  const checkpoint = { network, parameters: Float32Array.from(parameters) };
  const found = { line: palette.rgb(palette.mapLine(dark)), neutral: palette.doubtColour(dark) };
  found.colours = network.classes.length
    ? network.classes.map((label) => palette.mapColour(label, dark))
    : [-1, 0, 1].map((value) => palette.mapValueColour(value, dark));
  const draw = async (name, picture) => {
    let canvas = null;
    while ((canvas = globalThis.gpu.draw(picture, side, side, BOUNDARY_WIDTH)) === null) {
      await new Promise((done) => requestAnimationFrame(done));
    }
    copy.drawImage(canvas, 0, 0);
    found[`gpu ${name}`] = text(copy.getImageData(0, 0, side, side).data);
    const raster = createRaster(picture, { columns: side, rows: side });
    while (!raster.done) raster.advance();
    found[`cpu ${name}`] = text(raster.bytes);
    const pieces = [];
    if (raster.decisions) traceBoundary(raster.decisions, (...piece) => pieces.push(...piece));
    found.pieces = text(Float64Array.from(pieces));
  };
  for (const colouring of palette.COLOURINGS) {
    await draw(colouring, { checkpoint, dark, colouring, boundary: false });
  }
  if (network.classes.length) {
    await draw("boundary", { checkpoint, dark, colouring: "mix", boundary: true });
  }
  return found;
}"""


@dataclass(frozen=True)
class Case:
    """A network with random weights, and the theme in which it is drawn."""

    checkpoint: engine.Checkpoint
    dark: bool

    @property
    def classes(self) -> int:
        return len(self.checkpoint.network.classes)

    def message(self) -> dict[str, Any]:
        """Return the argument of DRAW."""
        network = self.checkpoint.network
        return {
            "network": {
                "hidden_layers": network.hidden_layers,
                "classes": network.classes,
                "activation": network.activation,
                "features": network.features,
            },
            "parameters": self.checkpoint.parameters.tolist(),
            "dark": self.dark,
            "side": SIDE,
        }

    def varies(self) -> bool:
        """Return whether the map shows more than one colour, and more than one decision."""
        outputs = np.clip(self.outputs(), -1, 1)
        decisions = np.unique(outputs.argmax(0))
        return bool(
            np.ptp(outputs, (1, 2)).max() > 1 / 4 and len(decisions) >= min(2, len(outputs))
        )

    def outputs(self, n: int = 1, margin: int = 0) -> Array:
        """Return the engine's outputs (outputs, rows, columns) at the centres of 1/n of the pixels.

        Around the map are ``margin`` pixels more.
        """
        return self._at_centres(self.checkpoint, n, margin)

    def logits(self) -> Array:
        """Return the engine's logits (classes, SIDE, SIDE): outputs of networks with one value."""
        network, parameters = self.checkpoint.network, self.checkpoint.parameters
        last = network.layers[-1]
        below = parameters[: last.start]
        rows = parameters[last.start : last.biases].reshape(last.outputs, last.inputs)
        found = []
        for row, bias in zip(rows, parameters[last.biases :], strict=True):
            single = replace(
                self.checkpoint,
                network=replace(network, classes=()),
                parameters=np.concatenate([below, row, [bias]]).astype(np.float32),
            )
            found += [*self._at_centres(single, 1, 0)]
        return np.array(found)

    def _at_centres(self, checkpoint: engine.Checkpoint, n: int, margin: int) -> Array:
        places = np.arange(-margin * n, (SIDE + margin) * n)
        centres = ((places + 0.5) * 2 / (SIDE * n) - 1).astype(np.float32)
        x, y = np.meshgrid(centres, -centres)
        found = engine.predict(checkpoint, x.ravel(), y.ravel())
        return found.astype(np.float64).reshape(-1, *x.shape)


def case(first: int, second: int) -> Case:
    """Make a network with this activation and these classes; all else depends on both numbers."""
    number = len(CLASSES) * first + second
    generator = np.random.default_rng(number)
    labels = tuple(sorted(generator.choice(10, CLASSES[second], replace=False).tolist()))
    network = engine.Network(
        HIDDEN[(first + second) % len(HIDDEN)],
        labels,
        ACTIVATIONS[first],
        FEATURE_SETS[(3 * first + second) // 2 % len(FEATURE_SETS)],
    )
    for scale in itertools.count(2, 0.25):
        checkpoint = drawn(network, scale, generator)
        one = Case(checkpoint, dark=(first + second // 2) % 2 == 1)
        if one.varies():
            break
    return one


def drawn(
    network: engine.Network, scale: float, generator: np.random.Generator
) -> engine.Checkpoint:
    """Draw weights that are larger than new ones by this factor, and biases."""
    checkpoint = engine.initialise(network, int(generator.integers(1000)), "sgd")
    parameters = np.float32(scale) * checkpoint.parameters
    for layer in network.layers:
        parameters[layer.biases : layer.stop] = generator.normal(0, 0.5, layer.outputs)
    return replace(checkpoint, parameters=parameters)


def expected(outputs: Array, colours: Array, neutral: Array) -> dict[str, Array]:
    """Return the colours (3, side, side) of the engine's outputs, for each colouring."""
    if len(outputs) == 1:
        value = np.clip(outputs, -1, 1)
        end = np.where(value < 0, colours[0][:, None, None], colours[2][:, None, None])
        picture = mixed(colours[1][:, None, None], end, abs(value))
        return dict.fromkeys(COLOURINGS, picture)
    mixture = np.einsum("kij,kc->cij", outputs, colours)
    doubt = 1 - (outputs.max(0) - 1 / len(outputs)) / (1 - 1 / len(outputs))
    return {
        "confidence": mixed(mixture, neutral[:, None, None], doubt),
        "mix": mixture,
        "discrete": colours[outputs.argmax(0)].transpose(2, 0, 1),
    }


def mixed(a: Array, b: Array, share: Array) -> Array:
    """Return the colour between a and b."""
    return a + (b - a) * share


def undecided(logits: Array) -> NDArray[np.bool_]:
    """Return where the two largest logits are equal but for rounding."""
    second, first = np.sort(logits, 0)[-2:]
    close: NDArray[np.bool_] = first - second < EQUAL_LOGITS * np.maximum(abs(first), abs(second))
    return close


def changes(outputs: Array, n: int = 1, margin: int = 0) -> Array:
    """Return where the decision changes between places as of `Case.outputs`.

    The result is (places, 2): x and y in pixels from the map's upper left.
    """
    winners = outputs.argmax(0)
    rows, columns = np.nonzero(np.diff(winners, axis=1))
    across = np.column_stack([columns + 1, rows + 0.5])
    rows, columns = np.nonzero(np.diff(winners, axis=0))
    down = np.column_stack([columns + 0.5, rows + 1])
    return np.concatenate([across, down]) / n - margin


def farthest(places: Array, others: Array) -> float:
    """Return the largest distance of a place from the nearest of the others."""
    if len(places) == 0:
        return 0.0
    if len(others) == 0:
        return np.inf
    chunks = np.array_split(places, 1 + len(places) * len(others) // 10**6)
    nearest = [
        np.hypot(*(chunk[:, None] - others).transpose(2, 0, 1)).min(1).max() for chunk in chunks
    ]
    return float(max(nearest))


def decoded(text: str) -> Array:
    """Return a picture (3, side, side)."""
    pixels = np.frombuffer(base64.b64decode(text), np.uint8).reshape(SIDE, SIDE, 4)
    return pixels[:, :, :3].transpose(2, 0, 1).astype(np.float64)


def traced(found: dict[str, Any]) -> Array:
    """Return places on the boundary that the processor draws, as of `changes`."""
    pieces = np.frombuffer(base64.b64decode(found["pieces"])).reshape(-1, 2, 2)
    shares = np.linspace(0, 1, 5)[:, None, None]
    places = mixed(pieces[None, :, 0], pieces[None, :, 1], shares)
    return places.reshape(-1, 2)


def lined(found: dict[str, Any], least: float) -> Array:
    """Return the centres of the pixels of which the shader's boundary takes this share or more."""
    plain, drawn = decoded(found["gpu mix"]), decoded(found["gpu boundary"])
    line = np.array(found["line"])[:, None, None] - plain
    rows, columns = np.nonzero(((drawn - plain) * line).sum(0) >= least * (line**2).sum(0))
    centres: Array = np.column_stack([columns, rows]) + np.float64(0.5)
    return centres


def colour_differences(one: Case, found: dict[str, Any]) -> Figures:
    """Return the largest differences between pictures and the engine's colours."""
    pictures = expected(one.outputs(), np.array(found["colours"]), np.array(found["neutral"]))
    figures = {}
    for (colouring, picture), way in itertools.product(pictures.items(), ("cpu", "gpu")):
        differences = abs(decoded(found[f"{way} {colouring}"]) - picture).max(0)
        if colouring == "discrete" and one.classes:
            differences[undecided(one.logits())] = 0
        figures[f"{way} {colouring}"] = float(differences.max())
    for colouring in ("confidence", "mix"):
        both = decoded(found[f"cpu {colouring}"]) - decoded(found[f"gpu {colouring}"])
        figures[f"cpu gpu {colouring}"] = float(abs(both).max())
    return figures


def boundary_distances(one: Case, found: dict[str, Any]) -> Figures:
    """Return the largest distance in pixels from the drawn boundary to the engine's, and back.

    Back only from where neighbouring pixels differ: what is smaller may be missed.
    """
    # The map's outermost pixels may show a boundary that lies just beyond them.
    decided = changes(one.outputs(FINE, 1), FINE, 1)
    seen = changes(one.outputs())
    return {
        "cpu to engine": farthest(traced(found), decided),
        "gpu to engine": farthest(lined(found, COVERED), decided),
        "engine to cpu": farthest(seen, traced(found)),
        "engine to gpu": farthest(seen, lined(found, TOUCHED)),
    }


@pytest.fixture(scope="module")
def page(playwright: Playwright, shared_server: ServerProcess) -> Iterator[Page]:
    """An empty page that imports the served modules."""
    with module_page(playwright, shared_server.url) as page:
        yield page


@pytest.mark.parametrize("first", range(len(ACTIVATIONS)), ids=ACTIVATIONS)
def test_both_renderers_show_what_the_engine_computes(
    page: Page, note: Callable[[str], None], rounds: Callable[[int, int], int], first: int
) -> None:
    colours: list[Figures] = []
    boundaries: list[Figures] = []
    step = rounds(2, 1)
    for second in range(first % step, len(CLASSES), step):
        one = case(first, second)
        found = page.evaluate(DRAW, one.message())
        colours.append(colour_differences(one, found))
        if one.classes:
            boundaries.append(boundary_distances(one, found))
    largest_differences, largest_distances = largest(colours), largest(boundaries)
    for name, value in (largest_differences | largest_distances).items():
        note(f"{name}: {value:.2f}")
    assert max(largest_differences.values()) <= MOST
    assert max(largest_distances.values()) <= NEAR


def largest(figures: list[Figures]) -> Figures:
    """Return the largest of each figure."""
    return {name: max(each[name] for each in figures) for name in figures[0]}
