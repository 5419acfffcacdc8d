"""The engine: trains small networks on points of the plane, on NumPy and Numba.

>>> from nnvisu import engine
>>> points = engine.generate("moons", samples=200, classes=2, noise=0.1, seed=0)
>>> network = engine.Network(hidden_layers=(10, 5), classes=(0, 1))
>>> checkpoint = engine.initialise(network, seed=0)
>>> training = engine.Training(network, checkpoint, engine.Hyperparameters(), points)
>>> training.advance(300)
300
>>> engine.evaluate(training.checkpoint(), points).accuracy > 0.97
True
>>> engine.predict(training.checkpoint(), points.x, points.y).shape
(2, 200)
"""

from nnvisu.engine.checkpoint import Checkpoint, Optimiser, initialise
from nnvisu.engine.compilation import cache_problems
from nnvisu.engine.evaluation import Evaluator, Metrics, evaluate, predict
from nnvisu.engine.generators import generate
from nnvisu.engine.hyperparameters import Hyperparameters
from nnvisu.engine.network import Network
from nnvisu.engine.points import Float32Array, Points
from nnvisu.engine.preparation import prepare
from nnvisu.engine.statistics import Inspection, LayerStatistics, inspect
from nnvisu.engine.surfaces import SURFACES, generate_surface
from nnvisu.engine.training import Training, gradient

__all__ = [
    "SURFACES",
    "Checkpoint",
    "Evaluator",
    "Float32Array",
    "Hyperparameters",
    "Inspection",
    "LayerStatistics",
    "Metrics",
    "Network",
    "Optimiser",
    "Points",
    "Training",
    "cache_problems",
    "evaluate",
    "generate",
    "generate_surface",
    "gradient",
    "initialise",
    "inspect",
    "predict",
    "prepare",
]
