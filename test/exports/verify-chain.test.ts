import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBundles } from '../../shared/cli/bundle.ts';
import { canonicalJson } from '../../shared/domain/evidence/canonical-json.ts';
import { oneForm } from '../../shared/domain/evidence/signature.ts';
import type { Previous } from '../../shared/exports/bundle.ts';
import { verifyBundle } from '../../shared/exports/verify-bundle.ts';
import { from } from './samples.ts';
import { anEd25519Signer, aP256Signer, sealed } from './sealing.ts';

const ours = anEd25519Signer();
const next = anEd25519Signer();
const theirs = anEd25519Signer();
const intact = async (text: string) => {
  const check = await verifyBundle(() => from([Buffer.from(text)]));
  return check.state === 'intact' ? check : expect.unreachable(check.first);
};
let folder: string;
const at = (name: string) => join(folder, name);
const self = async (text: string): Promise<Previous> => (await intact(text)).self;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-chain-'));
  const one = await sealed(ours);
  const two = await sealed(ours, await self(one), 'two');
  const three = await sealed(ours, await self(two), 'three');
  const files: Record<string, string> = {
    one,
    two,
    three,
    'other-two': await sealed(ours, await self(one), 'fork'),
    'other-one': await sealed(ours, undefined, 'another first'),
    'next-two': await sealed(next, await self(one), 'new key'),
    'their-two': await sealed(theirs, await self(one), 'stolen'),
    'their-one': await sealed(theirs),
    'changed-one': one.replace('about', 'other'),
    grafted: await sealed(ours, { sha256: 'a'.repeat(64), sequence: 1 }),
    renumbered: await sealed(ours, { ...(await self(one)), sequence: 7 }),
    invented: await sealed(ours, { sha256: 'a'.repeat(64), sequence: 899 }),
    'ours.pub': ours.publicKey,
    'next.pub': next.publicKey,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text);
});
afterAll(() => rm(folder, { recursive: true }));

async function verify(names: readonly string[], keys: readonly string[] = ['ours.pub'], start?: number) {
  const lines: string[] = [];
  const options = { publicKey: keys.map(at), ...(start === undefined ? {} : { from: start }) };
  const code = await verifyBundles(names.map(at), options, (line) => lines.push(line.replaceAll(`${folder}/`, '')));
  return { code, text: lines.join('\n') };
}

describe('a chain of bundles', () => {
  it.each([
    ['that is complete', ['one', 'two', 'three'], ['ours.pub']],
    ['whose key was changed, with both keys named', ['one', 'next-two'], ['ours.pub', 'next.pub']],
    ['whose key is named twice', ['one'], ['ours.pub', 'ours.pub']],
  ])('%s is valid', async (_case, files, keys) => {
    expect(await verify(files, keys)).toMatchObject({ code: 0 });
  });

  it.each([
    ['a bundle is missing', ['one', 'three'], ['ours.pub'], /three: CHANGED\. It does not follow one\./],
    ['the order is wrong', ['two', 'one'], ['ours.pub'], /two: CHANGED\. It is bundle 2, and the first should be 1/],
    ['one is included twice', ['one', 'one'], ['ours.pub'], /It does not follow one/],
    ['its first bundle is missing', ['two', 'three'], ['ours.pub'], /give those before it, or --from 2/],
    ['the position of one was forged', ['one', 'invented'], ['ours.pub'], /invented: CHANGED\. It does not follow one\./],
    ['one names another before it', ['one', 'grafted'], ['ours.pub'], /grafted: CHANGED\. It does not follow one\./],
    ['one leaves out numbers', ['one', 'renumbered'], ['ours.pub'], /renumbered: CHANGED\. It does not follow one\./],
    ['its only bundle has another key than the one that is named', ['their-one'], ['ours.pub'], /It is signed by another key, SHA256:/],
    ['the first position was forged', ['invented'], ['ours.pub'], /It is bundle 900, and the first should be 1/],
    ['it forks', ['one', 'two', 'other-two'], ['ours.pub'], /The chain forks: it and two are both bundle 2, and differ\./],
    ['it forks at its first bundle', ['one', 'other-one'], ['ours.pub'], /The chain forks: it and one are both bundle 1/],
    ['another key continues it', ['one', 'their-two'], [], /their-two: CHANGED\. It is signed by another key than one/],
    ['another key continues it, with one key named', ['one', 'their-two'], ['ours.pub'], /It is signed by another key/],
    ['a third key continues it, with two keys named', ['one', 'their-two'], ['ours.pub', 'next.pub'], /It is signed by another key/],
  ])('is invalid when %s', async (_case, files, keys, reason) => {
    const { code, text } = await verify(files, keys);
    expect(text).toMatch(reason);
    expect(code).toBe(1);
  });

  it('is wrong only where it was changed, or begins anew', async () => {
    const places = async (names: readonly string[], keys?: readonly string[]) =>
      [...(await verify(names, keys)).text.matchAll(/([\w-]+): CHANGED/g)].map(([, name]) => name);
    expect(await places(['changed-one', 'two', 'three'])).toEqual(['changed-one']);
    expect(await places(['their-one', 'one'])).toEqual(['their-one', 'one']);
    expect((await verify(['their-one', 'one'])).text).toMatch(/^one: CHANGED\. (The chain forks|It does not follow)/m);
  });

  it('may begin at a given bundle, and only there', async () => {
    expect(await verify(['two', 'three'], ['ours.pub'], 2)).toMatchObject({ code: 0 });
    expect(await verify(['two', 'three'], ['ours.pub'], 3)).toMatchObject({ code: 1 });
    expect(await verify(['one', 'two'], ['ours.pub'], 2)).toMatchObject({ code: 1 });
  });

  it('without a key to compare with is reported as not verified', async () => {
    const { code, text } = await verify(['one', 'two'], []);
    expect(code).toBe(3);
    expect(text).toContain('--public-key');
  });
});

describe('an ES256 signature', () => {
  it('is written in one encoding, and its second encoding is refused', async () => {
    const signer = aP256Signer();
    // Half of all signatures have the other encoding.
    for (let round = 0; round < 8; round++) {
      const text = await sealed(signer, undefined, round);
      const { signature } = await intact(text);
      const second = { ...signature, value: otherForm(signature.value) };
      expect(oneForm(second)).toEqual(signature);
      const lines = text.split('\n');
      const forged = lines.toSpliced(-3, 1, canonicalJson(second)).join('\n');
      expect(await verifyBundle(() => from([Buffer.from(forged)]))).toMatchObject({
        state: 'changed',
        first: expect.stringContaining('second form'),
      });
    }
  });
});

function otherForm(value: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const bytes = Buffer.from(value, 'base64url');
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  return Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]).toString('base64url');
}
