import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

const target = z.looseObject({ refId: z.string(), expr: z.string(), instant: z.boolean() });
const gridPos = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
const panel = z.looseObject({
  id: z.number(),
  type: z.enum(['row', 'stat', 'timeseries', 'table']),
  title: z.string(),
  gridPos,
  targets: z.array(target).default([]),
});
const variable = z.looseObject({ name: z.string(), type: z.string(), query: z.union([z.string(), z.looseObject({ query: z.string() })]) });
const dashboard = z.looseObject({ panels: z.array(panel), templating: z.object({ list: z.array(variable) }) });

/** A panel as Grafana reads it. */
export type GrafanaPanel = z.output<typeof panel>;

const FILE = resolve(import.meta.dirname, '../../infra/observability/grafana-dashboard.json');

/** The dashboard as Grafana imports it: its text, its panels with their queries, and its variables. */
export function readDashboard() {
  const text = readFileSync(FILE, 'utf8');
  const { panels, templating } = dashboard.parse(JSON.parse(text));
  const variables = templating.list.map(({ name, type, query }) => ({
    name,
    type,
    query: typeof query === 'string' ? query : query.query,
  }));
  return { text, panels, variables };
}

/** A query as Grafana sends it when all values of its variables are chosen. */
export function withEverything(expr: string): string {
  return expr.replaceAll(/"\$\w+"/g, '".*"');
}
