import type { Finding } from '../../domain/findings/finding.ts';
import { type HeldCluster, NOTHING_HELD } from '../../ports/finding-store.ts';
import { decodeRow } from '../row.ts';
import { FindingShape } from '../shapes.ts';
import { inPartition, type Table } from '../table.ts';
import { decodeClusterRow } from './cluster-row.ts';
import { CLUSTER_ROW, FINDINGS_FROM, FINDINGS_TO } from './finding-rows.ts';
import { PACKED_ROW, unpack } from './packed-findings.ts';

/** Reads everything stored about a cluster: two rows by key, and the findings' own rows only if there are too many to be packed. */
export async function heldOf(table: Table, key: string): Promise<HeldCluster> {
  const [own, packedRow] = await Promise.all([table.get(key, CLUSTER_ROW), table.get(key, PACKED_ROW)]);
  if (own === undefined) return NOTHING_HELD;
  const { summary, observedAt = summary?.observedAt, changedBy, sequence } = decodeClusterRow(own);
  const packed = unpack(packedRow);
  // The two reads may see different writes. The findings' own rows are then read after the version, so a write based on them conflicts
  // and is computed again.
  const findings = packed?.sequence === sequence ? packed.findings : await findingRows(table, key, FINDINGS_FROM);
  return { findings, summary, observedAt, changedBy, version: own.etag };
}

/** Returns the findings of a cluster whose ids come after a given one, for a list. */
export async function findingsAfter(table: Table, key: string, after: string | undefined): Promise<readonly Finding[]> {
  const packed = unpack(await table.get(key, PACKED_ROW));
  if (packed === undefined) return findingRows(table, key, after === undefined ? FINDINGS_FROM : `${after}!`);
  return after === undefined ? packed.findings : packed.findings.filter(({ id }) => id > after);
}

async function findingRows(table: Table, key: string, from: string): Promise<readonly Finding[]> {
  const rows = await table.all(inPartition(key, from, FINDINGS_TO));
  return rows.map((row) => decodeRow(table.name, row, FindingShape));
}
