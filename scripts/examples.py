"""Remake the page's prepared examples: points of every generator at its defaults.

``python scripts/examples.py > src/nnvisu/static/examples.json``
"""

import json
import sys
from typing import Any, get_args

from nnvisu import engine, protocol

SEED = 7
DECIMALS = 3
"""Three are finer than a pixel, and leave room for machines whose last bits differ."""


def examples() -> dict[str, Any]:
    """Return the points of every distribution, by name."""
    asked = protocol.Generate(id=0, distribution="moons")
    points = {}
    for distribution in get_args(protocol.Distribution):
        made = engine.generate(distribution, asked.samples, asked.classes, asked.noise, SEED)
        points[distribution] = {
            "x": [round(float(x), DECIMALS) for x in made.x],
            "y": [round(float(y), DECIMALS) for y in made.y],
            "label": made.label.tolist(),
        }
    return {"seed": SEED, "points": points}


if __name__ == "__main__":
    json.dump(examples(), sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")
