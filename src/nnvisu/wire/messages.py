"""The wire protocol: every message, its fields, their bounds and defaults.

A WebSocket message is one MessagePack map, or the same fields as JSON text (byte strings in
base64), tagged by ``type``. Arrays are little-endian binary. The Structs below own all bounds and
defaults, model/choices.py owns the names of choices; the page reads both as JSON Schema.
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
MAX_UPDATES = 1000
MAX_MESSAGE_BYTES = 1_500_000
MAX_INTEGER = 2**53 - 1
"""JavaScript's Number.MAX_SAFE_INTEGER."""
MAX_LOSS = 1e80
"""An upper bound of the mean squared error of float32 values, which is at most 5e77."""

Ended = Literal["budget", "target", "stopped", "superseded", "diverged"]

Id = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Seed = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Units = Annotated[int, Meta(ge=1, le=MAX_UNITS)]
HiddenLayers = Annotated[tuple[Units, ...], Meta(max_length=MAX_HIDDEN_LAYERS)]
Features = Annotated[tuple[Feature, ...], Meta(min_length=1, max_length=7)]
"""In the order of `Feature`, without duplicates."""
Label = Annotated[int, Meta(ge=0, le=MAX_CLASSES - 1)]
Penalty = Annotated[float, Meta(ge=0, le=10)]
Samples = Annotated[int, Meta(ge=1, le=MAX_SAMPLES)]
GeneratedClasses = Annotated[int, Meta(ge=2, le=MAX_CLASSES)]
Noise = Annotated[float, Meta(ge=0, le=1)]
Pace = Annotated[float, Meta(gt=0, le=MAX_PACE)]
"""Epochs per second."""
Float32s = Annotated[bytes, Meta(description="little-endian float32")]
Labels = Annotated[bytes, Meta(description="uint8, one per point")]
Counts = Annotated[bytes, Meta(description="little-endian uint16")]


