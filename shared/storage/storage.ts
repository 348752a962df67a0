import type { TokenCredential } from '@azure/core-auth';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { AssessmentStore } from '../ports/assessment-store.ts';
import type { AuditStore } from '../ports/audit-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { ExemptionStore } from '../ports/exemption-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Messages } from '../ports/messages.ts';
import type { ParkedStore } from '../ports/parked-store.ts';
import { assessmentStore } from './assessments.ts';
import { auditStore } from './audits.ts';
import { eventStore } from './events.ts';
import { exemptionStore } from './exemptions.ts';
import { attempt } from './fault.ts';
import { findingStore } from './findings.ts';
import { messageQueues } from './messages.ts';
import { CONTAINERS, QUEUES, TABLES } from './names.ts';
import { parkedStore } from './parked.ts';
import { openTable } from './table.ts';
import { type TextBlobs, textBlobs } from './text-blobs.ts';

/** The storage account: by connection string on one machine, by identity in the cloud. */
export type StorageAccount =
  | {
      readonly connectionString: string;
      /** Put before every table, queue and container, so that several apps share one emulator. */
      readonly prefix?: string;
    }
  | { readonly accountName: string; readonly credential: TokenCredential; readonly suffix?: string };

/** All that the app keeps. */
export interface Storage {
  readonly findings: FindingStore;
  readonly audits: AuditStore;
  readonly parked: ParkedStore;
  readonly assessments: AssessmentStore;
  readonly events: EventStore;
  readonly exemptions: ExemptionStore;
  readonly messages: Messages;
  /** What people put into the account, such as the policy, and what is kept of it. */
  readonly texts: TextBlobs;
  /** Makes the tables, queues and containers that are not there; twice is harmless. */
  ensure(): Promise<void>;
}

/** Tries of one call over about 20 s; a function that fails after that is tried again by its queue. */
const RETRIES = { maxRetries: 5, retryDelayInMs: 300, maxRetryDelayInMs: 8_000 };
const PIPELINE = { retryOptions: RETRIES };
const BLOB_PIPELINE = { retryOptions: { maxTries: 6, retryDelayInMs: 300, maxRetryDelayInMs: 8_000, tryTimeoutInMs: 30_000 } };

/** Opens the app's storage; asks nothing of it yet. */
export function createStorage(account: StorageAccount, clock: () => Date = () => new Date()): Storage {
  const clients = clientsOf(account);
  const { prefix } = clients;
  const table = (name: string) => openTable(clients.table(`${prefix}${name}`), name);
  const tables = { findings: table(TABLES.findings), clusters: table(TABLES.clusters), changes: table(TABLES.changes) };
  return {
    findings: findingStore(tables, clock),
    audits: auditStore(table(TABLES.audits)),
    parked: parkedStore(table(TABLES.parked)),
    assessments: assessmentStore(clients.blobs.getContainerClient(`${prefix}${CONTAINERS.assessments}`)),
    events: eventStore(table(TABLES.events)),
    exemptions: exemptionStore(table(TABLES.exemptions)),
    messages: messageQueues(clients.queues, prefix),
    texts: textBlobs(clients.blobs, prefix),
    ensure: () => attempt('prepare the storage account', () => ensure(clients)),
  };
}

interface Clients {
  readonly prefix: string;
  readonly table: (name: string) => TableClient;
  readonly tables: TableServiceClient;
  readonly queues: QueueServiceClient;
  readonly blobs: BlobServiceClient;
}

function clientsOf(account: StorageAccount): Clients {
  if ('connectionString' in account) {
    const { connectionString, prefix = '' } = account;
    const insecure = { ...PIPELINE, allowInsecureConnection: true };
    return {
      prefix,
      table: (name) => TableClient.fromConnectionString(connectionString, name, insecure),
      tables: TableServiceClient.fromConnectionString(connectionString, insecure),
      queues: QueueServiceClient.fromConnectionString(connectionString, BLOB_PIPELINE),
      blobs: BlobServiceClient.fromConnectionString(connectionString, BLOB_PIPELINE),
    };
  }
  const { accountName, credential, suffix = 'core.windows.net' } = account;
  const address = (service: string) => `https://${accountName}.${service}.${suffix}`;
  return {
    prefix: '',
    table: (name) => new TableClient(address('table'), name, credential, PIPELINE),
    tables: new TableServiceClient(address('table'), credential, PIPELINE),
    queues: new QueueServiceClient(address('queue'), credential, BLOB_PIPELINE),
    blobs: new BlobServiceClient(address('blob'), credential, BLOB_PIPELINE),
  };
}

async function ensure({ prefix, tables, queues, blobs }: Clients): Promise<void> {
  const queueNames = Object.values(QUEUES).flatMap((name) => [name, `${name}-poison`]);
  await Promise.all([
    ...Object.values(TABLES).map((name) => tables.createTable(`${prefix}${name}`)),
    ...queueNames.map((name) => queues.getQueueClient(`${prefix}${name}`).createIfNotExists()),
    ...Object.values(CONTAINERS).map((name) => blobs.getContainerClient(`${prefix}${name}`).createIfNotExists()),
  ]);
}
