import type { Cluster } from '../snapshot/snapshot.ts';
import { kindOf, type Subject } from '../snapshot/subject.ts';
import type { Command, Remedy } from './command.ts';
import { kindName, objectName } from './command-words.ts';
import { kubectlCommands } from './commands.ts';

type Workload = Extract<Subject, { kind: 'workload' }>;

/** Kubernetes' own kinds whose pod template may be changed, as kubectl names them whole, and where the template lies. */
const TEMPLATES: Readonly<Record<string, { readonly resource: string; readonly path: readonly string[] }>> = {
  Deployment: { resource: 'deployments.apps', path: ['spec', 'template', 'spec'] },
  StatefulSet: { resource: 'statefulsets.apps', path: ['spec', 'template', 'spec'] },
  DaemonSet: { resource: 'daemonsets.apps', path: ['spec', 'template', 'spec'] },
  CronJob: { resource: 'cronjobs.batch', path: ['spec', 'jobTemplate', 'spec', 'template', 'spec'] },
};

/** The command that changes the pod template of a workload; none for a kind whose template the API server does not let change. */
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

/** What is to be set in a pod template. */
export interface PodSpecChange {
  readonly runtimeClassName: string;
}

/** How a workload's pods are corrected: by the command that opens its template, or in words where the API server takes no such change. */
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
        remediation: `${advice} The API server lets nobody change this in a pod: correct its manifest, delete the pod, and create it again.`,
        commands: kubectlCommands(cluster, {
          verb: 'get',
          namespace,
          options: ['--output', 'yaml'],
          objects: ['pods', objectName(ownerName)],
        }),
      };
    case 'Job':
      return {
        remediation: `${advice} The API server lets nobody change the pod template of a Job: correct its manifest, delete the Job, and create it again.`,
      };
    case 'Node':
      return { remediation: `${advice} This is a static pod: correct its manifest on the node, where the kubelet reads it.` };
    default:
      return {
        remediation: `${advice} Correct it where the ${ownerOf(workload)} is defined: what is changed in its pods is put back.`,
      };
  }
}

/** The kind of an owner as kubectl takes it, with its group where that is not Kubernetes' own. */
function ownerOf(workload: Workload): string {
  return kindName(workload.ownerKind) === undefined ? 'owner' : kindOf(workload);
}

/** kubectl finds a resource by its kind and group; the kind alone would mean Kubernetes' own. */
function resourceOf(kind: string, group: string): string | undefined {
  return kindName(kind) === undefined || objectName(group) === undefined ? undefined : `${kind}.${group}`;
}

/** Own members only: a kind is free text, and may well be `constructor`. */
function templateOf({ ownerKind, ownerGroup }: Workload) {
  return ownerGroup === undefined && Object.hasOwn(TEMPLATES, ownerKind) ? TEMPLATES[ownerKind] : undefined;
}

/** A patch in YAML's flow style, which kubectl reads as it reads JSON: it needs no double quotes, which PowerShell would take away. */
function patchOf([first, ...rest]: readonly string[], { runtimeClassName }: PodSpecChange): string {
  const inner = `{runtimeClassName: ${yamlText(runtimeClassName)}}`;
  return `${first}: ${rest.reduceRight((value, key) => `{${key}: ${value}}`, inner)}`;
}

/** A name as YAML reads it back: `true`, `1e3` and the like are texts only when they are called so. */
function yamlText(name: string): string {
  return /^[a-z]+-[a-z0-9.-]+$/.test(name) ? name : `!!str ${name}`;
}
