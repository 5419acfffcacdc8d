"""Single-reply requests: a checkpoint, or points."""

from math import inf

import msgspec
import pytest

from nnvisu.training import answers, session
from nnvisu.wire import messages
from nnvisu.wire.messages import Data, ProtocolError
from tests.support.requests import NETWORK, a_checkpoint, a_train, with_parameters


def test_initialise_answers_with_a_checkpoint() -> None:
    answer = answers.initialise(messages.Initialise(4, NETWORK, seed=9))
    assert answer == messages.Initialised(4, a_checkpoint(seed=9))


def test_initialise_keeps_fitting_parameters_and_refuses_infinite_ones() -> None:
    keep = msgspec.structs.replace(a_checkpoint(seed=1), step=12, epoch=3)
    answer = answers.initialise(messages.Initialise(4, NETWORK, seed=9, keep=keep))
    assert answer.checkpoint.parameters == keep.parameters
    assert (answer.checkpoint.step, answer.checkpoint.epoch) == (12, 3)
    with pytest.raises(ProtocolError, match=r"keep\.parameters: expected finite numbers, got inf"):
        answers.initialise(messages.Initialise(4, NETWORK, seed=9, keep=with_parameters(keep, inf)))


def test_generated_points_can_be_trained_on() -> None:
    answer = answers.generate(messages.Generate(5, "moons", samples=101, classes=2))
    assert answer.id == 5
    assert len(answer.points.label) == 101
    training = session.Session(a_train(data=Data(answer.points)))
    while not training.over:
        last = training.advance(1.0)
    assert last is not None
    assert last.ended == "budget"
