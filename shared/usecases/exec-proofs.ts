import type { ProbePlan, ProbeTarget } from '../domain/isolation/probe-targets.ts';
import { Fault, type FaultCode } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import type { IsolationProof } from '../domain/snapshot/snapshot.ts';
import type { IsolationProbe, ProbeReading } from '../ports/isolation-probe.ts';
import { ofNode, resultOf } from './isolation-readings.ts';

/** Faults of the connection to one node's kubelet, as the API server reports them: unknown port, no answer, or unsupported kubelet. */
const OF_NODE: ReadonlySet<FaultCode> = new Set(['unreachable', 'unsupported', 'timed-out', 'conflict']);

/**
 * Reads pods one after another, so that the probe puts no noticeable load on the cluster. After a refusal the other pods of that
 * namespace are skipped, since its tenant may have caused it, and another pod of the pool is read instead. After a connection failure the
 * other pods of that node are skipped. Throws a `Fault` if no pod could be read.
 */
export async function execProofs(
  probe: IsolationProbe,
  { targets, reserves, kept }: ProbePlan,
  at: string,
  abortSignal: AbortSignal,
): Promise<readonly IsolationProof[]> {
  const proofs = [...kept];
  const refused = new Map<string, Fault>();
  const cutOff = new Map<string, Fault>();
  const waiting = [...targets];
  let looked = false;
  let last: Fault | undefined;
  for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
    const known = last ?? refused.get(target.namespace) ?? cutOff.get(target.node.name);
    const reading = known === undefined ? await attempt(probe, target, abortSignal) : unread(known);
    if (reading instanceof Fault && reading.code === 'denied') {
      refused.set(target.namespace, reading);
      const instead = nextOf(reserves, target, [...proofs, ...waiting], refused);
      if (instead !== undefined) waiting.push(instead);
    } else if (reading instanceof Fault && OF_NODE.has(reading.code)) {
      cutOff.set(target.node.name, reading);
    } else if (reading instanceof Fault) {
      if (!looked) throw reading;
      last = reading;
    } else if (known === undefined) looked = true;
    const { namespace, pod, ownerKind, ownerName, ownerGroup, runtimeClassName, node } = target;
    const owner = { ownerKind, ownerName, ...given({ ownerGroup }) };
    const result = resultOf(reading instanceof Fault ? unread(reading) : reading);
    proofs.push({ namespace, pod, ...owner, runtimeClassName, method: 'exec', at, ...ofNode(node), result });
  }
  const [first] = [...refused.values(), ...cutOff.values()];
  if (first !== undefined && !looked) throw first;
  return proofs;
}

async function attempt(probe: IsolationProbe, target: ProbeTarget, abortSignal: AbortSignal): Promise<ProbeReading | Fault> {
  if (abortSignal.aborted) return { state: 'unknown', reason: 'The probe ended before it reached this pod.' };
  try {
    return await probe.exec(target, abortSignal);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function unread({ message }: Fault): ProbeReading {
  return { state: 'unknown', reason: message };
}

type Named = Pick<ProbeTarget, 'namespace' | 'pod'>;

/** The next pod of the same pool that was not read yet and whose namespace refused nothing. */
function nextOf(
  reserves: readonly ProbeTarget[],
  { node }: ProbeTarget,
  taken: readonly Named[],
  refused: ReadonlyMap<string, Fault>,
): ProbeTarget | undefined {
  const isTaken = (one: Named) => taken.some(({ namespace, pod }) => namespace === one.namespace && pod === one.pod);
  return reserves.find((one) => one.node.nodePool === node.nodePool && !refused.has(one.namespace) && !isTaken(one));
}
