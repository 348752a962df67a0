import { describe, expect, it } from 'vitest';
import { classTable, part, poolTable } from '../../shared/dashboard/cluster-tables.ts';
import { nodeTable, type WorkloadStep, workloadTable } from '../../shared/dashboard/cluster-workloads.ts';
import { type Html, html } from '../../shared/dashboard/html.ts';
import { poolSteps } from '../../shared/dashboard/isolation.ts';
import type { View } from '../../shared/dashboard/view.ts';
import type { IsolationEvidence } from '../../shared/domain/isolation/isolation-step.ts';
import { type Coverage, observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import {
  aKataNode,
  aKataPool,
  aPlainNode,
  aPodGroup,
  aRuntimeClass,
  aSnapshot,
  KATA_IMAGE,
  NOW,
  PLAIN_IMAGE,
} from '../support/a-snapshot.ts';

const VIEW: View = { nonce: 'n0nce', base: '/api/dashboard', now: new Date(NOW), operator: true };
const KATA_LABEL = { 'kubernetes.azure.com/kata-vm-isolation': 'true' };
const none: IsolationEvidence = { step: 'none', reason: 'Names no class.' };
const resolved: IsolationEvidence = { step: 'resolved', reason: 'Not probed.' };

/** The text of a table's rows, cell by cell. */
function rowsOf(table: Html): readonly string[] {
  return [...String(table).matchAll(/<tr>(.*?)<\/tr>/gs)]
    .filter(([, row = '']) => row.includes('<td'))
    .map(([, row = '']) =>
      [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) => cell.replaceAll(/<[^>]*>/g, '').trim()).join(' | '),
    );
}
const workload = (ownerName: string, evidence: IsolationEvidence): WorkloadStep => ({
  group: aPodGroup({ ownerName }),
  required: true,
  evidence,
});

describe('the workloads of a cluster', () => {
  it('are grouped by their common reason, which is shown once, most severe first', () => {
    const table = String(workloadTable(VIEW, [workload('a', resolved), workload('b', none), workload('c', resolved)]));
    expect(table.match(/Not probed\./g)).toHaveLength(1);
    expect(['Names no class.', '<wbr>b<', 'Not probed.', '<wbr>a<', '<wbr>c<'].map((text) => table.indexOf(text))).toEqual(
      ['Names no class.', '<wbr>b<', 'Not probed.', '<wbr>a<', '<wbr>c<'].map((text) => table.indexOf(text)).toSorted((x, y) => x - y),
    );
  });

  it.each([
    [8, undefined, undefined],
    [9, '1 workload more', undefined],
    [100, '92 workloads more', undefined],
    [103, '92 workloads more', '3 workloads more only in the API'],
  ])('of %i show eight, fold the rest and say what the page omits', (amount, folded, lost) => {
    const table = workloadTable(
      VIEW,
      Array.from({ length: amount }, (_, at) => workload(`w${at}`, resolved)),
    );
    const [open = '', rest = ''] = String(table).split('<details>');
    expect(open.match(/<wbr>w\d/g)).toHaveLength(8);
    expect(rest.match(/<summary>([^<]*)</)?.[1]).toBe(folded);
    expect(/([\w ]+ only in the API)/.exec(String(table))?.[1]).toBe(lost);
    // The number next to the reason counts all of them, not only the visible ones.
    expect(open).toContain(`<span class="mute">${amount}</span>`);
  });
});

describe('the nodes of a cluster', () => {
  it('share a line when they do not differ, and show what blocks pods', () => {
    const nodes = [
      aPlainNode(),
      aKataNode({ name: 'k0' }),
      aKataNode({ name: 'k1' }),
      aKataNode({ name: 'k2', unschedulable: true }),
      aKataNode({ name: 'k3', ready: false }),
      aKataNode({ name: 'k4', runtimeHandlers: [], kernelVersion: '' }),
    ];
    expect(rowsOf(nodeTable(VIEW, nodes))).toEqual([
      'system | aks-system-0 | ready | default runc untrusted | 6.6.150.1-1.azl3',
      'kata1 | 2 nodesk0k1 | ready | kata kata-cc runc untrusted | 6.6.137.mshv2-2.azl3',
      'kata1 | k2 | cordoned | kata kata-cc runc untrusted | 6.6.137.mshv2-2.azl3',
      'kata1 | k3 | not ready | kata kata-cc runc untrusted | 6.6.137.mshv2-2.azl3',
      'kata1 | k4 | ready | ? | ?',
    ]);
  });
});

