"""Measure the errors of the engine's own functions, over all float32 except tiny ones.

    python scripts/accuracy.py [--every N]

Prints the table of docs/numerics.md, in some minutes; ``--every 101`` takes only every 101st
number, in some seconds.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from nnvisu.engine.activations import GELU, GELU_CUBIC, GELU_SCALE, SIGMOID, SILU, activate
from nnvisu.engine.mathematics import exponential, hyperbolic_tangent, sine_and_cosine
from nnvisu.engine.vector import LANES, load, store

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Exact = Callable[[Float64Array], Float64Array]

CHUNK = 2**18
TINY = 2.0**-14
"""Below, every function here is a straight line, within the errors that are counted."""
jit: Any = numba.njit


@jit  # type: ignore[untyped-decorator]
def fill(which: int, source: Any, first: Any, second: Any) -> None:
    """Fill ``first`` with tanh, e^x, the sine and cosine, or an activation with its derivative."""
    if which >= 0:
        first[:] = source
        activate(which, first, second, 0, len(source))
        return
    for at in range(0, len(source), LANES):
        x = load(source, at)
        if which == TANH:
            store(first, at, hyperbolic_tangent(x))
        elif which == EXP:
            store(first, at, exponential(x))
        else:
            sine, cosine = sine_and_cosine(x)
            store(first, at, sine)
            store(second, at, cosine)


TANH, EXP, SINE = -1, -2, -3


def chunks(low: float, high: float, every: int) -> Iterator[Float32Array]:
    """Yield every n-th float32 between two bounds of equal sign, in whole vectors."""
    first, last = (int(np.float32(bound).view(np.int32)) for bound in (low, high))
    for start in range(first, last + 1, CHUNK * every):
        bits = np.arange(start, min(start + CHUNK * every, last + 1), every)
        yield np.resize(bits, -(-len(bits) // LANES) * LANES).astype(np.int32).view(np.float32)


@dataclass(frozen=True)
class Case:
    """Functions that are computed together, over some ranges.

    ``unit`` returns the unit of errors, from the argument and the exact result.
    """

    names: tuple[str, ...]
    which: int
    exact: tuple[Exact, ...]
    ranges: list[tuple[float, float]]
    unit: Callable[[Float64Array, Float64Array], Float64Array]


class Errors:
    """The largest error so far, its argument, and the mean error."""

    def __init__(self) -> None:
        self.largest, self.place, self.total, self.count = 0.0, 0.0, 0.0, 0

    def add(self, x: Float32Array, errors: Float64Array) -> None:
        """Add the errors at these arguments."""
        worst = int(errors.argmax())
        if errors[worst] > self.largest:
            self.largest, self.place = float(errors[worst]), float(x[worst])
        self.total += float(errors.sum())
        self.count += len(errors)


def ulp(_: Float64Array, expected: Float64Array) -> Float64Array:
    """Return the distance from the expected float32 to the next."""
    return np.spacing(np.abs(expected).astype(np.float32)).astype(np.float64)


def one(x: Float64Array, _: Float64Array) -> Float64Array:
    """Return 1: errors are absolute."""
    return np.ones_like(x)


def size(x: Float64Array, _: Float64Array) -> Float64Array:
    """Return max(1, |x|): errors are relative to large |x|."""
    return np.maximum(np.abs(x), 1)


def measure(case: Case, every: int) -> list[Errors]:
    """Return the errors of each function."""
    found = [Errors() for _ in case.exact]
    for bounds in case.ranges:
        for x in chunks(*bounds, every):
            results = np.empty_like(x), np.empty_like(x)
            fill(case.which, x, *results)
            wide = x.astype(np.float64)
            for errors, result, exact in zip(found, results, case.exact, strict=False):
                expected = exact(wide)
                errors.add(x, np.abs(result - expected) / case.unit(wide, expected))
    return found


def sigmoid(z: Float64Array) -> Float64Array:
    """Return the logistic function."""
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


def sigmoid_slope(z: Float64Array) -> Float64Array:
    """Return its derivative."""
    return sigmoid(z) * sigmoid(-z)


def silu(z: Float64Array) -> Float64Array:
    """Return SiLU, x times sigmoid(x)."""
    return z * sigmoid(z)


def silu_slope(z: Float64Array) -> Float64Array:
    """Return its derivative."""
    return sigmoid(z) + z * sigmoid_slope(z)


def gelu(z: Float64Array) -> Float64Array:
    """Return GELU in its tanh form, which equals a SiLU of another argument."""
    return z * sigmoid(2 * GELU_SCALE * (z + GELU_CUBIC * z**3))


def gelu_slope(z: Float64Array) -> Float64Array:
    """Return its derivative."""
    inner = 2 * GELU_SCALE * (z + GELU_CUBIC * z**3)
    rate = 2 * GELU_SCALE * (1 + 3 * GELU_CUBIC * z**2)
    return sigmoid(inner) + z * rate * sigmoid_slope(inner)


def both(limit: float) -> list[tuple[float, float]]:
    """Return the range from -limit to limit, without tiny numbers."""
    return [(TINY, limit), (-TINY, -limit)]


CASES = [
    Case(("tanh",), TANH, (np.tanh,), both(30), ulp),
    Case(("exp",), EXP, (np.exp,), [both(88)[0], both(87)[1]], ulp),
    Case(("sin", "cos"), SINE, (np.sin, np.cos), both(1000), one),
    Case(("sigmoid", "its derivative"), SIGMOID, (sigmoid, sigmoid_slope), both(30), one),
    Case(("SiLU", "its derivative"), SILU, (silu, silu_slope), both(30), size),
    Case(("GELU", "its derivative"), GELU, (gelu, gelu_slope), both(30), size),
]
UNITS = {ulp: "ulp", one: "absolute", size: "relative to x, absolute up to 1"}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="take every n-th number")
    every = parser.parse_args().every
    print("| function | range | largest error | at | mean error | in |")
    print("|---|---|---|---|---|---|")
    for case in CASES:
        (_, high), (_, low) = case.ranges
        for name, errors in zip(case.names, measure(case, every), strict=True):
            mean = errors.total / errors.count
            print(
                f"| {name} | {low:g} to {high:g} | {errors.largest:.2g} | {errors.place:.4g} "
                f"| {mean:.2g} | {UNITS[case.unit]} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
