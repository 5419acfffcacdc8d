"""Generated files of the page and its tests are up to date."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nnvisu import engine
from nnvisu.wire.schema import page_schema
from scripts.examples import DECIMALS, examples

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "src/nnvisu/static/examples.json"
STORED = json.loads(EXAMPLES.read_text())


def test_the_schema_fixture_matches_the_server() -> None:
    stored = json.loads((ROOT / "tests/fixtures/schema.json").read_text())
    assert stored == json.loads(json.dumps(page_schema()))


@pytest.mark.parametrize("distribution", examples()["points"])
def test_the_prepared_examples_match_the_generators(distribution: str) -> None:
    made = examples()["points"][distribution]
    stored = STORED["points"][distribution]
    assert stored["label"] == made["label"]
    for axis in ("x", "y", "value"):
        np.testing.assert_allclose(stored[axis], made[axis], atol=2 * 10**-DECIMALS)


def test_the_first_example_can_be_learned() -> None:
    moons = STORED["points"]["moons"]
    label = np.array(moons["label"], np.uint8)
    points = engine.Points(_floats(moons["x"]), _floats(moons["y"]), label)
    assert (_learned(engine.Network((10, 5), (0, 1)), points).accuracy or 0) >= 0.97


def test_the_first_surface_can_be_learned() -> None:
    hills = STORED["points"]["multi_gauss"]
    x, y, value = (_floats(hills[name]) for name in ("x", "y", "value"))
    points = engine.Points(x, y, np.zeros(len(x), np.uint8), value)
    assert (_learned(engine.Network((10, 5), ()), points).r2 or 0) >= 0.9


def _learned(network: engine.Network, points: engine.Points) -> engine.Metrics:
    """Train for ten seconds at the default settings and pace."""
    start = engine.initialise(network, seed=1)
    training = engine.Training(network, start, engine.Hyperparameters(), points)
    training.advance(600)
    metrics = engine.evaluate(training.checkpoint(), points)
    assert metrics is not None
    return metrics


def _floats(numbers: list[float]) -> NDArray[np.float32]:
    return np.array(numbers, np.float32)
