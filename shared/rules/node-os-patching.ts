import { hasKata, kataNotKnown } from '../domain/isolation/kata-evidence.ts';
import { clusterCommand } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { unreadAmong } from '../domain/snapshot/unread.ts';

/** A cluster with Kata nodes replaces their images automatically. */
export const nodeOsPatching = defineRule({
  id: 'node-os-patching',
  title: 'Clusters with Kata patch their nodes through node images',
  severity: 'medium',
  rationale:
    'Kata packages are updated only with a complete node image. The channels None and Unmanaged leave the hypervisor and guest kernel unpatched.',
  remediation: 'Set the node OS upgrade channel to NodeImage.',
  references: [
    'https://learn.microsoft.com/azure/aks/auto-upgrade-node-os-image',
    'https://github.com/Azure/AgentBaker/blob/master/parts/linux/cloud-init/artifacts/cse_main.sh',
  ],
  requires: ['settings'],
  consults: ['nodePools', 'nodes'],
  evaluate({ cluster, settings, nodePools, nodes }): readonly Judgement[] {
    const subject = { kind: 'cluster' } as const;
    const wanted = hasKata(nodePools, nodes);
    if (wanted === undefined) return [{ verdict: 'unknown', subject, message: kataNotKnown(nodePools) }];
    if (!wanted) return [{ verdict: 'not-applicable', subject, message: 'The cluster has no Kata nodes.' }];
    const { nodeOsUpgradeChannel = '', upgradeChannel = '' } = settings;
    const facts = { nodeOsUpgradeChannel, upgradeChannel };
    if (/^(nodeimage|securitypatch)$/i.test(nodeOsUpgradeChannel) || /^node-image$/i.test(upgradeChannel)) {
      return [{ verdict: 'pass', subject, facts }];
    }
    const unread = unreadAmong(settings, ['nodeOsUpgradeChannel', 'upgradeChannel']);
    if (unread !== undefined) return [{ verdict: 'unknown', subject, message: unread, facts }];
    if (nodeOsUpgradeChannel === '') {
      return [
        { verdict: 'unknown', subject, message: 'Azure does not report how the nodes are patched: nodeOSUpgradeChannel is absent.', facts },
      ];
    }
    if (!/^(none|unmanaged)$/i.test(nodeOsUpgradeChannel)) {
      const message = `The node OS upgrade channel ${JSON.stringify(nodeOsUpgradeChannel)} is not a known value.`;
      return [{ verdict: 'unknown', subject, message, facts }];
    }
    const message = `The node OS upgrade channel is ${nodeOsUpgradeChannel}, which never patches a Kata node.`;
    const commands = clusterCommand(cluster, 'update', '--node-os-upgrade-channel', 'NodeImage');
    return [{ verdict: 'fail', subject, message, facts, commands }];
  },
});
