"""Fixtures that several folders of tests share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.client import Client, connected
from tests.support.server import ServerProcess, running

settings.register_profile("long", max_examples=2000)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the fault tests be run in their long form."""
    parser.addoption("--soak", action="store_true", help="run the fault tests in their long form")


@pytest.fixture(scope="session")
def shared_server() -> Iterator[ServerProcess]:
    """A server that all tests use together; nobody may end it."""
    with running() as server:
        yield server


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    """A server of the test's own, to be killed and restarted as it likes."""
    with running() as server:
        yield server


@pytest.fixture
def client(shared_server: ServerProcess) -> Iterator[Client]:
    """A connection to the shared server."""
    with connected(shared_server) as client:
        yield client
