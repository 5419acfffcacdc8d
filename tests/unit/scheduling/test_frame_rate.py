"""The frame rate under load."""

import pytest

from nnvisu.scheduling.frame_rate import ADJUST_S, LATE_S, MAX_STRETCH, ON_TIME_S, FrameRate


def observe(rate: FrameRate, late_s: float, periods: int, start_s: float = 0.0) -> float:
    """Report equal delays for some periods; return the time at the end."""
    now_s = start_s
    for _ in range(10 * periods):
        now_s += ADJUST_S / 9.999
        rate.observe(late_s, now_s)
    return now_s


def test_frames_come_at_the_requested_rate_without_delays() -> None:
    rate = FrameRate(0.0)
    observe(rate, 0.9 * ON_TIME_S, 50)
    assert rate.stretch == 1


def test_the_frame_rate_falls_under_load_and_recovers() -> None:
    rate = FrameRate(0.0)
    now_s = observe(rate, 2 * LATE_S, 6)
    assert 2 < rate.stretch < 4
    now_s = observe(rate, 2 * LATE_S, 100, now_s)
    assert rate.stretch == MAX_STRETCH
    observe(rate, 0.0, 100, now_s)
    assert rate.stretch == 1


def test_moderate_delays_do_not_change_the_frame_rate() -> None:
    rate = FrameRate(0.0)
    now_s = observe(rate, 2 * LATE_S, 3)
    before = rate.stretch
    assert before > 1
    observe(rate, (LATE_S + ON_TIME_S) / 2, 50, now_s)
    assert rate.stretch == before


def test_a_single_delay_does_not_count_as_load() -> None:
    rate = FrameRate(0.0)
    rate.observe(5 * LATE_S, 0.0)
    observe(rate, 0.0, 1)
    assert rate.stretch == pytest.approx(1)
