"""How far a training should be at a time: the pace a person asked for, and the budget."""

from math import ceil, floor, inf

from nnvisu.wire.messages import Budget

DEBT_S = 1.0
"""Epochs that a busy server owes are made up for as far back as this, in seconds."""
GRACE_S = 0.1
"""How long a paced training may go on after its time to finish the epochs that were due."""


class Pace:
    """The epochs that one request should have done, by the clock.

    The first epoch is due at once, every next one ``1 / epochs_per_s`` later, so that a request
    of s seconds does s * epochs_per_s epochs, and requests in a row hold the pace.
    """

    def __init__(self, epochs_per_s: float | None, budget: Budget, start_s: float) -> None:
        self._epochs_per_s = epochs_per_s or inf
        self._start_s = start_s
        self.end_s = start_s + budget.seconds
        self._budget_epochs = inf if budget.epochs is None else budget.epochs
        self._most = self._budget_epochs
        if epochs_per_s is not None:
            self._most = min(self._most, ceil(budget.seconds * epochs_per_s))

    def epochs_due(self, now_s: float, done: int) -> float:
        """Count the epochs that should be done by now (inf: as many as possible).

        What is owed beyond `DEBT_S` is forgiven, so that nobody catches up in a long burst.
        """
        if self._epochs_per_s == inf:
            return self._most
        due = self._since_start(now_s)
        forgiven = due - done - ceil(DEBT_S * self._epochs_per_s)
        if forgiven > 0:
            self._start_s += forgiven / self._epochs_per_s
            due = self._since_start(now_s)
        return min(due, self._most)

    def due_s(self, done: int) -> float:
        """Tell when the next epoch is due, or the end if that comes first; -inf without a pace."""
        if self._epochs_per_s == inf:
            return -inf
        return min(self._start_s + done / self._epochs_per_s, self.end_s)

    def spent(self, now_s: float, done: int) -> bool:
        """Tell whether the budget is used up; a pace is given `GRACE_S` to do what it owes."""
        owes = self._epochs_per_s < inf and done < self._most
        end_s = self.end_s + (GRACE_S if owes else 0)
        return done >= self._budget_epochs or now_s >= end_s

    def _since_start(self, now_s: float) -> int:
        # The tiny addend keeps a due time that was rounded down from being missed by one epoch.
        return floor((now_s - self._start_s) * self._epochs_per_s + 1e-6) + 1
