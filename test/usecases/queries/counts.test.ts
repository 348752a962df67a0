import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Exemption, type Policy } from '../../../shared/domain/policy/policy.ts';
import type { Page } from '../../../shared/ports/finding-store.ts';
import { addUp } from '../../../shared/usecases/queries/estate-totals.ts';
import { countExempted } from '../../../shared/usecases/queries/exempted.ts';
import { coveredBy, givenExemptions, liveExemptions, usedExemptions, withUse } from '../../../shared/usecases/queries/exemptions.ts';
import { overlay } from '../../../shared/usecases/queries/overlay.ts';
import { allClusters, everyCluster, walk } from '../../../shared/usecases/queries/walk.ts';
import { aFinding, anEstate, anExemption, aSummary, clusterIdOf, NOW, RULES } from '../../http/estate.ts';

const NODE = { kind: 'node', name: 'n' } as const;
const [HIGH, LOW, ELSEWHERE] = [
  aFinding(),
  aFinding({ severity: 'low', subject: NODE }),
  aFinding({ clusterName: 'dev', severity: 'medium' }),
];
const OTHER_RULE = aFinding({ ruleId: 'workload-sandboxed', severity: 'critical' });
const RESOLVED = aFinding({ status: 'resolved', subject: { kind: 'node', name: 'gone' } });

function sources(inPolicy: readonly Exemption[], given: readonly Exemption[] = []) {
  const { findings } = anEstate({ findings: [HIGH, LOW, ELSEWHERE, OTHER_RULE, RESOLVED] });
  const policy: Policy = { ...DEFAULT_POLICY, exemptions: inPolicy };
  const held = given.map((exemption) => ({ exemption, version: '1', updatedAt: NOW }));
  return {
    findings,
    rules: RULES,
    policy: async () => ({ policy, hash: 'h', source: 'test' }),
    exemptions: { list: async () => held },
    clock: () => new Date(NOW),
  };
}
const ENDED = anExemption({ id: 'ended', expiresOn: NOW });
const DEV = anExemption({ id: 'dev', cluster: 'dev' });

describe('exemptions', () => {
  it('are those of the policy before those of the API, each with its origin', async () => {
    const all = await givenExemptions(sources([DEV], [ENDED]));
    expect(all.map(({ origin, exemption: { id } }) => [origin, id])).toEqual([
      ['policy', 'dev'],
      ['api', 'ended'],
    ]);
    const { exemptions: _, ...withoutApi } = sources([DEV]);
    expect(await givenExemptions(withoutApi)).toHaveLength(1);
  });

  it('hold until they end', async () => {
    expect((await liveExemptions(sources([DEV], [ENDED]))).map(({ id }) => id)).toEqual(['dev']);
    const exemptionOf = await overlay(sources([DEV], [ENDED]));
    expect([exemptionOf(ELSEWHERE)?.id, exemptionOf(HIGH)]).toEqual(['dev', undefined]);
  });

  it('count the open findings in their scope, and say how they stand', async () => {
    const unknown = anExemption({ id: 'unknown', rule: 'no-such-rule' });
    const unused = anExemption({ id: 'unused', cluster: 'none' });
    const used = await usedExemptions(sources([DEV, ENDED, unknown, unused], [anExemption({ id: 'all' })]));
    expect(used.map(({ exemption: { id }, state, findings }) => [id, state, findings])).toEqual([
      ['dev', 'live', 1],
      ['ended', 'expired', 3],
      ['unknown', 'invalid', 0],
      ['unused', 'unused', 0],
      ['all', 'live', 3],
    ]);
    const one = async (exemption: Exemption) => {
      const { state, findings } = await withUse(sources([]), { origin: 'policy', exemption });
      return [state, findings];
    };
    expect([await one(DEV), await one(ENDED), await one(unknown), await one(unused)]).toEqual([
      ['live', 1],
      ['expired', 3],
      ['invalid', 0],
      ['unused', 0],
    ]);
  });

  it('read no finding where no rule is known', async () => {
    const list = () => expect.unreachable('There is nothing to count.');
    expect(await usedExemptions({ ...sources([anExemption({ rule: 'no-such-rule' })]), findings: { list } })).toHaveLength(1);
    expect(await usedExemptions({ ...sources([]), findings: { list } })).toEqual([]);
  });

  it('cover open findings alone', async () => {
    expect((await coveredBy(sources([]), { rule: HIGH.ruleId })).map(({ id }) => id).toSorted()).toEqual(
      [HIGH, LOW, ELSEWHERE].map(({ id }) => id).toSorted(),
    );
  });

  it('are counted by severity, rule, cluster and day', async () => {
    const { bySeverity, byRule, byCluster, openSince } = await countExempted(sources([anExemption()]));
    expect(bySeverity).toEqual({ critical: 0, high: 1, medium: 1, low: 1, info: 0 });
    expect([...byRule]).toEqual([[HIGH.ruleId, 3]]);
    expect(openSince).toEqual({ high: { '2026-11-01': 1 }, medium: { '2026-11-01': 1 }, low: { '2026-11-01': 1 } });
    expect([...byCluster.keys()].toSorted()).toEqual([clusterIdOf('dev'), clusterIdOf('prod')]);
    expect(byCluster.get(clusterIdOf('prod'))?.bySeverity).toMatchObject({ high: 1, low: 1, medium: 0 });
    const none = await countExempted({ ...sources([ENDED]), findings: { list: () => expect.unreachable('None is live.') } });
    expect([none.bySeverity.high, none.byCluster.size]).toEqual([0, 0]);
    expect((await countExempted(sources([DEV]))).bySeverity).toMatchObject({ high: 0, medium: 1 });
  });
});

