"""Gradients and two hundred steps of every optimiser, against PyTorch in float64."""

from functools import partial

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nnvisu import engine
from tests.unit.engine_cases import (
    ACTIVATIONS,
    DEPTHS,
    draw_checkpoint,
    engine_gradient,
    in_float64,
)
from tests.unit.oracle import network as oracle
from tests.unit.oracle.network import Array
from tests.unit.test_engine_optimisers import STEPS, hyperparameters_of

# One thread is faster for so little, and does not wait for a busy machine's other cores.
torch.set_num_threads(1)

functional = torch.nn.functional
FUNCTIONS = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: functional.leaky_relu(z, 0.01),
    "gelu": lambda z: functional.gelu(z, approximate="tanh"),
    "sigmoid": torch.sigmoid,
    "silu": functional.silu,
    "sine": torch.sin,
    "linear": lambda z: z,
}
OPTIMISERS = {
    "sgd": torch.optim.SGD,
    "momentum": partial(torch.optim.SGD, momentum=0.9),
    "nesterov": partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
Layers = list[tuple[torch.Tensor, torch.Tensor]]


def layers_of(checkpoint: engine.Checkpoint) -> Layers:
    """Return each layer's W and b, to be trained."""
    return [
        (torch.tensor(weights, requires_grad=True), torch.tensor(biases, requires_grad=True))
        for weights, biases in oracle.layers(
            checkpoint.network.sizes, checkpoint.parameters.astype(np.float64)
        )
    ]


def objective(
    layers: Layers,
    activation: str,
    inputs: Array,
    targets: NDArray[np.intp],
    l1: float = 0.0,
    l2: float = 0.0,
) -> torch.Tensor:
    values = torch.from_numpy(inputs.T)
    for weights, biases in layers[:-1]:
        values = FUNCTIONS[activation](functional.linear(values, weights, biases))
    loss = functional.cross_entropy(
        functional.linear(values, *layers[-1]), torch.from_numpy(targets)
    )
    for weights, _ in layers:
        loss = loss + l1 * weights.abs().sum() + l2 / 2 * (weights**2).sum()
    return loss


def flat(tensors: list[torch.Tensor]) -> Array:
    joined: Array = torch.cat([tensor.detach().reshape(-1) for tensor in tensors]).numpy()
    return joined


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_gradients_are_pytorch_s(hidden_layers: tuple[int, ...], activation: str) -> None:
    network = engine.Network(hidden_layers, (0, 1, 2), activation)
    checkpoint = draw_checkpoint(network, seed=1)
    points = engine.generate("blobs", 300, 3, 0.3, seed=4)
    layers = layers_of(checkpoint)
    objective(layers, activation, *in_float64(network, points), l2=0.01).backward()
    expected = flat([parameter.grad for layer in layers for parameter in layer])
    actual = engine_gradient(checkpoint, points, l2=0.01)
    assert np.linalg.norm(actual - expected) < 1e-4 * np.linalg.norm(expected)


@pytest.mark.parametrize("regulariser", ["none", "l1", "l2", "clip_norm"])
@pytest.mark.parametrize("optimiser", sorted(OPTIMISERS))
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_two_hundred_steps_end_where_pytorch_s_do(
    hidden_layers: tuple[int, ...], optimiser: str, regulariser: str
) -> None:
    hyperparameters = hyperparameters_of(optimiser, regulariser)
    network = engine.Network(hidden_layers, (0, 1, 2))
    start = draw_checkpoint(network, 2, hyperparameters.optimiser)
    points = engine.generate("blobs", 61, 3, 0.3, seed=4)
    training = engine.Training(network, start, hyperparameters, points)
    training.advance(STEPS)

    layers = layers_of(start)
    parameters = [parameter for layer in layers for parameter in layer]
    # The engine leaves biases out of every decay.
    decay = {"weight_decay": hyperparameters.weight_decay}
    groups = [
        {"params": [weights for weights, _ in layers], **(decay if optimiser == "adamw" else {})},
        {"params": [biases for _, biases in layers], "weight_decay": 0.0},
    ]
    stepper = OPTIMISERS[optimiser](groups, lr=hyperparameters.learning_rate)
    for _ in range(STEPS):
        stepper.zero_grad()
        objective(
            layers,
            "tanh",
            *in_float64(network, points),
            l1=hyperparameters.l1,
            l2=hyperparameters.l2,
        ).backward()
        if hyperparameters.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters, hyperparameters.clip_norm)
        stepper.step()
    expected = flat(parameters)
    moved = np.linalg.norm(expected - start.parameters)
    assert np.linalg.norm(training.checkpoint().parameters - expected) < 1e-3 * moved
