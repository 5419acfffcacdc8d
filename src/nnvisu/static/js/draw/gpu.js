// The map by the graphics processor: one program for each architecture, compiled asynchronously, used
// as soon as it is ready, at the finest resolution that its measured speed allows.

import { COLOURINGS, doubtColour, mapColour, mapLine, rgb } from "../base/palette.js";
import { createResolution, grid } from "./resolution.js";
import { shownUnit, unitColours, unitScale } from "./shade.js";
import {
  TEXTURE_WIDTH,
  VERTEX_SHADER,
  fragmentShader,
  packParameters,
  textureHeight,
} from "./shader.js";
import { offscreen } from "./surface.js";

/** @typedef {import("./raster.js").Picture} Picture */
/** @typedef {NonNullable<ReturnType<typeof createGpu>>} Gpu */

/**
 * @typedef {object} Program
 * @property {WebGLProgram} program
 * @property {WebGLShader[]} shaders
 * @property {Record<string, WebGLUniformLocation | null>} uniforms once it is compiled
 * @property {ReturnType<typeof createResolution> | null} resolution none until it is compiled
 * @property {boolean} refused whether it failed or is too slow
 */

/** Renderers that run on the processor; the map's own loops are faster there. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render|swrast/i;
const BUDGET_MS = 8;
/** If a program takes longer than this for a pixel, the processor draws the map instead. */
const SLOWEST_PIXEL_MS = 1e-3;
/**
 * Sides of the pictures whose differences in time tell the time for a pixel. The first is so small that
 * even a renderer on the processor, which need not say that it is one, delays the page for an instant.
 */
const TRIAL_SIDES = [8, 16, 32, 64, 128, 256];
/** After a trial that takes longer, no larger one is made: it would take four times as long. */
const LONG_TRIAL_MS = 6;
/** As the half width of a line. */
const NO_LINE = -1;
const UNIFORMS = ["colours", "unit", "scale", "colouring", "neutral", "line", "halfWidth"];
/** Every so many pictures the time for a pixel is measured again. */
const MEASURED_PICTURES = 64;
/** The number of compiled programs kept; the oldest is deleted first. */
const PROGRAMS = 12;

/**
 * @param {object} [options]
 * @param {boolean} [options.acceptSoftware] for tests: try a software renderer, too
 * @param {number} [options.slowest_ms] what a pixel may take at most
 * @param {number} [options.budget_ms] what a picture may take
 * @returns the renderer, or null where there is no graphics processor
 */
export function createGpu({
  acceptSoftware = false,
  slowest_ms = SLOWEST_PIXEL_MS,
  budget_ms = BUDGET_MS,
} = {}) {
  const canvas = offscreen(1, 1);
  const gl = canvas.getContext("webgl2", {
    alpha: false,
    antialias: false,
    depth: false,
    failIfMajorPerformanceCaveat: !acceptSoftware,
    powerPreference: "high-performance",
  });
  if (gl === null) return null;
  if (!acceptSoftware && SOFTWARE.test(rendererName(gl))) {
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    return null;
  }
  return createRenderer(canvas, gl, slowest_ms, budget_ms);
}

/** @param {WebGL2RenderingContext} gl @returns {string} */
function rendererName(gl) {
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(names === null ? gl.RENDERER : names.UNMASKED_RENDERER_WEBGL));
}

