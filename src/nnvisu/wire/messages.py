"""The wire: every message, its fields, their bounds and defaults; and how bytes become messages.

A WebSocket message is one MessagePack map, or the same fields as JSON text (byte strings in
base64), tagged by ``type``. Arrays travel as little-endian binary. The Structs below are the only
owner of bounds and defaults, model/choices.py is that of names; the page reads both as JSON Schema.
codec.py turns bytes into these messages; docs/protocol.md explains every message and field.
"""

from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from nnvisu.model import layout
from nnvisu.model.choices import (
    Activation,
    Distribution,
    Feature,
    Initialiser,
    OptimiserName,
    Schedule,
)

MAX_SAMPLES = 1000
MAX_CLASSES = 10
MAX_HIDDEN_LAYERS = 10
MAX_UNITS = 100
MAX_SECONDS = 10.0
MAX_PACE = 1000.0
MAX_MESSAGE_BYTES = 1_500_000
MAX_INTEGER = 2**53 - 1
"""What every number of JavaScript can count to."""
MAX_LOSS = 1e80
"""The mean of squares of differences between float32 numbers is at most 5e77."""

Ended = Literal["budget", "target", "stopped", "superseded", "diverged"]

Id = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Seed = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Units = Annotated[int, Meta(ge=1, le=MAX_UNITS)]
HiddenLayers = Annotated[tuple[Units, ...], Meta(max_length=MAX_HIDDEN_LAYERS)]
Features = Annotated[tuple[Feature, ...], Meta(min_length=1, max_length=7)]
"""In the order of `Feature`, without repetition."""
Label = Annotated[int, Meta(ge=0, le=MAX_CLASSES - 1)]
Penalty = Annotated[float, Meta(ge=0, le=10)]
Samples = Annotated[int, Meta(ge=1, le=MAX_SAMPLES)]
GeneratedClasses = Annotated[int, Meta(ge=2, le=8)]
Noise = Annotated[float, Meta(ge=0, le=1)]
Pace = Annotated[float, Meta(gt=0, le=MAX_PACE)]
"""Epochs a second."""
Float32s = Annotated[bytes, Meta(description="little-endian float32")]
Labels = Annotated[bytes, Meta(description="one uint8 each")]
Counts = Annotated[bytes, Meta(description="little-endian uint16")]


