import { readFileSync } from "node:fs";

import { Schema } from "../../../src/nnvisu/static/js/settings/schema.js";

/** The server's schema, written by tests/fixtures/schema.py. */
export const schema = new Schema(
  JSON.parse(readFileSync(new URL("../../fixtures/schema.json", import.meta.url), "utf8")),
);
