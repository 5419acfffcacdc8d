"""The proxies of deploy/ do not expose /metrics."""

from pathlib import Path

import pytest

from tests.support.http import ask
from tests.support.proxies import PROXIES, proxy
from tests.support.server import ServerProcess


@pytest.mark.usefixtures("client")  # HAProxy forwards connections only when the engine is ready.
@pytest.mark.parametrize("name", PROXIES)
def test_metrics_are_not_reachable_through_a_proxy(
    name: str, shared_server: ServerProcess, tmp_path: Path
) -> None:
    assert ask(shared_server.port, "/metrics").status == 200
    with proxy(name, [shared_server.port], tmp_path) as port:
        # As clients may write it: the server decodes the path.
        for path in ("/metrics", "/%6detrics", "/metric%73", "//metrics"):
            assert ask(port, path).status == 404, path
        assert ask(port, "/healthz").status == 200
