import { describe, expect, it } from 'vitest';
import { clusterCredential } from '../../../shared/azure/estate/cluster-credential.ts';
import { reconcile } from '../../../shared/domain/findings/reconcile.ts';
import { DEFAULT_POLICY, type Policy, type WorkloadRequirement } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import type { RuleRun } from '../../../shared/domain/rule/rule.ts';
import { observed, type TargetedCoverage } from '../../../shared/domain/snapshot/observation.ts';
import { seededIntegers } from '../../../shared/domain/snapshot/sampling.ts';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import { subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import { coverageFor } from '../../../shared/domain/snapshot/targeted-coverage.ts';
import { accessFromAksCredential } from '../../../shared/kubernetes/client/access.ts';
import { openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import {
  buildCluster,
  type ClusterPlan,
  KATA_CLASS,
  kataPool,
  LEGACY_KATA_CLASS,
  SYSTEM_POOL,
  sandboxed,
  ubuntuPool,
  type WorkloadPlan,
} from '../../../shared/local/estate/build.ts';
import { clusterId } from '../../../shared/local/estate/cluster-id.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import type { Estate } from '../../../shared/local/estate/model.ts';
import { oddEstate } from '../../../shared/local/estate/odd-estate.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import type { ListedCluster } from '../../../shared/ports/azure-estate.ts';
import type { ConnectCluster } from '../../../shared/ports/cluster-reader.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { readKubernetes } from '../../../shared/usecases/collect-snapshot.ts';
import { rounds, shareOf } from '../../support/thorough.ts';
import { azureOf, optionsOf } from './look-at-all.ts';
import { snapshotOf } from './snapshot-of.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
const ON: Policy['rules'] = { 'kata-node-tenancy': 'on' };

/** A running estate whose clusters are read wholly and in part, whatever a part saves. */
async function startReader(running: RunningEstate) {
  // Clusters of older versions are not read in part; their pods are as good for this.
  running.faults.inject({ path: /\/version$/, action: { kind: 'rewrite', rewrite: () => '{"major":"1","minor":"34"}' } });
  const azure = azureOf(running);
  const credentialOf = clusterCredential(optionsOf(running));
  const accesses = new Map<string, ReturnType<typeof accessFromAksCredential>>();
  const accessTo = async (listed: ListedCluster, abortSignal: AbortSignal) => {
    const { kubeconfig, token, hosts } = await credentialOf(listed, abortSignal);
    return accessFromAksCredential(kubeconfig, token, hosts);
  };
  const connect: ConnectCluster = async (listed, abortSignal) => {
    // Asked for once, because Azure gives out one credential per second.
    const access = accesses.get(listed.cluster.id) ?? accessTo(listed, abortSignal);
    accesses.set(listed.cluster.id, access);
    return openCluster(await access, { clock: () => NOW, whyNotTargeted: () => undefined });
  };
  const abortSignal = AbortSignal.timeout(120_000);
  const attempt = (policy: Policy) => ({ policy, observedAt: NOW.toISOString(), isLast: true, abortSignal });
  const look = async (listed: ListedCluster, before: ClusterSnapshot, policy: Policy): Promise<ClusterSnapshot> => ({
    ...before,
    ...(await readKubernetes(connect, listed, attempt(policy))),
  });
  const everyCluster = running.estate.subscriptions.flatMap((one) => one.clusters.map((cluster) => ({ one, cluster })));
  const seen = await Promise.allSettled(
    everyCluster.map(async ({ one, cluster }) => {
      const listed = await azure.getCluster(clusterId(one.id, cluster), abortSignal);
      const { settings, nodePools } = listed;
      return { listed, before: { ...snapshotOf(running.estate, one, cluster), settings: observed(settings), nodePools } };
    }),
  );
  // Azure tells nothing of some clusters, so no pod of them is read.
  return { clusters: seen.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])), look };
}

/** Requirements about some of a cluster's namespaces, or about none, so that only Kata nodes are read. */
function requirements({ cluster, namespaces }: ClusterSnapshot, round: number): readonly WorkloadRequirement[] {
  const draw = seededIntegers(`${cluster.name}/${round}`);
  const names = namespaces.state === 'observed' ? namespaces.value.map(({ name }) => name) : [];
  const labelled = { name: 'labelled', namespaceLabels: { 'kataudit.io/sandbox': 'required' } };
  if (draw(4) === 0) return [];
  return [{ name: 'named', namespaces: names.filter(() => draw(3) === 0) }, ...(draw(2) === 0 ? [labelled] : [])];
}

/** Verdicts of a run, by rule and subject. */
function verdictsOf(runs: readonly RuleRun[]) {
  const judged = runs.flatMap((run) => (run.state === 'judged' ? run.judgements.map((judgement) => ({ run, judgement })) : []));
  return new Map(judged.map((one) => [`${one.run.ruleId} ${subjectKey(one.judgement.subject)}`, one]));
}

function targetedOf({ workloads }: ClusterSnapshot): TargetedCoverage | undefined {
  return workloads.state === 'observed' && workloads.coverage.kind === 'targeted' ? workloads.coverage : undefined;
}

