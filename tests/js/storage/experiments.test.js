import assert from "node:assert/strict";
import { openStorages } from "../../../src/nnvisu/static/js/storage/browser_storage.js";
import { test } from "node:test";

import {
  copy,
  createExperiments,
  list,
  remove,
  unused,
} from "../../../src/nnvisu/static/js/storage/experiments.js";
import { move, seal, unseal } from "../../../src/nnvisu/static/js/storage/local_storage.js";
import { createTrash } from "../../../src/nnvisu/static/js/storage/trash.js";
import { local, restored, saving, size, stored, text } from "../support/storage.js";

test("sealed text is unsealed; any other text is refused", () => {
  const sealed = seal('{"a":[1,2]}');
  assert.deepEqual(unseal(sealed), { a: [1, 2] });
  for (const damaged of [sealed.slice(0, -1), sealed.replace("2]", "3]"), `9${sealed}`, "", "1:"]) {
    assert.throws(() => unseal(damaged), Error, damaged);
  }
});

test("experiments are listed, copied, renamed and removed", () => {
  const where = local();
  const before = stored(where);
  copy(where, "test", "other");
  assert.deepEqual(list(where), ["other", "test"]);
  assert.equal(text(restored(where, "other").store), text(before));
  assert.equal(unused(where, "test"), "test 2");
  assert.equal(unused(where, "fresh"), "fresh");
  remove(where, "test");
  assert.deepEqual(list(where), ["other"]);
  assert.ok(Object.keys(where).every((key) => !key.startsWith("nnvisu/test/")));
});

test("an experiment is moved without room for two copies; a failed move changes nothing", () => {
  const where = local();
  stored(where);
  where.setItem("nnvisu/test/view.damaged", "kept aside");
  const keys = Object.keys(where).length;
  where.room = size(where);
  assert.equal(move(where, "nnvisu/test/", "nnvisu/a much longer name than before/"), false);
  assert.equal(restored(where).found, true);
  assert.deepEqual(list(where), ["test"]);
  assert.equal(move(where, "nnvisu/test/", "nnvisu/best/"), true);
  assert.deepEqual(list(where), ["best"]);
  assert.equal(Object.keys(where).filter((key) => key.startsWith("nnvisu/best/")).length, keys);
  assert.equal(where.getItem("nnvisu/best/view.damaged"), "kept aside");
});

test("a copy reports whether it is complete, and lists the copied parts", () => {
  const where = local();
  const before = stored(where);
  assert.equal(copy(where, "test", "whole"), true);
  where.room = size(where) + 9000;
  assert.equal(copy(where, "test", "part"), false);
  const { store } = restored(where, "part");
  assert.ok(store.history.value.moments.length > 0);
  assert.deepEqual(store.live.value, before.live.value, "the newest moments are copied first");
  assert.deepEqual(store.notices.value, []);
});

/** @param {any} where @returns {string[]} the keys of what was kept aside from damage */
const kept = (where) => Object.keys(where).filter((key) => key.endsWith(".damaged"));

test("what was kept aside from damage stays, whatever the menu does", () => {
  const [where, session] = [local(), local()];
  stored(where);
  where.setItem("nnvisu/test/settings.damaged", "1:0:?");
  tab(where, session, "test").experiments.duplicate();
  tab(where, session, "test").experiments.create();
  assert.deepEqual(kept(where), ["nnvisu/test/settings.damaged"]);
  tab(where, session, "test").experiments.rename("other");
  assert.deepEqual(kept(where), ["nnvisu/other/settings.damaged"]);
  tab(where, session, "other").experiments.remove();
  tab(where, session, session.getItem("nnvisu")).experiments.undoRemove();
  assert.deepEqual(kept(where), ["nnvisu/other/settings.damaged"]);
});

