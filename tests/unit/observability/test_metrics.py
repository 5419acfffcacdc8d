"""The server's metrics, and their Prometheus format."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from nnvisu.observability.metrics import Metrics
from nnvisu.processes.shared_memory import SharedCounters
from nnvisu.wire.messages import Budget, Error, Frame, Network, Stop
from tests.support.client import connected
from tests.support.http import UPGRADE, ask
from tests.support.requests import a_train
from tests.support.server import ServerProcess, running

DEPLOY = (Path(__file__).parents[3] / "docs" / "deploy.md").read_text()
Values = dict[str, float]


@pytest.fixture
def own() -> Iterator[ServerProcess]:
    """A server whose metrics only this test changes."""
    with running(["--max-connections", "2"]) as server:
        yield server


def families(server: ServerProcess) -> list[Metric]:
    """Read all metrics with Prometheus's parser."""
    return list(text_string_to_metric_families(server.get("metrics")))


def values(server: ServerProcess) -> Values:
    """Read all metrics without their common prefix; refusals by reason."""
    return {
        sample.labels.get("reason", sample.name.removeprefix("nnvisu_")): sample.value
        for family in families(server)
        for sample in family.samples
        if "le" not in sample.labels
    }


def test_user_actions_are_counted(own: ServerProcess) -> None:
    with connected(own) as client:
        frames = client.train(a_train(budget=Budget(epochs=50), pace=100.0))
        client.send(a_train(2, network=Network((10, 5), (0, 1)), pace=100.0))
        assert isinstance(client.next(), Error)
        client.send(a_train(3, budget=Budget(seconds=10), pace=20.0))
        client.expect(Frame)
        with connected(own):
            refused = [
                ask(own.port, "/", {"Host": "rebound.example"}),
                ask(own.port, "/ws", {**UPGRADE, "Origin": "https://elsewhere.example"}),
                ask(own.port, "/ws", UPGRADE),
            ]
            busy = values(own)
        client.send(Stop(3))
        client.expect(Frame, lambda frame: frame.ended == "stopped")
    assert [answer.status for answer in refused] == [403, 403, 101]
    reasons = {"full": 1, "address": 0, "host": 1, "origin": 1, "request": 1}
    assert {reason: busy[reason] for reason in reasons} == reasons
    assert (busy["connections"], busy["connections_opened_total"]) == (2, 2)
    assert (busy["workers"], busy["workers_ready"], busy["busy_sessions"]) == (1, 1, 1)
    assert busy["frames_sent_total"] > len(frames)
    # Three requests, and an acknowledgement for each frame but the last.
    assert busy["messages_received_total"] >= len(frames) + 2
    assert busy["received_bytes_total"] > 3 * len(a_train().checkpoint.parameters)
    assert busy["sent_bytes_total"] > len(frames) * len(frames[0].checkpoint.parameters)
    assert busy["slices_total"] >= len(frames)
    assert 0 < busy["kernel_seconds_total"] < 10
    idle = values(own)
    assert idle["busy_sessions"] == 0
    for name in ("queue_delay_seconds_count", "event_loop_lag_seconds_count"):
        assert 0 < busy[name] <= idle[name]


def test_exactly_the_existing_metrics_are_documented(shared_server: ServerProcess) -> None:
    named = {sample.name for family in families(shared_server) for sample in family.samples}
    parts = r"(_bucket|_sum|_count)$"
    assert {re.sub(parts, "", name) for name in named} == set(
        re.findall(r"^\| `(nnvisu_\w+)", DEPLOY, re.MULTILINE)
    )
    reasons = {
        sample.labels["reason"]
        for family in families(shared_server)
        for sample in family.samples
        if "reason" in sample.labels
    }
    assert all(f"`{reason}`" in DEPLOY for reason in reasons)


def test_every_metric_has_a_help_text_and_a_type(shared_server: ServerProcess) -> None:
    for family in families(shared_server):
        assert family.documentation.endswith(".")
        assert family.type in {"counter", "gauge", "histogram"}


def test_metrics_are_summed_over_workers_and_survive_a_worker_s_death() -> None:
    counters = SharedCounters(workers=2)
    for worker, frames in zip(counters.workers, (3, 4), strict=True):
        metrics = Metrics()
        metrics.frames = frames
        metrics.ready = 1
        metrics.loop_lag.observe(0.003)
        worker.write(metrics)
    assert (counters.metrics().frames, counters.metrics().ready) == (7, 2)
    assert counters.metrics().loop_lag.counts[2] == 2
    counters.workers[0].clear()
    assert (counters.metrics().frames, counters.metrics().ready) == (7, 1)
    successor = Metrics()
    successor.frames = 10
    counters.workers[0].resume()
    counters.workers[0].write(successor)
    assert counters.metrics().frames == 17


def test_duration_buckets_are_powers_of_two_of_a_millisecond() -> None:
    histogram = Metrics().queue_delay
    for duration_s in (0.0, 0.0009, 0.001, 0.0019, 0.002, 1.0, 1.03, 1000.0):
        histogram.observe(duration_s)
    assert histogram.counts == [2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2]
    assert histogram.bounds_s()[:3] == [0.001, 0.002, 0.004]
    assert histogram.bounds_s()[-1] == 1.024
    assert histogram.sum_s == pytest.approx(1002.0358)
