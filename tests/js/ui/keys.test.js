import assert from "node:assert/strict";
import { test } from "node:test";

import { meaningOf } from "../../../src/nnvisu/static/js/ui/keys.js";

// What browsers report: layout, key, code, Shift, meaning.
/** @type {[string, string, string, boolean, string][]} */
const KEYS = [
  ["US", "1", "Digit1", false, "1"],
  ["US", "!", "Digit1", true, "!"],
  ["US", "S", "KeyS", true, "s"],
  ["US", "?", "Slash", true, "?"],
  ["French AZERTY", "&", "Digit1", false, "1"],
  ["French AZERTY", "é", "Digit2", false, "2"],
  ["French AZERTY", "à", "Digit0", false, "0"],
  ["French AZERTY", "1", "Digit1", true, "1"],
  ["French AZERTY", "z", "KeyW", false, "z"],
  ["French AZERTY", "m", "Semicolon", false, "m"],
  ["Czech", "+", "Digit1", false, "1"],
  ["Czech", "ě", "Digit2", false, "2"],
  ["Czech QWERTZ", "z", "KeyY", false, "z"],
  ["German", "z", "KeyY", false, "z"],
  ["German", "y", "KeyZ", false, "y"],
  ["German", "ö", "Semicolon", false, "ö"],
  ["German", "?", "Minus", true, "?"],
  ["Russian", "я", "KeyZ", false, "z"],
  ["Russian", "Ы", "KeyS", true, "s"],
  ["Russian", ",", "Digit6", true, ","],
  ["Russian", "?", "Digit7", true, "?"],
  ["Greek", "ζ", "KeyZ", false, "z"],
  ["Greek", "ς", "KeyW", false, "w"],
  ["Hebrew", "ז", "KeyZ", false, "z"],
  ["Dvorak", "s", "Semicolon", false, "s"],
  ["Polish with AltGr", "ż", "KeyZ", false, "ż"],
  ["number pad", "4", "Numpad4", false, "4"],
  ["number pad without Num Lock", "ArrowLeft", "Numpad4", false, "arrowleft"],
  ["dead key", "Dead", "Digit5", false, "dead"],
  ["a phone", "Unidentified", "", false, "unidentified"],
];

for (const [layout, key, code, shiftKey, meaning] of KEYS) {
  test(`${layout}: ${shiftKey ? "Shift and " : ""}${code} (${key}) means ${meaning}`, () => {
    assert.equal(meaningOf({ key, code, shiftKey }), meaning);
  });
}
