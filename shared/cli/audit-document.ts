import { VERSION } from '../compose/container/version.ts';
import { summarize } from '../domain/findings/summarize.ts';
import { effectiveRules } from '../domain/policy/rule-setting.ts';
import type { Rule } from '../domain/rule/rule.ts';
import { given } from '../domain/snapshot/given.ts';
import type { ExportContext, ExportedFinding, ExportFormat } from '../exports/export.ts';
import { verdictsOf } from '../exports/verdicts.ts';
import type { PolicyInForce } from '../ports/policy-source.ts';
import type { ReportedCluster } from './report.ts';

/**
 * Writes judged snapshots as one document, in the format of the API's exports. It includes what passed and what could not be
 * judged.
 */
export async function* auditDocument(
  clusters: readonly ReportedCluster[],
  format: ExportFormat,
  { policy, hash, source }: PolicyInForce,
  rules: readonly Rule[],
  now: Date,
): AsyncGenerator<string, void, undefined> {
  const results = clusters.map(({ result }) => result);
  const [first, ...others] = results;
  const context: ExportContext = {
    rules: effectiveRules(rules, policy),
    generatedAt: now.toISOString(),
    version: VERSION,
    policy: { hash, source },
    clusters: () => each(results.map(({ snapshot, runs, findings }) => summarize({ snapshot, runs, findings, cause: 'command line' }))),
    verdicts: () => each(results.flatMap(({ snapshot, runs }) => [...verdictsOf(snapshot, runs)])),
    exemptions: policy.exemptions,
    ...given({ onlyCluster: others.length === 0 ? first?.snapshot.cluster.id : undefined }),
  };
  yield* format.write(each<ExportedFinding>(clusters.flatMap(({ overlaid }) => overlaid)), context);
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* values;
}
