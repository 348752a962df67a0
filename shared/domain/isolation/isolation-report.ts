import { given } from '../snapshot/given.ts';
import type { ClusterSnapshot } from '../snapshot/snapshot.ts';
import { type IsolationStep, isolationOfPools, isolationOfWorkloads } from './isolation-step.ts';

/** Isolation step of one Kata pool, and why the next step was not reached. */
export interface PoolStep {
  readonly nodePool: string;
  readonly step: IsolationStep;
  readonly reason: string;
}

/** Isolation step of one sandboxed workload, and why the next step was not reached. */
export interface SandboxedStep {
  readonly namespace: string;
  readonly ownerKind: string;
  readonly ownerName: string;
  /** The API group of the owner, unless it is built into Kubernetes. */
  readonly ownerGroup?: string;
  readonly runtimeClassName: string;
  readonly pods: number;
  readonly step: IsolationStep;
  readonly reason: string;
}

/** The isolation steps of one cluster's pools and workloads. */
export interface IsolationReport {
  /** Time of the cluster's scan, RFC 3339. */
  readonly observedAt: string;
  readonly nodePools: readonly PoolStep[];
  /** Workloads that share a kernel come first, then the least proven ones. */
  readonly workloads: readonly SandboxedStep[];
  /** Number of workloads left out because the list is full. */
  readonly moreWorkloads: number;
}

const ORDER: readonly IsolationStep[] = ['disproved', 'none', 'declared', 'resolved', 'proven'];

/** Reports the step of every Kata pool and of a limited number of sandboxed workloads. */
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
