import { VERSION } from '../compose/container/version.ts';
import { summarize } from '../domain/findings/summarize.ts';
import type { Rule } from '../domain/rule/rule.ts';
import type { ExportContext, ExportedFinding, ExportFormat } from '../exports/export.ts';
import { verdictsOf } from '../exports/verdicts.ts';
import { effectiveRules } from '../http/routes/rules.ts';
import type { PolicyInForce } from '../ports/policy-source.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';
import { overlay } from '../usecases/queries/overlay.ts';

/** Writes one judged snapshot as a document, as the API writes the estate; what could not be judged is in it, and what passed. */
export async function* auditDocument(
  { snapshot, runs, findings }: AuditedSnapshot,
  format: ExportFormat,
  inForce: PolicyInForce,
  rules: readonly Rule[],
  now: Date,
): AsyncGenerator<string, void, undefined> {
  const { policy, hash, source } = inForce;
  const summary = summarize(snapshot, runs, findings, undefined, 'command line');
  const exemptionOf = await overlay({ policy: async () => inForce, clock: () => now });
  const context: ExportContext = {
    rules: effectiveRules(rules, policy),
    generatedAt: now.toISOString(),
    version: VERSION,
    policy: { hash, source },
    clusters: () => each([summary]),
    verdicts: () => each(verdictsOf(snapshot, runs)),
    exemptions: policy.exemptions,
  };
  const exported = findings.map((finding): ExportedFinding => {
    const exemption = exemptionOf(finding);
    return exemption === undefined ? { finding } : { finding, exemption };
  });
  yield* format.write(each(exported), context);
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* values;
}