/** @param {import("../base/palette.js").Rgb} colour @returns {number[]} of 1 */
function shares(colour) {
  return colour.map((channel) => channel / 255);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {WebGL2RenderingContext} gl
 * @param {number} slowest_ms what a pixel may take at most
 * @param {number} budget_ms what a picture may take
 */
function createRenderer(canvas, gl, slowest_ms, budget_ms) {
  /** @type {Map<string, Program>} */
  const programs = new Map();
  /** @type {KHR_parallel_shader_compile | null} */
  let parallel = null;
  let texels = new Float32Array(0);
  let lost = false;
  let drawing = false;
  let pictures = 0;
  const pixel = new Uint8Array(4);

  const setUp = () => {
    parallel = gl.getExtension("KHR_parallel_shader_compile");
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, Float32Array.of(-1, -1, 3, -1, -1, 3), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    texels = new Float32Array(0);
  };
  setUp();
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();
    lost = true;
    programs.clear();
  });
  canvas.addEventListener("webglcontextrestored", () => {
    lost = false;
    setUp();
  });

  /** @param {Picture} picture @returns {Program} */
  function programFor({ checkpoint: { network }, unit }) {
    const { hidden_layers, classes, activation, features } = network;
    const shape = `${features} ${hidden_layers} ${classes.length} ${activation}`;
    const key = `${shape} ${unit?.layer ?? "all"}`;
    const known = programs.get(key);
    if (known !== undefined) return known;
    if (programs.size === PROGRAMS) {
      const [[oldest, { program }]] = programs;
      gl.deleteProgram(program);
      programs.delete(oldest);
    }
    const made = compile(fragmentShader(network, unit?.layer));
    programs.set(key, made);
    return made;
  }

  /** @param {string} fragment @returns {Program} still being compiled */
  function compile(fragment) {
    const program = /** @type {WebGLProgram} */ (gl.createProgram());
    const sources = [
      [gl.VERTEX_SHADER, VERTEX_SHADER],
      [gl.FRAGMENT_SHADER, fragment],
    ];
    const shaders = sources.map(([type, source]) => {
      const shader = /** @type {WebGLShader} */ (gl.createShader(Number(type)));
      gl.shaderSource(shader, String(source));
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      return shader;
    });
    gl.bindAttribLocation(program, 0, "corner");
    gl.linkProgram(program);
    return { program, shaders, uniforms: {}, resolution: null, refused: false };
  }

  /** @param {Program} made @returns {boolean} whether it is compiled */
  function compiled({ program }) {
    if (parallel === null) return true;
    return Boolean(gl.getProgramParameter(program, parallel.COMPLETION_STATUS_KHR));
  }

  /** @param {Program} made compiled @returns {boolean} whether it can be used */
  function finish(made) {
    made.refused = !gl.getProgramParameter(made.program, gl.LINK_STATUS);
    for (const shader of made.shaders) gl.deleteShader(shader);
    for (const name of UNIFORMS) {
      made.uniforms[name] = gl.getUniformLocation(made.program, name);
    }
    return !made.refused;
  }

  /** @param {Picture} picture @param {Program} made */
  function load({ checkpoint, dark, unit, colouring }, { program, uniforms }) {
    const { network, parameters } = checkpoint;
    const height = textureHeight(network);
    const size = height * TEXTURE_WIDTH * 4;
    const fresh = texels.length !== size;
    if (fresh) texels = new Float32Array(size);
    packParameters(network, parameters, texels);
    if (fresh) {
      const { TEXTURE_2D, RGBA32F, RGBA, FLOAT } = gl;
      gl.texImage2D(TEXTURE_2D, 0, RGBA32F, TEXTURE_WIDTH, height, 0, RGBA, FLOAT, texels);
    } else {
      const { TEXTURE_2D, RGBA, FLOAT } = gl;
      gl.texSubImage2D(TEXTURE_2D, 0, 0, 0, TEXTURE_WIDTH, height, RGBA, FLOAT, texels);
    }
    const colours =
      unit === undefined
        ? network.classes.map((label) => mapColour(label, dark))
        : unitColours(checkpoint, dark, unit);
    const padded = new Float32Array(12 * Math.ceil(colours.length / 4));
    padded.set(colours.flat().map((channel) => channel / 255));
    const length = unit === undefined ? padded.length : 9;
    gl.useProgram(program);
    gl.uniform3fv(uniforms.colours, padded.subarray(0, length));
    if (unit !== undefined) {
      gl.uniform1i(uniforms.unit, unit.unit);
      gl.uniform1f(uniforms.scale, unitScale(checkpoint, unit));
    } else {
      gl.uniform1i(uniforms.colouring, COLOURINGS.indexOf(colouring));
      gl.uniform3fv(uniforms.neutral, shares(doubtColour(dark)));
      gl.uniform3fv(uniforms.line, shares(rgb(mapLine(dark))));
      gl.uniform1f(uniforms.halfWidth, NO_LINE);
    }
  }

  /** @param {number} width @param {number} height of the canvas from now on */
  function paint(width, height) {
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    gl.viewport(0, 0, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** @param {number} width @param {number} height @returns {number} ms until the picture is really there */
  function timed(width, height) {
    const began = performance.now();
    paint(width, height);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return performance.now() - began;
  }

  /** @param {Program} made compiled, its uniforms set */
  function measure(made) {
    let slope = 0;
    let before = { pixels: 0, elapsed_ms: 0 };
    for (const side of TRIAL_SIDES) {
      // The first picture of a size includes preparations.
      timed(side, side);
      const now = { pixels: side ** 2, elapsed_ms: timed(side, side) };
      slope = (now.elapsed_ms - before.elapsed_ms) / (now.pixels - before.pixels);
      before = now;
      if (now.elapsed_ms > LONG_TRIAL_MS) break;
    }
    const pixel_ms = Math.max(slope, 1e-9);
    made.refused = pixel_ms > slowest_ms;
    made.resolution = createResolution(budget_ms, pixel_ms);
    return made.resolution;
  }

  return {
    /** Whether the graphics processor drew the last picture. */
    get drawing() {
      return drawing;
    },

    /**
     * @param {Picture} wanted
     * @param {number} width in device pixels
     * @param {number} height
     * @param {number} line_px the width of the boundary, if it is wanted
     * @returns {HTMLCanvasElement | null} the whole picture; null while the program is compiled,
     * and where it can't be used
     */
    draw(wanted, width, height, line_px) {
      drawing = false;
      if (lost) return null;
      const picture = { ...wanted, unit: shownUnit(wanted) };
      const made = programFor(picture);
      if (made.refused) return null;
      if (made.resolution === null && (!compiled(made) || !finish(made))) return null;
      load(picture, made);
      const resolution = made.resolution ?? measure(made);
      if (made.refused) return null;
      const { columns, rows } = grid(width, height, resolution.choose(width, height));
      if (picture.boundary && picture.unit === undefined) {
        gl.uniform1f(made.uniforms.halfWidth, (line_px / 2) * (columns / width));
      }
      pictures += 1;
      if (pictures % MEASURED_PICTURES > 0) paint(columns, rows);
      else {
        resolution.measured(columns * rows, timed(columns, rows));
        made.refused = resolution.pixel_ms > slowest_ms;
      }
      drawing = true;
      return canvas;
    },

    dispose() {
      gl.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
}
