import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster, aPodGroup } from '../support/a-snapshot.ts';
import { BAD, ScanWorld } from '../usecases/a-scan.ts';

/** What a scanner process sees of a cluster. */
export interface ScanOrder {
  readonly clusterId: string;
  readonly observedAt: string;
  readonly cause: string;
  /** Each running Deployment, and whether it is sandboxed; `unavailable` when they could not be listed. */
  readonly workloads: Readonly<Record<string, boolean>> | 'unavailable';
}

/** Its messages: that it has read the cluster and waits for `write`, or the outcome of the scan. */
export type ScanReport =
  | { readonly state: 'ready' }
  | { readonly state: 'looked' }
  | { readonly state: 'done'; readonly assessment: string; readonly changed: number; readonly conflicts: number }
  | { readonly state: 'failed'; readonly message: string };

/** The commands of the test. */
export type ScanCommand = { readonly scan: ScanOrder } | { readonly write: true };

let mayWrite: (() => void) | undefined;

function tell(report: ScanReport): void {
  process.send?.(report);
}

/** A scan that has read its cluster waits for the command to write, so that two of them write at once. */
async function scan(storage: Storage, { clusterId, observedAt, cause, workloads }: ScanOrder): Promise<void> {
  const world = new ScanWorld();
  const { settings, nodePools } = world.listed instanceof Fault ? never() : world.listed;
  world.listed = { cluster: aCluster({ id: clusterId, name: clusterId.split('/').at(-1) ?? '' }), settings, nodePools };
  world.now = observedAt;
  world.workloads =
    workloads === 'unavailable'
      ? new Fault('timed-out', 'The list of pods did not end.')
      : Object.entries(workloads).map(([ownerName, sandboxed]) =>
          sandboxed ? aPodGroup({ ownerName, labels: BAD.labels }) : { ...BAD, ownerName },
        );
  let conflicts = 0;
  let looked = false;
  const { findings, assessments, audits, events } = storage;
  const ofCluster: typeof findings.ofCluster = async (id) => {
    const word = new Promise<void>((go) => {
      mayWrite = go;
    });
    if (!looked) {
      looked = true;
      tell({ state: 'looked' });
      await word;
    }
    return findings.ofCluster(id);
  };
  const write: typeof findings.write = async (change) => {
    const outcome = await findings.write(change);
    if (outcome === 'conflict') conflicts += 1;
    return outcome;
  };
  const deps = { ...world.deps, assessments, audits, events, findings: { ofCluster, write } };
  const result = await scanCluster(deps, { clusterId, cause, requestedAt: observedAt }, true, new AbortController().signal);
  tell({ state: 'done', assessment: result.assessment, changed: result.changed, conflicts });
}

function never(): never {
  throw new Error('The world of these scans has a cluster.');
}

const [connectionString = ''] = process.argv.slice(2);
const storage = createStorage({ connectionString });
process.on('message', (command: ScanCommand) => {
  if ('write' in command) return mayWrite?.();
  scan(storage, command.scan).catch((error: unknown) => tell({ state: 'failed', message: String(error) }));
});
tell({ state: 'ready' });
