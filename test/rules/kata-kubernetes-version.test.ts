import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { kataKubernetesVersion } from '../../shared/rules/kata-kubernetes-version.ts';
import { aKataNode, aKataPool, aPlainNode, aPlainPool, someSettings } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const look = (cluster: string, pool = cluster, more: Parameters<typeof someSettings>[0] = {}) => ({
  settings: observed(someSettings({ kubernetesVersion: cluster, ...more })),
  nodePools: observed([aKataPool({ kubernetesVersion: pool })]),
});

const { kubernetesVersion: _, ...silent } = someSettings();

testRule(kataKubernetesVersion, [
  { name: 'passes 1.27', over: look('1.27.0'), says: { cluster: 'pass' } },
  { name: 'passes 2.0', over: look('2.0.0'), says: { cluster: 'pass' } },
  {
    name: 'fails 1.26',
    over: look('1.26.15'),
    says: { cluster: 'fail' },
    message: /The cluster runs Kubernetes 1\.26\.15/,
    severity: 'high',
  },
  {
    name: 'fails a Kata pool that lags behind its cluster',
    over: look('1.28.3', '1.26.6'),
    says: { cluster: 'fail' },
    message: /The node pool kata1 runs/,
    remediation: /az aks get-upgrades/,
  },
  {
    name: 'fails a version whose support has ended',
    over: look('1.30.0', '1.30.0', { supportNotice: { state: 'ended', at: '2026-08-01T00:00:00Z' } }),
    says: { cluster: 'fail' },
    severity: 'high',
  },
  {
    name: 'fails a version whose support is about to end, with a lower severity',
    over: look('1.30.0', '1.30.0', { supportNotice: { state: 'ending', at: '2026-08-01T00:00:00Z' } }),
    says: { cluster: 'fail' },
    severity: 'low',
  },
  { name: 'is unknown for an unreadable version', over: look('unknown'), says: { cluster: 'unknown' } },
  {
    name: 'is unknown when neither pools nor nodes can be read',
    over: { nodePools: unavailable('denied', 'Forbidden.'), nodes: unavailable('denied', 'Forbidden.') },
    says: { cluster: 'unknown' },
  },
  { name: 'cannot be judged without the settings', over: { settings: unavailable('denied', 'No Azure.') }, says: 'unavailable' },
  {
    name: 'does not apply to a cluster without Kata',
    over: { ...look('1.20.0'), nodePools: observed([aPlainPool()]), nodes: observed([aPlainNode()]) },
    says: { cluster: 'not-applicable' },
  },
  ...['1.27', 'v1.27.3', '1.100.0', '10.0'].map((version) => ({
    name: `passes ${version}`,
    over: look(version),
    says: { cluster: 'pass' },
  })),
  ...['1.26', 'v1.26.0', '1.9.0'].map((version) => ({
    name: `fails ${version}`,
    over: look(version),
    says: { cluster: 'fail' },
  })),
  ...['1.27x', 'x1.27', '1', '1.x'].map((version) => ({
    name: `does not know ${version}`,
    over: look(version),
    says: { cluster: 'unknown' },
  })),
  {
    name: 'reports every version that it judged',
    over: look('1.30.0', '1.29.0'),
    says: { cluster: 'pass' },
    facts: { versions: ['The cluster 1.30.0', 'The node pool kata1 1.29.0'] },
  },
  {
    name: 'ignores an old pool without Kata',
    over: { ...look('1.30.0'), nodePools: observed([aKataPool(), aPlainPool({ kubernetesVersion: '1.20.0' })]) },
    says: { cluster: 'pass' },
  },
  {
    name: 'names the version from Azure',
    over: look('1.31.0', '1.31.0', { supportNotice: { state: 'ended', at: '2026-08-01T00:00:00Z', kubernetesVersion: '1.30.5' } }),
    says: { cluster: 'fail' },
    message: /at 2026-08-01T00:00:00Z that support for Kubernetes 1\.30\.5 has ended/,
  },
  {
    name: 'judges only Kata nodes without a pool by their kubelets',
    over: {
      ...look('1.30.0'),
      nodes: observed([
        aKataNode({ name: 'old', provisioner: 'karpenter', kubeletVersion: 'v1.26.1' }),
        aKataNode({ name: 'odd', provisioner: 'karpenter', kubeletVersion: 'new' }),
        aKataNode({ name: 'new', provisioner: 'karpenter', kubeletVersion: 'v1.27.0' }),
        aPlainNode({ name: 'plain', provisioner: 'karpenter', kubeletVersion: 'v1.20.0' }),
      ]),
    },
    says: { cluster: 'pass', 'node/old': 'fail', 'node/odd': 'unknown', 'node/new': 'pass' },
    facts: { kubeletVersion: 'v1.26.1' },
  },
  {
    name: 'does not know a cluster of which Azure does not return the version',
    over: { settings: observed(silent), nodePools: observed([aKataPool()]) },
    says: { cluster: 'unknown' },
    message: /does not report the kubernetesVersion of the cluster/,
  },
  {
    name: 'does not know a cluster with Kata nodes whose pools could not be read, as one of them may be older',
    over: { ...look('1.30.0'), nodePools: unavailable('denied', 'Forbidden.') },
    says: { cluster: 'unknown' },
    message: /node pools could not be read: Forbidden/,
  },
  {
    name: 'fails an old cluster whose pools could not be read',
    over: { ...look('1.26.0'), nodePools: unavailable('denied', 'Forbidden.') },
    says: { cluster: 'fail' },
  },
  {
    name: 'needs no version of a pool without Kata',
    over: {
      ...look('1.30.0'),
      nodePools: observed([aKataPool(), aPlainPool({ unread: [{ of: 'kubernetesVersion', field: 'f', problem: 'odd' }] })]),
    },
    says: { cluster: 'pass' },
  },
]);
