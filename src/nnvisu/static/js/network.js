// The forward pass, the only mathematics in the page: the engine's network, dropout off, evaluated
// in blocks of positions that stay in cache. Values are unit-major: one row of BLOCK positions for
// each unit, so that the inner loops run over positions.

/** @typedef {import("./protocol.js").Network} Network */
/** @typedef {import("./protocol.js").Checkpoint} Checkpoint */

/**
 * A rule as the processor applies it and as a shader writes it, side by side.
 * @typedef {object} Activation
 * @property {(values: Float64Array, end: number) => void} apply in place, to the first `end` values
 * @property {string} glsl of `vec4 z`
 * @property {boolean} bounded whether the values lie in [-1, 1]
 */

/**
 * @typedef {object} Feature
 * @property {(x: number, y: number) => number} value
 * @property {string} glsl of `vec2 p`
 */

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
};

/**
 * What the first layer sees of a position, in this order.
 * @type {Readonly<Record<string, Feature>>}
 */
export const FEATURES = {
  x: { value: (x) => x, glsl: "p.x" },
  y: { value: (_, y) => y, glsl: "p.y" },
};

/*
 * tanh and exp are Lambert's continued fraction tanh h = h / (1 + h² / (3 + h² / ...)), cut at its
 * fifth level, n / d, and its argument halved, so that |h| <= 4.5 is enough:
 *   tanh 2h = 2 t / (1 + t²) = 2 n d / (d² + n²),   exp 4h = ((1 + t) / (1 - t))²,   t = tanh h.
 * The absolute error stays under 3e-7 for one division and no table.
 */

/** @param {number} s h² */
function numerator(s) {
  return 10395 + s * (1260 + s * 21);
}

/** @param {number} s h² */
function denominator(s) {
  return 10395 + s * (4725 + s * (210 + s));
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

/**
 * @param {Network} network
 * @returns {string[]} names of its input features
 */
export function features(network) {
  void network;
  return Object.keys(FEATURES);
}

/**
 * @param {Network} network
 * @returns {number[]} units in each layer, inputs and outputs included
 */
export function sizes(network) {
  return [features(network).length, ...network.hidden_layers, network.classes.length];
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
 * inputs; the last: the class probabilities) and leaves every layer's values in `values`, unit j
 * of layer l at `values[l][j * BLOCK]` and on.
 * @param {Network} network
 */
export function createForward(network) {
  const shapes = layers(network);
  const inputs = features(network).map((name) => FEATURES[name].value);
  const { apply } = ACTIVATIONS[network.activation];
  const values = sizes(network).map((units) => new Float64Array(units * BLOCK));

  return {
    values,

    /**
     * @param {Float32Array} parameters
     * @param {Float32Array} xs
     * @param {Float32Array} ys
     * @param {number} start
     * @param {number} count at most BLOCK
     * @param {number} [depth]
     */
    run(parameters, xs, ys, start, count, depth = shapes.length) {
      for (const [j, value] of inputs.entries()) {
        const row = j * BLOCK;
        for (let k = 0; k < count; k += 1) values[0][row + k] = value(xs[start + k], ys[start + k]);
      }
      for (let l = 0; l < depth; l += 1) {
        multiply(shapes[l], parameters, values[l], values[l + 1]);
        if (l + 1 < shapes.length) apply(values[l + 1], shapes[l].outputs * BLOCK);
        else softmax(values[l + 1], shapes[l].outputs);
      }
    },
  };
}

/**
 * out = W a + b; sums for four positions and two units at a time stay in registers.
 * @param {Layer} layer
 * @param {Float32Array} parameters
 * @param {Float64Array} a (inputs, BLOCK)
 * @param {Float64Array} out (outputs, BLOCK)
 */
function multiply({ inputs, outputs, weights, biases }, parameters, a, out) {
  for (let j = 0; j < outputs; j += 2) {
    // An odd last unit is computed twice, into the same row.
    const other = Math.min(j + 1, outputs - 1);
    const w = weights + j * inputs;
    const v = weights + other * inputs;
    const b = parameters[biases + j];
    const c = parameters[biases + other];
    for (let k = 0; k < BLOCK; k += 4) {
      let s0 = b;
      let s1 = b;
      let s2 = b;
      let s3 = b;
      let t0 = c;
      let t1 = c;
      let t2 = c;
      let t3 = c;
      for (let i = 0, at = k; i < inputs; i += 1, at += BLOCK) {
        const wi = parameters[w + i];
        const vi = parameters[v + i];
        const a0 = a[at];
        const a1 = a[at + 1];
        const a2 = a[at + 2];
        const a3 = a[at + 3];
        s0 += wi * a0;
        s1 += wi * a1;
        s2 += wi * a2;
        s3 += wi * a3;
        t0 += vi * a0;
        t1 += vi * a1;
        t2 += vi * a2;
        t3 += vi * a3;
      }
      const to = j * BLOCK + k;
      out[to] = s0;
      out[to + 1] = s1;
      out[to + 2] = s2;
      out[to + 3] = s3;
      const too = other * BLOCK + k;
      out[too] = t0;
      out[too + 1] = t1;
      out[too + 2] = t2;
      out[too + 3] = t3;
    }
  }
}

/**
 * Logits to probabilities, in place.
 * @param {Float64Array} values (classes, BLOCK)
 * @param {number} classes
 */
function softmax(values, classes) {
  const end = classes * BLOCK;
  for (let k = 0; k < BLOCK; k += 1) {
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
 * The class probabilities at some positions.
 * @param {Checkpoint} checkpoint
 * @param {Float32Array} xs (n,) in data units
 * @param {Float32Array} ys (n,)
 * @returns {Float32Array} (classes, n)
 */
export function predict(checkpoint, xs, ys) {
  return /** @type {Float32Array} */ (activations(checkpoint, xs, ys).at(-1));
}

/**
 * Every unit's value at some positions.
 * @param {Checkpoint} checkpoint
 * @param {Float32Array} xs (n,) in data units
 * @param {Float32Array} ys (n,)
 * @returns {Float32Array[]} for each layer, inputs and probabilities included, (units, n)
 */
export function activations({ network, parameters }, xs, ys) {
  const n = xs.length;
  const forward = createForward(network);
  const result = sizes(network).map((units) => new Float32Array(units * n));
  for (let start = 0; start < n; start += BLOCK) {
    const count = Math.min(BLOCK, n - start);
    forward.run(parameters, xs, ys, start, count);
    for (const [l, layer] of result.entries()) {
      for (let j = 0; j * n < layer.length; j += 1) {
        const row = forward.values[l].subarray(j * BLOCK, j * BLOCK + count);
        layer.set(row, j * n + start);
      }
    }
  }
  return result;
}
