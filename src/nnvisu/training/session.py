"""One training request as a plain object: no asyncio, no threads.

The scheduler drives it with `advance`; tests drive it by hand with a clock of their own.
"""

import time
from collections.abc import Callable
from math import inf

from nnvisu import engine
from nnvisu.training.conversion import (
    checkpoint_of,
    hyperparameters_of,
    metrics_message,
    network_of,
    points_of,
    statistics_message,
    training_message,
)
from nnvisu.training.pacing import DEBT_S, Pace
from nnvisu.training.stopping import Stopping
from nnvisu.wire.messages import (
    Ended,
    Frame,
    LayerStatistics,
    Train,
)

Clock = Callable[[], float]
MAX_INTERVAL_S = 0.25
"""Under load, intervals between frames are stretched to at most this, or to what was asked for."""

_GUESSED_FLOPS = 5e9
"""Assumed until the first step has been measured."""
_FLOPS_PER_WEIGHT = 6
_STEP_OVERHEAD_S = 2e-6
_WORTH_MEASURING = 0.125
"""Reading the clock of processor time costs as much as a small step. Work below this share of a
slice is not measured: even if the estimate is several times too low, it fits into the slice."""
_MIN_STEP_S = 1e-7
"""Lower bound of the measured step time: a coarse clock may measure 0."""


