// The forward pass, the only mathematics in the page: the engine's network, dropout off, evaluated
// in blocks of positions that stay in cache. Values are unit-major: one row of BLOCK positions for
// each unit, so that the inner loops run over positions.

/** @typedef {import("../net/protocol.js").Network} Network */
/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */

/**
 * A rule as the processor applies it and as a shader writes it, side by side.
 * @typedef {object} Activation
 * @property {(values: Float64Array, end: number) => void} apply in place, to the first `end` values
 * @property {string} glsl of `vec4 z`
 * @property {boolean} bounded whether the values lie in [-1, 1]
 */

/**
 * An input as the processor and as a shader compute it: `fill` writes the row of `count` positions
 * that begin at `start`.
 * @typedef {object} Feature
 * @property {string} label what people call it
 * @property {(row: Float64Array, positions: Positions, start: number, count: number) => void} fill
 * @property {string} glsl of `vec2 p`
 */

/** @typedef {{ xs: Float32Array, ys: Float32Array }} Positions In data units. */

/**
 * One layer's place in the flat parameters: W (outputs, inputs) row-major, then b (outputs).
 * @typedef {{ inputs: number, outputs: number, weights: number, biases: number }} Layer
 */

/** Positions evaluated together. */
export const BLOCK = 128;

const LEAK = 0.01;
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** @type {Readonly<Record<string, Activation>>} */
export const ACTIVATIONS = {
  tanh: {
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = tanh(values[k]);
    },
    glsl: "tanh(clamp(z, -10.0, 10.0))",
    bounded: true,
  },
  relu: {
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = Math.max(0, values[k]);
    },
    glsl: "max(z, 0.0)",
    bounded: false,
  },
  leaky_relu: {
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = Math.max(LEAK * values[k], values[k]);
    },
    glsl: `max(${LEAK} * z, z)`,
    bounded: false,
  },
  gelu: {
    apply(values, end) {
      for (let k = 0; k < end; k += 1) {
        const z = values[k];
        values[k] = 0.5 * z * (1 + tanh(GELU_SCALE * z * (1 + GELU_CUBIC * z * z)));
      }
    },
    glsl:
      `0.5 * z * (1.0 + tanh(clamp(${GELU_SCALE} * z * (1.0 + ${GELU_CUBIC} * z * z),` +
      ` -10.0, 10.0)))`,
    bounded: false,
  },
  sigmoid: {
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = 0.5 + 0.5 * tanh(0.5 * values[k]);
    },
    glsl: "0.5 + 0.5 * tanh(clamp(0.5 * z, -10.0, 10.0))",
    bounded: true,
  },
  silu: {
    apply(values, end) {
      for (let k = 0; k < end; k += 1) {
        const z = values[k];
        values[k] = z * (0.5 + 0.5 * tanh(0.5 * z));
      }
    },
    glsl: "z * (0.5 + 0.5 * tanh(clamp(0.5 * z, -10.0, 10.0)))",
    bounded: false,
  },
  sine: {
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = Math.sin(values[k]);
    },
    glsl: "sin(z)",
    bounded: true,
  },
  linear: {
    apply() {},
    glsl: "z",
    bounded: false,
  },
};

/**
 * What the first layer may see of a position.
 * @type {Readonly<Record<string, Feature>>}
 */
export const FEATURES = {
  x: {
    label: "x",
    fill(row, { xs }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = xs[start + k];
    },
    glsl: "p.x",
  },
  y: {
    label: "y",
    fill(row, { ys }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = ys[start + k];
    },
    glsl: "p.y",
  },
  x_squared: {
    label: "x²",
    fill(row, { xs }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = xs[start + k] * xs[start + k];
    },
    glsl: "p.x * p.x",
  },
  y_squared: {
    label: "y²",
    fill(row, { ys }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = ys[start + k] * ys[start + k];
    },
    glsl: "p.y * p.y",
  },
  x_times_y: {
    label: "xy",
    fill(row, { xs, ys }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = xs[start + k] * ys[start + k];
    },
    glsl: "p.x * p.y",
  },
  sin_x: {
    label: "sin πx",
    fill(row, { xs }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = Math.sin(Math.PI * xs[start + k]);
    },
    glsl: `sin(${Math.PI} * p.x)`,
  },
  sin_y: {
    label: "sin πy",
    fill(row, { ys }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = Math.sin(Math.PI * ys[start + k]);
    },
    glsl: `sin(${Math.PI} * p.y)`,
  },
};

