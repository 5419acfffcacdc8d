"""Gradients and two hundred steps of every optimiser, against PyTorch in float64."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nnvisu import engine
from tests.unit.engine_cases import (
    ACTIVATIONS,
    DEPTHS,
    OPTIMISERS,
    draw_checkpoint,
    engine_gradient,
    in_float64,
)
from tests.unit.oracle.network import Array
from tests.unit.test_engine_optimisers import LEARNING_RATES, STEPS


class Sine(torch.nn.Module):
    """The one activation that PyTorch has no module for."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.sin(z)


# One thread is faster for so little, and does not wait for a busy machine's other cores.
torch.set_num_threads(1)

FUNCTIONS = {
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "leaky_relu": lambda: torch.nn.LeakyReLU(0.01),
    "gelu": lambda: torch.nn.GELU(approximate="tanh"),
    "sigmoid": torch.nn.Sigmoid,
    "silu": torch.nn.SiLU,
    "sine": Sine,
    "linear": torch.nn.Identity,
}
CLASSES = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
L2 = 0.01


def module_of(checkpoint: engine.Checkpoint) -> torch.nn.Sequential:
    """Return the same network with the same parameters."""
    network = checkpoint.network
    module = torch.nn.Sequential()
    for inputs, outputs in zip(network.sizes, network.sizes[1:], strict=False):
        module.append(torch.nn.Linear(inputs, outputs, dtype=torch.float64))
        module.append(FUNCTIONS[network.activation]())
    del module[-1]
    parameters = torch.from_numpy(checkpoint.parameters.astype(np.float64))
    torch.nn.utils.vector_to_parameters(parameters, module.parameters())
    return module


def objective(
    module: torch.nn.Sequential, inputs: Array, targets: NDArray[np.intp]
) -> torch.Tensor:
    logits = module(torch.from_numpy(inputs.T))
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(targets))
    weights = [p for p in module.parameters() if p.ndim == 2]
    return loss + L2 / 2 * sum((w**2).sum() for w in weights)


def flat(tensors: list[torch.Tensor]) -> Array:
    joined: Array = torch.cat([tensor.detach().reshape(-1) for tensor in tensors]).numpy()
    return joined


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_gradients_are_pytorch_s(hidden_layers: tuple[int, ...], activation: str) -> None:
    network = engine.Network(hidden_layers, (0, 1, 2), activation)
    checkpoint = draw_checkpoint(network, seed=1)
    points = engine.generate("blobs", 300, 3, 0.3, seed=4)
    module = module_of(checkpoint)
    objective(module, *in_float64(network, points)).backward()
    expected = flat([p.grad for p in module.parameters()])
    actual = engine_gradient(checkpoint, points, L2)
    assert np.linalg.norm(actual - expected) < 1e-4 * np.linalg.norm(expected)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_two_hundred_steps_end_where_pytorch_s_do(
    hidden_layers: tuple[int, ...], optimiser: str
) -> None:
    network = engine.Network(hidden_layers, (0, 1, 2))
    start = draw_checkpoint(network, 2, optimiser)
    points = engine.generate("blobs", 301, 3, 0.3, seed=4)
    rate = LEARNING_RATES[optimiser]
    training = engine.Training(
        network, start, engine.Hyperparameters(optimiser, rate, l2=L2), points
    )
    training.advance(STEPS)

    module = module_of(start)
    stepper = CLASSES[optimiser](module.parameters(), lr=rate)
    for _ in range(STEPS):
        stepper.zero_grad()
        objective(module, *in_float64(network, points)).backward()
        stepper.step()
    expected = flat(list(module.parameters()))
    moved = np.linalg.norm(expected - start.parameters)
    assert np.linalg.norm(training.checkpoint().parameters - expected) < 1e-3 * moved
