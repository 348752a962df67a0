import type { Stores } from '../../shared/ports/stores.ts';
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

/** The contract of everything that the app keeps; each test opens stores of its own. */
export function everyContract(name: string, open: () => Promise<Stores>): void {
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