class Session:
    """A training from its request to its last frame.

    Attributes:
        over: Whether the last frame has been returned.
    """

    def __init__(
        self, train: Train, clock: Clock = time.monotonic, cpu_clock: Clock = time.thread_time
    ) -> None:
        """Raise `messages.ProtocolError` where an array holds illegal numbers."""
        self._id = train.id
        self._network = train.network
        self._clock = clock
        self._cpu_clock = cpu_clock
        network = network_of(train.network)
        start = checkpoint_of(train.checkpoint, "checkpoint")
        points = points_of(train.data.training, "data.training")
        test = points_of(train.data.test, "data.test")
        hyperparameters = hyperparameters_of(train.hyperparameters)
        self._training = engine.Training(network, start, hyperparameters, points)
        self._penalties = (train.hyperparameters.l1, train.hyperparameters.l2)
        self._inspected = points if train.statistics else None
        self._evaluator = engine.Evaluator(network, points)
        self._test_evaluator = engine.Evaluator(network, test) if len(test) else None
        self._stopping = Stopping(
            train.stop_conditions,
            train.progress,
            self._evaluator,
            self._test_evaluator,
            clock(),
        )
        self._first_epoch = self._framed_epoch = self._training.epoch
        self._pace = Pace(train.pace, train.budget, clock())
        self._updates_left = inf if train.budget.updates is None else train.budget.updates
        self._frame_interval_s = 1 / train.frames_per_second
        self._next_frame_s = clock()
        work = network.parameter_count * len(points) / self._training.steps_per_epoch
        self._step_s = _STEP_OVERHEAD_S + _FLOPS_PER_WEIGHT * work / _GUESSED_FLOPS
        self._asked_to_end = False
        self._ended: Ended | None = None
        self._due_s = -inf
        self.over = False

    @property
    def due_s(self) -> float:
        """When to call `advance` next (the clock's time); -inf for at once."""
        return -inf if self._asked_to_end else self._due_s

    def end(self, ended: Ended | None) -> None:
        """Make the next `advance` return the last frame, marked with ``ended``.

        Only the first call counts. None is for a server that shuts down: the training may go on
        elsewhere.
        """
        if not self._asked_to_end:
            self._ended = ended
            self._asked_to_end = True

    def advance(self, slice_s: float, stretch: float = 1.0) -> Frame | None:
        """Train for about ``slice_s`` seconds of processor time; return a frame if one is due.

        ``stretch`` multiplies the interval between frames, up to `MAX_INTERVAL_S`. A frame holds
        the state at the end of the last epoch; it is delayed until a new epoch has ended. The
        last frame is always returned, with or without a new epoch.
        """
        if not self._asked_to_end:
            self._train(slice_s)
            self._end_by_itself()
        now_s = self._clock()
        if self._asked_to_end:
            self.over = True
            return self._frame()
        frame = None
        if now_s >= self._next_frame_s and self._training.epoch > self._framed_epoch:
            frame = self._frame()
            stretched_s = min(self._frame_interval_s * stretch, MAX_INTERVAL_S)
            interval_s = max(self._frame_interval_s, stretched_s)
            # A late frame does not delay the next one.
            self._next_frame_s = max(self._next_frame_s + interval_s, now_s)
        self._due_s = self._next_due_s(now_s)
        return frame

    @property
    def _epochs_done(self) -> int:
        return self._training.epoch - self._first_epoch

    def _train(self, slice_s: float) -> None:
        """Run the steps that are due, as many as fit into the slice."""
        due = self._pace.epochs_due(self._clock(), self._epochs_done) - self._epochs_done
        owed = min(due, self._stopping.epochs_left(self._training.epoch))
        steps_owed = owed * self._training.steps_per_epoch - self._training.step_in_epoch
        owed_now = min(steps_owed, self._updates_left)
        steps = int(min(owed_now, max(1, slice_s / self._step_s)))
        if steps <= 0:
            return
        if steps * self._step_s < _WORTH_MEASURING * slice_s:
            self._run(steps)
            return
        # Processor time: waiting for a processor does not make a step look slow.
        start_s = self._cpu_clock()
        done = self._run(steps)
        if done:
            measured_s = (self._cpu_clock() - start_s) / done
            self._step_s = max((self._step_s + measured_s) / 2, _MIN_STEP_S)

    def _run(self, steps: int) -> int:
        """Run up to ``steps`` steps and return how many; fewer only when training ends."""
        done = self._advance(steps)
        self._updates_left -= done
        if self._updates_left == 0:
            self._training.keep()
        return done

    def _advance(self, steps: int) -> int:
        training = self._training
        if not self._stopping.measures:
            return training.advance(steps)
        done = 0
        while done < steps and not training.diverged and not self._stopping.reason:
            left_in_epoch = training.steps_per_epoch - training.step_in_epoch
            done += training.advance(min(steps - done, left_in_epoch))
            if training.step_in_epoch == 0 and not training.diverged:
                self._stopping.check_loss(training.epoch, training.parameters)
        return done

    def _end_by_itself(self) -> None:
        self._stopping.check_limits(self._training.epoch, self._clock())
        if self._training.diverged:
            self.end("diverged")
        elif self._stopping.reason:
            self.end("target")
        elif not self._updates_left or self._pace.spent(self._clock(), self._epochs_done):
            self.end("budget")

    def _next_due_s(self, now_s: float) -> float:
        """Return when to go on: a paced training wakes once for each frame, not for each epoch.

        It sleeps at most half of `DEBT_S`, so that no epochs are forgiven.
        """
        due_s = self._pace.due_s(self._epochs_done)
        if due_s <= now_s:
            return -inf
        return min(max(due_s, min(self._next_frame_s, now_s + DEBT_S / 2)), self._pace.end_s)

    def _frame(self) -> Frame:
        parameters = self._training.parameters
        self._framed_epoch = self._training.epoch
        test = self._test_evaluator
        return Frame(
            id=self._id,
            checkpoint=training_message(self._training, self._network),
            training=metrics_message(self._evaluator.metrics(parameters)),
            test=None if test is None else metrics_message(test.metrics(parameters)),
            layers=self._layers(),
            progress=self._stopping.progress(self._clock()),
            ended=self._ended if self.over else None,
            reason=self._reason() if self.over else None,
        )

    def _layers(self) -> tuple[LayerStatistics, ...]:
        if self._inspected is None:
            return ()
        checkpoint = self._training.checkpoint()
        return tuple(
            statistics_message(layer)
            for layer in engine.inspect(checkpoint, self._inspected, *self._penalties)
        )

    def _reason(self) -> str | None:
        match self._ended:
            case "diverged":
                return self._training.diverged
            case "target":
                return self._stopping.reason
            case _:
                return None
