"""The kernels' own vector functions, over the whole range of float32."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from nnvisu.engine.mathematics import exponential, hyperbolic_tangent, sine_and_cosine
from nnvisu.engine.vector import LANES, load, store

jit: Any = numba.njit
Function = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def over_arrays(function: Any) -> Function:
    """Return a compiled function of arrays whose length is a multiple of `LANES`."""

    @jit  # type: ignore[untyped-decorator]
    def fill(source: NDArray[np.float32], target: NDArray[np.float32]) -> None:
        for at in range(0, len(source), LANES):
            store(target, at, function(load(source, at)))

    def apply(source: NDArray[np.float32]) -> NDArray[np.float32]:
        target = np.empty_like(source)
        fill(source, target)
        return target

    return apply


def errors_ulp(
    function: Function, exact: Callable[..., Any], low: float, high: float
) -> NDArray[np.float64]:
    """Return the errors in ulp at 250,000 float32 between two bounds of equal sign.

    The numbers are evenly spaced in their bits: every power of two has equally many.
    """
    bits = np.array([low, high], np.float32).view(np.int32)
    x = np.linspace(int(bits[0]), int(bits[1]), 2**18).astype(np.int32).view(np.float32)
    expected = exact(x.astype(np.float64))
    spacing = np.spacing(np.abs(expected).astype(np.float32)).astype(np.float64)
    errors: NDArray[np.float64] = (function(x) - expected) / spacing
    return errors


@pytest.mark.parametrize("bounds", [(1e-37, 20.0), (-1e-37, -20.0)])
def test_tanh_is_accurate_to_a_few_ulp(bounds: tuple[float, float]) -> None:
    errors = errors_ulp(over_arrays(hyperbolic_tangent), np.tanh, *bounds)
    assert np.abs(errors).max() < 6


@pytest.mark.parametrize("bounds", [(1e-37, 88.0), (-1e-37, -87.0)])
def test_exp_is_accurate_to_a_few_ulp(bounds: tuple[float, float]) -> None:
    errors = errors_ulp(over_arrays(exponential), np.exp, *bounds)
    assert np.abs(errors).max() < 2


@pytest.mark.parametrize(("place", "exact"), [(0, np.sin), (1, np.cos)])
def test_sine_and_cosine_are_accurate_far_from_zero(place: int, exact: Callable[..., Any]) -> None:
    @jit  # type: ignore[untyped-decorator]
    def one_of_both(x: Any) -> Any:
        return sine_and_cosine(x)[place]

    x = np.linspace(-1000, 1000, 2**18).astype(np.float32)
    error = np.abs(over_arrays(one_of_both)(x) - exact(x.astype(np.float64)))
    assert error.max() < 4e-7


def test_sine_stays_within_its_range() -> None:
    @jit  # type: ignore[untyped-decorator]
    def sine(x: Any) -> Any:
        return sine_and_cosine(x)[0]

    x = np.geomspace(1, 1e38, 2**12).astype(np.float32)
    assert np.abs(over_arrays(sine)(x)).max() <= 1.0000002


def test_infinities_and_nan_propagate() -> None:
    x = np.zeros(LANES, np.float32)
    x[:3] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        tangents, powers = over_arrays(hyperbolic_tangent)(x), over_arrays(exponential)(x)
    np.testing.assert_allclose(tangents[:3], np.array([np.nan, 1, -1], np.float32), rtol=1e-7)
    assert np.isnan(powers[0])
    assert 0 <= powers[2] < 1e-37


def test_tanh_stays_within_its_range() -> None:
    x = np.linspace(-30, 30, 2**16, dtype=np.float32)
    assert np.abs(over_arrays(hyperbolic_tangent)(x)).max() <= 1
