import type { Observation, UnavailableReason } from './observation.ts';
import { type ClusterSnapshot, EVIDENCE_KEYS, type EvidenceKey } from './snapshot.ts';
import { describeUnread, type WithUnread } from './unread.ts';

/** The most reasons that one part lists: an answer in which everything is invalid must still fit into a row. */
const MAX_REASONS = 10;

/** A part of the evidence that could not be read completely, and why. */
export interface EvidenceGap {
  readonly evidence: EvidenceKey | 'cluster';
  readonly reason: UnavailableReason;
}

/**
 * Everything that a scan could not read of a cluster, down to single fields. The summary and the rule `cluster-assessed`
 * use it. A probe that was not requested is not a gap.
 */
export function evidenceGaps(parts: Pick<ClusterSnapshot, EvidenceKey | 'cluster'>): readonly EvidenceGap[] {
  const ofCluster = unreadOf(parts.cluster).map((reason) => ({ evidence: 'cluster' as const, reason }));
  const ofParts = EVIDENCE_KEYS.flatMap((evidence) =>
    bounded([...wholeGaps(parts[evidence]), ...innerGaps(evidence, parts)]).map((reason) => ({ evidence, reason })),
  );
  return [...ofCluster, ...ofParts];
}

function bounded(reasons: readonly UnavailableReason[]): readonly UnavailableReason[] {
  const more = reasons.length - MAX_REASONS;
  if (more <= 0) return reasons;
  return [...reasons.slice(0, MAX_REASONS), { code: 'malformed', message: `${more} more reasons like these are not listed.` }];
}

function wholeGaps(part: Observation<unknown>): readonly UnavailableReason[] {
  if (part.state === 'unavailable') return part.reason.code === 'not-asked' ? [] : [part.reason];
  const { coverage } = part;
  if (coverage.kind === 'targeted') return coverage.unread ?? [];
  return coverage.kind === 'truncated' ? [{ code: 'too-large', message: coverage.message }] : [];
}

function innerGaps(
  evidence: EvidenceKey,
  { settings, nodePools, latestImages }: Pick<ClusterSnapshot, EvidenceKey>,
): readonly UnavailableReason[] {
  if (evidence === 'latestImages' && latestImages.state === 'observed') {
    return latestImages.value.flatMap(({ image }) => (image.state === 'unavailable' ? [image.reason] : []));
  }
  if (evidence === 'nodePools' && nodePools.state === 'observed') return nodePools.value.flatMap(unreadOf);
  if (evidence !== 'settings' || settings.state === 'unavailable') return [];
  const { plannedUpgrade } = settings.value;
  return [...unreadOf(settings.value), ...(plannedUpgrade?.state === 'unavailable' ? [plannedUpgrade.reason] : [])];
}

function unreadOf({ unread = [] }: WithUnread): readonly UnavailableReason[] {
  return unread.map((field) => ({ code: 'malformed', message: describeUnread(field) }));
}
