import { readFileSync } from "node:fs";

import { PAGE_DEFINITIONS } from "../../../src/nnvisu/static/js/settings/settings.js";
import { Schema } from "../../../src/nnvisu/static/js/settings/schema.js";

/** The server's schema, as tests/fixtures/schema.py copied it. */
export const schema = new Schema(
  JSON.parse(readFileSync(new URL("../../fixtures/schema.json", import.meta.url), "utf8")),
  PAGE_DEFINITIONS,
);
