import type { ClusterSettings, NodePool } from '../../domain/snapshot/snapshot.ts';
import { type ClusterPlan, USUAL_CLASSES } from './build.ts';
import type { Repair } from './repairs/repairing.ts';

/** Plants a fault: changes a cluster, and adds what an audit must then find. */
export type Planting = (plan: ClusterPlan, now: Date) => ClusterPlan;

/** Fields of Azure's answer without which the verdict on a healthy Kata pool, or on its cluster, is unknown. */
export interface Needed {
  readonly subject: 'cluster' | 'node-pool';
  readonly pool?: readonly (keyof NodePool)[];
  readonly settings?: readonly (keyof ClusterSettings)[];
}

/** Demonstrates one rule in the simulated estate: the faults by cluster, and their repair. */
export interface Demonstration {
  /** The evidence that the rule needs; `listing` is available even for a cluster that cannot be read. */
  readonly reads: 'listing' | 'azure' | 'kubernetes';
  /** The rule is judged only when a policy turns it on. */
  readonly isOptIn?: true;
  /** By the name of the cluster. */
  readonly plant: Readonly<Record<string, Planting>>;
  readonly repair: Repair;
  /** Absent when the verdict needs no single field. */
  readonly needed?: Needed;
}

/** Extends lists, and replaces all other given members. */
export function adding(parts: Partial<ClusterPlan> | ((now: Date) => Partial<ClusterPlan>)): Planting {
  return (plan, now) => {
    const more = typeof parts === 'function' ? parts(now) : parts;
    const { adjustNode: before = (node) => node } = plan;
    const { adjustNode: after = (node) => node } = more;
    return {
      ...plan,
      ...more,
      pools: [...plan.pools, ...(more.pools ?? [])],
      runtimeClasses: [...(plan.runtimeClasses ?? USUAL_CLASSES), ...(more.runtimeClasses ?? [])],
      workloads: [...plan.workloads, ...(more.workloads ?? [])],
      namespaceLabels: { ...plan.namespaceLabels, ...more.namespaceLabels },
      plantedFaults: [...(plan.plantedFaults ?? []), ...(more.plantedFaults ?? [])],
      adjustNode: (node, at) => after(before(node, at), at),
    };
  };
}

/** The plan of a cluster with all faults that demonstrations plant there. */
export function planted(plan: ClusterPlan, demonstrations: readonly Demonstration[], now: Date): ClusterPlan {
  return demonstrations.reduce((grown, { plant }) => plant[plan.name]?.(grown, now) ?? grown, plan);
}
