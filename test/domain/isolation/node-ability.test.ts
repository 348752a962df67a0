import { describe, expect, it } from 'vitest';
import { isTolerated, repellingTaints, taintText, toleratedByName, whyClosed } from '../../../shared/domain/isolation/node-ability.ts';
import type { Taint, Toleration } from '../../../shared/domain/snapshot/snapshot.ts';
import { aKataNode, aPodGroup } from '../../support/a-snapshot.ts';

const TAINT: Taint = { key: 'sandbox', value: 'kata', effect: 'NoSchedule' };
const toleration = (over: Partial<Toleration>): Toleration => ({ key: 'sandbox', operator: '', value: 'kata', effect: '', ...over });

describe('a toleration', () => {
  it.each<[string, Partial<Toleration>, boolean]>([
    ['of the same key and value', {}, true],
    ['with the operator Equal', { operator: 'Equal' }, true],
    ['of another value', { value: 'gpu' }, false],
    ['of any value', { operator: 'Exists', value: '' }, true],
    ['of another key', { key: 'gpu', operator: 'Exists' }, false],
    ['of everything', { key: '', operator: 'Exists', value: '' }, true],
    ['without a key, with the operator Equal', { key: '', value: '' }, false],
    ['without a key, of the same value', { key: '' }, false],
    ['of the same effect', { effect: 'NoSchedule' }, true],
    ['of another effect', { effect: 'NoExecute' }, false],
    ['that compares a value that is not a number', { operator: 'Gt' }, false],
    ['with an unknown operator', { operator: 'Near' }, false],
  ])('%s', (_, over, expected) => {
    expect(isTolerated(TAINT, [toleration(over)])).toBe(expected);
  });

  // Source: kubernetes staging/src/k8s.io/api/core/v1/toleration_test.go, of the gate TaintTolerationComparisonOperators.
  it.each([
    ['Gt', '750', '800', true],
    ['Gt', '950', '800', false],
    ['Gt', '800', '800', false],
    ['Lt', '950', '800', true],
    ['Lt', '-3', '-5', true],
    ['Lt', '750', '800', false],
    ['Lt', '800', '800', false],
    ['Near', '900', '800', false],
    ['Lt', '1.5', '1', false],
  ])('with %s %s, for a taint whose value is %s: %s', (operator, value, ofTaint, expected) => {
    const taint = { ...TAINT, value: ofTaint };
    expect(isTolerated(taint, [toleration({ operator, value })])).toBe(expected);
  });

  it('is false without tolerations', () => {
    expect(isTolerated(TAINT, [])).toBe(false);
  });
});

describe('a node', () => {
  const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' };

  it('repels pods by taints that forbid, not by those that prefer, and not by its cordon', () => {
    const taints = [TAINT, { ...TAINT, effect: 'NoExecute' }, { ...TAINT, effect: 'PreferNoSchedule' }, cordon];
    expect(repellingTaints({ taints }).map(taintText)).toEqual(['sandbox=kata:NoSchedule', 'sandbox=kata:NoExecute']);
    expect(taintText({ ...TAINT, value: '' })).toBe('sandbox:NoSchedule');
  });

  it.each([
    ['open', aKataNode(), undefined],
    ['not ready', aKataNode({ ready: false, unschedulable: true, taints: [TAINT] }), 'not ready'],
    ['cordoned', aKataNode({ unschedulable: true, taints: [cordon] }), 'cordoned'],
    ['tainted', aKataNode({ taints: [TAINT] }), 'tainted'],
  ] as const)('is %s', (_, node, expected) => {
    expect(whyClosed(node, [])).toBe(expected);
  });

  it('accepts pods that tolerate all of its taints', () => {
    const gpu: Taint = { key: 'gpu', value: '', effect: 'NoSchedule' };
    const node = aKataNode({ taints: [TAINT, gpu] });
    expect(whyClosed(node, [toleration({})])).toBe('tainted');
    expect(whyClosed(node, [toleration({})], new Set(['gpu:NoSchedule']))).toBeUndefined();
  });
});

it('taints are tolerated by name, but not by pods that tolerate all there can be', () => {
  const groups = [aPodGroup(), aPodGroup({ tolerates: ['a:NoSchedule', 'b:NoSchedule'] }), aPodGroup({ tolerates: ['c:NoSchedule', '*'] })];
  expect(toleratedByName(groups)).toEqual(['a:NoSchedule', 'b:NoSchedule']);
});
