"""The Document: an experiment written down, and the only form in which one is.

Storage, files, links and notebooks hold a Document or parts of one. Its Structs reuse those of the
messages. document_validation.py has the rules that types cannot say, document_codec.py turns JSON
text into a Document and back; docs/document.md explains every field.

Version 1 is a promise: every later version reads it. A new field needs a default, and a default
that is there never changes.
"""

from typing import Annotated, Literal

from msgspec import Meta

from nnvisu.model.choices import Activation, Initialiser, LabelledDistribution, ValuedDistribution
from nnvisu.wire.messages import (
    MAX_INTEGER,
    Checkpoint,
    Features,
    Float32s,
    GeneratedClasses,
    HiddenLayers,
    Hyperparameters,
    Id,
    Labels,
    Metrics,
    Noise,
    Pace,
    Record,
    Samples,
    Seed,
    StopConditions,
)

VERSION = 1
MAX_RUNS = 4
"""For each task."""
MAX_MOMENTS = 256
"""In the line of a run."""

Task = Literal["classification", "regression"]
TASKS: tuple[Task, ...] = ("classification", "regression")


class DocumentError(ValueError):
    """A Document that is refused; its text is one sentence with the path of what is wrong."""


class ExperimentSettings(Record, frozen=True, kw_only=True):
    """The settings that all runs share."""

    task: Task = "classification"
    """The task that is shown."""
    samples: Samples
    """Points that a generator makes."""
    classes: GeneratedClasses
    """Classes that a generator makes."""
    noise: Noise
    """How far generated points stray."""
    test_share: Annotated[float, Meta(ge=0, le=0.9)] = 0.0
    """The share of the points that only test."""
    pace: Pace | None
    """None means as fast as the server allows."""


class LabelledOrigin(Record, frozen=True):
    """How generated points can be made again."""

    distribution: LabelledDistribution
    seed: Seed


class LabelledPoints(Record, frozen=True):
    """Points of the square [-1, 1] x [-1, 1], with a label each."""

    x: Float32s
    y: Float32s
    label: Labels
    origin: LabelledOrigin | None = None
    """None for points that were drawn or edited by hand."""


class ValuedOrigin(Record, frozen=True):
    """How generated points can be made again."""

    distribution: ValuedDistribution
    seed: Seed


class ValuedPoints(Record, frozen=True):
    """Points of the square [-1, 1] x [-1, 1], with a value each."""

    x: Float32s
    y: Float32s
    value: Float32s
    origin: ValuedOrigin | None = None
    """None for points that were drawn or edited by hand."""


class ExperimentData(Record, frozen=True):
    """The points of each task; none for a task that was not chosen yet."""

    classification: LabelledPoints | None = None
    regression: ValuedPoints | None = None


class RunSettings(Record, frozen=True):
    """The settings that a run is trained with."""

    hidden_layers: HiddenLayers
    activation: Activation
    features: Features
    initialiser: Initialiser
    seed: Seed
    hyperparameters: Hyperparameters
    stop_conditions: StopConditions = StopConditions()


class Moment(Record, frozen=True):
    """A checkpoint with its metrics and an identity."""

    id: Id
    """Unique in the experiment, and greater than those of all earlier moments of the run."""
    parent: Id | None
    """The moment that it was made from, which need not be in the line any more."""
    checkpoint: Checkpoint
    training: Metrics | None = None
    test: Metrics | None = None


class Run(Record, frozen=True):
    """A line of moments and the settings that they were trained with."""

    id: Id
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    task: Task
    settings: RunSettings
    interval: Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
    """Epochs between two moments of the line."""
    line: Annotated[tuple[Moment, ...], Meta(max_length=MAX_MOMENTS)] = ()
    """The recorded history, the oldest first."""
    newest: Moment | None = None
    """What training goes on from, where that is not the last moment of the line."""


class Document(Record, frozen=True):
    """An experiment."""

    version: Literal[1]
    settings: ExperimentSettings
    data: ExperimentData
    runs: Annotated[tuple[Run, ...], Meta(max_length=MAX_RUNS * len(TASKS))] = ()
