"""The cache of compiled kernels: a writable folder specific to this version of the source."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nnvisu

FOLDER = (
    "from nnvisu.engine import kernels; print(kernels.train._cache.cache_path)"  # Numba's attribute
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a copy of the package, without compiled kernels."""
    package = Path(nnvisu.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(package, tmp_path / "source" / "nnvisu", ignore=ignored)
    return tmp_path / "source"


def cache_folder(source: Path, **environment: str) -> Path:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    result = subprocess.run(
        [sys.executable, "-c", FOLDER],
        env=kept | {"PYTHONPATH": str(source)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(result.stdout.strip())


def test_the_cache_folder_is_in_the_package_and_depends_on_all_its_files(source: Path) -> None:
    engine = source / "nnvisu" / "engine"
    first = cache_folder(source)
    assert first.is_relative_to(engine / "__pycache__")
    assert cache_folder(source) == first
    for edited in (engine / "mathematics.py", source / "nnvisu" / "model" / "layout.py"):
        edited.write_text(edited.read_text() + "\n")
        before, first = first, cache_folder(source)
        assert first != before


def test_a_read_only_package_uses_the_user_s_cache_folder(source: Path, tmp_path: Path) -> None:
    # A file in place of the folder: it stops even root, who ignores permissions.
    (source / "nnvisu" / "engine" / "__pycache__").write_text("")
    folder = cache_folder(
        source, XDG_CACHE_HOME=str(tmp_path / "cache"), PYTHONDONTWRITEBYTECODE="1"
    )
    assert folder.is_relative_to(tmp_path / "cache" / "nnvisu")


def test_without_a_writable_folder_the_engine_still_starts(source: Path, tmp_path: Path) -> None:
    (source / "nnvisu" / "engine" / "__pycache__").write_text("")
    (tmp_path / "cache").write_text("")
    (tmp_path / "temporary").mkdir()
    folder = cache_folder(
        source,
        XDG_CACHE_HOME=str(tmp_path / "cache"),
        TMPDIR=str(tmp_path / "temporary"),
        PYTHONDONTWRITEBYTECODE="1",
    )
    assert folder.is_relative_to(tmp_path / "temporary")


def test_a_configured_folder_is_used_and_numba_s_other_caches_are_unchanged(
    source: Path, tmp_path: Path
) -> None:
    folder = cache_folder(source, NUMBA_CACHE_DIR=str(tmp_path / "configured"))
    assert folder.is_relative_to(tmp_path / "configured")
    code = "import numba, nnvisu.engine; print(numba.config.CACHE_DIR)"
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(source), "NUMBA_CACHE_DIR": str(tmp_path / "mine")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == str(tmp_path / "mine")
