"""The compute threads, and how they are shared fairly among clients."""
