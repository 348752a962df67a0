import { z } from 'zod';
import { parseJson } from '../../../domain/text/json.ts';
import type { Estate } from '../model.ts';
import { type Answer, json } from '../server/answer.ts';
import { managedCluster } from './arm-shapes.ts';

const RequestSchema = z.object({
  subscriptions: z.array(z.string()).optional(),
  managementGroups: z.array(z.string()).optional(),
  query: z.string(),
  options: z
    .object({
      $skipToken: z.string().optional(),
      $top: z.int().min(1).max(1_000).optional(),
      $skip: z.int().min(0).optional(),
      resultFormat: z.string().optional(),
    })
    .optional(),
});

type Row = Record<string, unknown>;

const QUOTA = { 'x-ms-user-quota-remaining': '14', 'x-ms-user-quota-resets-after': '00:00:05' };
const DEFAULT_ROWS = 100;

/**
 * Answers a Resource Graph query. It understands the one table and filter that an inventory of
 * clusters needs, with a projection of plain columns and an order by one; it refuses any other query.
 */
export function queryResourceGraph(estate: Estate, body: string): Answer {
  const request = RequestSchema.safeParse(parseJson(body));
  if (!request.success) return failure(`The request is invalid: ${z.prettifyError(request.error)}`);
  const { query, options = {}, subscriptions, managementGroups } = request.data;
  const plan = readQuery(query);
  if (plan === undefined) return failure(`Query is invalid, or beyond this simulation: ${query}`);
  const rows = ordered(rowsOf(estate, subscriptions, managementGroups), plan.order).map((row) => project(row, plan.columns));
  const start = Number(options.$skipToken ?? options.$skip ?? 0);
  if (!Number.isInteger(start) || start < 0) return failure('The skip token is not one of this server.');
  const data = rows.slice(start, start + (options.$top ?? DEFAULT_ROWS));
  const end = start + data.length;
  // The real service pages only results with an id column.
  const pageable = plan.columns === undefined || plan.columns.includes('id');
  return json(
    200,
    {
      totalRecords: rows.length,
      count: data.length,
      data: options.resultFormat === 'table' ? table(data) : data,
      facets: [],
      resultTruncated: String(end < rows.length && !pageable),
      ...(end < rows.length && pageable ? { $skipToken: String(end) } : {}),
    },
    QUOTA,
  );
}

function rowsOf(estate: Estate, subscriptions: readonly string[] | undefined, groups: readonly string[] | undefined): Row[] {
  const among = (names: readonly string[] | undefined, name: string) =>
    names === undefined || names.length === 0 || names.some((one) => one.toLowerCase() === name.toLowerCase());
  return estate.subscriptions
    .filter(({ id, managementGroup }) => among(subscriptions, id) && among(groups, managementGroup))
    .flatMap((subscription) =>
      subscription.clusters.map(
        (cluster): Row => ({
          ...managedCluster(estate, subscription, cluster),
          type: 'microsoft.containerservice/managedclusters',
          resourceGroup: cluster.resourceGroup.toLowerCase(),
          subscriptionId: subscription.id,
        }),
      ),
    );
}

interface QueryPlan {
  readonly columns: readonly string[] | undefined;
  readonly order: string | undefined;
}

function ordered(rows: readonly Row[], column: string | undefined): readonly Row[] {
  if (column === undefined) return rows;
  return rows.toSorted((one, other) => (String(one[column]) < String(other[column]) ? -1 : 1));
}

function readQuery(query: string): QueryPlan | undefined {
  const [table = '', ...steps] = query.split('|').map((step) => step.trim());
  if (table.toLowerCase() !== 'resources') return undefined;
  let columns: readonly string[] | undefined;
  let order: string | undefined;
  let filtered = false;
  for (const step of steps) {
    const projected = /^project\s+(.+)$/is.exec(step)?.[1];
    if (projected !== undefined) columns = projected.split(',').map((column) => column.trim());
    else if (/^where\s+type\s*(=~|==)\s*['"]microsoft\.containerservice\/managedclusters['"]$/i.test(step)) filtered = true;
    else {
      order = /^order by (\w+)(?: asc)?$/i.exec(step)?.[1];
      if (order === undefined) return undefined;
    }
  }
  const plain = columns?.every((column) => /^[A-Za-z]+$/.test(column)) ?? true;
  return filtered && plain ? { columns, order } : undefined;
}

function project(row: Row, columns: readonly string[] | undefined): Row {
  return columns === undefined ? row : Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}

function table(rows: readonly Row[]): unknown {
  const names = Object.keys(rows[0] ?? {});
  return { columns: names.map((name) => ({ name, type: 'string' })), rows: rows.map((row) => names.map((name) => row[name])) };
}

function failure(message: string): Answer {
  return json(400, { error: { code: 'BadRequest', message, details: [{ code: 'InvalidQuery', message }] } }, QUOTA);
}
