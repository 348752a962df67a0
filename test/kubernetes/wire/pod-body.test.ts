import { describe, expect, it } from 'vitest';
import { NotProtobuf } from '../../../shared/kubernetes/wire/field-head.ts';
import { PodBody } from '../../../shared/kubernetes/wire/pod-body.ts';
import { PodHead } from '../../../shared/kubernetes/wire/pod-head.ts';
import { field, flag, text } from '../support/wire-bytes.ts';

/*
 * That the body of a pod says the same as the decoder is tested with the fold (`pods/bytes.test.ts`). Here: which pods need no decoder,
 * which takes many times as long, and what is left to it.
 */

const body = new PodBody();
/** What the body says of a pod with these fields in its spec, and in its status. */
function read(spec: readonly Buffer[], status: readonly Buffer[] = [text(1, 'Running')]) {
  const bytes = Buffer.concat([field(1, text(1, 'web-1')), field(2, ...spec), field(3, ...status)]);
  const head = new PodHead();
  expect(head.read(bytes, 0, bytes.length)).toBe(true);
  const isUsual = body.read(head);
  const { hostPath, privileged, memoryLimit, overhead } = body;
  return { isUsual, ...(isUsual ? { hostPath, privileged, memoryLimit, overhead } : {}) };
}

const memory = (...quantity: readonly Buffer[]) => field(1, text(1, 'memory'), field(2, ...quantity));
const limit = (value: string) => field(8, memory(text(1, value)));
const container = (...parts: readonly Buffer[]) => field(2, ...parts);
const init = (...parts: readonly Buffer[]) => field(20, ...parts);
const volume = (source: number) => field(1, text(1, 'v'), field(2, field(source)));
const NOTHING = { isUsual: true, hostPath: false, privileged: false, memoryLimit: true, overhead: false };
const LEFT = { isUsual: false };

describe('the body of a pod', () => {
  it.each<[string, readonly Buffer[], object]>([
    ['with a limited container', [container(limit('1Gi'))], NOTHING],
    ['with a limit of nine', [container(limit('9'))], NOTHING],
    ['without a limit', [container(limit('1Gi')), container(text(1, 'b'))], { ...NOTHING, memoryLimit: false }],
    [
      'with a limit of the CPU only',
      [container(field(8, field(1, text(1, 'cpu'), field(2, text(1, '1')))))],
      { ...NOTHING, memoryLimit: false },
    ],
    ['with a limit without a key', [container(field(8, field(1, field(2, text(1, '1')))))], { ...NOTHING, memoryLimit: false }],
    ['with a limit of its own', [container(), field(40, memory(text(1, '1Gi')))], NOTHING],
    ['with an overhead', [container(limit('1')), field(32, text(1, 'memory'), field(2, text(1, '1')))], { ...NOTHING, overhead: true }],
    ['with a privileged container', [container(limit('1'), field(15, flag(2, 1)))], { ...NOTHING, privileged: true }],
    ['with a host path', [volume(1), container(limit('1'))], { ...NOTHING, hostPath: true }],
    ['with a volume of its own', [volume(2), container(limit('1'))], NOTHING],
    ['with an init container', [init(text(24, 'Never')), container(limit('1'))], NOTHING],
    ['with an init container that says Always elsewhere', [init(text(9, 'Always')), container(limit('1'))], NOTHING],
    ['with a sidecar without a limit', [init(text(24, 'Always')), container(limit('1'))], { ...NOTHING, memoryLimit: false }],
    ['with a claim', [volume(10)], LEFT],
    ['with an ephemeral volume', [volume(29)], LEFT],
    ['with a debug container', [field(34)], LEFT],
    ['with a limit that may be zero', [container(limit('0'))], LEFT],
    ['with a limit that is no number', [container(limit(':'))], LEFT],
    ['with a limit of an empty quantity', [container(field(8, memory()))], LEFT],
    ['with a limit of an empty text', [container(field(8, memory(text(1, ''))), field(6))], LEFT],
    ['with a limit in another form', [container(field(8, memory(text(2, '1'))))], LEFT],
    ['with a limit without a value', [container(field(8, field(1, text(1, 'memory'))))], LEFT],
    ['with a limit of an unknown part', [container(field(8, field(1, text(1, 'memory'), field(3, text(1, '1')))))], LEFT],
  ])('%s is read without the decoder, or left to it', (_, spec, expected) => expect(read(spec)).toEqual(expected));

  it.each<[string, readonly Buffer[], object]>([
    ['of a container that runs', [field(8, field(2, field(2)))], NOTHING],
    ['of a container that waits', [field(8, field(2, field(1)))], LEFT],
    ['of an init container that waits', [field(10, field(2, field(1)))], LEFT],
    ['of a container that waited before', [field(8, field(3, field(1)))], NOTHING],
    ['of something else', [field(9, field(2, field(1)))], NOTHING],
  ])('has a state %s', (_, status, expected) => expect(read([container(limit('1'))], status)).toEqual(expected));

  it('says of one pod nothing of the pod before', () => {
    read([volume(1), container(field(15, flag(2, 1))), field(32, text(1, 'memory'), field(2, text(1, '1')))]);
    expect(read([container(limit('1'))])).toEqual(NOTHING);
    expect(read([volume(10)])).toEqual(LEFT);
    expect(read([container(limit('1'))])).toEqual(NOTHING);
  });

  it.each([
    ['ends in a number', Buffer.from([0x80])],
    ['is longer than its container', text(1, 'a').subarray(0, 2)],
  ])('is refused when a field in it %s', (_, part) => {
    expect(() => read([container(part), container(limit('1'))])).toThrow(NotProtobuf);
  });
});
