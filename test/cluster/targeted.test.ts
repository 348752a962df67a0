import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import { requiredNamespaces } from '../../shared/domain/policy/sandbox-requirement.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import { openCluster } from '../../shared/kubernetes/open-cluster.ts';
import { aPodSpec, aTenant, pathOf } from './support/objects.ts';
import { isThere, TITLE } from './support/programs.ts';
import { startWorld, type World } from './support/world.ts';

const OPTIONS = { controllers: false, flags: ['--disable-admission-plugins', 'ServiceAccount'] };
const PLACES = ['kata-0', 'kata-1', 'plain-0', undefined];
const NAMESPACES = ['shop', 'shop-dev', 'pay'];
/** All pods of what begins with shop: of the others, those on plain-0 are not needed. */
const POLICY: Policy = {
  ...DEFAULT_POLICY,
  workloads: [{ name: 'shops', namespaces: ['shop*'] }],
  pods: { ...DEFAULT_POLICY.pods, mode: 'targeted' },
};

describe.skipIf(!isThere)(`a targeted read ${TITLE}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld(OPTIONS);
    await world.grant('auditor.yaml');
    for (const namespace of NAMESPACES) {
      await world.api.must('POST', '/api/v1/namespaces', aTenant(namespace));
      for (const place of PLACES) await lay(world, namespace, place);
    }
  });
  afterAll(async () => world?.stop());

  it('selects by namespace and node as the API server understands it, and counts each pod once', async () => {
    const seen = await look(world);
    expect(seen.coverage).toEqual({ kind: 'targeted', namespaces: ['shop', 'shop-dev'], nodes: 2, totalNodes: 3, pods: 11, totalPods: 12 });
    const named = ['on-kata-0', 'on-kata-1', 'on-nothing', 'on-plain-0'];
    expect(seen.pods).toEqual([
      ...['on-kata-0', 'on-kata-1', 'on-nothing'].map((name) => `pay/${name}`),
      ...named.map((name) => `shop-dev/${name}`),
      ...named.map((name) => `shop/${name}`),
    ]);
    expect((await look(world, { ...POLICY, workloads: [] })).pods).toEqual(
      ['pay', 'shop-dev', 'shop'].flatMap((namespace) => named.slice(0, 3).map((name) => `${namespace}/${name}`)),
    );
  });
});

async function lay({ api }: World, namespace: string, nodeName: string | undefined): Promise<void> {
  const metadata = { name: `on-${nodeName ?? 'nothing'}` };
  const spec = { ...aPodSpec('kata-vm-isolation'), ...(nodeName === undefined ? {} : { nodeName }) };
  await api.must('POST', pathOf('Pod', namespace), { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  const status = { phase: nodeName === undefined ? 'Pending' : 'Running' };
  await api.patch(`${pathOf('Pod', namespace, metadata.name)}/status`, { status });
}

/** The names of the pods that were counted, each as often as it was, and the coverage. */
async function look({ server, caPem }: World, policy = POLICY) {
  const access = {
    server,
    credentials: async () => ({ tls: { ca: caPem }, headers: { authorization: 'Bearer auditor' } }),
    kubeConfig: () => Promise.reject(new Error('Not asked for here.')),
  };
  const reader = await openCluster(access, { clock: () => new Date(), whyNotTargeted: () => undefined });
  const signal = AbortSignal.timeout(60_000);
  try {
    const nodes = await reader.nodes(signal);
    const runtimeClasses = await reader.runtimeClasses(signal);
    const required = requiredNamespaces(policy, observed(await reader.namespaces(signal)));
    const workloads = await reader.workloads({ nodes, runtimeClasses, required, pods: policy.pods, seed: 's' }, signal);
    if (workloads.state === 'unavailable') throw new Error(workloads.reason.message);
    const pods = workloads.value.flatMap(({ namespace, ownerName, pods: count }) =>
      Array.from({ length: count }, () => `${namespace}/${ownerName}`),
    );
    return { coverage: workloads.coverage, pods: pods.toSorted() };
  } finally {
    reader.close();
  }
}
