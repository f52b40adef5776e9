// What differs between two states of any document, as lines to read.

export interface FieldChange {
  /** The path to it, "departments 2". */
  field: string;
  before: string;
  after: string;
}

/** The fields that differ; all of them where one of the two is not there. */
export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const [was, is] = [leaves(before), leaves(after)];
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  return paths.map((field) => ({ field, before: was.get(field) ?? '', after: is.get(field) ?? '' })).filter((c) => c.before !== c.after);
}

/** Every value that holds no others, by its path. */
function leaves(value: unknown, path: string[] = []): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map(value === undefined || value === null ? [] : [[path.join(' '), String(value)]]);
  const parts = Array.isArray(value) ? value.map((one: unknown, n) => [String(n + 1), one] as const) : Object.entries(value);
  return new Map(parts.flatMap(([name, inner]) => [...leaves(inner, [...path, name.replaceAll('_', ' ')])]));
}
