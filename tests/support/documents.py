"""Generates random valid Documents."""

import random
import struct
from typing import get_args

from nnvisu.model import choices
from nnvisu.model.layout import SLOTS
from nnvisu.wire import document as form
from nnvisu.wire import messages
from nnvisu.wire.document import Document, Moment, Run, RunSettings

NAMES = ["Two moons", "a", "😀" * 40, "\x00", '"\\</script>', "__proto__", "é\u202e", " " * 40]
LOSSES = [0.0, -0.0, 5e-324, 0.1 + 0.2, 1e21, 1e22, 123456789012345680.0, 1.7976931348623157e308]


class Writer:
    """Makes valid documents, reproducibly for a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._newest_id = -1

    def document(self) -> Document:
        """Make a document: usually a small one, sometimes one of the maximum size."""
        chance = self._random
        counts = [chance.choice([0, 1, 1, 2, form.MAX_RUNS]) for _ in form.TASKS]
        tasks = [task for task, count in zip(form.TASKS, counts, strict=True) for _ in range(count)]
        chance.shuffle(tasks)
        ids = chance.sample([*range(20), messages.MAX_INTEGER], len(tasks))
        return Document(
            version=1,
            settings=form.ExperimentSettings(
                task=chance.choice(form.TASKS),
                samples=chance.randint(1, 1000),
                classes=chance.randint(2, 8),
                noise=self._number(0, 1),
                test_share=self._number(0, 0.5),
                pace=chance.choice([None, 60, self._number(1e-300, 1000)]),
            ),
            data=form.ExperimentData(
                chance.choice([None, self._labelled()]), chance.choice([None, self._valued()])
            ),
            runs=tuple(self._run(id_, task) for id_, task in zip(ids, tasks, strict=True)),
        )

    def _number(self, low: float, high: float) -> float:
        chance = self._random
        return float(
            chance.choice([low, high, chance.uniform(low, high), low + (high - low) * 1e-9])
        )

    def _floats(self, count: int) -> bytes:
        """Make finite float32 of any magnitude, including subnormal numbers and -0."""
        bits = (self._random.getrandbits(32) for _ in range(count))
        return struct.pack(
            f"<{count}I", *(each & 0xBFFFFFFF if each & 0x7F800000 == 0x7F800000 else each
                            for each in bits)
        )  # fmt: skip

    def _coordinates(self, count: int) -> bytes:
        chance = self._random
        return struct.pack(
            f"<{count}f",
            *(chance.choice([-1, 1, -0.0, 1e-45, chance.uniform(-1, 1)]) for _ in range(count)),
        )

    def _labelled(self) -> form.LabelledPoints:
        chance = self._random
        count = chance.choice([0, 1, chance.randint(2, 30), 1000])
        origin = form.LabelledOrigin(
            chance.choice(get_args(choices.LabelledDistribution)), chance.getrandbits(32)
        )
        label = bytes(chance.randrange(messages.MAX_CLASSES) for _ in range(count))
        x, y = self._coordinates(count), self._coordinates(count)
        return form.LabelledPoints(x, y, label, chance.choice([None, origin]))

    def _valued(self) -> form.ValuedPoints:
        chance = self._random
        count = chance.choice([0, 1, chance.randint(2, 30), 1000])
        origin = form.ValuedOrigin(
            chance.choice(get_args(choices.ValuedDistribution)), chance.getrandbits(32)
        )
        x, y = self._coordinates(count), self._coordinates(count)
        return form.ValuedPoints(x, y, self._floats(count), chance.choice([None, origin]))

    def _run(self, id_: int, task: form.Task) -> Run:
        chance = self._random
        length = chance.choice([0, 1, 2, 5]) if chance.random() < 0.98 else form.MAX_MOMENTS
        moments: list[Moment] = []
        epoch = 0
        for _ in range(length + 1):
            self._newest_id += chance.choice([1, 1, 7, 2**40])
            epoch += chance.choice([0, 1, 100])
            moments.append(self._moment(epoch, task, large=length < 3))
        newest = chance.choice([None, moments.pop()])
        return Run(
            id=id_,
            name=chance.choice(NAMES),
            task=task,
            settings=self._settings(),
            interval=chance.choice([1, 16, messages.MAX_INTEGER]),
            line=tuple(moments[:length]),
            newest=newest,
        )

    def _features(self) -> tuple[choices.Feature, ...]:
        features = get_args(choices.Feature)
        chosen = set(self._random.sample(features, self._random.randint(1, len(features))))
        return tuple(feature for feature in features if feature in chosen)

    def _settings(self) -> RunSettings:
        chance = self._random
        hyperparameters = messages.Hyperparameters(
            optimiser=chance.choice(get_args(choices.OptimiserName)),
            learning_rate=self._number(1e-300, 100),
            batch_size=chance.choice([None, 1, 1000]),
            l2=self._number(0, 10),
            dropout=self._number(0, 0.9),
            l1=chance.choice([0.0, -0.0, 0.001]),
            nesterov=chance.random() < 0.5,
            weight_decay=self._number(0, 10),
            clip_norm=chance.choice([None, 1e6]),
            schedule=chance.choice(get_args(choices.Schedule)),
            schedule_epochs=chance.randint(1, 1_000_000),
            schedule_factor=self._number(1e-9, 1),
        )
        conditions = messages.StopConditions(
            epoch=chance.choice([None, 1, messages.MAX_INTEGER]),
            loss=chance.choice([None, 0.01]),
            seconds=chance.choice([None, 86_400]),
            patience=chance.choice([None, 1_000_000]),
        )
        return RunSettings(
            hidden_layers=self._layers(),
            activation=chance.choice(get_args(choices.Activation)),
            features=self._features(),
            initialiser=chance.choice(get_args(choices.Initialiser)),
            seed=chance.getrandbits(32),
            hyperparameters=chance.choice([messages.Hyperparameters(), hyperparameters]),
            stop_conditions=chance.choice([messages.StopConditions(), conditions]),
        )

    def _layers(self, *, large: bool = False) -> tuple[int, ...]:
        chance = self._random
        if large and chance.random() < 0.05:
            return (100, 20)
        return tuple(chance.randint(1, 4) for _ in range(chance.choice([0, 1, 2, 10])))

    def _moment(self, epoch: int, task: form.Task, *, large: bool) -> Moment:
        chance = self._random
        labels = sorted(chance.sample(range(messages.MAX_CLASSES), chance.choice([2, 3, 10])))
        classes = tuple(labels) if task == "classification" else ()
        network = messages.Network(
            self._layers(large=large),
            classes,
            chance.choice(get_args(choices.Activation)),
            self._features(),
            chance.choice(get_args(choices.Initialiser)),
        )
        count = network.parameter_count
        name = chance.choice(get_args(choices.OptimiserName))
        slots = self._floats(SLOTS[name] * count)
        steps = chance.choice([0, 1, messages.MAX_INTEGER])
        checkpoint = messages.Checkpoint(
            network,
            self._floats(count),
            messages.Optimiser(name, slots, steps),
            step=steps,
            epoch=epoch,
            seed=chance.getrandbits(32),
        )
        metrics = [chance.choice([None, self._metrics(len(classes))]) for _ in range(2)]
        id_ = self._newest_id
        parent = chance.choice([None, id_ - 1]) if id_ else None
        return Moment(id_, parent, checkpoint, *metrics)

    def _metrics(self, classes: int) -> messages.Metrics:
        chance = self._random
        loss = chance.choice([None, chance.random(), *LOSSES])
        if not classes:
            return messages.Metrics(loss, r2=chance.choice([None, 1.0, -1e300]))
        confusion = chance.choice([b"", chance.randbytes(2 * classes**2)])
        return messages.Metrics(loss, chance.choice([None, 0.0, 1.0, 2 / 3]), confusion)
