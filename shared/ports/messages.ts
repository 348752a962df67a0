import type { PublishingService } from './publication-store.ts';

/** Why a scan runs. */
export interface ScanMessage {
  readonly clusterId: string;
  /** The audit's id, or `event:<id>`. */
  readonly cause: string;
  readonly auditId?: string;
  /** When it was requested, RFC 3339. */
  readonly requestedAt: string;
}

/** Requests the inventory of one subscription. */
export interface InventoryMessage {
  readonly auditId: string;
  readonly subscriptionId: string;
  /** Its clusters in scope, when one query over the whole estate has listed them already; otherwise the inventory lists them. */
  readonly clusterIds?: readonly string[];
}

/** Requests notifications of the changes of one scan. */
export interface NotificationMessage {
  readonly clusterId: string;
  readonly cause: string;
}

/** Requests one digest for a target with everything in its outbox. */
export interface DigestMessage {
  readonly target: string;
}

/** Requests publication to a service for one subscription and then its clusters, or for one cluster. */
export type PublicationMessage = { readonly service: PublishingService } & (
  | { readonly subscriptionId: string }
  | { readonly clusterId: string }
);

/** The queues that fan out work. When a send returns, the message is stored; when it throws, it may be stored. */
export interface Messages {
  inventory(message: InventoryMessage): Promise<void>;
  scan(message: ScanMessage, delaySeconds?: number): Promise<void>;
  notification(message: NotificationMessage): Promise<void>;
  digest(message: DigestMessage, delaySeconds?: number): Promise<void>;
  publication(message: PublicationMessage): Promise<void>;
  /** Sends a text unchanged, to replay a parked message. */
  raw(queue: string, body: string): Promise<void>;
}
