import type { Subject } from '../snapshot/subject.ts';
import { matchesGlobs } from './glob.ts';
import type { Exemption } from './policy.ts';

/** What of a finding an exemption looks at. */
interface Scoped {
  readonly ruleId: string;
  readonly clusterName: string;
  readonly subject: Subject;
}

/** How an exemption stands: it covers something, nothing, no longer, or never could. */
export type ExemptionState = 'matched' | 'unused' | 'expired' | 'invalid';

/** An exemption with how it stands, and how many open findings are in its scope. */
export interface ExemptionUse {
  readonly exemption: Exemption;
  readonly state: ExemptionState;
  readonly findings: number;
}

/** Whether an exemption holds at a time: before its end, and never if its end cannot be read. */
export function isLive({ expiresOn }: Exemption, now: Date): boolean {
  return now.getTime() < Date.parse(expiresOn);
}

/** Whether a finding is in the scope of an exemption, live or not. */
export function covers(exemption: Exemption, { ruleId, clusterName, subject }: Scoped): boolean {
  const workload = subject.kind === 'workload' ? subject : undefined;
  const fits = (glob: string | undefined, name: string | undefined) =>
    glob === undefined || (name !== undefined && matchesGlobs(name, [glob]));
  return (
    exemption.rule === ruleId &&
    fits(exemption.cluster, clusterName) &&
    fits(exemption.namespace, workload?.namespace) &&
    fits(exemption.workload, workload?.ownerName)
  );
}

/** Tells which of these exemptions covers a finding: the first that does. They are taken as live. */
export function overlayOf(live: readonly Exemption[]): (finding: Scoped) => Exemption | undefined {
  const byRule = Map.groupBy(live, ({ rule }) => rule);
  return (finding) => byRule.get(finding.ruleId)?.find((exemption) => covers(exemption, finding));
}

/** How an exemption stands at a time, given how many open findings are in its scope. */
export function exemptionState(exemption: Exemption, findings: number, knownRules: ReadonlySet<string>, now: Date): ExemptionState {
  if (!knownRules.has(exemption.rule) || Number.isNaN(Date.parse(exemption.expiresOn))) return 'invalid';
  if (!isLive(exemption, now)) return 'expired';
  return findings > 0 ? 'matched' : 'unused';
}

/** Tells of every exemption how it stands; an expired one counts what its end has brought back. */
export function auditExemptions(
  exemptions: readonly Exemption[],
  open: readonly Scoped[],
  knownRules: ReadonlySet<string>,
  now: Date,
): readonly ExemptionUse[] {
  const byRule = Map.groupBy(open, ({ ruleId }) => ruleId);
  return exemptions.map((exemption) => {
    const findings = (byRule.get(exemption.rule) ?? []).filter((finding) => covers(exemption, finding)).length;
    return { exemption, findings, state: exemptionState(exemption, findings, knownRules, now) };
  });
}
