"""nnvisu: watch a neural network learn, in the browser."""

__version__ = "0.1.0"
