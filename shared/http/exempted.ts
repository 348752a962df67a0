import { overlayOf } from '../domain/exemption.ts';
import type { Severity } from '../domain/rule.ts';
import type { ApiDependencies } from './api.ts';
import { liveExemptions } from './overlay.ts';
import { walk } from './walk.ts';

/** Open findings that a live exemption covers, counted. */
export interface ExemptedCounts {
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly byRule: ReadonlyMap<string, number>;
}

/**
 * Counts the open findings that a live exemption covers, as of now. Reads no finding when none is
 * live, and otherwise only clusters with an open finding of an exempted rule.
 */
export async function countExempted(
  dependencies: Pick<ApiDependencies, 'findings' | 'policy' | 'exemptions' | 'clock'>,
): Promise<ExemptedCounts> {
  const bySeverity = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  const byRule = new Map<string, number>();
  const live = await liveExemptions(dependencies);
  if (live.length === 0) return { bySeverity, byRule };
  const exemptionOf = overlayOf(live);
  const filter = { status: ['open'], rule: [...new Set(live.map(({ rule }) => rule))] } as const;
  for await (const finding of walk((top, after) => dependencies.findings.list(filter, top, after))) {
    if (exemptionOf(finding) === undefined) continue;
    bySeverity[finding.severity] += 1;
    byRule.set(finding.ruleId, (byRule.get(finding.ruleId) ?? 0) + 1);
  }
  return { bySeverity, byRule };
}
