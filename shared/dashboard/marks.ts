import { GAP_RULE } from '../domain/findings/finding-text.ts';
import type { ClusterSummary, CoverageGap } from '../domain/findings/summary.ts';
import { type Html, html } from './html.ts';
import { badge } from './view.ts';

/** The state of a cluster; it can be failing and blind at the same time. */
export interface ClusterMarks {
  /** It has an open finding. */
  readonly failing: boolean;
  /** Its newest scan could not read everything. */
  readonly blind: boolean;
}

/** Returns the state of a cluster; a cluster that can no longer be read keeps failing for its open findings. */
export function marksOf({ assessment, rules }: Pick<ClusterSummary, 'assessment' | 'rules'>): ClusterMarks {
  const blind = assessment !== 'assessed';
  for (const rule in rules) if (rule !== GAP_RULE && (rules[rule]?.open ?? 0) > 0) return { failing: true, blind };
  return { failing: false, blind };
}

/** The state as badges, side by side. */
export function markBadges(marks: ClusterMarks): Html {
  if (!marks.failing && !marks.blind) return badge('compliant');
  return html`${marks.failing ? badge('failing') : ''}${marks.failing && marks.blind ? ' ' : ''}${marks.blind ? badge('blind') : ''}`;
}

/** Whether the newest scan read a part of a cluster; a part that was not read is shown as `?`, never as none. */
export function isSeen({ gaps }: Pick<ClusterSummary, 'gaps'>, ...evidence: readonly CoverageGap['evidence'][]): boolean {
  return !gaps.some((gap) => gap.evidence === 'cluster' || evidence.includes(gap.evidence));
}
