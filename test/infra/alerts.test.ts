import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditEnd, AuditReport } from '../../shared/ports/audit-store.ts';
import { endedLine, plannedLine } from '../../shared/usecases/audit-lines.ts';
import { criticalLines } from '../../shared/usecases/critical-lines.ts';
import { parkedLine } from '../../shared/usecases/park-message.ts';
import { aFinding } from '../http/estate.ts';
import { type Alert, alertsOf, readDeployment, readTexts } from './checks/deployment.ts';
import { kqlProblems } from './kql/language.ts';
import { type Row, runKql } from './kql/run.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const { alerts, evaluated } = readDeployment(readTexts(ROOT));
const GUIDE = readFileSync(resolve(ROOT, 'docs/operate.md'), 'utf8');
const NOW = new Date('2026-11-20T12:00:00Z');
const HOUR = 3_600_000;

const audit = { id: 'a1', startedAt: NOW.toISOString(), cause: 'timer', subscriptions: ['s1'] } as const;
const listed = { auditId: 'a1', subscriptionId: 's1', at: '', outcome: { state: 'listed', clusters: 1 } } as const;
const reason = { code: 'denied', message: '403' } as const;
const unlisted = { auditId: 'a1', subscriptionId: 's1', at: '', outcome: { state: 'not-listed', reason } } as const;
const cluster = (state: 'assessed' | 'partly-assessed' | 'not-assessed' | 'planned') =>
  ({ auditId: 'a1', clusterId: 'c', at: '', state, reasons: [], changed: 0 }) as const;

function ended(report: Pick<AuditReport, 'subscriptions' | 'clusters'>, state: AuditEnd['state'] = 'complete'): string {
  const counts = { planned: report.clusters.length, scanned: 0, notAssessed: 0, notListed: 0, changed: 0 };
  return endedLine({ audit, ...report }, { state, endedAt: '', ...counts }).text;
}

const PLANNED = plannedLine(audit).text;
const SEEN = ended({ subscriptions: [listed], clusters: [cluster('assessed')] });
const critical = (ruleId: string, id: string) =>
  criticalLines([{ kind: 'opened', finding: { ...aFinding(), id, ruleId, severity: 'critical' } }])[0] ?? '';
const parked = (id: string) => parkedLine({ id, queue: 'scans' });

/** Log lines from so many hours ago. */
const at = (hours: number, ...lines: readonly string[]): readonly Row[] =>
  lines.map((Message) => ({ TimeGenerated: NOW.getTime() - hours * HOUR, Message }));

