"""JAX in float64, compiled, with optax's optimisers, schedules and clipping."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from tests.unit.engine.oracle.network import Array, is_weight, layers
from tests.unit.engine.oracle.problem import Problem, Run

jax.config.update("jax_enable_x64", True)

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": partial(jax.nn.leaky_relu, negative_slope=0.01),
    "gelu": partial(jax.nn.gelu, approximate=True),
    "sigmoid": jax.nn.sigmoid,
    "silu": jax.nn.silu,
    "sine": jnp.sin,
    "linear": lambda z: z,
}
OPTIMISERS: dict[str, Callable[[], Any]] = {
    "sgd": optax.identity,
    "momentum": partial(optax.trace, decay=0.9),
    "nesterov": partial(optax.trace, decay=0.9, nesterov=True),
    "rmsprop": partial(optax.scale_by_rms, decay=0.99, eps=1e-8, eps_in_sqrt=False),
    "adam": optax.scale_by_adam,
    "adamw": optax.scale_by_adam,
}


def gradient(problem: Problem) -> Array:
    """Return the gradient of the loss with its penalties, (P,)."""
    return np.asarray(_gradient(problem.sizes, problem.activation, *_arrays(problem)))


def train(problem: Problem, run: Run) -> Array:
    """Return the parameters at the end, (P,)."""
    rates = run.learning_rate * np.array([_share(run)(step) for step in range(run.steps)])
    limit = np.inf if run.clip_norm is None else run.clip_norm
    decay = run.weight_decay if run.optimiser == "adamw" else 0.0
    names = (problem.sizes, problem.activation, run.optimiser)
    return np.asarray(_train(*names, *_arrays(problem), rates, limit, decay))


def _share(run: Run) -> Callable[[int], float]:
    """Return the schedule: from the step to a share of the learning rate."""
    schedule: Any = {
        "constant": optax.constant_schedule(1.0),
        "step": optax.exponential_decay(1.0, run.period, run.factor, staircase=True),
        "cosine": optax.cosine_decay_schedule(1.0, run.period),
        "warm_up": optax.linear_schedule(1 / run.period, 1.0, run.period - 1),
    }[run.schedule]
    return lambda step: float(schedule(step))


def _arrays(problem: Problem) -> tuple[Any, ...]:
    return problem.parameters, problem.inputs, problem.targets, problem.l1, problem.l2


def _objective(
    sizes: tuple[int, ...],
    activation: str,
    parameters: Any,
    inputs: Any,
    targets: Any,
    l1: float,
    l2: float,
) -> Any:
    *hidden, (weights, biases) = layers(sizes, parameters)
    values = inputs.T
    for w, b in hidden:
        values = ACTIVATIONS[activation](values @ w.T + b)
    outputs = values @ weights.T + biases
    if jnp.issubdtype(targets.dtype, jnp.integer):
        loss = optax.softmax_cross_entropy_with_integer_labels(outputs, targets).mean()
    else:
        loss = optax.squared_error(outputs[:, 0], targets).mean()
    penalised = parameters[is_weight(sizes)]
    return loss + l1 * jnp.abs(penalised).sum() + l2 / 2 * (penalised**2).sum()


_gradient: Any = jax.jit(jax.grad(_objective, argnums=2), static_argnums=(0, 1))


@partial(jax.jit, static_argnums=(0, 1, 2))
def _train(
    sizes: tuple[int, ...],
    activation: str,
    optimiser: str,
    start: Any,
    inputs: Any,
    targets: Any,
    l1: float,
    l2: float,
    rates: Any,
    limit: float,
    decay: float,
) -> Any:
    transform = optax.chain(
        optax.clip_by_global_norm(limit),
        OPTIMISERS[optimiser](),
        optax.add_decayed_weights(decay * is_weight(sizes)),
    )

    def step(state: Any, rate: Any) -> Any:
        parameters, slots = state
        slope = _gradient(sizes, activation, parameters, inputs, targets, l1, l2)
        change, slots = transform.update(slope, slots, parameters)
        return (parameters - rate * change, slots), None

    (end, _), _ = jax.lax.scan(step, (start, transform.init(start)), rates)
    return end
