"""Which epoch a training should have reached, by the requested pace and the budget."""

from math import ceil, floor, inf

from nnvisu.wire.messages import Budget

DEBT_S = 1.0
"""A training that is behind its pace catches up at most this much, in seconds of its pace."""
GRACE_S = 0.1
"""How long after its budget a paced training may go on, to finish the epochs that were due."""


class Pace:
    """Computes the epochs that one request should have done by now.

    The first epoch is due at once, each next one ``1 / epochs_per_s`` later. So a request of s
    seconds does s * epochs_per_s epochs, and consecutive requests keep the pace.
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
        """Count the epochs that should be done by now; inf for as many as possible.

        A backlog beyond `DEBT_S` is dropped, so that a training does not catch up in a long burst.
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
        """Return when the next epoch is due, at most the budget's end; -inf without a pace."""
        if self._epochs_per_s == inf:
            return -inf
        return min(self._start_s + done / self._epochs_per_s, self.end_s)

    def spent(self, now_s: float, done: int) -> bool:
        """Tell whether the budget is used up; due epochs of a pace get `GRACE_S` more."""
        owes = self._epochs_per_s < inf and done < self._most
        end_s = self.end_s + (GRACE_S if owes else 0)
        return done >= self._budget_epochs or now_s >= end_s

    def _since_start(self, now_s: float) -> int:
        # The addend prevents that a due time which was rounded down counts one epoch less.
        return floor((now_s - self._start_s) * self._epochs_per_s + 1e-6) + 1
