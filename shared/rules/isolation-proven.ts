import { comparedBootIds, sharesKernel, strangeNodes } from '../domain/isolation/isolation-proof.ts';
import { activePods } from '../domain/isolation/kata-evidence.ts';
import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { sandboxedWorkloads } from '../domain/rule/sandboxed-workload.ts';
import { forExample } from '../domain/rule/workload-groups.ts';
import type { Cluster, IsolationProof } from '../domain/snapshot/snapshot.ts';
import { kindOf, type Subject } from '../domain/snapshot/subject.ts';
import { counted } from '../domain/text/counted.ts';

/** The most pods that a message names. */
const MAX_NAMED = 3;

/** Every probed pod showed a kernel of its own. */
export const isolationProven = defineRule({
  id: 'isolation-proven',
  title: 'Probed sandboxed pods have their own kernel',
  severity: 'critical',
  rationale: "RuntimeClass names and handlers are only declarations. A pod that shows its node's boot id runs on its node's kernel.",
  remediation: 'Treat the workload as not isolated: stop it, keep the node for inspection, and replace the node image.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing', 'https://docs.kernel.org/admin-guide/sysctl/kernel.html#random'],
  requires: ['workloads', 'runtimeClasses'],
  consults: ['isolationProofs'],
  evaluate({ cluster, workloads, runtimeClasses, isolationProofs, policy, observedAt }): readonly Judgement[] {
    if (isolationProofs.state === 'unavailable') {
      const { code, message } = isolationProofs.reason;
      return [{ verdict: code === 'not-asked' ? 'not-applicable' : 'unknown', subject: { kind: 'cluster' }, message }];
    }
    // A canary without a class is the control: it must share its node's kernel.
    const proofs = isolationProofs.value.filter(({ runtimeClassName }) => runtimeClassName !== undefined);
    const ofPods = Map.groupBy(
      proofs.filter(({ method }) => method === 'exec'),
      (proof) => `${proof.namespace}/${kindOf(proof)}/${proof.ownerName}`,
    );
    const ofPlaces = Map.groupBy(
      proofs.filter(({ method }) => method === 'canary'),
      ({ nodePool, node }) => (nodePool === undefined ? `node ${node}` : `pool ${nodePool}`),
    );
    const strange = strangeNodes(isolationProofs.value);
    const subjects = sandboxedWorkloads({ workloads, runtimeClasses, policy, observedAt })
      .filter(({ groups, uncertain }) => [...groups, ...uncertain.map(({ group }) => group)].some((group) => activePods(group) > 0))
      .map(({ subject }) => subject);
    const places = [...ofPlaces.values()].map((members) => judge(cluster, placeOf(members), members, strange));
    const pods = subjects.map((subject) =>
      judge(cluster, subject, ofPods.get(`${subject.namespace}/${kindOf(subject)}/${subject.ownerName}`) ?? [], strange),
    );
    return [...places, ...pods];
  },
  // A probe by exec starts no canary, so a pool that a canary disproved may still exist.
  unlisted: ({ isolationProofs }) => {
    if (isolationProofs.state === 'unavailable' || isolationProofs.coverage.kind !== 'full') return ['node-pool', 'node', 'workload'];
    return isolationProofs.value.some(({ method }) => method === 'canary') ? [] : ['node-pool', 'node'];
  },
});

function placeOf([first]: readonly IsolationProof[]): Subject {
  if (first?.nodePool !== undefined) return { kind: 'node-pool', name: first.nodePool };
  return { kind: 'node', name: first?.node ?? '' };
}

/**
 * One shared kernel outweighs any number of separate ones. A reading without the node's boot id proves nothing, nor does a
 * different boot id on a node where even a pod without a pod VM shows one.
 */
function judge(cluster: Cluster, subject: Subject, proofs: readonly IsolationProof[], strange: ReadonlySet<string>): Judgement {
  const compared = proofs.filter((proof) => comparedBootIds(proof) !== 'not read');
  const read = compared.filter((proof) => sharesKernel(proof) || !strange.has(proof.node));
  const shared = read.filter(sharesKernel);
  const facts = { probed: proofs.length, read: read.length, shared: shared.length };
  const [first] = shared;
  if (first !== undefined) {
    const names = shared.slice(0, MAX_NAMED).map(({ pod }) => pod);
    const message = `${counted(shared.length, 'pod')} showed the boot id of ${shared.length === 1 ? 'its node' : 'their nodes'}: pod and node share one kernel${forExample(names)}.`;
    const commands = kubectlCommands(cluster, { verb: 'cordon', objects: [objectName(first.node)] });
    return { verdict: 'fail', subject, message, facts: { ...facts, node: first.node, nodeKernel: first.nodeKernel }, commands };
  }
  if (read.length > 0) return { verdict: 'pass', subject, facts };
  if (compared.length > 0) {
    const message = 'On this node even a pod without a pod VM shows another boot id, so boot ids prove nothing here.';
    return { verdict: 'unknown', subject, message, facts };
  }
  const [unread] = proofs;
  const message =
    unread?.result.state === 'unknown'
      ? `The probe could not read the pod: ${unread.result.reason}`
      : 'No running pod of this workload was probed.';
  return { verdict: 'unknown', subject, message, facts };
}
