import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import type { Judgement } from '../../../shared/domain/rule/rule.ts';
import { observed } from '../../../shared/domain/snapshot/observation.ts';
import type { ClusterSettings, NodePool } from '../../../shared/domain/snapshot/snapshot.ts';
import { subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import type { UnreadField } from '../../../shared/domain/snapshot/unread.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { aKataPool, aPlainPool, aSnapshot, someSettings } from '../../support/a-snapshot.ts';

/** The verdicts that are unknown without each field of a Kata pool, as `rule subject`. Nothing else may change. */
const ON_POOL: Readonly<Partial<Record<keyof NodePool, readonly string[]>>> = {
  mode: [],
  osType: [],
  osSku: [],
  count: ['kata-pool-used node-pool/kata1'],
  vmSize: ['kata-pool-features node-pool/kata1'],
  enableFips: ['kata-pool-features node-pool/kata1'],
  secureBoot: ['kata-pool-features node-pool/kata1'],
  vtpm: ['kata-pool-features node-pool/kata1'],
  snapshotId: [],
  kubernetesVersion: ['kata-kubernetes-version cluster'],
  provisioningState: ['kata-pool-healthy node-pool/kata1'],
  powerState: ['kata-pool-healthy node-pool/kata1', 'kata-pool-present cluster', 'kata-pool-used node-pool/kata1'],
  nodeImageVersion: ['kata-pool-features', 'kata-pool-image', 'node-image-consistent', 'node-image-current', 'node-image-supported'].map(
    (rule) => `${rule} node-pool/kata1`,
  ),
  workloadRuntime: [
    'kata-pool-present cluster',
    ...[
      'confidential-pool-supported',
      'kata-pool-features',
      'kata-pool-healthy',
      'kata-pool-image',
      'kata-pool-used',
      'workload-runtime-name-current',
    ].map((rule) => `${rule} node-pool/kata1`),
  ],
};
/** The same for the cluster's settings. */
const ON_SETTINGS: Readonly<Partial<Record<keyof ClusterSettings, readonly string[]>>> = {
  kubernetesVersion: ['kata-kubernetes-version cluster'],
  nodeOsUpgradeChannel: ['node-os-patching cluster'],
  upgradeChannel: [],
  provisioningState: [],
  privateCluster: [],
  localAccountsDisabled: [],
  azureRbac: [],
  nodeProvisioning: [],
};

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
    ...pools.flatMap((field) => ON_POOL[field as keyof NodePool] ?? []),
    ...settings.flatMap((field) => ON_SETTINGS[field as keyof ClusterSettings] ?? []),
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
  it.each(Object.keys(ON_POOL))('of a pool makes exactly the verdicts that need it unknown, with its name: %s', (field) => {
    expectUnknown([field], []);
  });

  it.each(Object.keys(ON_SETTINGS))('of a cluster makes exactly the verdicts that need it unknown, with its name: %s', (field) => {
    expectUnknown([], [field]);
  });

  it('does the same when there are several, in pool and cluster at once', () => {
    fc.assert(
      fc.property(fc.subarray(Object.keys(ON_POOL)), fc.subarray(Object.keys(ON_SETTINGS)), (pools, settings) =>
        expectUnknown(pools, settings),
      ),
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
