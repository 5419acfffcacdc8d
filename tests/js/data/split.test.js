import assert from "node:assert/strict";
import { test } from "node:test";

import { add, filter, NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { part, split } from "../../../src/nnvisu/static/js/data/split.js";

/** Points on a spiral, of three classes in turn. @param {number} n */
function spiral(n) {
  return add(
    NONE,
    Array.from({ length: n }, (_, k) => ({
      x: (k / n) * Math.cos(k),
      y: (k / n) * Math.sin(k),
      label: k % 3,
    })),
  );
}

/** @param {Uint8Array} label */
const counts = (label) =>
  [0, 1, 2].map((wanted) => label.filter((found) => found === wanted).length);

test("each class gives its share of test points, rounded to the nearest point", () => {
  const points = spiral(90);
  for (const share of [0, 0.1, 0.25, 0.5]) {
    const each = Math.round(30 * share);
    assert.deepEqual(counts(part(split(points, share), 1).label), [each, each, each]);
    assert.deepEqual(counts(part(split(points, share), 0).label), [
      30 - each,
      30 - each,
      30 - each,
    ]);
  }
});

test("the parts contain each point exactly once", () => {
  const parted = split(spiral(50), 0.3);
  const both = [...part(parted, 0).x, ...part(parted, 1).x].sort();
  assert.deepEqual(both, [...parted.x].sort());
});

test("a larger share keeps all previous test points", () => {
  const [less, more] = [split(spiral(90), 0.2), split(spiral(90), 0.4)];
  assert.ok(less.test.every((tests, index) => tests <= more.test[index]));
});

test("erasing a point hardly changes the split of the others", () => {
  const points = spiral(90);
  const before = split(points, 0.3).test.filter((_, index) => index !== 4);
  const after = split(
    filter(points, (index) => index !== 4),
    0.3,
  ).test;
  const changed = before.filter((tests, index) => tests !== after[index]).length;
  assert.ok(changed <= 1, `${changed} changed`);
});

test("the test points are spread over the plane", () => {
  const { x, y } = part(split(spiral(300), 0.3), 1);
  for (const axis of [x, y]) {
    const left = axis.filter((value) => value < 0).length;
    assert.ok(left > 30 && left < 60, `${left} of 90`);
  }
});

test("points with values are split as a whole and keep their values", () => {
  const some = Array.from(spiral(50).x, (x, k) => ({ x, y: spiral(50).y[k], value: k / 50 }));
  const parted = split(add(NONE, some), 0.3);
  assert.equal(part(parted, 1).value.length, 15);
  const both = [...part(parted, 0).value, ...part(parted, 1).value].sort();
  assert.deepEqual(both, [...parted.value].sort());
  assert.equal(part(parted, 0).label.length, 0);
});
