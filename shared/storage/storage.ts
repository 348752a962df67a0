import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { TableClient, TableServiceClient, type TableServiceClientOptions } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { Stores } from '../ports/stores.ts';
import { type Within, withTimeLimit } from '../ports/time-limit.ts';
import { assessmentStore } from './assessments.ts';
import { auditStore } from './audits.ts';
import { bundleStore } from './bundles.ts';
import { eventStore } from './events.ts';
import { exemptionStore } from './exemptions.ts';
import { attempt } from './fault.ts';
import { findingStore } from './findings/findings.ts';
import { messageQueues } from './messages.ts';
import { CONTAINERS, QUEUES, TABLES } from './names.ts';
import { outboxStore } from './outbox.ts';
import { parkedStore } from './parked.ts';
import { publicationStore } from './publications.ts';
import { openTable } from './table.ts';
import { type TextBlobs, textBlobs } from './text-blobs.ts';
import { trendStore } from './trend.ts';

/** The storage account: by connection string on one machine, by identity in the cloud. */
export type StorageAccount =
  | {
      readonly connectionString: string;
      /** Prefix of every table, queue and container, so that several apps can share one emulator. */
      readonly prefix?: string;
    }
  | { readonly accountName: string; readonly credential: TokenCredential; readonly suffix?: string };

/** All stores of the app. */
export interface Storage extends Stores {
  /** Files that operators put into the account, such as the policy, and their cached copies. */
  readonly texts: TextBlobs;
  /** Creates missing tables, queues and containers; safe to run twice. */
  ensure(): Promise<void>;
}

/** Retries and time limits of storage calls, in milliseconds. */
export interface StoragePatience {
  readonly retries: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Time limit of one try of a table call, and of a blob or queue call with all its tries, because their libraries have none. */
  readonly limitMs: number;
}

/** Retries one call for about 20 s; a function that fails after that is retried by its queue. */
const PATIENCE: StoragePatience = { retries: 5, firstDelayMs: 300, longestDelayMs: 8_000, limitMs: 30_000 };

/** Opens the app's storage; nothing is requested yet. */
export function createStorage(
  account: StorageAccount,
  clock: () => Date = () => new Date(),
  patience: StoragePatience = PATIENCE,
): Storage {
  const clients = clientsOf(account, patience);
  const within: Within = (work) => withTimeLimit(patience.limitMs, undefined, work);
  const { prefix } = clients;
  const table = (name: string) => openTable(clients.table(`${prefix}${name}`), name);
  const texts = textBlobs(clients.blobs, prefix, within);
  const tables = { findings: table(TABLES.findings), clusters: table(TABLES.clusters), changes: table(TABLES.changes) };
  return {
    findings: findingStore(tables, clock),
    audits: auditStore(table(TABLES.audits)),
    trend: trendStore(table(TABLES.audits)),
    parked: parkedStore(table(TABLES.parked)),
    assessments: assessmentStore(clients.blobs.getContainerClient(`${prefix}${CONTAINERS.assessments}`), within),
    events: eventStore(table(TABLES.events)),
    exemptions: exemptionStore(table(TABLES.exemptions)),
    outbox: outboxStore(table(TABLES.events)),
    publications: publicationStore(table(TABLES.events)),
    messages: messageQueues(clients.queues, prefix, within),
    texts,
    bundles: bundleStore(clients.blobs.getContainerClient(`${prefix}${CONTAINERS.bundles}`), texts),
    ensure: () => attempt('prepare the storage account', () => within((limit) => ensure(clients, limit))),
  };
}

interface Clients {
  readonly prefix: string;
  readonly table: (name: string) => TableClient;
  readonly tables: TableServiceClient;
  readonly queues: QueueServiceClient;
  readonly blobs: BlobServiceClient;
}

function clientsOf(account: StorageAccount, patience: StoragePatience): Clients {
  const pipeline = tablePipeline(patience);
  const blobPipeline = blobAndQueuePipeline(patience);
  if ('connectionString' in account) {
    const { connectionString, prefix = '' } = account;
    const insecure = { ...pipeline, allowInsecureConnection: true };
    return {
      prefix,
      table: (name) => TableClient.fromConnectionString(connectionString, name, insecure),
      tables: TableServiceClient.fromConnectionString(connectionString, insecure),
      queues: QueueServiceClient.fromConnectionString(connectionString, blobPipeline),
      blobs: BlobServiceClient.fromConnectionString(connectionString, blobPipeline),
    };
  }
  const { accountName, credential, suffix = 'core.windows.net' } = account;
  const address = (service: string) => `https://${accountName}.${service}.${suffix}`;
  return {
    prefix: '',
    table: (name) => new TableClient(address('table'), name, credential, pipeline),
    tables: new TableServiceClient(address('table'), credential, pipeline),
    queues: new QueueServiceClient(address('queue'), credential, blobPipeline),
    blobs: new BlobServiceClient(address('blob'), credential, blobPipeline),
  };
}

function tablePipeline({ retries, firstDelayMs, longestDelayMs, limitMs }: StoragePatience): TableServiceClientOptions {
  const client = createDefaultHttpClient();
  // The timeout of a request is not used: its timer stays behind when the request fails, and keeps a command alive.
  const inTime: HttpClient = {
    sendRequest: (request) => {
      const signal = request.abortSignal instanceof AbortSignal ? request.abortSignal : undefined;
      const send = async (abortSignal: AbortSignal) => ({ ...(await client.sendRequest({ ...request, abortSignal })), request });
      return withTimeLimit(limitMs, signal, send);
    },
  };
  return {
    httpClient: inTime,
    retryOptions: { maxRetries: retries, retryDelayInMs: firstDelayMs, maxRetryDelayInMs: longestDelayMs },
  };
}

function blobAndQueuePipeline({ retries, firstDelayMs, longestDelayMs }: StoragePatience) {
  return { retryOptions: { maxTries: retries + 1, retryDelayInMs: firstDelayMs, maxRetryDelayInMs: longestDelayMs } };
}

async function ensure({ prefix, tables, queues, blobs }: Clients, abortSignal: AbortSignal): Promise<void> {
  const queueNames = Object.values(QUEUES).flatMap((name) => [name, `${name}-poison`]);
  await Promise.all([
    ...Object.values(TABLES).map((name) => tables.createTable(`${prefix}${name}`)),
    ...queueNames.map((name) => queues.getQueueClient(`${prefix}${name}`).createIfNotExists({ abortSignal })),
    ...Object.values(CONTAINERS).map((name) => blobs.getContainerClient(`${prefix}${name}`).createIfNotExists({ abortSignal })),
  ]);
}
