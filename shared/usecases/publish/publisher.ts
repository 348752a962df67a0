import type { UnavailableReason } from '../../domain/snapshot/observation.ts';
import type { Published, PublishingService } from '../../ports/publication-store.ts';
import type { ServiceStatus } from '../../ports/service-status.ts';
import type { Saying, TakeBack } from './bring-to.ts';

/** All that is to be said beside one resource, and how the rest is taken back. */
export interface Said {
  readonly sayings: readonly Saying[];
  readonly takeBack: TakeBack;
}

/** One service that is told of the estate. */
export interface Publisher {
  readonly service: PublishingService;
  readonly mode: ServiceStatus['mode'];
  /** What is missing to tell anything; absent where nothing is. */
  readonly blockedBy?: UnavailableReason;
  /** The newest audit whose outcome is to be told; `undefined` before there is one. */
  readonly newest: () => Promise<string | undefined>;
  /** What is said of a subscription with clusters before anything is said of these; nothing of one without. */
  readonly ofSubscription: (subscriptionId: string, hasClusters: boolean) => Promise<Said>;
  /** What is said of a cluster that is in the estate, or of one that no longer is: nothing. `subscription` is what is there of its subscription. */
  readonly ofCluster: (clusterId: string, isPresent: boolean, subscription: Published | undefined) => Promise<Said>;
  /** How long what has not changed stands before it is said again. */
  readonly renewAfterMs?: number;
}
