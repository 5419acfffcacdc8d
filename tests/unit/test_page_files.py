"""What is written by scripts for the page and its tests is what the scripts would write now."""

import json
from pathlib import Path

import numpy as np
import pytest

from nnvisu import engine, protocol
from scripts.examples import DECIMALS, examples

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "src/nnvisu/static/examples.json"
STORED = json.loads(EXAMPLES.read_text())


def test_the_schema_that_the_pages_tests_read_is_the_servers() -> None:
    stored = json.loads((ROOT / "tests/fixtures/schema.json").read_text())
    assert stored == json.loads(json.dumps(protocol.schema()))


@pytest.mark.parametrize("distribution", examples()["points"])
def test_the_prepared_examples_are_the_generators(distribution: str) -> None:
    made = examples()["points"][distribution]
    stored = STORED["points"][distribution]
    assert stored["label"] == made["label"]
    for axis in ("x", "y"):
        np.testing.assert_allclose(stored[axis], made[axis], atol=2 * 10**-DECIMALS)


def test_the_first_example_can_be_learned() -> None:
    moons = STORED["points"]["moons"]
    points = engine.Points(
        np.array(moons["x"], np.float32),
        np.array(moons["y"], np.float32),
        np.array(moons["label"], np.uint8),
    )
    network = engine.Network((10, 5), (0, 1))
    start = engine.initialise(network, seed=1)
    training = engine.Training(network, start, engine.Hyperparameters(), points)
    training.advance(600)
    metrics = engine.evaluate(training.checkpoint(), points)
    assert metrics is not None
    assert (metrics.accuracy or 0) >= 0.97
