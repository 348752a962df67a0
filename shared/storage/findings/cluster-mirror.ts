import type { Finding } from '../../domain/findings/finding.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { decodeRow, type HeldRow } from '../row.ts';
import { SummaryShape } from '../shapes.ts';
import { inPartition, type Table, writtenSince } from '../table.ts';
import { CLUSTERS } from './finding-tables.ts';
import { unpackColumn } from './packed-findings.ts';

/** Rows written this long before the newest one that was seen are read again: the service's machines may differ by seconds. */
const OVERLAP_MS = 30_000;
/** Unpacked findings that stay in memory; beyond it all are unpacked anew when they are needed. */
const MAX_UNPACKED = 20_000;

/** One cluster as the mirror holds it. */
export interface MirroredCluster {
  readonly key: string;
  readonly summary: ClusterSummary;
  /** Its findings, or its open ones, in order of their ids; `undefined` when its row does not hold them, and they must be read. */
  findings(onlyOpen: boolean): readonly Finding[] | undefined;
}

/** The table of clusters in memory: the first read walks it, every later one asks only for what was written since. */
export interface ClusterMirror {
  /** Every cluster in order of its key, with all that was written before the call. */
  read(): Promise<readonly MirroredCluster[]>;
}

interface Held extends MirroredCluster {
  readonly etag: string;
}

/** Mirrors the table of clusters. A query by time of writing costs one request, whatever the number of clusters and changes. */
export function clusterMirror(table: Table, clock: () => Date): ClusterMirror {
  const held = new Map<string, Held>();
  const unpacked = unpackedFindings();
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
      // A refresh that is under way may have begun before the caller's own write: the callers that wait share the next one.
      waiting ??= running.then(start, start);
      await waiting;
      return sorted;
    },
  };
}

/** Until when all rows are known, by the time that the storage wrote them at. */
function timesSeen() {
  let newest = Number.NEGATIVE_INFINITY;
  let newestSeenAt = 0;
  let known = Number.NEGATIVE_INFINITY;
  return {
    /** From when on rows are to be read; `undefined`: all of them. */
    since: (): Date | undefined => (newest === Number.NEGATIVE_INFINITY ? undefined : new Date(Math.max(known, newest - OVERLAP_MS))),
    /** What a read gave. One that began long after the newest row was first seen has missed none before it, so they are not read again. */
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

function unpackedFindings(): UnpackedFindings {
  const cache = new Map<string, { readonly etag: string; readonly findings: readonly Finding[] }>();
  let size = 0;
  return (key, etag, packed) => {
    const cached = cache.get(key);
    if (cached?.etag === etag) return cached.findings;
    const findings = unpackColumn(key, packed);
    if (size + findings.length > MAX_UNPACKED) {
      cache.clear();
      size = 0;
    }
    size += findings.length;
    cache.set(key, { etag, findings });
    return findings;
  };
}
