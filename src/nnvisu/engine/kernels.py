"""The kernels that Python calls: training, inference and metrics. They release the GIL.

Scratch arrays come from `workspace.Workspace`. Points come as one flat float32 array of rows:
the features, then the targets (output units of the labels, or values). Each row is ``row`` elements
long and padded with zeros. A network with one output is for regression, one with more for
classification.
"""

import numpy as np

from nnvisu.engine.compilation import Doubles, Floats, Integers, helper, kernel
from nnvisu.engine.forward_backward import backward, forward, softmax
from nnvisu.engine.mathematics import exponential, logarithm_of_one_plus, random_words
from nnvisu.engine.random_numbers import Purpose
from nnvisu.engine.updates import (
    CLIP_NORM,
    DROPOUT,
    FINE,
    L1,
    L2,
    clip,
    condition,
    penalise,
    scheduled_rate,
    update,
)
from nnvisu.engine.vector import (
    LANES,
    lane_numbers,
    lanes_below,
    load,
    splat,
    store,
    store_words,
    where_equal,
    where_greater,
    words,
)

BLOCK = 256
"""Samples that pass through the network together; partial sums are added block by block."""

STEP, EPOCH, POSITION, UPDATES, SHUFFLED = range(5)
"""Places in ``counters``: all updates, all epochs, updates in this epoch, updates of the slots, and
the epoch after the one whose order the shuffled copy of the points has; 0 for none."""

SHUFFLE = int(Purpose.SHUFFLE)


def row_length(vectors: int) -> int:
    """Return the stride, in elements, of rows of ``vectors`` vectors: an odd number of vectors.

    With an even number, or a power of two, the rows' first elements would share a few sets of the
    first-level cache and evict each other.
    """
    return (vectors | 1) * LANES


row_stride = helper(row_length)


@helper
def stage(
    points: Floats,
    row: int,
    first: int,
    inputs: int,
    values: Floats,
    stride: int,
    vectors: int,
) -> None:
    """Copy the inputs of a block, from sample ``first`` on, into the first rows of ``values``."""
    for unit in range(inputs):
        for v in range(vectors):
            place = unit * row + first + v * LANES
            store(values, unit * stride + v * LANES, load(points, place))


@helper
def shuffle(
    seed: int,
    epoch: int,
    n: int,
    points: Floats,
    shuffled: int,
    row: int,
    order: Integers,
    draws: Integers,
) -> None:
    """Copy the first part of ``points`` to ``shuffled`` and beyond, in this epoch's order.

    Overwrites ``order`` and ``draws``, int64 (n,) and (n padded to whole vectors,).

    Source: Durstenfeld's form of the Fisher-Yates shuffle, Communications of the ACM 7, 1964.
    """
    counter = lane_numbers()
    for at in range(0, n, LANES):
        bits = random_words(seed, SHUFFLE | (epoch >> 32) << 8, counter, epoch)
        store_words(draws, at, bits)
        counter = counter + words(LANES)
    for i in range(n):
        order[i] = i
    for i in range(n - 1, 0, -1):
        j = (draws[i] * (i + 1)) >> 32
        order[i], order[j] = order[j], order[i]
    for start in range(0, shuffled, row):
        for i in range(n):
            points[shuffled + start + i] = points[start + order[i]]


@helper
def output_deltas(
    points: Floats,
    targets_at: int,
    samples: int,
    share: float,
    values: Floats,
    deltas: Floats,
    top: int,
    classes: int,
    stride: int,
    vectors: int,
) -> None:
    """Fill the outputs' deltas: the derivatives of the samples' losses, times ``share``.

    For classification ``values`` holds probabilities, and the derivative is that of the
    cross-entropy by the logits; for regression it is that of the squared error by the value.
    """
    zero, one = splat(0.0), splat(1.0)
    for v in range(vectors):
        target = load(points, targets_at + v * LANES)
        weight = splat(share) * lanes_below(samples - v * LANES)
        if classes == 1:
            at = top * stride + v * LANES
            error = load(values, at) - target
            store(deltas, at, (error + error) * weight)
            continue
        for c in range(classes):
            at = (top + c) * stride + v * LANES
            hit = where_equal(target, splat(c), one, zero)
            store(deltas, at, (load(values, at) - hit) * weight)


@helper
def cross_entropy(
    points: Floats,
    targets_at: int,
    values: Floats,
    deltas: Floats,
    top: int,
    classes: int,
    stride: int,
    vectors: int,
) -> None:
    """Fill three rows of ``deltas`` with the parts of each sample's loss and accuracy.

    From logits z: row 0 is max z - z of the target; row 1 is ln(1 + r), where r is the
    sum of exp(z - max z) without the largest term, which is 1, so that small losses keep their
    digits; row 2 is the first class with the largest z.
    """
    zero = splat(0.0)
    for v in range(vectors):
        at = top * stride + v * LANES
        target = load(points, targets_at + v * LANES)
        largest, best, wanted = load(values, at), zero, load(values, at)
        for c in range(1, classes):
            z = load(values, at + c * stride)
            best = where_greater(z, largest, splat(c), best)
            largest = where_greater(z, largest, z, largest)
            wanted = where_equal(target, splat(c), z, wanted)
        rest = zero
        for c in range(classes):
            e = exponential(load(values, at + c * stride) - largest)
            rest = rest + where_equal(best, splat(c), zero, e)
        store(deltas, v * LANES, largest - wanted)
        store(deltas, stride + v * LANES, logarithm_of_one_plus(rest))
        store(deltas, 2 * stride + v * LANES, best)


