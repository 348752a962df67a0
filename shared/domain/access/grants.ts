import type { ClusterIdParts } from '../snapshot/resource-id.ts';
import type { Permission, Purpose } from './permissions.ts';

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
  exec: { azure: 'Kataudit Exec Prober', kubernetes: 'kataudit-exec-prober' },
  canary: { azure: 'Kataudit Canary Prober', kubernetes: 'kataudit-canary-prober' },
};

/** The commands that grant what is missing, least first: a role that holds what one purpose needs and no more. */
export function grantCommands(grant: Grant): readonly string[] {
  return (['audit', 'exec', 'canary'] as const).flatMap((purpose) => {
    const missing = grant.missing.filter((permission) => permission.purpose === purpose);
    const byAzure = missing.filter(({ plane }) => plane === 'azure' || grant.azureRbac);
    const byKubernetes = missing.filter(({ plane }) => plane === 'kubernetes' && !grant.azureRbac);
    return [
      ...(byAzure.length > 0 ? azureCommands(grant, purpose, byAzure) : []),
      ...(byKubernetes.length > 0 ? kubernetesCommands(grant, purpose, byKubernetes) : []),
    ];
  });
}

/** A role of one name may be there with less in it, so its scope is in the name. */
function azureCommands({ cluster, principalId }: Grant, purpose: Purpose, missing: readonly Permission[]): readonly string[] {
  const scope = `/subscriptions/${cluster.subscriptionId}`;
  const name = `${ROLES[purpose].azure} (doctor, ${cluster.subscriptionId.slice(0, 8)})`;
  const definition = {
    Name: name,
    IsCustom: true,
    Description: 'What kataudit doctor found missing.',
    Actions: missing.filter(({ plane }) => plane === 'azure').map(({ action }) => action),
    DataActions: missing.filter(({ plane }) => plane === 'kubernetes').map(({ action }) => action),
    AssignableScopes: [scope],
  };
  return [
    `az role definition create --role-definition ${quote(JSON.stringify(definition))}`,
    `az role assignment create --assignee-object-id ${quote(principalId)} --assignee-principal-type ServicePrincipal --role ${quote(name)} --scope ${quote(scope)}`,
  ];
}

function kubernetesCommands({ principalId, canaryNamespace }: Grant, purpose: Purpose, missing: readonly Permission[]): readonly string[] {
  const name = ROLES[purpose].kubernetes;
  const inNamespace = purpose === 'canary' ? ` --namespace=${quote(canaryNamespace)}` : '';
  const kind = purpose === 'canary' ? 'role' : 'clusterrole';
  const attributes = missing.flatMap((permission) => (permission.plane === 'kubernetes' ? [permission.attributes] : []));
  const verbs = [
    ...new Set(
      attributes.flatMap(({ verb, subresource }) =>
        subresource === 'exec' ? ['create', 'get'] : verb === 'list' ? ['get', 'list'] : [verb],
      ),
    ),
  ];
  const resources = [
    ...new Set(
      attributes.map(
        ({ group, resource, subresource }) =>
          [resource, group].filter(Boolean).join('.') + (subresource === undefined ? '' : `/${subresource}`),
      ),
    ),
  ];
  return [
    `kubectl create ${kind} ${name}${inNamespace} --verb=${verbs.join(',')} --resource=${resources.join(',')}${RECONCILED}`,
    `kubectl create ${kind}binding ${name}${inNamespace} --${kind}=${name} --user=${quote(principalId)}${RECONCILED}`,
  ];
}

/** Makes what is missing, adds to what is there, and takes nothing away, however often it is run; `apply` would drop rules that a role has already. */
const RECONCILED = ' --dry-run=client --output=yaml | kubectl auth reconcile --filename=-';

/** A text as one word of a POSIX shell: ids come from Azure, but what is printed is meant to be pasted. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
