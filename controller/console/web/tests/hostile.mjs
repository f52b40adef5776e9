// Texts that mean harm to whatever takes them for more than texts, and the API's own list of where texts go.

/** An address that nobody has: who asks for it ran something. */
const harm = 'https://hostile.example';

const script = `<script src="${harm}/x.js">sentinel()</script>`;

/** The worst in one that is short enough for a name: what ends an attribute, a script, or a template. */
export const everything = `'"><x-hostile onclick="sentinel()"></script>${script}<img src=x onerror="sentinel()">{{sentinel()}}`;

/** One document of each kind is written with each. */
export const corpus = [
  everything, 'javascript:sentinel()', `data:text/html,${script}`, `<svg onload="sentinel()"><style>*{display:none}</style></svg>`, '<iframe srcdoc="<script>parent.sentinel()</script>"></iframe>',
  `{{constructor.constructor('sentinel()')()}}`, '{@html "<img src=x onerror=sentinel()>"}', '${sentinel()}', '#{7*7}<%= 7*7 %>', '__proto__', '=HYPERLINK("https://hostile.example","x")', '+1+1', '-1+1', '@SUM(1)', '\t=1+1', '\r=1+1',
  'right\u202Eleft\u2066', 'nul\u0000', 'half\uD800', '\u001B[31mred\u001B]0;x\u0007', 'two\nlevel=ERROR msg=forged', '👩🏽‍⚕️🏳️‍🌈'.repeat(20), `'; DROP TABLE screens; --`,
  '../../../../tmp/hostile', '..\\..\\hostile', '%2e%2e%2fhostile', 'x'.repeat(100_000), '%s%n%d', '\u200B',
];

/** Reads an OpenAPI document as a list of the fields that a body has. */
export class Bodies {
  constructor(document) {
    this.document = document;
  }

  /** Every change that takes JSON: its method, its path and the schema of its body. */
  changes() {
    return Object.entries(this.document.paths).flatMap(([path, operations]) => Object.entries(operations)
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, schema: operation.requestBody?.content?.['application/json']?.schema }))
      .filter(({ schema }) => schema));
  }

  /** The paths of all texts in a body, ['slides', 0, 'title']: of each list, the first. */
  texts(schema, depth = 0) {
    const { type, properties = {}, items, readOnly } = this.#whole(schema);
    if (readOnly || depth > 8) return [];
    if ([type].flat().includes('string')) return [[]];
    if (items) return this.texts(items, depth + 1).map((path) => [0, ...path]);
    return Object.entries(properties).flatMap(([key, inner]) => this.texts(inner, depth + 1).map((path) => [key, ...path]));
  }

  /** The body with the text at the path, and with what that needs around it. */
  with(body, schema, path, text) {
    if (!path.length) return text;
    const [key, ...rest] = path;
    const { properties, items } = this.#whole(schema);
    const inner = items ?? properties[key];
    const copy = Array.isArray(body) ? [...body] : { ...body };
    copy[key] = this.with(copy[key] ?? this.sample(inner), inner, rest, text);
    return copy;
  }

  /** Something that the schema allows. */
  sample(schema) {
    const { type, enum: one, format, minimum, items, minItems, properties = {}, required = [] } = this.#whole(schema);
    if (one) return one[0];
    if (items) return Array.from({ length: minItems ?? 0 }, () => this.sample(items));
    if (type === 'string') return format === 'date-time' ? '2099-01-01T00:00:00Z' : 'x';
    if (type === 'integer' || type === 'number') return minimum ?? 1;
    if (type === 'boolean') return false;
    return Object.fromEntries(required.map((key) => [key, this.sample(properties[key])]));
  }

  #whole(schema) {
    const name = schema.$ref?.split('/').at(-1);
    return name ? { ...this.document.components.schemas[name], ...schema } : schema;
  }
}
