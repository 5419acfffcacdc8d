"""Chooses the folder in which Numba caches compiled kernels: writable, and for this source alone.

Numba recompiles a kernel when its own file changes, but not when a file of its helpers does. The
folder's name therefore holds a digest of every source file of the engine and of the model: edited
source never meets old machine code. Numba raises while importing when it finds no writable
folder, so one is chosen before.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numba.core import config

_config: Any = config
_PACKAGE = Path(__file__).parent
_FOLDERS = (_PACKAGE, _PACKAGE.parent / "model")
"""The source that is compiled."""


@contextmanager
def kernel_cache() -> Iterator[None]:
    """Cache the kernels declared in this block. Numba's own setting is restored at its end."""
    before = _config.CACHE_DIR
    _config.CACHE_DIR = str(_folder(before))
    try:
        yield
    finally:
        _config.CACHE_DIR = before


def _folder(configured: str) -> Path:
    name = f"nnvisu-{_source_digest()}"
    bases = [Path(configured)] if configured else [_PACKAGE / "__pycache__", *_user()]
    for base in bases:
        if _is_writable(base / name):
            return base / name
    # The name must be unpredictable: files in this folder are executed as machine code.
    return Path(tempfile.mkdtemp(prefix="nnvisu-"))


def _source_digest() -> str:
    digest = hashlib.sha256()
    for folder in _FOLDERS:
        for source in sorted(folder.glob("*.py")):
            name = f"{folder.name}/{source.name}"
            digest.update(name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _user() -> list[Path]:
    """Return the cache folder that the system has for each user; none without a home."""
    try:
        home = Path.home()
    except RuntimeError:
        return []
    if sys.platform == "win32":
        return [Path(os.environ.get("LOCALAPPDATA", home)) / "nnvisu"]
    if sys.platform == "darwin":
        return [home / "Library" / "Caches" / "nnvisu"]
    return [Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "nnvisu"]


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
