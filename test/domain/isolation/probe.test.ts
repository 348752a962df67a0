import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PROBE_OUTPUT, readProbeOutput } from '../../../shared/domain/isolation/probe-output.ts';
import { planProbe } from '../../../shared/domain/isolation/probe-targets.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import type { IsolationProof, KubernetesNode } from '../../../shared/domain/snapshot/snapshot.ts';

const BOOT = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const VERSION =
  'Linux version 6.6.137.mshv1-1.azl3 (root@build) (gcc (GCC) 13.2.0, GNU ld (GNU Binutils) 2.41) #1 SMP Tue May 19 17:02:13 UTC 2026';

describe('the output of a probe', () => {
  it('gives boot id, kernel and build as `cat` prints them', () => {
    expect(readProbeOutput(`${BOOT}\n${VERSION}\n`)).toEqual({
      bootId: BOOT,
      kernel: '6.6.137.mshv1-1.azl3',
      kernelBuild: '#1 SMP Tue May 19 17:02:13 UTC 2026',
    });
  });

  it('is enough with the boot id alone, in any case', () => {
    expect(readProbeOutput(BOOT.toUpperCase())).toEqual({ bootId: BOOT });
  });

  it.each([
    ['is empty', ''],
    ['holds only a version', VERSION],
    ['holds something longer than a boot id', `${BOOT}0`],
    ['never ends', `${BOOT}\n${'x'.repeat(MAX_PROBE_OUTPUT)}`],
  ])('tells nothing when it %s', (_, output) => {
    expect(readProbeOutput(output)).toBeUndefined();
  });

  it('keeps no text of a stranger beside the kernel’s own form', () => {
    const hostile = `${BOOT}\nLinux version 6.1 (x) #1 <script>alert(1)</script>`;
    expect(readProbeOutput(hostile)).toEqual({ bootId: BOOT, kernel: '6.1' });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void readProbeOutput(text)));
  });

  it.skipIf(!existsSync('/proc/version'))('reads this machine’s own files, which are the real form', () => {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    const version = readFileSync('/proc/version', 'utf8');
    const reading = readProbeOutput(bootId + version);
    expect(reading?.bootId).toBe(bootId.trim());
    expect(version).toContain(reading?.kernel ?? 'no kernel');
  });
});

const AT = '2026-11-20T12:00:00.000Z';
const aNode = (name: string, nodePool = 'kata'): KubernetesNode => ({
  name,
  nodePool,
  provisioner: 'agent-pool',
  ready: true,
  runtimeHandlers: ['', 'kata'],
  labels: {},
  nodeImageVersion: 'image-1',
  kernelVersion: '6.6',
  bootId: `boot-${name}`,
  osImage: 'Azure Linux',
  containerRuntimeVersion: 'containerd://2',
  kubeletVersion: 'v1.34.0',
  unschedulable: false,
});
const aGroup = (ownerName: string, nodes: readonly string[], over: Partial<PodGroup> = {}): PodGroup => ({
  namespace: 'app',
  ownerKind: 'Deployment',
  ownerName,
  labels: {},
  runtimeClassName: 'kata-vm-isolation',
  pods: nodes.length,
  phases: { pending: 0, running: nodes.length, succeeded: 0, failed: 0, unknown: 0 },
  waiting: 0,
  placement: { unscheduled: 0, handlerListed: nodes.length, handlerMissing: 0, unknown: 0, onKataNode: nodes.length },
  features: { hostPath: 0, hostNetwork: 0, hostPid: 0, hostIpc: 0, privileged: 0, noMemoryLimit: 0, noOverhead: 0 },
  podsByNodePool: {},
  examples: nodes.map((node, at) => ({ name: `${ownerName}-${at}`, node })),
  ...over,
});
const withoutClass = ({ runtimeClassName: _, ...group }: PodGroup): PodGroup => group;
const aProof = (over: Partial<IsolationProof> = {}): IsolationProof => ({
  namespace: 'app',
  pod: 'web-0',
  ownerKind: 'Deployment',
  ownerName: 'web',
  node: 'n1',
  nodeImageVersion: 'image-1',
  runtimeClassName: 'kata-vm-isolation',
  method: 'exec',
  at: '2026-11-19T12:00:00.000Z',
  nodeBootId: 'boot-n1',
  nodeKernel: '6.6',
  result: { state: 'read', bootId: BOOT },
  ...over,
});
const seen = (groups: readonly PodGroup[], nodes: readonly KubernetesNode[] = [aNode('n1'), aNode('n2')]) => ({
  cluster: { id: 'c', name: 'c', subscriptionId: '', resourceGroup: '', location: '', tags: {} },
  observedAt: AT,
  nodes,
  handlers: new Map([
    ['kata-vm-isolation', 'kata'],
    ['cli', 'katacli'],
  ]),
  groups,
});
const policy = (over: Partial<Policy['probe']> = {}): Policy => ({
  ...DEFAULT_POLICY,
  probe: { ...DEFAULT_POLICY.probe, podsPerPool: 2, ...over },
});
const pods = (plan: ReturnType<typeof planProbe>) => plan.targets.map(({ pod }) => pod).sort();

