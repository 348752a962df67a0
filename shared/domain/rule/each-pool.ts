import { isKataPool } from '../isolation/kata-evidence.ts';
import { given } from '../snapshot/given.ts';
import type { NodePool } from '../snapshot/snapshot.ts';
import { unreadAmong } from '../snapshot/unread.ts';
import type { Judgement } from './rule.ts';

type Field = Exclude<keyof NodePool, 'name' | 'unread'>;

/** What a judgement of a pool reads of it. */
export interface PoolFields<V extends Field, S extends Field> {
  /** The verdict rests on these: it is unknown when one of them cannot be read. */
  readonly restsOn: readonly V[];
  /** These are only told or make a difference in the words: one that cannot be read is left out. */
  readonly mentions?: readonly S[];
}

/** What the rules about a pool's image read of it. */
export const IMAGE_READS = {
  restsOn: ['nodeImageVersion'],
  mentions: ['mode', 'provisioningState', 'inTransition', 'powerState', 'snapshotId'],
} as const satisfies PoolFields<Field, Field>;

/** Says that an image's name cannot be read, or that there is none. */
export function unreadableImage(nodeImageVersion: string | undefined): string {
  if (nodeImageVersion === undefined) return 'Nothing says which node image it runs: nodeImageVersion is absent.';
  return `The node image ${JSON.stringify(nodeImageVersion)} cannot be read.`;
}

/** What every rule about a pool's image says of a pool that AKS runs itself: nobody else can upgrade it, and AKS refuses who tries. */
export function aksPatches({ name, nodeImageVersion }: Pick<NodePool, 'name' | 'nodeImageVersion'>): Judgement {
  return {
    verdict: 'not-applicable',
    subject: { kind: 'node-pool', name },
    message: 'AKS manages this pool: it patches and upgrades its nodes itself.',
    facts: { managedBy: 'AKS', ...given({ nodeImageVersion }) },
  };
}

type Part<F extends Field> = Pick<NodePool, 'name' | 'unread' | F>;

/**
 * Judges every pool. A pool of which a field that the verdict rests on could not be read is unknown, by
 * the name of the field. Reading a field that is not declared does not compile.
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

/** Judges every Kata pool as `eachPool` does; a pool of which it is not known whether it is one is unknown. */
export function eachKataPool<V extends Field, S extends Field = never>(
  pools: readonly NodePool[],
  { restsOn }: PoolFields<V, S>,
  judge: (pool: Part<V | S | 'workloadRuntime'>) => Judgement,
): readonly Judgement[] {
  const mayBeKata = pools.filter((pool) => isKataPool(pool) || unreadAmong(pool, ['workloadRuntime']) !== undefined);
  return eachPool<V | 'workloadRuntime', S>(mayBeKata, { restsOn: ['workloadRuntime', ...restsOn] }, judge);
}
