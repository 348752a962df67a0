import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { bundleStoreContract } from './bundles-contract.ts';
import { findingStoreContract } from './findings-contract.ts';
import {
  assessmentStoreContract,
  auditStoreContract,
  eventStoreContract,
  exemptionStoreContract,
  messagesContract,
  outboxStoreContract,
  parkedStoreContract,
  publicationStoreContract,
  trendStoreContract,
} from './other-contracts.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
}, 60_000);
afterAll(() => azurite.stop());

type Ports = Pick<
  Storage,
  'findings' | 'audits' | 'trend' | 'parked' | 'events' | 'exemptions' | 'assessments' | 'messages' | 'bundles' | 'outbox' | 'publications'
>;

/** Each test has its own tables, queues and containers, distinguished by a prefix. */
async function onAzurite(): Promise<Ports> {
  const storage = createStorage({
    connectionString: azurite.connectionString,
    prefix: `t${randomUUID().replaceAll('-', '').slice(0, 12)}`,
  });
  await storage.ensure();
  return storage;
}

for (const [name, open] of [['memory', async () => createMemoryStorage()] as const, ['Azurite', onAzurite] as const]) {
  findingStoreContract(name, async () => (await open()).findings);
  auditStoreContract(name, async () => (await open()).audits);
  trendStoreContract(name, async () => (await open()).trend);
  parkedStoreContract(name, async () => (await open()).parked);
  eventStoreContract(name, async () => (await open()).events);
  exemptionStoreContract(name, async () => (await open()).exemptions);
  bundleStoreContract(name, async () => (await open()).bundles);
  assessmentStoreContract(name, async () => (await open()).assessments);
  outboxStoreContract(name, async () => (await open()).outbox);
  publicationStoreContract(name, async () => (await open()).publications);
  messagesContract(name, async () => (await open()).messages);
}
