"""PyTorch in float64, eager, with its own optimisers, schedules and clipping."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from tests.unit.engine.oracle.network import Array, layers
from tests.unit.engine.oracle.problem import Problem, Run

# One thread is faster for small networks, and does not wait for busy cores.
torch.set_num_threads(1)

functional = torch.nn.functional
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": partial(functional.leaky_relu, negative_slope=0.01),
    "gelu": partial(functional.gelu, approximate="tanh"),
    "sigmoid": torch.sigmoid,
    "silu": functional.silu,
    "sine": torch.sin,
    "linear": lambda z: z,
}
OPTIMISERS: dict[str, Callable[..., Any]] = {
    "sgd": torch.optim.SGD,
    "momentum": partial(torch.optim.SGD, momentum=0.9),
    "nesterov": partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
Layers = list[tuple[Any, Any]]


def gradient(problem: Problem) -> Array:
    """Return the gradient of the loss with its penalties, (P,)."""
    trained = _layers(problem)
    _objective(problem, trained).backward()
    return _flat([parameter.grad for layer in trained for parameter in layer])


def train(problem: Problem, run: Run) -> Array:
    """Return the parameters at the end, (P,)."""
    trained = _layers(problem)
    parameters = [parameter for layer in trained for parameter in layer]
    # The engine decays weights only, not biases.
    decay = {"weight_decay": run.weight_decay} if run.optimiser == "adamw" else {}
    groups = [
        {"params": [weights for weights, _ in trained], **decay},
        {"params": [biases for _, biases in trained], "weight_decay": 0.0},
    ]
    optimiser = OPTIMISERS[run.optimiser](groups, lr=run.learning_rate)
    schedule = _schedule(optimiser, run)
    for _ in range(run.steps):
        optimiser.zero_grad()
        _objective(problem, trained).backward()
        if run.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters, run.clip_norm)
        optimiser.step()
        schedule.step()
    return _flat(parameters)


def _schedule(optimiser: Any, run: Run) -> Any:
    schedules = torch.optim.lr_scheduler
    match run.schedule:
        case "step":
            return schedules.StepLR(optimiser, run.period, run.factor)
        case "cosine":
            return schedules.CosineAnnealingLR(optimiser, run.period)
        case "warm_up":
            return schedules.LinearLR(optimiser, 1 / run.period, 1.0, run.period - 1)
    return schedules.ConstantLR(optimiser, 1.0)


def _layers(problem: Problem) -> Layers:
    """Return each layer's W and b as trainable tensors."""
    return [
        (torch.tensor(weights, requires_grad=True), torch.tensor(biases, requires_grad=True))
        for weights, biases in layers(problem.sizes, problem.parameters)
    ]


def _objective(problem: Problem, trained: Layers) -> Any:
    values = torch.from_numpy(problem.inputs.T)
    for weights, biases in trained[:-1]:
        values = ACTIVATIONS[problem.activation](functional.linear(values, weights, biases))
    outputs = functional.linear(values, *trained[-1])
    targets = torch.from_numpy(problem.targets)
    if np.issubdtype(problem.targets.dtype, np.integer):
        loss = functional.cross_entropy(outputs, targets)
    else:
        loss = functional.mse_loss(outputs[:, 0], targets)
    for weights, _ in trained:
        loss = loss + problem.l1 * weights.abs().sum() + problem.l2 / 2 * (weights**2).sum()
    return loss


def _flat(tensors: list[Any]) -> Array:
    joined: Array = torch.cat([tensor.detach().reshape(-1) for tensor in tensors]).numpy()
    return joined
