"""Generated points: balanced, seeded, inside the square, and not clipped to its border."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnvisu import engine
from nnvisu.engine.generators import EDGE, SHAPES

distributions = st.sampled_from(sorted(SHAPES))


@settings(max_examples=300, deadline=None)
@given(
    distributions,
    st.integers(1, 1000),
    st.integers(2, 10),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_points_are_balanced_seeded_and_inside_the_square(
    distribution: str, samples: int, classes: int, noise: float, seed: int
) -> None:
    points = engine.generate(distribution, samples, classes, noise, seed)
    kinds = [array.dtype.name for array in (points.x, points.y, points.label)]
    assert kinds == ["float32", "float32", "uint8"]
    assert len(points) == samples
    sizes = np.bincount(points.label, minlength=classes)
    assert len(sizes) == classes
    assert sizes.max() - sizes.min() <= 1
    places = np.abs(np.stack([points.x, points.y]))
    assert places.max() <= EDGE + 1e-6
    assert (places > EDGE - 1e-4).mean() < 0.02 or samples < 100
    again = engine.generate(distribution, samples, classes, noise, seed)
    np.testing.assert_array_equal(points.x, again.x)
    np.testing.assert_array_equal(points.y, again.y)


@pytest.mark.parametrize("distribution", sorted(SHAPES))
def test_another_seed_gives_other_points(distribution: str) -> None:
    one, other = (engine.generate(distribution, 50, 2, 0.1, seed) for seed in (0, 1))
    assert (one.x != other.x).all()


@pytest.mark.parametrize("classes", [2, 3, 5, 8, 10])
@pytest.mark.parametrize("distribution", sorted(SHAPES))
def test_low_noise_separates_the_classes_and_high_noise_mixes_them(
    distribution: str, classes: int
) -> None:
    """Measured by the share of points whose nearest neighbour is of their own class."""

    def purity(noise: float) -> float:
        points = engine.generate(distribution, 100 * classes, classes, noise, 0)
        places = np.stack([points.x, points.y])
        distance = ((places[:, :, None] - places[:, None, :]) ** 2).sum(axis=0)
        np.fill_diagonal(distance, np.inf)
        return float((points.label[distance.argmin(axis=0)] == points.label).mean())

    assert purity(0.0) > 0.97
    assert purity(0.1) > 0.8
    assert purity(1.0) < purity(0.1) - 0.1


@pytest.mark.parametrize("distribution", ["circles", "moons", "xor", "spiral"])
def test_noise_blurs_a_shape_and_leaves_its_size(distribution: str) -> None:
    bare, blurred = (engine.generate(distribution, 1000, 2, noise, 0) for noise in (0, 0.15))
    for name in ("x", "y"):
        sizes = [getattr(points, name).std() for points in (bare, blurred)]
        assert sizes[1] == pytest.approx(sizes[0], rel=0.08)


@pytest.mark.parametrize("distribution", sorted(SHAPES))
def test_points_fill_the_square(distribution: str) -> None:
    points = engine.generate(distribution, 400, 3, 0.1, 0)
    assert np.ptp(points.x) > 1
    assert np.ptp(points.y) > 0.9
