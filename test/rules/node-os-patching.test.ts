import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { nodeOsPatching } from '../../shared/rules/node-os-patching.ts';
import { aPlainNode, aPlainPool, someSettings } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const channel = (nodeOsUpgradeChannel: string, more: Parameters<typeof someSettings>[0] = {}) => ({
  settings: observed(someSettings({ nodeOsUpgradeChannel, ...more })),
});
const { nodeOsUpgradeChannel: _, ...silent } = someSettings();

testRule(nodeOsPatching, [
  { name: 'passes NodeImage', over: channel('NodeImage'), says: { cluster: 'pass' } },
  { name: 'passes SecurityPatch', over: channel('SecurityPatch'), says: { cluster: 'pass' } },
  {
    name: 'passes the older channel that upgrades node images',
    over: channel('None', { upgradeChannel: 'node-image' }),
    says: { cluster: 'pass' },
  },
  {
    name: 'fails Unmanaged, which patches no Kata node',
    over: channel('Unmanaged'),
    says: { cluster: 'fail' },
    severity: 'medium',
    remediation: /az aks update .*--name shop --node-os-upgrade-channel NodeImage/,
  },
  { name: 'fails None', over: channel('None'), says: { cluster: 'fail' } },
  {
    name: 'is unknown without a channel',
    over: { settings: observed(silent) },
    says: { cluster: 'unknown' },
    message: /nodeOSUpgradeChannel is absent/,
  },
  { name: 'is unknown for a new channel', over: channel('Quantum'), says: { cluster: 'unknown' }, message: /"Quantum"/ },
  {
    name: 'is unknown when neither pools nor nodes can be read',
    over: { nodePools: unavailable('denied', 'Forbidden.'), nodes: unavailable('denied', 'Forbidden.') },
    says: { cluster: 'unknown' },
  },
  { name: 'cannot be judged without the settings', over: { settings: unavailable('no-azure-access', 'No Azure.') }, says: 'unavailable' },
  {
    name: 'does not apply to a cluster without Kata',
    over: { ...channel('None'), nodePools: observed([aPlainPool()]), nodes: observed([aPlainNode()]) },
    says: { cluster: 'not-applicable' },
  },
  ...['NoneSuch', 'NotNone', 'SecurityPatches', 'MyNodeImage', 'NodeImages'].map((nodeOsUpgradeChannel) => ({
    name: `does not know the channel ${nodeOsUpgradeChannel}`,
    over: { settings: observed(someSettings({ nodeOsUpgradeChannel })) },
    says: { cluster: 'unknown' },
    facts: { nodeOsUpgradeChannel, upgradeChannel: '' },
  })),
  ...['node-images', 'my-node-image', 'stable'].map((upgradeChannel) => ({
    name: `fails none beside the channel ${upgradeChannel}`,
    over: { settings: observed(someSettings({ nodeOsUpgradeChannel: 'none', upgradeChannel })) },
    says: { cluster: 'fail' },
    facts: { nodeOsUpgradeChannel: 'none', upgradeChannel },
  })),
]);
