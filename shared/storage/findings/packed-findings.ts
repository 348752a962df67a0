import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { Finding } from '../../domain/findings/finding.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { decodeRow, encodeRow, type HeldRow, LIMITS, type Row } from '../row.ts';
import { FindingShape } from '../shapes.ts';

/** Row key of a second copy of all findings of a cluster in one row, so that a list reads one row per cluster by its key. */
export const PACKED_ROW = '!findings';

/** Base64 with more characters does not fit into a row: some ten thousand findings. */
const MAX_UNITS = 480_000;
/** Limits the memory used by a row that was not written by this app. */
const MAX_BYTES = 64 * 1_048_576;
/** Fast instead of small: the findings of a cluster are similar, and shrink to a tenth at any level. */
const LEVEL = 1;

/** All findings of a cluster ordered by id, as one transaction left them. */
export interface PackedFindings {
  readonly sequence: number;
  readonly findings: readonly Finding[];
}

const RowShape = z.object({ sequence: z.number(), deflated: z.string().exactOptional() });
const FindingsShape = z.array(FindingShape);

/** Encodes the findings after a transaction; without findings, or with too many, the row says that a reader must read their own rows. */
export function packedRow(key: string, sequence: number, findings: readonly Finding[] | undefined): Row {
  const deflated = findings === undefined ? undefined : pack(findings);
  const held = deflated === undefined || deflated.length > MAX_UNITS ? {} : { deflated };
  return encodeRow(key, PACKED_ROW, { sequence, ...held });
}

/** Decodes packed findings; `undefined` if the row is absent or says that the findings' own rows must be read. */
export function unpack(row: HeldRow | undefined): PackedFindings | undefined {
  if (row === undefined) return undefined;
  const { sequence, deflated } = decodeRow('findings', row, RowShape);
  return deflated === undefined ? undefined : { sequence, findings: inflate(`findings(${row.partitionKey}, ${PACKED_ROW})`, deflated) };
}

/** Encodes a cluster's findings for a column of its row in the table of clusters: all if they fit, else the open ones, else none. */
export function findingColumns(findings: readonly Finding[]): { readonly findings?: string; readonly open?: string } {
  const all = pack(findings);
  if (all.length <= LIMITS.stringUnits) return { findings: all };
  const open = pack(findings.filter(({ status }) => status === 'open'));
  return open.length <= LIMITS.stringUnits ? { open } : {};
}

/** Decodes such a column. */
export function unpackColumn(key: string, packed: string): readonly Finding[] {
  return inflate(`clusters(${key})`, packed);
}

function pack(findings: readonly Finding[]): string {
  const sorted = findings.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return deflateRawSync(JSON.stringify(sorted), { level: LEVEL }).toString('base64');
}

function inflate(where: string, deflated: string): readonly Finding[] {
  let value: unknown;
  try {
    value = JSON.parse(inflateRawSync(Buffer.from(deflated, 'base64'), { maxOutputLength: MAX_BYTES }).toString('utf8'));
  } catch (cause) {
    throw new Fault('malformed', `The row ${where} cannot be read: it contains no packed findings.`, { cause });
  }
  const parsed = FindingsShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Fault('malformed', `The row ${where} cannot be read: ${problems.join('; ')}`);
}
