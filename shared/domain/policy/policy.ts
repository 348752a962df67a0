import type { FaultCode } from '../snapshot/fault.ts';
import type { Subject } from '../snapshot/subject.ts';
import type { Notifications } from './notification-target.ts';
import type { Severity } from './severity.ts';

/** A label selector for pods or namespaces; every entry must match. */
export type LabelSelector = Readonly<Record<string, string>>;

/** One requirement for workloads that must run in a pod VM. */
export interface WorkloadRequirement {
  /** Shown in messages as the reason. */
  readonly name: string;
  /** Globs of namespace names; absent means every namespace. */
  readonly namespaces?: readonly string[];
  readonly podLabels?: LabelSelector;
  readonly namespaceLabels?: LabelSelector;
  /** Handlers that count as sandboxes; absent means `KATA_HANDLERS`. */
  readonly acceptedHandlers?: readonly string[];
}

/** One requirement for clusters that must have a Kata node pool. */
export interface ClusterRequirement {
  readonly name: string;
  /** Globs of cluster names. */
  readonly clusters?: readonly string[];
  readonly tags?: LabelSelector;
  readonly kataPool: 'required' | 'not-required';
}

/** A failure that is accepted until an end date. */
export interface Exemption {
  readonly id: string;
  readonly rule: string;
  /** The ARM id of one cluster; absent means all clusters. */
  readonly clusterId?: string;
  /** The kind of subject; absent means all kinds. */
  readonly kind?: Subject['kind'];
  /** Globs; absent means all. */
  readonly cluster?: string;
  readonly namespace?: string;
  readonly ownerKind?: string;
  readonly workload?: string;
  readonly pool?: string;
  readonly class?: string;
  readonly node?: string;
  readonly category: 'waiver' | 'mitigated';
  readonly reason: string;
  readonly approvedBy: string;
  /** RFC 3339; the exemption is live only before this time. */
  readonly expiresOn: string;
}

/** The operator's requirements, by which clusters are judged. */
export interface Policy {
  readonly version: 1;
  readonly scope: {
    readonly subscriptions: readonly string[];
    readonly managementGroups: readonly string[];
    /** Globs of cluster names. */
    readonly include: readonly string[];
    readonly exclude: readonly string[];
    readonly includeTags: LabelSelector;
    readonly excludeTags: LabelSelector;
  };
  readonly clusters: readonly ClusterRequirement[];
  readonly workloads: readonly WorkloadRequirement[];
  readonly nodeImages: { readonly graceDays: number; readonly staleDays: number; readonly unsupportedDays: number };
  readonly pods: {
    readonly mode: 'auto' | 'census' | 'sample' | 'targeted';
    readonly confidence: number;
    readonly toleratedRate: number;
    readonly budgetPods: number;
    readonly budgetSeconds: number;
    readonly maxWorkloads: number;
  };
  readonly probe: {
    readonly namespace: string;
    readonly image: string;
    readonly resources: { readonly cpu: string; readonly memory: string };
    readonly podsPerPool: number;
    readonly renewAfterDays: number;
    readonly includeSystemNamespaces: boolean;
    readonly clusters: readonly string[];
  };
  readonly rules: Readonly<Record<string, Severity | 'off' | 'on'>>;
  /** Days until a finding is due, by severity; a severity without a number has no due date. */
  readonly dueDays: Readonly<Partial<Record<Severity, number>>>;
  /** Names of labels and tags with the owner of a finding. The first that is present wins: workload or namespace labels, then cluster tags. */
  readonly owners: { readonly labels: readonly string[]; readonly tags: readonly string[] };
  readonly exemptions: readonly Exemption[];
  readonly notifications: Notifications;
  readonly retention: { readonly historyDays: number; readonly resolvedDays: number };
  readonly staleAfterAudits: number;
}

/** Handlers of AKS node images that start a pod VM; `katacli` is runc. Source: Azure/AgentBaker aks-node-controller/parser/templates. */
export const KATA_HANDLERS: readonly string[] = ['kata', 'kata-cc', 'kata-preview'];

/** The label of a pod or namespace that requests a sandbox, unless the policy says otherwise. */
export const SANDBOX_LABEL = 'kataudit.io/sandbox';

/** The policy that applies when the operator provides none. */
export const DEFAULT_POLICY: Policy = {
  version: 1,
  scope: { subscriptions: [], managementGroups: [], include: ['*'], exclude: [], includeTags: {}, excludeTags: {} },
  clusters: [
    { name: 'tagged as not sandboxed', tags: { 'kataudit.io/sandbox': 'none' }, kataPool: 'not-required' },
    { name: 'every other cluster', kataPool: 'required' },
  ],
  workloads: [
    { name: `pods labelled ${SANDBOX_LABEL}=required`, podLabels: { [SANDBOX_LABEL]: 'required' } },
    { name: `namespaces labelled ${SANDBOX_LABEL}=required`, namespaceLabels: { [SANDBOX_LABEL]: 'required' } },
  ],
  nodeImages: { graceDays: 14, staleDays: 30, unsupportedDays: 90 },
  pods: { mode: 'auto', confidence: 0.95, toleratedRate: 0.01, budgetPods: 500_000, budgetSeconds: 120, maxWorkloads: 50_000 },
  probe: {
    namespace: 'kataudit-canary',
    image: '',
    resources: { cpu: '50m', memory: '32Mi' },
    podsPerPool: 3,
    renewAfterDays: 30,
    includeSystemNamespaces: false,
    clusters: ['*'],
  },
  rules: {},
  dueDays: { critical: 7, high: 30, medium: 90 },
  owners: { labels: ['owner', 'team'], tags: ['owner', 'team'] },
  exemptions: [],
  notifications: { targets: [], allowPrivateAddresses: false },
  retention: { historyDays: 400, resolvedDays: 180 },
  staleAfterAudits: 3,
};

/** Reasons which mean that the cluster is stopped on purpose, and not that the audit failed. */
export const DELIBERATE: ReadonlySet<FaultCode> = new Set(['stopped']);
