import { createHash } from 'node:crypto';
import type { ClusterIdParts } from '../snapshot/resource-id.ts';
import { shellWord } from '../text/shell-word.ts';
import type { KubernetesAttributes, Permission, Purpose } from './permissions.ts';

/** Who is to be granted what, where. */
export interface Grant {
  readonly cluster: ClusterIdParts;
  readonly azureRbac: boolean;
  /** Object id of the identity. */
  readonly principalId: string;
  readonly missing: readonly Permission[];
  readonly canaryNamespace: string;
}

const ROLES: Readonly<Record<Purpose, { readonly azure: string; readonly kubernetes: string }>> = {
  audit: { azure: 'Kataudit Auditor', kubernetes: 'kataudit-auditor' },
  volumes: { azure: 'Kataudit Volume Reader', kubernetes: 'kataudit-volume-reader' },
  guardrail: { azure: 'Kataudit Guardrail Reader', kubernetes: 'kataudit-guardrail-reader' },
  exec: { azure: 'Kataudit Exec Prober', kubernetes: 'kataudit-exec-prober' },
  canary: { azure: 'Kataudit Canary Prober', kubernetes: 'kataudit-canary-prober' },
};

/**
 * Granted in the cluster whatever authorizes there: Azure documents no data action for these objects, and AKS heeds both kinds of
 * roles. Source: learn.microsoft.com/azure/aks/concepts-cluster-authorization.
 */
const IN_CLUSTER: readonly Purpose[] = ['guardrail'];

/** The commands that grant what is missing, least first: a role that holds what one purpose needs and no more. */
export function grantCommands(grant: Grant): readonly string[] {
  return (['audit', 'volumes', 'guardrail', 'exec', 'canary'] as const).flatMap((purpose) => {
    const missing = grant.missing.filter((permission) => permission.purpose === purpose);
    const isAzures = grant.azureRbac && !IN_CLUSTER.includes(purpose);
    const byAzure = missing.filter(({ plane }) => plane === 'azure' || isAzures);
    const byKubernetes = missing.filter(({ plane }) => plane === 'kubernetes' && !isAzures);
    return [
      ...(byAzure.length > 0 ? azureCommands(grant, purpose, byAzure) : []),
      ...(byKubernetes.length > 0 ? kubernetesCommands(grant, purpose, byKubernetes) : []),
    ];
  });
}

/** Who audits reads every cluster of the subscription; who probes gets no further than the cluster, and a canary than its namespace. */
function scopeOf({ cluster: { subscriptionId, resourceGroup, name }, canaryNamespace }: Grant, purpose: Purpose): string {
  const subscription = `/subscriptions/${subscriptionId}`;
  const cluster = `${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`;
  if (purpose === 'exec') return cluster;
  return purpose === 'canary' ? `${cluster}/namespaces/${canaryNamespace}` : subscription;
}

/**
 * A role made of exactly what is missing. Its id and its name follow from that, so that the commands can be run again, and so that a later
 * run that misses something else makes another role instead of narrowing this one.
 */
function azureCommands(grant: Grant, purpose: Purpose, missing: readonly Permission[]): readonly string[] {
  const { cluster, principalId } = grant;
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
  return [
    `az rest --method put --url ${shellWord(url)} --body ${bodyOf(definition)}`,
    `az role assignment create --assignee-object-id ${shellWord(principalId)} --assignee-principal-type ServicePrincipal --role ${shellWord(id)} --scope ${shellWord(scopeOf(grant, purpose))}`,
  ];
}

/**
 * az reads a Python literal where it asks for JSON (azure-cli, core/util.py, `shell_safe_json_parse`): it needs no double quotes, which `az.cmd` loses
 * in PowerShell.
 */
function bodyOf(definition: object): string {
  const text = JSON.stringify(definition);
  return /['$`\\!]/.test(text) ? shellWord(text) : `"${text.replaceAll('"', "'")}"`;
}

/** The same id for the same text. */
function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function kubernetesCommands({ principalId, canaryNamespace }: Grant, purpose: Purpose, missing: readonly Permission[]): readonly string[] {
  const name = ROLES[purpose].kubernetes;
  const inNamespace = purpose === 'canary' ? ` --namespace=${shellWord(canaryNamespace)}` : '';
  const kind = purpose === 'canary' ? 'role' : 'clusterrole';
  const attributes = missing.flatMap((permission) => (permission.plane === 'kubernetes' ? [permission.attributes] : []));
  return [
    ...rulesOf(attributes).map(
      ({ verbs, resources }) =>
        `kubectl create ${kind} ${name}${inNamespace} --verb=${verbs} --resource=${resources.join(',')}${RECONCILED}`,
    ),
    `kubectl create ${kind}binding ${name}${inNamespace} --${kind}=${name} --user=${shellWord(principalId)}${RECONCILED}`,
  ];
}

/** Resources by the verbs that are missing on them: one command allows every verb on every resource that it names. */
function rulesOf(
  attributes: readonly KubernetesAttributes[],
): readonly { readonly verbs: string; readonly resources: readonly string[] }[] {
  const byResource = Map.groupBy(
    attributes,
    ({ group, resource, subresource }) =>
      [resource, group].filter(Boolean).join('.') + (subresource === undefined ? '' : `/${subresource}`),
  );
  const verbsOf = (all: readonly KubernetesAttributes[]) =>
    // A command is run by an upgraded connection, which is a get by WebSocket and a create by SPDY.
    [...new Set(all.flatMap(({ verb, subresource }) => (subresource === 'exec' ? ['create', 'get'] : [verb])))].join(',');
  const byVerbs = Map.groupBy([...byResource], ([, all]) => verbsOf(all));
  return [...byVerbs].map(([verbs, entries]) => ({ verbs, resources: entries.map(([resource]) => resource) }));
}

/** Makes what is missing, adds to what is there, and takes nothing away, however often it is run; `apply` would drop rules that a role has already. */
const RECONCILED = ' --dry-run=client --output=yaml | kubectl auth reconcile --filename=-';
