"""Random labelled points in the square [-1, 1] x [-1, 1].

Every distribution is a base shape plus normal noise, truncated at `REACH` standard deviations. The
shape has the same size whatever the noise; a point that strays beyond the edge is reflected there.
So noise blurs a shape, no point is clipped or drawn again, and the work is the same for all input.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine.points import Points
from nnvisu.engine.random_numbers import Purpose, normal, uniform
from nnvisu.engine.real_functions import sine_and_cosine

EDGE = 0.96
"""The largest coordinate there can be."""
SIZE = 0.88
"""That of a shape without noise, at most."""

Float64Array = NDArray[np.float64]


class Draw(NamedTuple):
    """The random numbers that a shape is made from; arrays have one element for each point."""

    label: NDArray[np.intp]
    classes: int
    along: Float64Array
    """Evenly spaced, jittered places along a class's curve, in (0, 1)."""
    across: Float64Array
    """Uniform random numbers in (0, 1)."""
    noise: float
    """The requested level, 0 to 1."""
    turn: float
    """The rotation of the whole figure, 0 to 2 pi."""


class Shape(NamedTuple):
    """Base places (2, n), and the matrices that scale the standard normal noise (2, n)."""

    base: Float64Array
    spread: Float64Array
    """(2, 2, n), or (2, 2, 1): a matrix for each point, or one for all."""


def generate(distribution: str, samples: int, classes: int, noise: float, seed: int) -> Points:
    """Draw ``samples`` points. The sizes of the classes differ by at most one.

    ``distribution``: one of `SHAPES`; ``classes`` from 2 to 10, with labels from 0; ``noise`` from
    0 (the bare shape) to 1 (hardly distinguishable).
    """
    number = np.arange(samples)
    label = number % classes
    place = number // classes
    size = (samples - label + classes - 1) // classes
    counter = number.astype(np.uint32)
    jitter, turn = uniform(seed, Purpose.GENERATE, counter, np.full_like(counter, 0))
    radius, angle = uniform(seed, Purpose.GENERATE, counter, np.full_like(counter, 1))
    across, _ = uniform(seed, Purpose.GENERATE, counter, np.full_like(counter, 2))
    along = (place + jitter) / size
    draw = Draw(label, classes, along, across, noise, 2 * np.pi * float(turn[0]))
    shape = SHAPES[distribution](draw)
    offset = (shape.spread * normal(radius, angle)).sum(axis=1)
    scale = SIZE / max(1.0, float(np.abs(shape.base).max()))
    x, y = _reflected(scale * (shape.base + offset)).astype(np.float32)
    return Points(x, y, label.astype(np.uint8))


def _reflected(places: Float64Array) -> Float64Array:
    """Reflect coordinates beyond the edges at them, as often as it takes."""
    there_and_back = (places + EDGE) % (4 * EDGE)
    folded: Float64Array = EDGE - np.abs(there_and_back - 2 * EDGE)
    return folded


def _sine(angle: float) -> float:
    return float(sine_and_cosine(angle)[0])


def _on_circle(angle: Float64Array) -> Float64Array:
    """Return the places (2, n) on the unit circle at these angles."""
    return np.stack(sine_and_cosine(angle)[::-1])


def _round(deviation: float | Float64Array) -> Float64Array:
    """Return the spread of isotropic noise."""
    identity: Float64Array = np.eye(2)[:, :, None]
    return np.multiply(identity, deviation)


def _circles(draw: Draw) -> Shape:
    """Concentric rings, class 0 innermost."""
    angle = 2 * np.pi * draw.along + draw.turn
    radius = (draw.label + 1) / draw.classes
    base = radius * _on_circle(angle)
    return Shape(base, _round(1.2 * draw.noise / draw.classes))


def _moons(draw: Draw) -> Shape:
    """Draw a chain of interlocking half circles."""
    # Above 1; otherwise the half circles of every second class touch.
    step = 1.15
    flip = np.where(draw.label % 2 == 0, 1.0, -1.0)
    angle = np.pi * draw.along
    sine, cosine = sine_and_cosine(angle)
    x = cosine + step * (draw.label - (draw.classes - 1) / 2)
    y = flip * (sine - 0.25)
    half_width = 1 + step * (draw.classes - 1) / 2
    base = np.stack([x / half_width, y * 0.65 / 0.75])
    return Shape(base, _round(1.1 * draw.noise / half_width))


def _centres(draw: Draw) -> Float64Array:
    """Return the centre of each point's class, (2, n); the centres lie on a circle."""
    angle = 2 * np.pi * draw.label / draw.classes + draw.turn
    return 0.65 * _on_circle(angle)


def _deviation(draw: Draw) -> float:
    """Return the standard deviation of blobs, from the distance between their centres."""
    return 1.3 * _sine(np.pi / draw.classes) * (0.05 + draw.noise)


def _blobs(draw: Draw) -> Shape:
    """Round clusters of one size."""
    return Shape(_centres(draw), _round(_deviation(draw)))


def _anisotropic(draw: Draw) -> Shape:
    """Clusters that are all stretched in one direction."""
    sine, cosine = sine_and_cosine(draw.turn + np.pi / 3)
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    stretch = rotation @ np.diag([1.8, 0.35]) * _deviation(draw)
    return Shape(_centres(draw), stretch[:, :, None])


def _varied(draw: Draw) -> Shape:
    """Round clusters of different sizes."""
    factor = np.array([1.0, 1.8, 0.4])[draw.label % 3]
    return Shape(_centres(draw), _round(_deviation(draw) * factor))


def _xor(draw: Draw) -> Shape:
    """Draw alternating sectors, two for each class: for two classes the quadrants."""
    second = draw.along > 0.5
    bisector = np.pi / draw.classes * (draw.label + draw.classes * second + 0.5)
    # Each sector has half of a class's points; spread them over all of it.
    radius = np.sqrt(2 * draw.along - second)
    angle = bisector + np.pi / draw.classes * (draw.across - 0.5)
    gap = 0.1 / _sine(np.pi / draw.classes / 2)
    base = radius * _on_circle(angle)
    base += gap * _on_circle(bisector)
    return Shape(base, _round(1.1 * draw.noise / draw.classes**0.75))


def _gauss(draw: Draw) -> Shape:
    """Draw wide round clusters; two of them lie on the diagonal."""
    centres = _centres(draw._replace(turn=np.pi / 4))
    deviation = 1.3 * _sine(np.pi / draw.classes) * (0.1 + 0.8 * draw.noise)
    return Shape(centres, _round(deviation))


def _spiral(draw: Draw) -> Shape:
    """Draw spiral arms; the fewer the arms, the more turns they make."""
    way = np.sqrt(draw.along)
    angle = 2 * np.pi * (3.5 * way + draw.label) / draw.classes + draw.turn
    base = (0.08 + 0.92 * way) * _on_circle(angle)
    return Shape(base, _round(0.25 * draw.noise))


SHAPES: dict[str, Callable[[Draw], Shape]] = {
    "circles": _circles,
    "moons": _moons,
    "blobs": _blobs,
    "anisotropic": _anisotropic,
    "varied": _varied,
    "xor": _xor,
    "gauss": _gauss,
    "spiral": _spiral,
}
