import type { Finding } from '../../domain/findings/finding.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { decodeRow, type HeldRow } from '../row.ts';
import { SummaryShape } from '../shapes.ts';
import { inPartition, type Table, writtenSince } from '../table.ts';
import { CLUSTERS } from './finding-tables.ts';
import { unpackColumn } from './packed-findings.ts';

/**
 * Rows written this long before the newest known row are read again, because the clocks of the service's machines may differ by seconds.
 */
const OVERLAP_MS = 30_000;
/** Maximum number of unpacked findings in memory; above it the cache is cleared. */
const MAX_UNPACKED = 20_000;

/** One cluster in the mirror. */
export interface MirroredCluster {
  readonly key: string;
  readonly summary: ClusterSummary;
  /** Returns its findings, or only the open ones, ordered by id; `undefined` if its row does not contain them and they must be read. */
  findings(onlyOpen: boolean): readonly Finding[] | undefined;
}

/** An in-memory copy of the table of clusters: the first read reads all of it, later ones only what was written since. */
export interface ClusterMirror {
  /** Returns every cluster ordered by key, with everything written before the call. */
  read(): Promise<readonly MirroredCluster[]>;
}

interface Held extends MirroredCluster {
  readonly etag: string;
}

/**
 * Creates a mirror of the table of clusters. A query by time of writing costs one request, whatever the number of clusters and changes.
 */
export function clusterMirror(table: Table, clock: () => Date, maxUnpacked = MAX_UNPACKED): ClusterMirror {
  const held = new Map<string, Held>();
  const unpacked = unpackedFindings(maxUnpacked);
  let sorted: readonly MirroredCluster[] = [];
  const seen = timesSeen();
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    const all = inPartition(CLUSTERS);
    const startedAt = clock().getTime();
    const since = seen.since();
    const rows = await table.all(since === undefined ? all : writtenSince(all, since));
    const changed = rows.filter(({ rowKey, etag }) => held.get(rowKey)?.etag !== etag);
    for (const row of changed) held.set(row.rowKey, mirrored(row, unpacked));
    seen.add(
      changed.flatMap(({ timestamp }) => (typeof timestamp === 'string' ? [Date.parse(timestamp)] : [])),
      startedAt,
      clock().getTime(),
    );
    if (changed.length > 0) sorted = [...held.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  };
  const start = (): Promise<void> => {
    waiting = undefined;
    running = refresh();
    return running;
  };
  return {
    read: async () => {
      // A running refresh may have begun before the caller's own write, so waiting callers share the next one.
      waiting ??= running.then(start, start);
      await waiting;
      return sorted;
    },
  };
}

/** Tracks up to which storage timestamp all rows are known. */
function timesSeen() {
  let newest = Number.NEGATIVE_INFINITY;
  let newestSeenAt = 0;
  let known = Number.NEGATIVE_INFINITY;
  return {
    /** The time from which rows must be read; `undefined` for all of them. */
    since: (): Date | undefined => (newest === Number.NEGATIVE_INFINITY ? undefined : new Date(Math.max(known, newest - OVERLAP_MS))),
    /**
     * Records a read. A read that began long after the newest row was first seen has missed no earlier row, so these are not read again.
     */
    add: (times: readonly number[], readFrom: number, readTo: number): void => {
      const latest = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      if (latest > newest) {
        newest = latest;
        newestSeenAt = readTo;
      } else if (readFrom - newestSeenAt > OVERLAP_MS) known = newest;
    },
  };
}

function mirrored(row: HeldRow, unpacked: UnpackedFindings): Held {
  const { findings: all, open, rowKey: key, etag } = row;
  return {
    key,
    etag,
    summary: decodeRow('clusters', row, SummaryShape),
    findings: (onlyOpen) => {
      const packed = typeof all === 'string' ? all : onlyOpen ? open : undefined;
      return typeof packed === 'string' ? unpacked(key, etag, packed) : undefined;
    },
  };
}

type UnpackedFindings = (key: string, etag: string, packed: string) => readonly Finding[];

function unpackedFindings(most: number): UnpackedFindings {
  const cache = new Map<string, { readonly etag: string; readonly findings: readonly Finding[] }>();
  let size = 0;
  return (key, etag, packed) => {
    const cached = cache.get(key);
    if (cached?.etag === etag) return cached.findings;
    const findings = unpackColumn(key, packed);
    if (size + findings.length > most) {
      cache.clear();
      size = 0;
    }
    size += findings.length;
    cache.set(key, { etag, findings });
    return findings;
  };
}
