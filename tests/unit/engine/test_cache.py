"""The files of compiled kernels: whatever happens to them, the engine starts."""

import hashlib
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from numba.core import config

import nnvisu
from nnvisu.engine.cache import KernelCache
from nnvisu.engine.compilation import kernel

FOLDERS = "from nnvisu.engine.cache import kernel_folders; print(*kernel_folders(), sep='\\n')"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a copy of the package, without compiled kernels."""
    package = Path(nnvisu.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(package, tmp_path / "source" / "nnvisu", ignore=ignored)
    return tmp_path / "source"


def folders(source: Path, **environment: str) -> list[Path]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    result = subprocess.run(
        [sys.executable, "-c", FOLDERS],
        env=kept | {"PYTHONPATH": str(source)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in result.stdout.split("\n")[:-1]]


def test_the_folder_is_in_the_package_and_depends_on_all_its_files(source: Path) -> None:
    engine = source / "nnvisu" / "engine"
    first = folders(source)[0]
    assert first.is_relative_to(engine / "__pycache__")
    assert folders(source)[0] == first
    for edited in (engine / "mathematics.py", source / "nnvisu" / "model" / "layout.py"):
        edited.write_text(edited.read_text() + "\n")
        before, first = first, folders(source)[0]
        assert first != before


def test_the_user_s_folder_comes_second_and_a_configured_one_alone(
    source: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    assert folders(source, XDG_CACHE_HOME=str(cache))[1].is_relative_to(cache / "nnvisu")
    (folder,) = folders(source, NUMBA_CACHE_DIR=str(tmp_path / "configured"))
    assert folder.is_relative_to(tmp_path / "configured")


Start = Callable[[], tuple[int, list[str]]]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """A function that makes a kernel as a start does; it returns its cache hits and problems."""
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "kernels"))

    def start() -> tuple[int, list[str]]:
        @kernel
        def double(number: float) -> float:
            return 2 * number

        dispatcher: Any = double
        assert dispatcher(21.0) == 42.0
        assert isinstance(dispatcher._cache, KernelCache)
        return sum(dispatcher.stats.cache_hits.values()), dispatcher._cache.problems

    return start


def the_file(folder: Path) -> Path:
    (path,) = folder.rglob("*.kernel")
    return path


def test_the_second_start_loads_what_the_first_has_compiled(start: Start, tmp_path: Path) -> None:
    assert start() == (0, [])
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".kernel"]
    assert start() == (1, [])


def sealed(content: bytes) -> bytes:
    return hashlib.sha256(content).digest() + content


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "the digest alone": lambda content: content[:32],
    "a bit flipped": lambda content: content[:-9] + bytes([content[-9] ^ 4]) + content[-8:],
    "a wrong digest": lambda content: bytes(32) + content[32:],
    "no pickle": lambda _: sealed(b"no pickle"),
    "another pickle": lambda _: sealed(b"N."),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_reported_once_and_replaced(
    start: Start, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    start()
    path = the_file(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    hits, problems = start()
    assert hits == 0
    assert len(problems) == 1
    assert f"{path} could not be used: " in problems[0]
    assert start() == (1, [])


def test_a_file_that_another_user_could_have_written_is_not_used(
    start: Start, tmp_path: Path
) -> None:
    start()
    path = the_file(tmp_path)
    path.chmod(0o666)
    assert start() == (0, [f"{path} could not be used: another user could have written it"])
    assert start() == (1, [])
    if os.geteuid() == 0:
        os.chown(the_file(tmp_path), 12345, 12345)
        assert start() == (0, [f"{path} could not be used: another user could have written it"])


def test_a_folder_in_the_file_s_place_is_reported(start: Start, tmp_path: Path) -> None:
    start()
    path = the_file(tmp_path)
    path.unlink()
    path.mkdir()
    hits, (unread, unwritten) = start()
    assert hits == 0
    assert unread == f"{path} could not be used: Is a directory"
    assert unwritten.startswith("no folder took the machine code: ")
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == []


# /proc takes no folder, not even from root.
@pytest.mark.parametrize("place", ["/proc", "/dev/null"])
def test_without_a_writable_folder_every_start_compiles(
    start: Start, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", place)
    for _ in range(2):
        hits, (problem,) = start()
        assert hits == 0
        assert problem.startswith(f"no folder took the machine code: {place}/")


@pytest.fixture
def quota() -> Iterator[None]:
    """The system refuses to write more than 1000 bytes into a file of this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("quota")
def test_a_disk_without_room_leaves_nothing_behind(start: Start, tmp_path: Path) -> None:
    hits, (problem,) = start()
    assert hits == 0
    assert "File too large" in problem
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
