import { expect, it } from 'vitest';
import { given } from '../../../shared/domain/snapshot/given.ts';
import { formerSubject, kindOf, type Subject, subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import { unreadAmong } from '../../../shared/domain/snapshot/unread.ts';

const workload = { kind: 'workload', namespace: 'n', ownerKind: 'StatefulSet', ownerName: 'web', ownerGroup: 'apps.kruise.io' } as const;
const { ownerGroup: _, ...former } = workload;

it.each<[Subject, string]>([
  [{ kind: 'cluster' }, 'cluster'],
  [{ kind: 'node-pool', name: 'a' }, 'node-pool/a'],
  [{ kind: 'node', name: 'a' }, 'node/a'],
  [{ kind: 'runtime-class', name: 'a' }, 'runtime-class/a'],
  [former, 'workload/n/StatefulSet/web'],
  [workload, 'workload/n/StatefulSet.apps.kruise.io/web'],
])('%o has the key %s', (subject, key) => expect(subjectKey(subject)).toBe(key));

it('the former name of a workload has no group, and other subjects are unchanged', () => {
  expect(formerSubject(workload)).toEqual(former);
  expect(formerSubject({ kind: 'node', name: 'a' })).toEqual({ kind: 'node', name: 'a' });
  expect([kindOf(workload), kindOf(former)]).toEqual(['StatefulSet.apps.kruise.io', 'StatefulSet']);
});

it('the first unreadable field among the relevant ones is reported', () => {
  const unread = ['a', 'b', 'c'].map((of) => ({ of, field: `azure.${of}`, problem: 'odd' }));
  expect(unreadAmong({ unread }, ['c', 'b'])).toBe("Azure's answer cannot be read in azure.b: odd.");
  expect([unreadAmong({ unread }, ['d']), unreadAmong({ unread }, []), unreadAmong({}, ['a'])]).toEqual([undefined, undefined, undefined]);
});

it('absent members are omitted, and all others stay', () => {
  expect(given({ a: undefined, b: null, c: '', d: 0, e: false })).toEqual({ c: '', d: 0, e: false });
});
