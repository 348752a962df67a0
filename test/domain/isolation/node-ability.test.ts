import { describe, expect, it } from 'vitest';
import { isTolerated, repellingTaints, taintText, whyClosed } from '../../../shared/domain/isolation/node-ability.ts';
import type { Taint, Toleration } from '../../../shared/domain/snapshot/snapshot.ts';
import { aKataNode } from '../../support/a-snapshot.ts';

const TAINT: Taint = { key: 'sandbox', value: 'kata', effect: 'NoSchedule' };
const toleration = (over: Partial<Toleration>): Toleration => ({ key: 'sandbox', operator: '', value: 'kata', effect: '', ...over });

describe('a toleration', () => {
  it.each<[string, Partial<Toleration>, boolean]>([
    ['of the same key and value', {}, true],
    ['that says Equal', { operator: 'Equal' }, true],
    ['of another value', { value: 'gpu' }, false],
    ['of any value', { operator: 'Exists', value: '' }, true],
    ['of another key', { key: 'gpu', operator: 'Exists' }, false],
    ['of everything', { key: '', operator: 'Exists', value: '' }, true],
    ['without a key that says Equal', { key: '', value: '' }, false],
    ['without a key, of the same value', { key: '' }, false],
    ['of the same effect', { effect: 'NoSchedule' }, true],
    ['of another effect', { effect: 'NoExecute' }, false],
    ['that compares what is no number', { operator: 'Gt' }, false],
    ['of an operator of the future', { operator: 'Near' }, false],
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
  ])('that says %s %s, of a taint whose value is %s: %s', (operator, value, ofTaint, expected) => {
    const taint = { ...TAINT, value: ofTaint };
    expect(isTolerated(taint, [toleration({ operator, value })])).toBe(expected);
  });

  it('is none where there are none', () => {
    expect(isTolerated(TAINT, [])).toBe(false);
  });
});

describe('a node', () => {
  const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' };

  it('is repelled from by taints that forbid, not by those that prefer, nor by its cordon', () => {
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

  it('is open to pods that tolerate every one of its taints', () => {
    const gpu: Taint = { key: 'gpu', value: '', effect: 'NoSchedule' };
    const node = aKataNode({ taints: [TAINT, gpu] });
    expect(whyClosed(node, [toleration({})])).toBe('tainted');
    expect(whyClosed(node, [toleration({})], new Set(['gpu:NoSchedule']))).toBeUndefined();
  });
});
