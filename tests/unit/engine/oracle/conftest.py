"""Collects the comparisons with PyTorch and JAX only if they are installed (extra ``oracle``)."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") or find_spec("optax") else ["test_peers.py"]
