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
  { name: 'passes an image newer than what is offered', over: pool(image('202608.27'), image('202608.20')), says: says('pass') },
  {
    name: 'passes 14 days behind, within the grace',
    over: pool(image('202608.06'), image('202608.20')),
    says: says('pass'),
    message: /grace/,
  },
  { name: 'fails 15 days behind', over: pool(image('202608.05'), image('202608.20')), says: says('fail'), severity: 'low' },
  {
    name: 'obeys another grace',
    over: pool(image('202608.06'), image('202608.20')),
    policy: { nodeImages: { graceDays: 13, staleDays: 30, unsupportedDays: 90 } },
    says: says('fail'),
  },
  { name: 'is lenient about 30 days of age', over: pool(image('202608.02'), image('202608.20')), says: says('fail'), severity: 'low' },
  { name: 'is medium from 31 days of age on', over: pool(image('202608.01'), image('202608.20')), says: says('fail'), severity: 'medium' },
  { name: 'is medium at 90 days of age', over: pool(image('202606.03'), image('202608.20')), says: says('fail'), severity: 'medium' },
  {
    name: 'is high from 91 days of age on',
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
    name: 'tells of the window that passed although the image was offered for sure',
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
    name: 'blames no window that opened while the image may not have been offered yet',
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
    name: 'promises no more than security patches of the channel for them',
    over: {
      ...pool(image('202607.20'), image('202608.20')),
      settings: observed(someSettings({ plannedUpgrade: observed({ ...PLANNED, channel: 'SecurityPatch' }) })),
    },
    says: says('fail'),
    message: /\. Security patches are planned in the maintenance window/,
  },
  {
    name: 'prefers the snapshot to a window that does not move the pool',
    over: {
      ...pool(image('202607.20'), image('202608.20'), { snapshotId: '/subscriptions/x/snapshots/y' }),
      settings: observed(someSettings({ plannedUpgrade: observed(PLANNED) })),
    },
    says: says('fail'),
    message: /It is pinned to a node pool snapshot\.$/,
  },
  {
    name: 'claims no reason where no window is configured',
    over: {
      ...pool(image('202607.20'), image('202608.20')),
      settings: observed(someSettings({ plannedUpgrade: observed({ state: 'unplanned', why: 'Azure picks the time.' }) })),
    },
    says: says('fail'),
    severity: 'medium',
    message: /days behind AKSAzureLinux-V3katagen2-202608\.20\.0\.$/,
  },
  {
    name: 'says of a window which part of it Azure leaves open',
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
    name: 'claims no reason where the windows could not be read',
    over: {
      ...pool(image('202607.20'), image('202608.20')),
      settings: observed(someSettings({ plannedUpgrade: unavailable('denied', 'Forbidden.') })),
    },
    says: says('fail'),
    severity: 'medium',
    message: /days behind AKSAzureLinux-V3katagen2-202608\.20\.0\.$/,
  },
  {
    name: 'claims no reason for a pool at rest, which no window moves',
    over: {
      ...pool(image('202607.20'), image('202608.20'), { powerState: 'Stopped' }),
      settings: observed(someSettings({ plannedUpgrade: observed(PLANNED) })),
    },
    says: says('fail'),
    message: /202608\.20\.0\.$/,
  },
  {
    name: 'claims no reason for a node of no pool, which follows no channel',
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
  { name: 'does not know an image that cannot be read', over: pool('newest', image('202608.20')), says: says('unknown') },
  {
    name: 'fails when an image of another variant is offered, by the dates, and says that the variant changes',
    over: {
      ...pool('AKSUbuntu-2204gen2containerd-202606.01.0', 'AKSUbuntu-2404gen2containerd-202608.20.0', { workloadRuntime: 'OCIContainer' }),
      settings: observed(someSettings({ plannedUpgrade: observed(PLANNED) })),
    },
    says: says('fail'),
    severity: 'high',
    message:
      /80 days behind AKSUbuntu-2404.*another variant: an upgrade changes AKSUbuntu-2204gen2containerd to AKSUbuntu-2404gen2containerd\. An upgrade is planned/,
    remediation: /--node-image-only/,
  },
  {
    name: 'tells of another variant within the grace',
    over: pool('AKSUbuntu-2204gen2containerd-202608.20.0', 'AKSUbuntu-2404gen2containerd-202608.20.0'),
    says: says('pass'),
    message: /^0 days behind AKSUbuntu-2404.*another variant/,
  },
  {
    name: 'leaves a pool of AKS itself to AKS, without a command that AKS refuses',
    over: pool('AKSUbuntu-2204gen2containerd-202606.16.0', '', { mode: 'ManagedSystem', workloadRuntime: 'OCIContainer' }),
    says: says('not-applicable'),
    message: /AKS manages this pool/,
  },
  {
    name: 'does not know an image that Azure does not name, by the name of the field',
    over: { nodePools: observed([{ name: 'kata1' }]), latestImages: observed([]), nodes: observed([]) },
    says: says('unknown'),
    message: /nodeImageVersion is absent/,
  },
  {
    name: 'does not know an image whose field cannot be read, by its name',
    over: {
      nodePools: observed([{ name: 'kata1', unread: [{ of: 'nodeImageVersion', field: 'nodeImageVersion', problem: 'expected a text' }] }]),
      latestImages: observed([]),
      nodes: observed([]),
    },
    says: says('unknown'),
    message: /cannot be read in nodeImageVersion: expected a text/,
  },
  {
    name: 'judges the nodes of pools that Azure does not list, and no virtual node',
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
  { name: 'does not know an offer that cannot be read', over: pool(image('202608.20'), ''), says: says('unknown') },
  {
    name: 'does not know an offer that could not be seen',
    over: {
      nodePools: observed([aKataPool()]),
      nodes: observed([]),
      latestImages: observed([aLatestImage('kata1', unavailable('throttled', 'Too many calls.'))]),
    },
    says: says('unknown'),
    message: /Too many calls/,
  },
  {
    name: 'does not know an offer that was not asked for',
    over: { nodePools: observed([aKataPool()]), latestImages: observed([]), nodes: observed([]) },
    says: says('unknown'),
  },
  {
    name: 'judges nodes of no pool by the newest image that a pool of their variant is offered',
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
    message: /Nothing tells the newest image of the variant AKSUbuntu-2404gen2containerd/,
  },
  {
    name: 'says what an upgrade closes, and warns of the Kata version that a file knows of',
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
    name: 'judges a node of no pool by the newest image that a file names',
    over: {
      ...pool(image('202608.20'), image('202608.20')),
      nodes: observed([aStray({ name: 'stray', nodeImageVersion: 'AKSUbuntu-2404gen2containerd-202606.01.0' })]),
      knownImages: { kernels: [], newest: ['AKSUbuntu-2404gen2containerd-202608.20.0'] },
    },
    says: { ...says('pass'), 'node/stray': 'fail' },
  },
  { name: 'cannot be judged without Azure', over: { latestImages: unavailable('denied', 'No Azure.') }, says: 'unavailable' },
  { name: 'says nothing where there is no pool', over: { nodePools: observed([]), nodes: observed([]) }, says: {} },
]);
