import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../shared/domain/findings/finding.ts';
import type { ApiDependencies } from '../../shared/http/framework/api.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { ask } from './client.ts';
import { aFinding, anEstate, aSummary, clusterIdOf, NOW } from './estate.ts';

const CLUSTERS = 18;
const DAYS = 40;

let azurite: Azurite;
let storage: Storage;
let app: ApiDependencies;

beforeAll(async () => {
  // Every request of this process is one to the storage.
  subscribe('http.client.request.start', count);
  azurite = await startAzurite();
  storage = createStorage(azurite, () => new Date(NOW));
  await storage.ensure();
  for (let at = 0; at < CLUSTERS; at++) await write(`c${at}`, at, 0);
  for (let day = 0; day < DAYS; day++) {
    const at = new Date(Date.parse(NOW) - day * 86_400_000).toISOString().slice(0, 10);
    await storage.trend.put({ day: at, openBySeverity: { critical: 0, high: day, medium: 0, low: 0, info: 0 } });
  }
  app = { ...anEstate(), ...storage, rules: anEstate().rules, clusterMetrics: 100 };
}, 60_000);
afterAll(async () => {
  unsubscribe('http.client.request.start', count);
  await azurite.stop();
});

/** Writes a cluster with three findings and the given number of history entries. */
async function write(clusterName: string, at: number, lines: number): Promise<void> {
  const findings = ['a', 'b', 'c'].map((name) =>
    aFinding({ clusterName, severity: at % 3 === 0 ? 'critical' : 'high', subject: { kind: 'node', name } }),
  );
  const [finding] = findings;
  if (finding === undefined) throw new Error('There are three.');
  const history = Array.from(
    { length: lines },
    (_, line): HistoryEntry => ({
      findingId: finding.id,
      clusterId: finding.clusterId,
      ruleId: finding.ruleId,
      at: new Date(Date.parse(NOW) - line * 36_000_000).toISOString(),
      kind: line % 2 === 0 ? 'opened' : 'resolved',
      cause: 'audit-1',
      severity: 'high',
      message: 'm',
    }),
  );
  const basedOn = await storage.findings.ofCluster(clusterIdOf(clusterName));
  await storage.findings.write({
    clusterId: clusterIdOf(clusterName),
    findings,
    history,
    summary: aSummary(clusterName, findings),
    basedOn,
  });
}

let requests = 0;
const count = () => {
  requests += 1;
};

async function costOf(path: string): Promise<number> {
  requests = 0;
  expect((await ask(app, path)).status).toBe(200);
  return requests;
}

/** Paths with the maximum number of storage requests of one view. */
const VIEWS = [
  ['/dashboard', 12],
  ['/dashboard?days=90', 12],
  ['/dashboard/findings', 10],
  ['/findings?top=50', 10],
  ['/findings?top=50&orderby=severity%20desc', 10],
  ['/findings/facets', 4],
  ['/findings/groups?by=rule', 4],
  ['/summary', 4],
  ['/metrics', 6],
] as const;

describe('the cost of a view in storage requests', () => {
  it.each(VIEWS)('of %s is at most %i, also for the first view', async (path, limit) => {
    app = { ...app, findings: createStorage(azurite, () => new Date(NOW)).findings };

    expect(await costOf(path)).toBeLessThanOrEqual(limit);
  });

  it('does not grow with the history', async () => {
    const before: number[] = [];
    for (const [path] of VIEWS) before.push(await costOf(path));
    await write('c0', 0, 90);
    const after: number[] = [];
    for (const [path] of VIEWS) after.push(await costOf(path));

    expect(after.map((cost, at) => cost - (before[at] ?? 0)).filter((more) => more > 0)).toEqual([]);
  });
});