/*
 * tanh and exp are Lambert's continued fraction tanh h = h / (1 + h² / (3 + h² / ...)), cut at its
 * sixth level, n / d, and its argument halved, so that |h| <= 4.5 is enough:
 *   tanh 2h = 2 t / (1 + t²) = 2 n d / (d² + n²),   exp 4h = ((1 + t) / (1 - t))²,   t = tanh h.
 * The absolute error stays under 3e-8 for one division and no table.
 */

/** @param {number} s h² */
function numerator(s) {
  return 135135 + s * (17325 + s * (378 + s));
}

/** @param {number} s h² */
function denominator(s) {
  return 135135 + s * (62370 + s * (3150 + s * 28));
}

/** @param {number} x */
function tanh(x) {
  const h = 0.5 * Math.max(-9, Math.min(9, x));
  const n = h * numerator(h * h);
  const d = denominator(h * h);
  return (2 * n * d) / (d * d + n * n);
}

/** @param {number} x not positive */
function exp(x) {
  const h = 0.25 * Math.max(-18, x);
  const n = h * numerator(h * h);
  const d = denominator(h * h);
  const root = (d + n) / (d - n);
  return root * root;
}

/** @param {Network} network @returns {boolean} whether its one output is a value, and no class's */
export function isRegression({ classes }) {
  return classes.length === 0;
}

/**
 * @param {Network} network
 * @returns {number[]} units in each layer, inputs and outputs included
 */
export function sizes(network) {
  const outputs = isRegression(network) ? 1 : network.classes.length;
  return [network.features.length, ...network.hidden_layers, outputs];
}

/**
 * @param {Network} network
 * @returns {Layer[]}
 */
export function layers(network) {
  const units = sizes(network);
  let offset = 0;
  return units.slice(1).map((outputs, k) => {
    const inputs = units[k];
    const weights = offset;
    const biases = weights + inputs * outputs;
    offset = biases + outputs;
    return { inputs, outputs, weights, biases };
  });
}

/**
 * @param {Network} network
 * @returns {number}
 */
export function parameterCount(network) {
  return layers(network).reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
}

/**
 * The scratch memory and the loops for one architecture; usable for all its checkpoints.
 *
 * `run` evaluates up to BLOCK positions, from `start`, up to and including layer `depth` (0: the
 * inputs; the last: the class probabilities, or the value) and leaves every layer's values in `values`, unit j
 * of layer l at `values[l][j * BLOCK]` and on.
 * @param {Network} network
 */
export function createForward(network) {
  const shapes = layers(network);
  const { apply } = ACTIVATIONS[network.activation];
  const values = sizes(network).map((units) => new Float64Array(units * BLOCK));
  const inputs = network.features.map((name, j) => {
    const row = values[0].subarray(j * BLOCK, (j + 1) * BLOCK);
    return { row, fill: FEATURES[name].fill };
  });

  return {
    values,

    /**
     * @param {Float32Array} parameters
     * @param {Positions} positions
     * @param {number} start
     * @param {number} count at most BLOCK
     * @param {number} [depth]
     */
    run(parameters, positions, start, count, depth = shapes.length) {
      for (const { row, fill } of inputs) fill(row, positions, start, count);
      for (let l = 0; l < depth; l += 1) {
        multiply(shapes[l], parameters, values[l], values[l + 1], count);
        if (l + 1 < shapes.length) apply(values[l + 1], shapes[l].outputs * BLOCK);
        else if (!isRegression(network)) softmax(values[l + 1], shapes[l].outputs, count);
      }
    },
  };
}

