import assert from "node:assert/strict";
import { test } from "node:test";

import { batch } from "@preact/signals";

import { add } from "../../../src/nnvisu/static/js/data/points.js";
import { record, thin } from "../../../src/nnvisu/static/js/state/history.js";
import { FULL, refusedNotice } from "../../../src/nnvisu/static/js/storage/autosave.js";
import { activeRun } from "../../../src/nnvisu/static/js/storage/experiment.js";
import {
  openStorages,
  StorageFailure,
} from "../../../src/nnvisu/static/js/storage/browser_storage.js";
import { seal, unseal } from "../../../src/nnvisu/static/js/storage/local_storage.js";
import {
  filled,
  local,
  moment,
  opened,
  restored,
  saving,
  size,
  stored,
  text,
} from "../support/storage.js";

/** @param {any} where @param {string} part */
const read = (where, part) => /** @type {any} */ (unseal(where.getItem(`nnvisu/test/${part}`)));

test("with little room, the history is dropped first and the rest is kept", () => {
  const whole = local();
  stored(whole);
  const moments = size(whole, (key) => /run\/1\/\d+$/.test(key));
  for (const room of [size(whole) - 1, size(whole) - moments / 2, size(whole) - 0.9 * moments]) {
    const where = local(room);
    const before = filled();
    saving(before, where).flush();
    const { store } = restored(where);
    assert.deepEqual(store.config.value, before.config.value, `room for ${room}`);
    assert.deepEqual(store.drawn.value, before.drawn.value);
    assert.deepEqual(store.live.value, before.live.value);
    assert.ok(store.history.value.moments.length < 20);
    assert.deepEqual(before.notices.value, []);
  }
});

test("without any room the page shows a notice", () => {
  const store = filled();
  saving(store, local(10)).flush();
  assert.deepEqual(store.notices.value, [FULL]);
});

test("a change of a setting is stored before the next line of script", () => {
  const where = local();
  const store = filled();
  const saver = saving(store, where);
  const rate = () => read(where, "run/1").settings.hyperparameters.l2;
  store.config.value = { ...store.config.value, l2: 0.125, noise: 0.75 };
  assert.deepEqual([rate(), read(where, "settings").noise], [0.125, 0.75]);
  saver.abandon();
  store.config.value = { ...store.config.value, l2: 0.25 };
  assert.equal(rate(), 0.125);
});

test("a stroke is stored at most four times per second, and at its end", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const where = local();
  const store = filled();
  const saver = saving(store, where);
  let writes = 0;
  const setItem = where.setItem.bind(where);
  Object.defineProperty(where, "setItem", {
    value: (/** @type {string} */ key, /** @type {string} */ value) => {
      if (key.includes("/data/")) writes += 1;
      setItem(key, value);
    },
  });
  store.stroke.value = true;
  for (let k = 0; k < 100; k += 1) {
    store.drawn.value = add(store.drawn.value, [{ x: k / 100, y: 0, label: 1 }]);
    context.mock.timers.tick(10);
  }
  assert.ok(writes >= 2 && writes <= 4, `${writes} writes in a second`);
  const before = writes;
  store.drawn.value = add(store.drawn.value, [{ x: 1, y: 0, label: 1 }]);
  store.stroke.value = false;
  assert.equal(writes, before + 1);
  assert.equal(atob(read(where, "data/classification").label).length, 103);
  store.drawn.value = add(store.drawn.value, [{ x: 1, y: 1, label: 1 }]);
  assert.equal(writes, before + 2, "outside a stroke every point is stored at once");
  saver.abandon();
});

test("a save writes only new moments and removes dropped ones", () => {
  const where = local();
  const store = stored(where);
  const { storage, histories } = opened(where);
  const { classification: runs } = histories;
  const pass = (/** @type {any} */ value) => value;
  const kept = [...store.history.value.moments, store.live.value];
  runs.read({
    head: pass,
    moment: (/** @type {any} */ { id }) => /** @type {any} */ (kept.find((it) => it?.id === id)),
  });
  /** @type {string[]} */
  const written = [];
  storage.write = (key, json) => {
    written.push(key);
    where.setItem(`nnvisu/test/${key}`, seal(json));
    return true;
  };
  assert.equal(runs.write(activeRun(store), Infinity), "done");
  assert.deepEqual(written.splice(0), ["run/1"]);
  store.live.value = moment(30);
  store.history.value = record(store.history.value, moment(30));
  store.live.value = store.history.value.moments.at(-1) ?? null;
  assert.equal(runs.write(activeRun(store), Infinity), "done");
  assert.deepEqual(written.splice(0), ["run/1", `run/1/${moment(30).id}`, "run/1"]);
  assert.equal(where.getItem(`nnvisu/test/run/1/${moment(25).id}`), null);
  store.history.value = thin(store.history.value);
  assert.equal(runs.write(activeRun(store), Infinity), "done");
  assert.deepEqual(written, ["run/1"]);
  const stands = storage.keys().filter((key) => key.startsWith("run/1/")).length;
  assert.equal(stands, store.history.value.moments.length);
});

test("outside the line of history only the newest weights are stored", () => {
  const where = local();
  const store = stored(where);
  const saver = saving(store, where);
  for (const epoch of [26, 27, 28]) {
    store.live.value = moment(epoch);
    saver.flush();
  }
  const ids = Object.keys(where).flatMap((key) => /run\/1\/(\d+)$/.exec(key)?.[1] ?? []);
  assert.equal(ids.length, 21);
  assert.ok(ids.includes(String(moment(28).id)));
});

