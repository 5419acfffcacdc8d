import assert from "node:assert/strict";
import { after, test } from "node:test";
import zlib from "node:zlib";

import { crc32, fromBase64, toBase64 } from "../../../src/nnvisu/static/js/base/binary.js";
import {
  copy,
  list,
  move,
  remove,
  unused,
} from "../../../src/nnvisu/static/js/storage/experiments.js";
import { experimentOf } from "../../../src/nnvisu/static/js/storage/experiment.js";
import { record, thin } from "../../../src/nnvisu/static/js/state/history.js";
import { add, NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { createPast } from "../../../src/nnvisu/static/js/storage/history_store.js";
import { restore } from "../../../src/nnvisu/static/js/storage/restore.js";
import { FULL, save } from "../../../src/nnvisu/static/js/storage/autosave.js";
import { defaultConfig } from "../../../src/nnvisu/static/js/settings/settings.js";
import { moment as plainMoment } from "../../../src/nnvisu/static/js/storage/plain.js";
import {
  createStorage,
  PARTS,
  seal,
  unseal,
} from "../../../src/nnvisu/static/js/storage/local_storage.js";
import { createStore } from "../../../src/nnvisu/static/js/state/store.js";
import { begin } from "../../../src/nnvisu/static/js/data/undo.js";
import { schema } from "../support/schema.js";
import { PLAIN } from "../support/networks.js";

/** Local Storage with room for so many characters, as a browser behaves. */
class Local {
  /** @param {number} [room] */
  constructor(room = Infinity) {
    Object.defineProperty(this, "room", { value: room, writable: true });
  }

  /** @param {string} key */
  getItem(key) {
    return /** @type {any} */ (this)[key] ?? null;
  }

  /** @param {string} key @param {string} text */
  setItem(key, text) {
    const others = Object.entries(this).filter(([other]) => other !== key);
    const taken = others.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    if (taken + key.length + text.length > /** @type {any} */ (this).room) {
      throw new DOMException("full", "QuotaExceededError");
    }
    /** @type {any} */ (this)[key] = text;
  }

  /** @param {string} key */
  removeItem(key) {
    delete (/** @type {any} */ (this)[key]);
  }
}

const local = (/** @type {number} */ room = Infinity) => /** @type {any} */ (new Local(room));

/** @param {number} epoch @returns {import("../../../src/nnvisu/static/js/state/history.js").Moment} */
function moment(epoch) {
  const values = (/** @type {number} */ n) =>
    Float32Array.from({ length: n }, (_, k) => Math.sin(k + epoch));
  return {
    checkpoint: {
      network: { hidden_layers: [2], classes: [0, 1], activation: "gelu", ...PLAIN },
      parameters: values(12),
      optimiser: { name: "adam", slots: values(24), steps: 3 * epoch },
      ...{ step: 3 * epoch, epoch, seed: 5 },
    },
    training: { loss: 0.5, accuracy: 0.75, confusion: Uint16Array.of(2, 1, 0, 1), r2: null },
    test: epoch % 2 ? { loss: 2, accuracy: null, confusion: new Uint16Array(0), r2: 0.5 } : null,
  };
}

/** One point in the middle, without a label or a value, and a value that is no number. */
const POINT = { x: "AAAAAA==", y: "AAAAAA==", label: "", origin: null };

/** An experiment with something in every part. */
function filled() {
  const store = createStore({ name: "test", config: defaultConfig(schema) });
  store.config.value = { ...store.config.value, learning_rate: 0.1 + 0.2, batch_size: 10 };
  store.timeline.value = begin(
    add(NONE, [
      { x: 0.1, y: -1, label: 9 },
      { x: 1 / 3, y: 1, label: 0 },
    ]),
  );
  store.aside.value = begin(add(NONE, [{ x: 0.5, y: 1 / 7, value: -1 / 3 }]));
  store.view.value = { ...store.view.value, tool: "erase", target: 0.35, howto: false };
  for (let epoch = 0; epoch < 20; epoch += 1) {
    store.live.value = moment(epoch);
    store.history.value = record(store.history.value, store.live.value);
  }
  return store;
}

/** @param {any} store @param {any} where */
function saving(store, where) {
  const storage = createStorage(where, "test");
  const saver = save(store, storage, createPast(storage));
  after(saver.abandon);
  return saver;
}

/** @param {any} where */
function stored(where) {
  const store = filled();
  saving(store, where).flush();
  return store;
}

/** @param {any} where @param {string} [name] */
function restored(where, name = "test") {
  const store = createStore({ name, config: defaultConfig(schema) });
  const storage = createStorage(where, name);
  const { found } = restore(store, storage, createPast(storage), schema);
  return { store, found };
}

/** What is stored, in characters. @param {any} where @param {(key: string) => boolean} [which] */
const size = (where, which = () => true) =>
  Object.entries(where)
    .filter(([key]) => which(key))
    .reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);

