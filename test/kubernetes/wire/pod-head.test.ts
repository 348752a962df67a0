import { describe, expect, it } from 'vitest';
import { kubernetes } from '../../../shared/kubernetes/wire/kubernetes.generated.js';
import { decodeHead, PodHead, SharedBytes } from '../../../shared/kubernetes/wire/pod-head.ts';
import { encodeObject } from '../../../shared/local/estate/kubernetes/protobuf.ts';
import { field, flag, text } from '../support/wire-bytes.ts';

/*
 * That the head of a pod says the same as the decoder is tested with the fold (`pods/bytes.test.ts`). Here: that a pod in the layout that
 * Kubernetes writes is read without the decoder, which takes many times as long, and that any other layout is left to it.
 */

const POD = encodeObject('Pod', {
  metadata: {
    name: 'web-1',
    namespace: 'shop',
    creationTimestamp: '2023-11-14T22:13:20Z',
    labels: { app: 'web', tier: 'front' },
    ownerReferences: [
      { kind: 'ReplicaSet', name: 'web', apiVersion: 'apps/v1', controller: true },
      { kind: 'Other', name: 'x', apiVersion: 'v1' },
    ],
  },
  spec: {
    nodeSelector: { kata: 'yes', zone: '1' },
    nodeName: 'kata-0',
    hostNetwork: true,
    hostPID: true,
    hostIPC: true,
    tolerations: [{ key: 'a' }, { key: 'b' }],
    runtimeClassName: 'kata-vm-isolation',
  },
  status: { phase: 'Running' },
});

const read = (...parts: readonly Uint8Array[]) => {
  const head = new PodHead();
  const bytes = Buffer.concat(parts);
  return { head, isUsual: head.read(bytes, 0, bytes.length) };
};
const metadata = (...parts: readonly Buffer[]) => field(1, text(1, 'web-1'), text(3, 'shop'), ...parts);
const spec = (...parts: readonly Buffer[]) => field(2, ...parts);
const running = field(3, text(1, 'Running'));
const label = (name: string, value = '') => field(11, text(1, name), text(2, value));
const owner = (name: string) => field(13, text(3, name));
const selects = (name: string) => field(7, text(1, name), text(2, 'yes'));
const tolerates = (name: string) => field(22, text(1, name));

