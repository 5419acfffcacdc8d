"""The layout of the parameters (model/layout.py), compiled for the kernels."""

from nnvisu.engine.compilation import helper
from nnvisu.model import layout

biases_at = helper(layout.biases_at)
layer_stop = helper(layout.layer_stop)
