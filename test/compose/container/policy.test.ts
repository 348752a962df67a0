import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { policySource } from '../../../shared/compose/container/policy.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { createStorage, type Storage } from '../../../shared/storage/storage.ts';
import type { TextBlobs } from '../../../shared/storage/text-blobs.ts';
import { BlobService } from '../../support/blob-service.ts';

const GRACE = (days: number) => `version: 1\nnodeImages:\n  graceDays: ${days}\n`;
const BAD = 'version: 1\nnodeImages:\n  graceDays: soon\n';
const PLACE = 'policy/policy.yaml';

let service: BlobService;
let storage: Storage;
beforeAll(async () => {
  service = await BlobService.start();
  storage = createStorage({ connectionString: service.connectionString });
});
afterAll(() => service.stop());

const container = () => BlobServiceClient.fromConnectionString(service.connectionString).getContainerClient('policy');
const upload = (text: string) => container().getBlockBlobClient('policy.yaml').upload(text, Buffer.byteLength(text));
afterEach(() => service.blobs.clear());

/** The storage with another read function. */
const reading = (read: TextBlobs['read']): TextBlobs => ({ ...storage.texts, read });

const graceOf = async (source: ReturnType<typeof policySource>) => (await source()).policy.nodeImages.graceDays;

describe('the policy as a blob', () => {
  it('is the built-in one while there is none, and a new one as soon as it exists', async () => {
    const source = policySource({ KATAUDIT_POLICY: PLACE }, storage.texts);
    await expect(source()).resolves.toMatchObject({ source: 'built-in' });

    await upload(GRACE(3));
    await expect(source()).resolves.toMatchObject({ source: PLACE, policy: { nodeImages: { graceDays: 3 } } });

    await upload(GRACE(4));
    expect(await graceOf(source)).toBe(4);
  });

  it('stays the last good one, with the problem, until an invalid one is corrected', async () => {
    const source = policySource({ KATAUDIT_POLICY: PLACE }, storage.texts);
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

  it.each([
    ['is bad', () => upload(BAD), 'graceDays'],
    ['is longer than any policy', () => upload('x'.repeat(1_048_577)), 'the maximum is 1048576'],
  ])('stays the last good one in a process that starts while the newest %s', async (_, spoil, problem) => {
    await upload(GRACE(3));
    await policySource({ KATAUDIT_POLICY: PLACE }, storage.texts)();
    await spoil();
    const cold = policySource({ KATAUDIT_POLICY: PLACE }, storage.texts);

    await expect(cold()).resolves.toMatchObject({ problem: expect.stringContaining(problem), policy: { nodeImages: { graceDays: 3 } } });
    await upload(GRACE(5));
    expect(await graceOf(cold)).toBe(5);
    await upload(BAD);
    expect(await graceOf(policySource({ KATAUDIT_POLICY: PLACE }, storage.texts))).toBe(5);
  });

  it('stays the last good one when it is missing at its configured path, also in a process that starts then', async () => {
    const mine = container().getBlockBlobClient('mine.yaml');
    await mine.upload(GRACE(3), GRACE(3).length);
    await policySource({ KATAUDIT_POLICY: 'policy/mine.yaml' }, storage.texts)();
    await mine.delete();

    await expect(policySource({ KATAUDIT_POLICY: 'policy/mine.yaml' }, storage.texts)()).resolves.toMatchObject({
      problem: expect.stringContaining('There is no policy policy/mine.yaml'),
      policy: { nodeImages: { graceDays: 3 } },
    });
  });

  it('is the built-in one again when it is deleted at its default path, also in a process that starts after an invalid one', async () => {
    await upload(GRACE(3));
    const source = policySource({ KATAUDIT_POLICY: PLACE }, storage.texts);
    await source();
    await container().getBlockBlobClient('policy.yaml').delete();
    await expect(source()).resolves.toMatchObject({ source: 'built-in' });

    await upload(BAD);
    await expect(policySource({ KATAUDIT_POLICY: PLACE }, storage.texts)()).resolves.toMatchObject({
      source: 'built-in',
      problem: expect.stringContaining('graceDays'),
    });
  });

  it('does not replace a newer one that another process accepted meanwhile', async () => {
    const first = await storage.texts.write('policy/last-good.yaml', 'old', undefined);
    const held = await storage.texts.read('policy/last-good.yaml');
    const etag = held === undefined || held === 'unchanged' ? expect.unreachable() : held.etag;

    expect([first, await storage.texts.write('policy/last-good.yaml', 'new', etag)]).toEqual([true, true]);
    expect(await storage.texts.write('policy/last-good.yaml', 'late', etag)).toBe(false);
    expect(await storage.texts.write('policy/last-good.yaml', 'late', undefined)).toBe(false);
    expect(await storage.texts.read('policy/last-good.yaml')).toMatchObject({ text: 'new' });
  });

  it('is not downloaded again while it does not change', async () => {
    await upload(GRACE(3));
    const answers: string[] = [];
    const counted = reading(async (path, tag) => {
      const answer = await storage.texts.read(path, tag);
      if (path === PLACE) answers.push(answer === 'unchanged' ? answer : 'read');
      return answer;
    });
    const source = policySource({ KATAUDIT_POLICY: PLACE }, counted);
    for (let again = 0; again < 3; again++) expect(await graceOf(source)).toBe(3);
    expect(answers).toEqual(['read', 'unchanged', 'unchanged']);
  });

  it('stays in force while the storage is unavailable; before the first read this is an error, and not another policy', async () => {
    let reachable = false;
    const flaky = reading(async (path, tag) => {
      if (!reachable) throw new Fault('unreachable', 'The storage did not answer.');
      return storage.texts.read(path, tag);
    });
    const source = policySource({ KATAUDIT_POLICY: PLACE }, flaky);
    await upload(GRACE(3));
    await expect(source()).rejects.toMatchObject({ code: 'unreachable' });

    reachable = true;
    await source();
    reachable = false;
    await expect(source()).resolves.toMatchObject({ problem: 'The storage did not answer.', policy: { nodeImages: { graceDays: 3 } } });
  });

  it('is reported as missing when it is not at its configured path', async () => {
    const source = policySource({ KATAUDIT_POLICY: 'policy/mine.yaml' }, storage.texts);
    await expect(source()).resolves.toMatchObject({
      source: 'built-in',
      problem: expect.stringContaining('There is no policy policy/mine.yaml'),
    });
  });

  it('does not hide a bug of the reader', async () => {
    const source = policySource(
      { KATAUDIT_POLICY: PLACE },
      reading(() => Promise.reject(new TypeError('bug'))),
    );
    await expect(source()).rejects.toThrow('bug');
  });

  it('is refused when it is too large', async () => {
    await upload('x'.repeat(1_048_577));
    await expect(storage.texts.read(PLACE)).rejects.toMatchObject({ code: 'too-large' });
  });

  it.each(['policy.yaml', '../policy/x', 'A/b', 'policy/'])('is not read from %s, which is not the path of a blob', async (path) => {
    await expect(storage.texts.read(path)).resolves.toBeUndefined();
  });

  it.each([
    ['may pass', 'unreachable', false],
    ['stays', 'denied', true],
  ] as const)(
    'of a process that knows none is not the built-in one while the storage cannot be asked for what %s',
    async (_, code, isTold) => {
      const away = reading(async (path, tag) => {
        if (path === PLACE) throw new Fault(code, 'No.');
        return storage.texts.read(path, tag);
      });
      const source = policySource({ KATAUDIT_POLICY: PLACE }, away)();
      if (isTold) expect(await source).toMatchObject({ source: 'built-in', problem: 'No.' });
      else await expect(source).rejects.toMatchObject({ code });
    },
  );

  it('is kept before anything is judged by it', async () => {
    await upload(GRACE(3));
    let isKept = false;
    const write: TextBlobs['write'] = async (...what) => {
      await storage.texts.read(PLACE);
      isKept = await storage.texts.write(...what);
      return isKept;
    };
    await policySource({ KATAUDIT_POLICY: PLACE }, { ...storage.texts, write })();
    expect(isKept).toBe(true);
  });

  it('is kept once, however often it is read, and nothing is kept of the built-in one', async () => {
    const written: string[] = [];
    const write: TextBlobs['write'] = async (path, text, basedOn) => {
      written.push(text);
      return storage.texts.write(path, text, basedOn);
    };
    const source = policySource({ KATAUDIT_POLICY: PLACE }, { ...storage.texts, write });
    await source();
    await upload(GRACE(3));
    for (let again = 0; again < 2; again++) await source();
    await policySource({ KATAUDIT_POLICY: PLACE }, { ...storage.texts, write })();
    expect(written).toEqual([GRACE(3)]);
  });
});

describe('the policy as a file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kataudit-policy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('takes precedence over a blob of the same name, and is read again each time', async () => {
    const path = join(folder, 'policy.yaml');
    const source = policySource({ KATAUDIT_POLICY: path }, storage.texts);
    for (const days of [6, 7]) {
      writeFileSync(path, GRACE(days));
      expect(await graceOf(source)).toBe(days);
    }
  });

  it('is compared with the kept one when it changes, and not each time', async () => {
    const path = join(folder, 'policy.yaml');
    const asked: string[] = [];
    const counted = reading((place, tag) => {
      asked.push(place);
      return storage.texts.read(place, tag);
    });
    const source = policySource({ KATAUDIT_POLICY: path }, counted);
    for (const days of [6, 6, 6, 7]) {
      writeFileSync(path, GRACE(days));
      expect(await graceOf(source)).toBe(days);
    }
    expect(asked).toEqual(['policy/last-good.yaml', 'policy/last-good.yaml']);
  });

  it('that cannot be read is an error, and not another policy', async () => {
    await expect(policySource({ KATAUDIT_POLICY: folder }, storage.texts)()).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
