import assert from "node:assert/strict";
import { test } from "node:test";

import { NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { recordEdit } from "../../../src/nnvisu/static/js/state/history.js";
import { list } from "../../../src/nnvisu/static/js/storage/experiments.js";
import { seal, unseal } from "../../../src/nnvisu/static/js/storage/local_storage.js";
import { filled, local, moment, restored, saving, stored, text } from "../support/storage.js";

const NEWEST = moment(25).id;
const PARTS = /** @type {const} */ ([
  ...["settings", "view", "data/classification", "data/regression", "run/1", "run/2"],
  ...[`run/1/${NEWEST}`, `run/2/${moment(9).id}`],
]);
/** One point in the middle, with no label and no value. */
const POINT = { x: "AAAAAA==", y: "AAAAAA==", origin: null };

/** @param {any} where @param {string} part */
const read = (where, part) => /** @type {any} */ (unseal(where.getItem(`nnvisu/test/${part}`)));

test("an experiment is restored bit for bit", () => {
  const where = local();
  const before = stored(where);
  const { store, found } = restored(where);
  assert.ok(found);
  assert.equal(text(store), text(before));
  assert.deepEqual(store.history.value, before.history.value);
  assert.deepEqual(store.live.value, before.live.value);
  assert.deepEqual(store.aside.value?.model, before.aside.value?.model);
  assert.deepEqual(store.view.value, before.view.value);
  assert.deepEqual(store.notices.value, []);
  assert.ok(store.ids.next() > NEWEST, "new ids follow the restored ids");
});

test("two moments of one epoch are restored", () => {
  const where = local();
  const store = filled();
  const before = moment(25);
  const made = { ...moment(25), id: before.id + 1, parent: before.id };
  store.live.value = made;
  store.history.value = recordEdit(store.history.value, before, made);
  saving(store, where).flush();
  const back = restored(where).store;
  assert.deepEqual(back.history.value.moments.slice(-2), [before, made]);
  assert.deepEqual(back.live.value, made);
});

test("the moment in view can belong to the other task", () => {
  const where = local();
  const store = filled();
  const labelled = store.drawn.value;
  const aside = /** @type {NonNullable<typeof store.aside.value>} */ (store.aside.value);
  store.aside.value = {
    settings: {},
    drawn: labelled,
    model: { live: store.live.value, history: store.history.value, measured: null },
  };
  store.config.value = { ...store.config.value, ...aside.settings, task: "regression" };
  store.drawn.value = aside.drawn;
  store.live.value = aside.model.live;
  store.history.value = aside.model.history;
  saving(store, where).flush();
  const same = restored(where).store;
  assert.equal(text(same), text(store));
  assert.equal(same.config.value.task, "regression");
  where.setItem("nnvisu/test/settings", "damaged");
  const other = restored(where).store;
  assert.equal(other.config.value.task, "classification");
  assert.deepEqual(other.drawn.value, labelled);
});

test("a task without points is restored empty; one never chosen is not restored", () => {
  const where = local();
  const store = filled();
  store.drawn.value = NONE;
  const saver = saving(store, where);
  saver.flush();
  assert.equal(restored(where).store.points.value.x.length, 0);
  assert.equal(restored(where).store.aside.value?.drawn.value.length, 1);
  store.aside.value = null;
  saver.flush();
  const back = restored(where).store;
  assert.deepEqual([back.aside.value, back.notices.value], [null, []]);
});

test("a first visit finds nothing", () => {
  assert.equal(restored(local()).found, false);
});

test("any damaged part is named and kept aside; the others are restored", () => {
  for (const part of PARTS) {
    const where = local();
    const before = JSON.parse(text(stored(where)));
    const key = `nnvisu/test/${part}`;
    const broken = `${where.getItem(key).slice(0, -9)}x`;
    where.setItem(key, broken);
    const { store } = restored(where);
    assert.equal(store.notices.value.length, 1, part);
    assert.equal(where.getItem(`${key}.damaged`), broken);
    assert.equal(where.getItem(key), null);
    const found = JSON.parse(text(store));
    if (part !== "settings") assert.deepEqual(found.settings, before.settings, part);
    if (part !== "data/classification") {
      assert.deepEqual(found.data.classification, before.data.classification, part);
    }
    if (!part.startsWith("run/1")) assert.deepEqual(found.runs[0], before.runs[0], part);
    assert.ok(store.history.value.moments.length >= 20, part);
  }
});

const VIEWS = [
  { label: 42 },
  { label: 1.5 },
  { label: -1 },
  { target: 7 },
  { theme: "pink" },
  { tool: "lasso" },
].map((wrong) => ({ tool: "draw", ...wrong }));

/** Invalid values, each correctly sealed. @type {Record<string, unknown[]>} */
const WRONG = {
  settings: [null, 5, [], { task: "neither" }, { noise: 2 }],
  "data/classification": [
    null,
    { x: "AAAA", y: "", label: "", origin: null },
    { x: "", y: "", label: "AA==", origin: null },
    { ...POINT, label: "DA==" },
    { ...POINT, x: "AADAfw==", label: "AA==" },
    { ...POINT, x: "AAAAQA==", label: "AA==" },
    { ...POINT, value: "AAAAAA==" },
    { ...POINT, label: "AA==", origin: { distribution: "plane", seed: 1 } },
    // The reported case: 1500 points with label 12.
    {
      ...{ x: "AAAA".repeat(2000), y: "AAAA".repeat(2000), origin: null },
      label: "DAwM".repeat(500),
    },
  ],
  view: [null, {}, { theme: 1 }, ...VIEWS],
};

test("correctly sealed but invalid experiments are refused too", () => {
  for (const [part, values] of Object.entries(WRONG)) {
    for (const value of values) {
      const where = local();
      stored(where);
      where.setItem(`nnvisu/test/${part}`, seal(JSON.stringify(value)));
      const { store } = restored(where);
      const which = `${part} ${JSON.stringify(value).slice(0, 80)}`;
      assert.equal(store.notices.value.length, 1, which);
      assert.match(store.notices.value[0], /Damaged/, which);
    }
  }
});

test("invalid heads and moments are refused", () => {
  /** @type {[string, (value: any) => any][]} */
  const spoils = [
    ["run/1", (head) => ({ ...head, line: [...head.line].reverse() })],
    ["run/1", (head) => ({ ...head, line: [...head.line, head.line[0]] })],
    ["run/1", (head) => ({ ...head, task: "regression" })],
    ["run/1", (head) => ({ ...head, interval: 0 })],
    ["run/1", (head) => ({ ...head, settings: { ...head.settings, features: ["y", "x"] } })],
    ["run/1", ({ line: _, ...head }) => head],
  ];
  /** @type {((checkpoint: any) => any)[]} */
  const checkpoints = [
    (own) => ({ ...own, parameters: own.parameters.slice(0, -4) }),
    (own) => ({ ...own, optimiser: { ...own.optimiser, slots: "" } }),
    (own) => ({ ...own, network: { ...own.network, classes: [1, 0] } }),
    (own) => ({ ...own, network: { ...own.network, classes: [1, 1] } }),
    (own) => ({ ...own, network: { ...own.network, features: ["y", "x"] } }),
    (own) => ({ ...own, network: { ...own.network, features: ["x", "x"] } }),
  ];
  for (const spoil of checkpoints) {
    spoils.push([`run/1/${NEWEST}`, (it) => ({ ...it, checkpoint: spoil(it.checkpoint) })]);
  }
  spoils.push([`run/1/${NEWEST}`, (it) => ({ ...it, id: 7 })]);
  spoils.push([`run/1/${NEWEST}`, (it) => ({ ...it, parent: NEWEST })]);
  spoils.push([`run/1/${NEWEST}`, (it) => ({ ...it, checkpoint: { ...it.checkpoint, epoch: 1 } })]);
  for (const [place, [part, spoil]] of spoils.entries()) {
    const where = local();
    stored(where);
    where.setItem(`nnvisu/test/${part}`, seal(JSON.stringify(spoil(read(where, part)))));
    const { store } = restored(where);
    assert.equal(store.notices.value.length, 1, `spoil ${place}`);
    assert.match(store.notices.value[0], /Damaged/, `spoil ${place}`);
    // Without its head, a run's newest weights are the last of its line.
    const recorded = part === "run/1" ? 21 : 20;
    assert.equal(store.history.value.moments.length, recorded, `spoil ${place}`);
  }
});

test("a damaged moment affects no other; without the head, the stored moments are used", () => {
  const where = local();
  const before = stored(where).history.value;
  const [seventh, ninth] = [moment(7).id, moment(9).id];
  where.setItem(`nnvisu/test/run/1/${seventh}`, "1:00000000:{}");
  where.removeItem(`nnvisu/test/run/1/${ninth}`);
  where.setItem("nnvisu/test/run/1", "nothing");
  const { store } = restored(where);
  assert.deepEqual(
    store.history.value.moments.map(({ id }) => id),
    [...before.moments.map(({ id }) => id), NEWEST].filter((id) => id !== seventh && id !== ninth),
  );
  assert.equal(store.live.value?.id, NEWEST);
  assert.equal(store.history.value.interval, 1);
  assert.match(
    store.notices.value.join(),
    /kept aside: the settings of the network.*1 recorded moment\./,
  );
  assert.equal(where.getItem(`nnvisu/test/run/1/${seventh}.damaged`), "1:00000000:{}");
});

test("a missing moment that the head lists is reported", () => {
  const where = local();
  stored(where);
  where.removeItem(`nnvisu/test/run/1/${moment(9).id}`);
  where.removeItem(`nnvisu/test/run/1/${moment(10).id}`);
  const said = restored(where).store.notices.value.join();
  assert.match(said, /Missing from this browser's storage: 2 recorded moments\./);
});

test("a missing part is reported, and lost weights are replaced by the newest recorded ones", () => {
  for (const part of PARTS) {
    const where = local();
    const before = stored(where);
    where.removeItem(`nnvisu/test/${part}`);
    assert.deepEqual(list(where), ["test"]);
    const { store } = restored(where);
    assert.equal(store.notices.value.length, 1, part);
    assert.match(store.notices.value[0], /Missing/);
    const lost = part === `run/1/${NEWEST}`;
    const wanted = lost ? before.history.value.moments.at(-1) : before.live.value;
    assert.deepEqual(store.live.value, wanted);
  }
});
