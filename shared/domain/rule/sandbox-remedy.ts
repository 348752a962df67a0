import type { WorkloadRequirement } from '../policy/policy.ts';
import { isAccepted } from '../policy/sandbox-requirement.ts';
import type { Cluster, RuntimeClass } from '../snapshot/snapshot.ts';
import type { Remedy } from './command.ts';
import { correctTemplate, patchTemplate } from './workload-commands.ts';
import type { Workload } from './workload-groups.ts';

/** The class that AKS installs with its first Kata pool. */
const AKS_CLASS = 'kata-vm-isolation';

/** A class of this cluster that every statement of the policy accepts: AKS's own where it is among them. */
export function acceptedClass(classes: readonly RuntimeClass[], requirements: readonly WorkloadRequirement[]): string | undefined {
  const names = classes.filter(({ handler }) => isAccepted(handler, requirements)).map(({ name }) => name);
  return names.includes(AKS_CLASS) ? AKS_CLASS : names.toSorted()[0];
}

/** Never names a class that is not there: the API server takes the template, and then refuses its pods. */
export function remedyFor(cluster: Cluster, subject: Workload['subject'], runtimeClassName: string | undefined): Remedy {
  if (runtimeClassName === undefined) {
    return {
      remediation:
        'The cluster has no RuntimeClass whose handler the policy accepts: add a Kata node pool, or create the class, before the pod template names it.',
    };
  }
  const advice = `Set runtimeClassName: ${runtimeClassName} in the pod template.`;
  const commands = patchTemplate(cluster, subject, { runtimeClassName });
  return commands.length > 0 ? { remediation: advice, commands } : correctTemplate(cluster, subject, advice);
}
