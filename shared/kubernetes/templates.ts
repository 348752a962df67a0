import { given } from '../domain/snapshot/given.ts';
import { type Coverage, FULL, type Observation, observed } from '../domain/snapshot/observation.ts';
import type { HostNamespace, PodTemplate, TemplateKind, TemplateOwner } from '../domain/snapshot/pod-template.ts';
import { boundedLabels, boundedName } from './bounds.ts';
import { type Lists, onceAgain, readAll } from './pods/list.ts';
import { stableLabels } from './pods/pod-owner.ts';
import { oneLine } from './wire/one-line.ts';
import { TEMPLATE_OWNERS } from './wire/resources.ts';
import type { WireTemplateOwner } from './wire/templates.ts';

/** Maximum number of owners listed one by one in one scan; the templates of the others are missing, as without the right. */
const MAX_ASKED = 200;

/**
 * Reads the pod templates of some workloads and of every CronJob, because a CronJob without pods cannot be found otherwise. Each owner is
 * listed with a name selector, which API servers answer by key, so that a role needs only the verb `list`.
 */
export async function readTemplates(
  lists: Lists,
  asked: readonly TemplateOwner[],
  maxCronJobs: number,
  abortSignal: AbortSignal,
): Promise<Observation<readonly PodTemplate[]>> {
  const cronJobs = (await readAll(lists, TEMPLATE_OWNERS.CronJob, abortSignal)).map((one) => toTemplate('CronJob', one));
  const others: PodTemplate[] = [];
  for (const owner of asked.filter(({ ownerKind }) => ownerKind !== 'CronJob').slice(0, MAX_ASKED)) {
    others.push(...(await onceAgain(() => readOne(lists, owner, abortSignal))));
  }
  return observed([...others, ...cronJobs.slice(0, maxCronJobs)], coverageOf(cronJobs.length, maxCronJobs));
}

function coverageOf(count: number, most: number): Coverage {
  if (count <= most) return FULL;
  return {
    kind: 'truncated',
    message: `The templates of ${count - most} of ${count} CronJobs were not stored: the maximum is ${most} (pods.maxWorkloads).`,
  };
}

async function readOne(
  lists: Lists,
  { namespace, ownerKind, ownerName }: TemplateOwner,
  abortSignal: AbortSignal,
): Promise<readonly PodTemplate[]> {
  const { path, ...resource } = TEMPLATE_OWNERS[ownerKind];
  const plural = path.slice(path.lastIndexOf('/'));
  const inNamespace = `${path.slice(0, -plural.length)}/namespaces/${encodeURIComponent(namespace)}${plural}`;
  const found: PodTemplate[] = [];
  const selection = { fieldSelector: `metadata.name=${ownerName}`, limit: 1 };
  for await (const page of lists.pages({ ...resource, path: inNamespace }, selection, abortSignal)) {
    for (const item of page.items()) found.push(toTemplate(ownerKind, item));
  }
  return found;
}

/** Converts a pod template to the domain's type. */
export function toTemplate(ownerKind: TemplateKind, { metadata, spec, status }: WireTemplateOwner): PodTemplate {
  const template = ownerKind === 'CronJob' ? spec?.jobTemplate?.spec?.template : spec?.template;
  const { runtimeClassName, nodeSelector, hostNetwork, hostPID, hostIPC } = template?.spec ?? {};
  const { labels: selector } = boundedLabels(nodeSelector);
  const shared: readonly HostNamespace[] = [
    ...(hostNetwork === true ? (['hostNetwork'] as const) : []),
    ...(hostPID === true ? (['hostPid'] as const) : []),
    ...(hostIPC === true ? (['hostIpc'] as const) : []),
  ];
  return {
    namespace: boundedName(metadata.namespace),
    ownerKind,
    ownerName: boundedName(metadata.name),
    ...boundedLabels(stableLabels(template?.metadata?.labels ?? {})),
    ...given({ runtimeClassName: boundedName(runtimeClassName) || undefined, held: heldBy(ownerKind, spec), refusal: refusalOf(status) }),
    ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: selector }),
    ...(shared.length === 0 ? {} : { hostNamespaces: shared }),
  };
}

function heldBy(ownerKind: TemplateKind, spec: WireTemplateOwner['spec']): PodTemplate['held'] {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  switch (ownerKind) {
    case 'Deployment':
      return spec?.paused === true ? 'paused' : undefined;
    case 'CronJob':
      return spec?.suspend === true ? 'suspended' : undefined;
    case 'DaemonSet':
      return type === 'OnDelete' ? 'on-delete' : undefined;
    case 'StatefulSet':
      if (type === 'OnDelete') return 'on-delete';
      return (rollingUpdate?.partition ?? 0) > 0 ? 'partition' : undefined;
  }
}

/**
 * Only Deployments report in their conditions why pods cannot be created. Source: kubernetes pkg/controller/deployment/util,
 * pkg/controller/replicaset.
 */
function refusalOf(status: WireTemplateOwner['status']): string | undefined {
  const conditions = status?.conditions ?? [];
  const refused = conditions.find(({ type, status: met }) => type === 'ReplicaFailure' && met === 'True');
  const late = conditions.find(
    ({ type, status: met, reason }) => type === 'Progressing' && met === 'False' && reason === 'ProgressDeadlineExceeded',
  );
  return oneLine((refused ?? late)?.message ?? '') || undefined;
}
