"""Facts about networks that both Python and JavaScript hold are equal on both sides."""

from dataclasses import asdict
from typing import Any, get_args

import msgspec
import numpy as np
import pytest

from nnvisu import engine
from nnvisu.engine.activations import ACTIVATIONS
from nnvisu.engine.checkpoint import INITIALISERS
from nnvisu.engine.features import FEATURES
from nnvisu.engine.generators import SHAPES
from nnvisu.engine.hyperparameters import OPTIMISERS, SCHEDULES
from nnvisu.engine.surfaces import SURFACES
from nnvisu.model import choices
from nnvisu.model.layout import SLOTS
from nnvisu.wire import messages
from tests.support import node

NETWORKS = [
    engine.Network((), (0, 1)),
    engine.Network((), (), features=("sin_y",)),
    engine.Network((10, 5), (0, 3, 9), features=get_args(choices.Feature)),
    engine.Network((1, 100, 2), (), features=("x", "x_times_y")),
    engine.Network((3,) * 10, tuple(range(10))),
]


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    facts = node.run("facts.js", [asdict(network) for network in NETWORKS])
    assert isinstance(facts, dict)
    return facts


def test_names_have_the_same_order(page: dict[str, Any]) -> None:
    assert page["activations"] == list(get_args(choices.Activation))
    assert page["features"] == list(get_args(choices.Feature))
    assert page["slots"] == SLOTS
    assert list(page["slots"]) == list(get_args(choices.OptimiserName))


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("activation", choices.Activation),
        ("features", choices.Feature),
        ("initialiser", choices.Initialiser),
        ("optimiser", choices.OptimiserName),
        ("schedule", choices.Schedule),
        ("distribution", choices.Distribution),
    ],
)
def test_the_page_has_a_label_for_every_choice(
    page: dict[str, Any], field: str, names: object
) -> None:
    assert sorted(page["offered"][field]) == sorted(get_args(names))


def test_parameters_have_the_same_layout(page: dict[str, Any]) -> None:
    for network, found in zip(NETWORKS, page["networks"], strict=True):
        assert found["parameters"] == network.parameter_count
        assert [tuple(layer.values()) for layer in found["layers"]] == [
            (layer.inputs, layer.outputs, layer.start, layer.biases) for layer in network.layers
        ]


def test_the_engine_implements_every_choice() -> None:
    assert tuple(ACTIVATIONS) == get_args(choices.Activation)
    assert [row.number for row in ACTIVATIONS.values()] == list(range(len(ACTIVATIONS)))
    assert tuple(FEATURES) == get_args(choices.Feature)
    assert tuple(INITIALISERS) == get_args(choices.Initialiser)
    assert tuple(OPTIMISERS) == tuple(SLOTS) == get_args(choices.OptimiserName)
    assert tuple(SCHEDULES) == get_args(choices.Schedule)
    assert tuple(SHAPES) == get_args(choices.LabelledDistribution)
    assert tuple(SURFACES) == get_args(choices.ValuedDistribution)


@pytest.mark.parametrize(
    ("of_engine", "of_wire"),
    [
        (engine.Network((), ()), messages.Network((), ())),
        (engine.Hyperparameters(), messages.Hyperparameters()),
    ],
)
def test_the_engine_and_the_wire_have_the_same_defaults(
    of_engine: Any, of_wire: msgspec.Struct
) -> None:
    assert asdict(of_engine) == msgspec.structs.asdict(of_wire)


@pytest.mark.parametrize("activation", get_args(choices.Activation))
def test_activations_have_the_same_bits(activation: str) -> None:
    """The output is the activation of 20 x, at 401 positions."""
    network = engine.Network((1,), (), activation, ("x",))
    _assert_equal_outputs(network, [20, 0, 1, 0])


@pytest.mark.parametrize("feature", get_args(choices.Feature))
def test_features_have_the_same_bits(feature: str) -> None:
    _assert_equal_outputs(engine.Network((), (), features=(feature,)), [1, 0])


def _assert_equal_outputs(network: engine.Network, parameters: list[float]) -> None:
    weights = np.array(parameters, np.float32)
    checkpoint = engine.Checkpoint(
        network, weights, engine.Optimiser("sgd", np.zeros(0, np.float32)), 0, 0, 0
    )
    x = np.linspace(-1, 1, 401, dtype=np.float32)
    y = np.roll(x, 100)
    found = node.run(
        "outputs.js",
        {"network": asdict(network), "parameters": parameters, "x": x.tolist(), "y": y.tolist()},
    )
    expected = engine.predict(checkpoint, x, y).ravel()
    np.testing.assert_array_equal(np.array(found, np.float32), expected)
