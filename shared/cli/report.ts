import type { NotListed } from '../compose/command-line/azure-cluster.ts';
import { auditSeen } from '../compose/command-line/kubeconfig.ts';
import { exempt, type OverlaidFinding } from '../domain/findings/overlaid-finding.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { type UnavailableReason, unavailable } from '../domain/snapshot/observation.ts';
import { TEMPLATES_NOT_ASKED } from '../domain/snapshot/pod-template.ts';
import type { Cluster, ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { mapAhead } from '../exports/ahead.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';
import { progressLine } from './frame/progress.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { plain } from './frame/table.ts';
import type { Target, Targets } from './targets.ts';

/**
 * Number of clusters scanned in parallel. Azure's rate limits apply to all of them together, and one scan needs little memory.
 */
const AT_ONCE = 8;

/** The result of one run of the command line. */
export interface Report {
  readonly clusters: readonly AuditedSnapshot[];
  readonly notListed: readonly NotListed[];
}

/** The findings of one cluster, each with the live exemption that covers it. */
export interface ReportedCluster {
  readonly result: AuditedSnapshot;
  readonly overlaid: readonly OverlaidFinding[];
}

/** Scans and judges all clusters, and shows the progress. A cluster that could not be read is in the report with the reason. */
export async function reportOn({ targets, notListed, isOne }: Targets, policy: Policy, here: Surroundings): Promise<Report> {
  const clusters: AuditedSnapshot[] = [];
  const current = new Set<string>();
  const progress = () => {
    const names = [...current];
    const line = targets.length === 1 ? `Scanning ${names.join()} …` : progressLine(clusters.length, targets.length, 'clusters', names);
    here.terminal.progress(names.length === 0 && targets.length === 1 ? '' : line);
  };
  const look = async (target: Target) => {
    const name = plain(target.cluster.name);
    current.add(name);
    progress();
    try {
      return await (isOne ? target.look() : lookOrReason(target, here.now()));
    } finally {
      current.delete(name);
    }
  };
  for await (const snapshot of mapAhead(each(targets), AT_ONCE, look)) {
    clusters.push(await auditSeen(snapshot, policy));
    progress();
  }
  here.terminal.progress('');
  return { clusters, notListed };
}

/** Applies the policy's exemptions that are in force now to a report's findings. */
export function overlaid({ clusters }: Report, policy: Policy, now: Date): readonly ReportedCluster[] {
  return clusters.map((result) => ({ result, overlaid: exempt(result.findings, policy.exemptions, now) }));
}

/** A cluster that fails does not stop the others: its snapshot is empty and contains the reason. */
async function lookOrReason({ cluster, look }: Target, now: Date): Promise<ClusterSnapshot> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Fault) return unseen(cluster, now, { code: error.code, message: error.message });
    throw error;
  }
}

function unseen(cluster: Cluster, now: Date, { code, message }: UnavailableReason): ClusterSnapshot {
  const nothing = unavailable(code, message);
  return {
    schemaVersion: 1,
    cluster,
    observedAt: now.toISOString(),
    settings: nothing,
    nodePools: nothing,
    latestImages: nothing,
    nodes: nothing,
    runtimeClasses: nothing,
    namespaces: nothing,
    workloads: nothing,
    templates: TEMPLATES_NOT_ASKED,
    isolationProofs: nothing,
    guardrails: nothing,
  };
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* values;
}
