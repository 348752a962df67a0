import type { Rule, RuleRun } from '../rule/rule.ts';
import { DAY_MS } from '../snapshot/day.ts';
import { type ClusterSnapshot, EVIDENCE_KEYS, type EvidenceKey } from '../snapshot/snapshot.ts';
import type { ClusterSummary, CoverageGap, SeenLook } from './summary.ts';

/** How long a pushed snapshot is used for a cluster that the app cannot reach; an older one is refused. */
export const SENT_LOOK_HOLDS_MS = 7 * DAY_MS;

const FROM_AZURE: readonly EvidenceKey[] = ['settings', 'nodePools', 'latestImages'];
/** The parts of a snapshot that only the API server of a cluster provides. */
const SHOWN_BY_SERVER = EVIDENCE_KEYS.filter((key) => !FROM_AZURE.includes(key));

const SENT = 'sent:';

/** The cause of a pushed snapshot: its sender, and when it was collected. */
export function sentCause(sentBy: string, seenAt: string): string {
  return `${SENT}${sentBy}:${seenAt}`;
}

/** Returns the newest scan that read the API server; rows of version 0.1.0 have none. */
export function lastSeen(summary: ClusterSummary | undefined): SeenLook | undefined {
  if (summary === undefined) return undefined;
  if (summary.lastSeen !== undefined || summary.assessment === 'not-assessed') return summary.lastSeen;
  return { at: summary.observedAt, cause: summary.cause };
}

/** Returns the pushed snapshot that stays in force after a scan without the API server; `undefined` if there is none. */
export function sentLookBeside(snapshot: ClusterSnapshot, previous: ClusterSummary | undefined): SeenLook | undefined {
  const seen = lastSeen(previous);
  if (seen === undefined || previous?.status !== 'present' || !seen.cause.startsWith(SENT)) return undefined;
  const isBlind = snapshot.nodes.state === 'unavailable' && snapshot.workloads.state === 'unavailable';
  const age = Date.parse(snapshot.observedAt) - Date.parse(seen.at);
  return isBlind && age <= SENT_LOOK_HOLDS_MS ? seen : undefined;
}

/** Returns the results of a scan without the API server, minus rules that judge gaps, because the pushed snapshot filled these gaps. */
export function runsBesideSentLook(runs: readonly RuleRun[], rules: readonly Rule[]): readonly RuleRun[] {
  const judgeGaps = new Set(rules.filter(judgesGaps).map(({ id }) => id));
  return runs.map((run) =>
    run.state === 'judged' && judgeGaps.has(run.ruleId) ? { ruleId: run.ruleId, state: 'unavailable', missing: [] } : run,
  );
}

/** Such a rule requires no part and consults each, because it judges whether they were read. */
function judgesGaps({ requires, consults }: Rule): boolean {
  return requires.length === 0 && consults.some((part) => SHOWN_BY_SERVER.includes(part));
}

/**
 * Combines the summary of a scan without the API server with the pushed snapshot: its pods, verdicts and gaps. That the app could not
 * read the API server itself is a further gap.
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
    reason: { code: why?.code ?? 'unreachable', message: `${told} Nodes and pods were last read in a pushed snapshot of ${at}.` },
  };
}
