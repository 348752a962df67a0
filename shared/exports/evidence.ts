import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/evidence/canonical-json.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { RuleRun } from '../domain/rule/rule.ts';
import { given } from '../domain/snapshot/given.ts';
import { clusterKey } from '../domain/snapshot/resource-id.ts';
import { mapAhead } from './ahead.ts';
import type { Assessed, ExportContext, ExportedFinding, Exporter } from './export.ts';

/** The format of the evidence; a reader rejects any other. */
export const EVIDENCE_FORMAT = 'kataudit-evidence/1';

/** Findings or verdicts per entry, which limits memory because an entry is held whole. */
const ITEMS_PER_ENTRY = 1_000;

/** Number of assessments loaded in parallel. */
const READ_AHEAD = 8;

/** A named part of the evidence. */
export interface EvidenceEntry {
  readonly name: string;
  readonly content: unknown;
}

interface Counts {
  clusters: number;
  verdicts: number;
  findings: number;
}

/**
 * Writes the evidence behind a report, one canonical JSON entry per line: policy, rules, exemptions, every cluster with the digest of its
 * newest snapshot, every verdict on it, and every finding. The last entry is named `end` and counts the others; evidence without it is
 * incomplete.
 */
export const writeEvidence: Exporter = async function* (input, context) {
  for await (const entry of evidenceEntries(input, context)) yield `${canonicalJson(entry)}\n`;
};

/** Yields the entries of the evidence in order. */
export async function* evidenceEntries(
  input: AsyncIterable<ExportedFinding>,
  context: ExportContext,
): AsyncGenerator<EvidenceEntry, void, undefined> {
  const { generatedAt, version, policy, rules, exemptions = [] } = context;
  const counts: Counts = { clusters: 0, verdicts: 0, findings: 0 };
  yield { name: 'about', content: { format: EVIDENCE_FORMAT, generatedAt, product: 'Kataudit', version } };
  yield { name: 'policy', content: policy };
  yield {
    name: 'rules',
    content: rules.map(({ id, title, severity, rationale, remediation, references }) => ({
      id,
      title,
      severity,
      rationale,
      remediation,
      references,
    })),
  };
  yield { name: 'exemptions', content: exemptions };
  const clusters = mapAhead(context.clusters(), READ_AHEAD, async (summary) => ({
    summary,
    assessment: await context.assessmentOf?.(summary.cluster.id),
  }));
  for await (const { summary, assessment } of clusters) yield* clusterEntries(summary, assessment, counts);
  yield* findingEntries(input, counts);
  yield { name: 'end', content: counts };
}

function* clusterEntries(
  summary: ClusterSummary,
  assessment: Assessed | undefined,
  counts: Counts,
): Generator<EvidenceEntry, void, undefined> {
  const key = clusterKey(summary.cluster.id);
  counts.clusters += 1;
  const digest = assessment && createHash('sha256').update(canonicalJson(assessment.snapshot)).digest('hex');
  const snapshot = assessment && { sha256: digest, observedAt: assessment.snapshot.observedAt, policyHash: assessment.policyHash };
  yield { name: `clusters/${key}`, content: { summary, ...given({ snapshot }) } };
  const verdicts = (assessment?.runs ?? []).flatMap(verdictItems);
  counts.verdicts += verdicts.length;
  for (let from = 0; from < verdicts.length; from += ITEMS_PER_ENTRY) {
    yield { name: `verdicts/${key}/${from / ITEMS_PER_ENTRY + 1}`, content: verdicts.slice(from, from + ITEMS_PER_ENTRY) };
  }
}

/** Every result of a rule, including rules without a result. */
function verdictItems(run: RuleRun): readonly object[] {
  if (run.state !== 'judged') return [run];
  const { ruleId, coverage, judgements } = run;
  return judgements.map((judgement) => ({ ruleId, coverage, ...judgement }));
}

/** Findings are ordered by cluster. */
async function* findingEntries(input: AsyncIterable<ExportedFinding>, counts: Counts): AsyncGenerator<EvidenceEntry, void, undefined> {
  let key = '';
  let part = 0;
  let held: object[] = [];
  for await (const { finding, exemption } of input) {
    const next = clusterKey(finding.clusterId);
    if (held.length > 0 && (next !== key || held.length >= ITEMS_PER_ENTRY)) {
      yield { name: `findings/${key}/${++part}`, content: held };
      held = [];
    }
    if (next !== key) part = 0;
    key = next;
    held.push(exemption === undefined ? finding : { ...finding, exemption });
    counts.findings += 1;
  }
  if (held.length > 0) yield { name: `findings/${key}/${part + 1}`, content: held };
}
