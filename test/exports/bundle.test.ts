import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/domain/evidence/canonical-json.ts';
import type { Signature } from '../../shared/domain/evidence/signature.ts';
import { FULL, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { clusterKey } from '../../shared/domain/snapshot/resource-id.ts';
import { FRAME, Manifest, markOf, type Previous, sealBundle, sha256, signedBytes } from '../../shared/exports/bundle.ts';
import { whatChanged } from '../../shared/exports/bundle-change.ts';
import { type EvidenceEntry, writeEvidence } from '../../shared/exports/evidence.ts';
import type { Assessed } from '../../shared/exports/export.ts';
import { verifyBundle } from '../../shared/exports/verify-bundle.ts';
import { aFinding, aSummary, clusterIdOf } from '../http/estate.ts';
import { aContext, exemption, FINDINGS, from, written } from './samples.ts';

const keys = { one: generateKeyPairSync('ed25519'), other: generateKeyPairSync('ed25519') };
const signer =
  (name: keyof typeof keys) =>
  async (bytes: Uint8Array): Promise<Signature> => ({
    algorithm: 'Ed25519',
    publicKey: keys[name].publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    value: sign(null, bytes, keys[name].privateKey).toString('base64url'),
  });

const dark = unavailable('denied', 'no');
const assessment: Assessed = {
  snapshot: {
    schemaVersion: 1,
    cluster: aSummary('prod', []).cluster,
    observedAt: '2026-11-23T06:00:00.000Z',
    settings: dark,
    nodePools: dark,
    latestImages: dark,
    nodes: dark,
    runtimeClasses: dark,
    namespaces: dark,
    workloads: dark,
    isolationProofs: dark,
    templates: dark,
    guardrails: dark,
  },
  runs: [
    { ruleId: 'node-image-current', state: 'judged', coverage: FULL, judgements: [{ verdict: 'pass', subject: { kind: 'cluster' } }] },
    { ruleId: 'workload-sandboxed', state: 'unavailable', missing: [{ evidence: 'workloads', reason: { code: 'denied', message: 'no' } }] },
  ],
  policyHash: 'f'.repeat(64),
};
const context = aContext({
  exemptions: [exemption],
  assessmentOf: async (id) => (id === clusterIdOf('prod') ? assessment : undefined),
});

const evidence = async (findings = FINDINGS): Promise<EvidenceEntry[]> =>
  (await written(writeEvidence, findings, context))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

async function seal(entries: readonly EvidenceEntry[], previous?: Previous, key: keyof typeof keys = 'one'): Promise<string> {
  let text = '';
  const sealing = { previous, sealedAt: '2026-11-23T12:00:00.000Z', sign: signer(key) };
  for await (const piece of sealBundle(from(entries), sealing)) text += piece;
  return text;
}

const check = (text: string | Uint8Array) => verifyBundle(() => from([Buffer.from(text)]));
const firstOf = async (text: string | Uint8Array) => {
  const result = await check(text);
  return result.state === 'changed' ? result.first : result.state;
};

/** Changes the content of one entry and nothing else in the file. */
const changeEntry = async <T>(name: string, change: (content: T) => unknown) => {
  const lines = (await seal(await evidence())).split('\n');
  const at = lines.findIndex((line) => line.includes(`"name":"${name}`));
  const line = lines[at] ?? '';
  const entry = JSON.parse(line.replace(/,$/, ''));
  lines[at] = `${canonicalJson({ ...entry, content: change(entry.content) })}${line.endsWith(',') ? ',' : ''}`;
  return lines.join('\n');
};

describe('the evidence', () => {
  it('contains policy, rules, exemptions, snapshot digests, verdicts and findings, and ends with their number', async () => {
    const all = await evidence();
    expect(all.map(({ name }) => name.replaceAll(/[0-9a-f]{16}/g, 'KEY'))).toEqual([
      'about',
      'policy',
      'rules',
      'exemptions',
      'clusters/KEY',
      'verdicts/KEY/1',
      'clusters/KEY',
      'findings/KEY/1',
      'findings/KEY/1',
      'end',
    ]);
    const { snapshot, runs, policyHash } = assessment;
    expect(all[4]?.content).toMatchObject({
      summary: { cluster: { name: 'prod' } },
      snapshot: { sha256: sha256(canonicalJson(snapshot)), observedAt: snapshot.observedAt, policyHash },
    });
    expect(all[5]?.content).toEqual([
      { ruleId: 'node-image-current', coverage: FULL, verdict: 'pass', subject: { kind: 'cluster' } },
      runs[1],
    ]);
    expect(all.slice(1, 4).map(({ content }) => content)).toEqual([
      context.policy,
      context.rules.map(({ id, title, severity, rationale, remediation, references }) => ({
        id,
        title,
        severity,
        rationale,
        remediation,
        references,
      })),
      [exemption],
    ]);
    expect(all[6]?.content).not.toHaveProperty('snapshot');
    expect(all.at(-1)?.content).toEqual({ clusters: 2, verdicts: 2, findings: FINDINGS.length });
  });

  it.each([
    [1_000, [1_000]],
    [1_001, [1_000, 1]],
  ])('of %i findings of one cluster is written in entries of %j', async (count, sizes) => {
    const findings = Array.from({ length: count }, (_, index) => ({ finding: aFinding({ subject: { kind: 'node', name: `n${index}` } }) }));
    const parts = (await evidence(findings)).filter(({ name }) => name.startsWith('findings/'));
    expect(parts.map(({ content }) => (Array.isArray(content) ? content.length : 0))).toEqual(sizes);
    expect(new Set(parts.map(({ name }) => name)).size).toBe(sizes.length);
  });
});

describe('a bundle', () => {
  it('is one intact JSON document that names its key', async () => {
    const text = await seal(await evidence());
    expect(JSON.parse(text).entries).toHaveLength(10);
    expect(await check(text)).toMatchObject({
      state: 'intact',
      sequence: 1,
      previous: undefined,
      signedBy: expect.stringMatching(/^SHA256:/),
    });
  });

  it('names the previous bundle', async () => {
    const first = await check(await seal(await evidence()));
    if (first.state !== 'intact') throw new Error(first.first);
    const second = await check(await seal(await evidence(), first.self));
    expect(second).toMatchObject({ state: 'intact', sequence: 2, previous: first.self });
  });

  it('is not created from incomplete evidence', async () => {
    await expect(seal((await evidence()).slice(0, -1))).rejects.toThrow('breaks off');
    await expect(seal([])).rejects.toThrow('breaks off');
  });

  it('is the same for the same evidence with its members in any order', async () => {
    const entries = (await evidence()).map(({ name, content }) => ({ content, name }));
    expect(await seal(entries)).toBe(await seal(await evidence()));
  });
});

describe('checking a bundle', () => {
  it('names the finding whose severity was lowered', async () => {
    const text = await changeEntry('findings/', (content: { severity: string }[]) =>
      content.map((one, index) => (index === 2 ? { ...one, severity: 'info' } : one)),
    );
    expect(await firstOf(text)).toMatch(/^In the entry findings\/[0-9a-f]{16}\/1, item 3, [0-9a-f]{16}-[0-9a-f]{32}, was changed\.$/);
  });

  it('names what was removed from or added to a list', async () => {
    const removed = await changeEntry('findings/', (content: unknown[]) => content.toSpliced(1, 1));
    expect(await firstOf(removed)).toMatch(/item 2 was removed, behind [0-9a-f]{16}-/);
    const last = await changeEntry('findings/', (content: unknown[]) => content.slice(0, -1));
    expect(await firstOf(last)).toMatch(/item \d was removed, behind/);
    const added = await changeEntry('exemptions', (content: object[]) => [{ ...content[0], id: 'forged' }, ...content]);
    expect(await firstOf(added)).toBe('In the entry exemptions, forged was added.');
  });

  it('names the verdict that was turned into a pass', async () => {
    const text = await changeEntry('verdicts/', (content: object[]) =>
      content.map((one) => ('state' in one ? { ruleId: 'workload-sandboxed', verdict: 'pass', subject: { kind: 'cluster' } } : one)),
    );
    expect(await firstOf(text)).toMatch(/item 2, the verdict of workload-sandboxed on cluster, was changed/);
  });

  it('names an entry that was removed, added, or moved', async () => {
    const lines = (await seal(await evidence())).split('\n');
    expect(await firstOf(lines.toSpliced(2, 1).join('\n'))).toBe('The entry policy was removed.');
    expect(await firstOf(lines.toSpliced(3, 0, '{"content":{},"name":"policy2"},').join('\n'))).toContain('"policy2"');
    expect(await firstOf(lines.toSpliced(2, 2, lines[3] ?? '', lines[2] ?? '').join('\n'))).toBe('The entry policy was removed.');
    const manifestAt = lines.indexOf(FRAME.manifest);
    const longer = lines.toSpliced(manifestAt - 1, 1, `${lines[manifestAt - 1]},`, '{"content":1,"name":"late"}');
    expect(await firstOf(longer.join('\n'))).toContain('end');
  });

  it('detects a manifest that was changed to match', async () => {
    const text = await seal(await evidence());
    const forged = (await seal((await evidence()).map((one) => (one.name === 'policy' ? { ...one, content: {} } : one)))).split('\n');
    const signature = text.split('\n').at(-3) ?? '';
    expect(await firstOf(forged.toSpliced(-3, 1, signature).join('\n'))).toContain('the signature does not fit');
  });

  it('distinguishes another key: intact, but signed by someone else', async () => {
    const [mine, theirs] = [await check(await seal(await evidence())), await check(await seal(await evidence(), undefined, 'other'))];
    if (mine.state !== 'intact' || theirs.state !== 'intact') throw new Error('A bundle is not intact.');
    expect(theirs.signedBy).not.toBe(mine.signedBy);
    expect(theirs.self).toEqual(mine.self);
  });

  it('refuses a signature of the same manifest for another purpose', async () => {
    const text = await seal(await evidence());
    const lines = text.split('\n');
    const bare = canonicalJson(await signer('one')(Buffer.from(lines.at(-5) ?? '')));
    expect(await firstOf(lines.toSpliced(-3, 1, bare).join('\n'))).toContain('the signature does not fit');
    const proper = canonicalJson(await signer('one')(signedBytes(lines.at(-5) ?? '')));
    expect(await firstOf(lines.toSpliced(-3, 1, proper).join('\n'))).toBe('intact');
  });

  it.each([
    ['nothing', () => '', 'first line'],
    ['a text', () => 'hello', 'first line'],
    ['half of it', (text: string) => text.slice(0, text.length / 2), 'manifest is missing'],
    ['more text after it', (text: string) => `${text}x`, 'end of the bundle'],
    ['many more lines', (text: string) => `${text}\n\n`, 'after the end'],
    ['one more line', (text: string) => `${text}\n`, 'after the end'],
    ['one more line, with text', (text: string) => `${text}x\n`, 'after the end'],
    ['a missing comma between entries', (text: string) => text.replace('},\n{', '}\n{'), 'was changed'],
    ['a comma after the last entry', (text: string) => text.replace(`}\n${FRAME.manifest}`, `},\n${FRAME.manifest}`), 'was changed'],
    ['no last line feed', (text: string) => text.slice(0, -1), 'end of the bundle'],
    ['carriage returns', (text: string) => text.replaceAll('\n', '\r\n'), 'first line'],
  ])('reports what is wrong with %s', async (_, change, reason) => {
    expect(await firstOf(change(await seal(await evidence())))).toContain(reason);
  });

  it('detects every changed byte, and names its entry', async () => {
    const bytes = Buffer.from(await seal(await evidence()));
    const lines = bytes.toString('utf8').split('\n');
    const manifestAt = lines.indexOf(FRAME.manifest);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, difference) => {
        const forged = Buffer.from(bytes);
        forged[at] = ((forged[at] ?? 0) + difference) % 256;
        const first = await firstOf(forged);
        expect(first).not.toBe('intact');
        const line = bytes.subarray(0, at).filter((byte) => byte === 10).length;
        const isSeparator = bytes[at] === 10 || forged[at] === 10;
        if (line > 0 && line < manifestAt && !isSeparator) {
          const name: string = JSON.parse((lines[line] ?? '').replace(/,$/, '')).name;
          expect(first).toContain(name);
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('reads a file in pieces of any size', async () => {
    const bytes = Buffer.from(await seal(await evidence()));
    for (const size of [1, 7, 4_096]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
      expect((await verifyBundle(() => from(pieces))).state).toBe('intact');
    }
  });
});

describe('the report about a changed bundle', () => {
  const manifest = (...entries: readonly (readonly [name: string, content: unknown])[]): Manifest => ({
    previous: null,
    sequence: 1,
    sealedAt: '2026-11-23T12:00:00.000Z',
    entries: entries.map(([name, content]) => ({
      name,
      sha256: 'f'.repeat(64),
      ...(Array.isArray(content) ? { marks: content.map(markOf) } : {}),
    })),
  });
  const sealed = manifest(['a', 1], ['list', [{ id: 'x' }, { id: 'y' }, { id: 'z' }]], ['b', 2]);
  const told = (at: number, name: string, content: unknown) => whatChanged(sealed, at, JSON.stringify({ name, content }));

  it.each<[string, string, string]>([
    ['an entry', told(0, 'a', 7), 'The entry a was changed.'],
    ['an entry that cannot be read', whatChanged(sealed, 0, '{,'), 'The entry a was changed: it can no longer be read.'],
    ['an entry with its comma', whatChanged(sealed, 0, '{"content":7,"name":"a"},'), 'The entry a was changed.'],
    ['an entry that is missing', whatChanged(sealed, 0, undefined), 'The entry a was removed.'],
    ['an entry in whose place the next one stands', told(0, 'list', []), 'The entry a was removed.'],
    ['an entry that appears twice', told(1, 'a', 1), 'The entry a appears twice, where list should be.'],
    ['a strange entry', told(1, 'c', 1), 'The entry list was replaced by, or has before it, "c", which is not in the manifest.'],
    ['an entry at the end', told(3, 'c', 1), 'Entry 4 (c) was added at the end.'],
    ['an entry at the end that cannot be read', whatChanged(sealed, 3, 'x'), 'Entry 4 (unreadable) was added at the end.'],
    ['a list that is none any more', told(1, 'list', 1), 'The entry list was changed.'],
    ['an item that was changed', told(1, 'list', [{ id: 'x' }, { id: 'Y' }, { id: 'z' }]), 'In the entry list, item 2, Y, was changed.'],
    ['the first item that was removed', told(1, 'list', [{ id: 'y' }, { id: 'z' }]), 'In the entry list, item 1 was removed.'],
    ['the second item that was removed', told(1, 'list', [{ id: 'x' }, { id: 'z' }]), 'In the entry list, item 2 was removed, behind x.'],
    ['the last item that was removed', told(1, 'list', [{ id: 'x' }, { id: 'y' }]), 'In the entry list, item 3 was removed, behind y.'],
    [
      'an item that was added first',
      told(1, 'list', [{ id: 'n' }, { id: 'x' }, { id: 'y' }, { id: 'z' }]),
      'In the entry list, n was added.',
    ],
    [
      'an item that was added last',
      told(1, 'list', [{ id: 'x' }, { id: 'y' }, { id: 'z' }, { id: 'n' }]),
      'In the entry list, n was added.',
    ],
    [
      'two items that were exchanged',
      told(1, 'list', [{ id: 'y' }, { id: 'x' }, { id: 'z' }]),
      'In the entry list, item 1, y, was changed.',
    ],
    ['the last two items that were removed', told(1, 'list', [{ id: 'x' }]), 'In the entry list, item 2 was removed, behind x.'],
    [
      'an item that was changed beside one that was added',
      told(1, 'list', [{ id: 'X' }, { id: 'y' }, { id: 'z' }, { id: 'n' }]),
      'In the entry list, item 1, X, was changed.',
    ],
    [
      'an item that is a long text',
      told(1, 'list', ['x'.repeat(200), { id: 'y' }, { id: 'z' }]),
      `In the entry list, item 1, "${'x'.repeat(79)}, was changed.`,
    ],
    [
      'the spelling alone',
      told(1, 'list', [{ id: 'x' }, { id: 'y' }, { id: 'z' }]),
      'In the entry list, the spelling was changed, not the content.',
    ],
    ['two items at once', told(1, 'list', [{ id: 'X' }, { id: 'Y' }]), 'In the entry list, item 1, X, was changed.'],
    [
      'an item without an id',
      told(1, 'list', [{ ruleId: 'r' }, { id: 'y' }, { id: 'z' }]),
      'In the entry list, item 1, the verdict of r, was changed.',
    ],
    ['an item that is no object', told(1, 'list', ['odd', { id: 'y' }, { id: 'z' }]), 'In the entry list, item 1, "odd", was changed.'],
  ])('%s', (_, sentence, expected) => expect(sentence).toBe(expected));
});

it('a bundle that says a number which no app gives is not intact', async () => {
  const lines = (await seal(await evidence(), { sha256: 'a'.repeat(64), sequence: 4 })).split('\n');
  const forged = (lines.at(-5) ?? '').replace('"sequence":5', '"sequence":6');
  const signature = canonicalJson(await signer('one')(signedBytes(forged)));
  expect(await firstOf(lines.toSpliced(-5, 3, forged, lines.at(-4) ?? '', signature).join('\n'))).toBe(
    'It claims to be bundle 6, after bundle 4: no app seals that.',
  );
});

it.each<[string, object]>([
  ['whose digest is too short', { entries: [{ name: 'a', sha256: 'f'.repeat(63) }] }],
  ['whose digest is too long', { entries: [{ name: 'a', sha256: 'f'.repeat(65) }] }],
  ['whose digest has something before it', { entries: [{ name: 'a', sha256: `x${'f'.repeat(64)}` }] }],
  ['whose mark is too long', { entries: [{ name: 'a', sha256: 'f'.repeat(64), marks: ['f'.repeat(17)] }] }],
  ['whose mark has something before it', { entries: [{ name: 'a', sha256: 'f'.repeat(64), marks: [`x${'f'.repeat(16)}`] }] }],
  ['of number zero', { sequence: 0 }],
  ['behind number zero', { previous: { sha256: 'f'.repeat(64), sequence: 0 } }],
])('a manifest %s is none', (_, over) => {
  const manifest = {
    previous: null,
    sequence: 1,
    sealedAt: 'now',
    entries: [{ name: 'a', sha256: 'f'.repeat(64), marks: ['f'.repeat(16)] }],
  };
  expect(Manifest.safeParse(manifest).success).toBe(true);
  expect(Manifest.safeParse({ ...manifest, ...over }).success).toBe(false);
});

it('a signature that is not written as it is sealed is refused', async () => {
  const lines = (await seal(await evidence())).split('\n');
  const spaced = lines.toSpliced(-3, 1, (lines.at(-3) ?? '').replace('{', '{ ')).join('\n');
  expect(await firstOf(spaced)).toBe('The signature was changed: it cannot be read.');
});

it('the evidence has an entry of findings only for clusters that have some, and of each cluster its own', async () => {
  const none = await evidence([]);
  expect(none.filter(({ name }) => name.startsWith('findings/'))).toEqual([]);
  const two = ['one', 'two'].map((clusterName) => ({ finding: aFinding({ clusterName }) }));
  const parts = (await evidence(two)).filter(({ name }) => name.startsWith('findings/'));
  expect(parts.map(({ name }) => name)).toEqual(['one', 'two'].map((name) => `findings/${clusterKey(clusterIdOf(name))}/1`));
  expect(parts.map(({ content }) => content)).toEqual(two.map(({ finding }) => [finding]));
});

it('the evidence of an estate without exemptions says that there is none', async () => {
  const text = await written(writeEvidence, [], aContext());
  expect(text).toContain(`${canonicalJson({ name: 'exemptions', content: [] })}\n`);
});

it('the evidence holds with each finding the exemption that covers it', async () => {
  const found = (await evidence())
    .filter(({ name }) => name.startsWith('findings/'))
    .flatMap(({ content }) => (Array.isArray(content) ? content : []));
  expect(found).toEqual(
    FINDINGS.map((one) => JSON.parse(JSON.stringify({ ...one.finding, ...('exemption' in one ? { exemption: one.exemption } : {}) }))),
  );
});

it('the evidence of more verdicts than one entry holds is in several, each under a name of its own', async () => {
  const judgements = Array.from({ length: 1_001 }, (_, at) => ({ verdict: 'pass', subject: { kind: 'node', name: `n${at}` } }) as const);
  const runs: Assessed['runs'] = [{ ruleId: 'node-image-current', state: 'judged', coverage: FULL, judgements }];
  const of = aContext({ assessmentOf: async (id) => (id === clusterIdOf('prod') ? { ...assessment, runs } : undefined) });
  const entries = (await written(writeEvidence, [], of))
    .trimEnd()
    .split('\n')
    .map((line): EvidenceEntry => JSON.parse(line));
  const parts = entries.filter(({ name }) => name.startsWith('verdicts/'));
  expect(parts.map(({ name, content }) => [name.split('/').at(-1), Array.isArray(content) && content.length])).toEqual([
    ['1', 1_000],
    ['2', 1],
  ]);
  expect(entries.at(-1)?.content).toMatchObject({ verdicts: 1_001 });
});
