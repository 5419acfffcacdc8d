"""Computes an experiment with the engine alone: the reference for the page's results."""

import base64
import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnvisu import engine


def checkpoint(experiment: dict[str, Any]) -> engine.Checkpoint:
    """Return the experiment's weights and optimiser as an engine checkpoint."""
    weights, optimiser = experiment["weights"], experiment["optimiser"]
    network = weights["network"]
    return engine.Checkpoint(
        network=_network(network, network["classes"]),
        parameters=_floats(weights["parameters"]),
        optimiser=engine.Optimiser(
            optimiser["name"], _floats(optimiser["slots"]), optimiser["steps"]
        ),
        step=weights["step"],
        epoch=experiment["epoch"],
        seed=weights["seed"],
        position=experiment["position"],
    )


def points(experiment: dict[str, Any], test: int = 0) -> engine.Points:
    """Return the experiment's training points, or its test points, as engine points.

    The page takes the test share of each class, or of all points with values, rounded half up, in
    the order of a hash of each point's coordinates.
    """
    data = experiment["data"]
    x, y = _floats(data["x"]), _floats(data["y"])
    regression = experiment["config"]["task"] == "regression"
    label = np.frombuffer(base64.b64decode(data["label"]), np.uint8)
    value = _floats(data["value"])
    # Regression stores no labels, classification no values.
    assert (len(label), len(value)) == ((0, len(x)) if regression else (len(x), 0))
    if regression:
        label = np.zeros(len(x), np.uint8)
    lots = _mixed(_mixed(x.view(np.uint32)) + y.view(np.uint32))
    part = np.zeros(len(label), np.int8)
    for one in np.unique(label):
        members = np.flatnonzero(label == one)
        members = members[np.argsort(lots[members], kind="stable")]
        part[members[: int(experiment["config"]["test_share"] * len(members) + 0.5)]] = 1
    mine = part == test
    return engine.Points(x[mine], y[mine], label[mine], value[mine] if regression else None)


def hyperparameters(experiment: dict[str, Any]) -> engine.Hyperparameters:
    """Return the experiment's hyper-parameters."""
    config = experiment["config"]
    names = (field.name for field in dataclasses.fields(engine.Hyperparameters))
    return engine.Hyperparameters(**{name: config[name] for name in names})


def trained(experiment: dict[str, Any], epoch: int) -> engine.Checkpoint:
    """Train an experiment to an epoch in one run, without a page or server."""
    run = training(experiment)
    steps = (epoch - run.epoch) * run.steps_per_epoch
    assert run.advance(steps) == steps
    return run.checkpoint()


def training(experiment: dict[str, Any]) -> engine.Training:
    """Return a training that resumes an experiment, before its first step."""
    regression = experiment["config"]["task"] == "regression"
    classes = [] if regression else sorted(set(points(experiment).label.tolist()))
    network = _network(experiment["config"], classes)
    settings = hyperparameters(experiment)
    return engine.Training(network, checkpoint(experiment), settings, points(experiment))


def metrics(experiment: dict[str, Any], test: int = 0) -> engine.Metrics:
    """Return the metrics of the experiment's weights on its training or test points."""
    found = engine.evaluate(checkpoint(experiment), points(experiment, test))
    assert found is not None
    return found


def probabilities(
    experiment: dict[str, Any], x: list[float], y: list[float]
) -> NDArray[np.float32]:
    """Return the experiment's outputs: probabilities (classes, positions), or values."""
    places = np.array([x, y], np.float32)
    return engine.predict(checkpoint(experiment), places[0], places[1])


def assert_equal(found: dict[str, Any], wanted: engine.Checkpoint) -> None:
    """Assert that an experiment equals a checkpoint bit for bit."""
    got = checkpoint(found)
    assert got.network == wanted.network
    places = [(one.epoch, one.position, one.step) for one in (got, wanted)]
    assert places[0] == places[1]
    assert got.parameters.tobytes() == wanted.parameters.tobytes()
    assert got.optimiser.name == wanted.optimiser.name
    assert got.optimiser.slots.tobytes() == wanted.optimiser.slots.tobytes()
    assert got.optimiser.steps == wanted.optimiser.steps


def _network(described: dict[str, Any], classes: list[int]) -> engine.Network:
    names = ("activation", "initialiser")
    return engine.Network(
        hidden_layers=tuple(described["hidden_layers"]),
        classes=tuple(classes),
        features=tuple(described["features"]),
        **{name: described[name] for name in names},
    )


def _mixed(bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return MurmurHash3's 32-bit finaliser of each number."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        bits = np.multiply(bits ^ (bits >> np.uint32(shift)), np.uint32(factor), dtype=np.uint32)
    return bits


def _floats(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), "<f4").copy()
