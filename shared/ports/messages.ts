import type { PublishingService } from './publication-store.ts';

/** Why a scan is made. */
export interface ScanMessage {
  readonly clusterId: string;
  /** The audit's id, or `event:<id>`. */
  readonly cause: string;
  readonly auditId?: string;
  /** When it was asked for, RFC 3339. */
  readonly requestedAt: string;
}

/** Ask for the inventory of one subscription. */
export interface InventoryMessage {
  readonly auditId: string;
  readonly subscriptionId: string;
  /** Its clusters in scope, when one query over the whole estate has told them already; absent means: list them. */
  readonly clusterIds?: readonly string[];
}

/** Ask to tell of what one scan changed. */
export interface NotificationMessage {
  readonly clusterId: string;
  readonly cause: string;
}

/** Ask to tell a target, in one digest, of all that it is still to be told. */
export interface DigestMessage {
  readonly target: string;
}

/** Ask to tell a service of one subscription and then of its clusters, or of one cluster. */
export type PublicationMessage = { readonly service: PublishingService } & (
  | { readonly subscriptionId: string }
  | { readonly clusterId: string }
);

/** The queues that fan work out. A send that returns has been stored; one that throws may have been. */
export interface Messages {
  inventory(message: InventoryMessage): Promise<void>;
  scan(message: ScanMessage, delaySeconds?: number): Promise<void>;
  notification(message: NotificationMessage): Promise<void>;
  digest(message: DigestMessage, delaySeconds?: number): Promise<void>;
  publication(message: PublicationMessage): Promise<void>;
  /** Sends a text again as it was, to replay a parked message. */
  raw(queue: string, body: string): Promise<void>;
}
