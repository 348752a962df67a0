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

/** The namespaces of the host that the pods of a template share. */
export type HostNamespace = 'hostNetwork' | 'hostPid' | 'hostIpc';

/** The pod template of a workload, reduced to what decides about its next pods, and why it may create none. */
export interface PodTemplate extends TemplateOwner {
  /** The labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Number of labels beyond the limit, which are not kept; absent if all are kept. */
  readonly labelsCut?: number;
  readonly runtimeClassName?: string;
  /** The node selector of its pods, without the part that a class adds; absent if empty. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Absent if its pods share none. */
  readonly hostNamespaces?: readonly HostNamespace[];
  /** Why its owner deliberately creates no pods or replaces none, such as a pause; absent if nothing prevents it. */
  readonly held?: 'paused' | 'suspended' | 'on-delete' | 'partition';
  /** Why its pods could not be created: the message of the controller. */
  readonly refusal?: string;
}
