"""The server ends and restarts: only the frame in flight is lost."""

import re

from playwright.sync_api import expect

from tests.e2e import offline
from tests.e2e.conftest import Open
from tests.e2e.watch import LOST_SERVER
from tests.support.server import ServerProcess

RECONNECTING = re.compile(r"reconnecting in \d+(\.\d+)? s|reconnecting")


def test_server_killed_during_training_and_restarted(open_at: Open, server: ServerProcess) -> None:
    page = open_at(server.url)
    page.watch.expect(LOST_SERVER)
    start = page.experiment()
    page.train().wait_for_epoch(40)
    server.kill()
    expect(page.status("Connection")).to_have_text(RECONNECTING)
    reached = page.epoch
    server.start()
    expect(page.status("Connection")).to_have_text("connected")
    page.wait_for_epoch(reached + 60).pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))


def test_server_terminated_during_training_and_restarted(
    open_at: Open, server: ServerProcess
) -> None:
    page = open_at(server.url)
    page.watch.expect(LOST_SERVER)
    start = page.experiment()
    page.train().wait_for_epoch(40)
    assert server.terminate() == 0
    expect(page.status("Connection")).to_have_text(RECONNECTING)
    server.start()
    page.wait_for_epoch(page.epoch + 60).pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))


def test_drawing_works_without_a_server(open_at: Open, server: ServerProcess) -> None:
    page = open_at(server.url)
    page.watch.expect(LOST_SERVER)
    page.press("Clear data")
    server.kill()
    expect(page.status("Connection")).to_have_text(RECONNECTING)
    page.draw([(-0.5, 0, 0), (0.5, 0, 1)])
    page.press("Undo", "Redo").type("Learning rate", "0.1")
    assert offline.points(page.experiment()).label.tolist() == [0, 1]
    server.start()
    expect(page.status("Connection")).to_have_text("connected")
    page.settled().train().wait_for_epoch(10).pause()
    assert page.experiment()["config"]["learning_rate"] == 0.1
