import type { ProbeTarget } from '../domain/isolation/probe-targets.ts';

/** Result of one probe: the raw output, limited in size, or why there is none. */
export type ProbeReading = { readonly state: 'read'; readonly output: string } | { readonly state: 'unknown'; readonly reason: string };

/** Runs probes in pods of one cluster; every wait has a limit. */
export interface IsolationProbe {
  /** Runs one bounded command in a running pod. Throws `Fault('denied')` when the identity lacks the permission. */
  exec(target: ProbeTarget, abortSignal: AbortSignal): Promise<ProbeReading>;
  /**
   * Starts a short-lived pod on a node, reads its output and always deletes it. With
   * `runtimeClassName` absent the pod runs in the node's default runtime, for comparison.
   */
  canary(canary: Canary, abortSignal: AbortSignal): Promise<ProbeReading>;
  /** Deletes canary pods that a crash left behind; resolves to how many. */
  sweep(namespace: string, abortSignal: AbortSignal): Promise<number>;
  /** Closes connections; safe to repeat. */
  close(): void;
}

/** A short-lived pod that reads its own kernel. */
export interface Canary {
  readonly namespace: string;
  readonly image: string;
  readonly node: string;
  readonly runtimeClassName?: string;
  /** Its resource requests and limits, as Kubernetes quantities. */
  readonly resources: { readonly cpu: string; readonly memory: string };
}
