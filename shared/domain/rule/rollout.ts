import type { Cluster, PodGroup } from '../snapshot/snapshot.ts';
import type { Remedy } from './command.ts';
import { objectName } from './command-words.ts';
import { kubectlCommands } from './commands.ts';
import { markedNames, plural, total, type Workload } from './workload-groups.ts';

/** A change of a workload that is under way, or stuck: its newest pods are already as they should be. */
export interface Rollout {
  readonly message: string;
  readonly remedy: Remedy;
}

/** Tells of the newer pods of a workload, where they are sandboxed and its older ones are not; `undefined` where that is not so. */
export function rolloutOf(
  cluster: Cluster,
  subject: Workload['subject'],
  inside: readonly PodGroup[],
  outside: readonly PodGroup[],
): Rollout | undefined {
  const [newestInside, newestOutside] = [newest(inside), newest(outside)];
  if (newestInside === undefined || newestOutside === undefined || newestInside <= newestOutside) return undefined;
  const pods = total(inside, (group) => group.pods);
  const waiting = inside.filter((group) => group.waiting > 0);
  const newer = `A rollout is under way: ${plural(pods, 'newer pod')} ${pods === 1 ? 'names' : 'name'} an accepted RuntimeClass`;
  if (waiting.length === 0) {
    return { message: `${newer}.`, remedy: { remediation: 'The pod template is right already: let the rollout end, and look again.' } };
  }
  const count = total(waiting, (group) => group.waiting);
  const reason = waiting.map(({ waitingReason }) => waitingReason).find((one) => one !== undefined);
  const message = `${newer}, and ${count === 1 ? '1 of them waits' : `${count} of them wait`} to start${reason === undefined ? '' : `: ${reason}`}.`;
  const objects = ['pods', objectName(markedNames(waiting, 'waiting')[0] ?? '')];
  const commands = kubectlCommands(cluster, { verb: 'describe', namespace: subject.namespace, objects });
  return { message, remedy: { remediation: 'The pod template is right already: make room for the new pods, which wait.', commands } };
}

function newest(groups: readonly PodGroup[]): string | undefined {
  return groups
    .flatMap(({ newestCreatedAt }) => newestCreatedAt ?? [])
    .toSorted()
    .at(-1);
}
