import { missing } from './agreement.ts';
import type { Code } from './code.ts';
import type { Deployment, KubernetesRule } from './deployment.ts';

const AKS = 'Microsoft.ContainerService/managedClusters';

/** Used only by `kataudit doctor`, as the person who runs it; it continues when the permission is missing. */
const DOCTOR_ACTION = 'Microsoft.Authorization/permissions/read';

/** Permissions of the roles that the code does not use, and permissions that the roles lack. */
export function roleProblems({ roles }: Deployment, code: Code): readonly string[] {
  const allowed = Object.values(roles).flatMap(({ actions, dataActions }) => [...actions, ...dataActions]);
  const called = [
    ...code.actions.filter((action) => action !== DOCTOR_ACTION),
    ...code.dataActions,
    ...code.probePermissions.map(dataActionOf),
  ];
  const probing = [...(roles.execProber?.dataActions ?? []), ...(roles.canaryProber?.dataActions ?? [])];
  const auditing = [...(roles.auditor?.actions ?? []), ...(roles.auditor?.dataActions ?? [])];
  const optional = [...(roles.volumeReader?.dataActions ?? []), ...(roles.templateReader?.dataActions ?? [])];
  return [
    ...missing(called, allowed).map((action) => `the code needs ${action}, which no role allows`),
    ...missing(allowed, called).map((action) => `a role allows ${action}, which the code does not call`),
    ...missing(code.dataActions, [...auditing, ...optional]).map((action) => `the auditor reads ${action}, which its role does not allow`),
    ...auditing
      .filter((action) => probing.includes(action) && !code.dataActions.includes(action))
      .map((action) => `the auditor may ${action}, which only a probe needs`),
    ...auditing
      .filter((action) => !/\/(?:read|listClusterUserCredential\/action)$/.test(action))
      .map((action) => `the auditor may ${action}, which changes something`),
  ];
}

/** Differences between the Kubernetes roles and their Azure counterparts. */
export function kubernetesRoleProblems({ roles, kubernetesRules }: Deployment, code: Code): readonly string[] {
  const rulesOf = (name: string) => kubernetesRules.get(`kubernetes/${name}.yaml`) ?? [];
  const counterparts: readonly (readonly [string, readonly string[]])[] = [
    ['auditor', roles.auditor?.dataActions ?? []],
    ['volume-reader', roles.volumeReader?.dataActions ?? []],
    ['template-reader', roles.templateReader?.dataActions ?? []],
    ['exec-prober', roles.execProber?.dataActions ?? []],
    ['canary-prober', roles.canaryProber?.dataActions ?? []],
  ];
  const probing = [...rulesOf('exec-prober'), ...rulesOf('canary-prober'), ...rulesOf('auditor')].flatMap(permissionsOf);
  return [
    ...counterparts.flatMap(([name, azure]) => {
      const kubernetes = rulesOf(name).flatMap(permissionsOf).map(dataActionOf);
      return [
        ...missing(azure, kubernetes).map((action) => `kubernetes/${name}.yaml does not allow ${action}`),
        ...missing(kubernetes, azure).map((action) => `kubernetes/${name}.yaml allows ${action}, the Azure role does not`),
      ];
    }),
    ...missing(code.probePermissions, probing).map((permission) => `no Kubernetes role allows ${permission}`),
  ];
}

function permissionsOf({ apiGroups, resources, verbs }: KubernetesRule): readonly string[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group === '' ? '' : `${group}/`}${resource}`)),
  );
}

/**
 * The data action that Azure requires, as AKS maps it: exec is a separate action, any other
 * subresource counts as its resource. Source: kubeguard/guard authz/providers/azure/rbac/checkaccessreqhelper.go.
 */
function dataActionOf(permission: string): string {
  const [verb = '', resource = ''] = permission.split(' ');
  if (resource === 'pods/exec') return `${AKS}/pods/exec/action`;
  const path = resource.startsWith('pods/') ? 'pods' : resource;
  if (verb === 'get' || verb === 'list' || verb === 'watch') return `${AKS}/${path}/read`;
  return `${AKS}/${path}/${verb === 'delete' || verb === 'deletecollection' ? 'delete' : 'write'}`;
}
