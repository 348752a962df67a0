import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask } from '../http/client.ts';
import { anEstate } from '../http/estate.ts';
import { parseMetrics } from '../http/prometheus-parser.ts';
import { type GrafanaPanel, readDashboard } from '../support/grafana.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const { text, panels, variables } = readDashboard();
const RULES = readFileSync(resolve(ROOT, 'infra/observability/prometheus-rules.yaml'), 'utf8');
const ALERT_TESTS = readFileSync(resolve(ROOT, 'test/prometheus/alerts.yaml'), 'utf8');
const GUIDE = readFileSync(resolve(ROOT, 'docs/observability.md'), 'utf8');
const alerts = [...RULES.matchAll(/alert: (\w+)/g)].map(([, name = '']) => name);

const metricsIn = (query: string) => [...new Set(query.match(/kataudit_\w+/g) ?? [])];
const served = async () =>
  new Set(parseMetrics((await ask(anEstate({}, { clusterMetrics: 1, callBudgets: () => [] }), '/metrics')).text).map(({ name }) => name));

const cells = ({ gridPos: { x, y, w, h } }: GrafanaPanel) =>
  Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`);

describe('the Grafana dashboard', () => {
  it('queries only metrics that the app has', async () => {
    const known = await served();
    expect(metricsIn(text).filter((name) => !known.has(name))).toEqual([]);
  });

  it('has panels with unique ids, without overlaps in 24 columns', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = panels.flatMap(cells);
    expect(new Set(taken).size).toBe(taken.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  it('has the rows Estate, Clusters and Rules in this order', () => {
    expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual(['Estate', 'Clusters', 'Rules']);
    expect(panels.filter(({ type, targets }) => type !== 'row' && targets.length === 0)).toEqual([]);
  });

  it('uses exactly the variables that it defines', () => {
    const names = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name).filter((name) => !name.startsWith('__'));
    expect(new Set(names)).toEqual(new Set(variables.map(({ name }) => name)));
  });

  it('links to pages that the app has', () => {
    const pages = [...text.matchAll(/\$\{app\}\/api\/dashboard\/?(\w*)/g)].map(([, page = '']) => page);
    expect(new Set(pages)).toEqual(new Set(['', 'findings', 'cluster', 'rules', 'parked']));
  });
});

describe('the alert rules for Prometheus', () => {
  it('query only metrics that the app has', async () => {
    const known = await served();
    expect(metricsIn(RULES).filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(alerts)('%s is documented, and tested on both sides of its threshold', (name) => {
    expect(GUIDE).toContain(`\`${name}\``);
    const tested = [...ALERT_TESTS.matchAll(/alertname: (\w+)\n\s+exp_alerts:( \[\])?/g)].filter(([, tested]) => tested === name);
    expect(new Set(tested.map(([, , none]) => none === undefined))).toEqual(new Set([true, false]));
  });
});
