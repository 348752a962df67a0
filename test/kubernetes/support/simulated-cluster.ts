import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { accessFromAksCredential, type ClusterAccess } from '../../../shared/kubernetes/client/access.ts';
import { type OpenOptions, openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import { type EstateSize, scaleEstate } from '../../../shared/local/estate/scale-estate.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import type { ClusterReader, PodReading } from '../../../shared/ports/cluster-reader.ts';

/** One simulated cluster behind TLS, and readers of it that never sleep. */
export interface SimulatedCluster {
  readonly name: string;
  readonly running: RunningEstate;
  readonly access: ClusterAccess;
  /** The waits of the readers, in milliseconds. */
  readonly waits: number[];
  reader(options?: Partial<OpenOptions>): Promise<ClusterReader>;
  /** Paths that were requested since the last call. */
  asked(): readonly string[];
}

const NOW = new Date('2026-09-01T12:00:00.000Z');

/** Starts a cluster of three pools. */
export async function startCluster(size: Partial<EstateSize> = {}): Promise<SimulatedCluster> {
  const estate = scaleEstate({ clusters: 1, poolsPerCluster: 3, podsPerCluster: 600, nodesPerPool: 10, ...size }, 'reader test', NOW);
  const running = await startEstate(estate);
  const name = estate.subscriptions[0]?.clusters[0]?.name ?? '';
  const access = await accessFromAksCredential(running.kubeconfigFor(name), running.token, ['127.0.0.1']);
  const waits: number[] = [];
  let seen = 0;
  const pause = async (milliseconds: number) => {
    waits.push(milliseconds);
  };
  return {
    name,
    running,
    access,
    waits,
    reader: ({ list, ...options } = {}) =>
      openCluster(access, { clock: () => new Date(), ...options, list: { pageSize: 100, pause, random: () => 1, ...list } }),
    asked: () => {
      const paths = running.requests.slice(seen).map(({ path }) => path);
      seen = running.requests.length;
      return paths;
    },
  };
}

/** Reads all pods by the default policy, with unread nodes and classes. */
export const READING: PodReading = {
  nodes: undefined,
  runtimeClasses: undefined,
  pods: { ...DEFAULT_POLICY.pods, mode: 'census' },
  required: { why: 'a test reads every pod' },
  seed: 'seed',
};

/** A signal that ends a test instead of the whole run. */
export const soon = () => AbortSignal.timeout(20_000);
