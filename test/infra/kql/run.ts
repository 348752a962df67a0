import { childrenOf, type KqlNode, kindOf, parseKql } from './language.ts';

/** A row of a table, or of what a query makes of it. */
export type Row = Readonly<Record<string, unknown>>;

/** What an expression is asked of: a row, and all rows of its group for an aggregate. */
interface Scope {
  readonly row: Row;
  readonly group: readonly Row[];
  readonly now: Date;
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

/**
 * Runs a query over the rows of its one table, for the operators and functions that the alerts use; throws for any other, so that
 * an alert cannot go untested. Meaning of each: learn.microsoft.com/kusto/query.
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
  const scope = (row: Row): Scope => ({ row, group: rows, now });
  switch (kindOf(operator)) {
    case 'FilterOperator': {
      const condition = childrenOf(operator).at(-1);
      if (condition === undefined) throw unknown(operator);
      return rows.filter((row) => value(condition, scope(row)) === true);
    }
    case 'ExtendOperator':
      return rows.map((row) => ({ ...row, ...named(operator, scope(row)) }));
    case 'SummarizeOperator': {
      if (childrenOf(operator).some((child) => kindOf(child) === 'SummarizeByClause')) throw unknown(operator);
      // Without `by` there is one row, also when there was none before.
      return [named(operator, scope({}))];
    }
    default:
      throw unknown(operator);
  }
}

/** The values of `name = expression, …`. */
function named(operator: KqlNode, scope: Scope): Row {
  const elements = childrenOf(operator).flatMap((child) => (kindOf(child) === 'List' ? childrenOf(child) : []));
  return Object.fromEntries(
    elements.map((element) => {
      const [name, , expression] = childrenOf(find(element, 'SimpleNamedExpression'));
      if (name === undefined || expression === undefined) throw unknown(element);
      return [name.ToString(), value(expression, scope)];
    }),
  );
}

function value(node: KqlNode, scope: Scope): unknown {
  const [left, , right] = childrenOf(node);
  switch (kindOf(node)) {
    case 'NameReference':
      return scope.row[node.ToString()];
    case 'StringLiteralExpression':
      return node.ToString().slice(1, -1);
    case 'LongLiteralExpression':
      return Number(node.ToString());
    case 'TimespanLiteralExpression':
      return Number(node.ToString().slice(0, -1)) * (UNITS[node.ToString().slice(-1)] ?? Number.NaN);
    case 'FunctionCallExpression':
      return call(node, scope);
    default:
      if (left === undefined || right === undefined) throw unknown(node);
      return compare(node, left, right, scope);
  }
}

function compare(node: KqlNode, left: KqlNode, right: KqlNode, scope: Scope): boolean {
  const [a, b] = [value(left, scope), value(right, scope)];
  switch (kindOf(node)) {
    case 'AndExpression':
      return a === true && b === true;
    case 'OrExpression':
      return a === true || b === true;
    case 'EqualExpression':
      return a === b;
    case 'GreaterThanExpression':
      return Number(a) > Number(b);
    case 'HasExpression':
      return hasTerm(String(a), String(b));
    default:
      throw unknown(node);
  }
}

/** Whole terms, whatever their case: learn.microsoft.com/kusto/query/has-operator. */
function hasTerm(text: string, term: string): boolean {
  return new RegExp(`(?<![a-z0-9])${term.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![a-z0-9])`, 'i').test(text);
}

function call(node: KqlNode, scope: Scope): unknown {
  const [name, list] = childrenOf(node);
  if (name === undefined || list === undefined) throw unknown(node);
  const given = childrenOf(list)
    .filter((child) => kindOf(child) === 'List')
    .flatMap((child) => childrenOf(child).flatMap((element) => childrenOf(element)[0] ?? []));
  const [first, second, third] = given;
  if (first === undefined) throw unknown(node);
  switch (name.ToString()) {
    case 'ago':
      return scope.now.getTime() - Number(value(first, scope));
    case 'countif':
      return scope.group.filter((row) => value(first, { ...scope, row }) === true).length;
    case 'extract': {
      if (second === undefined || third === undefined) throw unknown(node);
      const match = new RegExp(String(value(first, scope))).exec(String(value(third, scope)));
      return match?.[Number(value(second, scope))] ?? '';
    }
    default:
      throw unknown(node);
  }
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

function unknown(node: KqlNode): Error {
  return new Error(`${kindOf(node)} is not run here: ${node.ToString()}`);
}
