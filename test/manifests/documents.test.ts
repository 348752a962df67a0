import { describe, expect, it } from 'vitest';
import type { ReadDocument } from '../../shared/manifests/document.ts';
import { readJson } from '../../shared/manifests/json-document.ts';
import { Located, Source } from '../../shared/manifests/located.ts';
import { groupOf, objectsOf } from '../../shared/manifests/objects.ts';
import { at, pathText } from '../../shared/manifests/path.ts';
import { readYaml } from '../../shared/manifests/yaml-document.ts';

const refusedAt = ({ refused }: ReadDocument) => refused.map(({ offset }) => offset);
const told = ({ remarks }: ReadDocument) => remarks.map(({ offset }) => offset);

describe('a YAML document', () => {
  it.each<[string, number, boolean]>([
    ...[0x00, 0x08, 0x0b, 0x0c, 0x0e, 0x1f, 0x7f, 0x84, 0x86, 0x9f, 0xfffe, 0xffff].map((code): [string, number, boolean] => [
      code.toString(16),
      code,
      true,
    ]),
    ...[0x09, 0x20, 0x7e, 0xa0, 0xfffd].map((code): [string, number, boolean] => [code.toString(16), code, false]),
  ])('with the character U+%s is refused where it stands, or not', (_, code, isRefused) => {
    const read = readYaml(`a: "x${String.fromCharCode(code)}y"\n`);
    expect(refusedAt(read)).toEqual(isRefused ? [5] : []);
  });

  it.each<[string, readonly number[]]>([
    ['%YAML 1.1\n---\na: 1\n', [0]],
    ['\n# c\n \t# d\n\r\n%YAML\n', [13]],
    ['a: 50%\nb: "%"\n', []],
    ['a: |\n  %x\n', []],
    ['# %x\na: 1\n', []],
  ])('with a directive is refused at it: %j', (text, expected) => {
    expect(refusedAt(readYaml(text))).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['', null],
    ['# nothing\n', null],
    ['x', 'x'],
    ['yes: 1\n1: a\n: b\n"": c\n', { true: 1, 1: 'a', null: 'b', '': 'c' }],
    ['a: &x [1, y]\nb: *x\n', { a: [1, true], b: [1, true] }],
    ['a: &x 1\nb: &x 2\nc: *x\n', { a: 1, b: 2, c: 2 }],
    ['&x a: 1\nb: *x\n*x : 2\n', { b: 'a', a: 2 }],
    ['a: !!binary eA==\nb: !!str 5\nc: "5"\nd: |\n  5\n', { a: 'x', b: '5', c: '5', d: '5\n' }],
    ['a:\r\n  b: 1\rc: 2\n', { a: { b: 1 }, c: 2 }],
    ['__proto__: 1\n', Object.fromEntries([['__proto__', 1]])],
    ['<<: { a: 1, b: 1 }\nb: 2\n', { a: 1, b: 2 }],
    ['b: 2\n<<: [{ a: 1 }, { a: 2, c: 3 }]\n', { b: 2, a: 1, c: 3 }],
    ['"<<": 1\n', { '<<': 1 }],
    ['a: [\n]\nb: { # }\n c: 1 }\n', { a: [], b: { c: 1 } }],
    ['a: [ "]", \'}\', x#y, http://b ]\n', { a: [']', '}', 'x#y', 'http://b'] }],
  ])('%j is read as kubectl does', (text, value) => {
    const read = readYaml(text);
    expect(read.refused).toEqual([]);
    expect(read.value).toEqual(value);
  });

  it.each<[string, readonly number[]]>([
    ['a: *x\n', [3]],
    ['a: &x { b: *x }\n', [11]],
    ['? [a]\n: 1\n', [2]],
    ['? { a: 1 }\n: 1\n', [2]],
    ['<<: 5\n', [0]],
    ['a: 1\n<<: [5]\n', [5]],
    ['<<: [[1]]\n', [0]],
    ['a: *x\nb: *y\n', [3]],
    ['a: "x\n', [6]],
  ])('%j is refused at its first problem, and has no value', (text, expected) => {
    const read = readYaml(text);
    expect([refusedAt(read), read.value]).toEqual([expected, undefined]);
  });

  it.each<[string, readonly number[]]>([
    ['a: 1\na: 2\na: 3\n', [5, 10]],
    ['a: 1\n<<: { a: 2 }\n', [5]],
    ['<<: { a: 2 }\na: 1\n', []],
    ['a: 1\n...\nb: 2\n', [9]],
    ['a: 1\n...\n# c\n', []],
    ['a: { b: 1 }\nc: { b: 1 }\n', []],
  ])('%j is reported where kubectl reads it differently from how it looks', (text, expected) => {
    expect(told(readYaml(text))).toEqual(expected);
  });

  it.each<[string, readonly number[]]>([
    ['a: 1\n\t\nb: 2\n\t\n', [5]],
    ['\ta: 1\n', [0]],
    ['a: [\n\t1 ]\n', []],
    ['a:\t1\n', []],
    ['-\t- a\n', [1]],
    ['a: 1 \t\n', []],
  ])('%j is doubtful at its first leading tab', (text, expected) => {
    const read = readYaml(text);
    if (read.refused.length === 0) expect(read.doubtful?.map(({ offset }) => offset)).toEqual(expected);
    else expect(expected.length).toBe(1);
  });

  it.each([
    [498, true],
    [600, false],
  ])('of %i levels is read or refused', (levels, isRead) => {
    for (const text of [`${'['.repeat(levels)}${']'.repeat(levels)}`, `${'- '.repeat(levels)}x`]) {
      expect(readYaml(text).refused.length === 0).toBe(isRead);
    }
  });

  // kubectl counts 1,006 nodes before the first alias, and 1,002 more for each, of which 1,001 are those of the list.
  it.each([
    [9, true],
    [110, true],
    [111, false],
  ])('whose list of 1,000 is aliased %i times is read, or is a bomb', (times, isRead) => {
    const list = Array(1_000).fill('x').join(', ');
    expect(readYaml(`a: &x [${list}]\nb: [${Array(times).fill('*x').join(', ')}]\n`).refused.length === 0).toBe(isRead);
  });

  it('finds the places of its keys, items, maps and lists', () => {
    const text = 'a: &x { b: [1, 22] }\nc: *x\nd:\n  <<: *x\n';
    const read = readYaml(text);
    expect(['a', 'c', 'd'].map((key) => read.offsetOf([key]))).toEqual([0, 21, 27]);
    expect([read.offsetOf(['a', 'b']), read.offsetOf(['a', 'b', 1]), read.offsetOf(['c', 'b']), read.offsetOf(['d', 'b'])]).toEqual([
      8, 15, 8, 8,
    ]);
    expect([read.offsetOf(['a', 'z']), read.offsetOf(['z', 'b']), read.offsetOf([]), read.offsetOf(['a', 'b', 2])]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(read.rangeOf(['a', 'b'])).toEqual({ start: 11, end: 18 });
    expect(read.rangeOf(['a', 'b', 0])).toBeUndefined();
    expect(read.rangeOf([])?.start).toBe(0);
  });
});

describe('a JSON document', () => {
  it('is read with its positions, and its duplicate keys are reported', () => {
    const text = '{"a": {"b": [1, {"c": null}]}, "d": 1, "d": "x", "__proto__": {}}';
    const read = readJson(text);
    expect(read.value).toEqual(
      Object.fromEntries([
        ['a', { b: [1, { c: null }] }],
        ['d', 'x'],
        ['__proto__', {}],
      ]),
    );
    expect([told(read), read.refused]).toEqual([[39], []]);
    expect([read.offsetOf(['d']), read.offsetOf(['a', 'b', 1]), read.offsetOf(['a', 'b', 1, 'c'])]).toEqual([39, 16, 17]);
    expect(read.rangeOf(['a', 'b'])).toEqual({ start: 12, end: 28 });
  });

  it.each([
    [500, true],
    [501, false],
  ])('of %i levels is read or refused', (levels, isRead) => {
    const text = (open: string, close: string) => `${open.repeat(levels)}"${'['.repeat(600)}"${close.repeat(levels)}`;
    expect(readJson(text('[', ']')).refused.length === 0).toBe(isRead);
    const beside = `[${Array(600).fill('[]').join(',')},${Array(600).fill('{}').join(',')}]`;
    expect(readJson(beside).refused).toEqual([]);
  });
});

describe('the objects of a document', () => {
  const held = (value: unknown) =>
    objectsOf(value).map((one) =>
      `${one.state} ${one.state === 'object' ? `${one.object.apiVersion} ${one.object.kind} ${pathText(one.object.path)}` : pathText(one.path)}`.trim(),
    );
  const pod = { apiVersion: 'v1', kind: 'Pod' };

  it.each<[string, unknown, readonly string[]]>([
    ['one', pod, ['object v1 Pod']],
    [
      'those of a List',
      { apiVersion: 'v1', kind: 'List', items: [pod, { apiVersion: 'a/v1', kind: 'B' }] },
      ['object v1 Pod items[0]', 'object a/v1 B items[1]'],
    ],
    [
      'those of a list, which says what they are',
      { apiVersion: 'apps/v1', kind: 'DeploymentList', items: [{ x: 1 }, { ...pod }] },
      ['object apps/v1 Deployment items[0]', 'object v1 Pod items[1]'],
    ],
    ['none of a List whose items say nothing', { apiVersion: 'v1', kind: 'List', items: [{ x: 1 }] }, []],
    [
      'an item that is none',
      { apiVersion: 'v1', kind: 'List', items: [5, null, [pod]] },
      ['refused items[0]', 'refused items[1]', 'refused items[2]'],
    ],
    [
      'a List in a List',
      { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'PodList', items: [{}] }] },
      ['told items[0]', 'object v1 Pod items[0].items[0]'],
    ],
    ['a list with another letter', { apiVersion: 'v1', kind: 'list', items: [pod] }, ['told', 'object v1 Pod items[0]']],
    ['a List without items', { apiVersion: 'v1', kind: 'List' }, ['refused']],
    ['a List of another group without items', { apiVersion: 'a/v1', kind: 'List' }, ['object a/v1 List']],
    ['a list without a version', { kind: 'List', items: [pod] }, ['refused']],
    ['a list of other things', { items: [{ kind: 'x' }] }, []],
    ['a bare list of objects', [1, pod], ['refused']],
    ['a bare list of other things', [{ kind: 'x' }], []],
    ['no version', { kind: 'Pod', metadata: {} }, ['refused']],
    ['no kind', { apiVersion: 'v1', metadata: {} }, ['refused']],
    ['neither', { metadata: {} }, []],
    ['no metadata either', { kind: 'Pod' }, []],
    ['metadata that are no map', { kind: 'Pod', metadata: 'x' }, []],
    ['text', 'x', []],
    ['nothing', null, []],
  ])('are found: %s', (_, value, expected) => {
    expect(held(value)).toEqual(expected);
  });

  it('have the group of their version', () => {
    expect(['v1', 'apps/v1', '/v1', 'a/b/c'].map((apiVersion) => groupOf({ apiVersion }))).toEqual(['', 'apps', '', 'a']);
  });

  it('have the place of the nearest value that there is, inside themselves', () => {
    const text = '\nitems:\n- a: &x { b: 1 }\n- a: *x\n  c: [ 1 ]\n';
    const file = { name: 'f', text, named: true, patch: false };
    const piece = { text: text.slice(1), offset: 1, isJson: false };
    const source = new Source(file);
    const lineOf = (index: number, path: readonly (string | number)[]) => {
      const { line, column } = new Located(source, piece, ['items', index]).place(path);
      return `${line}:${column}`;
    };
    expect([lineOf(0, ['a', 'b']), lineOf(0, ['a', 'z']), lineOf(0, ['z']), lineOf(0, [])]).toEqual(['3:11', '3:3', '3:3', '3:3']);
    expect([lineOf(1, ['a', 'b']), lineOf(1, ['c', 0]), lineOf(1, ['c', 5, 'x'])]).toEqual(['4:3', '5:8', '5:3']);
    expect([lineOf(2, ['a']), new Located(source, piece, ['items', 1]).valueAt(['a', 'b'])]).toEqual(['2:1', 1]);
    expect(source.document(piece)).toBe(source.document(piece));
  });

  it('have only parts of their own', () => {
    expect([at({ a: [1] }, ['a', 0]), at({}, ['constructor']), at('x', ['length']), at({ a: 1 }, [])]).toEqual([
      1,
      undefined,
      undefined,
      { a: 1 },
    ]);
    expect([pathText(['a', 0, 'b']), pathText([0]), pathText([])]).toEqual(['a[0].b', '[0]', '']);
  });
});