const text = (/** @type {any} */ store) => JSON.stringify(experimentOf(store));

test("the checksum is the CRC-32 of the text's two-byte units", () => {
  for (const json of ["", "a", "1", '{"x":"AAA="}', "é𝄞".repeat(999)]) {
    const checksum = zlib.crc32(Buffer.from(json, "utf16le"));
    assert.equal(crc32(json), checksum.toString(16).padStart(8, "0"));
  }
});

test("base64 keeps every bit of every number", () => {
  const numbers = Float32Array.of(0, -0, 1e-45, 3.4e38, Math.PI, -1 / 3);
  const back = new Float32Array(fromBase64(toBase64(numbers)).buffer);
  assert.deepEqual(new Uint32Array(back.buffer), new Uint32Array(numbers.buffer));
  const many = Uint8Array.from({ length: 100_000 }, (_, index) => index);
  assert.deepEqual(fromBase64(toBase64(many)), many);
});

test("what is sealed is unsealed; anything else is refused", () => {
  const sealed = seal('{"a":[1,2]}');
  assert.deepEqual(unseal(sealed), { a: [1, 2] });
  for (const damaged of [sealed.slice(0, -1), sealed.replace("2]", "3]"), `9${sealed}`, "", "1:"]) {
    assert.throws(() => unseal(damaged), Error, damaged);
  }
});

test("an experiment comes back to the last bit", () => {
  const where = local();
  const before = stored(where);
  const { store, found } = restored(where);
  assert.ok(found);
  assert.equal(text(store), text(before));
  assert.deepEqual(store.history.value, before.history.value);
  assert.deepEqual(store.view.value, before.view.value);
  assert.deepEqual(store.notices.value, []);
});

test("points come back to the problem that they are of, whatever is damaged beside them", () => {
  const where = local();
  const store = filled();
  const [labelled, valued] = [store.timeline.value, /** @type {any} */ (store.aside.value)];
  store.config.value = { ...store.config.value, task: "regression" };
  store.timeline.value = valued;
  store.aside.value = labelled;
  saving(store, where).flush();
  const same = restored(where).store;
  assert.deepEqual(same.timeline.value.present, { ...valued.present, origin: undefined });
  assert.deepEqual(same.aside.value?.present, { ...labelled.present, origin: undefined });
  where.setItem("nnvisu/test/config", "damaged");
  const other = restored(where).store;
  assert.deepEqual(other.timeline.value.present, { ...labelled.present, origin: undefined });
  assert.deepEqual(other.aside.value?.present, { ...valued.present, origin: undefined });
});

test("a problem without points comes back empty, one never chosen not at all", () => {
  const where = local();
  const store = filled();
  store.timeline.value = begin(NONE);
  saving(store, where).flush();
  assert.equal(restored(where).store.points.value.x.length, 0);
  assert.deepEqual(
    [...(restored(where).store.aside.value?.present.value ?? [])],
    [Math.fround(-1 / 3)],
  );
  store.aside.value = null;
  assert.equal(restored(where).store.aside.value, null);
});

test("what was stored before there was regression comes back as classification", () => {
  const where = local();
  const before = stored(where);
  for (const [part, names] of [
    ["config", ["task"]],
    ["data", ["value", "aside"]],
    ["view", ["target"]],
  ]) {
    const value = /** @type {any} */ (unseal(where.getItem(`nnvisu/test/${part}`)));
    for (const name of names) delete value[name];
    where.setItem(`nnvisu/test/${part}`, seal(JSON.stringify(value)));
  }
  const { store } = restored(where);
  assert.deepEqual(store.notices.value, []);
  assert.equal(store.config.value.task, "classification");
  assert.deepEqual(store.points.value, { ...before.points.value, origin: undefined });
  assert.deepEqual([store.aside.value, store.view.value.target], [null, 1]);
});

