"""The number of epochs due at a time."""

from math import inf

from nnvisu.training.pacing import DEBT_S, GRACE_S, Pace
from nnvisu.wire.messages import Budget

START_S = 1000.0


def epochs_done(pace: Pace, until_s: float, wake_s: float) -> int:
    """Complete the due epochs at every wake-up; return their number."""
    done = 0
    for wake in range(round(until_s / wake_s) + 1):
        due = pace.epochs_due(START_S + wake * wake_s, done)
        assert due != inf
        done = max(done, int(due))
    return done


def test_the_first_epoch_is_due_at_once_and_the_next_one_an_interval_later() -> None:
    pace = Pace(10, Budget(), START_S)
    assert pace.epochs_due(START_S, 0) == 1
    assert pace.due_s(0) == START_S
    assert pace.due_s(1) == START_S + 0.1
    assert pace.epochs_due(START_S + 0.0999, 1) == 1
    assert pace.epochs_due(pace.due_s(1), 1) == 2


def test_the_average_pace_does_not_depend_on_the_wake_up_interval() -> None:
    for wake_s in (1 / 7, 1 / 30, 1 / 61, 0.5):
        assert epochs_done(Pace(60, Budget(seconds=10), START_S), 10, wake_s) == 600


def test_an_epoch_is_due_at_its_due_time_despite_rounding() -> None:
    for epochs_per_s in (3.0, 7.0, 59.94, 60.0, 600.0):
        pace = Pace(epochs_per_s, Budget(), START_S)
        for done in range(1, int(9 * epochs_per_s)):
            assert pace.epochs_due(pace.due_s(done), done) == done + 1


def test_consecutive_requests_keep_the_pace() -> None:
    assert epochs_done(Pace(60, Budget(seconds=0.5), START_S), 0.6, 1 / 30) == 30


def test_a_late_training_catches_up_but_not_in_a_long_burst() -> None:
    pace = Pace(60, Budget(), START_S)
    assert pace.epochs_due(START_S + 0.5, 1) == 31
    assert pace.epochs_due(START_S + 5, 31) == 31 + 60 * DEBT_S
    assert pace.due_s(91) > START_S + 5


def test_without_a_pace_all_epochs_are_due_at_once() -> None:
    pace = Pace(None, Budget(), START_S)
    assert pace.epochs_due(START_S, 0) == inf
    assert pace.due_s(5) == -inf


def test_no_more_is_due_than_the_budget_allows() -> None:
    for epochs_per_s in (None, 1000.0):
        pace = Pace(epochs_per_s, Budget(epochs=3), START_S)
        assert pace.epochs_due(START_S + 1, 0) == 3
        assert not pace.spent(START_S + 1, 2)
        assert pace.spent(START_S + 1, 3)


def test_the_budget_ends_by_the_clock() -> None:
    pace = Pace(None, Budget(seconds=2), START_S)
    assert not pace.spent(START_S + 1.999, 0)
    assert pace.spent(START_S + 2, 0)


def test_a_paced_training_has_a_grace_period_for_late_epochs() -> None:
    pace = Pace(10, Budget(seconds=2), START_S)
    assert pace.epochs_due(START_S + 2, 19) == 20
    assert not pace.spent(START_S + 1.99, 20)
    assert not pace.spent(START_S + 2, 19)
    assert pace.spent(START_S + 2, 20)
    assert pace.spent(START_S + 2 + GRACE_S, 19)


def test_nothing_is_due_after_the_end() -> None:
    pace = Pace(0.01, Budget(seconds=2), START_S)
    assert pace.due_s(1) == START_S + 2
    assert pace.epochs_due(START_S + 300, 1) == 1
