import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { kataPoolPresent } from '../../shared/rules/kata-pool-present.ts';
import { aCluster, aKataNode, aKataPool, aPlainPool, someSettings } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const nodes = observed([aKataNode({ provisioner: 'karpenter' })]);
const noPool = observed([aPlainPool()]);
const stopped = observed([aPlainPool(), aKataPool({ powerState: 'Stopped' })]);
const { runtimeHandlers: _, ...oldKubelet } = aKataNode();

testRule(kataPoolPresent, [
  { name: 'passes a cluster with a running Kata pool', says: { cluster: 'pass' } },
  {
    name: 'passes a pool with the name of the preview',
    over: { nodePools: observed([aKataPool({ workloadRuntime: 'KataMshvVmIsolation' })]) },
    says: { cluster: 'pass' },
  },
  { name: 'passes Kata nodes of node auto provisioning', over: { nodePools: noPool, nodes }, says: { cluster: 'pass' } },
  {
    name: 'fails a cluster without a Kata pool, with the command that adds one',
    over: { nodePools: noPool, nodes: observed([]) },
    says: { cluster: 'fail' },
    message: /None of the cluster's 1 node pools runs Kata/,
    remediation:
      /az aks nodepool add --subscription 11111111-\S+ --resource-group rg-shop --cluster-name shop --name kata --os-sku AzureLinux .* --node-count 2$/,
  },
  {
    name: 'gives no command for an invalid name',
    over: { cluster: aCluster({ name: "a'; rm -rf /" }), nodePools: noPool },
    says: { cluster: 'fail' },
    remediation: /^$/,
  },
  {
    name: 'gives a second name to the pool when kata is taken',
    over: { nodePools: observed([aPlainPool({ name: 'kata' })]) },
    says: { cluster: 'fail' },
    remediation: / --name kata2 /,
  },
  {
    name: 'fails when node auto provisioning has only ordinary nodes',
    over: { nodePools: noPool, nodes: observed([aKataNode({ provisioner: 'karpenter', runtimeHandlers: ['', 'runc'] })]) },
    says: { cluster: 'fail' },
  },
  {
    name: 'passes nodes with a handler that the policy accepts, in an ordinary pool',
    over: { nodePools: noPool, nodes: observed([aKataNode({ runtimeHandlers: ['', 'runc', 'kata-qemu'] })]) },
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['kata-q*'] }] },
    says: { cluster: 'pass' },
    message: /handler that the policy accepts/,
  },
  {
    name: 'passes nodes of node auto provisioning with a handler that the policy accepts',
    over: {
      nodePools: noPool,
      nodes: observed([aKataNode({ provisioner: 'karpenter', runtimeHandlers: ['runc', 'kata-qemu'] })]),
    },
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['kata-qemu'] }] },
    says: { cluster: 'pass' },
  },
  {
    name: 'fails nodes with a handler that the policy does not accept',
    over: { nodePools: noPool, nodes: observed([aKataNode({ runtimeHandlers: ['', 'runc', 'kata-qemu'] })]) },
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['kata-clh'] }] },
    says: { cluster: 'fail' },
  },
  {
    name: 'does not excuse a stopped cluster that has no Kata pool at all',
    over: { nodePools: noPool, settings: observed(someSettings({ powerState: 'Stopped' })) },
    says: { cluster: 'fail' },
  },
  {
    name: 'fails a cluster whose Kata pools are all stopped',
    over: { nodePools: stopped },
    says: { cluster: 'fail' },
    message: /Every Kata pool is stopped: kata1/,
    remediation: /nodepool start/,
  },
  {
    name: 'is unknown when auto-provisioned nodes cannot be read',
    over: {
      nodePools: noPool,
      nodes: unavailable('denied', 'Forbidden.'),
      settings: observed(someSettings({ nodeProvisioning: 'Auto' })),
    },
    says: { cluster: 'unknown' },
    message: /Forbidden/,
  },
  { name: 'cannot be judged without the pools', over: { nodePools: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'does not excuse a stopped cluster that has no Kata pool',
    over: { nodePools: noPool, settings: observed(someSettings({ powerState: 'Stopped' })) },
    says: { cluster: 'fail' },
  },
  {
    name: 'does not apply to a stopped cluster that has a Kata pool',
    over: { nodePools: stopped, settings: observed(someSettings({ powerState: 'Stopped' })) },
    says: { cluster: 'not-applicable' },
  },
  {
    name: 'does not apply when the tag says that nothing is sandboxed',
    over: { cluster: aCluster({ tags: { 'kataudit.io/sandbox': 'none' } }), nodePools: noPool },
    says: { cluster: 'not-applicable' },
  },
  {
    name: 'uses the first matching entry of the policy',
    over: { nodePools: noPool },
    policy: { clusters: [{ name: 'shops', clusters: ['sh*'], kataPool: 'not-required' }, ...DEFAULT_POLICY.clusters] },
    says: { cluster: 'not-applicable' },
  },
  {
    name: 'reports the pools, and the policy entry',
    over: { nodePools: observed([aPlainPool(), aKataPool(), aKataPool({ name: 'k2', powerState: 'Stopped' })]) },
    says: { cluster: 'pass' },
    facts: { requirement: 'every other cluster', kataPools: ['kata1', 'k2'] },
  },
  { name: 'passes auto-provisioned nodes together with stopped pools', over: { nodePools: stopped, nodes }, says: { cluster: 'pass' } },
  {
    name: 'is unknown for a pool whose power state cannot be read',
    over: { nodePools: observed([aKataPool({ unread: [{ of: 'powerState', field: 'powerState', problem: 'odd' }] })]) },
    says: { cluster: 'unknown' },
  },
  {
    name: 'fails when nodes cannot be read and none is auto-provisioned',
    over: {
      nodePools: noPool,
      nodes: unavailable('denied', 'Forbidden.'),
      settings: observed(someSettings({ nodeProvisioning: 'Manual' })),
    },
    says: { cluster: 'fail' },
  },
  {
    name: 'is unknown when the setting of node auto provisioning is unreadable',
    over: {
      nodePools: noPool,
      nodes: unavailable('denied', 'Forbidden.'),
      settings: observed(someSettings({ unread: [{ of: 'nodeProvisioning', field: 'f', problem: 'odd' }] })),
    },
    says: { cluster: 'unknown' },
  },
  {
    name: 'does not apply when no policy entry matches the cluster',
    over: { nodePools: noPool },
    policy: { clusters: [] },
    says: { cluster: 'not-applicable' },
  },
  {
    name: 'fails Kata nodes of no listed pool that list no handler, whatever handlers the policy accepts',
    over: { nodePools: noPool, nodes: observed([oldKubelet]) },
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['*'] }] },
    says: { cluster: 'fail' },
  },
  ...['StoppedNot', 'NotStopped'].map((powerState) => ({
    name: `does not excuse a cluster in the power state ${powerState}`,
    over: { nodePools: stopped, settings: observed(someSettings({ powerState })) },
    says: { cluster: 'fail' },
  })),
  ...['AutoNot', 'NotAuto'].map((nodeProvisioning) => ({
    name: `expects no automatic nodes of the setting ${nodeProvisioning}`,
    over: { nodePools: noPool, nodes: unavailable('denied', 'Forbidden.'), settings: observed(someSettings({ nodeProvisioning })) },
    says: { cluster: 'fail' },
  })),
]);