describe('the RuntimeClasses of a cluster', () => {
  const taint = { key: 'sku', value: 'gpu', effect: 'NoSchedule' } as const;
  it.each([
    ['a node that lists the handler', aKataNode(), '1 of 1'],
    ['a node that is not ready', aKataNode({ ready: false }), '0 of 1'],
    ['a node that is cordoned', aKataNode({ unschedulable: true }), '0 of 1'],
    ['a node with a taint that is not tolerated', aKataNode({ taints: [taint] }), '0 of 1'],
    ['a node without the handler', aKataNode({ runtimeHandlers: ['runc'] }), '0 of 1'],
    ['a node that the selector does not match', aPlainNode(), '0 of 0'],
  ])('show how many nodes can run a pod of each: %s', (_, node, expected) => {
    const snapshot = aSnapshot({ nodes: observed([node]) });
    expect(rowsOf(classTable(VIEW, [aRuntimeClass()], snapshot))[0]?.split(' | ')[2]).toBe(expected);
  });

  it('show ? when the nodes were not read', () => {
    const dark = aSnapshot({ nodes: unavailable('denied', 'No.') });
    expect(rowsOf(classTable(VIEW, [aRuntimeClass()], dark))[0]?.split(' | ')[2]).toBe('?');
  });
});

describe('the Kata pools of a cluster', () => {
  it('share a line when their evidence is the same', () => {
    const node = (nodePool: string) => aKataNode({ name: nodePool, nodePool, labels: { agentpool: nodePool, ...KATA_LABEL } });
    const pools = ['k1', 'k2'].map((name) => aKataPool({ name }));
    const steps = rowsOf(poolSteps(VIEW, aSnapshot({ nodePools: observed(pools), nodes: observed([node('k1'), node('k2')]) })));
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatch(/^k1, k2 \| /);
  });

  it('link to the reason above when they could not be read', () => {
    const dark = aSnapshot({ nodePools: unavailable('denied', 'A long reason.'), nodes: unavailable('denied', 'A long reason.') });
    expect(String(poolSteps(VIEW, dark))).toContain('href="#gaps"');
    expect(String(poolSteps(VIEW, dark))).not.toContain('A long reason.');
  });
});

describe('the node pools of a cluster', () => {
  it.each([
    ['of the same variant by its release', KATA_IMAGE, '202608.20.0'],
    ['of another variant with its full name', PLAIN_IMAGE, PLAIN_IMAGE],
    ['that is unknown as unknown', undefined, 'unknown'],
  ])('name the newest image %s', (_, latest, expected) => {
    const images = [{ nodePool: 'kata1', ...(latest === undefined ? {} : { latest }) }];
    expect(rowsOf(poolTable(VIEW, [aKataPool()], images))[0]?.split(' | ')[4]).toBe(expected);
  });
});

describe('a part of a cluster that was not read completely', () => {
  const note = (coverage: Coverage) => String(part(observed('value', coverage), (value) => html`${value}`)).replace(/<[^>]+>/g, '');

  it('says how much was read, and names what others named as text', () => {
    expect(note({ kind: 'full', by: 'pages' })).toBe('value');
    expect(note({ kind: 'truncated', message: 'Too many.' })).toBe('truncated Too many.value');
    const sample = { sampledNodes: 2, totalNodes: 9, sampledPods: 30, upperBound: 0.125, confidence: 0.95, seed: 's' };
    expect(note({ kind: 'sample', ...sample })).toContain('sample 2 of 9 nodes read: at most 12.5 % of nodes at 95 %.');
    const targeted = { namespaces: ['<b>'], nodes: 2, totalNodes: 9, pods: 30, totalPods: 400 };
    expect(note({ kind: 'targeted', ...targeted })).toContain(
      'targeted Pods read: 30 of about 400, those of 1 namespace (&lt;b&gt;), those on 2 of 9 nodes that may run Kata, and those on no node.',
    );
  });
});
