"""Keeps the machine code of kernels in files, so that only the first start compiles.

Numba's own cache raises an exception at a damaged file, a full disk or a missing folder. A cache
must never stop the program: here every such event is a problem that is noted, and the kernel is
compiled. A file begins with the SHA-256 digest of the rest, so damage is found before use.

Numba recompiles a kernel when its own file changes, but not when a file of its helpers does. The
folder's name therefore holds a digest of every source file of the engine and of the model: edited
source never meets old machine code.
"""

import hashlib
import os
import pickle
import platform
import stat
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import compiler, config, serialize
from numba.core.caching import NullCache

# Functions of Numba that have no types.
_rebuild: Any = compiler.CompileResult._rebuild
_dumps: Any = serialize.dumps

_PACKAGE = Path(__file__).parent
_SOURCES = (_PACKAGE, _PACKAGE.parent / "model")
"""The source that is compiled."""
_DIGEST_BYTES = hashlib.sha256().digest_size
_ROOT = 0
_WRITABLE_BY_ALL = 0o002


class KernelCache(NullCache):
    """The files of one kernel, in Numba's interface for caches.

    Attributes:
        problems: What went wrong so far, in sentences; empty if nothing did.
    """

    problems: list[str]

    def __init__(self, function: Callable[..., Any]) -> None:
        """Make the cache of a kernel, which is found by its function's name."""
        self.problems = []
        self._name = function.__name__
        self._source = f"{function.__module__}.{function.__qualname__}"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled kernel for a signature, or None if it has to be compiled."""
        target_context.refresh()
        name = self._file_name(sig, target_context)
        for folder in kernel_folders():
            try:
                payload = _read(folder / name)
                return _rebuild(target_context, *pickle.loads(payload))  # noqa: S301 - of a trusted owner
            except (FileNotFoundError, NotADirectoryError):
                continue
            # Whatever a damaged file leads to: the kernel is compiled, and the file replaced.
            except Exception as error:  # noqa: BLE001
                self.problems.append(f"{folder / name} could not be used: {_describe(error)}")
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Write a compiled kernel into the first folder that takes it."""
        content = _dumps(data._reduce())
        name = self._file_name(sig, data.target_context)
        refusals = []
        for folder in kernel_folders():
            try:
                _write(folder, name, hashlib.sha256(content).digest() + content)
            except OSError as error:
                refusals.append(f"{folder} ({_describe(error)})")
            else:
                return
        self.problems.append(f"no folder took the machine code: {', '.join(refusals)}")

    def _file_name(self, sig: Any, target_context: Any) -> str:
        key = (
            *(numba.__version__, platform.python_implementation(), sys.version_info[:2]),
            *(self._source, str(sig), target_context.codegen().magic_tuple()),
        )
        return f"{self._name}-{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}.kernel"


def kernel_folders() -> list[Path]:
    """Return where machine code is looked for, in this order; it is written to the first that can.

    With NUMBA_CACHE_DIR only in that folder, otherwise beside the source and in the user's cache.
    """
    configured = config.CACHE_DIR  # type: ignore[attr-defined]  # set from the environment
    bases = [Path(configured)] if configured else [_PACKAGE / "__pycache__", *_user_caches()]
    return [base / f"nnvisu-{_source_digest()}" for base in bases]


def _read(path: Path) -> bytes:
    """Read a file that this user or the administrator wrote; its content is executed later.

    Raises:
        OSError: It cannot be read; FileNotFoundError if there is none.
        ValueError: It is damaged, or another user could have written it.
    """
    # Of a pipe that someone has put there, opening would wait for a writer.
    with open(path, "rb", opener=_without_waiting) as file:
        if sys.platform != "win32":
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ValueError("it is no regular file")
            if status.st_uid not in {_ROOT, os.geteuid()} or status.st_mode & _WRITABLE_BY_ALL:
                raise ValueError("another user could have written it")
        content = file.read()
    digest, payload = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if hashlib.sha256(payload).digest() != digest:
        raise ValueError("it is damaged")
    return payload


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write a file in one step: other processes find it whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(draft).replace(folder / name)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def _describe(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


@cache
def _source_digest() -> str:
    digest = hashlib.sha256()
    for folder in _SOURCES:
        for source in sorted(folder.glob("*.py")):
            name = f"{folder.name}/{source.name}"
            digest.update(name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _user_caches() -> list[Path]:
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
