/** Whether a route's parameter accepts a value. */
export type Constraint = (value: string) => boolean;

const number = (value: string) => (/^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN);
const isDecimal: Constraint = (value) => /^[+-]?\d+(?:\.\d+)?$/.test(value);

/** The constraints of ASP.NET Core's routes, by name; each is created from the text in its parentheses. */
const MAKERS: Readonly<Record<string, (...numbers: readonly number[]) => Constraint>> = {
  int: () => (value) => Math.abs(number(value)) <= 2 ** 31 - 1,
  long: () => (value) => !Number.isNaN(number(value)),
  decimal: () => isDecimal,
  double: () => isDecimal,
  float: () => isDecimal,
  guid: () => (value) => /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value),
  alpha: () => (value) => /^[a-z]+$/i.test(value),
  bool: () => (value) => /^(?:true|false)$/i.test(value),
  required: () => (value) => value !== '',
  min:
    (least = 0) =>
    (value) =>
      number(value) >= least,
  max:
    (most = 0) =>
    (value) =>
      number(value) <= most,
  range:
    (least = 0, most = 0) =>
    (value) =>
      number(value) >= least && number(value) <= most,
  minlength:
    (least = 0) =>
    (value) =>
      value.length >= least,
  maxlength:
    (most = 0) =>
    (value) =>
      value.length <= most,
  length:
    (least = 0, most = least) =>
    (value) =>
      value.length >= least && value.length <= most,
};

/** Creates a constraint from its text, such as `int` or `range(1,5)`; `undefined` if the local host does not support it. */
export function parseConstraint(text: string): Constraint | undefined {
  const [, name = '', numbers = ''] = /^(\w+)(?:\(([\d,\s-]*)\))?$/.exec(text) ?? [];
  return MAKERS[name.toLowerCase()]?.(...numbers.split(',').filter(Boolean).map(Number));
}
