"""The map's two renderers in a real browser: shader and CPU loops draw the same picture."""

import json
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
from playwright.sync_api import Page, Playwright

from nnvisu.model import choices
from tests.e2e.conftest import module_page
from tests.support.server import ServerProcess

NETWORKS = [
    ([], 2, "tanh"),
    ([1], 2, "relu"),
    ([10, 5], 3, "tanh"),
    ([8, 8, 8], 4, "leaky_relu"),
    ([13, 7], 10, "gelu"),
    # Layers wide enough for loops in the shader instead of unrolled code.
    ([30, 30], 10, "relu"),
    ([40, 3, 40], 5, "tanh"),
    ([5], 3, "sigmoid"),
    ([10, 5], 3, "silu"),
    ([10, 5], 3, "sine"),
    ([10, 5], 3, "linear"),
    # Without classes: regression.
    ([], 0, "tanh"),
    ([10, 5], 0, "tanh"),
    ([30, 30], 0, "gelu"),
]
FEATURE_SETS = [["x_squared"], ["y", "sin_x", "sin_y"], list(get_args(choices.Feature))]
UNITS = [(0, 1), (1, 7), (2, 4), (3, 2)]

LIBRARY = """
const { createGpu } = await import("./js/draw/gpu.js");
const { createField } = await import("./js/draw/field.js");
const { createRaster } = await import("./js/draw/raster.js");
const { parameterCount } = await import("./js/model/layout.js");

const frame = () => new Promise((done) => requestAnimationFrame(done));
/** The value of `make` once there is one. */
const until = async (make) => {
  for (;;) {
    const value = make();
    if (value !== null) return value;
    await frame();
  }
};
const picture = (
  hidden_layers, count, activation, unit, features = ["x", "y"], colouring = "confidence",
) => {
  const classes = Array.from({ length: count }, (_, label) => label);
  const network = { hidden_layers, classes, activation, features };
  const parameters = Float32Array.from(
    { length: parameterCount(network) }, (_, k) => Math.sin(k * k + 1));
  const checkpoint = { network, parameters };
  return { checkpoint, dark: false, unit: unit ?? undefined, colouring, boundary: false };
};
const pixels = (canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  return copy.getImageData(0, 0, canvas.width, canvas.height).data;
};
const bothWays = async (gpu, view) => {
  const canvas = await until(() => gpu.draw(view, 64, 48));
  const shader = pixels(canvas);
  const raster = createRaster(view, { columns: canvas.width, rows: canvas.height });
  while (!raster.done) raster.advance();
  const differences = raster.bytes.map((value, k) => Math.abs(value - shader[k]));
  return { largest: Math.max(...differences), shades: new Set(shader).size };
};
"""


@pytest.fixture(scope="module")
def page(playwright: Playwright, shared_server: ServerProcess) -> Iterator[Page]:
    """An empty page that imports the served modules."""
    with module_page(playwright, shared_server.url) as page:
        yield page


def run(page: Page, script: str) -> Any:
    """Run a script that uses the library above; return what it returns."""
    return page.evaluate(f"(async () => {{ {LIBRARY} {script} }})()")


def assert_both_ways_alike(page: Page, *picture: Any) -> None:
    """Compare a picture drawn by shader and by loops; arguments as of `picture` above."""
    found = run(
        page,
        f"""const gpu = createGpu({{ acceptSoftware: true, slowest_ms: Infinity }});
        const found = await bothWays(gpu, picture(...{json.dumps(picture)}));
        gpu.dispose();
        return found;""",
    )
    assert found["largest"] <= 2
    assert found["shades"] > 10, "the picture has only one colour"


@pytest.mark.parametrize(("hidden_layers", "classes", "activation"), NETWORKS)
def test_the_shader_draws_what_the_loops_draw(
    page: Page, hidden_layers: list[int], classes: int, activation: str
) -> None:
    assert_both_ways_alike(page, hidden_layers, classes, activation)


@pytest.mark.parametrize("colouring", ["confidence", "mix", "discrete"])
@pytest.mark.parametrize("classes", [2, 3, 4, 10])
def test_the_shader_has_every_colouring(page: Page, classes: int, colouring: str) -> None:
    found = run(
        page,
        f"""const gpu = createGpu({{ acceptSoftware: true, slowest_ms: Infinity }});
        const view = picture([10, 5], {classes}, "tanh", null, ["x", "y"], "{colouring}");
        const canvas = await until(() => gpu.draw(view, 64, 48));
        const shader = pixels(canvas);
        const raster = createRaster(
          {{ ...view, boundary: true }}, {{ columns: canvas.width, rows: canvas.height }});
        while (!raster.done) raster.advance();
        let largest = 0;
        // The winner of two classes that are equal to a rounding error may be either.
        for (const [k, value] of raster.bytes.entries()) {{
          if (raster.decisions.margins[k >> 2] > 1e-3) {{
            largest = Math.max(largest, Math.abs(value - shader[k]));
          }}
        }}
        gpu.dispose();
        return largest;""",
    )
    assert found <= 2


