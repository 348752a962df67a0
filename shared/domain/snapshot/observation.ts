import { Fault, type FaultCode } from './fault.ts';

/** How much of the existing data was read. */
export type Coverage =
  | {
      readonly kind: 'full';
      /** How it was read, as the end of "read by …"; absent if there is only one way. */
      readonly by?: string;
    }
  | {
      readonly kind: 'sample';
      /** The sampling unit is the node, never the pod. */
      readonly sampledNodes: number;
      readonly totalNodes: number;
      readonly sampledPods: number;
      /** Absent when the API server did not say how many pods remain. */
      readonly totalPods?: number;
      /** Exact one-sided upper bound of the share of nodes with a violation, 0 to 1, if none is found. */
      readonly upperBound: number;
      readonly confidence: number;
      readonly seed: string;
    }
  | TargetedCoverage
  | { readonly kind: 'truncated'; readonly message: string };

/** Only the pods that the policy needs were read: those of some namespaces, those on nodes that may run Kata, and those on no node. */
export interface TargetedCoverage {
  readonly kind: 'targeted';
  /** Namespaces of which every pod was read. */
  readonly namespaces: readonly string[];
  /** Nodes that may run Kata and whose pods were read, of all nodes. */
  readonly nodes: number;
  readonly totalNodes: number;
  readonly pods: number;
  /** As the API server counted them before. */
  readonly totalPods: number;
  /** The reads that failed; absent if none did. */
  readonly unread?: readonly UnavailableReason[];
}

/** Why something could not be read. */
export interface UnavailableReason {
  readonly code: FaultCode;
  readonly message: string;
}

/** Something that was read, or the reason why it could not be: a failed read is never an empty value. */
export type Observation<T> =
  | { readonly state: 'observed'; readonly value: T; readonly coverage: Coverage }
  | { readonly state: 'unavailable'; readonly reason: UnavailableReason };

export const FULL: Coverage = { kind: 'full' };

/** An observed value and its coverage. */
export function observed<T>(value: T, coverage: Coverage = FULL): Observation<T> {
  return { state: 'observed', value, coverage };
}

/** A value that could not be read, and why. */
export function unavailable(code: FaultCode, message: string): { readonly state: 'unavailable'; readonly reason: UnavailableReason } {
  return { state: 'unavailable', reason: { code, message } };
}

/** The observed value; `undefined` if it could not be read, which callers must not treat as empty. */
export function observedValue<T>(observation: Observation<T> | undefined): T | undefined {
  return observation?.state === 'observed' ? observation.value : undefined;
}

/** Maps an observed value; an unavailable one stays unavailable. */
export function mapObserved<T>(observation: Observation<T>, change: (value: T) => T): Observation<T> {
  return observation.state === 'observed' ? { ...observation, value: change(observation.value) } : observation;
}

/** Runs a read and turns a `Fault` into `unavailable`; any other error is a bug and is thrown. */
export async function observe<T>(look: () => Promise<T>, coverage: Coverage = FULL): Promise<Observation<T>> {
  try {
    return observed(await look(), coverage);
  } catch (error) {
    if (error instanceof Fault) return unavailable(error.code, error.message);
    throw error;
  }
}
