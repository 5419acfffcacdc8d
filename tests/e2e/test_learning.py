"""From drawn points to a trained network and its map; directly, and through nginx at a sub-path."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import offline
from tests.e2e.colours import mismatches, nearest_label
from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument, MapPixels
from tests.e2e.nginx import nginx
from tests.support.server import ServerProcess

XOR = [(-0.5, -0.5, 0), (0.5, 0.5, 0), (-0.5, 0.5, 1), (0.5, -0.5, 1)]


@pytest.fixture(params=["direct", "nginx"])
def page(
    request: pytest.FixtureRequest, open_at: Open, shared_server: ServerProcess, tmp_path: Path
) -> Iterator[Instrument]:
    """A first visit, directly and through nginx."""
    if request.param == "direct":
        yield open_at(shared_server.url)
        return
    with nginx(tmp_path, shared_server.port, "/nnvisu/") as address:
        yield open_at(address)


def assert_map_matches(page: Instrument, least: int) -> bool:
    """Compare the paused page's map around its points with the engine's probabilities."""
    page.pick("Mix")
    for name in ("Boundary", "Show test points"):
        page.page.get_by_role("checkbox", name=name, exact=True).uncheck(force=True)
    experiment = page.experiment()
    checkpoint, points = offline.checkpoint(experiment), offline.points(experiment)

    def fit(pixels: MapPixels) -> bool:
        looked, wrong = mismatches(checkpoint, points, pixels)
        assert looked >= least, "the network is not sure anywhere"
        return wrong == []

    page.wait_for_pixels(fit)
    return True


def test_xor_from_four_clicks(page: Instrument) -> None:
    page.press("Clear data").draw(XOR).at_full_speed().type("Learning rate", "0.03")
    assert offline.points(page.experiment()).label.tolist() == [0, 0, 1, 1]
    page.train().wait_for_accuracy(1).wait_for_epoch(500).pause()
    assert page.figure("Training accuracy") == 1
    pixels = page.pixels()
    for x, y, label in XOR:
        for dx, dy in ((0.06, 0), (-0.06, 0), (0, 0.06), (0, -0.06)):
            assert nearest_label(pixels.at(x + dx, y + dy), (0, 1)) == label
    assert assert_map_matches(page, least=8)


def test_moons(page: Instrument) -> None:
    page.regenerated(lambda: page.slide("Noise", "0.15")).generate("Moons")
    assert len(offline.points(page.experiment())) == 160
    page.type("Hidden layers", "10-5").choose("Optimiser", "Adam").type("Learning rate", "0.01")
    page.settled().at_full_speed().train().wait_for_accuracy(0.97).wait_for_epoch(400).pause()
    experiment = page.experiment()
    metrics = offline.metrics(experiment)
    assert (metrics.accuracy or 0) >= 0.97
    assert page.figure("Training accuracy") == pytest.approx(metrics.accuracy, abs=0.0006)
    assert page.figure("Training loss") == pytest.approx(metrics.loss, rel=0.01, abs=0.0001)
    assert assert_map_matches(page, least=100)


@pytest.mark.parametrize("classes", [3, 8])
def test_more_classes(page: Instrument, classes: int) -> None:
    page.regenerated(lambda: page.type("Classes", str(classes)))
    page.regenerated(lambda: page.slide("Noise", "0.05")).generate("Blobs")
    page.wait("n => window.nnvisu.experiment().weights.network.classes.length === n", classes)
    points = offline.points(page.experiment())
    assert sorted(set(points.label.tolist())) == list(range(classes))
    page.at_full_speed().train().wait_for_epoch(600).wait_for_accuracy(0.9).pause()
    assert assert_map_matches(page, least=50)


@pytest.mark.parametrize("name", ["Circles", "Moons", "Blobs", "Anisotropic", "Varied"])
def test_generators(page: Instrument, name: str) -> None:
    page.regenerated(lambda: page.type("Samples", "100"))
    page.regenerated(lambda: page.type("Classes", "3")).generate(name)
    found = page.experiment()
    labels = [*offline.points(found).label.tolist(), *offline.points(found, 1).label.tolist()]
    assert sorted(labels.count(label) for label in range(3)) == [33, 33, 34]


def test_the_test_share_is_not_trained_on(page: Instrument) -> None:
    page.slide("Test share", "0.2").settled()
    start = page.experiment()
    training, test = offline.points(start), offline.points(start, 1)
    assert (len(training), len(test)) == (160, 40)
    page.at_full_speed().train().wait_for_epoch(300).pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))
    for name, metrics in (
        ("Training", offline.metrics(found)),
        ("Test", offline.metrics(found, 1)),
    ):
        assert page.figure(f"{name} accuracy") == pytest.approx(metrics.accuracy, abs=0.0006)
        assert page.figure(f"{name} loss") == pytest.approx(metrics.loss, rel=0.01, abs=0.0001)
