import assert from "node:assert/strict";
import { test } from "node:test";

import {
  keysIn,
  openStorages,
  StorageFailure,
} from "../../../src/nnvisu/static/js/storage/browser_storage.js";
import { local } from "../support/storage.js";

/** @param {() => any} access */
const browser = (access) => ({
  get localStorage() {
    return access();
  },
  sessionStorage: local(),
});

/** @type {() => any} */
const refuse = () => {
  throw new DOMException("denied", "SecurityError");
};

/** @type {Record<string, () => any>} */
const MISSING = {
  "refuses access": refuse,
  "is null": () => null,
  "is missing": () => undefined,
  "can't be read": () => ({ getItem: refuse }),
};

for (const [name, access] of Object.entries(MISSING)) {
  test(`a storage that ${name} is replaced by one in memory`, () => {
    const { local: memory, kept } = openStorages(browser(access));
    assert.equal(kept, false);
    memory.setItem("a", "1");
    memory.setItem("b", "2");
    memory.setItem("a", "3");
    memory.removeItem("b");
    assert.deepEqual([memory.getItem("a"), memory.getItem("b")], ["3", null]);
    assert.deepEqual(keysIn(memory), ["a"]);
  });
}

test("a storage that works is used, and its failures have one type", () => {
  const real = local(20);
  const { local: storage, kept } = openStorages(browser(() => real));
  assert.equal(kept, true);
  storage.setItem("a", "1");
  assert.equal(real.getItem("a"), "1");
  assert.throws(() => storage.setItem("b", "x".repeat(30)), { name: "QuotaExceededError" });
  real.setItem = refuse;
  assert.throws(() => storage.setItem("b", "2"), StorageFailure);
});
