// Runs in each script world of a page, before the page's own scripts. Calls functions with handles to
// objects of this world, and describes results as WebDriver BiDi does.
// https://w3c.github.io/webdriver-bidi/#module-script

(() => {
  const handles = new Map();
  const nodes = new Map();
  const ids = new WeakMap();
  const adopted = new Map();
  const known = new Map();
  const ADOPT = "tests:adopt";
  let count = 0;

  function handleOf(value) {
    const handle = `handle-${++count}`;
    handles.set(handle, value);
    return handle;
  }

  function idOf(node) {
    if (!ids.has(node)) {
      ids.set(node, ++count);
      nodes.set(count, new WeakRef(node));
    }
    return ids.get(node);
  }

  function describeNumber(value) {
    if (Object.is(value, -0)) return { type: "number", value: "-0" };
    return { type: "number", value: Number.isFinite(value) ? value : String(value) };
  }

  // `options` has `world`, `context`, `deep` (with the contents of objects) and `own` (with a handle).
  function describe(value, options) {
    if (value === undefined || value === null) return { type: String(value) };
    if (typeof value === "number") return describeNumber(value);
    if (typeof value === "string" || typeof value === "boolean") {
      return { type: typeof value, value };
    }
    if (typeof value === "bigint") return { type: "bigint", value: String(value) };
    const handle = options.own ? { handle: handleOf(value) } : {};
    if (value === globalThis) {
      return { type: "window", value: { context: options.context }, ...handle };
    }
    if (value instanceof Node) {
      return { type: "node", sharedId: `${options.world}:${idOf(value)}`, ...handle };
    }
    if (typeof value === "function" || typeof value === "symbol") {
      return { type: typeof value, ...handle };
    }
    if (Array.isArray(value)) {
      const items = options.deep ? { value: value.map((item) => describe(item, options)) } : {};
      return { type: "array", ...items, ...handle };
    }
    if (value instanceof Error) return { type: "error", ...handle };
    if (!options.deep) return { type: "object", ...handle };
    const entries = Object.entries(value).map(([key, item]) => [key, describe(item, options)]);
    return { type: "object", value: entries, ...handle };
  }

  function valueOf(argument, options) {
    if ("handle" in argument) {
      if (!handles.has(argument.handle)) throw new Error("no such handle");
      return handles.get(argument.handle);
    }
    if ("sharedId" in argument) {
      const [world, id] = argument.sharedId.split(":");
      const node =
        world === options.world ? nodes.get(Number(id))?.deref() : adopted.get(argument.sharedId);
      adopted.delete(argument.sharedId);
      if (!node) throw new Error("no such node");
      return node;
    }
    if (argument.type === "array") return argument.value.map((item) => valueOf(item, options));
    if (argument.type === "object") {
      return Object.fromEntries(
        argument.value.map((pair) =>
          pair.map((item) => (typeof item === "string" ? item : valueOf(item, options))),
        ),
      );
    }
    if (argument.type === "number") return Number(argument.value);
    if (argument.type === "bigint") return BigInt(argument.value);
    if (argument.type === "undefined") return undefined;
    if (argument.type === "null") return null;
    return argument.value;
  }

  // The page's policy may forbid `eval`, which Playwright's scripts call: it finds them here.
  function know(scripts) {
    if (scripts.length > 0 && known.size === 0) {
      const found = (text) => known.get(text)();
      Object.assign(globalThis, { eval: found });
    }
    for (const [text, script] of scripts) known.set(text, script).set(`(${text})`, script);
  }

  async function call(fn, values, options, scripts) {
    know(scripts);
    try {
      const result = await fn(...values.map((value) => valueOf(value, options)));
      return JSON.stringify({ type: "success", result: describe(result, options) });
    } catch (error) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return JSON.stringify({ type: "exception", exceptionDetails: { text } });
    }
  }

  function disown(list) {
    for (const handle of list) handles.delete(handle);
  }

  // A node has another wrapper in each world. An event is how one world shows it to another.
  function expect(sharedId) {
    const keep = (event) => adopted.set(sharedId, event.composedPath()[0]);
    addEventListener(`${ADOPT}:${sharedId}`, keep, { capture: true, once: true });
  }

  function show(sharedId) {
    const node = nodes.get(Number(sharedId.split(":")[1]))?.deref();
    node?.dispatchEvent(new Event(`${ADOPT}:${sharedId}`, { bubbles: true, composed: true }));
  }

  // Input events that have reached the page, by type.
  const heard = {};
  for (const type of ["mousemove", "mousedown", "mouseup", "wheel", "keydown", "keyup"]) {
    heard[type] = 0;
    addEventListener(type, (event) => event.isTrusted && heard[type]++, {
      capture: true,
      passive: true,
    });
  }

  // Waits until an event has been heard and handled, but no longer than `patience` milliseconds.
  async function hear(type, before, patience) {
    const end = performance.now() + patience;
    do {
      await new Promise((done) => {
        setTimeout(done);
      });
    } while (heard[type] <= before && performance.now() < end);
  }

  // Playwright's name for what inserts a text where the caret is.
  globalThis.__pw_bidiInsertText = (text) => void document.execCommand("insertText", false, text);

  Object.defineProperty(globalThis, "testsRemote", {
    value: { call, disown, expect, hear, heard, show },
  });
})();
