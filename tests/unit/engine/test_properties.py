"""Properties of every valid network, setting and set of points.

With ``--hypothesis-profile long`` Hypothesis tries twenty times as many examples.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nnvisu import engine
from nnvisu.engine.checkpoint import INITIALISERS
from tests.unit.engine.cases import ACTIVATIONS, FEATURES, OPTIMISERS, assert_equal_bits

MAX_POINTS = 300
"""More than fit into one block."""
WORK = 2e6
"""Parameters times updates after which a run is long enough, so that large networks stay quick."""

networks = st.builds(
    engine.Network,
    hidden_layers=st.lists(st.integers(1, 100), max_size=10).map(tuple),
    # Without classes: regression.
    classes=st.just(())
    | st.sets(st.integers(0, 9), min_size=2, max_size=10).map(lambda s: tuple(sorted(s))),
    activation=st.sampled_from(ACTIVATIONS),
    features=st.sets(st.sampled_from(FEATURES), min_size=1).map(
        lambda names: tuple(name for name in FEATURES if name in names)
    ),
    initialiser=st.sampled_from(sorted(INITIALISERS)),
)
many = settings(max_examples=3 * settings().max_examples, deadline=None)
seeds = st.integers(0, 2**32 - 1)
places = st.sampled_from(["anywhere", "one", "few", "border", "corners"])


@dataclass(frozen=True)
class Run:
    """A training from its initialisation."""

    start: engine.Checkpoint
    hyperparameters: engine.Hyperparameters
    points: engine.Points
    epochs: int

    def begin(self, checkpoint: engine.Checkpoint | None = None) -> engine.Training:
        return engine.Training(
            self.start.network, checkpoint or self.start, self.hyperparameters, self.points
        )


def points_of(
    network: engine.Network, n: int, place: str, is_mixed: bool, seed: int
) -> engine.Points:
    """Return n points: random, all at one position, at three, on the border or in the corners.

    The labels are mixed, or all equal.
    """
    generator = np.random.default_rng(seed)
    xy = generator.uniform(-1, 1, (2, n)).astype(np.float32)
    if place == "one":
        xy[:] = xy[:, :1]
    elif place == "few":
        xy = xy[:, generator.integers(0, min(n, 3), n)]
    elif place == "border":
        xy[generator.integers(0, 2, n), np.arange(n)] = generator.choice([-1, 1], n)
    elif place == "corners":
        xy = generator.choice(np.array([-1, 1], np.float32), (2, n))
    labels = generator.choice(network.classes or (0,), n if is_mixed else 1)
    values = generator.normal(0, 1, n if is_mixed else 1).astype(np.float32)
    return engine.Points(
        xy[0],
        xy[1],
        np.broadcast_to(labels, n).astype(np.uint8),
        np.broadcast_to(values, n).copy() if network.is_regression else None,
    )


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Draw any valid training."""
    network = draw(networks)
    n = draw(st.integers(1, MAX_POINTS) | st.just(1))
    points = points_of(network, n, draw(places), draw(st.booleans()), draw(seeds))
    hyperparameters = engine.Hyperparameters(
        optimiser=draw(st.sampled_from(OPTIMISERS)),
        # Including far too large ones.
        learning_rate=draw(st.floats(1e-4, 100) | st.sampled_from([1e9, 1e18])),
        batch_size=draw(st.none() | st.integers(1, n)),
        l2=draw(st.sampled_from([0.0, 0.01])),
        dropout=draw(st.sampled_from([0.0, 0.3, 0.9])),
        l1=draw(st.sampled_from([0.0, 0.01])),
        nesterov=draw(st.booleans()),
        clip_norm=draw(st.sampled_from([None, 0.1])),
        schedule=draw(st.sampled_from(["constant", "step", "cosine", "warm_up"])),
        schedule_epochs=3,
    )
    start = engine.initialise(network, draw(seeds), hyperparameters.optimiser)
    updates = -(-n // (hyperparameters.batch_size or n))
    affordable = int(WORK / (network.parameter_count * updates))
    epochs = draw(st.integers(1, min(20, max(1, affordable))))
    return Run(start, hyperparameters, points, epochs)


@many
@given(runs())
def test_a_checkpoint_is_finite_or_divergence_is_reported(run: Run) -> None:
    training = run.begin()
    steps = run.epochs * training.steps_per_epoch
    done = training.advance(steps)
    checkpoint = training.checkpoint()
    assert np.isfinite(checkpoint.parameters).all()
    assert np.isfinite(checkpoint.optimiser.slots).all()
    metrics = engine.evaluate(checkpoint, run.points)
    assert metrics is not None
    assert np.isfinite(metrics.loss)
    assert np.isfinite(engine.predict(checkpoint, run.points.x, run.points.y)).all()
    if training.diverged is None:
        assert done == steps
        assert checkpoint.epoch == run.epochs
    else:
        assert training.advance(1) == 0
        assert done % training.steps_per_epoch == 0
        assert checkpoint.epoch == done // training.steps_per_epoch - 1


@many
@given(runs(), st.lists(st.integers(1, 9), max_size=8), st.integers(0, 3))
def test_a_run_interrupted_anywhere_gives_the_same_bits(
    run: Run, slices: list[int], resumed_after: int
) -> None:
    whole = run.begin()
    done = whole.advance(run.epochs * whole.steps_per_epoch)

    cut = run.begin()
    left = done
    for steps in slices:
        left -= cut.advance(min(steps, left))
        if cut.epoch == resumed_after and cut.step_in_epoch == 0 and cut.diverged is None:
            cut = run.begin(cut.checkpoint())
    left -= cut.advance(left)

    assert left == 0
    assert_equal_bits(cut.checkpoint(), whole.checkpoint())
    assert cut.diverged == whole.diverged
