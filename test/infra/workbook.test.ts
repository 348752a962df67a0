import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endedLine } from '../../shared/usecases/audit-lines.ts';
import { criticalLines } from '../../shared/usecases/critical-lines.ts';
import { parkedLine } from '../../shared/usecases/park-message.ts';
import { aFinding } from '../http/estate.ts';
import { ofType, readDeployment, readTexts } from './checks/deployment.ts';
import { kqlProblems } from './kql/language.ts';
import { type Row, runKql } from './kql/run.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NOW = new Date('2026-11-20T12:00:00Z');
const HOUR = 3_600_000;
const text = readFileSync(resolve(ROOT, 'infra/app/workbook.json'), 'utf8');
const item = z.looseObject({
  type: z.number(),
  name: z.string(),
  content: z.looseObject({ query: z.string().optional(), noDataMessage: z.string().optional() }),
});
const { items } = z.looseObject({ items: z.array(item) }).parse(JSON.parse(text));
const questions = items.flatMap(({ name, content: { query, noDataMessage } }) =>
  query === undefined ? [] : [{ name, query, noDataMessage }],
);

/** The result of the query whose title starts with this text. */
function answer(title: string, ...rows: readonly Row[]): readonly Row[] {
  const found = questions.find(({ name }) => name.startsWith(title));
  if (found === undefined) throw new Error(`The workbook has no question ${title}`);
  return runKql(found.query, rows, NOW);
}

const at = (hours: number) => NOW.getTime() - hours * HOUR;
const line = (hours: number, Message: string): Row => ({ TimeGenerated: at(hours), Message });
const span = (hours: number, DurationMs: number, facts: Row, Name = 'scan-cluster', Success = true): Row => ({
  TimeGenerated: at(hours),
  Name,
  DurationMs,
  Success,
  Properties: facts,
});
const scan = (hours: number, cluster: string, assessment: string | undefined, opened = 0): Row =>
  span(hours, 1_000 * hours, {
    'kataudit.cluster': cluster,
    ...(assessment === undefined ? {} : { 'kataudit.assessment': assessment, 'kataudit.opened': opened, 'kataudit.resolved': 0 }),
  });

const listed = { auditId: 'a1', subscriptionId: 's1', at: '', outcome: { state: 'listed', clusters: 1 } } as const;
const assessed = { auditId: 'a1', clusterId: 'c', at: '', state: 'assessed', reasons: [], changed: 0 } as const;
const audit = { id: 'a1', startedAt: NOW.toISOString(), cause: 'timer', subscriptions: ['s1'] } as const;
const end = { state: 'incomplete', endedAt: '', planned: 12, scanned: 11, notAssessed: 3, notListed: 2, changed: 0 } as const;
const ended = endedLine({ audit, subscriptions: [listed], clusters: [assessed] }, end).text;
const critical = (id: string, more = 0) =>
  criticalLines(
    Array.from({ length: 1 + more }, () => ({ kind: 'opened' as const, finding: { ...aFinding(), id, severity: 'critical' as const } })),
  );

describe('the workbook', () => {
  it.each(questions)('has a valid Kusto query for "$name", and explains an empty result', ({ query, noDataMessage }) => {
    expect(kqlProblems(query)).toEqual([]);
    expect(noDataMessage).toMatch(/^[A-Z].*\.$|[a-z-]$/);
  });

  it('returns empty results for all queries without data', () => {
    expect(questions.flatMap(({ query }) => runKql(query, [], NOW))).toEqual([]);
  });

  it('reads an audit from the log line at its end', () => {
    expect(answer('Audits', line(1, 'Audit planned: a1'), line(1, ended))).toEqual([
      { Ended: at(1), Audit: 'a1', State: 'incomplete', Outcome: 'seeing', Scanned: 11, Planned: 12, NotAssessed: 3, NotListed: 2 },
    ]);
  });

  it('sorts clusters first that were never scanned completely, including failed scans', () => {
    const rows = [scan(3, 'a', 'assessed', 2), scan(1, 'a', 'partly-assessed', 1), scan(2, 'b', undefined), scan(1, 'c', 'assessed')];
    expect(answer('Clusters', ...rows)).toMatchObject([
      { Cluster: 'b', LastFullScan: null, LastScan: at(2), Scans: 1, NotFull: 1, Opened: 0 },
      { Cluster: 'a', LastFullScan: at(3), LastScan: at(1), Scans: 2, NotFull: 1, Opened: 3 },
      { Cluster: 'c', LastFullScan: at(1), NotFull: 0 },
    ]);
    expect(answer('Incomplete scans by result', ...rows)).toEqual([
      { Result: 'partly-assessed', Scans: 1, Clusters: 1, Newest: at(1) },
      { Result: 'failed', Scans: 1, Clusters: 1, Newest: at(2) },
    ]);
  });

  it('links each critical finding, and keeps the line that reports more of them', () => {
    const [first] = critical('f-1');
    const last = critical('f-2', 50).at(-1);
    expect(answer('Critical findings that', line(2, first ?? ''), line(1, last ?? ''))).toEqual([
      { Opened: at(1), What: last, Cluster: '', Page: '' },
      { Opened: at(2), What: 'node-image-current', Cluster: aFinding().clusterId, Page: 'https://APP/api/dashboard/finding?id=f-1' },
    ]);
    expect(answer('Critical findings opened per day', line(2, first ?? ''), line(13, first ?? ''))).toEqual([
      { Day: Date.parse('2026-11-20'), Opened: 1 },
      { Day: Date.parse('2026-11-19'), Opened: 1 },
    ]);
  });

  it('shows parked messages, calls and failures', () => {
    const parked = parkedLine({ id: 'ab12', queue: 'scans' });
    expect(answer('Messages', line(1, parked), line(1, 'Audit planned: a1'))).toEqual([{ Parked: at(1), Message: parked }]);
    const calls = [
      span(1, 10, {}, 'azure getCluster'),
      span(1, 30, {}, 'kubernetes nodes', false),
      span(1, 20, {}, 'kubernetes nodes'),
      scan(1, 'a', 'assessed'),
    ];
    expect(answer('Calls', ...calls)).toEqual([
      { Name: 'kubernetes nodes', Calls: 2, Failed: 1, Most: 30 },
      { Name: 'azure getCluster', Calls: 1, Failed: 0, Most: 10 },
    ]);
    expect(answer('Failures', { TimeGenerated: at(1), OperationName: 'scan-cluster', OuterMessage: 'no' })).toEqual([
      { OperationName: 'scan-cluster', OuterMessage: 'no', Failures: 1, Newest: at(1) },
    ]);
    expect(answer('Duration of', scan(3, 'a', 'assessed'), scan(3, 'b', 'assessed'))).toEqual([{ Hour: at(3), Half: 3_000, Most: 3_000 }]);
  });

  it('is deployed once with every app, in its workspace, under a constant name', () => {
    for (const [name, resources] of readDeployment(readTexts(ROOT)).evaluated) {
      const books = ofType(resources, 'Microsoft.Insights/workbooks');
      expect(books).toHaveLength(name.startsWith('main-') ? 1 : 0);
      for (const book of books)
        expect(book.properties).toMatchObject({ displayName: 'Kataudit', sourceId: expect.stringContaining('/workspaces/') });
    }
  });
});
