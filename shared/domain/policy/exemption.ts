import type { Subject } from '../snapshot/subject.ts';
import { matchesGlobs } from './glob.ts';
import type { Exemption } from './policy.ts';

/** The fields of a finding that exemptions match. */
interface Scoped {
  readonly ruleId: string;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly subject: Subject;
}

/** The findings of a rule that an exemption covers. */
export type ExemptionScope = Pick<
  Exemption,
  'clusterId' | 'cluster' | 'kind' | 'namespace' | 'ownerKind' | 'workload' | 'pool' | 'class' | 'node'
>;

/** State of an exemption: it covers findings, covers none, has expired, or is invalid. */
export type ExemptionState = 'live' | 'unused' | 'expired' | 'invalid';

/** An exemption with its state and the number of open findings in its scope. */
export interface ExemptionUse {
  readonly exemption: Exemption;
  readonly state: ExemptionState;
  readonly findings: number;
}

/** Whether an exemption is live at a time: before its end, and never if its end cannot be parsed. */
export function isLive({ expiresOn }: Pick<Exemption, 'expiresOn'>, now: Date): boolean {
  return now.getTime() < Date.parse(expiresOn);
}

/** Whether a finding is in the scope of an exemption, live or not. */
export function covers(exemption: Pick<Exemption, 'rule'> & ExemptionScope, { ruleId, clusterId, clusterName, subject }: Scoped): boolean {
  const workload = subject.kind === 'workload' ? subject : undefined;
  const nameIf = (kind: Subject['kind']) => (subject.kind === kind && 'name' in subject ? subject.name : undefined);
  return (
    exemption.rule === ruleId &&
    (exemption.clusterId === undefined || exemption.clusterId.toLowerCase() === clusterId.toLowerCase()) &&
    (exemption.kind === undefined || exemption.kind === subject.kind) &&
    fits(exemption.cluster, clusterName) &&
    fits(exemption.namespace, workload?.namespace) &&
    fits(exemption.ownerKind, workload?.ownerKind) &&
    fits(exemption.workload, workload?.ownerName) &&
    fits(exemption.pool, nameIf('node-pool')) &&
    fits(exemption.class, nameIf('runtime-class')) &&
    fits(exemption.node, nameIf('node'))
  );
}

/** An absent field matches everything; a given one matches no subject that lacks the name. */
function fits(glob: string | undefined, name: string | undefined): boolean {
  return glob === undefined || (name !== undefined && matchesGlobs(name, [glob]));
}

/** The narrowest scope that covers a finding: its subject in its cluster. */
export function scopeOf({ clusterId, subject }: Pick<Scoped, 'clusterId' | 'subject'>): ExemptionScope {
  const scope = { clusterId, kind: subject.kind };
  switch (subject.kind) {
    case 'cluster':
      return scope;
    case 'workload':
      return { ...scope, namespace: subject.namespace, ownerKind: subject.ownerKind, workload: subject.ownerName };
    case 'node-pool':
      return { ...scope, pool: subject.name };
    case 'runtime-class':
      return { ...scope, class: subject.name };
    case 'node':
      return { ...scope, node: subject.name };
  }
}

/** The first exemption that covers a finding. The caller passes live exemptions only. */
export function overlayOf(live: readonly Exemption[]): (finding: Scoped) => Exemption | undefined {
  const byRule = Map.groupBy(live, ({ rule }) => rule);
  return (finding) => byRule.get(finding.ruleId)?.find((exemption) => covers(exemption, finding));
}

/** The state of an exemption at a time, given the number of open findings in its scope. */
export function exemptionState(exemption: Exemption, findings: number, knownRules: ReadonlySet<string>, now: Date): ExemptionState {
  if (!knownRules.has(exemption.rule) || Number.isNaN(Date.parse(exemption.expiresOn))) return 'invalid';
  if (!isLive(exemption, now)) return 'expired';
  return findings > 0 ? 'live' : 'unused';
}

/** The state of every exemption; an expired one counts the findings that are open again since its end. */
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
