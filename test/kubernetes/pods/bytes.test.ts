import { describe, expect, test } from 'vitest';
import { PodFold } from '../../../shared/kubernetes/pods/fold.ts';
import { foldContext } from '../../../shared/kubernetes/pods/fold-context.ts';
import { kubernetes } from '../../../shared/kubernetes/wire/kubernetes.generated.js';
import { aNode } from '../support/a-node.ts';
import { field, flag, text } from '../support/wire-bytes.ts';

const NODES = [aNode('kata-0', { runtimeHandlers: ['', 'runc', 'kata'], taints: [{ key: 'a', value: '', effect: 'NoSchedule' }] })];
const CLASSES = [
  { name: 'kata-vm-isolation', handler: 'kata', nodeSelector: { kata: 'yes' } },
  { name: 'runc', handler: 'runc', nodeSelector: {}, createdAt: '2020-01-01T00:00:00Z' },
];

/*
 * Protobuf lets a field be repeated, split or moved, and the decoder merges what it finds. Whatever lies in the bytes, the reader of bytes
 * counts what the decoder finds.
 */
describe('a pod in unusual bytes is counted as the decoder reads it', () => {
  const [METADATA, SPEC, STATUS] = [1, 2, 3];
  const label = (name: string, value: string) => field(11, Buffer.concat([text(1, name), text(2, value)]));
  const owner = field(13, Buffer.concat([text(1, 'StatefulSet'), text(3, 'db'), text(5, 'apps/v1'), flag(6, 1)]));
  const created = (...seconds: number[]) => field(8, Buffer.concat(seconds.map((one) => flag(1, one))));
  const selects = (name: string) => field(7, Buffer.concat([text(1, name), text(2, 'yes')]));
  const running = field(STATUS, text(1, 'Running'));
  const named = (...rest: Buffer[]) => field(METADATA, Buffer.concat([text(1, 'web-1'), text(3, 'shop'), ...rest]));
  const sandbox = (...rest: Buffer[]) => field(SPEC, Buffer.concat([text(10, 'kata-0'), text(29, 'kata-vm-isolation'), ...rest]));
  const limit = (value: string) => field(8, field(1, Buffer.concat([text(1, 'memory'), field(2, text(1, value))])));
  const overhead = (value: string) => field(32, Buffer.concat([text(1, 'memory'), field(2, text(1, value))]));

  const both = (...pods: readonly Buffer[]) => {
    const [byBytes, decoded] = [1, 2].map(() => new PodFold(foldContext(NODES, CLASSES, 1_000)));
    const whole = Buffer.concat([Buffer.from('x'), ...pods, Buffer.from('y')]);
    let at = 1;
    for (const one of pods) {
      byBytes?.addBytes(whole, at, at + one.length);
      decoded?.add(kubernetes.Pod.decode(one));
      at += one.length;
    }
    return [byBytes?.groups(), decoded?.groups()];
  };

  test.each<[string, readonly Buffer[]]>([
    ['two parts of metadata', [named(label('a', '1')), field(METADATA, label('b', '2')), sandbox(), running]],
    ['two specs', [named(), sandbox(selects('kata')), field(SPEC, flag(11, 1)), running]],
    ['two states', [named(), sandbox(), running, field(STATUS, text(1, 'Failed'))]],
    ['labels apart from each other', [named(label('a', '1'), created(5), label('b', '2'), owner), sandbox(), running]],
    ['owners apart from each other', [named(owner, label('a', '1'), owner), sandbox(), running]],
    ['selectors apart from each other', [named(), sandbox(selects('kata'), flag(11, 0), selects('zone')), running]],
    ['tolerations apart from each other', [named(), sandbox(field(22, text(1, 'a')), flag(11, 1), field(22, text(2, 'Exists'))), running]],
    ['a label twice', [named(label('a', '1'), label('a', '2')), sandbox(), running]],
    ['a time of zero', [named(created(0)), sandbox(), running]],
    ['a time of much', [named(created(1_700_000_000)), sandbox(), running]],
    ['no metadata', [sandbox(), running]],
    ['no spec', [named(), running]],
    ['an empty class', [named(), field(SPEC, Buffer.concat([text(10, 'kata-0'), text(29, '')])), running]],
    ['an empty node', [named(), field(SPEC, Buffer.concat([text(10, ''), text(29, 'runc')])), running]],
    ['flags that are false', [named(), sandbox(flag(11, 0), flag(12, 0), flag(13, 0)), running]],
    ['flags that are true', [named(), sandbox(flag(11, 1), flag(12, 1), flag(13, 1)), running]],
    ['one flag', [named(), sandbox(flag(12, 1)), running]],
    ['a state before the rest', [running, named(), sandbox()]],
    ['a longer phase', [named(), sandbox(), field(STATUS, text(1, 'Runningg'))]],
    ['another phase of that length', [named(), sandbox(), field(STATUS, text(1, 'RunninG'))]],
    ['a limit', [named(), sandbox(field(2, limit('1Gi')), overhead('600Mi')), running]],
    ['limits that may be zero', [named(), sandbox(field(2, limit('0')), overhead('0.5')), running]],
    ['a limit of nine and one without a number', [named(), sandbox(field(2, limit('9Gi')), field(2, limit(':'))), running]],
    ['a limit of no text', [named(), sandbox(field(2, field(8, field(1, text(1, 'memory'))))), running]],
    [
      'a limit of an empty text',
      [named(), sandbox(field(2, field(8, field(1, Buffer.concat([text(1, 'memory'), field(2, Buffer.alloc(0))]))))), running],
    ],
    [
      'a limit of something like memory',
      [named(), sandbox(field(2, field(8, field(1, Buffer.concat([text(1, 'memorY'), field(2, text(1, '1'))]))))), running],
    ],
    [
      'an overhead of something longer than memory',
      [named(), sandbox(field(32, Buffer.concat([text(1, 'memory2'), field(2, text(1, '1'))]))), running],
    ],
    [
      'an overhead of memory, then of CPU',
      [named(), sandbox(overhead('1'), field(32, Buffer.concat([text(1, 'cpu'), field(2, text(1, '1'))]))), running],
    ],
    [
      'a request only',
      [named(), sandbox(field(2, field(8, field(2, Buffer.concat([text(1, 'memory'), field(2, text(1, '1'))]))))), running],
    ],
    [
      'a limit of the pod',
      [
        named(),
        sandbox(field(2, Buffer.alloc(0)), field(40, field(1, Buffer.concat([text(1, 'memory'), field(2, text(1, '1'))])))),
        running,
      ],
    ],
    ['no container', [named(), sandbox(), running]],
    ['an init container without a limit', [named(), sandbox(field(2, limit('1')), field(20, text(24, 'Never'))), running]],
    ['a sidecar without a limit', [named(), sandbox(field(2, limit('1')), field(20, text(24, 'Always'))), running]],
    [
      'a sidecar with a limit',
      [named(), sandbox(field(2, limit('1')), field(20, Buffer.concat([limit('2'), text(24, 'Always')]))), running],
    ],
    [
      'a container that says Always',
      [named(), sandbox(field(2, text(24, 'Never')), field(2, Buffer.concat([limit('2'), text(24, 'Always')]))), running],
    ],
    ['a privileged container', [named(), sandbox(field(2, field(15, flag(2, 1))), field(2, field(15, flag(2, 0)))), running]],
    ['a privileged init container', [named(), sandbox(field(20, field(15, Buffer.concat([flag(3, 0), flag(2, 1)])))), running]],
    ['an unprivileged container', [named(), sandbox(field(2, field(15, Buffer.concat([flag(2, 0), flag(7, 1)])))), running]],
    [
      'a host path among volumes',
      [named(), sandbox(field(1, text(1, 'a')), field(1, Buffer.concat([text(1, 'b'), field(2, field(1, Buffer.alloc(0)))]))), running],
    ],
    ['a claim', [named(), sandbox(field(1, Buffer.concat([text(1, 'b'), field(2, field(10, text(1, 'c')))]))), running]],
    ['an ephemeral volume', [named(), sandbox(field(1, Buffer.concat([text(1, 'b'), field(2, field(29, Buffer.alloc(0)))]))), running]],
    ['another volume', [named(), sandbox(field(1, Buffer.concat([text(1, 'b'), field(2, field(2, Buffer.alloc(0)))]))), running]],
    [
      'a container that is created',
      [
        named(created(5)),
        sandbox(),
        field(STATUS, Buffer.concat([text(1, 'Running'), field(8, field(2, field(1, text(1, 'ContainerCreating'))))])),
      ],
    ],
    [
      'an init container that is created',
      [
        named(created(5)),
        sandbox(),
        field(STATUS, Buffer.concat([text(1, 'Running'), field(10, field(2, field(1, text(1, 'ContainerCreating'))))])),
      ],
    ],
    [
      'a container that runs',
      [named(created(5)), sandbox(), field(STATUS, Buffer.concat([text(1, 'Running'), field(8, field(2, field(2, Buffer.alloc(0))))]))],
    ],
    ['a privileged debug container', [named(), sandbox(field(34, field(1, field(15, flag(2, 1))))), running]],
  ])('%s', (_, parts) => {
    const [byBytes, decoded] = both(Buffer.concat(parts));
    expect(byBytes).toEqual(decoded);
    expect(decoded).toHaveLength(1);
  });

  test.each<[string, Buffer, Buffer]>([
    ['their last label', label('a', '1'), label('a', '2')],
    ['where one label ends and the next begins', label('ab', ''), label('a', 'b')],
    ['how many labels there are', label('a', '1'), Buffer.concat([label('a', '1'), label('b', '1')])],
    ['long labels, at their end', label('a', `${'x'.repeat(300)}1`), label('a', `${'x'.repeat(300)}2`)],
    [
      'many labels, at their end',
      ...([1, 2].map((last) =>
        Buffer.concat(Array.from({ length: 90 }, (_, at) => label(`l${at}`, `${'x'.repeat(60)}${at < 89 ? 0 : last}`))),
      ) as [Buffer, Buffer]),
    ],
    ['nothing', label('a', '1'), label('a', '1')],
  ])('also beside others that differ in %s', (_, one, other) => {
    const pods = [one, other, one, one, other].map((labels) => Buffer.concat([named(labels, owner), sandbox(), running]));
    const [byBytes, decoded] = both(...pods);
    expect(byBytes).toEqual(decoded);
    expect(decoded).toHaveLength(one.equals(other) ? 1 : 2);
  });

  test('also for pods without an owner that differ only in their names: each is a group of its own', () => {
    const alone = ['a', 'b'].map((name) =>
      Buffer.concat([field(METADATA, Buffer.concat([text(1, name), text(3, 'shop')])), sandbox(), running]),
    );
    const [byBytes, decoded] = both(...alone);
    expect(byBytes).toEqual(decoded);
    expect(decoded?.map(({ ownerName }) => ownerName)).toEqual(['a', 'b']);
  });

  test('or is refused, when they end too soon', () => {
    const whole = Buffer.concat([named(label('a', '1'), owner), sandbox(selects('kata'), field(2, limit('1Gi'))), running]);
    for (let cut = 1; cut < whole.length - 1; cut++) {
      const bytes = whole.subarray(0, cut);
      const count = (add: (fold: PodFold) => void) => {
        const fold = new PodFold(foldContext(NODES, CLASSES, 1_000));
        try {
          add(fold);
          return fold.groups();
        } catch {
          return 'refused';
        }
      };
      expect(
        count((fold) => fold.addBytes(whole, 0, cut)),
        `${cut}`,
      ).toEqual(count((fold) => fold.add(kubernetes.Pod.decode(bytes))));
    }
  });

  test.each<[string, (rest: Buffer) => Buffer[]]>([
    ['metadata', (rest) => [named(rest), sandbox(), running]],
    ['spec', (rest) => [named(), sandbox(rest), running]],
    ['state', (rest) => [named(), sandbox(), field(STATUS, Buffer.concat([text(1, 'Running'), rest]))]],
    ['limit', (rest) => [named(), sandbox(field(2, field(8, field(1, Buffer.concat([text(1, 'memory'), field(2, rest)]))))), running]],
    ['selector', (rest) => [named(), sandbox(field(7, Buffer.concat([text(1, 'a'), rest]))), running]],
  ])('or is refused, when a part of its %s is longer than the whole', (_, parts) => {
    for (const rest of [Buffer.from([0x0a, 100, 1]), Buffer.from([0x80]), Buffer.from([0x0a])]) {
      const bytes = Buffer.concat(parts(rest));
      const refuses = (add: (fold: PodFold) => void) => {
        try {
          add(new PodFold(foldContext(NODES, CLASSES, 1_000)));
          return false;
        } catch {
          return true;
        }
      };
      const decoded = refuses((fold) => fold.add(kubernetes.Pod.decode(bytes)));
      expect([decoded, refuses((fold) => fold.addBytes(bytes, 0, bytes.length))]).toEqual([true, true]);
    }
  });

  test('and beyond the bound on workloads is only counted', () => {
    const pods = ['a', 'b', 'b', 'a', 'c'].map((name) => Buffer.concat([named(label('app', name), owner), sandbox(), running]));
    const fold = new PodFold(foldContext(NODES, CLASSES, 1));
    for (const one of pods) fold.addBytes(one, 0, one.length);
    expect([fold.pods, fold.left, fold.groups().map((group) => group.pods)]).toEqual([5, 3, [2]]);
  });
});
