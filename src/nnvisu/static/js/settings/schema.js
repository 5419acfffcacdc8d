// The server's JSON Schema of messages and documents: bounds, choices and defaults. The server owns
// them; every control and check of the page reads them here.

/**
 * A JSON Schema node, as far as the page reads it.
 * @typedef {{
 *   $ref?: string, type?: string | string[], title?: string, description?: string,
 *   properties?: Record<string, SchemaNode>, required?: string[],
 *   items?: SchemaNode, anyOf?: SchemaNode[], enum?: unknown[],
 *   minimum?: number, maximum?: number, exclusiveMinimum?: number, exclusiveMaximum?: number,
 *   minItems?: number, maxItems?: number, minLength?: number, maxLength?: number,
 *   default?: unknown, additionalProperties?: boolean
 * }} SchemaNode
 *
 * The bounds of one number; `above` is exclusive.
 * @typedef {{
 *   integer: boolean, nullable: boolean, minimum?: number, above?: number, maximum?: number
 * }} Bounds
 */

export class Schema {
  /** @type {Record<string, SchemaNode>} */
  #definitions;

  /**
   * @param {{ $defs: Record<string, SchemaNode> }} content of schema.json
   */
  constructor({ $defs }) {
    this.#definitions = $defs;
  }

  /**
   * @param {string} url
   * @returns {Promise<Schema>}
   */
  static async load(url) {
    const response = await fetch(url).catch(() => {
      throw new Error(`${url} did not arrive.`);
    });
    if (!response.ok) throw new Error(`The server answered ${response.status} for ${url}.`);
    return new Schema(await response.json());
  }

  /**
   * @param {string} definition the name of a message or of a part of one
   * @param {string} field
   * @returns {SchemaNode}
   */
  field(definition, field) {
    const node = this.#definitions[definition]?.properties?.[field];
    if (!node) throw new Error(`schema.json has no ${definition}.${field}`);
    return node;
  }

  /**
   * @param {string} definition
   * @param {string} field
   */
  default(definition, field) {
    return this.field(definition, field).default;
  }

  /**
   * @param {string} definition
   * @param {string} field a choice, or a list of choices
   * @returns {string[]}
   */
  choices(definition, field) {
    const node = this.#resolve(this.field(definition, field));
    const one = node.items ? this.#resolve(node.items) : node;
    return /** @type {string[]} */ (one.enum ?? []);
  }

  /**
   * @param {string} definition
   * @param {string} field
   * @returns {Bounds}
   */
  bounds(definition, field) {
    const node = this.#resolve(this.field(definition, field));
    const branches = (node.anyOf ?? [node]).map((branch) => this.#resolve(branch));
    const number = branches.find((branch) => branch.type === "number" || branch.type === "integer");
    if (!number) throw new Error(`${definition}.${field} is not a number`);
    return {
      integer: number.type === "integer",
      nullable: branches.some((branch) => branch.type === "null"),
      minimum: number.minimum,
      above: number.exclusiveMinimum,
      maximum: number.maximum,
    };
  }

  /**
   * The bounds of a list of numbers: its length, and each item.
   * @param {string} definition
   * @param {string} field
   */
  list(definition, field) {
    const node = this.#resolve(this.field(definition, field));
    if (!node.items) throw new Error(`${definition}.${field} is not a list`);
    const item = this.#resolve(node.items);
    return {
      minItems: node.minItems ?? 0,
      maxItems: node.maxItems ?? Infinity,
      minimum: item.minimum ?? -Infinity,
      maximum: item.maximum ?? Infinity,
    };
  }

  /** All definitions, by name. */
  get definitions() {
    return this.#definitions;
  }

  /**
   * Fills in the defaults of missing fields.
   * @template T
   * @param {string} definition
   * @param {Record<string, unknown>} value changed in place, with the objects inside it
   * @returns {T}
   */
  complete(definition, value) {
    const properties = this.#definitions[definition]?.properties ?? {};
    for (const [name, node] of Object.entries(properties)) {
      if (!(name in value) && "default" in node) value[name] = structuredClone(node.default);
      const inner = this.#reference(node.items ?? node);
      if (!inner) continue;
      for (const child of [value[name]].flat()) {
        if (child && typeof child === "object") {
          this.complete(inner, /** @type {Record<string, unknown>} */ (child));
        }
      }
    }
    return /** @type {T} */ (value);
  }

  /**
   * The name of the definition that a node refers to, if any.
   * @param {SchemaNode} node
   * @returns {string | undefined}
   */
  #reference(node) {
    const target = node.$ref ?? node.anyOf?.find((branch) => branch.$ref)?.$ref;
    return target?.replace("#/$defs/", "");
  }

  /**
   * @param {SchemaNode} node
   * @returns {SchemaNode}
   */
  #resolve(node) {
    if (!node.$ref) return node;
    return this.#definitions[node.$ref.replace("#/$defs/", "")] ?? node;
  }
}
