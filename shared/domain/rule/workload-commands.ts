import type { Cluster } from '../snapshot/snapshot.ts';
import { kindOf, type Subject } from '../snapshot/subject.ts';
import type { Command, Remedy } from './command.ts';
import { kindName, objectName } from './command-words.ts';
import { kubectlCommands } from './commands.ts';

type Workload = Extract<Subject, { kind: 'workload' }>;

/** Built-in kinds whose pod template can be changed: the name that kubectl uses and the path of the template. */
const TEMPLATES: Readonly<Record<string, { readonly resource: string; readonly path: readonly string[] }>> = {
  Deployment: { resource: 'deployments.apps', path: ['spec', 'template', 'spec'] },
  StatefulSet: { resource: 'statefulsets.apps', path: ['spec', 'template', 'spec'] },
  DaemonSet: { resource: 'daemonsets.apps', path: ['spec', 'template', 'spec'] },
  CronJob: { resource: 'cronjobs.batch', path: ['spec', 'jobTemplate', 'spec', 'template', 'spec'] },
};

/** The command that changes the pod template of a workload; empty for a kind whose template is immutable. */
export function patchTemplate(cluster: Cluster, workload: Workload, change: PodSpecChange): readonly Command[] {
  const template = templateOf(workload);
  if (template === undefined || objectName(change.runtimeClassName) === undefined) return [];
  const options = ['--patch', patchOf(template.path, change)];
  const objects = [template.resource, objectName(workload.ownerName)];
  return kubectlCommands(cluster, { verb: 'patch', namespace: workload.namespace, options, objects });
}

/** How kubectl names the kind of a workload whose pod template may be changed; `undefined` for any other. */
export function templateResource(workload: Workload): string | undefined {
  return templateOf(workload)?.resource;
}

/** The change to a pod template. */
export interface PodSpecChange {
  readonly runtimeClassName: string;
}

/**
 * How to correct a workload's pods: the command that edits its template, or instructions if the API server does not allow the
 * change.
 */
export function correctTemplate(cluster: Cluster, workload: Workload, advice: string): Remedy {
  const { namespace, ownerKind, ownerName, ownerGroup } = workload;
  const template = templateOf(workload);
  if (template !== undefined) {
    const objects = [template.resource, objectName(ownerName)];
    return { remediation: advice, commands: kubectlCommands(cluster, { verb: 'edit', namespace, objects }) };
  }
  if (ownerGroup !== undefined) {
    const objects = [resourceOf(ownerKind, ownerGroup), objectName(ownerName)];
    return { remediation: advice, commands: kubectlCommands(cluster, { verb: 'edit', namespace, objects }) };
  }
  switch (ownerKind) {
    case 'Pod':
      return {
        remediation: `${advice} This field of a pod is immutable: correct its manifest, delete the pod, and create it again.`,
        commands: kubectlCommands(cluster, {
          verb: 'get',
          namespace,
          options: ['--output', 'yaml'],
          objects: ['pods', objectName(ownerName)],
        }),
      };
    case 'Job':
      return {
        remediation: `${advice} The pod template of a Job is immutable: correct its manifest, delete the Job, and create it again.`,
      };
    case 'Node':
      return { remediation: `${advice} This is a static pod: correct its manifest file on the node.` };
    default:
      return {
        remediation: `${advice} Correct it in the definition of the ${ownerOf(workload)}: changes to its pods are reverted.`,
      };
  }
}

/** The kind of an owner in the form that kubectl accepts, with its API group for custom kinds. */
function ownerOf(workload: Workload): string {
  return kindName(workload.ownerKind) === undefined ? 'owner' : kindOf(workload);
}

/** kubectl finds a resource by kind and group; the kind alone would mean a built-in kind. */
function resourceOf(kind: string, group: string): string | undefined {
  return kindName(kind) === undefined || objectName(group) === undefined ? undefined : `${kind}.${group}`;
}

/** Only own properties: a kind is free text and could be `constructor`. */
function templateOf({ ownerKind, ownerGroup }: Workload) {
  return ownerGroup === undefined && Object.hasOwn(TEMPLATES, ownerKind) ? TEMPLATES[ownerKind] : undefined;
}

/** A patch in YAML flow style, which kubectl accepts like JSON. It needs no double quotes, which PowerShell would remove. */
function patchOf([first, ...rest]: readonly string[], { runtimeClassName }: PodSpecChange): string {
  const inner = `{runtimeClassName: ${yamlText(runtimeClassName)}}`;
  return `${first}: ${rest.reduceRight((value, key) => `{${key}: ${value}}`, inner)}`;
}

/** A name that YAML reads back as text: `true`, `1e3` and the like need a tag. */
function yamlText(name: string): string {
  return /^[a-z]+-[a-z0-9.-]+$/.test(name) ? name : `!!str ${name}`;
}
