"""The optimisers in float64, each as in its original paper or lecture."""

from collections.abc import Callable

import numpy as np

from tests.unit.engine.oracle.network import Array

Step = Callable[[Array, Array], Array]
"""From parameters and their gradient to the next parameters."""


def sgd(learning_rate: float) -> Step:
    """Steepest descent."""
    return lambda parameters, gradient: parameters - learning_rate * gradient


def momentum(learning_rate: float) -> Step:
    """Momentum (heavy ball) with coefficient 0.9."""
    velocity = np.zeros(1)

    def step(parameters: Array, gradient: Array) -> Array:
        nonlocal velocity
        velocity = 0.9 * velocity + gradient
        return parameters - learning_rate * velocity

    return step


def nesterov(learning_rate: float) -> Step:
    """Nesterov's momentum: the gradient is evaluated at the lookahead position."""
    velocity = np.zeros(1)

    def step(parameters: Array, gradient: Array) -> Array:
        nonlocal velocity
        velocity = 0.9 * velocity + gradient
        return parameters - learning_rate * (gradient + 0.9 * velocity)

    return step


def rmsprop(learning_rate: float) -> Step:
    """Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning", 2012."""
    square = np.zeros(1)

    def step(parameters: Array, gradient: Array) -> Array:
        nonlocal square
        square = 0.99 * square + 0.01 * gradient**2
        return parameters - learning_rate * gradient / (np.sqrt(square) + 1e-8)

    return step


def adam(learning_rate: float) -> Step:
    """Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1."""
    first, second, t = np.zeros(1), np.zeros(1), 0

    def step(parameters: Array, gradient: Array) -> Array:
        nonlocal first, second, t
        t += 1
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        unbiased = first / (1 - 0.9**t), second / (1 - 0.999**t)
        return parameters - learning_rate * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)

    return step


OPTIMISERS = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adam,
}
