import { expect, it } from 'vitest';
import { z } from 'zod';
import * as shapes from '../../shared/storage/shapes.ts';
import { aFinding, aSummary, NOW } from '../http/estate.ts';

const history = { findingId: 'f', clusterId: 'c', ruleId: 'r', at: NOW, kind: 'opened', cause: 'a', severity: 'high', message: 'm' };
const audit = { id: 'a', startedAt: NOW, cause: 'timer', subscriptions: [] };
const { assessment, cluster, gaps, observedAt, cause, status, openBySeverity, rules, missedAudits } = aSummary('prod', []);
const { commands: _, ...finding } = aFinding();

/** The least that a row of each shape holds. */
const ROWS: Readonly<Record<keyof typeof shapes, object>> = {
  FindingShape: finding,
  HistoryShape: history,
  SummaryShape: { cluster, assessment, gaps, observedAt, cause, status, openBySeverity, rules, missedAudits },
  AuditShape: audit,
  ListedAuditShape: audit,
  EstateDayShape: { day: '2026-11-23', openBySeverity },
  AuditedSubscriptionShape: { auditId: 'a', subscriptionId: 's', at: NOW, outcome: {} },
  AuditedClusterShape: { auditId: 'a', clusterId: 'c', at: NOW, state: 'assessed', reasons: [], changed: 0 },
  ParkedShape: { id: 'p', queue: 'scans', body: '{}', reason: 'why', parkedAt: NOW },
  NoticeShape: { matter: 'rolling', kind: 'rolling-failed', at: NOW },
  ExemptionShape: { exemption: {}, updatedAt: NOW },
  PublishedShape: { service: 'defender', scope: 's', items: {} },
};
const MEMBERS = Object.entries(ROWS).flatMap(([shape, row]) => Object.keys(row).map((member) => [shape, member] as const));

it.each(Object.keys(ROWS))('a row of %s is read with the least that it holds, and nothing else is', (name) => {
  const shape = shapeOf(name);
  expect(shape.safeParse(rowOf(name)).success).toBe(true);
  for (const other of [null, 'text', 7, undefined]) expect(shape.safeParse(other).success).toBe(false);
});

it.each(MEMBERS)('a row of %s is read only with its %s, which is named', (name, member) => {
  const row = rowOf(name);
  const isObject = typeof Reflect.get(row, member) === 'object';
  for (const wrong of [undefined, null, isObject ? 'text' : {}]) {
    const { error } = shapeOf(name).safeParse({ ...row, [member]: wrong });
    expect(error?.issues).toEqual([
      expect.objectContaining({ path: [member], message: expect.stringMatching(isObject ? /^expected an object$/ : /^expected a \w+$/) }),
    ]);
  }
});

function shapeOf(name: string): z.ZodType {
  const shape: unknown = Reflect.get(shapes, name);
  return shape instanceof z.ZodType ? shape : expect.unreachable();
}

function rowOf(name: string): object {
  const row: unknown = Reflect.get(ROWS, name);
  return typeof row === 'object' && row !== null ? row : expect.unreachable();
}
