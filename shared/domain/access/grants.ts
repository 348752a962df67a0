import { createHash } from 'node:crypto';
import type { ClusterIdParts } from '../snapshot/resource-id.ts';
import { commandLine } from '../text/shell-word.ts';
import type { KubernetesAttributes, Permission, Purpose } from './permissions.ts';

/** Where permissions are granted: a cluster in Azure, or one known only from the context of a kubeconfig. */
export type GrantPlace =
  | { readonly cluster: ClusterIdParts; readonly azureRbac: boolean }
  | {
      /** A context of the kubeconfig; absent for its current context. */
      readonly context?: string;
    };

/** Which identity needs which permissions on which cluster. */
export interface Grant {
  readonly place: GrantPlace;
  /** Object id of the identity; the user name if the cluster is known only from a context. */
  readonly principal: string;
  readonly missing: readonly Permission[];
  readonly canaryNamespace: string;
}

const ROLES: Readonly<Record<Purpose, { readonly azure: string; readonly kubernetes: string }>> = {
  audit: { azure: 'Kataudit Auditor', kubernetes: 'kataudit-auditor' },
  volumes: { azure: 'Kataudit Volume Reader', kubernetes: 'kataudit-volume-reader' },
  templates: { azure: 'Kataudit Template Reader', kubernetes: 'kataudit-template-reader' },
  guardrail: { azure: 'Kataudit Guardrail Reader', kubernetes: 'kataudit-guardrail-reader' },
  exec: { azure: 'Kataudit Exec Prober', kubernetes: 'kataudit-exec-prober' },
  canary: { azure: 'Kataudit Canary Prober', kubernetes: 'kataudit-canary-prober' },
};

/**
 * Granted by a Kubernetes role even on clusters with Azure RBAC: Azure documents no data action for these objects, and AKS accepts both
 * kinds of roles. Source: learn.microsoft.com/azure/aks/concepts-cluster-authorization.
 */
const IN_CLUSTER: readonly Purpose[] = ['guardrail'];

/** A command line; `undefined` if one of its words cannot be quoted for both shells. */
type Line = string | undefined;

/**
 * The commands that grant the missing permissions, by least privilege: each role holds only what one purpose needs. They work in POSIX shells
 * and in PowerShell; if a name cannot be quoted for both, a sentence replaces the command.
 */
export function grantCommands(grant: Grant): readonly string[] {
  const needed = (['audit', 'volumes', 'templates', 'guardrail', 'exec', 'canary'] as const).flatMap((purpose) => linesFor(grant, purpose));
  const printed = [...(needed.some((line) => line?.startsWith('kubectl ')) ? credentialsOf(grant) : []), ...needed];
  const lines = printed.filter((line) => line !== undefined);
  if (lines.length === printed.length) return lines;
  return [
    '# The commands cannot be written: the name of the user, the context or the namespace holds characters that POSIX shells and PowerShell do not read alike.',
  ];
}

function linesFor(grant: Grant, purpose: Purpose): readonly Line[] {
  const { place } = grant;
  const missing = grant.missing.filter((permission) => permission.purpose === purpose);
  const isAzures = 'cluster' in place && place.azureRbac && !IN_CLUSTER.includes(purpose);
  const byAzure = missing.filter(({ plane }) => plane === 'azure' || isAzures);
  const byKubernetes = missing.filter(({ plane }) => plane === 'kubernetes' && !isAzures);
  return [
    ...('cluster' in place && byAzure.length > 0 ? azureLines(grant, place.cluster, purpose, byAzure) : []),
    ...(byKubernetes.length > 0 ? kubernetesLines(grant, purpose, byKubernetes) : []),
  ];
}

/** The command that creates the context which the kubectl commands use. */
function credentialsOf({ place }: Grant): readonly Line[] {
  if (!('cluster' in place)) return [];
  const { subscriptionId, resourceGroup, name } = place.cluster;
  const target = ['--subscription', subscriptionId, '--resource-group', resourceGroup, '--name', name];
  return [commandLine(['az', 'aks', 'get-credentials', ...target])];
}

/** The scope of an assignment: the subscription for audits, the cluster for probes, and the namespace for a canary. */
function scopeOf({ subscriptionId, resourceGroup, name }: ClusterIdParts, canaryNamespace: string, purpose: Purpose): string {
  const subscription = `/subscriptions/${subscriptionId}`;
  const cluster = `${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`;
  if (purpose === 'exec') return cluster;
  return purpose === 'canary' ? `${cluster}/namespaces/${canaryNamespace}` : subscription;
}

/**
 * A role of exactly the missing permissions. Its id and name are derived from them: the commands can be repeated, and a later run that needs
 * other permissions creates another role instead of narrowing this one.
 */
