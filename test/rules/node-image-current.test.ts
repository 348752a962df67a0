import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { KubernetesNode } from '../../shared/domain/snapshot/snapshot.ts';
import { nodeImageCurrent } from '../../shared/rules/node-image-current.ts';
import { aKataNode, aKataPool, aLatestImage, someSettings } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const image = (date: string) => `AKSAzureLinux-V3katagen2-${date}.0`;
const PLANNED = {
  state: 'planned',
  configuration: 'aksManagedNodeOSUpgradeSchedule',
  channel: 'NodeImage',
  from: '2026-09-03T02:00:00Z',
  until: '2026-09-03T06:00:00Z',
} as const;
/** A pool with one image when another one is offered; the date is 2026-09-01. */
const pool = (own: string, latest: string, over: Parameters<typeof aKataPool>[0] = {}) => ({
  nodePools: observed([aKataPool({ nodeImageVersion: own, ...over })]),
  latestImages: observed([aLatestImage('kata1', latest)]),
  nodes: observed([]),
});
/** A node without a pool. */
function aStray(over: Partial<KubernetesNode>): KubernetesNode {
  const { nodePool: _, ...node } = aKataNode({ provisioner: 'other', ...over });
  return node;
}
const says = (verdict: string) => ({ 'node-pool/kata1': verdict });

