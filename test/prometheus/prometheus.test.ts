import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { followAudit } from '../../shared/cli/follow-audit.ts';
import { type LocalRun, startLocal } from '../../shared/compose/container/local.ts';
import { freePort } from '../support/command.ts';
import { readDashboard, withEverything } from '../support/grafana.ts';
import { PROMETHEUS, PROMTOOL, promtool, type RunningPrometheus, startPrometheus } from './programs.ts';

const RULES = resolve(import.meta.dirname, '../../infra/observability/prometheus-rules.yaml');
const { panels, variables } = readDashboard();
const queries = panels.flatMap(({ title, targets }) =>
  targets.map(({ refId, expr }) => [`${title} ${refId}`, withEverything(expr)] as const),
);

describe.skipIf(PROMETHEUS === undefined || PROMTOOL === undefined)('a real Prometheus', { timeout: 120_000 }, () => {
  let local: LocalRun;
  let prometheus: RunningPrometheus;
  let folder: string;

  const has = async (query: string) =>
    JSON.stringify(await prometheus.ask('query', { query })) !== JSON.stringify({ resultType: 'vector', result: [] });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kataudit-prometheus-'));
    process.env.KATAUDIT_CLUSTER_METRICS = '100';
    local = await startLocal({ port: await freePort(), auth: true, now: new Date() });
    await followAudit(local, () => undefined);
    const config = join(folder, 'prometheus.yml');
    await writeFile(config, stringify(configuration(local)));
    prometheus = await startPrometheus(config, join(folder, 'data'), await freePort());
    // A query sees a scrape after it has ended.
    await vi.waitFor(async () => expect(await has('kataudit_build_info')).toBe(true), { timeout: 60_000, interval: 250 });
  }, 180_000);
  afterAll(async () => {
    delete process.env.KATAUDIT_CLUSTER_METRICS;
    await prometheus?.stop();
    await local?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('accepts the names and the format of the metrics', async () => {
    const response = await fetch(`${local.apiUrl}/metrics`, { headers: { 'x-functions-key': local.key ?? '' } });
    expect(promtool(['check', 'metrics'], await response.text())).toEqual({ code: 0, said: '' });
  });

  it('accepts the alert rules, and each fires only when it should', async () => {
    expect(promtool(['check', 'rules', RULES])).toMatchObject({ code: 0 });
    await copyFile(RULES, join(folder, 'prometheus-rules.yaml'));
    await copyFile(resolve(import.meta.dirname, 'alerts.yaml'), join(folder, 'alerts.yaml'));
    expect(promtool(['test', 'rules', join(folder, 'alerts.yaml')])).toMatchObject({ code: 0 });
  });

  it('scrapes the running app with its key, without an error', async () => {
    const { activeTargets } = targets(await prometheus.ask('targets'));
    expect(activeTargets).toMatchObject([{ health: 'up', lastError: '' }]);
  });

  it.each(queries)('answers the query of the panel "%s" with data', async (_, query) => {
    expect(await has(query)).toBe(true);
  });

  it.each(variables.filter(({ type }) => type === 'query').map(({ name, query }) => [name, query]))(
    'has values for the variable %s',
    async (_, query) => {
      const [, metric = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
      expect(await prometheus.ask(`label/${label}/values`, { 'match[]': withEverything(metric) })).not.toEqual([]);
    },
  );

  it.each(['KatauditCriticalFindings', 'KatauditWorkloadsExposed', 'KatauditClusterCritical', 'KatauditClusterNeverSeen'])(
    'raises %s for the simulated estate',
    async (name) => {
      await expect.poll(() => has(`ALERTS{alertname="${name}"}`), { timeout: 30_000, interval: 250 }).toBe(true);
    },
  );
});

/** As in docs/observability.md, except for the address. */
function configuration({ apiUrl, key }: LocalRun): object {
  const { host, pathname } = new URL(apiUrl);
  return {
    global: { scrape_interval: '5s', evaluation_interval: '1s' },
    rule_files: [RULES],
    scrape_configs: [
      {
        job_name: 'kataudit',
        scheme: 'http',
        metrics_path: `${pathname}/metrics`,
        authorization: { credentials: key },
        static_configs: [{ targets: [host] }],
      },
    ],
  };
}

function targets(answer: unknown): { readonly activeTargets: unknown } {
  if (typeof answer !== 'object' || answer === null || !('activeTargets' in answer)) throw new Error('Prometheus tells no targets.');
  return { activeTargets: answer.activeTargets };
}
