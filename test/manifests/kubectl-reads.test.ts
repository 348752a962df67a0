import { describe, expect, it } from 'vitest';
import { aPod, checkTexts, foundIn, toldOf } from '../support/check-texts.ts';

const NETWORK = 'sandboxed-pod-host-namespaces';

/** Each of these was applied with kubectl 1.36.3 to a real API server; `seen` is what was stored. */
describe('text as kubectl reads it', () => {
  it.each([
    ...['yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON', 'true', 'True', 'TRUE', '!!bool yes'].map((text) => [text, true] as const),
    ...['no', 'No', 'NO', 'n', 'N', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE', '~', 'null', 'NULL', ''].map(
      (text) => [text, false] as const,
    ),
  ])('reads hostNetwork: %s as %s', (text, seen) => {
    const checked = checkTexts({ a: aPod(`  hostNetwork: ${text}\n`) });
    expect(foundIn(checked)).toEqual(seen ? [`${NETWORK} a:7`] : []);
    expect(checked.remarks).toEqual([]);
  });

  it.each(['tRUE', 'oN', '1', '"true"', "'yes'", '!!str yes', '$HOST_NETWORK', '[true]', '{}'])(
    'reports that hostNetwork: %s is refused',
    (text) => {
      const checked = checkTexts({ a: aPod(`  hostNetwork: ${text}\n`) });
      expect(foundIn(checked)).toEqual([]);
      expect(toldOf(checked)).toEqual([
        expect.stringMatching(/^not-judged a:7 kubectl refuses spec\.hostNetwork: it takes true or false, not /),
      ]);
    },
  );

  it.each([
    ['the last of two keys', '  hostNetwork: true\n  hostNetwork: false\n', [], 'told a:8 The key "hostNetwork"'],
    ['the last of two keys, true', '  hostNetwork: false\n  hostNetwork: true\n', [`${NETWORK} a:8`], 'told a:8 The key "hostNetwork"'],
    ['a merge over a key before it', '  hostNetwork: false\n  <<: { hostNetwork: true }\n', [`${NETWORK} a:8`], 'told a:8 The merge key'],
    ['a key over a merge before it', '  <<: { hostNetwork: true }\n  hostNetwork: false\n', [], undefined],
    ['the first of a list of merges', '  <<: [{ hostNetwork: true }, { hostNetwork: false }]\n', [`${NETWORK} a:7`], undefined],
    ['both of two merges', '  <<: { hostNetwork: true }\n  <<: { hostPID: false }\n', [`${NETWORK} a:7`], undefined],
    ['a quoted merge key as a plain key', '  "<<": { hostNetwork: true }\n', [], 'not-judged a:7 kubectl refuses hostNetwork in spec.<<'],
    ['a line after U+2028', '  # a comment\u2028  hostNetwork: true\n', [`${NETWORK} a:7`], undefined],
    ['a line after U+0085', '  # a comment\u0085  hostNetwork: true\n', [`${NETWORK} a:7`], undefined],
    ['a line after a carriage return', '  # a comment\r  hostNetwork: true\n', [`${NETWORK} a:7`], undefined],
    ['a merge by its tag', '  !!merge <<: { hostNetwork: yes }\n', [`${NETWORK} a:7`], undefined],
    [
      'a base64 value',
      '  hostNetwork: !!binary dHJ1ZQ==\n',
      [],
      'not-judged a:7 kubectl refuses spec.hostNetwork: it takes true or false, not "true"',
    ],
    [
      'brackets with any indentation',
      '  nodeSelector: {\na: "x}", # }\n  b: \'y\'\n}\n  hostNetwork: yes\n',
      [`${NETWORK} a:11`],
      undefined,
    ],
    ['tabs between brackets', '  volumes: [\n\t{ name: v, hostPath: { path: / } },\n]\n', ['sandboxed-pod-host-path a:8'], undefined],
    ['tabs after keys', '  hostNetwork:\tyes\t\n', [`${NETWORK} a:7`], undefined],
    ['explicit keys', '  ? hostNetwork\n  : yes\n', [`${NETWORK} a:7`], undefined],
    ['nothing after a line of dots', '...\nspec: { hostNetwork: true }\n', [], 'told a:8 kubectl reads one document'],
  ])('reads %s', (_, lines, found, told) => {
    const checked = checkTexts({ a: aPod(lines) });
    expect(foundIn(checked)).toEqual(found);
    expect(toldOf(checked)).toEqual(told === undefined ? [] : [expect.stringContaining(told)]);
  });

  it.each([
    ['an empty line', '\t\n  hostNetwork: yes\n', 7],
    ['an empty line after spaces', '  \t\n  hostNetwork: yes\n', 7],
    ['a comment', '\t# why\n  hostNetwork: yes\n', 7],
    ['an item', '  tolerations:\n  -\t{ key: a }\n  hostNetwork: yes\n', 8],
    ['nothing at the end', '  hostNetwork: yes\n\t', 8],
  ])('judges in spite of a tab before %s, and reports that kubectl refuses it', (_, lines, line) => {
    const checked = checkTexts({ a: aPod(lines) });
    expect(foundIn(checked)).toEqual([expect.stringContaining(NETWORK)]);
    expect(toldOf(checked)).toEqual([expect.stringMatching(`^not-judged a:${line} kubectl refuses a tab where`)]);
  });

  it('reports that JSON after a JavaScript comment is a plain text', () => {
    const told = toldOf(checkTexts({ a: '// a comment\n{"apiVersion":"v1","kind":"Pod"}\n' }));
    expect(told).toEqual([expect.stringMatching(/^not-judged a:1 kubectl refuses it: it reads the whole document as one text/)]);
  });

  it('accepts aliases within a document, and refuses those of another one', () => {
    const anchored = `${aPod('  hostNetwork: &on yes\n  hostPID: *on\n')}---\n${aPod('  hostIPC: *on\n', 'q')}`;
    const checked = checkTexts({ a: anchored });
    expect(foundIn(checked)).toEqual([`${NETWORK} a:7`]);
    expect(toldOf(checked)).toEqual([expect.stringContaining('not-judged a:16 Cannot be read as YAML: The alias *on has no anchor')]);
  });

  it.each([
    [
      'a bomb',
      `${Array.from(
        { length: 9 },
        (_, at) =>
          `x${at}: &x${at} [${Array(9)
            .fill(at === 0 ? 'x' : `*x${at - 1}`)
            .join(', ')}]`,
      ).join('\n')}\n`,
      'alias bomb',
    ],
    ['an anchor in itself', 'metadata: &m { x: *m }\n', 'contains itself'],
    ['10,000 levels', `x: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`, 'deeper than 500'],
    ['10,000 levels of dashes', `${'- '.repeat(10_000)}x\n`, 'deeper than 500'],
    ['a control character', 'x: "\u0001"\n', 'U+0001'],
    ['a directive', '%YAML 1.1\n', 'not-judged a:1 Cannot be read as YAML: kubectl refuses a directive'],
    [
      'a directive before its document',
      '# a comment\n%TAG ! tag:x,2000:\n---\n# nothing\n',
      'not-judged a:2 Cannot be read as YAML: kubectl refuses a directive',
    ],
    ['a template', 'spec: { runtimeClassName: {{ .Values.class }} }\n', 'template that was not rendered'],
    ['a cut string', 'metadata: { name: "p', 'YAML'],
    ['a merge of text', '<<: x\n', 'merge key'],
  ])('reports %s in one sentence and judges the other documents', (_, text, told) => {
    const checked = checkTexts({
      a: `apiVersion: v1\nkind: ConfigMap\n${text}`.replace(/^apiVersion.*\n.*\n(?=[-%#])/, ''),
      b: aPod('  hostPID: on\n'),
    });
    expect(foundIn(checked)).toEqual([`${NETWORK} b:7`]);
    expect(toldOf(checked)).toEqual([expect.stringContaining(told)]);
  });

  it.each([
    ['--- # a comment\n', 2, 0],
    ['---   \n', 2, 0],
    ['---\r\n', 2, 0],
    ['---\n\uFEFF', 2, 0],
    ['...\n---\n', 2, 0],
    ['---\n---\n# nothing\n---\n', 2, 0],
    ['----\n', 2, 1],
    ['--- now\n', 1, 2],
  ])('separates documents at %j', (separator, objects, remarks) => {
    const checked = checkTexts({ a: `\uFEFF${aPod()}${separator}${aPod('', 'q')}` });
    expect([checked.objects, checked.remarks.length]).toEqual([objects, remarks]);
  });

  it('judges a document that a chart joined to its separator, and reports it', () => {
    const checked = checkTexts({ a: `---${aPod('  hostPID: on\n')}` });
    expect(foundIn(checked)).toEqual([`${NETWORK} a:7`]);
    expect(toldOf(checked)).toEqual([expect.stringContaining('not-judged a:1 kubectl refuses a separator that is followed by text')]);
  });

  it.each([
    ['three JSON values', (pod: string) => `${pod}\n${pod}${pod}`, 3],
    ['JSON, then YAML', (pod: string) => `${pod}\n---\n${aPod('  hostPID: true\n')}`, 2],
    ['YAML in brackets', (pod: string) => pod.replaceAll('"', '').replaceAll(':', ': '), 1],
    ['tabs', (pod: string) => pod.replaceAll(/([{,])/g, '$1\n\t'), 1],
  ])('reads %s', (_, write, count) => {
    const pod =
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"runtimeClassName":"kata-vm-isolation","hostPID":true,"containers":[{"name":"c","image":"i","resources":{"limits":{"memory":"1Gi"}}}]}}';
    expect(foundIn(checkTexts({ a: write(pod) }))).toHaveLength(count);
  });
});
