import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { policySource } from '../../shared/compose/policy.ts';
import { Fault } from '../../shared/domain/fault.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import type { ReadTextBlob } from '../../shared/storage/text-blobs.ts';

const GRACE = (days: number) => `version: 1\nnodeImages:\n  graceDays: ${days}\n`;
const BAD = 'version: 1\nnodeImages:\n  graceDays: soon\n';
const PLACE = 'policy/policy.yaml';

let azurite: Azurite;
let storage: Storage;
beforeAll(async () => {
  azurite = await startAzurite();
  storage = createStorage(azurite);
  await storage.ensure();
});
afterAll(() => azurite.stop());

const container = () => BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('policy');
const upload = (text: string) => container().getBlockBlobClient('policy.yaml').upload(text, Buffer.byteLength(text));
afterEach(async () => {
  await container().getBlockBlobClient('policy.yaml').deleteIfExists();
});

const graceOf = async (source: ReturnType<typeof policySource>) => (await source()).policy.nodeImages.graceDays;

describe('the policy as a blob', () => {
  it('is the built-in one while there is none, and a new one as soon as it is there', async () => {
    const source = policySource({ KATAUDIT_POLICY: PLACE }, storage.readText);
    await expect(source()).resolves.toMatchObject({ source: 'built-in' });

    await upload(GRACE(3));
    await expect(source()).resolves.toMatchObject({ source: PLACE, policy: { nodeImages: { graceDays: 3 } } });

    await upload(GRACE(4));
    expect(await graceOf(source)).toBe(4);
  });

  it('stays the last good one, with the problem, until a bad one is mended', async () => {
    const source = policySource({ KATAUDIT_POLICY: PLACE }, storage.readText);
    await upload(GRACE(3));
    await source();
    await upload(BAD);

    for (let again = 0; again < 2; again++) {
      await expect(source()).resolves.toMatchObject({
        problem: expect.stringContaining('graceDays'),
        policy: { nodeImages: { graceDays: 3 } },
      });
    }
    await upload(GRACE(5));
    const mended = await source();
    expect(mended.policy.nodeImages.graceDays).toBe(5);
    expect(mended.problem).toBeUndefined();
  });

  it('is not downloaded again while it does not change', async () => {
    await upload(GRACE(3));
    const answers: string[] = [];
    const counted: ReadTextBlob = async (path, tag) => {
      const answer = await storage.readText(path, tag);
      answers.push(answer === 'unchanged' ? answer : 'read');
      return answer;
    };
    const source = policySource({ KATAUDIT_POLICY: PLACE }, counted);
    for (let again = 0; again < 3; again++) expect(await graceOf(source)).toBe(3);
    expect(answers).toEqual(['read', 'unchanged', 'unchanged']);
  });

  it('stays in force while the storage cannot be asked; before the first it is an error, and not another policy', async () => {
    let reachable = false;
    const flaky: ReadTextBlob = async (path, tag) => {
      if (!reachable) throw new Fault('unreachable', 'The storage did not answer.');
      return storage.readText(path, tag);
    };
    const source = policySource({ KATAUDIT_POLICY: PLACE }, flaky);
    await upload(GRACE(3));
    await expect(source()).rejects.toMatchObject({ code: 'unreachable' });

    reachable = true;
    await source();
    reachable = false;
    await expect(source()).resolves.toMatchObject({ problem: 'The storage did not answer.', policy: { nodeImages: { graceDays: 3 } } });
  });

  it('is missed when it is not where somebody said', async () => {
    const source = policySource({ KATAUDIT_POLICY: 'policy/mine.yaml' }, storage.readText);
    await expect(source()).resolves.toMatchObject({
      source: 'built-in',
      problem: expect.stringContaining('There is no policy policy/mine.yaml'),
    });
  });

  it('does not hide a mistake of the reader', async () => {
    const source = policySource({ KATAUDIT_POLICY: PLACE }, () => Promise.reject(new TypeError('bug')));
    await expect(source()).rejects.toThrow('bug');
  });

  it('is refused when it is too large to be one', async () => {
    await upload('x'.repeat(1_048_577));
    await expect(storage.readText(PLACE)).rejects.toMatchObject({ code: 'too-large' });
  });

  it.each(['policy.yaml', '../policy/x', 'A/b', 'policy/'])('is not looked for at %s, which is no blob', async (path) => {
    await expect(storage.readText(path)).resolves.toBeUndefined();
  });
});

describe('the policy as a file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kataudit-policy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('comes before a blob of the same name, and is read again each time', async () => {
    const path = join(folder, 'policy.yaml');
    const source = policySource({ KATAUDIT_POLICY: path }, () => Promise.reject(new TypeError('not asked')));
    for (const days of [6, 7]) {
      writeFileSync(path, GRACE(days));
      expect(await graceOf(source)).toBe(days);
    }
  });
});
