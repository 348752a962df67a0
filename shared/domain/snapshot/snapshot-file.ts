import { z } from 'zod';
import { Fault } from './fault.ts';
import { GUARDRAILS_NOT_ASKED } from './guardrail.ts';
import { TEMPLATES_NOT_ASKED } from './pod-template.ts';
import { type ClusterSnapshot, EVIDENCE_KEYS } from './snapshot.ts';
import { SNAPSHOT_SCHEMA } from './snapshot-schema.ts';

/** The most problems of a file that are listed. */
const MAX_PROBLEMS = 20;

const FAULT_REASON = z.object({ code: z.string(), message: z.string() });
const COVERAGE = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('full') }),
  z.object({ kind: z.literal('truncated'), message: z.string() }),
  z.looseObject({ kind: z.literal('targeted'), namespaces: z.array(z.string()) }),
  z.looseObject({ kind: z.literal('sample'), upperBound: z.number().min(0).max(1) }),
]);
const PART = z.discriminatedUnion('state', [
  z.object({ state: z.literal('observed'), value: z.unknown(), coverage: COVERAGE }),
  z.object({ state: z.literal('unavailable'), reason: FAULT_REASON }),
]);
const FILE = z.object({
  schemaVersion: z.literal(1, {
    error: ({ input }) => `expected 1, got ${JSON.stringify(input)}: this file was written by another version`,
  }),
  cluster: z.object({ id: z.string(), name: z.string() }),
  observedAt: z.iso.datetime(),
  ...Object.fromEntries(EVIDENCE_KEYS.map((key) => [key, PART])),
});

/** Formats a snapshot; `parseSnapshot` reads it back with the same verdicts. */
export function printSnapshot(snapshot: ClusterSnapshot): string {
  return `${JSON.stringify(snapshot, null, 2)}\n`;
}

/** Parses a saved snapshot and checks every field; throws one `Fault` that lists all problems. */
export function parseSnapshot(text: string, source: string): ClusterSnapshot {
  const value = readJson(text, source);
  const problems = problemsOf(FILE.safeParse(value).error);
  return checked(value, source, problems.length > 0 ? problems : problemsOf(SNAPSHOT_SCHEMA.safeParse(value).error));
}

/** Parses a snapshot that the app stored: checks only its frame, because its parts were checked when it was written. */
export function parseStoredSnapshot(text: string, source: string): ClusterSnapshot {
  const value = readJson(text, source);
  return checked(value, source, problemsOf(FILE.safeParse(value).error));
}

function problemsOf(error: z.ZodError | undefined): readonly string[] {
  return (error?.issues ?? []).slice(0, MAX_PROBLEMS).map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
}

function checked(value: unknown, source: string, problems: readonly string[]): ClusterSnapshot {
  if (!isSnapshot(value, problems)) throw new Fault('malformed', `Not a saved snapshot: ${source}\n  - ${problems.join('\n  - ')}`);
  return value;
}

function isSnapshot(_value: unknown, problems: readonly string[]): _value is ClusterSnapshot {
  return problems.length === 0;
}

/** Parts that snapshots of older versions do not contain. */
const SINCE = { templates: TEMPLATES_NOT_ASKED, guardrails: GUARDRAILS_NOT_ASKED };

function readJson(text: string, source: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) return value;
    const missing = Object.entries(SINCE).filter(([part]) => !Object.hasOwn(value, part));
    // Existing parts keep their order, so that the file is written back unchanged.
    return { ...value, ...Object.fromEntries(missing) };
  } catch (cause) {
    throw new Fault('malformed', `Not JSON: ${source}`, { cause });
  }
}
