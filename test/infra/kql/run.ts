import { AGGREGATES, type Row, SCALARS } from './functions.ts';
import { childrenOf, type KqlNode, kindOf, parseKql } from './language.ts';

export type { Row } from './functions.ts';

/** The context of an expression. */
interface Scope {
  readonly row: Row;
  readonly now: Date;
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

/**
 * Runs a query over the rows of its one table, for the operators and functions that alerts and the workbook use; throws for any other,
 * so that every query is tested. Source of each: learn.microsoft.com/kusto/query.
 */
export function runKql(query: string, rows: readonly Row[], now: Date): readonly Row[] {
  const statement = find(parseKql(query), 'ExpressionStatement');
  const [pipe] = childrenOf(statement);
  if (pipe === undefined) throw new Error(`There is no query in ${query}`);
  return tabular(pipe, rows, now);
}

function tabular(node: KqlNode, rows: readonly Row[], now: Date): readonly Row[] {
  if (kindOf(node) === 'NameReference') return rows;
  if (kindOf(node) !== 'PipeExpression') throw unknown(node);
  const [from, , operator] = childrenOf(node);
  if (from === undefined || operator === undefined) throw unknown(node);
  return apply(operator, tabular(from, rows, now), now);
}

function apply(operator: KqlNode, rows: readonly Row[], now: Date): readonly Row[] {
  const last = need(childrenOf(operator).at(-1), operator);
  switch (kindOf(operator)) {
    case 'FilterOperator':
      return rows.filter((row) => value(last, { row, now }) === true);
    case 'ExtendOperator':
      return rows.map((row) => ({ ...row, ...valuesOf(elementsOf(operator), { row, now }) }));
    case 'ProjectOperator':
      return rows.map((row) => valuesOf(elementsOf(operator), { row, now }));
    case 'SummarizeOperator':
      return summarize(operator, rows, now);
    case 'SortOperator':
      return sort(elementsOf(operator), rows, now);
    case 'TakeOperator':
      return rows.slice(0, Number(value(last, { row: {}, now })));
    default:
      throw unknown(operator);
  }
}

/** The expressions of a comma-separated list. */
function elementsOf(node: KqlNode): readonly KqlNode[] {
  const lists = childrenOf(node).filter((child) => kindOf(child) === 'List');
  return lists.flatMap((list) => childrenOf(list).map((element) => need(childrenOf(element)[0], element)));
}

/** The values of `name = expression` and of plain names. */
function valuesOf(elements: readonly KqlNode[], scope: Scope): Row {
  return Object.fromEntries(elements.map((element) => [nameOf(element), value(expressionOf(element), scope)]));
}

function nameOf(element: KqlNode): string {
  if (kindOf(element) !== 'SimpleNamedExpression' && kindOf(element) !== 'NameReference') throw unknown(element);
  const name = kindOf(element) === 'NameReference' ? element : need(childrenOf(element)[0], element);
  return name.ToString().trim();
}

function expressionOf(element: KqlNode): KqlNode {
  return kindOf(element) === 'SimpleNamedExpression' ? need(childrenOf(element)[2], element) : element;
}

function summarize(operator: KqlNode, rows: readonly Row[], now: Date): readonly Row[] {
  const by = childrenOf(operator).find((child) => kindOf(child) === 'SummarizeByClause');
  const keys = by === undefined ? [] : elementsOf(by);
  const aggregates = elementsOf(operator);
  const groups = Map.groupBy(rows, (row) => JSON.stringify(valuesOf(keys, { row, now })));
  // Without `by` there is one row, even for an empty input.
  if (by === undefined && groups.size === 0) groups.set('{}', []);
  return [...groups].map(([key, group]) => {
    const known: Row = JSON.parse(key);
    return {
      ...known,
      ...Object.fromEntries(aggregates.map((element) => [nameOf(element), aggregate(expressionOf(element), group, now)])),
    };
  });
}

function aggregate(node: KqlNode, rows: readonly Row[], now: Date): unknown {
  if (kindOf(node) !== 'FunctionCallExpression') throw unknown(node);
  const of = AGGREGATES[nameOfCall(node)];
  if (of === undefined) throw unknown(node);
  return of(rows, argumentsOf(node), (expression, row) => value(expression, { row, now }));
}

/** Nulls are first in ascending order, last in descending order. */
function sort(elements: readonly KqlNode[], rows: readonly Row[], now: Date): readonly Row[] {
  const keys = elements.map((element) => {
    const [expression, clause] = childrenOf(element);
    if (kindOf(element) !== 'OrderedExpression' || expression === undefined || clause === undefined) throw unknown(element);
    return { expression, sign: clause.ToString().includes('asc') ? 1 : -1 };
  });
  return rows.toSorted((a, b) => {
    for (const { expression, sign } of keys) {
      const order = compare(value(expression, { row: a, now }), value(expression, { row: b, now }));
      if (order !== 0) return sign * order;
    }
    return 0;
  });
}

function compare(a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}

function value(node: KqlNode, scope: Scope): unknown {
  const [left, , right] = childrenOf(node);
  const text = node.ToString().trim();
  switch (kindOf(node)) {
    case 'NameReference':
      return scope.row[text];
    case 'StringLiteralExpression':
      return text.slice(1, -1);
    case 'LongLiteralExpression':
      return Number(text);
    case 'BooleanLiteralExpression':
      return text === 'true';
    case 'TimespanLiteralExpression':
      return Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? Number.NaN);
    case 'ElementExpression':
      return element(node, scope);
    case 'FunctionCallExpression':
      return call(node, scope);
    default:
      if (left === undefined || right === undefined) throw unknown(node);
      return holds(node, value(left, scope), value(right, scope));
  }
}

