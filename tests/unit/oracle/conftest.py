"""The comparison with PyTorch is collected where PyTorch is installed: extra ``oracle``."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["test_engine_torch.py"]
