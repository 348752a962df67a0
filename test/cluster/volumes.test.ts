import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './support/control-plane.ts';
import { aPodSpec } from './support/objects.ts';
import { isThere, TITLE } from './support/programs.ts';
import { startWorld, type World, workload } from './support/world.ts';

const KATA = 'kata-vm-isolation';
const CLAIMS = '/api/v1/namespaces/shop/persistentvolumeclaims';
const VOLUMES = '/api/v1/persistentvolumes';
const HOST_PATH = { hostPath: { path: '/var/lib/data' } };
const ELSEWHERE = { csi: { driver: 'disk.csi.azure.com', volumeHandle: 'disk-1' } };
const LOCAL = {
  local: { path: '/mnt/ssd' },
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['kata-0'] }] }] },
  },
};

/** Volumes are bound by Kubernetes' own controllers here. Source: kubernetes/kubernetes#81110. */
describe.skipIf(!isThere)(`volumes behind claims ${TITLE}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    await world.grant('auditor.yaml');
    await world.tenant('shop');
    await Promise.all([bound('folder', HOST_PATH), bound('disk', ELSEWHERE), bound('ssd', LOCAL)]);
    await volume('scratch', HOST_PATH, 'own-scratch');
    const own = { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: claimSpec() } } };
    await Promise.all([
      world.plant('Deployment', 'shop', 'folder', aPodSpec(KATA, { volumes: [mounted('folder')] })),
      world.plant('Deployment', 'shop', 'disk', aPodSpec(KATA, { volumes: [mounted('disk')] })),
      world.plant('Deployment', 'shop', 'ssd', aPodSpec(KATA, { volumes: [mounted('ssd')] })),
      world.plant('Pod', 'shop', 'own', aPodSpec(KATA, { volumes: [own] })),
      world.plant('Pod', 'shop', 'late', aPodSpec(KATA, { volumes: [mounted('never')] }), 'Pending'),
    ]);
  });
  afterAll(async () => world?.stop());

  const names = ['Deployment/folder', 'Deployment/disk', 'Deployment/ssd', 'Pod/own', 'Pod/late'] as const;
  const judged = async () => {
    const report = await world.audit();
    return names.map((name) => {
      const [kind = '', owner = ''] = name.split('/');
      const [judgement] = report.of('sandboxed-pod-host-path', workload(kind, 'shop', owner));
      return { name, verdict: judgement?.verdict, message: judgement?.message ?? '' };
    });
  };

  it('are not read without the permission, and a pass says so', async () => {
    for (const { name, verdict, message } of await judged()) {
      expect({ name, verdict }).toEqual({ name, verdict: 'pass' });
      expect(message).toContain('claims whose volumes were not read');
    }
    expect((await world.audit()).of('cluster-assessed').filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  });

  it('are found on the node with the optional permission of volume-reader.yaml', async () => {
    await world.grant('volume-reader.yaml');
    await until('the right to list volumes', async () => (await world.as('auditor').ask('GET', VOLUMES)).status === 200);
    const told = await judged();
    expect(told.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['Deployment/folder', 'fail'],
      ['Deployment/disk', 'pass'],
      ['Deployment/ssd', 'fail'],
      ['Pod/own', 'fail'],
      ['Pod/late', 'pass'],
    ]);
    expect(told[0]?.message).toMatch(/^2 sandboxed pods mount a folder or a disk of the node through a persistent volume claim/);
    expect(told[1]?.message).toBe('');
    expect(told[4]?.message).toContain('claims whose volumes were not read');
  });

  const claimSpec = (volumeName?: string) => ({
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'by-hand',
    resources: { requests: { storage: '1Gi' } },
    ...(volumeName === undefined ? {} : { volumeName }),
  });

  async function volume(name: string, source: object, claim: string): Promise<void> {
    const spec = {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'by-hand',
      claimRef: { namespace: 'shop', name: claim },
      ...source,
    };
    await world.api.must('POST', VOLUMES, { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec });
  }

  async function bound(name: string, source: object): Promise<void> {
    await volume(name, source, name);
    await world.api.must('POST', CLAIMS, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: claimSpec(name) });
    await until(`the claim ${name} to be bound`, async () =>
      (await world.api.list(VOLUMES)).some((one) => one.metadata.name === name && one.status?.phase === 'Bound'),
    );
  }
});

function mounted(claimName: string) {
  return { name: 'data', persistentVolumeClaim: { claimName } };
}
