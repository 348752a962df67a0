import type { PodGroup } from '../snapshot/pod-group.ts';
import type { Cluster, RuntimeClass } from '../snapshot/snapshot.ts';
import { counted } from '../text/counted.ts';
import type { Remedy } from './command.ts';
import { objectName } from './command-words.ts';
import { kubectlCommands } from './commands.ts';
import { keeperOf, missingSelector } from './update-strategy.ts';
import { correctTemplate } from './workload-commands.ts';
import { markedNames, total, type Workload } from './workload-groups.ts';

/** A change of a workload that is in progress or stuck: its newest pods are already correct. */
export interface Rollout {
  readonly message: string;
  readonly remedy: Remedy;
}

/** A workload with both sandboxed pods and others, and the classes of its cluster. */
export interface Mixed {
  readonly cluster: Cluster;
  readonly subject: Workload['subject'];
  readonly inside: readonly PodGroup[];
  readonly outside: readonly PodGroup[];
  readonly classes: readonly RuntimeClass[];
}

/** Describes a rollout whose newer pods are sandboxed and whose older ones are not; `undefined` if there is none. */
export function rolloutOf(mixed: Mixed): Rollout | undefined {
  const { inside, outside } = mixed;
  const [newestInside, newestOutside] = [newest(inside), newest(outside)];
  if (newestInside === undefined || newestOutside === undefined) return undefined;
  // Times have a resolution of one second. Only a StatefulSet still creates pods from an older template.
  const isNewer = newestInside > newestOutside || (newestInside === newestOutside && mixed.subject.ownerKind !== 'StatefulSet');
  if (!isNewer) return behindPartition(mixed);
  const pods = total(inside, (group) => group.pods);
  const waiting = inside.filter((group) => group.waiting > 0);
  const newer = `A rollout is in progress: ${counted(pods, 'newer pod')} ${pods === 1 ? 'names' : 'name'} an accepted RuntimeClass`;
  if (waiting.length === 0) return { message: `${newer}.`, remedy: untilItEnds(mixed) };
  const count = total(waiting, (group) => group.waiting);
  const reason = waiting.map(({ waitingReason }) => waitingReason).find((one) => one !== undefined);
  const message = `${newer}, and ${count === 1 ? '1 of them waits' : `${count} of them wait`} to start${reason === undefined ? '' : `: ${reason}`}.`;
  return { message, remedy: whileTheyWait(mixed, waiting) };
}

/** Deployments replace their pods automatically. Other kinds may be configured not to, and the pods do not show it. */
function untilItEnds({ cluster, subject }: Mixed): Remedy {
  const right = 'The pod template is already correct. Wait for the rollout to end, then audit again.';
  const keeper = keeperOf(subject);
  if (keeper === undefined) return { remediation: right };
  const remediation = `${right} If the rollout does not continue, ${keeper.what} keeps the older pods: delete them one by one, or change the update strategy.`;
  return { remediation, commands: shown(cluster, subject, keeper.resource) };
}

function whileTheyWait({ cluster, subject, classes }: Mixed, waiting: readonly PodGroup[]): Remedy {
  const selector = missingSelector(subject, waiting, classes);
  if (selector !== undefined) return correctTemplate(cluster, subject, `The pod template already names the class. ${selector}`);
  const objects = ['pods', objectName(markedNames(waiting, 'waiting')[0] ?? '')];
  const commands = kubectlCommands(cluster, { verb: 'describe', namespace: subject.namespace, objects });
  return {
    remediation: 'The pod template is already correct. Find out what its new pods are waiting for: capacity, or a node that accepts them.',
    commands,
  };
}

/** A StatefulSet creates pods below its partition from the older template, however new those pods are. */
function behindPartition({ cluster, subject, inside }: Mixed): Rollout | undefined {
  const keeper = keeperOf(subject);
  if (subject.ownerKind !== 'StatefulSet' || keeper === undefined) return undefined;
  const pods = total(inside, (group) => group.pods);
  const remediation =
    'Check the pod template first. If it names the class, a partition of the update strategy still creates pods from the older template: set it to 0. Otherwise set the class in the template.';
  return {
    message: `Of the same StatefulSet, ${counted(pods, 'pod')} ${pods === 1 ? 'names' : 'name'} an accepted RuntimeClass.`,
    remedy: { remediation, commands: shown(cluster, subject, keeper.resource) },
  };
}

function shown(cluster: Cluster, { namespace, ownerName }: Workload['subject'], resource: string) {
  return kubectlCommands(cluster, { verb: 'get', namespace, options: ['--output', 'yaml'], objects: [resource, objectName(ownerName)] });
}

function newest(groups: readonly PodGroup[]): string | undefined {
  return groups
    .flatMap(({ newestCreatedAt }) => newestCreatedAt ?? [])
    .toSorted()
    .at(-1);
}
