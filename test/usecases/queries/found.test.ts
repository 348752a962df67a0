import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../../shared/domain/findings/estate-figures.ts';
import type { Finding } from '../../../shared/domain/findings/finding.ts';
import { DEFAULT_POLICY, type Exemption } from '../../../shared/domain/policy/policy.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import type { FindingStore } from '../../../shared/ports/finding-store.ts';
import { AUDIT_LIMIT_MS } from '../../../shared/usecases/audit-outcome.ts';
import {
  countHidden,
  type FindingQuestion,
  findFindings,
  findingViews,
  MAX_FOUND,
  readUpTo,
} from '../../../shared/usecases/queries/find-findings.ts';
import { listAudits } from '../../../shared/usecases/queries/listed-audits.ts';
import { aFinding, anEstate, anExemption, NOW } from '../../http/estate.ts';

const named = (name: string, over: Partial<Finding> = {}) => aFinding({ subject: { kind: 'node', name }, ...over });
const OLD = named('old', { firstSeenAt: '2026-11-01T00:00:00.000Z' });
const NEW = named('new', { firstSeenAt: '2026-11-22T00:00:00.000Z', severity: 'low' });
const CLOSED = named('closed', { status: 'resolved' });
const OTHER = aFinding({ ruleId: 'workload-sandboxed' });
const ALL = [OLD, NEW, CLOSED, OTHER];

function sources(exemptions: readonly Exemption[] = [], findings: Pick<FindingStore, 'list'> = anEstate({ findings: ALL }).findings) {
  const policy = { ...DEFAULT_POLICY, exemptions, dueDays: { high: 21, low: 1 } };
  return { findings, policy: async () => ({ policy, hash: 'h', source: 'test' }), clock: () => new Date(NOW) };
}
const OF_RULE = anExemption({ node: 'old' });
const idsIn = (all: readonly { readonly finding: Finding }[]) => all.map(({ finding }) => finding.id).toSorted();
const ids = (...all: readonly Finding[]) => all.map(({ id }) => id).toSorted();

describe('a question about findings', () => {
  it.each<[string, FindingQuestion, readonly Finding[], number]>([
    ['nothing', {}, ALL, 0],
    ['a status', { status: ['resolved'] }, [CLOSED], 0],
    ['what is not exempted', { exempted: false }, [NEW, CLOSED, OTHER], 1],
    ['what is exempted', { exempted: true }, [OLD], 0],
    ['what is overdue', { overdue: true }, [OLD, OTHER], 0],
    ['what is overdue or not', { overdue: false }, ALL, 0],
    ['what is overdue and not exempted', { overdue: true, exempted: false }, [OTHER], 1],
  ])('for %s finds all of it, and says how much is hidden', async (_, question, expected, hidden) => {
    const found = await findFindings(sources([OF_RULE]), question);
    expect([idsIn(found.findings), found.hidden, found.complete]).toEqual([ids(...expected), hidden, true]);
  });

  it('tells of each finding its exemption and its due date', async () => {
    const view = await findingViews(sources([OF_RULE]));
    expect(view(OLD)).toEqual({ finding: OLD, exemption: OF_RULE, dueOn: '2026-11-22', overdue: true });
    expect(view(NEW)).toEqual({ finding: NEW, dueOn: '2026-11-23', overdue: false });
    expect(view(aFinding({ severity: 'info' }))).not.toHaveProperty('dueOn');
  });

  it('counts what is hidden, and reads only what exemptions can cover', async () => {
    const asked: unknown[] = [];
    const { findings } = sources();
    const list: FindingStore['list'] = (filter, ...rest) => {
      asked.push(filter);
      return findings.list(filter, ...rest);
    };
    const twice = sources([OF_RULE, anExemption({ id: 'again', node: 'new' })], { list });
    expect(await countHidden(twice, { overdue: true })).toBe(1);
    expect(await countHidden(twice, { rule: [OLD.ruleId, 'x'], status: ['open', 'resolved'] })).toBe(2);
    expect(asked).toEqual([
      { status: ['open'], rule: [OLD.ruleId] },
      { status: ['open'], rule: [OLD.ruleId] },
    ]);
    const none = sources([OF_RULE], { list: () => expect.unreachable('None can be hidden.') });
    expect(await countHidden(none, { rule: ['another'] })).toBe(0);
    expect(await countHidden(none, { status: ['resolved'] })).toBe(0);
    expect(await countHidden({ ...none, ...sources([], none.findings) }, {})).toBe(0);
  });

  it('reads short pages up to its bound, and says when there is more', async () => {
    const asked: unknown[] = [];
    const list: FindingStore['list'] = async (_, top, after = '0') => {
      asked.push([top, after]);
      const at = Number(after);
      return { value: ALL.slice(at, at + Math.min(top, 2)), ...(at + 2 < ALL.length ? { next: String(at + 2) } : {}) };
    };
    expect(await readUpTo({ list }, {}, 10)).toEqual({ value: ALL, complete: true });
    expect(asked).toEqual([
      [10, '0'],
      [8, '2'],
    ]);
    expect(await readUpTo({ list }, {}, 2)).toEqual({ value: ALL.slice(0, 2), complete: false });
    expect(await readUpTo({ list }, {}, 4)).toEqual({ value: ALL, complete: true });
    const tops: number[] = [];
    await findFindings(
      sources([], {
        list: async (_, top) => {
          tops.push(top);
          return { value: [] };
        },
      }),
      {},
    );
    expect(tops).toEqual([MAX_FOUND]);
  });
});

