import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import type { AzureOptions } from '../../../shared/azure/client/options.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { clusterCredential } from '../../../shared/azure/estate/cluster-credential.ts';
import { subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import { accessFromAksCredential } from '../../../shared/kubernetes/client/access.ts';
import { openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { clusterNamed, type Estate, type EstateCluster } from '../../../shared/local/estate/model.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import type { ListedCluster } from '../../../shared/ports/azure-estate.ts';
import { isolationProven } from '../../../shared/rules/isolation-proven.ts';
import type { ProbeMode } from '../../../shared/usecases/probe-cluster.ts';
import { scanCluster } from '../../../shared/usecases/scan-cluster.ts';
import { NOW, PROBE_ALL, probeOf } from './probed-cluster.ts';

const NAME = 'lab-probes-weu';
const SHARED = 'workload/tenants/Deployment/shared-kernel';
const estate = defaultEstate('probed scan', NOW);
const lab = clusterNamed(estate, NAME);
/** Without the cases that make each exec scan wait for its time limits. */
const brief: EstateCluster = { ...lab, workloads: lab.workloads.filter(({ probe }) => probe !== 'hangs' && probe !== 'endless') };

let running: RunningEstate;
beforeAll(async () => {
  running = await startEstate(holding(lab));
});
afterAll(() => running.stop());

function holding(cluster: EstateCluster): Estate {
  const [subscription] = estate.subscriptions;
  if (subscription === undefined) throw new Error('The estate has no subscription.');
  return { ...estate, subscriptions: [{ ...subscription, clusters: [cluster] }] };
}

/** Scans of a simulated cluster by the product's own adapters, one minute apart, and their results. */
class Scans {
  readonly #storage = createMemoryStorage();
  #minutes = 0;

  /** Changes or restores the cluster, then scans it; resolves to the verdict of the rule on each subject. */
  async scan(mode: ProbeMode, cluster: EstateCluster = lab): Promise<Readonly<Record<string, string>>> {
    await running.setEstate(holding(cluster));
    this.#minutes += 1;
    const at = new Date(NOW.getTime() + this.#minutes * 60_000);
    const signal = AbortSignal.timeout(20_000);
    const { azure, accessOf } = connections();
    const [listed] = (await azure.listClusters(running.estate.subscriptions[0]?.id ?? '', signal)).clusters;
    if (listed === undefined) throw new Error('Azure lists no cluster.');
    const { id: clusterId } = listed;
    const deps = {
      azure,
      maintenance: azure,
      connect: async (one: ListedCluster, abortSignal: AbortSignal) => openCluster(await accessOf(one, abortSignal), { clock: () => NOW }),
      probe: { mode, open: () => probeOf(running, NAME, { execMs: 300, pause: async () => undefined }) },
      policy: async () => ({ policy: PROBE_ALL, hash: '', source: 'a test' }),
      rules: [isolationProven],
      clock: () => at,
      ...this.#storage,
    };
    await scanCluster(deps, { clusterId, cause: 'a test', requestedAt: at.toISOString() }, true, signal);
    const runs = (await this.#storage.assessments.get(clusterId))?.runs ?? [];
    const judged = runs.flatMap((run) => (run.state === 'judged' ? run.judgements : []));
    return Object.fromEntries(judged.map(({ subject, verdict }) => [subjectKey(subject), verdict]));
  }

  /** Every finding, with its state. */
  async findings(): Promise<Readonly<Record<string, string>>> {
    const { value: items } = await this.#storage.findings.list({}, 100);
    const fate = (one: (typeof items)[number]) => one.resolution ?? (one.stale === true ? 'open, stale' : 'open');
    return Object.fromEntries(items.map((one) => [subjectKey(one.subject), fate(one)]));
  }
}

function connections() {
  const { armEndpoint, token, caPem } = running;
  const options: AzureOptions = { credential: staticToken(token), armEndpoint, clock: () => new Date(), tlsOptions: { ca: caPem } };
  const credentialOf = clusterCredential(options);
  const accessOf = async (listed: ListedCluster, abortSignal: AbortSignal) => {
    const { kubeconfig, token: own, hosts } = await credentialOf(listed, abortSignal);
    return accessFromAksCredential(kubeconfig, own, hosts);
  };
  return { azure: createAzureEstate(options), accessOf };
}

const PLANTED = {
  'workload/tenants/Deployment/own-kernel': 'pass',
  [SHARED]: 'fail',
  'workload/tenants/Deployment/distroless': 'unknown',
  'workload/tenants/Deployment/silent': 'unknown',
  'workload/tenants/Deployment/chatty': 'unknown',
};
const without = (name: string): EstateCluster => ({ ...brief, workloads: brief.workloads.filter((workload) => workload.name !== name) });
const mended: EstateCluster = {
  ...brief,
  workloads: brief.workloads.map(({ probe, ...workload }) =>
    probe === undefined || probe === 'shares-kernel' ? workload : { ...workload, probe },
  ),
};

test('a scan with exec judges exactly what was planted, and again while the proofs are valid', async () => {
  const scans = new Scans();
  expect(await scans.scan('exec')).toEqual(PLANTED);
  expect(await scans.scan('exec')).toEqual(PLANTED);
  expect(await scans.findings()).toEqual({ [SHARED]: 'open' });
});

test('a scan with canaries judges the pool, and resolves nothing that exec found', async () => {
  const scans = new Scans();
  await scans.scan('exec');
  const unprobed = Object.fromEntries(Object.keys(PLANTED).map((subject) => [subject, 'unknown']));
  expect(await scans.scan('canary')).toEqual({ ...unprobed, 'node-pool/kata': 'pass' });
  expect(await scans.findings()).toEqual({ [SHARED]: 'open, stale' });
});

test.each<[string, ProbeMode, EstateCluster]>([
  ['may not exec', 'exec', { ...brief, denied: ['get pods/exec'] }],
  ['may not create a canary', 'canary', { ...brief, denied: ['create pods'] }],
  ['is off', 'off', brief],
  ['may not read the pods', 'exec', { ...brief, denied: ['list pods'] }],
])('a probe that %s resolves nothing, even when the workload is fixed', async (_, mode, cluster) => {
  const scans = new Scans();
  await scans.scan('exec', brief);
  await scans.scan(mode, { ...cluster, workloads: mended.workloads });
  expect(await scans.findings()).toEqual({ [SHARED]: 'open, stale' });
});

test('a newer proof of the same workload resolves what exec found', async () => {
  const scans = new Scans();
  await scans.scan('exec', brief);
  await scans.scan('canary', brief);
  expect(await scans.scan('exec', mended)).toMatchObject({ [SHARED]: 'pass' });
  expect(await scans.findings()).toEqual({ [SHARED]: 'complies' });
});

test('the findings of exec resolve when their workload is deleted', async () => {
  const scans = new Scans();
  await scans.scan('exec', brief);
  await scans.scan('exec', without('shared-kernel'));
  expect(await scans.findings()).toEqual({ [SHARED]: 'subject-gone' });
});

test('a pool that a canary disproved stays disproved while no canary can start there, and is proven by the next one that can', async () => {
  const scans = new Scans();
  const core = new KubeConfig();
  core.loadFromString(running.kubeconfigFor(NAME));
  const { items } = await core.makeApiClient(CoreV1Api).listNode();
  const node = items.find(({ metadata }) => metadata?.labels?.agentpool === 'kata');
  // The log that is read first is that of the canary with a class.
  const broken = running.faults.inject({
    path: /\/log\b/,
    times: 1,
    action: { kind: 'rewrite', rewrite: () => `${node?.status?.nodeInfo?.bootID ?? ''}\n` },
  });
  expect(await scans.scan('canary', brief)).toMatchObject({ 'node-pool/kata': 'fail' });
  expect(broken.hits).toBe(1);
  broken.remove();
  const cordoned = { ...brief, nodes: brief.nodes.map((one) => (one.nodePool === 'kata' ? { ...one, unschedulable: true } : one)) };
  expect(await scans.scan('canary', cordoned)).toMatchObject({ 'node-pool/kata': 'unknown' });
  expect(await scans.findings()).toEqual({ 'node-pool/kata': 'open, stale' });
  await scans.scan('exec', without('shared-kernel'));
  expect(await scans.findings()).toEqual({ 'node-pool/kata': 'open, stale' });
  expect(await scans.scan('canary', brief)).toMatchObject({ 'node-pool/kata': 'pass' });
  expect(await scans.findings()).toEqual({ 'node-pool/kata': 'complies' });
});