test("a first visit finds nothing", () => {
  assert.equal(restored(local()).found, false);
});

test("any damaged part is named and kept aside; the others are restored", () => {
  for (const part of PARTS) {
    const where = local();
    const before = stored(where);
    const key = `nnvisu/test/${part}`;
    const broken = `${where.getItem(key).slice(0, -9)}x`;
    where.setItem(key, broken);
    const { store } = restored(where);
    assert.equal(store.notices.value.length, 1, part);
    assert.equal(where.getItem(`${key}.damaged`), broken);
    assert.equal(where.getItem(key), null);
    const wanted = JSON.parse(text(before));
    const got = JSON.parse(text(store));
    if (part !== "config") assert.deepEqual(got.config, wanted.config, part);
    if (part !== "data") assert.deepEqual(got.data, wanted.data, part);
    if (part !== "weights") assert.deepEqual(got.weights, wanted.weights, part);
    if (part !== "history") assert.equal(store.history.value.moments.length, 20);
  }
});

test("what is sealed well but is no legal experiment is refused too", () => {
  const wrong = /** @type {Record<string, unknown[]>} */ ({
    config: [
      {},
      null,
      5,
      { ...filled().config.value, task: "neither" },
      { ...filled().config.value, learning_rate: -1 },
    ],
    data: [
      null,
      { x: "AAAA", y: "", label: "", origin: null },
      { x: "", y: "", label: "AA==", origin: null },
      { ...POINT, label: "AA==", value: "AAAAAA==" },
      { ...POINT, value: "AADAfw==" },
      { ...POINT, label: "AA==", aside: { ...POINT, label: "AA==" } },
      { ...POINT, label: "AA==", aside: 5 },
    ],
    weights: [{}, [], "x"],
    optimiser: [{ name: "adam", slots: "AAAA", steps: 1, step: 57 }],
    history: [
      { interval: 0, moments: [] },
      { interval: 1, moments: [{}] },
    ],
    view: [{}, null, { theme: 1 }],
  });
  for (const [part, values] of Object.entries(wrong)) {
    for (const value of values) {
      const where = local();
      stored(where);
      where.setItem(`nnvisu/test/${part}`, seal(JSON.stringify(value)));
      assert.equal(
        restored(where).store.notices.value.length,
        1,
        `${part} ${JSON.stringify(value)}`,
      );
    }
  }
});