test("a storage that fails while an experiment is renamed loses nothing, and the page says so", () => {
  const values = (/** @type {any} */ where) =>
    Object.entries(where)
      .filter(([key]) => /^nnvisu\/(test|other)\//.test(key))
      .map(([, value]) => value)
      .sort();
  for (const good of [0, 1, 3, 7]) {
    const raw = local();
    stored(raw);
    const before = values(raw);
    let writes = 0;
    const where = openStorages({
      localStorage: new Proxy(raw, {
        get(target, key) {
          const value = Reflect.get(target, key, target);
          if (key !== "setItem") return typeof value === "function" ? value.bind(target) : value;
          return (/** @type {[string, string]} */ ...given) => {
            writes += 1;
            if (writes > good) throw new DOMException("refused", "SecurityError");
            target.setItem(...given);
          };
        },
      }),
      sessionStorage: local(),
    }).local;
    const { experiments, notices } = tab(where, local(), "test");
    assert.equal(experiments.rename("other"), "");
    assert.deepEqual(notices, ["The browser refuses to store anything (SecurityError)."]);
    assert.deepEqual([...new Set(values(raw))], [...new Set(before)]);
  }
});

test("a deleted experiment is restored from the trash bit for bit", () => {
  const where = local();
  const before = stored(where);
  const trash = createTrash(where);
  const place = /** @type {number} */ (trash.take("test"));
  assert.deepEqual(list(where), []);
  assert.ok(trash.has(place));
  assert.equal(trash.giveBack(place, "again"), true);
  assert.deepEqual(list(where), ["again"]);
  assert.equal(text(restored(where, "again").store), text(before));
  assert.equal(trash.has(place), false);
});

test("the trash holds three experiments; the oldest is dropped first", () => {
  const where = local();
  stored(where);
  const trash = createTrash(where);
  const places = ["a", "b", "c", "d"].map((name) => {
    copy(where, "test", name);
    return /** @type {number} */ (trash.take(name));
  });
  assert.deepEqual(
    places.map((place) => trash.has(place)),
    [false, true, true, true],
  );
});

test("a full storage empties the trash before anything else", () => {
  const where = local();
  stored(where);
  copy(where, "test", "other");
  const trash = createTrash(where);
  const place = /** @type {number} */ (trash.take("other"));
  const { store } = restored(where);
  const saver = saving(store, where);
  where.room = size(where) - 1;
  store.config.value = { ...store.config.value, learning_rate: 1 / 3, l2: 1 / 7, l1: 1 / 9 };
  saver.flush();
  assert.equal(trash.has(place), false);
  assert.deepEqual(store.notices.value, []);
  assert.equal(text(restored(where).store), text(store));
});

/** A tab with an experiment open, whose page loads are counted. @param {any} where @param {any} session @param {string} name */
function tab(where, session, name, untouched = true) {
  /** @type {string[]} */
  const notices = [];
  let loads = 0;
  const experiments = createExperiments({
    ...{ local: where, session, name, trash: createTrash(where) },
    saver: { flush() {}, abandon() {}, rewrite() {} },
    isUntouched: () => untouched,
    onNotice: (notice) => notices.push(notice),
    reload: () => (loads += 1),
  });
  return { experiments, notices, loads: () => loads };
}

test("a deletion is undone under the same name, and what was opened instead stays if it was used", () => {
  for (const untouched of [true, false]) {
    const [where, session] = [local(), local()];
    const before = stored(where);
    move(where, "nnvisu/test/", "nnvisu/Two moons/");
    tab(where, session, "Two moons").experiments.remove();
    assert.deepEqual(list(where), []);
    saving(restored(where, "Two moons").store, where).flush();
    move(where, "nnvisu/test/", "nnvisu/Two moons/");
    const next = tab(where, session, "Two moons", untouched);
    assert.deepEqual(next.experiments.undoable, ["Two moons"]);
    next.experiments.undoRemove();
    assert.deepEqual(list(where).length, untouched ? 1 : 2);
    const back = session.getItem("nnvisu");
    assert.equal(back, untouched ? "Two moons" : "Two moons 2");
    assert.equal(text(restored(where, back).store), text(before));
    const again = tab(where, session, back);
    assert.equal(again.experiments.redoable, true);
    again.experiments.forgetRedo();
    assert.equal(tab(where, session, back).experiments.redoable, false);
  }
});

test("an experiment that was opened meanwhile is kept when a deletion is undone", () => {
  const [where, session] = [local(), local()];
  stored(where);
  copy(where, "test", "other");
  tab(where, session, "test").experiments.remove();
  tab(where, session, "other").experiments.undoRemove();
  assert.deepEqual(list(where).sort(), ["other", "test"]);
});

test("a deletion whose experiment had to make room says so, and changes nothing", () => {
  const [where, session] = [local(), local()];
  stored(where);
  copy(where, "test", "other");
  tab(where, session, "test").experiments.remove();
  createTrash(where).emptyTrash();
  const { experiments, notices, loads } = tab(where, session, "other");
  experiments.undoRemove();
  assert.match(notices[0], /“test” is not there any more/);
  assert.equal(loads(), 0);
  assert.deepEqual(list(where), ["other"]);
});

test("a place in the trash is never used twice", () => {
  const where = local();
  stored(where);
  copy(where, "test", "other");
  const first = createTrash(where).take("test");
  createTrash(where).emptyTrash();
  assert.notEqual(createTrash(where).take("other"), first);
});

test("a copy of an experiment with a damaged head leaves the head out", () => {
  const where = local();
  stored(where);
  where.setItem("nnvisu/test/run/1", "damaged");
  where.room = size(where) + 9000;
  assert.equal(copy(where, "test", "part"), false);
  assert.ok(restored(where, "part").store.history.value.moments.length > 0);
});

test("a damaged counter of the trash loses no deletion", () => {
  for (const damage of ["q", "", "-3", "1e400", "0"]) {
    const where = local();
    stored(where);
    copy(where, "test", "first");
    copy(where, "test", "second");
    const trash = createTrash(where);
    const first = /** @type {number} */ (trash.take("first"));
    where.setItem("nnvisu.deleted", damage);
    const second = /** @type {number} */ (trash.take("second"));
    assert.ok(first !== second && trash.has(first) && trash.has(second), damage);
    assert.equal(trash.giveBack(second, "again"), true);
    assert.ok(list(where).includes("again"));
  }
});

/** A storage whose writes fail after some, until `mend` is called. @param {number} good @param {string} error */
function failing(good, error) {
  const raw = local();
  let left = Infinity;
  const proxy = new Proxy(raw, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (key !== "setItem") return typeof value === "function" ? value.bind(target) : value;
      return (/** @type {[string, string]} */ ...given) => {
        left -= 1;
        if (left < 0) throw new DOMException("refused", error);
        target.setItem(...given);
      };
    },
  });
  const { local: where } = openStorages({ localStorage: proxy, sessionStorage: local() });
  return { where, fail: () => (left = good), mend: () => (left = Infinity) };
}

for (const act of /** @type {const} */ (["rename", "remove", "duplicate"])) {
  test(`when ${act} fails half-way, everything is written again once the storage works`, () => {
    for (const error of ["QuotaExceededError", "UnknownError"]) {
      for (const good of [1, 2, 3, 5]) {
        const { where, fail, mend } = failing(good, error);
        const before = stored(where);
        const saver = saving(before, where);
        saver.flush();
        const notices = /** @type {string[]} */ ([]);
        const experiments = createExperiments({
          ...{ local: where, session: local(), name: "test", trash: createTrash(where), saver },
          ...{ isUntouched: () => false, reload: () => {} },
          onNotice: (notice) => notices.push(notice),
        });
        fail();
        const said = experiments[act]("other");
        mend();
        if (!said && notices.length === 0) continue;
        saver.flush();
        assert.equal(text(restored(where).store), text(before), `${error} after ${good}`);
        assert.deepEqual(list(where), ["test"]);
      }
    }
  });
}