describe('which pods are probed', () => {
  it('are as many for each pool as the policy says, of different workloads first', () => {
    const groups = [aGroup('web', ['n1', 'n1', 'n2']), aGroup('api', ['n2'])];
    for (const seed of ['a', 'b', 'c', 'd']) {
      const plan = planProbe(seen(groups), policy(), [], seed);
      expect(new Set(plan.targets.map(({ ownerName }) => ownerName))).toEqual(new Set(['web', 'api']));
      expect(plan.targets).toHaveLength(2);
    }
  });

  it('are the same for the same seed', () => {
    const groups = [aGroup('web', ['n1', 'n1', 'n2', 'n2', 'n1'])];
    expect(pods(planProbe(seen(groups), policy(), [], 's'))).toEqual(pods(planProbe(seen(groups), policy(), [], 's')));
  });

  it.each([
    ['that ask for no class', withoutClass(aGroup('web', ['n1']))],
    ['whose class starts no pod VM', aGroup('web', ['n1'], { runtimeClassName: 'cli' })],
    ['that do not run', aGroup('web', ['n1'], { phases: { pending: 1, running: 0, succeeded: 0, failed: 0, unknown: 0 } })],
    ['on a node that was not seen', aGroup('web', ['n9'])],
    ['of the system', aGroup('web', ['n1'], { namespace: 'kube-system' })],
  ])('are never pods %s', (_, group) => {
    expect(planProbe(seen([group]), policy(), [], 's').targets).toEqual([]);
  });

  it('include the system’s only when the policy says so', () => {
    const group = aGroup('web', ['n1'], { namespace: 'kube-system' });
    expect(planProbe(seen([group]), policy({ includeSystemNamespaces: true }), [], 's').targets).toHaveLength(1);
  });

  it('leave out what is proven already', () => {
    const plan = planProbe(seen([aGroup('web', ['n1'])]), policy({ podsPerPool: 1 }), [aProof()], 's');
    expect(plan).toEqual({ targets: [], reserves: [], kept: [aProof()] });
  });
});

describe('a proof', () => {
  const DAYS_30 = '2026-10-21T12:00:00.000Z';
  it.each([
    ['a day old', aProof(), 1],
    ['a millisecond short of its days', aProof({ at: new Date(Date.parse(DAYS_30) + 1).toISOString() }), 1],
    ['as old as its days', aProof({ at: DAYS_30 }), 0],
    ['of another node image', aProof({ nodeImageVersion: 'image-0' }), 0],
    ['of an earlier boot of its node', aProof({ nodeBootId: 'boot-before' }), 0],
    ['of a node that is gone', aProof({ node: 'n9' }), 0],
    ['that read nothing', aProof({ result: { state: 'unknown', reason: 'no tool' } }), 0],
    ['from the future, of a clock that went back', aProof({ at: '2026-11-21T12:00:00.000Z' }), 0],
  ])('%s', (_, proof, kept) => {
    expect(planProbe(seen([]), policy(), [proof], 's').kept).toHaveLength(kept);
  });
});
