import { buildCluster, type ClusterPlan } from './build.ts';
import { dataClusters } from './clusters/data.ts';
import { hubClusters } from './clusters/hub.ts';
import { labClusters } from './clusters/lab.ts';
import { paymentsClusters } from './clusters/payments.ts';
import { planted } from './demonstration.ts';
import { DEMONSTRATIONS } from './demonstrations/index.ts';
import type { Estate } from './model.ts';
import { guid } from './random.ts';

/**
 * The estate that local mode, tests and demonstrations audit: a healthy cluster, and one of every
 * relevant kind of mistake and obstacle. The same seed and time give the same estate.
 */
export function defaultEstate(seed: string, now: Date): Estate {
  const subscription = (name: string, managementGroup: string) => ({ id: guid(seed, 'subscription', name), name, managementGroup });
  const built = (plans: readonly ClusterPlan[]) =>
    plans.map((plan) => buildCluster(planted(plan, Object.values(DEMONSTRATIONS), now), now));
  return {
    seed,
    now: now.toISOString(),
    subscriptions: [
      { ...subscription('payments-production', 'corp-online'), clusters: built(paymentsClusters(now)) },
      { ...subscription('data-platform', 'corp-internal'), clusters: built(dataClusters(now)) },
      { ...subscription('shared-services', 'corp-internal'), clusters: built(hubClusters(now)) },
      { ...subscription('sandbox-laboratory', 'corp-internal'), clusters: built(labClusters(now)) },
    ],
  };
}