test("the history is written in slices, and the store is consistent after each", () => {
  const where = local();
  const { histories } = opened(where);
  const store = filled();
  assert.equal(histories.classification.write(activeRun(store), 0), "more");
  assert.deepEqual(restored(where).store.history.value.moments, []);
  assert.equal(histories.classification.write(activeRun(store), Infinity), "done");
  const back = restored(where).store;
  assert.deepEqual(back.history.value, store.history.value);
  assert.deepEqual(back.live.value, store.live.value);
});

test("data that did not fit is saved as soon as it fits, and the notice disappears", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const where = local(10);
  const store = filled();
  const saver = saving(store, where);
  saver.flush();
  assert.deepEqual(store.notices.value, [FULL]);
  where.room = Infinity;
  context.mock.timers.tick(2000);
  assert.deepEqual(store.notices.value, []);
  saver.flush();
  const back = restored(where).store;
  assert.equal(text(back), text(store));
  assert.ok(back.history.value.moments.length > 0);
  saver.abandon();
});

test("weights whose figures were measured again stay stored", () => {
  const where = local();
  const store = stored(where);
  const saver = saving(store, where);
  const live = /** @type {any} */ (store.live.value);
  store.live.value = { ...live, training: { ...live.training, loss: 0.25 } };
  saver.flush();
  assert.equal(restored(where).store.live.value?.training?.loss, 0.25);
  const last = /** @type {any} */ (store.history.value.moments.at(-1));
  const measured = { ...last, training: { ...last.training, loss: 0.125 } };
  store.live.value = measured;
  store.history.value = {
    ...store.history.value,
    moments: [...store.history.value.moments.slice(0, -1), measured],
  };
  saver.abandon();
  const { histories } = opened(where);
  const pass = (/** @type {any} */ value) => value;
  histories.classification.read({ head: pass, moment: () => last });
  histories.classification.writeNewest(activeRun({ ...store }));
  assert.equal(restored(where).store.live.value?.training?.loss, 0.125);
});

test("the weights of a task that is left are stored at once", () => {
  const where = local();
  const store = filled();
  const saver = saving(store, where);
  saver.flush();
  const newer = moment(30);
  const left = { live: newer, history: store.history.value, measured: null };
  const other = /** @type {any} */ (store.aside.value);
  batch(() => {
    store.config.value = { ...store.config.value, task: "regression" };
    store.aside.value = { settings: {}, drawn: store.drawn.value, model: left };
    store.drawn.value = other.drawn;
    store.live.value = other.model.live;
    store.history.value = other.model.history;
  });
  assert.ok(where.getItem(`nnvisu/test/run/1/${newer.id}`));
  saver.abandon();
});

// Neither is a DOMException in every browser.
for (const name of ["SecurityError", "NS_ERROR_FAILURE"]) {
  test(`what a storage refused for a while with ${name} is saved afterwards`, (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const raw = local();
    let broken = false;
    const fragile = new Proxy(raw, {
      get(target, key) {
        const value = Reflect.get(target, key, target);
        if (typeof value !== "function") return value;
        return (/** @type {unknown[]} */ ...given) => {
          if (broken && key !== "getItem") throw Object.assign(new Error("refused"), { name });
          return value.apply(target, given);
        };
      },
    });
    const where = openStorages({ localStorage: fragile, sessionStorage: local() }).local;
    const store = stored(where);
    const { moments } = store.history.value;
    broken = true;
    const change = (/** @type {number} */ step) => {
      store.config.value = { ...store.config.value, noise: step / 10 };
      store.drawn.value = add(store.drawn.value, [{ x: 0, y: step / 10, label: 1 }]);
      store.live.value = moment(30 + step);
      store.history.value = record(store.history.value, moment(30 + step));
      context.mock.timers.tick(3000);
    };
    // The pauses between saves grow with the time that a save takes on this machine.
    const settle = () => {
      for (let second = 0; second < 120; second += 1) context.mock.timers.tick(1000);
    };
    change(1);
    change(2);
    const failure = new StorageFailure({ name });
    assert.deepEqual(store.notices.value, [refusedNotice(failure)]);
    assert.match(failure.message, new RegExp(name));
    broken = false;
    settle();
    assert.deepEqual(store.notices.value, []);
    assert.equal(text(restored(where).store), text(store));
    change(3);
    settle();
    assert.equal(text(restored(where).store), text(store));
    // The history was not thinned, as it is for lack of room.
    assert.ok(store.history.value.moments.length > moments.length);
  });
}

test("what another tab has overwritten or removed is written again", () => {
  for (const disturb of [
    (/** @type {any} */ where) => {
      for (const key of Object.keys(where)) {
        if (/run|data|settings/.test(key)) where.setItem(key, seal("null"));
      }
      where.setItem("nnvisu/test/run/1/99999", seal("{}"));
    },
    (/** @type {any} */ where) => {
      for (const key of Object.keys(where)) where.removeItem(key);
    },
  ]) {
    const where = local();
    const before = filled();
    const saver = saving(before, where);
    saver.flush();
    disturb(where);
    saver.rewrite();
    saver.flush();
    assert.equal(text(restored(where).store), text(before));
    assert.equal(where.getItem("nnvisu/test/run/1/99999"), null);
  }
});