describe('the list of audits', () => {
  const START = Date.parse('2026-11-20T10:00:00.000Z');
  const at = (ms: number) => new Date(START + ms).toISOString();

  async function listed(now: number) {
    const { audits } = createMemoryStorage();
    for (let n = 0; n < 5; n++) await audits.start({ id: `a${n}`, startedAt: at(n), cause: 'timer', subscriptions: ['s'] });
    const outcome = { state: 'not-listed', reason: { code: 'denied', message: '403' } } as const;
    await audits.recordSubscription({ auditId: 'a4', subscriptionId: 's', at: at(5), outcome });
    await audits.recordCluster({ auditId: 'a4', clusterId: 'c', at: at(6), state: 'not-assessed', reasons: [], changed: 2 });
    const ended = (await audits.get('a0'))?.audit ?? expect.unreachable();
    const counts = { planned: 7, scanned: 6, changed: 5, notAssessed: 4, notListed: 3 };
    await audits.end(ended, { state: 'complete', endedAt: at(9), ...counts, figures: figuresOf([], DEFAULT_POLICY, new Date(NOW)) });
    const read: string[] = [];
    const get: typeof audits.get = (id) => {
      read.push(id);
      return audits.get(id);
    };
    return {
      read,
      counts,
      list: (top: number, after?: string) => listAudits({ audits: { ...audits, get }, clock: () => new Date(START + now) }, top, after),
    };
  }

  it('begins with the newest, says how each stands, and reads only the newest three without an end', async () => {
    const { list, read, counts } = await listed(60_000);
    const { value, next } = await list(10);
    expect(value.map(({ audit, state }) => [audit.id, state])).toEqual([
      ['a4', 'incomplete'],
      ['a3', 'running'],
      ['a2', 'running'],
      ['a1', 'running'],
      ['a0', 'complete'],
    ]);
    expect([read, next]).toEqual([['a4', 'a3', 'a2'], undefined]);
    expect(value[0]?.outcome).toEqual({ planned: 1, scanned: 1, changed: 2, notAssessed: 1, notListed: 1 });
    expect(value[3]).not.toHaveProperty('outcome');
    expect(value[4]?.outcome).toEqual({ ...counts, endedAt: at(9) });
  });

  it('goes on page by page', async () => {
    const { list } = await listed(0);
    const first = await list(2);
    expect(first.next).toBeDefined();
    expect((await list(3, first.next)).value.map(({ audit }) => audit.id)).toEqual(['a2', 'a1', 'a0']);
  });

  it('takes an old audit without an end for incomplete after its limit', async () => {
    const stateOf = async (now: number) => (await (await listed(now)).list(10)).value[3]?.state;
    expect([await stateOf(1 + AUDIT_LIMIT_MS), await stateOf(2 + AUDIT_LIMIT_MS)]).toEqual(['running', 'incomplete']);
  });
});
