import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../shared/domain/snapshot/snapshot.ts';
import { subjectKey } from '../../shared/domain/snapshot/subject.ts';
import { accessFromAksCredential } from '../../shared/kubernetes/client/access.ts';
import { openCluster } from '../../shared/kubernetes/open-cluster.ts';
import {
  buildCluster,
  type ClusterPlan,
  KATA_CLASS,
  kataPool,
  REQUIRED,
  SYSTEM_POOL,
  sandboxed,
  USUAL_CLASSES,
} from '../../shared/local/estate/build.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';
import type { ClusterReader } from '../../shared/ports/cluster-reader.ts';
import { RULES } from '../../shared/rules/index.ts';
import { readKubernetes } from '../../shared/usecases/collect-snapshot.ts';
import { aCluster, aSnapshot, someSettings } from '../support/a-snapshot.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
/** The scan begins before the pods of the simulated estate were created, which is a day before its time. */
const OBSERVED_AT = '2026-08-31T11:59:59.000Z';
const BEFORE: ClusterPlan = {
  name: 'racing',
  pools: [SYSTEM_POOL, kataPool('kata', 2)],
  namespaceLabels: { shop: REQUIRED },
  workloads: [sandboxed({ namespace: 'shop', name: 'steady', replicas: 2, nodePool: 'kata' })],
};
const estateOf = (plan: ClusterPlan) => ({
  seed: 'races',
  now: NOW.toISOString(),
  subscriptions: [{ id: '11111111-1111-4111-8111-111111111111', name: 's', managementGroup: 'm', clusters: [buildCluster(plan, NOW)] }],
});

let running: RunningEstate;
beforeAll(async () => {
  running = await startEstate(estateOf(BEFORE));
});
afterAll(() => running.stop());

/** Scans the cluster, which is changed after one list has been read. */
async function look(after: 'nodes' | 'runtimeClasses' | 'namespaces', changed: ClusterPlan): Promise<ClusterSnapshot> {
  await running.setEstate(estateOf(BEFORE));
  const access = await accessFromAksCredential(running.kubeconfigFor('racing'), running.token, ['127.0.0.1']);
  const connect = async (): Promise<ClusterReader> => {
    const reader = await openCluster(access, { clock: () => new Date() });
    const read = reader[after];
    const thenChange = async (signal: AbortSignal) => {
      const seen = await read(signal);
      await running.setEstate(estateOf(changed));
      return seen;
    };
    return { ...reader, [after]: thenChange };
  };
  const azure = unavailable('no-azure-access', 'Not asked.');
  const listed = { cluster: aCluster(), settings: someSettings(), nodePools: azure };
  const parts = await readKubernetes(connect, listed, {
    policy: DEFAULT_POLICY,
    observedAt: OBSERVED_AT,
    isLast: true,
    abortSignal: AbortSignal.timeout(20_000),
  });
  return aSnapshot({ settings: azure, nodePools: azure, latestImages: azure, ...parts, observedAt: OBSERVED_AT });
}

const verdictsOf = (snapshot: ClusterSnapshot, workload: string) =>
  Object.fromEntries(
    RULES.flatMap((rule) => {
      const run = rule.run(snapshot, DEFAULT_POLICY);
      const own = run.state === 'judged' ? run.judgements.filter(({ subject }) => subjectKey(subject) === `workload/${workload}`) : [];
      return own.map(({ verdict }) => [rule.id, verdict]);
    }),
  );

describe('an object created between two lists of one scan', () => {
  test('is a namespace without known labels, so its requirements are unknown', async () => {
    const workloads = [...BEFORE.workloads, { namespace: 'late', name: 'web', nodePool: 'system' }];
    const seen = await look('namespaces', { ...BEFORE, namespaceLabels: { ...BEFORE.namespaceLabels, late: REQUIRED }, workloads });
    expect(verdictsOf(seen, 'late/Deployment/web')).toMatchObject({ 'workload-sandboxed': 'unknown' });
    expect(verdictsOf(seen, 'shop/Deployment/steady')).toMatchObject({
      'workload-sandboxed': 'pass',
      'sandboxed-pod-on-kata-node': 'pass',
    });
  });

  test('is a node with unknown abilities, so the placement of its pods is unknown', async () => {
    const pools = [...BEFORE.pools, kataPool('latepool', 1)];
    const workloads = [...BEFORE.workloads, sandboxed({ namespace: 'shop', name: 'fresh', replicas: 1, nodePool: 'latepool' })];
    const seen = await look('nodes', { ...BEFORE, pools, workloads });
    expect(verdictsOf(seen, 'shop/Deployment/fresh')).toMatchObject({
      'workload-sandboxed': 'pass',
      'sandboxed-pod-on-kata-node': 'unknown',
    });
    expect(verdictsOf(seen, 'shop/Deployment/steady')).toMatchObject({ 'sandboxed-pod-on-kata-node': 'pass' });
  });

  test('is a class with an unknown handler, so it is unknown what started its pods', async () => {
    const runtimeClasses = [...USUAL_CLASSES, { ...KATA_CLASS, name: 'late-class' }];
    const workloads = [
      ...BEFORE.workloads,
      sandboxed({ namespace: 'shop', name: 'fresh', replicas: 1, runtimeClassName: 'late-class', hostPath: '/etc' }),
    ];
    const seen = await look('runtimeClasses', { ...BEFORE, runtimeClasses, workloads });
    expect(verdictsOf(seen, 'shop/Deployment/fresh')).toMatchObject({
      'workload-sandboxed': 'unknown',
      'sandboxed-pod-on-kata-node': 'unknown',
      'sandboxed-pod-host-path': 'unknown',
    });
    expect(verdictsOf(seen, 'shop/Deployment/steady')).toMatchObject({ 'workload-sandboxed': 'pass' });
    // It exists now, so it is not reported as deleted.
    const exists = RULES.find(({ id }) => id === 'runtime-class-exists')?.run(seen, DEFAULT_POLICY);
    expect(exists).toMatchObject({
      judgements: expect.arrayContaining([
        {
          verdict: 'unknown',
          subject: { kind: 'runtime-class', name: 'late-class' },
          message: expect.stringContaining('created after the classes were listed'),
        },
      ]),
    });
  });
});
