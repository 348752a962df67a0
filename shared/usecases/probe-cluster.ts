import { mayProbe, planProbe } from '../domain/isolation/probe-targets.ts';
import { acceptedHandlers, isSandboxHandler } from '../domain/policy/handlers.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { FULL, type Observation, unavailable } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot, IsolationProof } from '../domain/snapshot/snapshot.ts';
import type { IsolationProbe } from '../ports/isolation-probe.ts';
import type { Attempt } from './attempt.ts';
import { canaryProofs } from './canary-proofs.ts';
import { execProofs } from './exec-proofs.ts';

/** How pods are probed; `off`, the default, starts nothing. */
export type ProbeMode = 'off' | 'exec' | 'canary';

/** The probe's mode and connection for one cluster. */
interface Probing {
  readonly mode: ProbeMode;
  readonly open: () => Promise<IsolationProbe>;
}

type Seen = Pick<ClusterSnapshot, 'cluster' | 'observedAt' | 'nodes' | 'runtimeClasses' | 'workloads'>;

/**
 * Probes a sample of a cluster's sandboxed pods, if the operator enabled it. A pod that could not be probed is an unknown reading with
 * its reason; if no pod could be probed, the whole part is unavailable.
 */
export async function probeCluster(
  { mode, open }: Probing,
  seen: Seen,
  { policy, abortSignal }: Pick<Attempt, 'policy' | 'abortSignal'>,
  earlier: readonly IsolationProof[] = [],
): Promise<Observation<readonly IsolationProof[]>> {
  if (mode === 'off') return unavailable('not-asked', 'The isolation probe is off.');
  if (!mayProbe(seen.cluster.name, policy)) return unavailable('not-asked', 'The policy does not allow probing this cluster.');
  const { nodes, runtimeClasses, workloads } = seen;
  for (const part of [nodes, runtimeClasses, workloads]) {
    if (part.state === 'unavailable') return unavailable(part.reason.code, `The pods to probe could not be read: ${part.reason.message}`);
  }
  if (nodes.state !== 'observed' || runtimeClasses.state !== 'observed' || workloads.state !== 'observed') {
    return unavailable('malformed', 'The pods to probe could not be read.');
  }
  const accepted = acceptedHandlers(policy);
  const sandboxes = runtimeClasses.value.filter(({ handler }) => isSandboxHandler(handler, accepted));
  const handlers = new Map(sandboxes.map(({ name, handler }) => [name, handler]));
  const evidence = { ...seen, nodes: nodes.value, handlers, groups: workloads.value };
  let probe: IsolationProbe | undefined;
  try {
    probe = await open();
    const proofs =
      mode === 'exec'
        ? await execProofs(probe, planProbe(evidence, policy, earlier, seen.observedAt), seen.observedAt, abortSignal)
        : await canaryProofs(probe, evidence, policy.probe, abortSignal);
    return { state: 'observed', value: proofs, coverage: FULL };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return unavailable(error.code, error.message);
  } finally {
    probe?.close();
  }
}