describe('the head of a pod', () => {
  it('is read from the bytes that Kubernetes writes', () => {
    const { head, isUsual } = read(POD);
    expect(isUsual).toBe(true);
    expect([head.name, head.namespace, head.node, head.runtimeClass, head.phase].map((one) => head.text(one))).toEqual([
      'web-1',
      'shop',
      'kata-0',
      'kata-vm-isolation',
      'Running',
    ]);
    expect([head.created, head.hostNetwork, head.hostPid, head.hostIpc, head.hasClass, head.isScheduled]).toEqual([
      1_700_000_000,
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  it('has of a pod before the same, and nothing else', () => {
    const { head } = read(POD);
    const bytes = Buffer.concat([metadata(), spec(), running]);
    expect(head.read(bytes, 0, bytes.length)).toBe(true);
    expect([head.created, head.hostNetwork, head.hostPid, head.hostIpc, head.hasClass, head.isScheduled]).toEqual([
      undefined,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('holds the ranges of which a whole pod of its workload is decoded', () => {
    const { metadata: of, spec: wanted, status } = kubernetes.Pod.decode(POD);
    expect(decodeHead(read(POD).head)).toEqual({
      metadata: of,
      spec: {
        runtimeClassName: 'kata-vm-isolation',
        nodeSelector: wanted?.nodeSelector,
        tolerations: wanted?.tolerations,
      },
      status: { phase: status?.phase },
    });
  });

  it.each<[string, readonly Buffer[], boolean]>([
    ['with its parts once', [metadata(), spec(), running], true],
    ['with metadata twice', [metadata(), metadata(), spec(), running], false],
    ['with a spec twice', [metadata(), spec(text(10, 'a')), spec(text(10, 'b')), running], false],
    ['with a status twice', [metadata(), spec(), running, running], false],
    ['with labels together', [metadata(label('a'), label('b')), spec(), running], true],
    ['with labels apart', [metadata(label('a'), flag(9, 1), label('b'), label('c')), spec(), running], false],
    ['with owners together', [metadata(owner('a'), owner('b')), spec(), running], true],
    ['with owners apart', [metadata(owner('a'), label('a'), owner('b'), owner('c')), spec(), running], false],
    ['with selectors together', [metadata(), spec(selects('a'), selects('b')), running], true],
    ['with selectors apart', [metadata(), spec(selects('a'), flag(9, 1), selects('b'), selects('c')), running], false],
    ['with tolerations together', [metadata(), spec(tolerates('a'), tolerates('b')), running], true],
    ['with tolerations apart', [metadata(), spec(tolerates('a'), flag(11, 1), tolerates('b'), tolerates('c')), running], false],
    ['whose metadata holds a longer field', [field(1, Buffer.from([0x0a, 9, 1])), spec(), running], false],
    ['whose spec holds a longer field', [metadata(), field(2, Buffer.from([0x52, 9, 1])), running], false],
    ['whose status holds a longer field', [metadata(), spec(), field(3, Buffer.from([0x0a, 9, 1]))], false],
    ['whose metadata ends in a field head', [field(1, Buffer.from([0x0a])), spec(), running], false],
    ['whose spec ends in a field head', [metadata(), field(2, Buffer.from([0x52])), running], false],
    ['whose status ends in a field head', [metadata(), spec(), field(3, Buffer.from([0x0a]))], false],
    ['that ends in a field', [metadata(), Buffer.from([0x12, 9])], false],
    ['whose status is a phase alone, to its last byte', [metadata(), spec(), field(3, text(1, 'F'))], true],
    // What follows the last needed field may be most of a pod: the fields of managers, the containers' states.
    ['after whose owners nothing is read', [metadata(owner('a'), field(14), Buffer.from([0x8a, 0x01, 9])), spec(), running], true],
    ['after whose class nothing is read', [metadata(), spec(text(29, 'runc'), field(30), Buffer.from([0xf2, 0x01, 9])), running], true],
    ['after whose phase nothing is read', [metadata(), spec(), field(3, text(1, 'Running'), field(2), Buffer.from([0x12, 9]))], true],
  ])('%s is read without the decoder, or left to it', (_, parts, isUsual) => expect(read(...parts).isUsual).toBe(isUsual));

  it.each<[string, readonly Buffer[], number | undefined]>([
    ['that is empty', [], undefined],
    ['of nanoseconds only', [flag(2, 7)], undefined],
    ['of seconds', [flag(1, 7)], 7],
  ])('has a creation time %s', (_, time, seconds) => {
    expect(read(metadata(field(8, ...time)), spec(), running).head.created).toBe(seconds);
  });
});

describe('what the pods of one workload share', () => {
  type Parts = { readonly of: readonly Buffer[]; readonly wants: readonly Buffer[] };
  const headOf = ({ of, wants }: Parts) => read(field(1, ...of), spec(...wants), running).head;
  const of = [text(3, 'shop'), label('a', '1'), owner('a')];
  const wants = [selects('a'), tolerates('a'), text(29, 'kata')];
  const kept = new SharedBytes();

  it.each<[string, Parts, boolean]>([
    ['the same pod', { of, wants }, true],
    ['another name', { of: [text(1, 'b'), ...of], wants }, true],
    ['another node', { of, wants: [selects('a'), text(10, 'n'), tolerates('a'), text(29, 'kata')] }, true],
    ['another namespace', { of: [text(3, 'shoq'), ...of.slice(1)], wants }, false],
    ['a longer namespace', { of: [text(3, 'shops'), ...of.slice(1)], wants }, false],
    ['a namespace that holds the bytes of a label', { of: [field(3, Buffer.from('shop'), label('a', '1')), owner('a')], wants }, false],
    ['another label', { of: [text(3, 'shop'), label('a', '2'), owner('a')], wants }, false],
    ['another owner', { of: [text(3, 'shop'), label('a', '1'), owner('b')], wants }, false],
    ['another selector', { of, wants: [selects('b'), ...wants.slice(1)] }, false],
    ['another toleration', { of, wants: [selects('a'), tolerates('b'), text(29, 'kata')] }, false],
    ['another class', { of, wants: [selects('a'), tolerates('a'), text(29, 'katb')] }, false],
    ['no class', { of, wants: wants.slice(0, 2) }, false],
  ])('is found again in %s, or not', (_, parts, isSame) => {
    kept.keep(headOf({ of, wants }));
    expect(kept.equals(headOf(parts))).toBe(isSame);
  });

  it('is nothing before the first pod', () => expect(new SharedBytes().equals(headOf({ of, wants }))).toBe(false));

  it('is kept whole when it is long, and replaces what was kept before', () => {
    const long = (last: string) =>
      headOf({ of: [text(3, 'shop'), label('a', 'x'.repeat(4_000)), label('b', `${'x'.repeat(9_000)}${last}`)], wants });
    kept.keep(long('1'));
    expect([kept.equals(long('1')), kept.equals(long('2')), kept.equals(headOf({ of, wants }))]).toEqual([true, false, false]);
    kept.keep(headOf({ of, wants }));
    expect([kept.equals(headOf({ of, wants })), kept.equals(long('1'))]).toEqual([true, false]);
  });
});
