import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROBE_COMMANDS, readProbeOutput } from '../../../shared/domain/isolation/probe-output.ts';
import { mayProbe, planProbe } from '../../../shared/domain/isolation/probe-targets.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import type { IsolationProof, KubernetesNode } from '../../../shared/domain/snapshot/snapshot.ts';

/** Two small files never print more. */
const MAX_PROBE_OUTPUT = 4_096;
const BOOT = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const VERSION =
  'Linux version 6.6.137.mshv1-1.azl3 (root@build) (gcc (GCC) 13.2.0, GNU ld (GNU Binutils) 2.41) #1 SMP Tue May 19 17:02:13 UTC 2026';

describe('the output of a probe', () => {
  it('contains boot id, kernel and build as `cat` prints them', () => {
    expect(readProbeOutput(`${BOOT}\n${VERSION}\n`)).toEqual({
      bootId: BOOT,
      kernel: '6.6.137.mshv1-1.azl3',
      kernelBuild: '#1 SMP Tue May 19 17:02:13 UTC 2026',
    });
  });

  it('is sufficient with only the boot id, in any case', () => {
    expect(readProbeOutput(BOOT.toUpperCase())).toEqual({ bootId: BOOT });
  });

  it.each([
    ['is empty', ''],
    ['contains only a version', VERSION],
    ['contains something longer than a boot id', `${BOOT}0`],
    ['holds a boot id at the end of something longer', `0${BOOT}`],
    ['never ends', `${BOOT}\n${'x'.repeat(MAX_PROBE_OUTPUT)}`],
  ])('is not a reading when it %s', (_, output) => {
    expect(readProbeOutput(output)).toBeUndefined();
  });

  it('is read up to its bound, and keeps a build of more than one digit', () => {
    const text = `${BOOT}\nLinux version 6.1 (x) #12~22.04 SMP  \n`;
    const reading = { bootId: BOOT, kernel: '6.1', kernelBuild: '#12~22.04 SMP' };
    expect(readProbeOutput(text.padEnd(MAX_PROBE_OUTPUT))).toEqual(reading);
    expect(readProbeOutput(text.padEnd(MAX_PROBE_OUTPUT + 1))).toBeUndefined();
    expect(readProbeOutput(`a ${BOOT} b`)).toEqual({ bootId: BOOT });
  });

  it('keeps no text of the container except the kernel version', () => {
    const hostile = `${BOOT}\nLinux version 6.1 (x) #1 <script>alert(1)</script>`;
    expect(readProbeOutput(hostile)).toEqual({ bootId: BOOT, kernel: '6.1' });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void readProbeOutput(text)));
  });

  it.skipIf(!existsSync('/proc/version'))('reads the files of this machine, which have the real format', () => {
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

describe('the commands of a probe', () => {
  // Every tool that an image may have reads the same two files.
  it('start with the tool that most images have, and each reads boot id and version', () => {
    expect(PROBE_COMMANDS.map(([tool]) => tool)).toEqual(['cat', 'sh', 'busybox', 'python3', 'node', 'perl']);
    for (const command of PROBE_COMMANDS) expect(command.join(' ')).toMatch(/\/proc\/sys\/kernel\/random\/boot_id.*\/proc\/version/);
  });
});

describe('which pods are probed', () => {
  it('are the number of pods per pool that the policy sets, of different workloads first', () => {
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
    ['without a class', withoutClass(aGroup('web', ['n1']))],
    ['whose class starts no pod VM', aGroup('web', ['n1'], { runtimeClassName: 'cli' })],
    ['that are not running', aGroup('web', ['n1'], { phases: { pending: 1, running: 0, succeeded: 0, failed: 0, unknown: 0 } })],
    ['on an unknown node', aGroup('web', ['n9'])],
    ['of system namespaces', aGroup('web', ['n1'], { namespace: 'kube-system' })],
  ])('are never pods %s', (_, group) => {
    expect(planProbe(seen([group]), policy(), [], 's').targets).toEqual([]);
  });

  it('include those of system namespaces only when the policy allows it', () => {
    const group = aGroup('web', ['n1'], { namespace: 'kube-system' });
    expect(planProbe(seen([group]), policy({ includeSystemNamespaces: true }), [], 's').targets).toHaveLength(1);
  });

  it('name the group of their owner, and stand in for each other in one order', () => {
    const groups = [aGroup('web', ['n1', 'n2', 'n1', 'n2'], { ownerGroup: 'apps.kruise.io' })];
    const plans = ['a', 'b', 'c', 'd', 'e'].map((seed) => planProbe(seen(groups), policy({ podsPerPool: 1 }), [], seed));
    for (const { targets, reserves } of plans) {
      expect(targets).toMatchObject([{ ownerGroup: 'apps.kruise.io', runtimeClassName: 'kata-vm-isolation', namespace: 'app' }]);
      expect([...targets, ...reserves].map(({ pod }) => pod).toSorted()).toEqual(['web-0', 'web-1', 'web-2', 'web-3']);
    }
    // Who is drawn hangs on the seed, not on the order of the pods.
    expect(new Set(plans.map(({ targets }) => targets[0]?.pod)).size).toBeGreaterThan(1);
    const turned = groups.map((group) => ({ ...group, examples: group.examples.toReversed() }));
    expect(['a', 'b', 'c', 'd', 'e'].map((seed) => planProbe(seen(turned), policy({ podsPerPool: 1 }), [], seed))).toEqual(plans);
  });

  it('are fewer by the proofs of their pool that hold', () => {
    const groups = [aGroup('web', ['n1', 'n1', 'n2']), aGroup('api', ['n3'])];
    const nodes = [aNode('n1'), aNode('n2'), aNode('n3', 'other')];
    const plan = planProbe(seen(groups, nodes), policy(), [aProof()], 's');
    expect(plan.targets.map(({ ownerName }) => ownerName)).toEqual(['web', 'api']);
    expect(plan.reserves.map(({ ownerName }) => ownerName)).toEqual(['web']);
    expect(pods(plan)).not.toContain('web-0');
  });

  it('are none where more proofs hold than the policy asks for', () => {
    const proofs = [aProof(), aProof({ pod: 'web-1' })];
    const plan = planProbe(seen([aGroup('web', ['n1', 'n1', 'n1', 'n1'])]), policy({ podsPerPool: 1 }), proofs, 's');
    expect([plan.targets, plan.reserves.map(({ pod }) => pod).toSorted()]).toEqual([[], ['web-2', 'web-3']]);
  });

  it('omit pods that are already proven', () => {
    const plan = planProbe(seen([aGroup('web', ['n1'])]), policy({ podsPerPool: 1 }), [aProof()], 's');
    expect(plan).toEqual({ targets: [], reserves: [], kept: [aProof()] });
  });
});

it('pods are probed only in clusters that the policy names', () => {
  expect(['Prod-1', 'dev'].map((name) => mayProbe(name, policy({ clusters: ['x', 'prod-*'] })))).toEqual([true, false]);
  expect(mayProbe('prod', policy({ clusters: [] }))).toBe(false);
});

describe('a proof', () => {
  const DAYS_30 = '2026-10-21T12:00:00.000Z';
  it.each([
    ['a day old', aProof(), 1],
    ['a millisecond before its age limit', aProof({ at: new Date(Date.parse(DAYS_30) + 1).toISOString() }), 1],
    ['at its age limit', aProof({ at: DAYS_30 }), 0],
    ['of another node image', aProof({ nodeImageVersion: 'image-0' }), 0],
    ['of an earlier boot of its node', aProof({ nodeBootId: 'boot-before' }), 0],
    ['of a deleted node', aProof({ node: 'n9' }), 0],
    ['of a canary', aProof({ method: 'canary' }), 0],
    ['of this moment', aProof({ at: AT }), 1],
    ['without a reading', aProof({ result: { state: 'unknown', reason: 'no tool' } }), 0],
    ['from the future, after the clock was moved back', aProof({ at: '2026-11-21T12:00:00.000Z' }), 0],
  ])('%s', (_, proof, kept) => {
    expect(planProbe(seen([]), policy(), [proof], 's').kept).toHaveLength(kept);
  });
});
