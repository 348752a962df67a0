import { type OpenSince, openSince } from '../../domain/findings/due.ts';
import type { Finding } from '../../domain/findings/finding.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { overlayOf } from '../../domain/policy/exemption.ts';
import { SEVERITIES, type Severity } from '../../domain/policy/severity.ts';
import type { FindingStore } from '../../ports/finding-store.ts';
import { type ExemptionSources, liveExemptions } from './exemptions.ts';
import { walk } from './walk.ts';

/** Counts of open findings that a live exemption covers. */
export interface ExemptedCounts extends Counts {
  /** By cluster id; a cluster without any is absent. */
  readonly byCluster: ReadonlyMap<string, Counts>;
}

interface Counts {
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly byRule: ReadonlyMap<string, number>;
  /** By the day on which they were first seen. */
  readonly openSince: OpenSince;
}

/**
 * Counts the open findings that a live exemption covers now. Reads no finding if no exemption is live, and otherwise only clusters with
 * an open finding of an exempted rule.
 */
export async function countExempted(
  dependencies: ExemptionSources & { readonly findings: Pick<FindingStore, 'list'> },
): Promise<ExemptedCounts> {
  const all = new Counter();
  const byCluster = new Map<string, Counter>();
  const live = await liveExemptions(dependencies);
  if (live.length === 0) return { ...all.counts(), byCluster };
  const exemptionOf = overlayOf(live);
  const filter = { status: ['open'], rule: [...new Set(live.map(({ rule }) => rule))] } as const;
  for await (const finding of walk((top, after) => dependencies.findings.list(filter, top, after))) {
    if (exemptionOf(finding) === undefined) continue;
    count(finding, all, byCluster);
  }
  return { ...all.counts(), byCluster };
}

/** Counts exempted findings. */
export function countsOf(exempted: readonly Finding[]): ExemptedCounts {
  const all = new Counter();
  const byCluster = new Map<string, Counter>();
  for (const finding of exempted) count(finding, all, byCluster);
  return { ...all.counts(), byCluster };
}

function count(finding: Finding, all: Counter, byCluster: Map<string, Counter>): void {
  const own = byCluster.get(finding.clusterId) ?? new Counter();
  byCluster.set(finding.clusterId, own);
  for (const counter of [all, own]) counter.add(finding);
}

/** Returns a cluster's summary without findings that a live exemption covers; its coverage is unchanged. */
export function withoutExempted(summary: ClusterSummary, { byCluster }: Pick<ExemptedCounts, 'byCluster'>): ClusterSummary {
  const exempted = byCluster.get(summary.cluster.id);
  if (exempted === undefined) return summary;
  // Clamp at zero: the summary may be older than the findings.
  const severities = SEVERITIES.map((one) => [one, Math.max(0, summary.openBySeverity[one] - exempted.bySeverity[one])] as const);
  const rules = Object.entries(summary.rules).map(([rule, { open, verdicts }]) => {
    return [rule, { open: Math.max(0, open - (exempted.byRule.get(rule) ?? 0)), verdicts }] as const;
  });
  return { ...summary, openBySeverity: { ...summary.openBySeverity, ...Object.fromEntries(severities) }, rules: Object.fromEntries(rules) };
}

class Counter implements Counts {
  readonly #findings: Finding[] = [];
  readonly bySeverity: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  readonly byRule = new Map<string, number>();

  get openSince(): OpenSince {
    return openSince(this.#findings);
  }

  counts(): Counts {
    const { bySeverity, byRule, openSince: since } = this;
    return { bySeverity, byRule, openSince: since };
  }

  add(finding: Finding): void {
    const { severity, ruleId } = finding;
    this.#findings.push(finding);
    this.bySeverity[severity] += 1;
    this.byRule.set(ruleId, (this.byRule.get(ruleId) ?? 0) + 1);
  }
}
