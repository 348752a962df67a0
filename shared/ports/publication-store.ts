import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { Service } from './service-status.ts';

/** The services that the app tells what it found. */
export type PublishingService = Exclude<Service, 'vulnerabilities'>;

/** One thing that the app wrote beside a resource of Azure. */
export interface PublishedItem {
  /** What was said, without its dates: another digest is news. Empty before it was written. */
  readonly digest: string;
  /** When it was last written, RFC 3339. */
  readonly at: string;
  /** `unsure`: it may be there. `left`: it could not be deleted, and says that it no longer applies. */
  readonly state: 'there' | 'unsure' | 'left';
}

/** All that the app wrote beside one resource for one service, so that it can be taken back. */
export interface Published {
  readonly service: PublishingService;
  /** The canonical id of a cluster, or `/subscriptions/<id>`. */
  readonly scope: string;
  /** By name; names are GUIDs. */
  readonly items: Readonly<Record<string, PublishedItem>>;
  /** When all of it was last as it is to be. */
  readonly lastSuccessAt?: string;
  /** Why it is not as it is to be; absent where it is. */
  readonly problem?: UnavailableReason;
}

/** A record with the token that makes the next write conditional. */
export interface HeldPublished {
  readonly published: Published;
  readonly version: string;
}

/** What the app wrote outside, kept before it is written: a process that dies leaves nothing there that nobody knows of. */
export interface PublicationStore {
  get(service: PublishingService, scope: string): Promise<HeldPublished | undefined>;
  /** Writes a record that still has a version, or, without one, is not there; the new version, `undefined` when somebody else wrote it. */
  put(published: Published, basedOn: string | undefined): Promise<string | undefined>;
  /** Forgets a record that still has a version; false when somebody else wrote it. */
  forget(service: PublishingService, scope: string, version: string): Promise<boolean>;
  /** All records of a service, or those of one subscription and its clusters. */
  list(service: PublishingService, subscriptionId?: string): Promise<readonly Published[]>;
  /** What was last planned to be told, in words of the planner; `undefined` before anything was. */
  round(service: PublishingService): Promise<string | undefined>;
  setRound(service: PublishingService, round: string): Promise<void>;
}
