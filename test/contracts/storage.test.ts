import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { createStorage } from '../../shared/storage/storage.ts';
import { everyContract } from './every-contract.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
}, 60_000);
afterAll(() => azurite.stop());

// Each test has its own tables, queues and containers, distinguished by a prefix.
everyContract('Azurite', async () => {
  const storage = createStorage({
    connectionString: azurite.connectionString,
    prefix: `t${randomUUID().replaceAll('-', '').slice(0, 12)}`,
  });
  await storage.ensure();
  return storage;
});