function alert(name: string): Alert {
  const found = alerts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no alert ${name}.`);
  return found;
}

/** Whether the alert fires, which is when the query returns a row. */
const fires = (name: string, ...rows: readonly (readonly Row[])[]) => runKql(alert(name).query, rows.flat(), NOW).length > 0;

describe('an alert', () => {
  it.each(alerts.map(({ name, query }) => [name, query]))('%s has a valid Kusto query on existing columns', (_, query) => {
    expect(kqlProblems(query)).toEqual([]);
  });

  it('with an unknown column is reported', () => {
    expect(kqlProblems('AppTraces | where Massage has "x"')).toEqual([expect.stringContaining('Massage')]);
  });

  it.each(alerts)('$name has a window longer than the arrival time of a line and than its interval', ({ window, every }) => {
    // Azure Monitor: usually 20 seconds to 3 minutes, more under load; learn.microsoft.com/azure/azure-monitor/logs/data-ingestion-time
    expect(minutes(window)).toBeGreaterThanOrEqual(minutes(every) + 30);
  });

  it.each([...evaluated].filter(([name]) => name.startsWith('main-')))('of %s queries no more time than its window', (_, resources) => {
    const spans = alertsOf(resources).flatMap(({ query, window }) =>
      [...query.matchAll(/ago\((\d+)([hm])\)/g)].map(
        ([, count = '', unit]) => [Number(count) * (unit === 'h' ? 60 : 1), minutes(window)] as const,
      ),
    );
    expect(spans).toHaveLength(2);
    for (const [back, window] of spans) expect(back).toBeLessThanOrEqual(window);
  });
});

describe('the alert no-audit', () => {
  it.each([
    ['nothing was logged at all', [], true],
    ['an audit scanned clusters', [at(13, PLANNED, SEEN)], false],
    ['an audit listed an estate without clusters', [at(3, ended({ subscriptions: [listed], clusters: [] }))], false],
    ['an audit scanned clusters in part', [at(3, ended({ subscriptions: [listed], clusters: [cluster('partly-assessed')] }))], false],
    ['one of two subscriptions was listed', [at(3, ended({ subscriptions: [listed, unlisted], clusters: [] }))], false],
    ['the last audit that scanned anything is three intervals old', [at(18, SEEN)], true],
    ['audits are planned and never end', [at(1, PLANNED), at(7, PLANNED)], true],
    ['no subscription could be listed', [at(1, ended({ subscriptions: [unlisted], clusters: [] }))], true],
    ['no cluster could be scanned', [at(1, ended({ subscriptions: [listed], clusters: [cluster('not-assessed')] }))], true],
    ['no scan ended before the limit', [at(1, ended({ subscriptions: [listed], clusters: [cluster('planned')] }, 'incomplete'))], true],
    ['nothing is in scope', [at(1, plannedLine({ ...audit, subscriptions: [] }).text)], true],
  ])('when %s: %s', (_, rows, expected) => {
    expect(fires('no-audit', ...rows)).toBe(expected);
  });
});

describe('the alert audit-overdue', () => {
  it.each([
    ['nothing was logged at all', [], true],
    ['the timer started an audit in the interval', [at(5.9, PLANNED)], false],
    ['the last one is older than the interval and three quarters of an hour', [at(6.8, PLANNED)], true],
    ['only a person started one', [at(1, plannedLine({ ...audit, cause: 'request' }).text)], true],
    ['the timer planned nothing', [at(1, plannedLine({ ...audit, subscriptions: [] }).text)], true],
  ])('when %s: %s', (_, rows, expected) => {
    expect(fires('audit-overdue', ...rows)).toBe(expected);
  });
});

describe('the alerts of single lines', () => {
  const good = at(1, PLANNED, SEEN, 'plain text of a scan');

  it.each(['parked-messages', 'critical-finding', 'isolation-disproved'])('%s does not fire without such a line', (name) => {
    expect(fires(name, good)).toBe(false);
  });

  it('distinguish each message and each finding', () => {
    const rows = [
      ...good,
      ...at(0, parked('ab12'), parked('cd34'), critical('workload-sandboxed', 'f-1'), critical('isolation-proven', 'f-2')),
    ];
    expect(runKql(alert('parked-messages').query, rows, NOW).map(({ Parked }) => Parked)).toEqual(['ab12', 'cd34']);
    expect(runKql(alert('critical-finding').query, rows, NOW).map(({ Finding }) => Finding)).toEqual(['f-1', 'f-2']);
    expect(runKql(alert('isolation-disproved').query, rows, NOW).map(({ Finding }) => Finding)).toEqual(['f-2']);
  });
});

describe('the queries of docs/operate.md', () => {
  const queries = [...GUIDE.matchAll(/`(App[A-Z]\w+ \|[^`]+)`/g), ...GUIDE.matchAll(/--analytics-query "([^"]+(?:\\"[^"]*)*)"/g)].map(
    ([, text = '']) => text,
  );

  it('exist', () => {
    expect(queries.length).toBeGreaterThan(1);
  });

  it.each(queries)('%s', (query) => {
    expect(kqlProblems(query)).toEqual([]);
  });
});

function minutes(span: string): number {
  const { days = 0, hours = 0, rest = 0 } = /^P(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<rest>\d+)M)?)?$/.exec(span)?.groups ?? {};
  return Number(days) * 1_440 + Number(hours) * 60 + Number(rest);
}
