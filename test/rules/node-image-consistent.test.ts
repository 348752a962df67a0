import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { nodeImageConsistent } from '../../shared/rules/node-image-consistent.ts';
import { aKataNode, aKataPool, KATA_IMAGE } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const OLD = 'AKSAzureLinux-V3katagen2-202608.06.1';
const says = (verdict: string) => ({ 'node-pool/kata1': verdict });
const look = (images: readonly (string | undefined)[], over: Parameters<typeof aKataPool>[0] = {}) => ({
  nodePools: observed([aKataPool(over)]),
  nodes: observed(
    images.map((nodeImageVersion, at) => {
      const { nodeImageVersion: _, ...node } = aKataNode({ name: `n${at}` });
      return nodeImageVersion === undefined ? node : { ...node, nodeImageVersion };
    }),
  ),
});

testRule(nodeImageConsistent, [
  { name: 'passes equal images', over: look([KATA_IMAGE, KATA_IMAGE]), says: says('pass') },
  { name: 'passes a node with a security patch level on top', over: look([`${KATA_IMAGE}-2026.08.25`]), says: says('pass') },
  {
    name: 'passes nodes without the patch level that the pool names',
    over: look([KATA_IMAGE], { nodeImageVersion: `${KATA_IMAGE}-2026.08.25` }),
    says: says('pass'),
  },
  {
    name: 'fails one node that lags',
    over: look([KATA_IMAGE, OLD]),
    says: says('fail'),
    message: /1 of 2 nodes runs an image other than .*202608\.06\.1 \(for example n1\)/,
    severity: 'medium',
    remediation: /--node-image-only/,
  },
  { name: 'fails a node of another variant', over: look(['AKSAzureLinux-V3gen2-202608.20.0']), says: says('fail') },
  { name: 'compares unreadable images as text', over: look(['custom'], { nodeImageVersion: 'Custom' }), says: says('pass') },
  { name: 'fails texts that differ', over: look(['custom'], { nodeImageVersion: 'other' }), says: says('fail') },
  { name: 'is unknown in transition', over: look([KATA_IMAGE, OLD], { inTransition: true }), says: says('unknown') },
  {
    name: 'does not fail while Azure upgrades the image',
    over: look([KATA_IMAGE, OLD], { provisioningState: 'UpgradingNodeImageVersion' }),
    says: says('unknown'),
  },
  {
    name: 'is unknown for a node without the label',
    over: look([KATA_IMAGE, undefined]),
    says: says('unknown'),
    message: /1 node without/,
  },
  { name: 'cannot be judged without the nodes', over: { nodes: unavailable('unreachable', 'No way in.') }, says: 'unavailable' },
  { name: 'does not apply to a pool without nodes', over: look([]), says: says('not-applicable') },
  {
    name: 'counts the nodes that lag, and names five of them',
    over: look([KATA_IMAGE, ...Array(6).fill(OLD)]),
    says: says('fail'),
    message: /^6 of 7 nodes run an image other than .*: AKSAzureLinux-V3katagen2-202608\.06\.1 \(for example n1, n2, n3, n4, n5\)\.$/,
    facts: { nodeImageVersion: KATA_IMAGE, nodes: 7, otherNodes: 6, otherImages: [OLD] },
  },
  { name: 'fails a lagging node together with one without the label', over: look([OLD, undefined]), says: says('fail') },
  {
    name: 'is unknown for a pool whose image Azure does not return',
    over: { ...look([KATA_IMAGE]), nodePools: observed([aKataPool()].map(({ nodeImageVersion: _, ...pool }) => pool)) },
    says: says('unknown'),
  },
  {
    name: 'leaves the image of a pool managed by AKS to AKS',
    over: look([OLD], { mode: 'ManagedSystem' }),
    says: says('not-applicable'),
    message: /AKS manages/,
  },
  {
    name: 'does not count a node of another pool',
    over: { ...look([]), nodes: observed([aKataNode({ nodePool: 'other', nodeImageVersion: OLD })]) },
    says: says('not-applicable'),
  },
]);
