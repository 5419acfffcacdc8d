"""Many instances of the page's store, client and trainer in Node (tests/js/support/pages.js)."""

import base64
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from nnvisu.wire import messages
from tests.support.node import PROGRAMS, node
from tests.support.requests import NETWORK, a_checkpoint, a_train, some_points, trained

PROGRAM = PROGRAMS / "pages.js"
TIMEOUT_S = 120
HYPERPARAMETERS = set(messages.Hyperparameters.__struct_fields__)
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Event:
    """A change of a page's state, with its time (`time.time`)."""

    page: int
    at_s: float
    state: str
    """``connecting``, ``open``, ``frame`` (the first one on a connection) or ``waiting``."""
    epoch: int
    """The newest epoch."""


class Pages:
    """Pages that train on the same points; page n has seed n.

    Attributes:
        events: The events so far; a reader thread appends to it.
    """

    def __init__(self, port: int, count: int, config: Mapping[str, Any]) -> None:
        self.events: list[Event] = []
        self._count = count
        hidden = tuple(config.get("hidden_layers", NETWORK.hidden_layers))
        self._network = msgspec.structs.replace(NETWORK, hidden_layers=hidden)
        self._hyperparameters = messages.Hyperparameters(
            **{name: config[name] for name in config if name in HYPERPARAMETERS}
        )
        self._reports: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        points = {
            name: base64.b64encode(values).decode()
            for name, values in msgspec.structs.asdict(some_points()).items()
        }
        url = f"ws://127.0.0.1:{port}/ws"
        options = {"url": url, "count": count, "config": config, "points": points}
        self._process = subprocess.Popen(
            [node(), PROGRAM, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def hurry(self) -> None:
        """Make every page retry its connection at once, as after a wake-up."""
        assert self._process.stdin is not None
        self._process.stdin.write("hurry\n")
        self._process.stdin.flush()

    def since(self, start_s: float, *states: str) -> list[Event]:
        """List the events since a time, of the given states, or of all if none is given."""
        with self._changed:
            events = list(self.events)
        return [
            event
            for event in events
            if event.at_s >= start_s and (not states or event.state in states)
        ]

    def wait_until_all_train(self, start_s: float) -> dict[int, float]:
        """Wait until each page has received a frame on a connection opened after `start_s`.

        Returns the seconds from `start_s` on, by page.
        """
        return self.wait(
            lambda: {
                event.page: event.at_s - start_s for event in reversed(self.since(start_s, "frame"))
            },
            lambda back: len(back) == self._count,
        )

    def wait_until_all_connected(self) -> None:
        """Wait until the newest event of every page is a frame."""
        self.wait(
            lambda: {event.page: event.state for event in self.since(0)},
            lambda newest: set(newest.values()) == {"frame"},
        )

    def absences_s(self, start_s: float) -> list[list[float]]:
        """List, for each page, the seconds without frames after each loss of its server."""
        absences: list[list[float]] = [[] for _ in range(self._count)]
        lost_s: dict[int, float] = {}
        for event in self.since(start_s):
            if event.state == "waiting":
                lost_s.setdefault(event.page, event.at_s)
            elif event.state == "frame" and event.page in lost_s:
                absences[event.page].append(event.at_s - lost_s.pop(event.page))
        return absences

    def wait(self, look: Callable[[], Seen], until: Callable[[Seen], bool]) -> Seen:
        """Call `look` after every event until its result fulfils `until`; return that result."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while not until(seen := look()):
            left_s = deadline_s - time.monotonic()
            assert left_s > 0, f"timed out; last result: {seen!r}"
            with self._changed:
                self._changed.wait(min(left_s, 0.1))
        return seen

    def finish(self) -> list[int]:
        """End all pages, and compare each with an uninterrupted run of the engine, bit for bit.

        No page may have gone back to an earlier epoch. Returns the epochs.
        """
        self.close()
        assert self._process.returncode == 0
        reached = dict.fromkeys(range(self._count), 0)
        for event in self.since(0):
            assert event.epoch >= reached[event.page], event
            reached[event.page] = event.epoch
        assert [report["page"] for report in self._reports] == list(range(self._count))
        for report in self._reports:
            assert report["problem"] == "", report
            assert report["epoch"] > 0
            train = a_train(
                network=self._network,
                checkpoint=a_checkpoint(self._network, report["page"]),
                hyperparameters=self._hyperparameters,
            )
            expected = trained(train, report["epoch"])
            found = (report["parameters"], report["slots"])
            assert [base64.b64decode(text) for text in found] == [
                expected.parameters,
                expected.optimiser.slots,
            ]
        return [report["epoch"] for report in self._reports]

    def close(self) -> None:
        """End the process, and wait for the end of its output."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(TIMEOUT_S)
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                fields = json.loads(line)
                with self._changed:
                    if "state" in fields:
                        self.events.append(Event(**fields))
                    else:
                        self._reports.append(fields)
                    self._changed.notify_all()


@contextmanager
def pages(port: int, count: int, **config: Any) -> Iterator[Pages]:
    """Run pages that train on a server for the duration of the block, with settings `config`."""
    crowd = Pages(port, count, config)
    try:
        yield crowd
    finally:
        crowd.close()