function azureLines(
  { principal, canaryNamespace }: Grant,
  cluster: ClusterIdParts,
  purpose: Purpose,
  missing: readonly Permission[],
): readonly Line[] {
  const scope = `/subscriptions/${cluster.subscriptionId}`;
  const permissions = {
    actions: missing.filter(({ plane }) => plane === 'azure').map(({ action }) => action),
    dataActions: [...new Set(missing.filter(({ plane }) => plane === 'kubernetes').map(({ action }) => action))],
  };
  const id = guidOf(JSON.stringify([scope, permissions]));
  const name = `${ROLES[purpose].azure} (doctor, ${cluster.subscriptionId.slice(0, 8)}, ${id.slice(0, 8)})`;
  const description = 'What kataudit doctor found missing.';
  const definition = {
    properties: { roleName: name, type: 'CustomRole', description, permissions: [permissions], assignableScopes: [scope] },
  };
  const url = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${id}?api-version=2022-04-01`;
  const who = ['--assignee-object-id', principal, '--assignee-principal-type', 'ServicePrincipal'];
  return [
    withBody(['az', 'rest', '--method', 'put', '--url', url, '--body'], definition),
    commandLine(['az', 'role', 'assignment', 'create', ...who, '--role', id, '--scope', scopeOf(cluster, canaryNamespace, purpose)]),
  ];
}

/**
 * az accepts a Python literal as JSON (azure-cli, core/util.py, `shell_safe_json_parse`): it needs no double quotes, which `az.cmd` loses
 * in PowerShell.
 */
function withBody(words: readonly string[], body: object): Line {
  const [head, text] = [commandLine(words), JSON.stringify(body)];
  return head === undefined || /['$`\\!]/.test(text) ? undefined : `${head} "${text.replaceAll('"', "'")}"`;
}

/** Returns the same id for the same text. */
function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function kubernetesLines({ place, principal, canaryNamespace }: Grant, purpose: Purpose, missing: readonly Permission[]): readonly Line[] {
  const name = ROLES[purpose].kubernetes;
  const where = [...contextOf(place), ...(purpose === 'canary' ? [`--namespace=${canaryNamespace}`] : [])];
  const kind = purpose === 'canary' ? 'role' : 'clusterrole';
  const attributes = missing.flatMap((permission) => (permission.plane === 'kubernetes' ? [permission.attributes] : []));
  const create = (what: string, options: readonly string[]): Line => {
    const made = commandLine(['kubectl', 'create', what, name, ...where, ...options, '--dry-run=client', '--output=yaml']);
    // `reconcile` creates or extends a role and never removes rules, even if it is repeated; `apply` would remove the existing ones.
    const reconciled = commandLine(['kubectl', 'auth', 'reconcile', ...contextOf(place), '--filename=-']);
    return made === undefined || reconciled === undefined ? undefined : `${made} | ${reconciled}`;
  };
  return [
    ...rulesOf(attributes).map(({ verbs, resources }) => create(kind, [`--verb=${verbs}`, `--resource=${resources.join(',')}`])),
    create(`${kind}binding`, [`--${kind}=${name}`, whoOf(principal)]),
  ];
}

function contextOf(place: GrantPlace): readonly string[] {
  const context = 'cluster' in place ? place.cluster.name : place.context;
  return context === undefined ? [] : [`--context=${context}`];
}

/** Service accounts have their own kind of subject. Source: kubernetes.io/docs/reference/access-authn-authz/rbac. */
function whoOf(principal: string): string {
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(principal) ?? [];
  return account === undefined ? `--user=${principal}` : `--serviceaccount=${namespace}:${account}`;
}

/** Groups resources by their missing verbs, because one command allows every verb on every resource that it names. */
function rulesOf(
  attributes: readonly KubernetesAttributes[],
): readonly { readonly verbs: string; readonly resources: readonly string[] }[] {
  const byResource = Map.groupBy(
    attributes,
    ({ group, resource, subresource }) =>
      [resource, group].filter(Boolean).join('.') + (subresource === undefined ? '' : `/${subresource}`),
  );
  const verbsOf = (all: readonly KubernetesAttributes[]) =>
    // exec upgrades a connection, which is a get with WebSocket and a create with SPDY.
    [...new Set(all.flatMap(({ verb, subresource }) => (subresource === 'exec' ? ['create', 'get'] : [verb])))].join(',');
  const byVerbs = Map.groupBy([...byResource], ([, all]) => verbsOf(all));
  return [...byVerbs].map(([verbs, entries]) => ({ verbs, resources: entries.map(([resource]) => resource) }));
}
