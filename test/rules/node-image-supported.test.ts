import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { nodeImageSupported } from '../../shared/rules/node-image-supported.ts';
import { aKataNode, aKataPool, aLatestImage, someSettings } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const pool = (nodeImageVersion: string, over: Parameters<typeof aKataPool>[0] = {}) => ({
  nodePools: observed([aKataPool({ nodeImageVersion, ...over })]),
  nodes: observed([]),
});
const PLANNED = {
  state: 'planned',
  configuration: 'aksManagedNodeOSUpgradeSchedule',
  channel: 'NodeImage',
  from: '2026-09-03T02:00:00Z',
  until: '2026-09-03T06:00:00Z',
} as const;
/** A pool with an image of 91 days, in a cluster whose nodes can be upgraded. */
const planned = (latest: string, over: Parameters<typeof aKataPool>[0] = {}) => ({
  ...pool('AKSAzureLinux-V3katagen2-202606.02.0', over),
  latestImages: observed([aLatestImage('kata1', latest)]),
  settings: observed(someSettings({ plannedUpgrade: observed(PLANNED) })),
});
const says = (verdict: string) => ({ 'node-pool/kata1': verdict });

testRule(nodeImageSupported, [
  { name: 'passes an image of 90 days', over: pool('AKSAzureLinux-V3katagen2-202606.03.0'), says: says('pass') },
  {
    name: 'fails an image of 91 days',
    over: pool('AKSAzureLinux-V3katagen2-202606.02.0'),
    says: says('fail'),
    message: /released on 2026-06-02; images older than 90 days/,
    facts: { nodeImageVersion: 'AKSAzureLinux-V3katagen2-202606.02.0', ageDays: 91 },
    severity: 'high',
    remediation: /--node-image-only/,
  },
  {
    name: 'reports the planned upgrade, with the same severity',
    over: planned('AKSAzureLinux-V3katagen2-202608.20.0'),
    says: says('fail'),
    severity: 'high',
    facts: { nodeImageVersion: 'AKSAzureLinux-V3katagen2-202606.02.0', ageDays: 91, plannedUpgradeAt: PLANNED.from },
    message: /unsupported\. An upgrade is planned in the maintenance window of 2026-09-03 02:00 to 2026-09-03 06:00 UTC/,
    remediation: /--node-image-only/,
  },
  {
    name: 'reports no upgrade when there is no newer image',
    over: planned('AKSAzureLinux-V3katagen2-202606.02.0'),
    says: says('fail'),
    message: /are unsupported\.$/,
  },
  {
    name: 'reports no upgrade when the offered image could not be read',
    over: { ...planned(''), latestImages: unavailable('throttled', 'Too many calls.') },
    says: says('fail'),
    message: /are unsupported\.$/,
  },
  {
    name: 'reports the snapshot to which the pool is pinned',
    over: planned('AKSAzureLinux-V3katagen2-202608.20.0', { snapshotId: '/subscriptions/x/snapshots/y' }),
    says: says('fail'),
    message: /pinned to a node pool snapshot\.$/,
  },
  {
    name: 'uses the age of the policy',
    over: pool('AKSAzureLinux-V3katagen2-202606.02.0'),
    policy: { nodeImages: { graceDays: 14, staleDays: 30, unsupportedDays: 91 } },
    says: says('pass'),
  },
  {
    name: 'fails the frozen Kata image, although it is its latest',
    over: pool('AKSAzureLinux-V2katagen2-202509.05.0'),
    says: says('fail'),
    severity: 'critical',
    facts: { ageDays: 361, patchesEndOn: '2025-09-05', imagesRemovedOn: '2026-03-31' },
    message: /Kata image of Azure Linux 2 gets no more fixes since 2025-09-05, and AKS removed its images on 2026-03-31/,
    remediation: /of a supported family/,
  },
  {
    name: 'fails the frozen Kata image with Trusted Launch',
    over: pool('AKSCBLMariner-V2katagen2TL-2022.12.15'),
    says: says('fail'),
    message: /Trusted Launch/,
  },
  { name: 'fails Mariner 1', over: pool('AKSCBLMariner-V1-202308.28.0'), says: says('fail'), message: /CBL-Mariner 1/ },
  {
    name: 'fails Azure Linux 2',
    over: pool('AKSAzureLinux-V2gen2-202608.20.0'),
    says: says('fail'),
    message: /Azure Linux 2 gets no more fixes since 2025-11-30/,
  },
  { name: 'fails Ubuntu 18.04', over: pool('AKSUbuntu-1804gen2containerd-202608.20.0'), says: says('fail'), message: /Ubuntu 18.04/ },
  { name: 'fails Ubuntu 16.04 in the colon form', over: pool('AKSUbuntu:1604:2020.03.11'), says: says('fail'), message: /Ubuntu 16.04/ },
  { name: 'passes Ubuntu 20.04 before its retirement', over: pool('AKSUbuntu-2004fipscontainerd-202608.20.0'), says: says('pass') },
  {
    name: 'fails Ubuntu 20.04 from the day of its retirement',
    over: { ...pool('AKSUbuntu-2004fipscontainerd-202703.10.0'), observedAt: '2027-03-17T00:00:00.000Z' },
    says: says('fail'),
  },
  {
    name: 'reports the retirement of Ubuntu 20.04 in the last second before it',
    over: { ...pool('AKSUbuntu-2004fipscontainerd-202703.10.0'), observedAt: '2027-03-16T23:59:59.000Z' },
    says: says('fail'),
    severity: 'low',
    message:
      /will end soon\. Ubuntu 20\.04 gets no more fixes from 2027-03-17 on\. On 2027-03-17 AKS removes its images: from then on scaling and repair fail/,
  },
  {
    name: 'does not report an end more than 90 days away',
    over: { ...pool('AKSUbuntu-2004fipscontainerd-202612.10.0'), observedAt: '2026-12-16T23:59:59.000Z' },
    says: says('pass'),
  },
  {
    name: 'reports an image that is too old before an end that is near',
    over: { ...pool('AKSUbuntu-2004fipscontainerd-202609.10.0'), observedAt: '2027-01-01T00:00:00.000Z' },
    says: says('fail'),
    severity: 'high',
    message: /unsupported/,
  },
  {
    name: 'leaves the image of a pool managed by AKS to AKS',
    over: pool('AKSUbuntu-2204gen2containerd-202601.16.0', { mode: 'ManagedSystem' }),
    says: says('not-applicable'),
    message: /AKS manages this pool/,
    facts: { managedBy: 'AKS', nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202601.16.0' },
  },
  {
    name: 'judges the nodes of pools that Azure does not list',
    over: {
      ...pool('AKSAzureLinux-V3katagen2-202608.20.0'),
      nodes: observed([aKataNode({ name: 'ghost1', nodePool: 'ghost', nodeImageVersion: 'AKSAzureLinux-V2katagen2-202409.05.0' })]),
    },
    says: { ...says('pass'), 'node/ghost1': 'fail' },
  },
  { name: 'fails Windows Server 2019', over: pool('AKSWindows-2019-containerd-17763.8146.260812'), says: says('fail') },
  { name: 'passes Windows Server 2025', over: pool('AKSWindows-2025-gen2-26100.7462.260812'), says: says('pass') },
  {
    name: 'judges nodes without a pool by their label',
    over: {
      nodePools: observed([]),
      nodes: observed([
        aKataNode({ name: 'nap-new', provisioner: 'karpenter' }),
        aKataNode({ name: 'nap-old', provisioner: 'karpenter', nodeImageVersion: 'AKSAzureLinux-V3katagen2-202601.27.0' }),
      ]),
    },
    says: { 'node/nap-new': 'pass', 'node/nap-old': 'fail' },
  },
  {
    name: 'is unknown in transition',
    over: pool('AKSAzureLinux-V3katagen2-202501.02.0', { inTransition: true }),
    says: says('unknown'),
  },
  {
    name: 'is unknown for an unreadable image',
    over: pool('v1.2.3'),
    says: says('unknown'),
    message: /^The node image "v1\.2\.3" cannot be read\.$/,
  },
  { name: 'cannot be judged without the pools', over: { nodePools: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'is empty without pools', over: { nodePools: observed([]), nodes: observed([]) }, says: {} },
  {
    name: 'reports no upgrade of another pool',
    over: {
      ...planned(''),
      latestImages: observed([
        aLatestImage('other', 'AKSAzureLinux-V3katagen2-202608.20.0'),
        aLatestImage('kata1', 'AKSAzureLinux-V3katagen2-202606.02.0'),
      ]),
    },
    says: says('fail'),
    message: /are unsupported\.$/,
  },
  ...([90, 91] as const).map((ageDays) => ({
    name: `reports of an image of ${ageDays} days whether its family ends soon or its age is too high`,
    over: {
      ...pool('AKSUbuntu-2004fipscontainerd-202612.10.0'),
      observedAt: new Date(Date.UTC(2026, 11, 10 + ageDays)).toISOString(),
    },
    says: says('fail'),
    severity: ageDays === 90 ? ('low' as const) : ('high' as const),
    facts: { ageDays },
  })),
]);
