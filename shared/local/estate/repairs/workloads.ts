import { SANDBOX_LABEL } from '../../../domain/policy/policy.ts';
import { KATA_CLASS } from '../build.ts';
import type { EstateCluster, EstatePlantedFault, EstateRuntimeClass, EstateWorkload } from '../model.ts';
import { withKataPool } from './pools.ts';
import { nothingElse, type Repair, type Subject, sameSubject, subjectName } from './repairing.ts';

/** Changes a class; `alsoOf` names the rules that the workloads of the class then comply with too. */
export function setClass(change: Partial<EstateRuntimeClass>, ...alsoOf: readonly string[]): Repair {
  return (cluster, subject) => ({
    cluster: {
      ...cluster,
      runtimeClasses: cluster.runtimeClasses.map((one) => (one.name === subjectName(subject) ? { ...one, ...change } : one)),
    },
    alsoGone: ({ ruleId, subject: workload }) => alsoOf.includes(ruleId) && uses(cluster, workload, subjectName(subject)),
  });
}

/** Changes a workload in a way that affects no other rule. */
export function setWorkload(change: (workload: EstateWorkload) => EstateWorkload): Repair {
  return (cluster, subject) => ({ cluster: changeWorkload(cluster, subject, change), alsoGone: nothingElse });
}

/** Moves a workload into pod VMs of any suitable pool; adds a pool if there is none. */
export const sandbox: Repair = (cluster, subject, now) => {
  const hasPool = cluster.nodePools.some(({ workloadRuntime }) => workloadRuntime?.startsWith('Kata') === true);
  const moved = changeWorkload(cluster, subject, ({ nodePool: _, ...workload }) => ({
    ...workload,
    runtimeClassName: KATA_CLASS.name,
    memoryLimit: workload.memoryLimit ?? '512Mi',
    state: 'running',
  }));
  return {
    cluster: hasPool ? moved : withKataPool(moved, now),
    alsoGone: (fault) => (!hasPool && fault.ruleId === 'kata-pool-present') || isAboutPlace(fault, subject),
  };
};

/** Resolves the unknown facts of a workload: the labels of its namespace and the handler of its class. */
export const clarify: Repair = (cluster, subject, now) => {
  if ((cluster.lateNamespaces ?? []).length > 0) return lookAgain(cluster, subject, now);
  const namespace = subject.kind === 'workload' ? subject.namespace : '';
  const isOdd = cluster.namespaces.some(({ name, labels }) => name === namespace && labels[SANDBOX_LABEL] === 'Required');
  if (!isOdd) return restoreClasses(cluster, subject, now);
  const namespaces = cluster.namespaces.map((one) =>
    one.name === namespace ? { ...one, labels: { ...one.labels, [SANDBOX_LABEL]: 'none' } } : one,
  );
  return { cluster: { ...cluster, namespaces }, alsoGone: nothingElse };
};

/** The next scan lists objects that were created during the last one. */
const lookAgain: Repair = ({ lateNamespaces: _, ...cluster }) => ({
  cluster: { ...cluster, nodes: cluster.nodes.map(({ isLate: __, ...node }) => node) },
  alsoGone: ({ verdict, subject }) => verdict === 'unknown' && subject.kind === 'workload',
});

/** Recreates deleted classes that workloads name, and removes what would then be found. */
export const restoreClasses: Repair = (cluster) => {
  const named = new Set(cluster.workloads.flatMap(({ runtimeClassName }) => runtimeClassName ?? []));
  // Pods that are restarted are younger than their class.
  const classes = cluster.runtimeClasses.map(({ createdAt: _, ...one }) => one);
  const missing = [...named].filter((name) => !cluster.runtimeClasses.some((one) => one.name === name && one.createdAt === undefined));
  return {
    cluster: {
      ...cluster,
      runtimeClasses: [
        ...classes,
        ...missing.filter((name) => !classes.some((one) => one.name === name)).map((name) => ({ ...KATA_CLASS, name })),
      ],
      workloads: cluster.workloads.map((one) => (missing.includes(one.runtimeClassName ?? '') ? withoutHostPath(one) : one)),
    },
    alsoGone: ({ ruleId, verdict, subject }) =>
      ruleId === 'runtime-class-exists' ||
      (verdict === 'unknown' && missing.some((name) => uses(cluster, subject, name) && !isUnread(cluster, ruleId, subject))),
  };
};

/** A result that no probe can read stays unknown. */
function isUnread({ workloads }: EstateCluster, ruleId: string, subject: Subject): boolean {
  return ruleId === 'isolation-proven' && workloads.some((one) => one.probe !== undefined && isWorkload(one, subject));
}

function withoutHostPath({ hostPath: _, ...workload }: EstateWorkload): EstateWorkload {
  return workload;
}

function isAboutPlace({ ruleId, subject }: EstatePlantedFault, workload: Subject): boolean {
  return (
    ['sandboxed-pod-starts', 'sandboxed-pod-on-kata-node', 'kata-node-tenancy', 'isolation-proven'].includes(ruleId) &&
    sameSubject(subject, workload)
  );
}

function changeWorkload(cluster: EstateCluster, subject: Subject, change: (workload: EstateWorkload) => EstateWorkload): EstateCluster {
  return { ...cluster, workloads: cluster.workloads.map((one) => (isWorkload(one, subject) ? change(one) : one)) };
}

function uses({ workloads }: EstateCluster, subject: Subject, runtimeClass: string): boolean {
  return workloads.some((one) => one.runtimeClassName === runtimeClass && isWorkload(one, subject));
}

function isWorkload({ namespace, kind, name }: EstateWorkload, subject: Subject): boolean {
  return subject.kind === 'workload' && subject.namespace === namespace && subject.ownerKind === kind && subject.ownerName === name;
}
