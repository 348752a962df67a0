import type { UnavailableReason } from '../../domain/snapshot/observation.ts';
import type { Published, PublishingService } from '../../ports/publication-store.ts';
import type { ServiceStatus } from '../../ports/service-status.ts';
import type { Saying, TakeBack } from './bring-to.ts';

/** All items to write beside one resource, and how the other items are removed. */
export interface Said {
  readonly sayings: readonly Saying[];
  readonly takeBack: TakeBack;
}

/** A service to which the state of the estate is published. */
export interface Publisher {
  readonly service: PublishingService;
  readonly mode: ServiceStatus['mode'];
  /** What is missing before anything can be published; absent if nothing is. */
  readonly blockedBy?: UnavailableReason;
  /** Returns the newest audit to publish; `undefined` before there is one. */
  readonly newest: () => Promise<string | undefined>;
  /** Returns the items of a subscription, written before those of its clusters; none if it has no clusters. */
  readonly ofSubscription: (subscriptionId: string, hasClusters: boolean) => Promise<Said>;
  /** Returns the items of a cluster; none if it is no longer in the estate. `subscription` is what was published for its subscription. */
  readonly ofCluster: (clusterId: string, isPresent: boolean, subscription: Published | undefined) => Promise<Said>;
  /** Time after which an unchanged item is written again. */
  readonly renewAfterMs?: number;
}
