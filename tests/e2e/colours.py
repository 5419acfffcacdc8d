"""The map's colours, as the design specifies them."""

import numpy as np
from numpy.typing import NDArray

from nnvisu import engine
from tests.e2e.instrument import MapPixels

_CLASSES = "4e79a7 f28e2b e15759 76b7b2 59a14f edc948 b07aa1 ff9da7 9c755f 7f7f7f"
_SHARE = 0.72
"""Of a class's colour in its map colour, in the light theme; the rest is white."""

_RGB = np.array([list(bytes.fromhex(colour)) for colour in _CLASSES.split()], np.float64)
MAP_COLOURS: NDArray[np.float64] = _SHARE * _RGB + (1 - _SHARE) * 255
"""(10, 3): red, green, blue of each label's map colour in the light theme."""

MARKER_PX = 13
"""From a point's middle, in CSS pixels, what lies so far off is map and not marker."""
CONFIDENT = 0.97


def nearest_label(colour: NDArray[np.uint8], classes: tuple[int, ...]) -> int:
    """Return the label with the nearest map colour."""
    distances = np.abs(MAP_COLOURS[list(classes)] - colour).sum(axis=1)
    return classes[int(np.argmin(distances))]


def mixture(checkpoint: engine.Checkpoint, x: float, y: float) -> NDArray[np.float64]:
    """Return the expected map colour: the class colours mixed by their probabilities."""
    at = (np.array([x], np.float32), np.array([y], np.float32))
    probabilities = engine.predict(checkpoint, *at)[:, 0]
    colours: NDArray[np.float64] = MAP_COLOURS[list(checkpoint.network.classes)]
    return probabilities @ colours


def around(points: engine.Points, pixels: MapPixels) -> list[tuple[float, float, int]]:
    """Return positions (x, y, index) near the points that no marker covers."""
    away = MARKER_PX * pixels.pixel
    places = []
    directions = [(np.cos(angle), np.sin(angle)) for angle in np.arange(8) * np.pi / 4]
    for index in range(len(points)):
        for dx, dy in directions:
            x, y = float(points.x[index] + away * dx), float(points.y[index] + away * dy)
            clear = np.hypot(points.x - x, points.y - y).min() >= 0.99 * away
            if clear and max(abs(x), abs(y)) < 1 - away:
                places.append((x, y, index))
    return places


def is_sure_around(checkpoint: engine.Checkpoint, x: float, y: float, reach: float) -> bool:
    """Return whether the network predicts one class with high probability around a position."""
    steps = np.array([-reach, 0, reach], np.float32)
    xs, ys = (grid.ravel() for grid in np.meshgrid(steps + np.float32(x), steps + np.float32(y)))
    probabilities = engine.predict(checkpoint, xs, ys)
    return bool((probabilities.max(axis=0) >= CONFIDENT).all()) and (
        len(set(probabilities.argmax(axis=0).tolist())) == 1
    )


def mismatches(
    checkpoint: engine.Checkpoint, points: engine.Points, pixels: MapPixels
) -> tuple[int, list[str]]:
    """Return the number of positions checked near points, and a description of each mismatch."""
    looked, wrong = 0, []
    for x, y, index in around(points, pixels):
        label = int(points.label[index])
        if not is_sure_around(checkpoint, x, y, 6 * pixels.pixel):
            continue
        looked += 1
        colour = pixels.at(x, y)
        wanted = mixture(checkpoint, x, y)
        if np.abs(colour - wanted).max() > 16:
            wrong.append(f"{colour} beside a {label} at ({x:.2f}, {y:.2f}), not {wanted.round()}")
    return looked, wrong
