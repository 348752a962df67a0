import { given } from '../snapshot/given.ts';
import type { ClusterSnapshot } from '../snapshot/snapshot.ts';
import { type IsolationStep, isolationOfPools, isolationOfWorkloads } from './isolation-step.ts';

/** What one Kata pool has reached, and why not more. */
export interface PoolStep {
  readonly nodePool: string;
  readonly step: IsolationStep;
  readonly reason: string;
}

/** What one sandboxed workload has reached, and why not more. */
export interface SandboxedStep {
  readonly namespace: string;
  readonly ownerKind: string;
  readonly ownerName: string;
  /** The API group of the owner, where it is not Kubernetes' own. */
  readonly ownerGroup?: string;
  readonly runtimeClassName: string;
  readonly pods: number;
  readonly step: IsolationStep;
  readonly reason: string;
}

/** How far the evidence for isolation reaches in one cluster, pool by pool and workload by workload. */
export interface IsolationReport {
  /** When the cluster was looked at, RFC 3339. */
  readonly observedAt: string;
  readonly nodePools: readonly PoolStep[];
  /** Those that share a kernel first, then the less proven ones. */
  readonly workloads: readonly SandboxedStep[];
  /** Workloads that found no room in the list. */
  readonly moreWorkloads: number;
}

const ORDER: readonly IsolationStep[] = ['disproved', 'none', 'declared', 'resolved', 'proven'];

/** Tells the step of every Kata pool, and of the sandboxed workloads up to a number. */
export function isolationReport(snapshot: ClusterSnapshot, maxWorkloads = Number.POSITIVE_INFINITY): IsolationReport {
  const workloads = isolationOfWorkloads(snapshot)
    .map(({ group, evidence }): SandboxedStep => {
      const { namespace, ownerKind, ownerName, ownerGroup, runtimeClassName = '', pods } = group;
      const owner = { ownerKind, ownerName, ...given({ ownerGroup }) };
      return { namespace, ...owner, runtimeClassName, pods, ...evidence };
    })
    .toSorted((a, b) => ORDER.indexOf(a.step) - ORDER.indexOf(b.step));
  const shown = workloads.slice(0, maxWorkloads);
  return {
    observedAt: snapshot.observedAt,
    nodePools: isolationOfPools(snapshot).map(({ nodePool, evidence }) => ({ nodePool, ...evidence })),
    workloads: shown,
    moreWorkloads: workloads.length - shown.length,
  };
}
