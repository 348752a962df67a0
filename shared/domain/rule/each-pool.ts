import { isKataPool } from '../isolation/kata-evidence.ts';
import { given } from '../snapshot/given.ts';
import type { NodePool } from '../snapshot/snapshot.ts';
import { unreadAmong } from '../snapshot/unread.ts';
import type { Judgement } from './rule.ts';

type Field = Exclude<keyof NodePool, 'name' | 'unread'>;

/** The fields of a pool that a judgement reads. */
export interface PoolFields<V extends Field, S extends Field> {
  /** The verdict depends on these: it is unknown if one of them cannot be read. */
  readonly restsOn: readonly V[];
  /** These only add detail: one that cannot be read is left out. */
  readonly mentions?: readonly S[];
}

/** The fields that the rules about a pool's image read. */
export const IMAGE_READS = {
  restsOn: ['nodeImageVersion'],
  mentions: ['mode', 'provisioningState', 'inTransition', 'powerState', 'snapshotId'],
} as const satisfies PoolFields<Field, Field>;

/** Says that the name of an image cannot be read or is missing. */
export function unreadableImage(nodeImageVersion: string | undefined): string {
  if (nodeImageVersion === undefined) return 'The node image is unknown: nodeImageVersion is absent.';
  return `The node image ${JSON.stringify(nodeImageVersion)} cannot be read.`;
}

/** The judgement for a pool that AKS runs itself: nobody else can upgrade it, and AKS rejects attempts. */
export function aksPatches({ name, nodeImageVersion }: Pick<NodePool, 'name' | 'nodeImageVersion'>): Judgement {
  return {
    verdict: 'not-applicable',
    subject: { kind: 'node-pool', name },
    message: 'AKS manages this pool and upgrades its nodes itself.',
    facts: { managedBy: 'AKS', ...given({ nodeImageVersion }) },
  };
}

type Part<F extends Field> = Pick<NodePool, 'name' | 'unread' | F>;

/**
 * Judges every pool. If a field that the verdict depends on could not be read, the verdict is unknown and names the field.
 * Reading an undeclared field does not compile.
 */
export function eachPool<V extends Field, S extends Field = never>(
  pools: readonly NodePool[],
  { restsOn }: PoolFields<V, S>,
  judge: (pool: Part<V | S>) => Judgement,
): readonly Judgement[] {
  return pools.map((pool) => {
    const message = unreadAmong(pool, restsOn);
    return message === undefined ? judge(pool) : { verdict: 'unknown', subject: { kind: 'node-pool', name: pool.name }, message };
  });
}

/** Judges every Kata pool as `eachPool` does. A pool that may or may not be a Kata pool gets the verdict unknown. */
export function eachKataPool<V extends Field, S extends Field = never>(
  pools: readonly NodePool[],
  { restsOn }: PoolFields<V, S>,
  judge: (pool: Part<V | S | 'workloadRuntime'>) => Judgement,
): readonly Judgement[] {
  const mayBeKata = pools.filter((pool) => isKataPool(pool) || unreadAmong(pool, ['workloadRuntime']) !== undefined);
  return eachPool<V | 'workloadRuntime', S>(mayBeKata, { restsOn: ['workloadRuntime', ...restsOn] }, judge);
}