# The pixels that both renderers darken for the boundary.
BOUNDARY = """
  const view = { ...picture([10, 5], 4, "tanh"), boundary: true };
  const gpu = createGpu({ acceptSoftware: true, slowest_ms: Infinity, budget_ms: Infinity });
  const canvas = await until(() => gpu.draw(view, 200, 200, 1.5));
  const shader = pixels(canvas);
  const { width: columns, height: rows } = canvas;
  const raster = createRaster(view, { columns, rows });
  while (!raster.done) raster.advance();
  gpu.dispose();
  const line = [];
  const { traceBoundary } = await import("./js/draw/boundary.js");
  traceBoundary(raster.decisions, (...piece) => line.push(piece));
  const far = [];
  const lit = (column, row) => {
    const at = 4 * (row * columns + column);
    const differences = [0, 1, 2].map((k) => Math.abs(shader[at + k] - raster.bytes[at + k]));
    return Math.max(...differences) > 60;
  };
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      if (!lit(column, row)) continue;
      const x = column + 0.5;
      const y = row + 0.5;
      const near = line.some(([x0, y0, x1, y1]) =>
        Math.hypot((x0 + x1) / 2 - x, (y0 + y1) / 2 - y) < 1.6);
      if (!near) far.push([column, row]);
    }
  }
  // And the other way round: each piece of the line has a darkened pixel beside it.
  const bare = line.filter(([x0, y0, x1, y1]) => {
    const column = Math.floor((x0 + x1) / 2);
    const row = Math.floor((y0 + y1) / 2);
    return ![-1, 0, 1].some((dx) => [-1, 0, 1].some((dy) => lit(column + dx, row + dy)));
  });
  return { columns, far: far.length, bare: bare.length, pieces: line.length };
"""


def test_both_renderers_draw_the_boundary_at_the_same_place(page: Page) -> None:
    found = run(page, BOUNDARY)
    assert found["pieces"] > found["columns"] / 2
    assert (found["far"], found["bare"]) == (0, 0)


@pytest.mark.parametrize("features", FEATURE_SETS)
def test_the_shader_supports_every_feature(page: Page, features: list[str]) -> None:
    for hidden_layers in ([10, 5], [30, 30]):
        assert_both_ways_alike(page, hidden_layers, 3, "tanh", None, features)


def test_the_shader_distinguishes_networks_with_different_features(page: Page) -> None:
    found = run(
        page,
        """const gpu = createGpu({ acceptSoftware: true, slowest_ms: Infinity });
        const differences = [];
        for (const features of [["x", "y"], ["x_squared", "sin_y"]]) {
          const view = picture([10, 5], 3, "tanh", null, features);
          differences.push((await bothWays(gpu, view)).largest);
        }
        gpu.dispose();
        return differences;""",
    )
    assert max(found) <= 2


@pytest.mark.parametrize(("layer", "unit"), UNITS)
def test_the_shader_draws_a_single_unit(page: Page, layer: int, unit: int) -> None:
    for activation in ("tanh", "gelu"):
        assert_both_ways_alike(page, [10, 5], 3, activation, {"layer": layer, "unit": unit})


def test_a_lost_graphics_context_falls_back_to_loops_and_is_restored(page: Page) -> None:
    found = run(
        page,
        """const gpu = createGpu({ acceptSoftware: true, slowest_ms: Infinity });
        const view = picture([10, 5], 3, "tanh");
        const canvas = await until(() => gpu.draw(view, 64, 48));
        const loss = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
        const event = (name) => new Promise((done) => canvas.addEventListener(name, done));
        const lost = event("webglcontextlost");
        loss.loseContext();
        await lost;
        // A context can be restored only after the event's dispatch has ended.
        await frame();
        const field = createField(document.createElement("canvas"));
        field.accelerate(gpu);
        field.draw({ ...view, width: 64, height: 48, ratio: 1 });
        const bridged = !field.accelerated && field.resolution > 0;
        const restored = event("webglcontextrestored");
        loss.restoreContext();
        await restored;
        const { largest } = await bothWays(gpu, view);
        gpu.dispose();
        return { bridged, largest };""",
    )
    assert found["bridged"]
    assert found["largest"] <= 2


def test_the_map_is_refined_to_the_screens_resolution(page: Page) -> None:
    found = run(
        page,
        """const canvas = document.createElement("canvas");
        const field = createField(canvas);
        const view = picture([20, 20], 3, "tanh");
        field.draw({ ...view, width: 300, height: 200, ratio: 2 });
        const first = field.resolution;
        await until(() => (field.resolution === 600 ? true : null));
        const raster = createRaster(view, { columns: 600, rows: 400 });
        while (!raster.done) raster.advance();
        const drawn = pixels(canvas);
        return { first, equal: raster.bytes.every((value, k) => value === drawn[k]) };""",
    )
    assert found["first"] < 600
    assert found["equal"]


def test_software_rendering_is_not_used_as_a_graphics_processor(page: Page) -> None:
    assert run(page, "return createGpu() === null;")


# The longest call until a renderer that hides that it is one on the processor is refused; and
# the time of one small picture that it would draw.
UNNAMED = """
  const view = picture(Array(10).fill(100), 3, "tanh");
  const longest = async (gpu, fit) => {
    let longest_ms = 0;
    for (let calls = 0; calls < 200; calls += 1) {
      const began = performance.now();
      const drawn = gpu.draw(view, 64, 64);
      const elapsed_ms = performance.now() - began;
      longest_ms = Math.max(longest_ms, elapsed_ms);
      if (fit(drawn, elapsed_ms)) break;
      await frame();
    }
    gpu.dispose();
    return longest_ms;
  };
  const refused = await longest(createGpu({ acceptSoftware: true }), () => false);
  const gpu = createGpu({ acceptSoftware: true, slowest_ms: Infinity });
  const canvas = await until(() => gpu.draw(view, 64, 64));
  const began = performance.now();
  gpu.draw(view, 64, 64);
  pixels(canvas);
  return { refused, picture: performance.now() - began, side: canvas.width };
"""


def test_an_unnamed_software_renderer_does_not_freeze_the_page(
    page: Page, note: Callable[[str], None]
) -> None:
    found = run(page, UNNAMED)
    note(f"longest call {found['refused']:.0f} ms")
    # A trial of 64 x 64 pixels, twice, is what froze the page for a second and more.
    pixels = found["side"] ** 2
    assert found["refused"] < found["picture"] * 64 * 64 / pixels
