import { z } from 'zod';
import { parseNodeImage } from '../../domain/images/node-image.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { observedValue } from '../../domain/snapshot/observation.ts';
import { parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { AzureEstate, ListedCluster } from '../../ports/azure-estate.ts';
import { armReadsBucket, otherAksBucket } from '../budget/published-budgets.ts';
import { beforeAbort } from '../client/abort.ts';
import { timeRanOut } from '../client/fault.ts';
import type { AzureEstateOptions } from '../client/options.ts';
import { only } from '../client/paging.ts';
import { containerService } from './container-service.ts';

const DEFAULT_TTL_MS = 3_600_000;

/** By the models of `@azure/arm-containerservice` (AgentPoolUpgradeProfile) the latest image may be absent. */
const UpgradeProfile = z.object({ properties: z.object({ latestNodeImageVersion: z.string().nullish() }) });

interface Held {
  readonly image: string;
  readonly at: number;
}

/**
 * Reads the newest node image that Azure offers a pool: one call per image variant, region and Kubernetes minor version while the result
 * is cached, however many pools and clusters share them. A refusal is not cached, because it is about one cluster and not about the
 * image.
 */
export function latestImages(options: AzureEstateOptions): AzureEstate['latestNodeImage'] {
  const held = new Map<string, Held>();
  const asking = new Map<string, Promise<string>>();
  const ttl = options.latestImageTtlMs ?? DEFAULT_TTL_MS;

  return async function latestNodeImage(listed, nodePool, abortSignal) {
    const key = keyOf(listed, nodePool);
    if (key === undefined) return ask(options, listed, nodePool, abortSignal);
    for (;;) {
      const now = options.clock().getTime();
      const known = held.get(key);
      if (known !== undefined && now - known.at < ttl) return known.image;
      const other = asking.get(key);
      if (other === undefined) break;
      await othersAnswer(other, nodePool, abortSignal);
    }
    const at = options.clock().getTime();
    const answer = ask(options, listed, nodePool, abortSignal);
    asking.set(key, answer);
    try {
      const image = await answer;
      held.set(key, { image, at });
      return image;
    } finally {
      asking.delete(key);
    }
  };
}

/** Waits until another caller's call is settled; its result is then in the cache. */
async function othersAnswer(answer: Promise<string>, nodePool: string, abortSignal: AbortSignal): Promise<void> {
  try {
    await beforeAbort(Promise.allSettled([answer]), abortSignal);
  } catch (error) {
    throw timeRanOut(`learn the latest image of node pool ${nodePool}`, error);
  }
}

/** Returns what pools must have in common to be offered the same image; `undefined` if the pool's own image is unknown. */
function keyOf({ cluster, settings, nodePools }: ListedCluster, nodePool: string): string | undefined {
  const pool = observedValue(nodePools)?.find(({ name }) => name === nodePool);
  const image = pool?.nodeImageVersion === undefined ? undefined : parseNodeImage(pool.nodeImageVersion);
  const [major, minor] = (pool?.kubernetesVersion ?? settings.kubernetesVersion ?? '').split('.');
  if (image === undefined || minor === undefined) return undefined;
  return [image.variant.toLowerCase(), cluster.location, major, minor].join('|');
}

async function ask(options: AzureEstateOptions, { cluster }: ListedCluster, nodePool: string, abortSignal: AbortSignal): Promise<string> {
  const parts = parseClusterId(cluster.id);
  if (parts === undefined) throw new Fault('no-azure-access', `${cluster.id} is not known to Azure.`);
  const { client, answers } = await containerService(options, parts.subscriptionId, {
    what: `read the upgrade profile of node pool ${nodePool} of ${cluster.id}`,
    action: 'Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles/read',
    buckets: [otherAksBucket(parts.subscriptionId, cluster.location), armReadsBucket(parts.subscriptionId)],
    schema: UpgradeProfile,
    abortSignal,
  });
  await client.agentPools.getUpgradeProfile(parts.resourceGroup, parts.name, nodePool);
  const image = only(answers).properties.latestNodeImageVersion ?? '';
  if (image !== '') return image;
  const text = `The upgrade profile of node pool ${nodePool} of ${cluster.id} has no latestNodeImageVersion: Azure currently offers the pool no image.`;
  throw new Fault('not-found', text);
}
