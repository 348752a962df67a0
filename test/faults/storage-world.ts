import type { PodGroup } from '../../shared/domain/snapshot/pod-group.ts';
import { clusterKey } from '../../shared/domain/snapshot/resource-id.ts';
import { createStorage, type Storage, type StoragePatience } from '../../shared/storage/storage.ts';
import { auditOutcome } from '../../shared/usecases/audit-outcome.ts';
import { parkMessage } from '../../shared/usecases/park-message.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster, aPodGroup } from '../support/a-snapshot.ts';
import { allPages } from '../support/all-pages.ts';
import { BAD, ScanWorld } from '../usecases/a-scan.ts';

/** Gives up early, so that permanent failures do not slow the tests. */
export const IMPATIENT: StoragePatience = { retries: 2, firstDelayMs: 1, longestDelayMs: 2, limitMs: 5_000 };
/** The same for missing answers. On a busy machine it may give up on a slow answer, which is one more attempt. */
export const VERY_IMPATIENT: StoragePatience = { ...IMPATIENT, limitMs: 500 };

/** As in `host.json`. */
const TRIES = 5;
const REQUIRED = { labels: { 'kataudit.io/sandbox': 'required' } };

/** Two clusters: the faults are at the first one, and must not affect the second. */
export const HURT = aCluster().id;
export const OTHER = HURT.replace(/shop$/, 'unhurt');
export const HURT_KEY = clusterKey(HURT);

/** What each audit sees: a finding opens; then it resolves and another opens; then that one resolves too and the first reopens. */
const SEEN: readonly (readonly PodGroup[])[] = [
  [BAD, aPodGroup({ ownerName: 'next', ...REQUIRED })],
  [aPodGroup({ ownerName: 'bad', ...REQUIRED }), { ...BAD, ownerName: 'next' }],
  [BAD, aPodGroup({ ownerName: 'next', ...REQUIRED })],
];

/** From before the first audit to after the last one: reading the changes costs a request for each day. */
const ALL_TIME = { since: '2026-08-31T00:00:00.000Z', until: '2026-09-04T00:00:00.000Z' };

/** The outcome of the messages of one audit. */
export interface Delivery {
  /** Failed attempts, with their errors. */
  readonly failures: readonly string[];
  readonly parked: number;
}

/** The storage of one run, separate on a shared emulator: directly, and through the faults. */
export class StorageWorld {
  readonly direct: Storage;
  readonly faulty: Storage;
  /** The prefix of the names of its tables and queues. */
  readonly prefix: string;

  private constructor(direct: Storage, faulty: Storage, prefix: string) {
    this.direct = direct;
    this.faulty = faulty;
    this.prefix = prefix;
  }

  static async make(
    connectionString: string,
    faultyConnectionString: string,
    prefix: string,
    patience: StoragePatience,
  ): Promise<StorageWorld> {
    const direct = createStorage({ connectionString, prefix });
    await direct.ensure();
    return new StorageWorld(direct, createStorage({ connectionString: faultyConnectionString, prefix }, undefined, patience), prefix);
  }

  /** The n-th audit of both clusters, each message with the attempts of its queue. */
  async audit(number: number, storage: Storage): Promise<Delivery> {
    const now = `2026-09-0${number}T12:00:00.000Z`;
    const auditId = `audit-${number}`;
    await this.direct.audits.start({ id: auditId, startedAt: now, cause: 'timer', subscriptions: [] });
    const failures: string[] = [];
    let parked = 0;
    for (const clusterId of [HURT, OTHER]) {
      await this.direct.audits.recordCluster({ auditId, clusterId, at: now, state: 'planned', reasons: [], changed: 0 });
      const failed = await this.#deliver(storage, clusterId, auditId, now, SEEN[number - 1] ?? []);
      failures.push(...failed);
      if (failed.length === TRIES) {
        parked += 1;
        const message = { queue: 'scans', id: `${auditId}-${clusterId}`, body: JSON.stringify({ clusterId }), dequeueCount: TRIES };
        await parkMessage({ parked: this.direct.parked, clock: () => new Date(now) }, message, failed.at(-1) ?? '');
      }
    }
    return { failures, parked };
  }

  async #deliver(storage: Storage, clusterId: string, auditId: string, now: string, workloads: readonly PodGroup[]): Promise<string[]> {
    const { deps } = Object.assign(new ScanWorld(), {
      now,
      workloads,
      listed: { ...listedOf(new ScanWorld()), cluster: aCluster({ id: clusterId, name: clusterId.split('/').at(-1) ?? '' }) },
    });
    const { findings, assessments, audits, events, messages } = storage;
    const failures: string[] = [];
    while (failures.length < TRIES) {
      try {
        await scanCluster(
          { ...deps, findings, assessments, audits, events, notify: messages.notification },
          { clusterId, cause: auditId, auditId, requestedAt: now },
          failures.length === TRIES - 1,
          new AbortController().signal,
        );
        break;
      } catch (error) {
        failures.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      }
    }
    return failures;
  }

  /** Everything that is stored, to compare it with an undisturbed run. */
  async state() {
    const { findings, audits, assessments, parked } = this.direct;
    const held = await allPages((after) => findings.list({}, 100, after));
    const histories = await Promise.all(held.map(({ id }) => allPages((after) => findings.history(id, 100, after))));
    const outcomes = await Promise.all((await audits.list(10)).value.map(async ({ id }) => audits.get(id)));
    return {
      findings: held,
      histories,
      changes: (await allPages((after) => findings.changes(ALL_TIME, 100, after))).map((line) => JSON.stringify(line)).sort(),
      clusters: await allPages((after) => findings.clusters(100, after)),
      own: await Promise.all([HURT, OTHER].map((id) => findings.ofCluster(id).then(({ version: _, ...rest }) => rest))),
      assessments: await Promise.all([HURT, OTHER].map(async (id) => (await assessments.get(id))?.snapshot.observedAt)),
      audits: outcomes.map((report) => report && auditOutcome(report, new Date('2026-10-01T00:00:00Z'))),
      parked: (await parked.list(10)).value.length,
    };
  }
}

function listedOf({ listed }: ScanWorld) {
  if (listed instanceof Error) throw listed;
  return listed;
}
