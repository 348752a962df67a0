import { z } from 'zod';
import { auditSaved } from '../compose/command-line/kubeconfig.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';
import { readText, sourceName } from './frame/files.ts';
import { UsageError } from './frame/usage-error.ts';

const Snapshot = z.looseObject({ schemaVersion: z.unknown() });
const OneReport = z.looseObject({ snapshot: z.unknown(), runs: z.array(z.unknown()) });
const ManyReports = z.looseObject({ clusters: z.array(OneReport) });
const Known = z.array(z.looseObject({ id: z.string(), ruleId: z.string() }));

/**
 * Reads the snapshots of a file: a snapshot of `collect`, or the report of `audit -o json`. All are judged again by one policy
 * and the rules of this version, so that two files differ only in their evidence.
 */
export async function savedLooks(file: string, policy: Policy): Promise<readonly AuditedSnapshot[]> {
  return looksInText(await readText(file), sourceName(file), policy);
}

/** Reads the snapshots of a text that came from a file or an app. */
export function looksInText(text: string, source: string, policy: Policy): Promise<readonly AuditedSnapshot[]> {
  return looksIn(readJson(text, source), source, policy);
}

/** The ids of the findings in a file: of its snapshots, or of a list of findings from a running app. */
export async function knownFindings(file: string, policy: Policy): Promise<ReadonlySet<string>> {
  const text = await readText(file);
  const source = sourceName(file);
  const list = Known.safeParse(readJson(text, source));
  if (list.success) return new Set(list.data.map(({ id }) => id));
  const looks = await looksInText(text, source, policy);
  return new Set(looks.flatMap(({ findings }) => findings.map(({ id }) => id)));
}

async function looksIn(value: unknown, file: string, policy: Policy): Promise<readonly AuditedSnapshot[]> {
  const snapshots = snapshotsIn(value);
  if (snapshots === undefined) {
    throw new UsageError(`${file} is neither a snapshot of \`kataudit collect\` nor a report of \`kataudit audit -o json\`.`);
  }
  return Promise.all(snapshots.map((snapshot) => auditSaved(JSON.stringify(snapshot), file, policy)));
}

function snapshotsIn(value: unknown): readonly unknown[] | undefined {
  const many = ManyReports.safeParse(value);
  if (many.success) return many.data.clusters.map(({ snapshot }) => snapshot);
  const one = OneReport.safeParse(value);
  if (one.success) return [one.data.snapshot];
  return Snapshot.safeParse(value).success ? [value] : undefined;
}

/** Parses a JSON document, or JSON lines as a list. */
function readJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const isLines = lines.length > 1 && lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'));
    if (isLines) return lines.map((line) => readJson(line, file));
    throw new UsageError(`${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
