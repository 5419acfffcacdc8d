// A fragment shader for one architecture: its shape is constant, its weights come from a texture.
// Units are in groups of four, so that a layer is a few products of 4x4 matrices. The units that pad
// the last group have zero weights and no share in the softmax.

import { COLOURINGS } from "../base/palette.js";
import { ACTIVATIONS } from "../model/activations.js";
import { FEATURES } from "../model/features.js";
import { isRegression, layers, sizes } from "../model/layout.js";

/** @typedef {import("../net/protocol.js").Network} Network */

/** Texels in a row of the parameter texture. */
export const TEXTURE_WIDTH = 1024;
/** A layer of more matrices than this is written as a loop: long programs compile slowly. */
const UNROLLED = 48;
/** The logit of a class that does not exist. */
const NEVER = -1e30;
/** Pixels from which on the decision is taken to be far from changing. */
const PROBED = "4.0";

/** @param {number} units */
function groups(units) {
  return Math.ceil(units / 4);
}

/** @param {Network} network @returns {number} rows of TEXTURE_WIDTH texels */
export function textureHeight(network) {
  const texels = layers(network).reduce(
    (sum, { inputs, outputs }) => sum + groups(outputs) * (1 + 4 * groups(inputs)),
    0,
  );
  return Math.ceil(texels / TEXTURE_WIDTH);
}

/**
 * The parameters in the order in which the shader reads them: for each group of outputs its biases,
 * then for each group of inputs a matrix by columns.
 * @param {Network} network
 * @param {Float32Array} parameters
 * @param {Float32Array} texels (textureHeight * TEXTURE_WIDTH * 4,), written in place
 */
export function packParameters(network, parameters, texels) {
  let to = 0;
  for (const [l, { inputs, outputs, weights, biases }] of layers(network).entries()) {
    const isLast = l === network.hidden_layers.length;
    const padding = isLast && !isRegression(network) ? NEVER : 0;
    for (let j = 0; j < outputs; j += 4) {
      for (let r = j; r < j + 4; r += 1) {
        texels[to++] = r < outputs ? parameters[biases + r] : padding;
      }
      for (let i = 0; i < 4 * groups(inputs); i += 1) {
        for (let r = j; r < j + 4; r += 1) {
          const exists = r < outputs && i < inputs;
          texels[to++] = exists ? parameters[weights + r * inputs + i] : 0;
        }
      }
    }
  }
}

/**
 * The sine, which GLSL promises only to 5e-4, to 1e-6: Taylor's series between -π/2 and π/2, into which
 * a multiple of π moves the argument.
 */
const SINE = `vec4 sine(vec4 z) {
  vec4 turns = round(z * ${1 / Math.PI});
  vec4 x = z - turns * 3.140625 - turns * ${Math.PI - 3.140625};
  vec4 s = x * x;
  vec4 series = 1.0 + s * (${-1 / 6} + s * (${1 / 120} + s * (${-1 / 5040}
    + s * (${1 / 362880} + s * ${-1 / 39916800}))));
  return x * series * (1.0 - 2.0 * mod(turns, 2.0));
}`;

export const VERTEX_SHADER = `#version 300 es
in vec2 corner;
out vec2 p;
void main() {
  p = corner;
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

/**
 * @param {Network} network
 * @param {number} [depth] the layer whose unit is shown; none for the classes
 * @returns {string} GLSL ES 3.00
 */
export function fragmentShader(network, depth) {
  const units = sizes(network);
  const last = units.length - 1;
  const shapes = layers(network).slice(0, depth ?? last);
  const shown = shapes.length;
  const count = groups(units[shown]);
  let texel = 0;
  const body = shapes.map(({ inputs, outputs }, l) => {
    const sums = layer(l, groups(inputs), groups(outputs), texel, l + 1 === last);
    texel += groups(outputs) * (1 + 4 * groups(inputs));
    return sums;
  });
  const softened = shown === last && !isRegression(network);
  return `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
uniform sampler2D parameters;
uniform vec3 colours[${depth === undefined ? 4 * groups(units[last]) : 3}];
uniform int unit;
uniform float scale;
uniform int colouring;
uniform vec3 neutral;
uniform vec3 line;
uniform float halfWidth;
in vec2 p;
out vec4 colour;

vec4 at(int k) {
  return texelFetch(parameters, ivec2(k % ${TEXTURE_WIDTH}, k / ${TEXTURE_WIDTH}), 0);
}
mat4 block(int k) { return mat4(at(k), at(k + 1), at(k + 2), at(k + 3)); }
${SINE}
vec4 activate(vec4 z) { return ${ACTIVATIONS[network.activation].glsl}; }

void evaluate(vec2 p, out vec4 values[${count}]) {
${inputLayer(network)}
${body.join("\n")}
  values = a${shown};
}