/**
 * out = W a + b, two units by four inputs a pass, which saves loads and stores; where a layer has
 * no such unit or input, its weight is zero.
 * @param {Layer} layer
 * @param {Float32Array} parameters
 * @param {Float64Array} a (inputs, BLOCK)
 * @param {Float64Array} out (outputs, BLOCK)
 * @param {number} count positions
 */
function multiply({ inputs, outputs, weights, biases }, parameters, a, out, count) {
  for (let j = 0; j < outputs; j += 1) {
    out.fill(parameters[biases + j], j * BLOCK, (j + 1) * BLOCK);
  }
  for (let j = 0; j < outputs; j += 2) {
    const paired = j + 1 < outputs;
    const to = j * BLOCK;
    const too = paired ? to + BLOCK : to;
    for (let i = 0; i < inputs; i += 4) {
      const has1 = i + 1 < inputs;
      const has2 = i + 2 < inputs;
      const has3 = i + 3 < inputs;
      const from = i * BLOCK;
      const from1 = has1 ? from + BLOCK : from;
      const from2 = has2 ? from + 2 * BLOCK : from;
      const from3 = has3 ? from + 3 * BLOCK : from;
      const w = weights + j * inputs + i;
      const v = w + inputs;
      const w0 = parameters[w];
      const w1 = has1 ? parameters[w + 1] : 0;
      const w2 = has2 ? parameters[w + 2] : 0;
      const w3 = has3 ? parameters[w + 3] : 0;
      const v0 = paired ? parameters[v] : 0;
      const v1 = paired && has1 ? parameters[v + 1] : 0;
      const v2 = paired && has2 ? parameters[v + 2] : 0;
      const v3 = paired && has3 ? parameters[v + 3] : 0;
      for (let k = 0; k < count; k += 1) {
        const a0 = a[from + k];
        const a1 = a[from1 + k];
        const a2 = a[from2 + k];
        const a3 = a[from3 + k];
        out[to + k] += w0 * a0 + w1 * a1 + (w2 * a2 + w3 * a3);
        out[too + k] += v0 * a0 + v1 * a1 + (v2 * a2 + v3 * a3);
      }
    }
  }
}

/**
 * Logits to probabilities, in place.
 * @param {Float64Array} values (classes, BLOCK)
 * @param {number} classes
 * @param {number} count positions
 */
function softmax(values, classes, count) {
  const end = classes * BLOCK;
  for (let k = 0; k < count; k += 1) {
    let largest = values[k];
    for (let at = k + BLOCK; at < end; at += BLOCK) largest = Math.max(largest, values[at]);
    let sum = 0;
    for (let at = k; at < end; at += BLOCK) {
      const power = exp(values[at] - largest);
      values[at] = power;
      sum += power;
    }
    const share = 1 / sum;
    for (let at = k; at < end; at += BLOCK) values[at] *= share;
  }
}

/**
 * The class probabilities, or the value, at some positions.
 * @param {Checkpoint} checkpoint
 * @param {Float32Array} xs (n,) in data units
 * @param {Float32Array} ys (n,)
 * @returns {Float32Array} (outputs, n)
 */
export function predict(checkpoint, xs, ys) {
  return /** @type {Float32Array} */ (activations(checkpoint, xs, ys).at(-1));
}

/**
 * Every unit's value at some positions.
 * @param {Checkpoint} checkpoint
 * @param {Float32Array} xs (n,) in data units
 * @param {Float32Array} ys (n,)
 * @returns {Float32Array[]} for each layer, inputs and outputs included, (units, n)
 */
export function activations({ network, parameters }, xs, ys) {
  const n = xs.length;
  const forward = createForward(network);
  const result = sizes(network).map((units) => new Float32Array(units * n));
  for (let start = 0; start < n; start += BLOCK) {
    const count = Math.min(BLOCK, n - start);
    forward.run(parameters, { xs, ys }, start, count);
    for (const [l, layer] of result.entries()) {
      for (let j = 0; j * n < layer.length; j += 1) {
        const row = forward.values[l].subarray(j * BLOCK, j * BLOCK + count);
        layer.set(row, j * n + start);
      }
    }
  }
  return result;
}
