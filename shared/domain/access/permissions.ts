import { given } from '../snapshot/given.ts';

/**
 * What needs a permission: every audit, the volumes behind claims of pods, pod templates, an audit whose policy turns admission-guardrail on, or
 * one way of probing isolation.
 */
export type Purpose = 'audit' | 'volumes' | 'templates' | 'guardrail' | 'exec' | 'canary';

/** The attributes of an access review. */
export interface KubernetesAttributes {
  readonly verb: 'get' | 'list' | 'create' | 'delete';
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

/** One permission that Kataudit needs on a cluster. */
export type Permission =
  | { readonly plane: 'azure'; readonly purpose: Purpose; readonly action: string; readonly why: string }
  | {
      readonly plane: 'kubernetes';
      readonly purpose: Purpose;
      /** Its data action, on clusters with Azure RBAC for Kubernetes. */
      readonly action: string;
      readonly why: string;
      readonly attributes: KubernetesAttributes;
    };

const AKS = 'Microsoft.ContainerService/managedClusters';

/** Every permission that the adapters use on a cluster; a test compares this with their calls. */
export const PERMISSIONS: readonly Permission[] = [
  azure(`${AKS}/read`, 'to see the cluster and its node pools'),
  azure(`${AKS}/agentPools/upgradeProfiles/read`, 'to learn the latest node image'),
  azure(`${AKS}/maintenanceConfigurations/read`, 'to say when a node pool that lags is to be upgraded'),
  azure(`${AKS}/listClusterUserCredential/action`, 'to learn the address of the API server'),
  kubernetes('audit', 'list', '', 'nodes', 'to see which nodes have a Kata handler'),
  kubernetes('audit', 'list', '', 'namespaces', 'to know which namespaces the policy means'),
  kubernetes('audit', 'list', '', 'pods', 'to see which pods are sandboxed'),
  kubernetes('audit', 'list', 'node.k8s.io', 'runtimeclasses', 'to resolve a class to its handler'),
  kubernetes('volumes', 'list', '', 'persistentvolumes', 'to read the volumes behind the claims of sandboxed pods'),
  ...['apps/deployments', 'apps/statefulsets', 'apps/daemonsets', 'batch/cronjobs'].map((of) => {
    const [group = '', resource = ''] = of.split('/');
    return kubernetes('templates', 'list', group, resource, 'to see what the next pods will be');
  }),
  ...[
    'validatingadmissionpolicies',
    'validatingadmissionpolicybindings',
    'mutatingadmissionpolicies',
    'mutatingadmissionpolicybindings',
  ].map((resource) => kubernetes('guardrail', 'list', 'admissionregistration.k8s.io', resource, 'to see what the cluster refuses')),
  kubernetes('exec', 'get', '', 'pods', 'to read a pod before a command is run in it'),
  kubernetes('exec', 'get', '', 'pods/exec', 'to read a kernel inside a running pod'),
  kubernetes('canary', 'create', '', 'pods', 'to start a canary'),
  kubernetes('canary', 'get', '', 'pods', 'to see whether a canary has ended'),
  kubernetes('canary', 'list', '', 'pods', 'to find canaries that were left behind'),
  kubernetes('canary', 'get', '', 'pods/log', 'to read what a canary printed'),
  kubernetes('canary', 'delete', '', 'pods', 'to delete a canary'),
];

/** The permissions of an identity at a scope, as Azure lists them: allowed actions minus excluded ones. */
export interface PermissionSet {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/** Whether any of the sets allows an action. `*` matches any text and case does not matter, as in Azure. */
export function isAllowed(action: string, sets: readonly PermissionSet[]): boolean {
  return sets.some(({ actions, notActions }) => matches(action, actions) && !matches(action, notActions));
}

function matches(action: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const [first = '', ...rest] = pattern.toLowerCase().split('*');
    const text = action.toLowerCase();
    if (rest.length === 0) return text === first;
    if (!text.startsWith(first)) return false;
    const last = rest.at(-1) ?? '';
    let at = first.length;
    for (const part of rest.slice(0, -1)) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  });
}

function azure(action: string, why: string): Permission {
  return { plane: 'azure', purpose: 'audit', action, why };
}

function kubernetes(purpose: Purpose, verb: KubernetesAttributes['verb'], group: string, path: string, why: string): Permission {
  const [resource = '', subresource] = path.split('/');
  const attributes = { verb, group, resource, ...given({ subresource }) };
  return { plane: 'kubernetes', purpose, action: dataAction(attributes), why, attributes };
}

/**
 * The data action that AKS checks in Azure: exec has its own action, every other subresource uses that of
 * its resource. Source: kubeguard/guard authz/providers/azure/rbac/checkaccessreqhelper.go.
 */
export function dataAction({ verb, group, resource, subresource }: KubernetesAttributes): string {
  if (resource === 'pods' && subresource === 'exec') return `${AKS}/pods/exec/action`;
  const kind = verb === 'create' ? 'write' : verb === 'delete' ? 'delete' : 'read';
  return [AKS, group, resource, kind].filter((part) => part !== '').join('/');
}
