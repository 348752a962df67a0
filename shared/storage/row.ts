import { z } from 'zod';
import { Fault } from '../domain/snapshot/fault.ts';

/** The schema version that this app writes; it reads this and every older one. */
export const ROW_VERSION = 2;

/**
 * Limits of Azure Table Storage, checked here because the emulator does not enforce them. Source:
 * learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model.
 */
export const LIMITS = {
  keyUnits: 512,
  stringUnits: 32_768,
  entityBytes: 1_048_576,
  properties: 252,
  batchRows: 100,
  batchBytes: 4_194_304,
};

/** Maximum UTF-16 units of one part of a value, just below the service's limit. */
const PART_UNITS = 32_000;

/** A row's columns for filters, and its value as JSON in parts, besides the keys. */
export interface Row {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly [column: string]: string | number | boolean;
}

/** A row that was read. */
export interface HeldRow {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly etag: string;
  readonly [column: string]: unknown;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that the service forbids in keys.
const FORBIDDEN_IN_KEY = /[/\\#?\u0000-\u001f\u007f-\u009f]/;

/** Encodes a value as a row; throws `Fault('too-large')` or `Fault('malformed')` for what the service cannot store. */
export function encodeRow(
  partitionKey: string,
  rowKey: string,
  value: unknown,
  columns: Readonly<Record<string, string | number | boolean>> = {},
): Row {
  assertKey(partitionKey);
  assertKey(rowKey);
  const json = JSON.stringify(value, refuseNonFinite);
  const parts = Array.from({ length: Math.ceil(json.length / PART_UNITS) }, (_, at) => [
    `json${at}`,
    json.slice(at * PART_UNITS, (at + 1) * PART_UNITS),
  ]);
  const row: Row = { partitionKey, rowKey, schemaVersion: ROW_VERSION, ...columns, ...Object.fromEntries(parts) };
  assertSize(row);
  return row;
}

/** Decodes a row's value; throws a `Fault('malformed')` that names the row if it was not written by this app. */
export function decodeRow<T>(table: string, row: HeldRow, schema: z.ZodType<T>): T {
  const where = `${table}(${row.partitionKey}, ${row.rowKey})`;
  const version = z.number().safeParse(row.schemaVersion).data ?? 0;
  if (version < 1 || version > ROW_VERSION) {
    throw new Fault('malformed', `The row ${where} has schema version ${version}; this app reads 1 to ${ROW_VERSION}.`);
  }
  const parsed = schema.safeParse(readJson(row, where));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'value'}: ${message}`);
  throw new Fault('malformed', `The row ${where} cannot be read: ${problems.join('; ')}`);
}

function readJson(row: HeldRow, where: string): unknown {
  let json = '';
  for (let at = 0; ; at++) {
    const part = row[`json${at}`];
    if (typeof part !== 'string') break;
    json += part;
  }
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new Fault('malformed', `The row ${where} cannot be read: it contains no JSON.`, { cause });
  }
}

/** The size of a row: two bytes for each UTF-16 unit of its strings, and its names. */
export function rowBytes(row: Row): number {
  return Object.entries(row).reduce(
    (sum, [name, value]) => sum + 2 * name.length + (typeof value === 'string' ? 2 * value.length : 8) + 8,
    4,
  );
}

function assertKey(key: string): void {
  if (key === '' || key.length > LIMITS.keyUnits || FORBIDDEN_IN_KEY.test(key)) {
    throw new Fault('malformed', `Not a key of a table: ${JSON.stringify(key.slice(0, 80))}`);
  }
}

function assertSize(row: Row): void {
  const where = `(${row.partitionKey}, ${row.rowKey})`;
  const properties = Object.keys(row).length - 2;
  if (properties > LIMITS.properties)
    throw new Fault('too-large', `The row ${where} has ${properties} properties, and the maximum is ${LIMITS.properties}.`);
  const long = Object.entries(row).find(([, value]) => typeof value === 'string' && value.length > LIMITS.stringUnits);
  if (long !== undefined) throw new Fault('too-large', `The row ${where} has a text that is too long in ${long[0]}.`);
  const bytes = rowBytes(row);
  if (bytes > LIMITS.entityBytes)
    throw new Fault('too-large', `The row ${where} would have ${bytes} bytes, and the maximum is ${LIMITS.entityBytes}.`);
}

/** JSON encodes NaN and the infinities as null, and null in a merge means "no change". */
function refuseNonFinite(name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Fault('malformed', `Not a number that can be stored: ${name} is ${value}.`);
  return value;
}
