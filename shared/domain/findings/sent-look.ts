import type { Rule, RuleRun } from '../rule/rule.ts';
import { DAY_MS } from '../snapshot/day.ts';
import { type ClusterSnapshot, EVIDENCE_KEYS, type EvidenceKey } from '../snapshot/snapshot.ts';
import type { ClusterSummary, CoverageGap, SeenLook } from './summary.ts';

/** How long a submitted snapshot stands in for a cluster that the app cannot reach; an older one is refused. */
export const SENT_LOOK_HOLDS_MS = 7 * DAY_MS;

const FROM_AZURE: readonly EvidenceKey[] = ['settings', 'nodePools', 'latestImages'];
/** The evidence that only the API server of a cluster provides. */
const SHOWN_BY_SERVER = EVIDENCE_KEYS.filter((key) => !FROM_AZURE.includes(key));

const SENT = 'sent:';

/** The cause of a submitted snapshot: who sent it, and when it was collected. */
export function sentCause(sentBy: string, seenAt: string): string {
  return `${SENT}${sentBy}:${seenAt}`;
}

/** Newest scan that read the API server; rows of version 0.1.0 do not name it. */
export function lastSeen(summary: ClusterSummary | undefined): SeenLook | undefined {
  if (summary === undefined) return undefined;
  if (summary.lastSeen !== undefined || summary.assessment === 'not-assessed') return summary.lastSeen;
  return { at: summary.observedAt, cause: summary.cause };
}

/** Pushed snapshot still in force after a scan that did not reach the API server; `undefined` if there is none. */
export function sentLookBeside(snapshot: ClusterSnapshot, previous: ClusterSummary | undefined): SeenLook | undefined {
  const seen = lastSeen(previous);
  if (seen === undefined || previous?.status !== 'present' || !seen.cause.startsWith(SENT)) return undefined;
  const isBlind = snapshot.nodes.state === 'unavailable' && snapshot.workloads.state === 'unavailable';
  const age = Date.parse(snapshot.observedAt) - Date.parse(seen.at);
  return isBlind && age <= SENT_LOOK_HOLDS_MS ? seen : undefined;
}

/** The runs of a look that did not reach the API server: a rule that judges gaps says nothing of those that the sent look filled. */
export function runsBesideSentLook(runs: readonly RuleRun[], rules: readonly Rule[]): readonly RuleRun[] {
  const judgeGaps = new Set(rules.filter(judgesGaps).map(({ id }) => id));
  return runs.map((run) =>
    run.state === 'judged' && judgeGaps.has(run.ruleId) ? { ruleId: run.ruleId, state: 'unavailable', missing: [] } : run,
  );
}

/** It requires no part, and looks at each: what it judges is whether they are there. */
function judgesGaps({ requires, consults }: Rule): boolean {
  return requires.length === 0 && consults.some((part) => SHOWN_BY_SERVER.includes(part));
}

/**
 * The summary of a look that did not reach the API server, with what the sent look showed: its pods, its verdicts, and what it did not see. That the
 * app could not look itself is a gap of its own.
 */
export function summaryBesideSentLook(
  blind: ClusterSummary,
  previous: ClusterSummary,
  seen: SeenLook,
  runs: readonly RuleRun[],
): ClusterSummary {
  const server = (gap: CoverageGap) => SHOWN_BY_SERVER.some((part) => part === gap.evidence);
  const why = blind.gaps.find(server)?.reason;
  const kept = runs.flatMap(({ ruleId, state }) => {
    const [own, before] = [blind.rules[ruleId], previous.rules[ruleId]];
    return state !== 'unavailable' || own === undefined || before === undefined
      ? []
      : [[ruleId, { ...own, verdicts: before.verdicts }] as const];
  });
  const { settings = previous.settings } = blind;
  const azureUnseen = blind.nodePools === 0;
  return {
    ...blind,
    ...(settings === undefined ? {} : { settings }),
    assessment: 'partly-assessed',
    gaps: [sentGap(seen, why), ...blind.gaps.filter((gap) => !server(gap)), ...previous.gaps.filter(server)],
    rules: { ...blind.rules, ...Object.fromEntries(kept) },
    ...(azureUnseen ? { nodePools: previous.nodePools, kataNodePools: previous.kataNodePools } : {}),
    pods: previous.pods,
    sandboxedPods: previous.sandboxedPods,
    missedAudits: previous.missedAudits,
    lastSeen: seen,
  };
}

/** Summary of a pushed snapshot that is older than the app's newest attempt, which did not reach the API server. */
export function summaryOfLateSentLook(sent: ClusterSummary, seen: SeenLook): ClusterSummary {
  return {
    ...sent,
    assessment: sent.assessment === 'assessed' ? 'partly-assessed' : sent.assessment,
    gaps: [sentGap(seen, undefined), ...sent.gaps],
    lastSeen: seen,
  };
}

function sentGap({ at }: SeenLook, why: CoverageGap['reason'] | undefined): CoverageGap {
  const told =
    why === undefined
      ? 'The app has not been able to scan this cluster itself since.'
      : `The app could not scan this cluster itself: ${why.message}`;
  return {
    evidence: 'cluster',
    reason: { code: why?.code ?? 'unreachable', message: `${told} Nodes and pods were last seen in a pushed snapshot of ${at}.` },
  };
}
