import { auditStore } from '../../shared/storage/audits.ts';
import { eventStore } from '../../shared/storage/events.ts';
import { exemptionStore } from '../../shared/storage/exemptions.ts';
import { findingStore } from '../../shared/storage/findings/findings.ts';
import { outboxStore } from '../../shared/storage/outbox.ts';
import { parkedStore } from '../../shared/storage/parked.ts';
import { publicationStore } from '../../shared/storage/publications.ts';
import { trendStore } from '../../shared/storage/trend.ts';
import { memoryTable } from '../support/memory-table.ts';
import { findingStoreContract } from './findings-contract.ts';
import {
  auditStoreContract,
  eventStoreContract,
  exemptionStoreContract,
  outboxStoreContract,
  parkedStoreContract,
  publicationStoreContract,
  trendStoreContract,
} from './other-contracts.ts';

/*
 * The stores also fulfil their contracts on an in-memory table, so that a mistake in a store is found within seconds.
 * `storage.test.ts` checks that the service itself behaves like this table.
 */
const NAME = 'tables in memory';
const aTable = () => memoryTable('table');

findingStoreContract(NAME, async () => {
  const tables = { findings: aTable(), clusters: aTable(), changes: aTable() };
  return findingStore(tables, () => new Date());
});
auditStoreContract(NAME, async () => auditStore(aTable()));
trendStoreContract(NAME, async () => trendStore(aTable()));
parkedStoreContract(NAME, async () => parkedStore(aTable()));
eventStoreContract(NAME, async () => eventStore(aTable()));
exemptionStoreContract(NAME, async () => exemptionStore(aTable()));
outboxStoreContract(NAME, async () => outboxStore(aTable()));
publicationStoreContract(NAME, async () => publicationStore(aTable()));
