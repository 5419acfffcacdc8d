import assert from "node:assert/strict";
import { test } from "node:test";

import { ACTIVATIONS } from "../../../src/nnvisu/static/js/model/activations.js";
import { RULES } from "../support/networks.js";

for (const [name, { exact, bounded, saturates }] of Object.entries(ACTIVATIONS)) {
  const zs = Array.from({ length: 4001 }, (_, k) => Math.fround((k - 2000) / 50));

  test(`${name} for metrics matches its definition to float32's precision`, () => {
    for (const z of zs) {
      const expected = RULES[name](z);
      const tolerance = 5e-7 * Math.max(1, Math.abs(z));
      assert.ok(
        Math.abs(exact(z) - expected) <= tolerance,
        `${exact(z)}, not ${expected}, at ${z}`,
      );
      assert.equal(exact(z), Math.fround(exact(z)));
    }
  });

  test(`${name} is as bounded, and saturates, as its table row says`, () => {
    assert.equal(
      zs.every((z) => Math.abs(exact(z)) <= 1),
      bounded,
    );
    const flat = [-40, 40].every((z) => exact(z) === exact(Math.sign(z) * 39));
    assert.equal(flat, saturates);
  });
}