testRule(nodeImageCurrent, [
  { name: 'passes the latest image', over: pool(image('202608.20'), image('202608.20')), says: says('pass') },
  { name: 'passes an image newer than the offered one', over: pool(image('202608.27'), image('202608.20')), says: says('pass') },
  {
    name: 'passes 14 days behind, within the grace days',
    over: pool(image('202608.06'), image('202608.20')),
    says: says('pass'),
    message: /grace/,
  },
  { name: 'fails 15 days behind', over: pool(image('202608.05'), image('202608.20')), says: says('fail'), severity: 'low' },
  {
    name: 'uses the grace days of the policy',
    over: pool(image('202608.06'), image('202608.20')),
    policy: { nodeImages: { graceDays: 13, staleDays: 30, unsupportedDays: 90 } },
    says: says('fail'),
  },
  { name: 'is low at an age of 30 days', over: pool(image('202608.02'), image('202608.20')), says: says('fail'), severity: 'low' },
  { name: 'is medium from an age of 31 days', over: pool(image('202608.01'), image('202608.20')), says: says('fail'), severity: 'medium' },
  { name: 'is medium at an age of 90 days', over: pool(image('202606.03'), image('202608.20')), says: says('fail'), severity: 'medium' },
  {
    name: 'is high from an age of 91 days',
    over: pool(image('202606.02'), image('202608.20')),
    says: says('fail'),
    severity: 'high',
    message: /79 days behind AKSAzureLinux-V3katagen2-202608\.20\.0\.$/,
    remediation: /az aks nodepool upgrade .*--cluster-name shop --name kata1 --node-image-only/,
  },
  {
    name: 'warns when the newer image changes the Kata version',
    over: pool('AKSAzureLinux-V3katagen2-202607.29.0', 'AKSAzureLinux-V3katagen2-202608.20.0'),
    says: says('fail'),
    remediation: /3\.19\.1 to 3\.32\.0/,
  },
  {
    name: 'gives the snapshot as the reason of the lag',
    over: pool(image('202607.20'), image('202608.20'), { snapshotId: '/subscriptions/x/snapshots/y' }),
    says: says('fail'),
    message: /pinned to a node pool snapshot/,
  },
  {
    name: 'gives the planned upgrade as the reason of the lag',
    over: {
      ...pool(image('202607.20'), image('202608.20')),
      settings: observed(someSettings({ plannedUpgrade: observed(PLANNED) })),
    },
    says: says('fail'),
    severity: 'medium',
    message:
      /days behind .*\. An upgrade is planned in the maintenance window of 2026-09-03 02:00 to 2026-09-03 06:00 UTC \(aksManagedNodeOSUpgradeSchedule, channel NodeImage\)\.$/,
  },
  {
    name: 'reports the window that passed although the image was certainly offered',
    over: {
      ...pool(image('202607.20'), image('202608.13')),
      settings: observed(
        someSettings({ plannedUpgrade: observed({ ...PLANNED, last: { from: '2026-08-27T00:00:00Z', until: '2026-08-27T04:00:00Z' } }) }),
      ),
    },
    says: says('fail'),
    severity: 'medium',
    message: /channel NodeImage\)\. The window before, of 2026-08-27 00:00 UTC, passed without it\.$/,
  },
  {
    name: 'does not blame a window that opened before the image was certainly offered',
    over: {
      ...pool(image('202607.20'), image('202608.13')),
      settings: observed(
        someSettings({ plannedUpgrade: observed({ ...PLANNED, last: { from: '2026-08-26T23:59:59Z', until: '2026-08-27T04:00:00Z' } }) }),
      ),
    },
    says: says('fail'),
    message: /channel NodeImage\)\.$/,
  },
  {
    name: 'announces only security patches for the security patch channel',
    over: {
      ...pool(image('202607.20'), image('202608.20')),
      settings: observed(someSettings({ plannedUpgrade: observed({ ...PLANNED, channel: 'SecurityPatch' }) })),
    },
    says: says('fail'),
    message: /\. Security patches are planned in the maintenance window/,
  },
  {
    name: 'names the snapshot instead of a window that does not upgrade the pool',
    over: {
      ...pool(image('202607.20'), image('202608.20'), { snapshotId: '/subscriptions/x/snapshots/y' }),
      settings: observed(someSettings({ plannedUpgrade: observed(PLANNED) })),
    },
    says: says('fail'),
    message: /It is pinned to a node pool snapshot\.$/,
  },
  {
    name: 'gives no reason when no window is configured',
    over: {
      ...pool(image('202607.20'), image('202608.20')),
      settings: observed(someSettings({ plannedUpgrade: observed({ state: 'unplanned', why: 'Azure picks the time.' }) })),
    },
    says: says('fail'),
    severity: 'medium',
    message: /days behind AKSAzureLinux-V3katagen2-202608\.20\.0\.$/,
  },
  {
    name: 'names the part of a window that Azure does not document',
    over: {
      ...pool(image('202607.20'), image('202608.20')),
      settings: observed(
        someSettings({ plannedUpgrade: observed({ state: 'unplanned', why: 'It opens in January or in February.', ambiguous: true }) }),
      ),
    },
    says: says('fail'),
    message: /days behind .*\. It opens in January or in February\.$/,
  },
  {
    name: 'gives no reason when the windows could not be read',
    over: {
      ...pool(image('202607.20'), image('202608.20')),
      settings: observed(someSettings({ plannedUpgrade: unavailable('denied', 'Forbidden.') })),
    },
    says: says('fail'),
    severity: 'medium',
    message: /days behind AKSAzureLinux-V3katagen2-202608\.20\.0\.$/,
  },
  {
    name: 'gives no reason for a stopped pool, which no window upgrades',
    over: {
      ...pool(image('202607.20'), image('202608.20'), { powerState: 'Stopped' }),
      settings: observed(someSettings({ plannedUpgrade: observed(PLANNED) })),
    },
    says: says('fail'),
    message: /202608\.20\.0\.$/,
  },
  {
    name: 'gives no reason for a node without a pool, which follows no channel',
    over: {
      nodes: observed([aKataNode({ name: 'nap-old', provisioner: 'karpenter', nodeImageVersion: image('202607.20') })]),
      settings: observed(someSettings({ plannedUpgrade: observed(PLANNED) })),
    },
    says: { 'node-pool/system': 'pass', 'node-pool/kata1': 'pass', 'node/nap-old': 'fail' },
    message: /202608\.20\.0\.$/,
  },
  {
    name: 'is unknown in transition',
    over: pool(image('202601.20'), image('202608.20'), { inTransition: true }),
    says: says('unknown'),
  },
  {
    name: 'is unknown for an unreadable image',
    over: pool('newest', image('202608.20')),
    says: says('unknown'),
    facts: { nodeImageVersion: 'newest' },
  },
  {
    name: 'fails when an image of another variant is offered, by the dates, and says that the variant changes',
    over: {
      ...pool('AKSUbuntu-2204gen2containerd-202606.01.0', 'AKSUbuntu-2404gen2containerd-202608.20.0', { workloadRuntime: 'OCIContainer' }),
      settings: observed(someSettings({ plannedUpgrade: observed(PLANNED) })),
    },
    says: says('fail'),
    severity: 'high',
    message:
      /80 days behind AKSUbuntu-2404.*The variant differs: an upgrade changes AKSUbuntu-2204gen2containerd to AKSUbuntu-2404gen2containerd\. An upgrade is planned/,
    remediation: /^Upgrade the node image of the pool\.\naz aks nodepool upgrade .*--node-image-only/,
  },
  {
    name: 'reports another variant within the grace days',
    over: pool('AKSUbuntu-2204gen2containerd-202608.20.0', 'AKSUbuntu-2404gen2containerd-202608.20.0'),
    says: says('pass'),
    message: /^0 days behind AKSUbuntu-2404.*The variant differs/,
  },
  {
    name: 'leaves the image of a pool managed by AKS to AKS, without a command that AKS refuses',
    over: pool('AKSUbuntu-2204gen2containerd-202606.16.0', '', { mode: 'ManagedSystem', workloadRuntime: 'OCIContainer' }),
    says: says('not-applicable'),
    message: /AKS manages this pool/,
  },
  {
    name: 'is unknown for an image that Azure does not return, with the name of the field',
    over: { nodePools: observed([{ name: 'kata1' }]), latestImages: observed([]), nodes: observed([]) },
    says: says('unknown'),
    message: /nodeImageVersion is absent/,
  },
  {
    name: 'is unknown for an image whose field is unreadable, with its name',
    over: {
      nodePools: observed([{ name: 'kata1', unread: [{ of: 'nodeImageVersion', field: 'nodeImageVersion', problem: 'expected a text' }] }]),
      latestImages: observed([]),
      nodes: observed([]),
    },
    says: says('unknown'),
    message: /cannot be read in nodeImageVersion: expected a text/,
  },
  {
    name: 'judges the nodes of pools that Azure does not list, but no virtual node',
    over: {
      ...pool(image('202608.20'), image('202608.20')),
      nodes: observed([
        aKataNode({ name: 'own', nodePool: 'KATA1', nodeImageVersion: image('202601.20') }),
        aKataNode({ name: 'ghost', nodePool: 'ghost', nodeImageVersion: image('202607.20') }),
        aStray({ name: 'stray', nodeImageVersion: image('202607.20') }),
        aStray({ name: 'aci', labels: { type: 'virtual-kubelet' } }),
      ]),
    },
    says: { ...says('pass'), 'node/ghost': 'fail', 'node/stray': 'fail' },
  },
  { name: 'is unknown for an unreadable offer', over: pool(image('202608.20'), ''), says: says('unknown') },
  {
    name: 'is unknown for an offer that could not be read',
    over: {
      nodePools: observed([aKataPool()]),
      nodes: observed([]),
      latestImages: observed([aLatestImage('kata1', unavailable('throttled', 'Too many calls.'))]),
    },
    says: says('unknown'),
    message: /Too many calls/,
  },
  {
    name: 'is unknown for an offer that was not requested',
    over: { nodePools: observed([aKataPool()]), latestImages: observed([]), nodes: observed([]) },
    says: says('unknown'),
  },
  {
    name: 'judges nodes without a pool by the newest image offered to a pool of their variant',
    over: {
      nodes: observed([
        aKataNode({ name: 'nap-new', provisioner: 'karpenter' }),
        aKataNode({ name: 'nap-old', provisioner: 'karpenter', nodeImageVersion: image('202607.20') }),
        aKataNode({ name: 'nap-odd', provisioner: 'karpenter', nodeImageVersion: 'AKSUbuntu-2404gen2containerd-202608.20.0' }),
      ]),
    },
    says: {
      'node-pool/system': 'pass',
      'node-pool/kata1': 'pass',
      'node/nap-new': 'pass',
      'node/nap-old': 'fail',
      'node/nap-odd': 'unknown',
    },
    message: /The newest image of the variant AKSUbuntu-2404gen2containerd is unknown/,
  },
  {
    name: 'reports the vulnerabilities that an upgrade fixes, and warns of a Kata version from a file',
    over: {
      ...pool(image('202607.20'), image('202608.30')),
      knownImages: {
        kernels: [{ nodeImageVersion: image('202608.30'), guestKernel: 'g', nodeKernel: 'h', kataVersion: '9.9.9' }],
        newest: [],
        vulnerabilities: [
          { nodeImageVersion: image('202607.20'), ids: ['CVE-2026-1001'] },
          { nodeImageVersion: image('202608.30'), ids: [] },
        ],
      },
    },
    says: says('fail'),
    message: /202608\.30\.0\. The newer image no longer has 1 known vulnerabilities of this one\.$/,
    remediation: /3\.19\.1 to 9\.9\.9/,
  },
  {
    name: 'judges a node without a pool by the newest image that a file names',
    over: {
      ...pool(image('202608.20'), image('202608.20')),
      nodes: observed([aStray({ name: 'stray', nodeImageVersion: 'AKSUbuntu-2404gen2containerd-202606.01.0' })]),
      knownImages: { kernels: [], newest: ['AKSUbuntu-2404gen2containerd-202608.20.0'] },
    },
    says: { ...says('pass'), 'node/stray': 'fail' },
  },
  { name: 'cannot be judged without Azure', over: { latestImages: unavailable('denied', 'No Azure.') }, says: 'unavailable' },
  { name: 'is empty without pools', over: { nodePools: observed([]), nodes: observed([]) }, says: {} },
  {
    name: 'has nothing to say of the latest image',
    over: pool(image('202608.20'), image('202608.20')),
    says: says('pass'),
    message: /^$/,
    facts: { ageDays: 12 },
  },
  {
    name: 'takes for the newest image of a stray node what Azure offers a pool, before what a file says',
    over: {
      ...pool(image('202608.20'), image('202608.20')),
      nodes: observed([aStray({ name: 'stray', nodeImageVersion: image('202608.20') })]),
      knownImages: { kernels: [], newest: [image('202608.27')] },
    },
    says: { ...says('pass'), 'node/stray': 'pass' },
    facts: { nodeImageVersion: image('202608.20'), latestNodeImageVersion: image('202608.20') },
    message: /^$/,
  },
  ...([30, 31, 90, 91] as const).map((ageDays) => {
    const released = new Date(Date.UTC(2026, 8, 1 - ageDays)).toISOString().slice(0, 10);
    const own = `AKSAzureLinux-V3katagen2-${released.slice(0, 4)}${released.slice(5, 7)}.${released.slice(8)}.0`;
    const severity = ageDays > 90 ? ('high' as const) : ageDays > 30 ? ('medium' as const) : ('low' as const);
    return {
      name: `calls an image of ${ageDays} days ${severity}`,
      over: pool(own, image('202609.01')),
      says: says('fail'),
      severity,
      facts: { ageDays },
    };
  }),
]);
