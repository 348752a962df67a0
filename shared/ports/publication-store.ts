import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { Service } from './service-status.ts';

/** The services to which the app publishes results. */
export type PublishingService = Exclude<Service, 'vulnerabilities'>;

/** One object that the app wrote for an Azure resource. */
export interface PublishedItem {
  /** Digest of the content without its dates; a different digest means a change. Empty before the first write. */
  readonly digest: string;
  /** When it was last written, RFC 3339. */
  readonly at: string;
  /** `unsure`: it may exist. `left`: it could not be deleted and is marked as no longer applicable. */
  readonly state: 'there' | 'unsure' | 'left';
}

/** Everything that the app wrote for one resource to one service, so that it can be withdrawn. */
export interface Published {
  readonly service: PublishingService;
  /** The canonical id of a cluster, or `/subscriptions/<id>`. */
  readonly scope: string;
  /** By name; names are GUIDs. */
  readonly items: Readonly<Record<string, PublishedItem>>;
  /** When all of it was last in the desired state. */
  readonly lastSuccessAt?: string;
  /** Why it is not in the desired state; absent when it is. */
  readonly problem?: UnavailableReason;
}

/** A record with the token that makes the next write conditional. */
export interface HeldPublished {
  readonly published: Published;
  readonly version: string;
}

/** Records of what the app writes to other services. A record is stored before the write, so that a crash leaves nothing untracked. */
export interface PublicationStore {
  get(service: PublishingService, scope: string): Promise<HeldPublished | undefined>;
  /** Writes a record if its version is unchanged, or without a version if it does not exist; returns the new version, or `undefined` when another writer changed it. */
  put(published: Published, basedOn: string | undefined): Promise<string | undefined>;
  /** Deletes a record if its version is unchanged; false when another writer changed it. */
  forget(service: PublishingService, scope: string, version: string): Promise<boolean>;
  /** All records of a service, or those of one subscription and its clusters. */
  list(service: PublishingService, subscriptionId?: string): Promise<readonly Published[]>;
  /** The last planned publication, in the planner's own format; `undefined` before the first. */
  round(service: PublishingService): Promise<string | undefined>;
  setRound(service: PublishingService, round: string): Promise<void>;
}
