"""Flow control of frames: credits, and only the newest frame waits."""

from typing import Any

import msgspec

from nnvisu.web.outbox import CREDITS, Outbox
from nnvisu.wire.messages import Frame
from tests.fixtures.messages import CHECKPOINT, MESSAGES


def a_frame(step: int, id: int = 1, **changes: Any) -> Frame:  # noqa: A002 - the wire's name
    """Make a frame."""
    frame = MESSAGES["frame"]
    checkpoint = msgspec.structs.replace(CHECKPOINT, step=step)
    return msgspec.structs.replace(frame, id=id, checkpoint=checkpoint, **changes)  # type: ignore[return-value] # the example is a frame


def steps(outbox: Outbox) -> list[int]:
    """Remove all frames that may be sent, and return their steps."""
    taken = []
    while isinstance(frame := outbox.take(), Frame):
        taken.append(frame.checkpoint.step)
    assert frame is None
    return taken


def test_two_frames_are_sent_and_then_only_the_newest_waits() -> None:
    outbox = Outbox()
    sent = []
    for step in range(1, 8):
        outbox.put(a_frame(step))
        sent += steps(outbox)
    assert sent == [1, 2]
    assert CREDITS == 2
    assert outbox.acknowledge(1, 1)
    assert steps(outbox) == [7]
    assert not outbox.acknowledge(1, 2)
    outbox.put(a_frame(8))
    outbox.put(a_frame(9))
    assert steps(outbox) == [9]


def test_an_acknowledgement_counts_once_and_only_for_a_sent_frame() -> None:
    outbox = Outbox()
    for step in (1, 2):
        outbox.put(a_frame(step))
        assert steps(outbox) == [step]
    for id_, step in ((1, 99), (2, 1), (1, 0)):
        outbox.acknowledge(id_, step)
    outbox.put(a_frame(3))
    assert steps(outbox) == []
    outbox.acknowledge(1, 2)
    outbox.acknowledge(1, 2)
    assert steps(outbox) == [3]
    outbox.put(a_frame(4))
    assert steps(outbox) == []


def test_the_last_frame_needs_no_credit_and_replaces_the_waiting_one() -> None:
    outbox = Outbox()
    for step in range(1, 5):
        outbox.put(a_frame(step))
        steps(outbox)
    outbox.put(a_frame(5, ended="stopped"))
    assert steps(outbox) == [5]
    assert steps(outbox) == []


def test_a_last_frame_is_never_replaced() -> None:
    outbox = Outbox()
    outbox.put(a_frame(1, id=1, ended="superseded"))
    outbox.put(a_frame(2, id=2, ended="superseded"))
    outbox.put(a_frame(3, id=3))
    assert steps(outbox) == [1, 2, 3]


def test_each_training_has_its_own_credits() -> None:
    outbox = Outbox()
    for id_ in (1, 2):
        for step in (10 * id_, 10 * id_ + 1, 10 * id_ + 2):
            outbox.put(a_frame(step, id=id_))
            steps(outbox)
    outbox.acknowledge(2, 20)
    assert steps(outbox) == [22]


def test_a_reused_id_starts_with_full_credit() -> None:
    outbox = Outbox()
    for step in (1, 2):
        outbox.put(a_frame(step))
    outbox.put(a_frame(3, ended="superseded"))
    outbox.put(a_frame(4))
    assert steps(outbox) == [3, 4]
    outbox.put(a_frame(5))
    assert steps(outbox) == [5]


def test_replies_keep_their_order_and_precede_frames() -> None:
    outbox = Outbox()
    outbox.put(a_frame(1))
    answers = [MESSAGES[name] for name in ("engine", "generated", "error")]
    for answer in answers:
        assert not isinstance(answer, Frame)
        outbox.put(answer)  # type: ignore[arg-type] # these are replies
    assert len(outbox) == 3
    assert [outbox.take() for _ in range(3)] == answers
    assert steps(outbox) == [1]


def test_at_shutdown_waiting_frames_are_sent_without_credit() -> None:
    outbox = Outbox()
    for step in (1, 2, 3):
        outbox.put(a_frame(step))
        steps(outbox)
    outbox.draining = True
    assert steps(outbox) == [3]


def test_the_memory_of_a_client_that_acknowledges_nothing_is_bounded() -> None:
    outbox = Outbox()
    for id_ in range(1000):
        for step in range(3):
            outbox.put(a_frame(step, id=id_))
            steps(outbox)
        outbox.put(a_frame(9, id=id_, ended="budget"))
        steps(outbox)
    assert len(outbox._unacknowledged) == 0
    assert len(outbox._newest) == 0
