import { type ClusterPlan, USUAL_CLASSES } from './build.ts';
import type { Repair } from './repairs/repairing.ts';

/** Plants a fault: changes what is told of a cluster, and adds what an audit must then find there. */
export type Planting = (plan: ClusterPlan, now: Date) => ClusterPlan;

/** How the simulated estate shows one rule: what is wrong, in which clusters, and what somebody would do about it. */
export interface Demonstration {
  /** What must be readable for the rule to be judged at all; `listing` is what even a cluster that cannot be read has. */
  readonly reads: 'listing' | 'azure' | 'kubernetes';
  /** Only a policy that turns the rule on has it judged. */
  readonly isOptIn?: true;
  /** By the name of the cluster. */
  readonly plant: Readonly<Record<string, Planting>>;
  readonly repair: Repair;
}

/** Adds to lists, and replaces everything else that is given. */
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

/** The plan of a cluster with everything in it that demonstrations plant there. */
export function planted(plan: ClusterPlan, demonstrations: readonly Demonstration[], now: Date): ClusterPlan {
  return demonstrations.reduce((grown, { plant }) => plant[plan.name]?.(grown, now) ?? grown, plan);
}