void main() {
${softened ? decision(count) : `  vec4 values[${count}];\n  evaluate(p, values);`}
${depth === undefined ? classColour(count, units[last]) : ramp()}
}`;
}

/** @param {Network} network */
function inputLayer(network) {
  const terms = network.features.map((name) => FEATURES[name].glsl);
  while (terms.length % 4 !== 0) terms.push("0.0");
  const values = Array.from(
    { length: terms.length / 4 },
    (_, g) => `vec4(${terms.slice(4 * g, 4 * g + 4).join(", ")})`,
  );
  return `  vec4 a0[${values.length}] = vec4[](${values.join(", ")});`;
}

/**
 * @param {number} l the layer before
 * @param {number} from groups of inputs
 * @param {number} to groups of outputs
 * @param {number} texel where its parameters begin
 * @param {boolean} isLast
 */
function layer(l, from, to, texel, isLast) {
  const stride = 1 + 4 * from;
  const value = isLast ? "z" : "activate(z)";
  let code = `  vec4 a${l + 1}[${to}];`;
  if (from * to > UNROLLED) {
    code += `
  for (int j = 0; j < ${to}; j++) {
    vec4 z = at(${texel} + j * ${stride});
    for (int i = 0; i < ${from}; i++) z += block(${texel + 1} + j * ${stride} + 4 * i) * a${l}[i];
    a${l + 1}[j] = ${value};
  }`;
  } else {
    for (let j = 0; j < to; j += 1) {
      const begin = texel + j * stride;
      const products = Array.from(
        { length: from },
        (_, i) => ` + block(${begin + 1 + 4 * i}) * a${l}[${i}]`,
      );
      code += `\n  { vec4 z = at(${begin})${products.join("")}; a${l + 1}[${j}] = ${value}; }`;
    }
  }
  return code;
}

/**
 * The two largest logits, the distance to where the decision changes in pixels, and the probabilities.
 * Where that may be near, the logits just beyond tell whether and where it is: slopes alone
 * show lines where there are none, and miss others, if the activation has a bend.
 * @param {number} count groups of classes
 */
function decision(count) {
  return `  vec4 values[${count}];
  vec4 found[${count}];
  vec4 across[${count}];
  vec4 down[${count}];
  vec2 pixel = vec2(dFdx(p.x), dFdy(p.y));
  vec2 place = p;
  float reach = halfWidth + 0.5;
  float probe = reach;
  int turns = halfWidth < 0.0 ? 1 : 2;
  int first = 0;
  int second = -1;
  bool near = true;
  // The network is written once, because long programs compile slowly.
  for (int turn = 0; turn < turns; turn++) {
    if (near) evaluate(place, found);
    if (turn > 0) continue;
    values = found;
    for (int j = 0; j < ${count}; j++) {
      across[j] = dFdx(values[j]);
      down[j] = dFdy(values[j]);
    }
    for (int k = 1; k < ${4 * count}; k++) {
      float z = values[k >> 2][k & 3];
      if (z > values[first >> 2][first & 3]) { second = first; first = k; }
      else if (second < 0 || z > values[second >> 2][second & 3]) second = k;
    }
    vec2 slope = vec2(
      across[first >> 2][first & 3] - across[second >> 2][second & 3],
      down[first >> 2][first & 3] - down[second >> 2][second & 3]);
    float steepness = max(length(slope), 1e-20);
    float gap = values[first >> 2][first & 3] - values[second >> 2][second & 3];
    near = gap < ${PROBED} * steepness;
    probe = min(reach, gap / steepness + 0.5);
    place -= probe * pixel * slope / steepness;
  }
  float largest = values[first >> 2][first & 3];
  float away = reach;
  if (near && turns > 1) {
    int other = first;
    for (int k = 0; k < ${4 * count}; k++) {
      if (found[k >> 2][k & 3] > found[other >> 2][other & 3]) other = k;
    }
    if (other != first) {
      float here = largest - values[other >> 2][other & 3];
      away = probe * here / (here + found[other >> 2][other & 3] - found[first >> 2][first & 3]);
    }
  }
  float total = 0.0;
  for (int j = 0; j < ${count}; j++) {
    values[j] = exp(max(values[j] - largest, -80.0));
    total += dot(values[j], vec4(1.0));
  }
  for (int j = 0; j < ${count}; j++) values[j] /= total;`;
}

/** @param {number} count groups of classes @param {number} classes */
function classColour(count, classes) {
  return `  vec3 mixed = vec3(0.0);
  for (int j = 0; j < ${count}; j++) {
    mixed += values[j].x * colours[4 * j] + values[j].y * colours[4 * j + 1]
      + values[j].z * colours[4 * j + 2] + values[j].w * colours[4 * j + 3];
  }
  if (colouring == ${COLOURINGS.indexOf("confidence")}) {
    float doubt = (1.0 - 1.0 / total) * ${(classes / (classes - 1)).toFixed(9)};
    mixed = mix(mixed, neutral, min(doubt, 1.0));
  } else if (colouring == ${COLOURINGS.indexOf("discrete")}) mixed = colours[first];
  float covered = clamp(reach - away, 0.0, 1.0);
  colour = vec4(mix(mixed, line, covered), 1.0);`;
}

function ramp() {
  return `  float value = clamp(values[unit >> 2][unit & 3] / scale, -1.0, 1.0);
  colour = vec4(mix(colours[1], value < 0.0 ? colours[0] : colours[2], abs(value)), 1.0);`;
}
