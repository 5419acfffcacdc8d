"""Making checkpoints, and keeping fitting parameters when the network changes."""

import itertools
from math import erf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnvisu import engine
from tests.unit.engine.cases import OPTIMISERS, draw_checkpoint, draw_points, networks
from tests.unit.engine.oracle import network as oracle


def named_parameters(checkpoint: engine.Checkpoint, values: np.ndarray) -> dict[object, float]:
    """Return each parameter by a name that identifies its units.

    Independent of the engine: a unit's name is its layer and index, or its label; a weight's name
    is the names of its two units, a bias's the name of its unit.
    """
    network = checkpoint.network
    names: list[list[object]] = [list(network.features)]
    names += [[(k, u) for u in range(n)] for k, n in enumerate(network.hidden_layers)]
    names += [[f"label {label}" for label in network.classes]]
    named: dict[object, float] = {}
    for (below, above), (weights, biases) in zip(
        itertools.pairwise(names),
        oracle.layers(network.sizes, values),
        strict=True,
    ):
        for o, to in enumerate(above):
            named[to] = biases[o]
            named |= {(start, to): weights[o, i] for i, start in enumerate(below)}
    return named


@settings(max_examples=150, deadline=None)
@given(networks, networks, st.sampled_from(OPTIMISERS))
def test_every_parameter_that_still_fits_is_kept_with_its_slots(
    before: engine.Network, after: engine.Network, optimiser: str
) -> None:
    count = engine.initialise(before, 0, optimiser).optimiser.slots.size
    old = engine.Checkpoint(
        before,
        draw_checkpoint(before).parameters,
        engine.Optimiser(optimiser, np.arange(1, count + 1, dtype=np.float32), 17),
        step=170,
        epoch=17,
        seed=3,
    )
    fresh = engine.initialise(after, 5, optimiser)
    new = engine.initialise(after, 5, optimiser, keep=old)

    assert (new.step, new.epoch, new.seed, new.optimiser.steps) == (170, 17, 5, 17)
    had, drawn = named_parameters(old, old.parameters), named_parameters(fresh, fresh.parameters)
    assert named_parameters(new, new.parameters) == drawn | {
        name: value for name, value in had.items() if name in drawn
    }
    slots = old.optimiser.slots.size // old.parameters.size
    for old_slot, new_slot in zip(
        old.optimiser.slots.reshape(slots, -1) if slots else [],
        new.optimiser.slots.reshape(slots, -1) if slots else [],
        strict=True,
    ):
        had, has = named_parameters(old, old_slot), named_parameters(new, new_slot)
        assert has == {name: had.get(name, 0) for name in has}


@given(networks, st.sampled_from(OPTIMISERS))
@settings(max_examples=30, deadline=None)
def test_the_same_network_keeps_everything(network: engine.Network, optimiser: str) -> None:
    old = draw_checkpoint(network, 1, optimiser)
    new = engine.initialise(network, 2, optimiser, keep=old)
    np.testing.assert_array_equal(new.parameters, old.parameters)
    np.testing.assert_array_equal(new.optimiser.slots, old.optimiser.slots)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_an_added_class_learns(optimiser: str) -> None:
    """The optimiser trains the new output, and the points of its class are learned."""
    points = engine.generate("blobs", 90, 3, 0.05, seed=1)
    two = points.label < 2
    first = engine.Points(points.x[two], points.y[two], points.label[two])
    hyperparameters = engine.Hyperparameters(optimiser, 0.5 if optimiser == "sgd" else 0.02)
    narrow, wide = engine.Network((8,), (0, 1)), engine.Network((8,), (0, 1, 2))
    training = engine.Training(narrow, engine.initialise(narrow, 0), hyperparameters, first)
    training.advance(200)
    grown = engine.Training(wide, training.checkpoint(), hyperparameters, points)
    old, new = training.checkpoint().parameters, grown.checkpoint().parameters
    np.testing.assert_array_equal(new[: 24 + 16], old[: 24 + 16])
    grown.advance(400)
    metrics = engine.evaluate(grown.checkpoint(), points)
    assert metrics is not None
    assert metrics.accuracy == 1.0


VARIANCES = {"glorot": 2 / 150, "he": 2 / 100, "lecun": 1 / 100, "small": 1e-4}


@pytest.mark.parametrize(
    "initialiser",
    [f"{name}_{shape}" for name in ("glorot", "he", "lecun") for shape in ("uniform", "normal")]
    + ["small_normal"],
)
def test_weights_have_the_initialiser_s_distribution_and_biases_are_zero(initialiser: str) -> None:
    """By the Kolmogorov-Smirnov statistic: the largest distance of the distribution functions."""
    network = engine.Network((100, 50), (0, 1), initialiser=initialiser)
    parameters = engine.initialise(network, 9).parameters
    _, (weights, biases), _ = oracle.layers(network.sizes, parameters.astype(np.float64))
    assert not biases.any()
    name, shape = initialiser.split("_")
    ordered = np.sort(weights.ravel()) / np.sqrt(VARIANCES[name])
    if shape == "uniform":
        assert np.abs(ordered).max() < np.sqrt(3) * (1 + 1e-6)
        expected = (ordered / np.sqrt(3) + 1) / 2
    else:
        expected = np.array([(1 + erf(number / np.sqrt(2))) / 2 for number in ordered])
    distance = np.abs(expected - np.arange(1, ordered.size + 1) / ordered.size).max()
    assert distance < 1.63 / np.sqrt(ordered.size)


def test_zero_initialisation_keeps_units_identical() -> None:
    """Symmetry must be broken: otherwise all units of a layer get the same gradient."""
    network = engine.Network((4,), (0, 1), initialiser="zeros")
    start = engine.initialise(network, 0)
    assert not start.parameters.any()
    training = engine.Training(
        network, start, engine.Hyperparameters(), engine.generate("moons", 50, 2, 0.1, 0)
    )
    training.advance(50)
    weights = training.checkpoint().parameters[:8].reshape(4, 2)
    assert (weights == weights[0]).all()


def test_weights_depend_on_the_seed_and_are_reproducible() -> None:
    network = engine.Network((10, 5), (0, 1))
    first, again, other = (engine.initialise(network, seed).parameters for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).sum() == 30 + 55 + 12 - 17


def test_another_optimiser_starts_with_empty_slots() -> None:
    network = engine.Network((3,), (0, 1))
    old = engine.Training(
        network,
        engine.initialise(network, 0, "rmsprop"),
        engine.Hyperparameters("rmsprop"),
        draw_points(9, (0, 1)),
    )
    old.advance(5)
    new = engine.initialise(network, 0, "adam", keep=old.checkpoint())
    assert not new.optimiser.slots.any()
    assert new.optimiser.steps == 0
    assert (new.step, new.epoch) == (5, 5)


def test_arrays_of_another_size_are_refused() -> None:
    network = engine.Network((3,), (0, 1))
    right = engine.initialise(network, 0)
    with pytest.raises(ValueError, match=r"parameters must be \(17,\), not \(16,\)"):
        engine.Checkpoint(network, right.parameters[:-1], right.optimiser, 0, 0, 0)
    slots = engine.Optimiser("adam", right.parameters)
    with pytest.raises(ValueError, match=r"slots must be \(34,\), not \(17,\)"):
        engine.Checkpoint(network, right.parameters, slots, 0, 0, 0)
