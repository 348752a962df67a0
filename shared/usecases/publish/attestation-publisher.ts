import { complianceOf } from '../../domain/publish/compliance.ts';
import { uuidOf } from '../../domain/publish/uuid.ts';
import { parseNcrontab } from '../../domain/schedule/ncrontab.ts';
import type { UnavailableReason } from '../../domain/snapshot/observation.ts';
import { parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { Attestation, Attestations } from '../../ports/attestations.ts';
import type { BundleHead, BundleStore } from '../../ports/bundle-store.ts';
import type { ServiceStatus } from '../../ports/service-status.ts';
import { AUDIT_LIMIT_MS } from '../audit-outcome.ts';
import { type ClusterStanding, clusterStanding, type StandingSources } from './known-cluster.ts';
import type { Publisher } from './publisher.ts';

/** Dependencies for publishing attestations. */
export interface AttestationPublisher extends StandingSources {
  readonly mode: ServiceStatus['mode'];
  readonly attestations: Attestations;
  readonly bundles: Pick<BundleStore, 'head'>;
  /** Whether bundles are signed; without a signing key nothing is attested. */
  readonly signs: boolean;
  /** The name of the policy assignment in each subscription, or its full ARM id. */
  readonly assignment: string;
  /** When audits start, NCRONTAB. */
  readonly schedule: string;
  readonly publicUrl?: string;
}

const STATE = { compliant: 'Compliant', 'non-compliant': 'NonCompliant', unknown: 'Unknown' } as const;

/** Attests for each cluster whether it complies, with the newest sealed bundle as evidence. */
export function attestationPublisher(deps: AttestationPublisher): Publisher {
  const { mode, attestations, bundles } = deps;
  const blockedBy = missingFor(deps);
  return {
    service: 'attestations',
    mode,
    ...(blockedBy === undefined ? {} : { blockedBy }),
    newest: async () => (await bundles.head())?.head.auditId,
    ofSubscription: async () => ({ sayings: [], takeBack: async () => 'gone' }),
    ofCluster: async (clusterId, isPresent) => {
      const head = isPresent ? (await bundles.head())?.head : undefined;
      const stands = head === undefined ? undefined : await clusterStanding(deps, clusterId);
      const takeBack: Awaited<ReturnType<Publisher['ofCluster']>>['takeBack'] = (name, signal) =>
        attestations.withdraw(clusterId, name, signal);
      if (head === undefined || stands === undefined) return { sayings: [], takeBack };
      const policyAssignmentId = assignmentId(deps.assignment, clusterId);
      const name = uuidOf(`attestation/${policyAssignmentId.toLowerCase()}`);
      const attestation = attestationOf(deps, policyAssignmentId, head, stands);
      const digest = `${attestation.complianceState} ${head.sequence} ${attestation.expiresOn}`;
      return { sayings: [{ name, digest, say: (signal) => attestations.attest(clusterId, name, attestation, signal) }], takeBack };
    },
    // Each bundle has a different digest, so no periodic renewal is needed.
    renewAfterMs: Number.POSITIVE_INFINITY,
  };
}

function missingFor({ signs, assignment, publicUrl }: AttestationPublisher): UnavailableReason | undefined {
  if (!signs) return { code: 'unsupported', message: 'No key signs evidence: set KATAUDIT_SIGNING_KEY.' };
  if (assignment === '') return { code: 'unsupported', message: 'No policy assignment is configured: set KATAUDIT_POLICY_ASSIGNMENT.' };
  if (publicUrl === undefined)
    return { code: 'unsupported', message: 'The address where evidence can be downloaded is missing: set KATAUDIT_PUBLIC_URL.' };
  return undefined;
}

/** An assignment in each subscription has the same name in all of them; an assignment in a scope above is given by its id. */
function assignmentId(assignment: string, clusterId: string): string {
  if (assignment.startsWith('/')) return assignment;
  const subscriptionId = parseClusterId(clusterId)?.subscriptionId ?? '';
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/policyAssignments/${assignment}`;
}

function attestationOf(
  { schedule, publicUrl = '' }: AttestationPublisher,
  policyAssignmentId: string,
  { sequence, sha256, sealedAt, auditId = '' }: BundleHead,
  { summary, standings }: ClusterStanding,
): Attestation {
  const { state, why } = complianceOf(summary, standings);
  const count = (wanted: 'fails' | 'unknown' | 'exempted') => String(standings.filter(({ standing }) => standing === wanted).length);
  // A scan triggered by an event can be newer than the bundle; the next audit's bundle contains it.
  const later = summary.observedAt > sealedAt ? ' The scan is newer than the bundle; the bundle of the next audit contains it.' : '';
  return {
    policyAssignmentId,
    complianceState: STATE[state],
    assessmentDate: summary.observedAt,
    expiresOn: expiryOf(schedule, sealedAt),
    comments: `${why}${later}`,
    evidence: {
      description: `Kataudit evidence bundle ${sequence}, SHA-256 of its manifest ${sha256}, sealed ${sealedAt}.`,
      sourceUri: `${publicUrl}/api/exports/bundle?number=${sequence}`,
    },
    metadata: {
      auditId,
      bundleSequence: String(sequence),
      bundleSha256: sha256,
      rulesFailed: count('fails'),
      rulesUnknown: count('unknown'),
      rulesExempted: count('exempted'),
    },
  };
}

/**
 * When the second audit after the evidence should already have renewed it. If auditing stops, the attestation becomes "unknown" by
 * itself.
 */
function expiryOf(schedule: string, sealedAt: string): string {
  const times = parseNcrontab(schedule);
  const next = times?.next(new Date(sealedAt));
  const second = next && times?.next(next);
  return new Date((second ?? new Date(sealedAt)).getTime() + AUDIT_LIMIT_MS).toISOString();
}
