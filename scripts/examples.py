"""Write the page's prepared examples: points of every generator at its defaults.

A first visit needs all points of one generator for each task. A thumbnail shows every third
labelled point, so of the other generators with labels only those are written.

``python scripts/examples.py > src/nnvisu/static/examples.json``
"""

import json
import sys
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from nnvisu import engine
from nnvisu.model import choices
from nnvisu.wire import messages

SEED = 7
DECIMALS = 3
"""Three are finer than a pixel, and leave room for machines whose last bits differ."""
WHOLE = {"moons", *engine.SURFACES}
"""The generators of which all points are written."""
EVERY = 3
"""Of the others, one point of this many is written."""


def examples() -> dict[str, Any]:
    """Return the points of every distribution by name: x, y, and the labels or the values."""
    asked = messages.Generate(id=0, distribution="moons")
    points = {}
    for distribution in get_args(choices.Distribution):
        if distribution in engine.SURFACES:
            made = engine.generate_surface(distribution, asked.samples, asked.noise, SEED)
        else:
            made = engine.generate(distribution, asked.samples, asked.classes, asked.noise, SEED)
        shown = slice(None, None, 1 if distribution in WHOLE else EVERY)
        points[distribution] = {
            "x": _rounded(made.x[shown]),
            "y": _rounded(made.y[shown]),
            "label": made.label[shown].tolist() if made.value is None else [],
            "value": [] if made.value is None else _rounded(made.value[shown]),
        }
    return {"seed": SEED, "points": points}


def _rounded(numbers: NDArray[np.float32]) -> list[float]:
    return [round(float(number), DECIMALS) for number in numbers]


if __name__ == "__main__":
    json.dump(examples(), sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")
