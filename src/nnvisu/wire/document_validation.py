"""What a Document's types cannot say: how its parts must fit together.

The page has the same rules, with the same sentences, in static/js/storage/document_rules.js.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from itertools import count, pairwise
from math import isfinite

from nnvisu.wire.document import (
    MAX_RUNS,
    TASKS,
    Document,
    LabelledPoints,
    Moment,
    Run,
    Task,
    ValuedPoints,
)
from nnvisu.wire.errors import refuse
from nnvisu.wire.messages import MAX_CLASSES, MAX_SAMPLES, Checkpoint, Metrics
from nnvisu.wire.validation import FLOAT32_BYTES, check_checkpoint, check_features, check_sizes

UINT16_BYTES = 2


def check_document(document: Document) -> None:
    """Raise `ProtocolError` where the parts of a Document contradict each other."""
    if document.data.classification is not None:
        _check_labelled(document.data.classification, "data.classification")
    if document.data.regression is not None:
        _check_valued(document.data.regression, "data.regression")
    ids: set[int] = set()
    moments: set[int] = set()
    for place, run in enumerate(document.runs):
        path = f"runs[{place}]"
        _check_run(run, path)
        if run.id in ids:
            raise refuse(f"{path}.id", "an id that no other run has", f"{run.id}")
        ids.add(run.id)
        for moment, where in _moments(run, path):
            if moment.id in moments:
                raise refuse(f"{where}.id", "an id that no other moment has", f"{moment.id}")
            moments.add(moment.id)
    runs = Counter(run.task for run in document.runs)
    for task in TASKS:
        if runs[task] > MAX_RUNS:
            raise refuse("runs", f"at most {MAX_RUNS} for {task}", f"{runs[task]}")


def _check_labelled(points: LabelledPoints, path: str) -> None:
    _check_count(len(points.label), path)
    check_sizes(points.x, points.y, FLOAT32_BYTES * len(points.label), "label", path)
    _check_coordinates(points, path)
    if wrong := [label for label in points.label if label >= MAX_CLASSES]:
        raise refuse(f"{path}.label", f"labels from 0 to {MAX_CLASSES - 1}", f"{wrong[0]}")


def _check_valued(points: ValuedPoints, path: str) -> None:
    _check_whole(points.value, f"{path}.value")
    _check_count(len(points.value) // FLOAT32_BYTES, path)
    check_sizes(points.x, points.y, len(points.value), "value", path)
    _check_coordinates(points, path)
    _check_finite(points.value, f"{path}.value")


def _check_count(samples: int, path: str) -> None:
    if samples > MAX_SAMPLES:
        raise refuse(path, f"at most {MAX_SAMPLES} points", f"{samples}")


def _check_coordinates(points: LabelledPoints | ValuedPoints, path: str) -> None:
    for axis, packed in (("x", points.x), ("y", points.y)):
        numbers = _numbers(packed)
        # A NaN, which compares false with everything, is outside.
        outside = (place for place, number in enumerate(numbers) if not -1 <= number <= 1)
        if (place := next(outside, None)) is not None:
            raise refuse(f"{path}.{axis}", "numbers from -1 to 1", f"another at place {place}")


def _check_run(run: Run, path: str) -> None:
    check_features(run.settings.features, f"{path}.settings.features")
    moments = list(_moments(run, path))
    for moment, where in moments:
        _check_moment(moment, run.task, where)
    for (before, _), (after, where) in pairwise(moments):
        if after.id <= before.id:
            raise refuse(f"{where}.id", f"more than {before.id}", f"{after.id}")
        if after.checkpoint.epoch < before.checkpoint.epoch:
            expected = f"at least {before.checkpoint.epoch}"
            raise refuse(f"{where}.checkpoint.epoch", expected, f"{after.checkpoint.epoch}")


def _moments(run: Run, path: str) -> Iterator[tuple[Moment, str]]:
    """Yield the moments of a run, each with its path."""
    for place, moment in enumerate(run.line):
        yield moment, f"{path}.line[{place}]"
    if run.newest is not None:
        yield run.newest, f"{path}.newest"


def _check_moment(moment: Moment, task: Task, path: str) -> None:
    if moment.parent is not None and moment.parent >= moment.id:
        raise refuse(f"{path}.parent", f"null or less than {moment.id}", f"{moment.parent}")
    check_checkpoint(moment.checkpoint, f"{path}.checkpoint")
    _check_numbers(moment.checkpoint, f"{path}.checkpoint")
    classes = moment.checkpoint.network.classes
    if bool(classes) != (task == "classification"):
        expected = "none, as the run is for regression"
        if task == "classification":
            expected = "some, as the run is for classification"
        raise refuse(f"{path}.checkpoint.network.classes", expected, f"{len(classes)}")
    _check_metrics(moment.training, len(classes), f"{path}.training")
    _check_metrics(moment.test, len(classes), f"{path}.test")


def _check_numbers(checkpoint: Checkpoint, path: str) -> None:
    _check_finite(checkpoint.parameters, f"{path}.parameters")
    _check_finite(checkpoint.optimiser.slots, f"{path}.optimiser.slots")


def _check_metrics(metrics: Metrics | None, classes: int, path: str) -> None:
    if metrics is None or not metrics.confusion:
        return
    size = UINT16_BYTES * classes**2
    if len(metrics.confusion) != size:
        expected = f"none or {size} bytes, two for each pair of classes"
        raise refuse(f"{path}.confusion", expected, f"{len(metrics.confusion)} bytes")


def _check_finite(packed: bytes, path: str) -> None:
    numbers = _numbers(packed)
    # As float64, no sum of so few float32 overflows: it is finite if they are.
    if isfinite(sum(numbers)):
        return
    place = next(place for place in count() if not isfinite(numbers[place]))
    raise refuse(path, "finite numbers", f"another at place {place}")


def _check_whole(packed: bytes, path: str) -> None:
    if len(packed) % FLOAT32_BYTES:
        expected = f"a multiple of {FLOAT32_BYTES} bytes"
        raise refuse(path, expected, f"{len(packed)} bytes")


def _numbers(packed: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(packed) // FLOAT32_BYTES}f", packed)
