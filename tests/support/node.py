"""Where Node is, for tests that run the page's modules without a browser."""

import shutil
import sys
from pathlib import Path


def node() -> str:
    """Return the path of Node, that of the virtual environment first."""
    program = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    assert program is not None, "Please run `make test` once: it installs Node into .venv."
    return program