class Record(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base of what a message is made of."""


class Network(Record, frozen=True):
    """The architecture: what it sees of a point, hidden layers, one output for each class."""

    hidden_layers: HiddenLayers
    classes: Annotated[tuple[Label, ...], Meta(max_length=MAX_CLASSES)]
    """The label that each output unit stands for, ascending, without repetition; none for
    regression, whose one output is a value."""
    activation: Activation = "tanh"
    features: Features = ("x", "y")
    """The inputs."""
    initialiser: Initialiser = "glorot_uniform"
    """How weights begin that are not kept; no other weight follows from it."""

    @property
    def parameter_count(self) -> int:
        """Weights and biases of all layers."""
        sizes = layout.sizes(self.features, self.hidden_layers, self.classes)
        return layout.parameter_count(sizes)


class Optimiser(Record, frozen=True):
    """The optimiser's memory: its slots, and how many updates they have seen."""

    name: OptimiserName
    slots: Float32s = b""
    steps: Count = 0


class Checkpoint(Record, frozen=True):
    """Everything that training needs to go on."""

    network: Network
    parameters: Float32s
    optimiser: Optimiser
    step: Count
    epoch: Count
    seed: Seed


class Points(Record, frozen=True):
    """Points of the square [-1, 1] x [-1, 1], with a label each, or for regression a value."""

    x: Float32s = b""
    y: Float32s = b""
    label: Labels = b""
    value: Float32s = b""


class Data(Record, frozen=True):
    """The points to train on, and those that only test."""

    training: Points
    test: Points = Points()


class Hyperparameters(Record, frozen=True):
    """What governs an update; all of it may change from one update to the next."""

    optimiser: OptimiserName = "adam"
    learning_rate: Annotated[float, Meta(gt=0, le=100)] = 0.01
    batch_size: Samples | None = None
    """Samples in a batch; none means all of them."""
    l2: Penalty = 0.0
    dropout: Annotated[float, Meta(ge=0, le=0.9)] = 0.0
    """The probability with which a hidden unit is left out of an update."""
    l1: Penalty = 0.0
    nesterov: bool = False
    """For momentum: whether to look ahead."""
    weight_decay: Annotated[float, Meta(ge=0, le=10)] = 0.01
    """For adamw: the share of a weight, times the learning rate, that an update takes off it."""
    clip_norm: Annotated[float, Meta(gt=0, le=1e6)] | None = None
    """The largest norm of a gradient; none means any."""
    schedule: Schedule = "constant"
    schedule_epochs: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    """The period of a step, or the length of a cosine or a warm-up."""
    schedule_factor: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """What a step multiplies the learning rate by."""


class Budget(Record, frozen=True):
    """When a training request ends by itself."""

    epochs: Annotated[int, Meta(ge=1, le=MAX_INTEGER)] | None = None
    seconds: Annotated[float, Meta(gt=0, le=MAX_SECONDS)] = MAX_SECONDS


class StopConditions(Record, frozen=True):
    """What else ends a training, as soon as it holds at the end of an epoch; none: nothing."""

    epoch: Annotated[int, Meta(ge=1, le=MAX_INTEGER)] | None = None
    """The checkpoint's epoch, counted from its first."""
    loss: Annotated[float, Meta(gt=0, le=1000)] | None = None
    """What the training loss must fall below."""
    seconds: Annotated[float, Meta(gt=0, le=86_400)] | None = None
    """Time spent in training."""
    patience: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """Epochs in which the test loss has not been better than ever before."""


class Progress(Record, frozen=True):
    """How far stop conditions are that look back; a request goes on from the newest frame's."""

    seconds: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    """Time spent in training."""
    best_loss: Annotated[float, Meta(ge=0, le=MAX_LOSS)] | None = None
    """The smallest test loss so far."""
    best_epoch: Count = 0
    """The epoch whose it was."""


class Metrics(Record, frozen=True):
    """How well the network does on one part of the data, with dropout off."""

    loss: float | None
    """Without the penalty: mean cross-entropy in nats; for regression mean squared error. None
    where it is beyond the finite range."""
    accuracy: float | None = None
    """The share of points whose most probable class is theirs, 0 to 1; none for regression."""
    confusion: Counts = b""
    """Points of each class (a row) that were taken for each (a column), in the network's order."""
    r2: float | None = None
    """For regression: the share of the values' variance that is explained; none where they do
    not vary, or without a loss."""


class LayerStatistics(Record, frozen=True):
    """One layer of weights and the units above it, on the training part, with dropout off."""

    weight_norm: float
    """The weights' Euclidean norm, without biases."""
    gradient_norm: float | None
    """That of the loss's derivatives by them, penalties included. None where it is beyond the
    finite range."""
    dead: float
    """The share of hidden units whose activation is flat at every point, 0 to 1."""
    saturated: float
    """The share of hidden units and points at which the activation is flat, 0 to 1."""


class Train(Record, frozen=True, tag="train"):
    """Train from a checkpoint, sending frames; supersedes the connection's running training."""

    id: Id
    network: Network
    """The network wanted; where the checkpoint's differs, what fits of it is kept."""
    checkpoint: Checkpoint
    hyperparameters: Hyperparameters
    data: Data
    budget: Budget = Budget()
    pace: Pace | None = None
    """None means as fast as the server allows."""
    frames_per_second: Annotated[float, Meta(gt=0, le=60)] = 30.0
    stop_conditions: StopConditions = StopConditions()
    progress: Progress = Progress()
    """That of the newest frame, where the training goes on from it."""
    statistics: bool = False
    """Whether frames are to tell of every layer."""


class Ack(Record, frozen=True, tag="ack"):
    """A frame has been taken in: gives back one credit."""

    id: Id
    step: Count


class Stop(Record, frozen=True, tag="stop"):
    """End the training of this id; its last frame answers."""

    id: Id


class Initialise(Record, frozen=True, tag="initialise"):
    """Make a checkpoint, keeping what fits of an earlier one."""

    id: Id
    network: Network
    seed: Seed
    optimiser: OptimiserName = "adam"
    keep: Checkpoint | None = None


class Generate(Record, frozen=True, tag="generate"):
    """Make points: with labels, or with the values of a surface (plane and multi_gauss)."""

    id: Id
    distribution: Distribution
    samples: Samples = 200
    classes: GeneratedClasses = 2
    """Ignored for a surface."""
    noise: Noise = 0.1
    seed: Seed = 0


class Inspect(Record, frozen=True, tag="inspect"):
    """Compute the statistics of a checkpoint's layers, without training."""

    id: Id
    checkpoint: Checkpoint
    points: Points
    """The training part."""
    l1: Penalty = 0.0
    l2: Penalty = 0.0


class Engine(Record, frozen=True, tag="engine"):
    """Sent on connecting and whenever it changes: how far the engine's preparation is."""

    version: str
    progress: Annotated[float, Meta(ge=0, le=1)]
    """1 once it is ready; requests that come earlier wait."""


class Frame(Record, frozen=True, tag="frame"):
    """The newest state of a training."""

    id: Id
    checkpoint: Checkpoint
    training: Metrics
    test: Metrics | None = None
    layers: tuple[LayerStatistics, ...] = ()
    """From the first hidden layer to the outputs, where statistics were asked for."""
    progress: Progress | None = None
    """Where there are stop conditions: how far they are."""
    ended: Ended | None = None
    """Why training ended; only in the last frame."""
    reason: str | None = None
    """The same for people, where there is more to say."""


class Initialised(Record, frozen=True, tag="initialised"):
    """The answer to `Initialise`."""

    id: Id
    checkpoint: Checkpoint


class Generated(Record, frozen=True, tag="generated"):
    """The answer to `Generate`."""

    id: Id
    points: Points


class Inspected(Record, frozen=True, tag="inspected"):
    """The answer to `Inspect`."""

    id: Id
    layers: tuple[LayerStatistics, ...]
    """From the first hidden layer to the outputs."""


class Error(Record, frozen=True, tag="error"):
    """A request was refused; nothing else has changed."""

    message: str
    """One sentence: what was wrong and what is allowed."""
    id: Id | None = None


Request = Train | Ack | Stop | Initialise | Generate | Inspect
Reply = Engine | Frame | Initialised | Generated | Inspected | Error


class ProtocolError(ValueError):
    """A message that is refused; `error` is what its sender is told."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


def schema() -> dict[str, Any]:
    """Give the JSON Schema of every message under ``$defs``, and the limits that span messages."""
    messages = (*get_args(Request), *get_args(Reply))
    _, definitions = msgspec.json.schema_components(messages)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nnvisu protocol",
        "$defs": definitions,
        "limits": {"samples": MAX_SAMPLES, "message_bytes": MAX_MESSAGE_BYTES},
    }
