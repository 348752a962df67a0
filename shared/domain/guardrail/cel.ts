import type { LabelSelector } from '../policy/policy.ts';

/** Returns a string literal of CEL. Source: github.com/google/cel-spec doc/langdef.md, string literals. */
export function text(value: string): string {
  return JSON.stringify(value.toWellFormed());
}

/** Returns a list literal of strings. */
export function texts(values: readonly string[]): string {
  return `[${values.map(text).join(', ')}]`;
}

/** The conjunction of conditions; true if there are none. */
export function all(conditions: readonly string[]): string {
  return joined(conditions, '&&', 'true');
}

/** The disjunction of conditions; false if there are none. */
export function any(conditions: readonly string[]): string {
  return joined(conditions, '||', 'false');
}

function joined(conditions: readonly string[], operator: string, none: string): string {
  if (conditions.length === 0) return none;
  return conditions.length === 1 ? (conditions[0] ?? none) : conditions.map((one) => `(${one})`).join(` ${operator} `);
}

/** Whether a value matches one of the globs, with the rules of `matchesGlobs`; names in Kubernetes have no upper case. */
export function matches(value: string, globs: readonly string[]): string {
  if (globs.includes('*')) return 'true';
  const [patterns, names] = [globs.filter(isPattern), globs.filter((glob) => !isPattern(glob))];
  const named = names.length === 0 ? [] : [`${value} in ${texts(names.map((name) => name.toLowerCase()))}`];
  return any([...named, ...patterns.map((glob) => `${value}.matches(${text(expressionOf(glob))})`)]);
}

function isPattern(glob: string): boolean {
  return /[*?]/.test(glob);
}

/** A glob as an RE2 expression that matches a whole name. */
function expressionOf(glob: string): string {
  const escaped = glob.toLowerCase().replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return `^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`;
}

/** Whether labels match every label of a selector. */
export function selects(labels: string, selector: LabelSelector): string {
  return all(Object.entries(selector).map(([name, value]) => `${text(name)} in ${labels} && ${labels}[${text(name)}] == ${text(value)}`));
}