describe('the totals of an estate', () => {
  const verdicts = { pass: 1, fail: 2, unknown: 3, 'not-applicable': 4 };
  const denied = { evidence: 'nodes', reason: { code: 'denied', message: 'No.' } } as const;
  const whole = aSummary('a', [HIGH], {
    rules: { b: { open: 1, verdicts }, a: { open: 0, verdicts }, c: { open: 0, verdicts } },
    observedAt: '2026-11-23T02:00:00.000Z',
  });
  const partly = aSummary('b', [LOW], {
    ...{
      assessment: 'partly-assessed',
      missedAudits: 3,
      gaps: [denied, denied, { ...denied, reason: { code: 'throttled', message: 'Later.' } }],
    },
    ...{ rules: { b: { open: 2, verdicts } }, observedAt: '2026-11-23T01:00:00.000Z' },
  });
  const gone = aSummary('c', [], { status: 'deleted', observedAt: '2020-01-01T00:00:00.000Z' });

  it('add up every cluster that is present, and count the others by their status alone', async () => {
    const { findings } = anEstate({ summaries: [whole, partly, gone] });
    const sum = { pass: 2, fail: 4, unknown: 6, 'not-applicable': 8 };
    const totals = await addUp({ findings }, { staleAfterAudits: 3 });
    expect(totals).toEqual({
      clusters: {
        total: 3,
        byStatus: { present: 2, deleted: 1, 'out-of-scope': 0 },
        byAssessment: { assessed: 1, 'partly-assessed': 1, 'not-assessed': 0 },
        stale: 1,
      },
      openBySeverity: { critical: 0, high: 1, medium: 0, low: 1, info: 0 },
      rules: { a: { open: 0, clusters: 0, verdicts }, b: { open: 3, clusters: 2, verdicts: sum }, c: { open: 0, clusters: 0, verdicts } },
      gaps: { denied: 1, throttled: 1 },
      nodePools: 4,
      kataNodePools: 2,
      pods: 20,
      sandboxedPods: 8,
      oldestObservedAt: '2026-11-23T01:00:00.000Z',
    });
    expect(Object.keys(totals.rules)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['2026-11-23T01:00:00.000Z', '2026-11-23T02:00:00.000Z'],
    ['2026-11-23T02:00:00.000Z', '2026-11-23T01:00:00.000Z'],
  ])('know the oldest look of %s and %s', async (one, other) => {
    const { findings } = anEstate({ summaries: [aSummary('a', [], { observedAt: one }), aSummary('b', [], { observedAt: other })] });
    expect((await addUp({ findings }, { staleAfterAudits: 3 })).oldestObservedAt).toBe('2026-11-23T01:00:00.000Z');
  });

  it('of nothing are zero, with no oldest look', async () => {
    const totals = await addUp({ findings: anEstate({ summaries: [gone] }).findings }, { staleAfterAudits: 3 });
    expect(totals).toMatchObject({ clusters: { total: 1, stale: 0 }, gaps: {}, pods: 0 });
    expect(totals).not.toHaveProperty('oldestObservedAt');
  });
});

describe('a paged list', () => {
  async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
    const list: T[] = [];
    for await (const item of items) list.push(item);
    return list;
  }

  const pages: Readonly<Record<string, Page<number>>> = {
    first: { value: [1, 2], next: 'second' },
    second: { value: [], next: 'third' },
    third: { value: [3] },
  };

  it('is walked to its end, one page at a time', async () => {
    const asked: unknown[] = [];
    const read = async (top: number, after = 'first') => {
      asked.push([top, after]);
      return pages[after] ?? expect.unreachable();
    };
    expect(await all(walk(read))).toEqual([1, 2, 3]);
    expect(asked).toEqual(['first', 'second', 'third'].map((page) => [1_000, page]));
  });

  it('of clusters is whole, whether it is taken at once or one after another', async () => {
    const summaries = ['a', 'b', 'c'].map((name) => aSummary(name, []));
    const clusters = async (top: number, after = '0') => {
      expect(top).toBeGreaterThan(1_000);
      const at = Number(after);
      const value = summaries.slice(at, at + 1);
      return at + 1 < summaries.length ? { value, next: String(at + 1) } : { value };
    };
    expect(await allClusters({ clusters })).toEqual(summaries);
    expect(await all(everyCluster({ clusters }))).toEqual(summaries);
    expect(await allClusters({ clusters: async () => ({ value: summaries }) })).toEqual(summaries);
  });
});
