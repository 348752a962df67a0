import type { Finding } from '../../domain/findings/finding.ts';
import { covers, type ExemptionScope, type ExemptionState, exemptionState, isLive } from '../../domain/policy/exemption.ts';
import type { Exemption } from '../../domain/policy/policy.ts';
import type { Rule } from '../../domain/rule/rule.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ExemptionStore, HeldExemption } from '../../ports/exemption-store.ts';
import type { FindingStore } from '../../ports/finding-store.ts';
import type { PolicySource } from '../../ports/policy-source.ts';
import { walk } from './walk.ts';

/** Sources of exemptions. */
export interface ExemptionSources {
  readonly policy: PolicySource;
  /** The API's exemptions; absent where there is no API. */
  readonly exemptions?: Pick<ExemptionStore, 'list'>;
  readonly clock: Clock;
}

/** An exemption and where it was created; the policy's are changed in the policy file. */
export type GivenExemption = { readonly origin: 'policy'; readonly exemption: Exemption } | ({ readonly origin: 'api' } & HeldExemption);

/** An exemption with its state and the number of open findings that it covers; for an expired one, those that count again. */
export type UsedExemption = GivenExemption & { readonly state: ExemptionState; readonly findings: number };

/** Dependencies for counting an exemption's findings. */
export interface CountedSources extends ExemptionSources {
  readonly findings: Pick<FindingStore, 'list'>;
  readonly rules: readonly Pick<Rule, 'id'>[];
}

/** Returns every exemption, the policy's before the API's. */
export async function givenExemptions({
  policy,
  exemptions,
}: Pick<ExemptionSources, 'policy' | 'exemptions'>): Promise<readonly GivenExemption[]> {
  const [{ policy: inForce }, held] = await Promise.all([policy(), exemptions?.list() ?? []]);
  return [
    ...inForce.exemptions.map((exemption) => ({ origin: 'policy', exemption }) as const),
    ...held.map((one) => ({ origin: 'api', ...one }) as const),
  ];
}

/** Returns the exemptions that are valid now. */
export async function liveExemptions(sources: ExemptionSources): Promise<readonly Exemption[]> {
  const now = sources.clock();
  return (await givenExemptions(sources)).map(({ exemption }) => exemption).filter((one) => isLive(one, now));
}

/** Returns every exemption with its state; reads the open findings of their rules. */
export async function usedExemptions(sources: CountedSources): Promise<readonly UsedExemption[]> {
  const given = await givenExemptions(sources);
  const known = new Set(sources.rules.map(({ id }) => id));
  const byRule = Map.groupBy(given, ({ exemption }) => exemption.rule);
  const counts = new Map<GivenExemption, number>();
  const rules = [...byRule.keys()].filter((rule) => known.has(rule));
  for await (const finding of openOf(sources.findings, rules)) {
    for (const one of byRule.get(finding.ruleId) ?? []) if (covers(one.exemption, finding)) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  const now = sources.clock();
  return given.map((one) => {
    const findings = counts.get(one) ?? 0;
    return { ...one, findings, state: exemptionState(one.exemption, findings, known, now) };
  });
}

/** Returns one exemption with its state. */
export async function withUse(
  { findings, rules, clock }: Pick<CountedSources, 'findings' | 'rules' | 'clock'>,
  given: GivenExemption,
): Promise<UsedExemption> {
  const known = new Set(rules.map(({ id }) => id));
  const covered = known.has(given.exemption.rule) ? (await coveredBy({ findings }, given.exemption)).length : 0;
  return { ...given, findings: covered, state: exemptionState(given.exemption, covered, known, clock()) };
}

/** Returns the open findings that an exemption of a rule would cover, including those that another exemption covers already. */
export async function coveredBy(
  { findings }: Pick<CountedSources, 'findings'>,
  scope: Pick<Exemption, 'rule'> & ExemptionScope,
): Promise<readonly Finding[]> {
  const covered: Finding[] = [];
  for await (const finding of openOf(findings, [scope.rule])) if (covers(scope, finding)) covered.push(finding);
  return covered;
}

async function* openOf(findings: Pick<FindingStore, 'list'>, rule: readonly string[]): AsyncGenerator<Finding, void, undefined> {
  if (rule.length === 0) return;
  yield* walk((top, after) => findings.list({ status: ['open'], rule }, top, after));
}
