import { isAccepted } from '../policy/sandbox-requirement.ts';
import { given } from '../snapshot/given.ts';
import type { PodTemplate } from '../snapshot/pod-template.ts';
import { kindOf } from '../snapshot/subject.ts';
import type { Remedy } from './command.ts';
import { objectName } from './command-words.ts';
import { kubectlCommands } from './commands.ts';
import { type Mixed, type Rollout, rolloutOf } from './rollout.ts';
import { type SandboxWish, sandboxObstacle } from './sandbox-remedy.ts';
import { templateResource } from './workload-commands.ts';

/**
 * Tells of a workload whose pods are outside although somebody has begun to change it, where its pods or its template show that: the patch would
 * change nothing. `undefined` where nothing shows it.
 */
export function changeUnderWay(mixed: Mixed, template: PodTemplate | undefined, wish: SandboxWish): Rollout | undefined {
  if (template === undefined) return rolloutOf(mixed);
  const { classes, requirements } = wish;
  const runtimeClass = classes.find(({ name }) => name === template.runtimeClassName);
  if (runtimeClass === undefined || !isAccepted(runtimeClass.handler, requirements)) return undefined;
  // Pods that wait tell more than the controller that waits for them.
  const isTold = template.refusal === undefined || mixed.inside.some(({ waiting }) => waiting > 0);
  const underWay = template.held === undefined && isTold ? rolloutOf(mixed) : undefined;
  if (underWay !== undefined) return underWay;
  const obstacle = RELEASED_BY_HAND.includes(template.held)
    ? sandboxObstacle(nextPods(wish, template), runtimeClass, 'go on with the rollout')
    : undefined;
  return {
    message: `The pod template names the RuntimeClass ${runtimeClass.name} already, and ${whyNoPods(template)}.`,
    remedy: obstacle ?? remedyFor(wish, template),
  };
}

/** The new pods ask of their nodes what the template asks now, whatever the older ones do. */
function nextPods(wish: SandboxWish, { nodeSelector }: PodTemplate): SandboxWish {
  return { ...wish, outside: wish.outside.map(({ nodeSelector: _, ...group }) => ({ ...group, ...given({ nodeSelector }) })) };
}

/** What keeps pods until a person acts: who then acts must not lose the workload. */
const RELEASED_BY_HAND: readonly PodTemplate['held'][] = ['paused', 'on-delete', 'partition'];

function whyNoPods({ held, refusal, ownerKind }: PodTemplate): string {
  switch (held) {
    case 'paused':
      return `the ${ownerKind} is paused, so that it makes no new pods`;
    case 'suspended':
      return `the ${ownerKind} is suspended: it has made no run since`;
    case 'on-delete':
      return 'its update strategy, OnDelete, keeps the older pods until somebody deletes them';
    case 'partition':
      return 'the partition of its update strategy keeps the older pods';
    default:
      if (refusal !== undefined) return `its new pods do not come about: ${refusal}`;
      return ownerKind === 'CronJob' ? 'it has made no run since' : 'no new pod of it was made yet';
  }
}

function remedyFor({ cluster, subject }: SandboxWish, { held, ownerKind }: PodTemplate): Remedy {
  const objects = [templateResource(subject), objectName(subject.ownerName)];
  const { namespace } = subject;
  const look = (remediation: string) => ({ remediation, commands: kubectlCommands(cluster, { verb: 'describe', namespace, objects }) });
  switch (held) {
    case 'paused': {
      const commands = kubectlCommands(cluster, { verb: 'rollout resume', namespace, objects });
      return {
        remediation: `Nothing is to be changed in the template. Resume the ${kindOf(subject)}, and its pods are replaced.`,
        commands,
      };
    }
    case 'suspended':
      return { remediation: 'Nothing is to be changed: the finding ends with its next run, or with its older pods.' };
    case 'on-delete':
      return look('Nothing is to be changed in the template. Delete the older pods one by one: each comes back in a pod VM.');
    case 'partition':
      return look('Nothing is to be changed in the template. Lower the partition of its update strategy to 0, and its pods are replaced.');
    default:
      if (ownerKind === 'CronJob') return { remediation: 'Nothing is to be changed: the finding ends with its next run.' };
      return look(
        'Nothing is to be changed in the template. See to what keeps its new pods from being made: its conditions and events tell.',
      );
  }
}
