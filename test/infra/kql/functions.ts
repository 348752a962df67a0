import type { KqlNode } from './language.ts';

/** A row of a table, or of the result of a query. */
export type Row = Readonly<Record<string, unknown>>;

/** The value of an expression for a row. */
export type Ask = (expression: KqlNode, row: Row) => unknown;

type Scalar = (...values: readonly unknown[]) => unknown;

/** Functions of values, by name; a time is a number of milliseconds. Source of each: learn.microsoft.com/kusto/query. */
export const SCALARS: Readonly<Record<string, Scalar>> = {
  extract: (pattern, group, text) => new RegExp(String(pattern)).exec(String(text ?? ''))?.[Number(group)] ?? '',
  tostring: (value) => (value === undefined || value === null ? '' : String(value)),
  toint: (value) =>
    value === undefined || value === null || value === '' || Number.isNaN(Number(value)) ? null : Math.trunc(Number(value)),
  isempty: (value) => value === undefined || value === null || value === '',
  iff: (condition, then, otherwise) => (condition === true ? then : otherwise),
  strcat: (...values) => values.map((value) => String(value ?? '')).join(''),
  bin: (value, size) => Math.floor(Number(value) / Number(size)) * Number(size),
};

type Aggregate = (rows: readonly Row[], args: readonly KqlNode[], ask: Ask) => unknown;

const numbers = (rows: readonly Row[], arg: KqlNode | undefined, ask: Ask) =>
  rows.flatMap((row) => {
    const value = arg === undefined ? null : ask(arg, row);
    return typeof value === 'number' ? [value] : [];
  });
const largest = (values: readonly number[]) => (values.length === 0 ? null : Math.max(...values));
const holds = (rows: readonly Row[], condition: KqlNode | undefined, ask: Ask) =>
  rows.filter((row) => condition !== undefined && ask(condition, row) === true);

/** Functions of groups of rows, by name. */
export const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count: (rows) => rows.length,
  countif: (rows, [condition], ask) => holds(rows, condition, ask).length,
  max: (rows, [of], ask) => largest(numbers(rows, of, ask)),
  maxif: (rows, [of, condition], ask) => largest(numbers(holds(rows, condition, ask), of, ask)),
  sum: (rows, [of], ask) => numbers(rows, of, ask).reduce((total, value) => total + value, 0),
  dcount: (rows, [of], ask) => new Set(rows.map((row) => (of === undefined ? undefined : ask(of, row)))).size,
  /** The nearest-rank percentile. */
  percentile: (rows, [of, percent], ask) => {
    const values = numbers(rows, of, ask).toSorted((a, b) => a - b);
    const share = percent === undefined ? Number.NaN : Number(ask(percent, {})) / 100;
    return values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? null;
  },
};
