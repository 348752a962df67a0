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
 * Describes a change of a workload that has already begun, if its pods or its pod template show one, so that a patch is not needed.
 * `undefined` if nothing shows one.
 */
export function changeUnderWay(mixed: Mixed, template: PodTemplate | undefined, wish: SandboxWish): Rollout | undefined {
  if (template === undefined) return rolloutOf(mixed);
  const { classes, requirements } = wish;
  const runtimeClass = classes.find(({ name }) => name === template.runtimeClassName);
  if (runtimeClass === undefined || !isAccepted(runtimeClass.handler, requirements)) return undefined;
  // The reason why pods wait is more specific than the controller's.
  const isTold = template.refusal === undefined || mixed.inside.some(({ waiting }) => waiting > 0);
  const underWay = template.held === undefined && isTold ? rolloutOf(mixed) : undefined;
  if (underWay !== undefined) return underWay;
  const obstacle = RELEASED_BY_HAND.includes(template.held)
    ? sandboxObstacle(nextPods(wish, template), runtimeClass, 'go on with the rollout')
    : undefined;
  return {
    message: `The pod template already names the RuntimeClass ${runtimeClass.name}, but ${whyNoPods(template)}.`,
    remedy: obstacle ?? remedyFor(wish, template),
  };
}

/** The node labels that new pods require come from the current template, not from the older pods. */
function nextPods(wish: SandboxWish, { nodeSelector }: PodTemplate): SandboxWish {
  return { ...wish, outside: wish.outside.map(({ nodeSelector: _, ...group }) => ({ ...group, ...given({ nodeSelector }) })) };
}

/** Settings that keep older pods until an operator acts, who must then not lose the workload. */
const RELEASED_BY_HAND: readonly PodTemplate['held'][] = ['paused', 'on-delete', 'partition'];

function whyNoPods({ held, refusal, ownerKind }: PodTemplate): string {
  switch (held) {
    case 'paused':
      return `the ${ownerKind} is paused and creates no new pods`;
    case 'suspended':
      return `the ${ownerKind} is suspended and has not run since`;
    case 'on-delete':
      return 'its update strategy OnDelete keeps the older pods until they are deleted';
    case 'partition':
      return 'the partition of its update strategy keeps the older pods';
    default:
      if (refusal !== undefined) return `its new pods cannot be created: ${refusal}`;
      return ownerKind === 'CronJob' ? 'it has not run since' : 'no new pod has been created yet';
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
        remediation: `The template needs no change. Resume the ${kindOf(subject)}, and its pods are replaced.`,
        commands,
      };
    }
    case 'suspended':
      return { remediation: 'No change is needed: the finding resolves with the next run, or when the older pods are gone.' };
    case 'on-delete':
      return look('The template needs no change. Delete the older pods one by one: each is recreated in a pod VM.');
    case 'partition':
      return look('The template needs no change. Set the partition of its update strategy to 0, and its pods are replaced.');
    default:
      if (ownerKind === 'CronJob') return { remediation: 'No change is needed: the finding resolves with the next run.' };
      return look('The template needs no change. Fix what prevents its new pods: its conditions and events give the reason.');
  }
}