@kernel
def train(
    steps: int,
    sizes: Integers,
    activation: int,
    optimiser: int,
    schedule: int,
    settings: Doubles,
    batch: int,
    seed: int,
    n: int,
    points: Floats,
    row: int,
    decayed: Floats,
    parameters: Floats,
    slots: Floats,
    boundary: Floats,
    counters: Integers,
    order: Integers,
    draws: Integers,
    values: Floats,
    deltas: Floats,
    gradient: Floats,
) -> tuple[int, int]:
    """Run up to ``steps`` updates; return their number and the condition at the end.

    Changes in place: parameters, slots, counters, boundary and the scratch arrays. ``boundary``
    (parameters and slots, joined) is the state at the last epoch boundary whose condition was
    FINE. With batches, the second half of ``points`` is a copy in the epoch's order.
    """
    p = len(parameters)
    inputs, classes = sizes[0], sizes[-1]
    units = 0
    for size in sizes:
        units += size
    top = units - classes
    done = 0
    shuffled = (inputs + 1) * row
    epoch_start = 0 if batch == n else shuffled
    while done < steps:
        if batch < n and counters[SHUFFLED] != counters[EPOCH] + 1:
            counters[SHUFFLED] = counters[EPOCH] + 1
            shuffle(seed, counters[EPOCH], n, points, shuffled, row, order, draws)
        start = counters[POSITION] * batch
        stop = min(start + batch, n)
        for k in range(0, p, LANES):
            store(gradient, k, splat(0.0))
        for first in range(start, stop, BLOCK):
            samples = min(BLOCK, stop - first)
            vectors = (samples + LANES - 1) // LANES
            stride = row_stride(vectors)
            place = epoch_start + first
            stage(points, row, place, inputs, values, stride, vectors)
            for v in range(vectors):
                store(values, units * stride + v * LANES, splat(1.0))
            forward(
                sizes,
                activation,
                parameters,
                values,
                deltas,
                stride,
                vectors,
                settings[DROPOUT],
                seed,
                counters[STEP],
                first - start,
            )
            if classes > 1:
                softmax(values, top, classes, stride, vectors)
            output_deltas(
                points,
                place + inputs * row,
                samples,
                1.0 / (stop - start),
                values,
                deltas,
                top,
                classes,
                stride,
                vectors,
            )
            backward(
                sizes,
                parameters,
                values,
                deltas,
                stride,
                vectors,
                units * stride,
                gradient,
            )
        if settings[L1] > 0.0 or settings[L2] > 0.0:
            penalise(settings[L1], settings[L2], parameters, decayed, gradient)
        if settings[CLIP_NORM] > 0.0:
            clip(settings[CLIP_NORM], gradient)
        counters[UPDATES] += 1
        rate = scheduled_rate(schedule, counters[EPOCH], settings)
        update(optimiser, rate, counters[UPDATES], settings, decayed, parameters, slots, gradient)
        counters[STEP] += 1
        counters[POSITION] += 1
        done += 1
        if stop == n:
            counters[POSITION] = 0
            counters[EPOCH] += 1
            state = condition(sizes, parameters, slots)
            if state != FINE:
                return done, state
            for k in range(0, p, LANES):
                store(boundary, k, load(parameters, k))
            for k in range(0, len(slots), LANES):
                store(boundary, p + k, load(slots, k))
    return done, FINE


@kernel
def infer(
    sizes: Integers,
    activation: int,
    parameters: Floats,
    n: int,
    points: Floats,
    row: int,
    values: Floats,
    deltas: Floats,
    answers: Floats,
    confusion: Integers,
) -> tuple[float, int]:
    """Fill ``answers``, one row for each output, with probabilities or values; or compute metrics.

    If ``answers`` is empty, returns the mean cross-entropy in nats, or the mean squared error, and
    the number of points whose most probable class is their own; and ``confusion`` (classes,
    classes), flat, becomes the number of points by their class (row) and their most probable
    class (column).
    """
    inputs, classes = sizes[0], sizes[-1]
    top = 0
    for size in sizes[:-1]:
        top += size
    loss = 0.0
    right = 0
    confusion[:] = 0
    for first in range(0, n, BLOCK):
        samples = min(BLOCK, n - first)
        vectors = (samples + LANES - 1) // LANES
        stride = row_stride(vectors)
        stage(points, row, first, inputs, values, stride, vectors)
        forward(sizes, activation, parameters, values, deltas, stride, vectors, 0.0, 0, 0, 0)
        targets_at = inputs * row + first
        if len(answers) > 0:
            if classes > 1:
                softmax(values, top, classes, stride, vectors)
            for c in range(classes):
                for v in range(vectors):
                    answer = load(values, (top + c) * stride + v * LANES)
                    store(answers, c * row + first + v * LANES, answer)
        elif classes == 1:
            for s in range(samples):
                error = np.float64(values[top * stride + s]) - np.float64(points[targets_at + s])
                loss += error * error
        else:
            cross_entropy(points, targets_at, values, deltas, top, classes, stride, vectors)
            for s in range(samples):
                loss += np.float64(deltas[s]) + np.float64(deltas[stride + s])
                actual, best = int(points[targets_at + s]), int(deltas[2 * stride + s])
                confusion[actual * classes + best] += 1
                right += actual == best
    return loss / n, right
