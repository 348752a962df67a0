import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import type { Judgement } from '../../../shared/domain/rule/rule.ts';
import { observed } from '../../../shared/domain/snapshot/observation.ts';
import type { ClusterSettings, NodePool } from '../../../shared/domain/snapshot/snapshot.ts';
import { subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import type { UnreadField } from '../../../shared/domain/snapshot/unread.ts';
import { DEMONSTRATIONS } from '../../../shared/local/estate/demonstrations/index.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { aKataPool, aPlainPool, aSnapshot, someSettings } from '../../support/a-snapshot.ts';

/** Fields of a pool and of the cluster's settings; what is unknown without each is in the demonstration of the rule. Nothing else may change. */
const POOL_FIELDS = [
  ...(['mode', 'osType', 'osSku', 'count', 'vmSize', 'enableFips', 'secureBoot', 'vtpm', 'snapshotId'] as const),
  ...(['kubernetesVersion', 'provisioningState', 'powerState', 'nodeImageVersion', 'workloadRuntime'] as const),
] satisfies readonly (keyof NodePool)[];
const SETTINGS_FIELDS = [
  ...(['kubernetesVersion', 'nodeOsUpgradeChannel', 'upgradeChannel', 'provisioningState', 'privateCluster'] as const),
  ...(['localAccountsDisabled', 'azureRbac', 'nodeProvisioning'] as const),
] satisfies readonly (keyof ClusterSettings)[];

/** The verdicts that are unknown without a field, as `rule subject`. */
const needing = (of: 'pool' | 'settings', field: string) =>
  Object.entries(DEMONSTRATIONS).flatMap(([ruleId, { needed }]) => {
    const fields: readonly string[] = needed?.[of] ?? [];
    return needed !== undefined && fields.includes(field)
      ? [`${ruleId} ${needed.subject === 'cluster' ? 'cluster' : 'node-pool/kata1'}`]
      : [];
  });

const PLAIN = [aPlainPool(), aKataPool()];

function verdictsOf(pools: readonly NodePool[], settings: ClusterSettings): ReadonlyMap<string, Judgement> {
  const runs = evaluate(aSnapshot({ nodePools: observed(pools), settings: observed(settings) }), RULES, DEFAULT_POLICY);
  return new Map(
    runs.flatMap((run) => {
      if (run.state !== 'judged' || run.ruleId === 'cluster-assessed') return [];
      return run.judgements.map((one) => [`${run.ruleId} ${subjectKey(one.subject)}`, one] as const);
    }),
  );
}

/** The same object, with some unreadable fields. */
function without<T extends object>(value: T, fields: readonly string[]): T {
  const unread = fields.map((of): UnreadField => ({ of, field: `azure.${of}`, problem: 'expected something else' }));
  const kept = Object.entries(value).filter(([name]) => !fields.includes(name));
  return Object.assign(Object.fromEntries(kept), { unread }) as T;
}

const before = verdictsOf(PLAIN, someSettings());

/** Checks that exactly these verdicts are unknown for the fields, with one of their names, and that all others are unchanged. */
function expectUnknown(pools: readonly string[], settings: readonly string[]): void {
  const after = verdictsOf([aPlainPool(), without(aKataPool(), pools)], without(someSettings(), settings));
  const hanging = new Set([
    ...pools.flatMap((field) => needing('pool', field)),
    ...settings.flatMap((field) => needing('settings', field)),
  ]);
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [key, { verdict, message }] of after) {
    if (!hanging.has(key)) expect([key, verdict]).toEqual([key, before.get(key)?.verdict]);
    else {
      expect([key, verdict]).toEqual([key, 'unknown']);
      expect(message).toMatch(new RegExp(`azure\\.(${[...pools, ...settings].join('|')}): expected something else`));
    }
  }
}

describe('a field that could not be read', () => {
  it.each(POOL_FIELDS)('of a pool makes exactly the verdicts that need it unknown, with its name: %s', (field) => {
    expectUnknown([field], []);
  });

  it.each(SETTINGS_FIELDS)('of a cluster makes exactly the verdicts that need it unknown, with its name: %s', (field) => {
    expectUnknown([], [field]);
  });

  it('does the same when there are several, in pool and cluster at once', () => {
    fc.assert(
      fc.property(fc.subarray([...POOL_FIELDS]), fc.subarray([...SETTINGS_FIELDS]), (pools, settings) => expectUnknown(pools, settings)),
      { numRuns: 200 },
    );
  });

  it('does not hide a failure that the other fields show', () => {
    const wrong = { ...without(aKataPool({ enableFips: true }), ['vmSize']), kubernetesVersion: '1.20.1' };
    const after = verdictsOf([aPlainPool(), wrong], without(someSettings(), ['kubernetesVersion']));
    expect(after.get('kata-pool-features node-pool/kata1')?.verdict).toBe('fail');
    expect(after.get('kata-kubernetes-version cluster')?.verdict).toBe('fail');
  });
});
