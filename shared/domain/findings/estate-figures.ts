import type { Policy } from '../policy/policy.ts';
import { SEVERITIES, type Severity } from '../policy/severity.ts';
import { DAY_MS } from '../snapshot/day.ts';
import { given } from '../snapshot/given.ts';
import { countOverdue } from './due.ts';
import type { ClusterSummary } from './summary.ts';

/** Counts by severity. */
export type BySeverity = Readonly<Record<Severity, number>>;

/** The age of a node image by the policy's limits; `unknown` if its version contains no date. */
export const IMAGE_AGES = ['current', 'aging', 'stale', 'unsupported', 'unknown'] as const;
export type ImageAge = (typeof IMAGE_AGES)[number];

/** The figures of the estate over the present clusters; exempted findings are included. */
export interface EstateFigures {
  readonly clusters: number;
  /** Clusters that the newest scan could not fully read. */
  readonly blind: number;
  /** Clusters in which a probe has shown a pod VM's own kernel, and no pod that shared its node's. */
  readonly proven: number;
  readonly openBySeverity: BySeverity;
  /** Workloads that the policy requires to be sandboxed, by the result. */
  readonly required: { readonly sandboxed: number; readonly exposed: number; readonly unknown: number };
  /** Clusters by the age of their oldest node image. */
  readonly images: Readonly<Record<ImageAge, number>>;
  /** Open findings past their due date; absent when a cluster was last written by a version that did not count them. */
  readonly overdue?: number;
  /** Open findings that a live exemption covers; absent in rows of earlier versions, or if they were not requested. */
  readonly exempted?: number;
}

/** No finding of any severity. */
export const NONE_OPEN: BySeverity = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };

/** The rule whose verdicts count the workloads that must be sandboxed. */
export const REQUIRED_RULE = 'workload-sandboxed';
const PROOF_RULE = 'isolation-proven';

/** Whether a probe has shown a pod VM's own kernel in this cluster, and none that shared the node's. */
export function isProven({ rules }: Pick<ClusterSummary, 'rules'>): boolean {
  const verdicts = rules[PROOF_RULE]?.verdicts;
  return verdicts !== undefined && verdicts.pass > 0 && verdicts.fail === 0;
}

/** The total over all severities. */
export function total(counts: BySeverity): number {
  return SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);
}

/** Returns the age category of an image by its release date and the policy. */
export function imageAge(releasedOn: string | undefined, limits: Policy['nodeImages'], now: Date): ImageAge {
  const days = releasedOn === undefined ? Number.NaN : Math.floor((now.getTime() - Date.parse(releasedOn)) / DAY_MS);
  if (Number.isNaN(days)) return 'unknown';
  if (days > limits.unsupportedDays) return 'unsupported';
  if (days > limits.staleDays) return 'stale';
  return days > limits.graceDays ? 'aging' : 'current';
}

/** Adds up the summaries of the present clusters. */
export function figuresOf(summaries: Iterable<ClusterSummary>, policy: Pick<Policy, 'nodeImages' | 'dueDays'>, now: Date): EstateFigures {
  const openBySeverity = { ...NONE_OPEN };
  const required = { sandboxed: 0, exposed: 0, unknown: 0 };
  const images = { current: 0, aging: 0, stale: 0, unsupported: 0, unknown: 0 };
  const sums = { clusters: 0, blind: 0, proven: 0 };
  let overdue: number | undefined = 0;
  for (const summary of summaries) {
    if (summary.status !== 'present') continue;
    sums.clusters += 1;
    if (summary.assessment !== 'assessed') sums.blind += 1;
    if (isProven(summary)) sums.proven += 1;
    for (const severity of SEVERITIES) openBySeverity[severity] += summary.openBySeverity[severity];
    const verdicts = summary.rules[REQUIRED_RULE]?.verdicts;
    required.sandboxed += verdicts?.pass ?? 0;
    required.exposed += verdicts?.fail ?? 0;
    required.unknown += verdicts?.unknown ?? 0;
    images[imageAge(summary.oldestImage?.releasedOn, policy.nodeImages, now)] += 1;
    const late = summary.openSince === undefined ? lateUnknown(summary) : countOverdue(summary.openSince, policy.dueDays, now);
    overdue = overdue === undefined || late === undefined ? undefined : overdue + late;
  }
  return { ...sums, openBySeverity, required, images, ...given({ overdue }) };
}

/** For a summary without counts by day: no finding is overdue if none is open. */
function lateUnknown({ openBySeverity }: ClusterSummary): 0 | undefined {
  return total(openBySeverity) === 0 ? 0 : undefined;
}