/** What a part of the pods must never say, beside what all of them say; empty when it says nothing of the kind. */
function contradictions(whole: ClusterSnapshot, part: ClusterSnapshot, policy: Policy) {
  const [all, some] = [evaluate(whole, RULES, policy), evaluate(part, RULES, policy)];
  const [expected, told] = [verdictsOf(all), verdictsOf(some)];
  const coverage = targetedOf(part) ?? expect.unreachable('The pods were not read in part.');
  const differs = [...told].flatMap(([key, { judgement }]) => {
    const { verdict } = expected.get(key)?.judgement ?? { verdict: 'nothing' };
    return judgement.verdict === 'unknown' || judgement.verdict === verdict
      ? []
      : [`${key}: ${judgement.verdict}, but ${verdict} by all pods`];
  });
  const inside = [...expected].flatMap(([key, { judgement }]) => {
    const isRead = judgement.subject.kind === 'workload' && coverageFor(coverage, judgement.subject).kind === 'full';
    if (!isRead) return [];
    expect(told.get(key)?.judgement, key).toEqual(judgement);
    return judgement.verdict === 'fail' ? [key] : [];
  });
  const scan = { cluster: whole.cluster, observedAt: NOW.toISOString(), cause: 'a test' };
  const held = reconcile([], all, scan, RULES).map(({ finding }) => finding);
  const closed = reconcile(held, some, scan, RULES).filter(({ kind }) => kind === 'resolved');
  const unknown = [...told.values()].filter(({ judgement }) => judgement.verdict === 'unknown' && judgement.reason === 'not-asked').length;
  return {
    wrong: [...differs, ...closed.map(({ finding }) => `${finding.ruleId} ${subjectKey(finding.subject)}: resolved`)],
    inside,
    unknown,
  };
}

const ANYWHERE = { name: 'kata-anywhere', handler: 'kata' };
const dark = (name: string, over: Partial<WorkloadPlan> = {}) => sandboxed({ namespace: 'dark', name, nodePool: 'apps', ...over });

/** Clusters whose faults are on nodes that cannot run Kata: who reads only what a policy about other namespaces needs does not see them. */
function darkEstate(): Estate {
  const plans: readonly ClusterPlan[] = [
    {
      name: 'weakened',
      pools: [SYSTEM_POOL, kataPool('kata', 2), ubuntuPool('apps', 3, NOW)],
      runtimeClasses: [KATA_CLASS, ANYWHERE],
      workloads: [
        sandboxed({ namespace: 'shop', name: 'web', replicas: 3 }),
        dark('weak', { runtimeClassName: ANYWHERE.name, hostPath: '/etc', privileged: true, hostNetwork: true }),
        dark('deleted-class', { runtimeClassName: 'kata-gone' }),
        dark('legacy', { runtimeClassName: LEGACY_KATA_CLASS.name }),
        sandboxed({ namespace: 'dark', name: 'both', replicas: 12, runtimeClassName: ANYWHERE.name }),
      ],
    },
    {
      name: 'preview',
      pools: [SYSTEM_POOL, kataPool('kata', 2), ubuntuPool('apps', 3, NOW)],
      runtimeClasses: [KATA_CLASS, { ...ANYWHERE, name: LEGACY_KATA_CLASS.name }],
      workloads: [sandboxed({ namespace: 'shop', name: 'web' }), dark('legacy', { runtimeClassName: LEGACY_KATA_CLASS.name })],
    },
    {
      name: 'without-kata',
      pools: [SYSTEM_POOL, ubuntuPool('apps', 3, NOW)],
      runtimeClasses: [{ ...ANYWHERE, name: KATA_CLASS.name }],
      workloads: [dark('stuck')],
    },
  ];
  const clusters = plans.map((plan) => buildCluster(plan, NOW));
  const subscription = { id: '11111111-1111-4111-8111-111111111111', name: 's', managementGroup: 'm', clusters };
  return { seed: 'dark', now: NOW.toISOString(), subscriptions: [subscription] };
}

describe.each<[string, Estate, number, number]>([
  ['clusters whose faults are where a policy does not look', darkEstate(), rounds(6, 3), 1],
  ['the simulated estate', defaultEstate('kataudit', NOW), rounds(6, 1), 3],
  ['the estate of unusual answers', oddEstate('kataudit', NOW), rounds(4, 1), 1],
])('a targeted read of %s', (_, estate, most, step) => {
  it('gives the verdicts of a census, or says that it does not know', async () => {
    const running = await startEstate(estate);
    const sums = { read: 0, all: 0, inside: 0, unknown: 0, clusters: 0 };
    try {
      const { clusters, look } = await startReader(running);
      for (const { listed, before } of shareOf(clusters, step)) {
        for (let round = 0; round < most; round++) {
          const policy = { ...DEFAULT_POLICY, workloads: requirements(before, round), rules: ON };
          const whole = await look(listed, before, policy);
          const part = await look(listed, before, { ...policy, pods: { ...policy.pods, mode: 'targeted' } });
          const coverage = targetedOf(part);
          if (coverage === undefined) {
            expect(part.workloads).toEqual({
              ...whole.workloads,
              ...(part.workloads.state === 'observed' && { coverage: part.workloads.coverage }),
            });
            continue;
          }
          const { wrong, inside, unknown } = contradictions(whole, part, policy);
          expect(wrong, `${listed.cluster.name}, ${JSON.stringify(policy.workloads)}`).toEqual([]);
          sums.read += coverage.pods;
          sums.all += coverage.totalPods;
          sums.inside += inside.length;
          sums.unknown += unknown;
          sums.clusters += 1;
        }
      }
    } finally {
      await running.stop();
    }
    // Otherwise nothing was compared.
    expect(sums.clusters).toBeGreaterThan(most * 2);

    expect(sums.inside).toBeGreaterThan(0);
    expect(sums.unknown).toBeGreaterThan(0);
    expect(sums.read).toBeLessThan(sums.all * 0.9);
  }, 120_000);
});
