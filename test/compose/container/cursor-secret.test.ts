import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cursorSecretOf } from '../../../shared/compose/container/cursor-secret.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { createStorage } from '../../../shared/storage/storage.ts';
import type { TextBlobs } from '../../../shared/storage/text-blobs.ts';
import { BlobService } from '../../support/blob-service.ts';

let service: BlobService;
let texts: TextBlobs;
beforeAll(async () => {
  service = await BlobService.start();
  texts = createStorage({ connectionString: service.connectionString }).texts;
});
afterAll(() => service.stop());

describe('the secret of cursors', () => {
  it('is the same in every instance, even when many start at once', async () => {
    let made = 0;
    const instances = Array.from({ length: 6 }, () => cursorSecretOf(texts, () => `secret ${++made}`));
    const secrets = await Promise.all(instances.map((secret) => secret()));

    expect(new Set(secrets).size).toBe(1);
    expect(await cursorSecretOf(texts, () => 'later')()).toBe(secrets[0]);
  });

  it('is read once, and again after the storage was unavailable', async () => {
    let asked = 0;
    const read: TextBlobs['read'] = async (path) => {
      asked += 1;
      if (asked === 1) throw new Fault('unreachable', 'away');
      return texts.read(path);
    };
    const secret = cursorSecretOf({ ...texts, read }, () => 'never');
    await expect(secret()).rejects.toMatchObject({ code: 'unreachable' });
    const first = await secret();
    expect(await secret()).toBe(first);
    expect(asked).toBe(2);
  });
});
