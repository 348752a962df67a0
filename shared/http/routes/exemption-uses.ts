import { covers, exemptionState } from '../../domain/policy/exemption.ts';
import type { Exemption } from '../../domain/policy/policy.ts';
import { walk } from '../../usecases/queries/walk.ts';
import { SECURED } from '../framework/answers.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { json } from '../framework/negotiate.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';

interface Use {
  readonly exemption: Exemption;
  readonly origin: 'policy' | 'api';
  findings: number;
}

/** `GET /exemption-uses`: an audit of the exemptions themselves, so that none lives on unseen. */
export const listExemptionUses = defineRoute({
  name: 'list-exemption-uses',
  method: 'GET',
  route: 'exemption-uses',
  authLevel: 'function',
  tag: 'exemptions',
  summary: 'Tells which exemptions cover open findings, and which are unused, expired or invalid.',
  query: NO_QUERY,
  answers: { 200: { description: 'Every exemption with its use.', schema: 'ExemptionUseList' }, ...SECURED },
  handle: async (dependencies) => {
    const uses = await usesOf(dependencies);
    const known = new Set(dependencies.rules.map(({ id }) => id));
    const now = dependencies.clock();
    await count(dependencies, uses, known);
    const value = uses.map(({ exemption, origin, findings }) => ({
      id: exemption.id,
      rule: exemption.rule,
      origin,
      state: exemptionState(exemption, findings, known, now),
      findings,
      expiresOn: exemption.expiresOn,
    }));
    return json({ value });
  },
});

async function usesOf({ policy, exemptions }: ApiDependencies): Promise<readonly Use[]> {
  const [{ policy: inForce }, held] = await Promise.all([policy(), exemptions?.list() ?? []]);
  return [
    ...inForce.exemptions.map((exemption): Use => ({ exemption, origin: 'policy', findings: 0 })),
    ...held.map(({ exemption }): Use => ({ exemption, origin: 'api', findings: 0 })),
  ];
}

/** Counts the open findings in each exemption's scope, expired ones included: that is what an expiry brought back. */
async function count({ findings }: ApiDependencies, uses: readonly Use[], known: ReadonlySet<string>): Promise<void> {
  const byRule = Map.groupBy(
    uses.filter(({ exemption }) => known.has(exemption.rule)),
    ({ exemption }) => exemption.rule,
  );
  if (byRule.size === 0) return;
  const filter = { status: ['open'], rule: [...byRule.keys()] } as const;
  for await (const finding of walk((top, after) => findings.list(filter, top, after))) {
    for (const use of byRule.get(finding.ruleId) ?? []) if (covers(use.exemption, finding)) use.findings += 1;
  }
}
