/*
 * kubectl converts YAML to JSON by sigs.k8s.io/yaml, which follows YAML 1.1 as go-yaml v2 reads it: `yes`, `on` and `y` are
 * booleans, `0777` is octal, and a date stays a string. Source: go.yaml.in/yaml/v2, resolve.go. Compared with kubectl 1.36.3.
 */

const TRUE: ReadonlySet<string> = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE: ReadonlySet<string> = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NULL: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
const CORE_TAG = /^(?:!!|tag:yaml\.org,2002:)/;

/** A scalar of JSON. */
export type JsonScalar = string | number | boolean | null;

/** The value that kubectl gives a scalar, by its text, whether it is without quotes, and its tag where it has one. */
export function scalarValue(text: string, plain: boolean, tag: string | undefined): JsonScalar {
  const core = tag !== undefined && CORE_TAG.test(tag) ? tag.replace(CORE_TAG, '') : undefined;
  if (tag === undefined ? plain : core !== undefined && ['bool', 'int', 'float', 'null'].includes(core)) return resolved(text);
  return text;
}

function resolved(text: string): JsonScalar {
  if (NULL.has(text)) return null;
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  return numberOf(text) ?? text;
}

/** Underscores are dropped before a number is read; `.inf` and `.nan` are not JSON and stay text. */
function numberOf(text: string): number | undefined {
  if (!/^[-+.\d]/.test(text)) return undefined;
  const plain = text.replaceAll('_', '');
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/s.exec(plain) ?? [];
  if (/^(?:0|[1-9]\d*|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.test(digits)) return signed(sign, Number(digits));
  if (/^0[0-7]+$/.test(digits)) return signed(sign, Number.parseInt(digits, 8));
  if (/^(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/i.test(digits)) return signed(sign, Number(digits));
  return undefined;
}

function signed(sign: string, value: number): number {
  return sign === '-' ? -value : value;
}

/** The text of a key; kubectl writes other scalars as JSON does. */
export function keyText(value: JsonScalar): string {
  return String(value);
}
