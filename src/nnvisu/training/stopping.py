"""The stop conditions of one training request, evaluated at the end of each epoch."""

from math import inf

from nnvisu.engine import Evaluator, Float32Array
from nnvisu.wire.messages import Progress, StopConditions


class Stopping:
    """Decides whether a training ends before its budget.

    All conditions but the seconds depend on the run's numbers alone, not on how it is cut.

    Attributes:
        reason: A sentence that tells why training ends; None while it goes on.
    """

    def __init__(
        self,
        conditions: StopConditions,
        progress: Progress,
        training: Evaluator,
        test: Evaluator | None,
        start_s: float,
    ) -> None:
        self._conditions = conditions
        self._training = training
        self._test = test
        self._start_s = start_s - progress.seconds
        self._best_loss = inf if progress.best_loss is None else progress.best_loss
        self._best_epoch = progress.best_epoch
        self.reason: str | None = None

    @property
    def measures(self) -> bool:
        """Whether a loss has to be computed at the end of each epoch."""
        return self._conditions.loss is not None or self._conditions.patience is not None

    def epochs_left(self, epoch: int) -> float:
        """Count the epochs until the one that the conditions name; inf without."""
        wanted = self._conditions.epoch
        return inf if wanted is None else max(0, wanted - epoch)

    def check_loss(self, epoch: int, parameters: Float32Array) -> None:
        """Check the conditions on losses after an epoch; ``parameters`` float32, at least (P,)."""
        loss, patience = self._conditions.loss, self._conditions.patience
        if loss is not None and self._training.loss(parameters) < loss:
            self.reason = f"the training loss fell below {loss:g} in epoch {epoch}"
        if patience is None or self._test is None:
            return
        test_loss = self._test.loss(parameters)
        if test_loss < self._best_loss:
            self._best_loss, self._best_epoch = test_loss, epoch
        elif epoch - self._best_epoch >= patience:
            self.reason = (
                f"the test loss has not been better for {patience} epochs; its best was "
                f"{self._best_loss:.4g} in epoch {self._best_epoch}"
            )

    def check_limits(self, epoch: int, now_s: float) -> None:
        """Check the conditions on epochs and seconds, which need no loss."""
        seconds = self._conditions.seconds
        if self.reason is None and self.epochs_left(epoch) == 0:
            self.reason = f"epoch {self._conditions.epoch} has been reached"
        elif self.reason is None and seconds is not None and now_s - self._start_s >= seconds:
            self.reason = f"{seconds:g} s of training are over"

    def progress(self, now_s: float) -> Progress | None:
        """Return what the next request has to bring along; None without conditions."""
        if self._conditions == StopConditions():
            return None
        best_loss = None if self._best_loss == inf else self._best_loss
        return Progress(max(0.0, now_s - self._start_s), best_loss, self._best_epoch)