class Record(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base class of messages and their parts."""


class Network(Record, frozen=True):
    """The architecture: input features, hidden layers, one output unit per class."""

    hidden_layers: HiddenLayers
    classes: Annotated[tuple[Label, ...], Meta(max_length=MAX_CLASSES)]
    """The label of each output unit, ascending, without duplicates; empty for regression, which has
    one output, the predicted value."""
    activation: Activation = "tanh"
    features: Features = ("x", "y")
    """The inputs."""
    initialiser: Initialiser = "glorot_uniform"
    """Draws the initial weights. Weights kept from a checkpoint do not depend on it."""

    @property
    def parameter_count(self) -> int:
        """The number of weights and biases of all layers."""
        sizes = layout.sizes(self.features, self.hidden_layers, self.classes)
        return layout.parameter_count(sizes)


class Optimiser(Record, frozen=True):
    """The optimiser's state: its slots, and the number of updates they include."""

    name: OptimiserName
    slots: Float32s = b""
    steps: Count = 0


class Checkpoint(Record, frozen=True):
    """Everything that is needed to resume training."""

    network: Network
    parameters: Float32s
    optimiser: Optimiser
    step: Count
    epoch: Count
    """Whole passes over the training points."""
    seed: Seed
    position: Count = 0
    """Updates since the end of that epoch: more than 0 only after a budget in updates."""


class Points(Record, frozen=True):
    """Points of the square [-1, 1] x [-1, 1], each with a label, or for regression a value."""

    x: Float32s = b""
    y: Float32s = b""
    label: Labels = b""
    value: Float32s = b""


class Data(Record, frozen=True):
    """The training points and the test points."""

    training: Points
    test: Points = Points()


class Hyperparameters(Record, frozen=True):
    """The hyperparameters of an update; all may change from one update to the next."""

    optimiser: OptimiserName = "adam"
    learning_rate: Annotated[float, Meta(gt=0, le=100)] = 0.01
    batch_size: Samples | None = None
    """Samples per batch; null means full batches."""
    l2: Penalty = 0.0
    dropout: Annotated[float, Meta(ge=0, le=0.9)] = 0.0
    """The probability that a hidden unit is dropped in an update."""
    l1: Penalty = 0.0
    nesterov: bool = False
    """Whether momentum uses Nesterov's lookahead gradient."""
    weight_decay: Annotated[float, Meta(ge=0, le=10)] = 0.01
    """For adamw: an update subtracts learning rate times weight_decay times the weight."""
    clip_norm: Annotated[float, Meta(gt=0, le=1e6)] | None = None
    """The largest norm of a gradient; null means no clipping."""
    schedule: Schedule = "constant"
    schedule_epochs: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    """The period of the step schedule, or the length of cosine or warm_up."""
    schedule_factor: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """The step schedule multiplies the learning rate by this factor each period."""


class Budget(Record, frozen=True):
    """The limits of one training request, after which it ends by itself."""

    epochs: Annotated[int, Meta(ge=1, le=MAX_INTEGER)] | None = None
    seconds: Annotated[float, Meta(gt=0, le=MAX_SECONDS)] = MAX_SECONDS
    updates: Annotated[int, Meta(ge=1, le=MAX_UPDATES)] | None = None
    """Updates of the weights; the last frame may then lie within an epoch."""


class StopConditions(Record, frozen=True):
    """Conditions that end a training after the first epoch in which one holds; null: none."""

    epoch: Annotated[int, Meta(ge=1, le=MAX_INTEGER)] | None = None
    """Stop at this epoch of the checkpoint, counted from its initialisation."""
    loss: Annotated[float, Meta(gt=0, le=1000)] | None = None
    """Stop when the training loss is below this."""
    seconds: Annotated[float, Meta(gt=0, le=86_400)] | None = None
    """Time spent in training."""
    patience: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """Early stopping: stop after this many epochs without a new smallest test loss."""


class Progress(Record, frozen=True):
    """The state of stop conditions that span requests; a request resumes the newest frame's."""

    seconds: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    """Time spent in training."""
    best_loss: Annotated[float, Meta(ge=0, le=MAX_LOSS)] | None = None
    """The smallest test loss so far."""
    best_epoch: Count = 0
    """The epoch of the smallest test loss."""


class Metrics(Record, frozen=True):
    """Metrics of the network on the training or the test points, with dropout off."""

    loss: float | None
    """Without penalties: mean cross-entropy in nats; for regression mean squared error. Null where
    it is not finite."""
    accuracy: float | None = None
    """The fraction of points classified correctly, 0 to 1; null for regression."""
    confusion: Counts = b""
    """The confusion matrix, row-major: a row per true class, a column per predicted class, in the
    order of the network's classes. Empty for regression."""
    r2: float | None = None
    """For regression: the coefficient of determination R². Null where the values have no variance,
    or where the loss is null."""


class LayerStatistics(Record, frozen=True):
    """Statistics of one layer's weights and units on the training points, with dropout off."""

    weight_norm: float
    """The Euclidean norm of the weights, without biases."""
    gradient_norm: float | None
    """The Euclidean norm of the gradient of the loss, penalties included, with respect to the
    weights. Null where it is not finite."""
    dead: float
    """The fraction of hidden units whose activation has zero slope at every point, 0 to 1."""
    saturated: float
    """The fraction of (hidden unit, point) pairs where the activation has zero slope, 0 to 1."""
    gradients: Counts = b""
    """The histogram of the gradient's parts, one for each weight: 32 bins of equal width from
    -gradient_limit to gradient_limit. Empty where a part is not finite."""
    gradient_limit: float = 0.0
    """The largest absolute part of the gradient; 0 where `gradients` is empty."""


class Train(Record, frozen=True, tag="train"):
    """Train from a checkpoint and send frames; supersedes the connection's running training."""

    id: Id
    network: Network
    """The network to train. Where the checkpoint's differs, the parameters that fit are kept."""
    checkpoint: Checkpoint
    hyperparameters: Hyperparameters
    data: Data
    budget: Budget = Budget()
    pace: Pace | None = None
    """Null means as fast as the server allows."""
    frames_per_second: Annotated[float, Meta(gt=0, le=60)] = 30.0
    stop_conditions: StopConditions = StopConditions()
    progress: Progress = Progress()
    """The newest frame's `progress`, when the request resumes from that frame."""
    statistics: bool = False
    """Whether frames include the statistics of every layer."""


class Ack(Record, frozen=True, tag="ack"):
    """Acknowledges a frame: gives back one credit."""

    id: Id
    step: Count


class Stop(Record, frozen=True, tag="stop"):
    """End the training of this id; the reply is its last frame."""

    id: Id


class Initialise(Record, frozen=True, tag="initialise"):
    """Make a checkpoint, keeping the parameters of an earlier one that fit."""

    id: Id
    network: Network
    seed: Seed
    optimiser: OptimiserName = "adam"
    keep: Checkpoint | None = None


class Generate(Record, frozen=True, tag="generate"):
    """Generate points: with labels, or with the values of a surface (plane and multi_gauss)."""

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
    """The training points."""
    l1: Penalty = 0.0
    l2: Penalty = 0.0


class Engine(Record, frozen=True, tag="engine"):
    """The progress of the engine's preparation: sent on connecting and after each change."""

    version: str
    progress: Annotated[float, Meta(ge=0, le=1)]
    """1 when the engine is ready; requests that arrive earlier wait."""


class Frame(Record, frozen=True, tag="frame"):
    """The newest state of a training."""

    id: Id
    checkpoint: Checkpoint
    training: Metrics
    test: Metrics | None = None
    layers: tuple[LayerStatistics, ...] = ()
    """From the first hidden layer to the output layer, where statistics were requested."""
    progress: Progress | None = None
    """The state of the stop conditions, if the request has any."""
    ended: Ended | None = None
    """Why the training ended; only in the last frame."""
    reason: str | None = None
    """A sentence for users that explains `ended`, if there is more to say."""


class Initialised(Record, frozen=True, tag="initialised"):
    """The reply to `Initialise`."""

    id: Id
    checkpoint: Checkpoint


class Generated(Record, frozen=True, tag="generated"):
    """The reply to `Generate`."""

    id: Id
    points: Points


class Inspected(Record, frozen=True, tag="inspected"):
    """The reply to `Inspect`."""

    id: Id
    layers: tuple[LayerStatistics, ...]
    """From the first hidden layer to the output layer."""


class Error(Record, frozen=True, tag="error"):
    """A request was refused; it had no other effect."""

    message: str
    """One sentence: what is wrong and what is allowed."""
    id: Id | None = None


Request = Train | Ack | Stop | Initialise | Generate | Inspect
Reply = Engine | Frame | Initialised | Generated | Inspected | Error


class ProtocolError(ValueError):
    """A refused message; `error` is the reply to it."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


def schema() -> dict[str, Any]:
    """Return the JSON Schema of every message under ``$defs``, and the limits of whole messages."""
    messages = (*get_args(Request), *get_args(Reply))
    _, definitions = msgspec.json.schema_components(messages)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nnvisu protocol",
        "$defs": definitions,
        "limits": {"samples": MAX_SAMPLES, "message_bytes": MAX_MESSAGE_BYTES},
    }