function holds(node: KqlNode, a: unknown, b: unknown): boolean {
  switch (kindOf(node)) {
    case 'AndExpression':
      return a === true && b === true;
    case 'OrExpression':
      return a === true || b === true;
    case 'EqualExpression':
      return a === b;
    case 'NotEqualExpression':
      return a !== b;
    case 'GreaterThanExpression':
      return Number(a) > Number(b);
    case 'HasExpression':
      return hasTerm(String(a), String(b));
    case 'StartsWithExpression':
      return String(a).toLowerCase().startsWith(String(b).toLowerCase());
    default:
      throw unknown(node);
  }
}

/** Matches whole terms in any case: learn.microsoft.com/kusto/query/has-operator. */
function hasTerm(text: string, term: string): boolean {
  return new RegExp(`(?<![a-z0-9])${term.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![a-z0-9])`, 'i').test(text);
}

/** `Properties["name"]`. */
function element(node: KqlNode, scope: Scope): unknown {
  const [bag, bracketed] = childrenOf(node);
  const held = value(need(bag, node), scope);
  const name = value(find(need(bracketed, node), 'StringLiteralExpression'), scope);
  return typeof held === 'object' && held !== null ? Reflect.get(held, String(name)) : null;
}

function call(node: KqlNode, scope: Scope): unknown {
  const name = nameOfCall(node);
  const given = argumentsOf(node).map((argument) => value(argument, scope));
  if (name === 'ago') return scope.now.getTime() - Number(given[0]);
  const of = SCALARS[name];
  if (of === undefined) throw unknown(node);
  return of(...given);
}

function nameOfCall(node: KqlNode): string {
  return need(childrenOf(node)[0], node).ToString().trim();
}

function argumentsOf(node: KqlNode): readonly KqlNode[] {
  return elementsOf(need(childrenOf(node)[1], node));
}

/** The first node of a kind, at or below a node. */
function find(node: KqlNode, kind: string): KqlNode {
  const found = search(node, kind);
  if (found === undefined) throw new Error(`There is no ${kind} in ${node.ToString()}`);
  return found;
}

function search(node: KqlNode, kind: string): KqlNode | undefined {
  if (kindOf(node) === kind) return node;
  for (const child of childrenOf(node)) {
    const found = search(child, kind);
    if (found !== undefined) return found;
  }
  return undefined;
}

function need(node: KqlNode | undefined, below: KqlNode): KqlNode {
  if (node === undefined) throw unknown(below);
  return node;
}

function unknown(node: KqlNode): Error {
  return new Error(`${kindOf(node)} is not run here: ${node.ToString()}`);
}
