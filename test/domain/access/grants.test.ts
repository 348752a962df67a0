import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Grant, grantCommands } from '../../../shared/domain/access/grants.ts';
import { PERMISSIONS } from '../../../shared/domain/access/permissions.ts';

const GRANT: Grant = {
  cluster: { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg', name: 'c' },
  azureRbac: true,
  principalId: '22222222-2222-2222-2222-222222222222',
  missing: [],
  canaryNamespace: 'kataudit-canary',
};
const of = (purpose: string) => PERMISSIONS.filter((permission) => permission.purpose === purpose);
/** The body of az rest, which accepts a Python literal. */
const bodyOf = (command: string) => JSON.parse((/--body "(\{.*\})"$/.exec(command)?.[1] ?? '').replaceAll("'", '"'));
const roleOf = (command: string) => ({
  id: /roleDefinitions\/([0-9a-f-]+)\?/.exec(command)?.[1],
  properties: bodyOf(command).properties,
});
const SCOPE = '/subscriptions/11111111-1111-1111-1111-111111111111';

describe('grantCommands', () => {
  it('are empty when nothing is missing', () => {
    expect(grantCommands(GRANT)).toEqual([]);
  });

  it('create one role with all permissions that an audit lacks, on a cluster with Azure RBAC', () => {
    const [define = '', assign, ...rest] = grantCommands({ ...GRANT, missing: of('audit') });
    const { id, properties } = roleOf(define);
    expect(properties.permissions[0].actions).toHaveLength(4);
    expect(properties.permissions[0].dataActions).toHaveLength(4);
    expect(properties.assignableScopes).toEqual([SCOPE]);
    expect(assign).toBe(
      `az role assignment create --assignee-object-id ${GRANT.principalId} --assignee-principal-type ServicePrincipal --role ${id} --scope ${SCOPE}`,
    );
    expect(rest).toEqual([]);
  });

  // Azure answers a second creation of a role with RoleDefinitionWithSameNameExists, and a second PUT of the same id with the role.
  it('can be repeated, and create a separate role for permissions that are missing later', () => {
    const role = (missing: Grant['missing']) => roleOf(grantCommands({ ...GRANT, missing })[0] ?? '');
    expect(role(of('audit'))).toEqual(role(of('audit')));
    const [one, other] = [role(of('audit')), role(of('audit').slice(1))];
    expect(one.id).not.toBe(other.id);
    expect(one.properties.roleName).not.toBe(other.properties.roleName);
    expect(one.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('grant the cluster’s permissions by Kubernetes RBAC when Azure RBAC is off', () => {
    const commands = grantCommands({ ...GRANT, azureRbac: false, missing: of('audit') });
    expect(commands.slice(2)).toEqual([
      'kubectl create clusterrole kataudit-auditor --verb=list --resource=nodes,namespaces,pods,runtimeclasses.node.k8s.io --dry-run=client --output=yaml | kubectl auth reconcile --filename=-',
      `kubectl create clusterrolebinding kataudit-auditor --clusterrole=kataudit-auditor --user=${GRANT.principalId} --dry-run=client --output=yaml | kubectl auth reconcile --filename=-`,
    ]);
  });

  it.each([true, false])('grant the permission to read admission policies in the cluster, with Azure RBAC: %s', (azureRbac) => {
    expect(grantCommands({ ...GRANT, azureRbac, missing: of('guardrail') })).toEqual([
      expect.stringMatching(
        /^kubectl create clusterrole kataudit-guardrail-reader --verb=list --resource=validatingadmissionpolicies\.admissionregistration\.k8s\.io,/,
      ),
      expect.stringMatching(/^kubectl create clusterrolebinding kataudit-guardrail-reader /),
    ]);
  });

  it('grant only what is missing', () => {
    const [nodes] = of('audit').filter(({ action }) => action.endsWith('/nodes/read'));
    const [define] = grantCommands({ ...GRANT, missing: nodes === undefined ? [] : [nodes] });
    expect(bodyOf(define ?? '').properties.permissions).toEqual([
      { actions: [], dataActions: ['Microsoft.ContainerService/managedClusters/nodes/read'] },
    ]);
  });

  it('keep the permissions of a probe separate from those of the auditor', () => {
    const commands = grantCommands({ ...GRANT, azureRbac: false, missing: of('exec') });
    expect(commands.slice(0, 2)).toEqual([
      'kubectl create clusterrole kataudit-exec-prober --verb=get --resource=pods --dry-run=client --output=yaml | kubectl auth reconcile --filename=-',
      'kubectl create clusterrole kataudit-exec-prober --verb=create,get --resource=pods/exec --dry-run=client --output=yaml | kubectl auth reconcile --filename=-',
    ]);
  });

  it.each([
    ['exec', ''],
    ['canary', '/namespaces/kataudit-canary'],
  ])('grant the permissions of the probe %s in one cluster, with the narrowest possible scope', (purpose, below) => {
    const [define, assign] = grantCommands({ ...GRANT, missing: of(purpose) });
    const [{ dataActions }] = bodyOf(define ?? '').properties.permissions;
    expect(dataActions).toEqual([...new Set(dataActions)]);
    expect(assign).toContain(`--scope ${SCOPE}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c${below}`);
  });

  it('grant the permissions of a canary in one namespace', () => {
    const commands = grantCommands({ ...GRANT, azureRbac: false, missing: of('canary') });
    expect(commands).toEqual([
      'kubectl create role kataudit-canary-prober --namespace=kataudit-canary --verb=create,get,list,delete --resource=pods --dry-run=client --output=yaml | kubectl auth reconcile --filename=-',
      'kubectl create role kataudit-canary-prober --namespace=kataudit-canary --verb=get --resource=pods/log --dry-run=client --output=yaml | kubectl auth reconcile --filename=-',
      `kubectl create rolebinding kataudit-canary-prober --namespace=kataudit-canary --role=kataudit-canary-prober --user=${GRANT.principalId} --dry-run=client --output=yaml | kubectl auth reconcile --filename=-`,
    ]);
  });

  it('quote a hostile name for a shell', () => {
    const canaryNamespace = `a'; echo owned; '$(echo owned)`;
    const [command = ''] = grantCommands({ ...GRANT, azureRbac: false, canaryNamespace, missing: of('canary') });
    const shown = execFileSync('sh', ['-c', command.replace(/ --dry-run.*/, '').replace('kubectl', 'printf "%s\\n"')], {
      encoding: 'utf8',
    });
    expect(shown.split('\n')).toContain(`--namespace=${canaryNamespace}`);
  });
});
