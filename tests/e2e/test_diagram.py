"""The network diagram on a real canvas: hit testing matches the drawing."""

import pytest
from playwright.sync_api import Browser, Page

from tests.support.server import ServerProcess

DIAGRAM = """
const { createDiagram } = await import("./js/draw/diagram.js");
const { unitPosition } = await import("./js/draw/layout.js");
const { parameterCount } = await import("./js/model/layout.js");
const network = {
  hidden_layers: [4, 3], classes: [0, 2], activation: "tanh", features: ["x", "y"],
};
const parameters = Float32Array.from(
  { length: parameterCount(network) }, (_, k) => (k % 2 ? 1 : -1) * (k + 1));
const canvas = document.createElement("canvas");
const diagram = createDiagram(canvas);
const size = { width: 500, height: 300, ratio: 2 };
const view = { checkpoint: { network, parameters }, dark: false, ...size };
const pixel = ({ x, y }) => [...canvas.getContext("2d").getImageData(2 * x, 2 * y, 1, 1).data];
"""


@pytest.fixture
def blank(browser: Browser, shared_server: ServerProcess) -> Page:
    """A page that imports the served modules."""
    page = browser.new_page()
    page.goto(shared_server.url)
    return page


def test_the_pointer_finds_units_biases_and_edges(blank: Page) -> None:
    found = blank.evaluate(
        f"""async () => {{ {DIAGRAM}
        const before = diagram.hitTest(250, 150);
        diagram.draw(view);
        const columns = diagram.columns();
        const units = columns.map((column, layer) => {{
          const {{ x, y }} = unitPosition(column, 1);
          return diagram.hitTest(x, y);
        }});
        const [inputs, hidden, next] = columns;
        const unit = unitPosition(hidden, 2);
        const bias = diagram.hitTest(unit.x - hidden.tile / 2 + 1, unit.y + hidden.tile / 2 - 1);
        const end = unitPosition(next, 2);
        const edge = diagram.hitTest(end.x - next.tile / 2 - 6, end.y);
        return {{ before, units, bias, edge, nothing: diagram.hitTest(499, 1) }};
        }}"""
    )
    assert found["before"] is None
    assert found["units"] == [{"kind": "unit", "layer": layer, "unit": 1} for layer in range(4)]
    assert found["bias"] == {"kind": "bias", "layer": 1, "unit": 2}
    edge = found["edge"]
    assert (edge["kind"], edge["layer"], edge["to"]) == ("edge", 1, 2)
    assert found["nothing"] is None


def test_tiles_have_the_colours_of_their_values_and_hover_emphasises_them(blank: Page) -> None:
    found = blank.evaluate(
        f"""async () => {{ {DIAGRAM}
        diagram.draw(view);
        const [inputs] = diagram.columns();
        const x = unitPosition(inputs, 0);
        const shift = 0.35 * inputs.tile;
        const left = pixel({{ x: x.x - shift, y: x.y }});
        const right = pixel({{ x: x.x + shift, y: x.y }});
        const rim = {{ x: x.x, y: x.y - inputs.tile / 2 - 2 }};
        const plain = pixel(rim);
        diagram.draw({{ ...view, hover: {{ kind: "unit", layer: 0, unit: 0 }} }});
        const ringed = pixel(rim);
        diagram.draw({{ ...view, hover: {{ kind: "unit", layer: 9, unit: 99 }} }});
        const pixels = [canvas.width, canvas.height];
        return {{ size: pixels, left, right, plain, ringed, gone: pixel(rim) }};
        }}"""
    )
    assert found["size"] == [1000, 600]
    assert found["left"][0] > found["left"][2] + 50, "x is orange where it is negative"
    assert found["right"][2] > found["right"][0] + 30, "and blue where it is positive"
    assert found["plain"] == [0, 0, 0, 0]
    assert found["ringed"][3] > 200
    assert found["gone"] == [0, 0, 0, 0], "a removed unit is not emphasised"
