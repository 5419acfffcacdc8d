"""A server starts whatever has become of its compiled kernels, and says so in one record."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.client import connected
from tests.support.server import running

LARGE_BYTES = 1000


def records_of_a_start(cache: str) -> list[str]:
    """Start a server, wait until it is ready, and return what it logged."""
    with running(errors=True, NUMBA_CACHE_DIR=cache) as server:
        with connected(server):
            pass
        assert server.terminate() == 0
        return server.errors().splitlines()


def kernels(folder: Path) -> Iterator[Path]:
    return folder.rglob("*.kernel")


def test_truncated_kernels_are_compiled_again(tmp_path: Path) -> None:
    assert records_of_a_start(str(tmp_path)) == []
    damaged = list(kernels(tmp_path))
    assert len(damaged) >= 2
    for path in damaged:
        path.write_bytes(path.read_bytes()[:LARGE_BYTES])
    (record,) = records_of_a_start(str(tmp_path))
    assert "kernel cache" in record
    assert "it is damaged" in record
    assert records_of_a_start(str(tmp_path)) == []


@pytest.mark.parametrize("cache", ["/proc", "/dev/null"])
def test_a_server_starts_without_a_writable_folder(cache: str) -> None:
    (record,) = records_of_a_start(cache)
    assert "no folder took the machine code" in record
