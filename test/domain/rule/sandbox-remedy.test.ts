import { describe, expect, it } from 'vitest';
import { type SandboxWish, sandboxRemedy } from '../../../shared/domain/rule/sandbox-remedy.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { KubernetesNode } from '../../../shared/domain/snapshot/snapshot.ts';
import { aCluster, aKataNode, aPlainNode, aPlainPodGroup, aRuntimeClass } from '../../support/a-snapshot.ts';

const TAINT = { key: 'sandbox', value: 'kata', effect: 'NoSchedule' };
const nodes = observed([aPlainNode(), aKataNode()]);
const wish = (over: Partial<SandboxWish> = {}): SandboxWish => ({
  cluster: aCluster({ id: 'kubeconfig:dev', name: 'dev' }),
  subject: { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' },
  outside: [aPlainPodGroup()],
  classes: [aRuntimeClass()],
  requirements: [{ name: 'every pod' }],
  nodes,
  ...over,
});
const of = (ownerKind: string) => ({ ...wish().subject, ownerKind });
const told = (over: Partial<SandboxWish>) => {
  const { remediation = '', commands = [] } = sandboxRemedy(wish(over));
  return [remediation, ...commands.map(({ run }) => run)].join('\n');
};
const SSD = { ...aKataNode().labels, disk: 'ssd' };
const bySsd = (...all: readonly KubernetesNode[]) => ({
  nodes: observed(all),
  outside: [aPlainPodGroup({ nodeSelector: { disk: 'ssd' } }), aPlainPodGroup({ nodeSelector: { disk: 'ssd', app: 'cart' } })],
});
const patch = /\nkubectl patch .*runtimeClassName: kata-vm-isolation.* -- deployments\.apps cart$/;
const patchesDaemonSet = /\nkubectl patch .* -- daemonsets\.apps cart$/;

describe('the remediation to sandbox a workload', () => {
  it.each<[string, Partial<SandboxWish>]>([
    ['a Kata node accepts its pods', {}],
    [
      'the class tolerates the taint of the nodes',
      { nodes: observed([aKataNode({ taints: [TAINT] })]), classes: [aRuntimeClass({ tolerations: [{ ...TAINT, operator: 'Equal' }] })] },
    ],
    [
      'its pods tolerate the taint of the nodes',
      { nodes: observed([aKataNode({ taints: [TAINT] })]), outside: [aPlainPodGroup({ tolerates: ['sandbox=kata:NoSchedule'] })] },
    ],
    [
      'one of its pods was sent to a Windows node, and another to a Linux node',
      {
        nodes: observed([aPlainNode({ name: 'win', labels: { 'kubernetes.io/os': 'windows' } }), aKataNode()]),
        outside: [aPlainPodGroup(), aPlainPodGroup({ examples: [{ name: 'cart-2', node: 'win' }] })],
      },
    ],
    [
      'its pods select nodes by a label that a Kata node has',
      {
        nodes: observed([aPlainNode(), aKataNode({ labels: { ...aKataNode().labels, 'kubernetes.io/os': 'linux' } })]),
        outside: [aPlainPodGroup({ nodeSelector: { 'kubernetes.io/os': 'linux' } })],
      },
    ],
    [
      'only some of its pods select other nodes',
      { outside: [aPlainPodGroup({ nodeSelector: { agentpool: 'system' } }), aPlainPodGroup()] },
    ],
    ['one of the Kata nodes has the label by which its pods select nodes', bySsd(aKataNode(), aKataNode({ name: 'b', labels: SSD }))],
    [
      'one of its pods runs on a virtual node, and another on a machine',
      {
        nodes: observed([aPlainNode({ name: 'virtual', labels: { type: 'virtual-kubelet' } }), aKataNode()]),
        outside: [aPlainPodGroup(), aPlainPodGroup({ examples: [{ name: 'cart-2', node: 'virtual' }] })],
      },
    ],
    ['another node is cordoned', { nodes: observed([aKataNode({ name: 'a', unschedulable: true }), aKataNode()]) }],
  ])('is the command when %s', (_, over) => expect(told(over)).toMatch(patch));

  it.each<[string, Partial<SandboxWish>, RegExp]>([
    ['no class exists', { classes: [] }, /^The cluster has no RuntimeClass whose handler the policy accepts\. /],
    ['no accepted class exists', { classes: [aRuntimeClass({ handler: 'runc' })] }, /^The cluster has no RuntimeClass whose handler/],
    [
      'the nodes could not be read',
      { nodes: unavailable('denied', 'Forbidden.') },
      /^The nodes could not be read\. First make sure that a node can take sandboxed pods/,
    ],
    [
      'there is no Kata node',
      { nodes: observed([aPlainNode()]) },
      /find no node: no node that its class selects starts pod VMs\. First provide a Kata node/,
    ],
    [
      'the Kata nodes are not ready',
      { nodes: observed([aKataNode({ ready: false })]) },
      /1 node can start its pod VMs, but none accepts its pods now/,
    ],
    ['nothing tolerates their taint', { nodes: observed([aKataNode({ taints: [TAINT] })]) }, /but none accepts its pods now/],
    [
      'one group of pods does not tolerate it',
      {
        nodes: observed([aKataNode({ taints: [TAINT] })]),
        outside: [aPlainPodGroup({ tolerates: ['sandbox=kata:NoSchedule'] }), aPlainPodGroup()],
      },
      /but none accepts its pods now/,
    ],
    [
      'the nodes that the class selects do not have its handler',
      { nodes: observed([aPlainNode({ labels: aKataNode().labels })]) },
      /no node that its class selects starts pod VMs/,
    ],
    [
      'all its pods select nodes by one label that no Kata node has',
      bySsd(aKataNode()),
      /selects nodes by disk: "ssd", and no schedulable Kata node/,
    ],
    ['the class selects other nodes', { classes: [aRuntimeClass({ nodeSelector: { other: 'true' } })] }, /no node that its class selects/],
    [
      'its pods run on Windows',
      { nodes: observed([aKataNode({ labels: { ...aKataNode().labels, 'kubernetes.io/os': 'windows' } })]) },
      /Windows nodes, which cannot start pod VMs/,
    ],
    [
      'its pods select nodes by a label that no Kata node has',
      { outside: [aPlainPodGroup({ nodeSelector: { agentpool: 'system', disk: 'ssd' } })] },
      /selects nodes by agentpool: "system", disk: "ssd", and no schedulable Kata node has those labels\. First change the node selector, then set runtimeClassName.*\nkubectl edit /,
    ],
    [
      'only a cordoned Kata node has the label that its pods select nodes by',
      {
        nodes: observed([aKataNode(), aKataNode({ name: 'b', unschedulable: true, labels: { ...aKataNode().labels, disk: 'ssd' } })]),
        outside: [aPlainPodGroup({ nodeSelector: { disk: 'ssd' } })],
      },
      /selects nodes by disk: "ssd", and no schedulable Kata node has that label\./,
    ],
    [
      'its pods run on a virtual node',
      { nodes: observed([aPlainNode({ name: 'aks-kata1-0', labels: { type: 'virtual-kubelet' } }), aKataNode({ name: 'kata' })]) },
      /run on a virtual node, which does not support RuntimeClasses\. .* move it to Kata nodes, then set runtimeClassName/,
    ],
  ])('says what to do first, without a command that sets the class, when %s', (_, over, words) => {
    expect(told(over)).toMatch(words);
    expect(told(over)).not.toContain('kubectl patch');
  });

  it('uncordons a Kata node first', () => {
    expect(told({ nodes: observed([aKataNode({ unschedulable: true })]) })).toMatch(
      /are cordoned\. First uncordon one, .*\nkubectl uncordon --context dev -- aks-kata1-0$/,
    );
  });

  it.each([
    ['the class of AKS', ['kata-a', 'kata-vm-isolation', 'kata-z'], 'kata-vm-isolation'],
    ['the first by its name where AKS has none', ['kata-b', 'kata-a', 'kata-c'], 'kata-a'],
  ])('names %s among several classes', (_, names, expected) => {
    expect(told({ classes: names.map((name) => aRuntimeClass({ name })) })).toContain(`runtimeClassName: ${expected} in the pod template`);
  });

  it('removes host namespaces from the template first', () => {
    const features = { ...aPlainPodGroup().features, hostNetwork: 1, hostPid: 1, hostIpc: 1 };
    expect(told({ outside: [aPlainPodGroup({ features }), aPlainPodGroup()] })).toMatch(
      /^First remove hostNetwork, hostPID, hostIPC from the pod template: .*\nkubectl edit /,
    );
  });

  it('never gives a command that removes a DaemonSet from its nodes', () => {
    const advice = told({ subject: of('DaemonSet') });
    expect(advice).toMatch(
      /wait forever on the 1 node without Kata, .*the node selector kubernetes\.azure\.com\/kata-vm-isolation: "true"/,
    );
    expect(advice).not.toContain('kubectl patch');
    const onKata = { ...aPlainPodGroup().placement, onKataNode: 2 };
    expect(told({ subject: of('DaemonSet'), outside: [aPlainPodGroup({ placement: onKata })] })).toMatch(patchesDaemonSet);
    const mixed = [aPlainPodGroup({ placement: onKata }), aPlainPodGroup()];
    expect(told({ subject: of('DaemonSet'), outside: mixed })).toMatch(/wait forever on the 1 node without Kata/);
    expect(told({ subject: of('DaemonSet'), outside: [aPlainPodGroup({ nodeSelector: { agentpool: 'kata1' } })] })).toMatch(
      patchesDaemonSet,
    );
    expect(told({ subject: of('DaemonSet'), classes: [aRuntimeClass({ nodeSelector: {} })] })).toMatch(
      /together with a node selector for the Kata nodes\./,
    );
    const closed = observed([aKataNode(), aKataNode({ name: 'b', unschedulable: true }), aPlainNode()]);
    expect(told({ subject: of('DaemonSet'), nodes: closed })).toMatch(/wait forever on the 1 node without Kata/);
    expect(told({ subject: of('DaemonSet'), nodes: observed([aKataNode()]) })).toMatch(patchesDaemonSet);
  });

  it.each(['Job', 'Pod', 'Node', 'Rollout'])('gives a %s only text, or a command that only reads', (kind) => {
    expect(told({ subject: of(kind) })).not.toMatch(/kubectl (patch|edit|delete)/);
  });

  it('names an owner of another group by its kind and group', () => {
    const subject = { ...of('StatefulSet'), ownerGroup: 'apps.kruise.io' };
    expect(told({ subject })).toMatch(/\nkubectl edit --context dev --namespace shop -- StatefulSet\.apps\.kruise\.io cart$/);
  });
});