test("optimiser memory of other weights is not mixed with these", () => {
  const where = local();
  stored(where);
  const optimiser = /** @type {any} */ (unseal(where.getItem("nnvisu/test/optimiser")));
  where.setItem("nnvisu/test/optimiser", seal(JSON.stringify({ ...optimiser, step: 1 })));
  const { store } = restored(where);
  assert.equal(store.live.value?.checkpoint.optimiser.slots.length, 0);
  assert.match(store.notices.value[0], /optimiser's memory/);
});

test("where there is little room, history goes first and everything else stays", () => {
  const whole = local();
  stored(whole);
  const small = size(whole, (key) => !key.includes("/history"));
  for (const room of [size(whole) - 1, small + 3000, small + 200]) {
    const where = local(room);
    const before = filled();
    saving(before, where).flush();
    const { store } = restored(where);
    assert.equal(text(store), text(before), `room for ${room}`);
    assert.ok(store.history.value.moments.length < 20);
    assert.deepEqual(before.notices.value, []);
  }
});

test("with no room at all the page says so", () => {
  const store = filled();
  saving(store, local(10)).flush();
  assert.deepEqual(store.notices.value, [FULL]);
});

test("a change of a setting is stored before the next line of script", () => {
  const where = local();
  const store = filled();
  const saver = saving(store, where);
  store.config.value = { ...store.config.value, l2: 0.125 };
  assert.equal(/** @type {any} */ (unseal(where.getItem("nnvisu/test/config"))).l2, 0.125);
  saver.abandon();
  store.config.value = { ...store.config.value, l2: 0.25 };
  assert.equal(/** @type {any} */ (unseal(where.getItem("nnvisu/test/config"))).l2, 0.125);
});

test("experiments are listed, copied, named anew and removed", () => {
  const where = local();
  stored(where);
  copy(where, "test", "other");
  assert.deepEqual(list(where), ["other", "test"]);
  assert.equal(unused(where, "test"), "test 2");
  assert.equal(unused(where, "fresh"), "fresh");
  remove(where, "test");
  assert.deepEqual(list(where), ["other"]);
  assert.ok(Object.keys(where).every((key) => !key.startsWith("nnvisu/test/")));
});

test("an experiment is moved without room for two; where even that fails, all stays as it was", () => {
  const where = local();
  stored(where);
  const keys = Object.keys(where).length;
  where.room = size(where);
  assert.equal(move(where, "test", "a much longer name than before"), false);
  assert.equal(restored(where).found, true);
  assert.deepEqual(list(where), ["test"]);
  assert.equal(move(where, "test", "best"), true);
  assert.deepEqual(list(where), ["best"]);
  assert.equal(Object.keys(where).filter((key) => key.startsWith("nnvisu/best/")).length, keys);
});

test("a copy says whether all of it fitted", () => {
  const where = local();
  stored(where);
  assert.equal(copy(where, "test", "whole"), true);
  where.room = size(where) + 6000;
  assert.equal(copy(where, "test", "part"), false);
  const { store } = restored(where, "part");
  assert.ok(store.history.value.moments.length > 0);
  assert.deepEqual(store.notices.value, []);
});

test("a damaged moment takes no other with it; without the list, the moments there are count", () => {
  const where = local();
  const before = stored(where).history.value;
  where.setItem("nnvisu/test/history/7", "1:00000000:{}");
  where.removeItem("nnvisu/test/history/9");
  where.setItem("nnvisu/test/history", "nothing");
  const { store } = restored(where);
  const epochs = store.history.value.moments.map(({ checkpoint }) => checkpoint.epoch);
  assert.deepEqual(
    epochs,
    before.moments.map(({ checkpoint: { epoch } }) => epoch).filter((n) => n !== 7 && n !== 9),
  );
  assert.equal(store.history.value.interval, 1);
  assert.match(store.notices.value.join(), /and kept aside: the history, 1 recorded moment\./);
  assert.equal(where.getItem("nnvisu/test/history/7.damaged"), "1:00000000:{}");
});

test("a missing moment that the list names is told", () => {
  const where = local();
  stored(where);
  where.removeItem("nnvisu/test/history/9");
  where.removeItem("nnvisu/test/history/10");
  assert.match(
    restored(where).store.notices.value.join(),
    /Missing from this browser's storage: 2 recorded moments\./,
  );
});

test("a missing part is told, and lost weights are those last recorded", () => {
  for (const part of /** @type {const} */ (["config", "data", "view", "weights"])) {
    const where = local();
    const before = stored(where);
    where.removeItem(`nnvisu/test/${part}`);
    assert.deepEqual(list(where), ["test"]);
    const { store } = restored(where);
    assert.equal(store.notices.value.length, 1, part);
    assert.match(store.notices.value[0], /Missing/);
    assert.deepEqual(store.live.value, before.live.value);
  }
});

test("a save writes the new moments alone, and takes away those that went", () => {
  const where = local();
  const store = stored(where);
  const storage = createStorage(where, "test");
  const past = createPast(storage);
  const { history } = past.read((value) => {
    const { optimiser, ...own } = /** @type {any} */ (value);
    return plainMoment(own, optimiser);
  });
  /** @type {string[]} */
  const written = [];
  storage.write = (key, json) => {
    written.push(key);
    where.setItem(`nnvisu/test/${key}`, seal(json));
    return true;
  };
  assert.equal(past.write(history, Infinity), "done");
  assert.deepEqual(written, ["history"]);
  const longer = record(history, moment(20));
  assert.equal(past.write(longer, Infinity), "done");
  assert.deepEqual(written.splice(0), ["history", "history/20", "history"]);
  assert.equal(past.write(thin(longer), Infinity), "done");
  assert.deepEqual(written, ["history"]);
  const stands = storage.keys().filter((key) => key.startsWith("history/")).length;
  assert.equal(stands, thin(longer).moments.length);
  assert.equal(store.history.value.moments.length, 20);
});

test("the history is written in slices, and what lies there after each is whole", () => {
  const where = local();
  const past = createPast(createStorage(where, "test"));
  const { history } = filled();
  assert.equal(past.write(history.value, 0), "more");
  assert.deepEqual(restored(where).store.history.value.moments, []);
  assert.equal(past.write(history.value, Infinity), "done");
  assert.deepEqual(restored(where).store.history.value, history.value);
});

test("what found no room is saved as soon as there is some, and the notice goes", async (context) => {
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
