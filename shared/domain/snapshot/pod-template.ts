import { unavailable } from './observation.ts';

/** For a scan that was not asked to read pod templates; scans of older versions never read them. */
export const TEMPLATES_NOT_ASKED = unavailable('not-asked', 'Pod templates were not read.');

/** For a scan by an identity without the optional permission. */
export const TEMPLATES_NOT_GIVEN = unavailable(
  'not-asked',
  'Pod templates were not read: the optional right to list them is not given (kataudit doctor --templates).',
);

/** The kinds whose pod templates are read. */
export const TEMPLATE_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
export type TemplateKind = (typeof TEMPLATE_KINDS)[number];

/** The workload that has a pod template, of a kind built into Kubernetes. */
export interface TemplateOwner {
  readonly namespace: string;
  readonly ownerKind: TemplateKind;
  readonly ownerName: string;
}

/** What shares a namespace of the host with the pods of a template. */
export type HostNamespace = 'hostNetwork' | 'hostPid' | 'hostIpc';

/** The pod template of a workload, reduced to what the next pod will be, and why there may be none. */
export interface PodTemplate extends TemplateOwner {
  /** The labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels beyond the bound, which are not kept; absent when all are. */
  readonly labelsCut?: number;
  readonly runtimeClassName?: string;
  /** What its pods ask of their node's labels, beside what a class adds; absent when there is nothing. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Absent when its pods share none. */
  readonly hostNamespaces?: readonly HostNamespace[];
  /** What keeps its owner from making pods of it, or from replacing older ones, by somebody's will; absent when nothing does. */
  readonly held?: 'paused' | 'suspended' | 'on-delete' | 'partition';
  /** Why pods of it could not be made, in the words of the controller. */
  readonly refusal?: string;
}
