import type { ProbeTarget } from '../domain/isolation/probe-targets.ts';

/** What came of one probe: the raw output, bounded, or why there is none. */
export type ProbeReading = { readonly state: 'read'; readonly output: string } | { readonly state: 'unknown'; readonly reason: string };

/** Reads inside pods of one cluster; every wait has a limit. */
export interface IsolationProbe {
  /** Runs one bounded command in a running pod. Throws `Fault('denied')` when the identity may not. */
  exec(target: ProbeTarget, abortSignal: AbortSignal): Promise<ProbeReading>;
  /**
   * Starts a short-lived pod on a node, reads its output and deletes it, whatever came of it. With
   * `runtimeClassName` absent the pod runs in the node's default runtime, for comparison.
   */
  canary(canary: Canary, abortSignal: AbortSignal): Promise<ProbeReading>;
  /** Deletes canaries that a crash left behind; resolves to how many. */
  sweep(namespace: string, abortSignal: AbortSignal): Promise<number>;
  /** Lets go of connections; harmless twice. */
  close(): void;
}

/** A short-lived pod that reads its own kernel. */
export interface Canary {
  readonly namespace: string;
  readonly image: string;
  readonly node: string;
  readonly runtimeClassName?: string;
  /** What it requests and is limited to, as Kubernetes quantities. */
  readonly resources: { readonly cpu: string; readonly memory: string };
}
