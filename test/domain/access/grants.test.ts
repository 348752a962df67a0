import { describe, expect, it } from 'vitest';
import { type Grant, grantCommands } from '../../../shared/domain/access/grants.ts';
import { PERMISSIONS } from '../../../shared/domain/access/permissions.ts';

const CLUSTER = { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg', name: 'c' };
const GRANT: Grant = {
  place: { cluster: CLUSTER, azureRbac: true },
  principal: '22222222-2222-2222-2222-222222222222',
  missing: [],
  canaryNamespace: 'kataudit-canary',
};
const IN_CLUSTER = { cluster: CLUSTER, azureRbac: false };
/** What makes the context that the commands of kubectl name. */
const LOGIN = `az aks get-credentials --subscription ${CLUSTER.subscriptionId} --resource-group rg --name c`;
const RECONCILED = '--dry-run=client --output=yaml | kubectl auth reconcile --context=c --filename=-';
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
    expect(define).toContain(`--body "{'properties':`);
    expect(properties.permissions[0].actions).toEqual(of('audit').flatMap(({ plane, action }) => (plane === 'azure' ? [action] : [])));
    expect(properties.permissions[0].dataActions).toHaveLength(4);
    expect(properties.assignableScopes).toEqual([SCOPE]);
    expect(assign).toBe(
      `az role assignment create --assignee-object-id ${GRANT.principal} --assignee-principal-type ServicePrincipal --role ${id} --scope ${SCOPE}`,
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
    expect(one.properties.roleName).toBe(`Kataudit Auditor (doctor, 11111111, ${one.id?.slice(0, 8)})`);
    expect(one.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('grant the cluster’s permissions by Kubernetes RBAC when Azure RBAC is off', () => {
    const commands = grantCommands({ ...GRANT, place: IN_CLUSTER, missing: of('audit') });
    expect(commands[0]).toBe(LOGIN);
    expect(commands.slice(3)).toEqual([
      `kubectl create clusterrole kataudit-auditor --context=c --verb=list '--resource=nodes,namespaces,pods,runtimeclasses.node.k8s.io' ${RECONCILED}`,
      `kubectl create clusterrolebinding kataudit-auditor --context=c --clusterrole=kataudit-auditor --user=${GRANT.principal} ${RECONCILED}`,
    ]);
  });

  it.each([true, false])('grant the permission to read admission policies in the cluster, with Azure RBAC: %s', (azureRbac) => {
    expect(grantCommands({ ...GRANT, place: { cluster: CLUSTER, azureRbac }, missing: of('guardrail') })).toEqual([
      LOGIN,
      expect.stringMatching(
        /^kubectl create clusterrole kataudit-guardrail-reader --context=c --verb=list '--resource=validatingadmissionpolicies\.admissionregistration\.k8s\.io,/,
      ),
      expect.stringMatching(/^kubectl create clusterrolebinding kataudit-guardrail-reader /),
    ]);
  });

  it.each(['audit', 'volumes', 'templates', 'exec', 'canary'])('grant %s only by a role of Azure where Azure authorizes', (purpose) => {
    const commands = grantCommands({ ...GRANT, missing: of(purpose) });
    expect(commands.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual(['az rest', 'az role']);
  });

  it('grant nothing in the cluster when only permissions of Azure are missing', () => {
    const missing = of('audit').filter(({ plane }) => plane === 'azure');
    const commands = grantCommands({ ...GRANT, place: IN_CLUSTER, missing });
    expect(commands.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual(['az rest', 'az role']);
  });

  it('grant only what is missing', () => {
    const [nodes] = of('audit').filter(({ action }) => action.endsWith('/nodes/read'));
    const [define] = grantCommands({ ...GRANT, missing: nodes === undefined ? [] : [nodes] });
    expect(bodyOf(define ?? '').properties.permissions).toEqual([
      { actions: [], dataActions: ['Microsoft.ContainerService/managedClusters/nodes/read'] },
    ]);
  });

  it('keep the permissions of a probe separate from those of the auditor', () => {
    const commands = grantCommands({ ...GRANT, place: IN_CLUSTER, missing: of('exec') });
    expect(commands.slice(1, 3)).toEqual([
      `kubectl create clusterrole kataudit-exec-prober --context=c --verb=get --resource=pods ${RECONCILED}`,
      `kubectl create clusterrole kataudit-exec-prober --context=c '--verb=create,get' --resource=pods/exec ${RECONCILED}`,
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
    const commands = grantCommands({ ...GRANT, place: IN_CLUSTER, missing: of('canary') });
    expect(commands).toEqual([
      LOGIN,
      `kubectl create role kataudit-canary-prober --context=c --namespace=kataudit-canary '--verb=create,get,list,delete' --resource=pods ${RECONCILED}`,
      `kubectl create role kataudit-canary-prober --context=c --namespace=kataudit-canary --verb=get --resource=pods/log ${RECONCILED}`,
      `kubectl create rolebinding kataudit-canary-prober --context=c --namespace=kataudit-canary --role=kataudit-canary-prober --user=${GRANT.principal} ${RECONCILED}`,
    ]);
  });

  it('give a cluster that is known only by a context its rights by Kubernetes RBAC, in that context', () => {
    const [role, binding, ...rest] = grantCommands({
      ...GRANT,
      place: { context: 'lab' },
      principal: 'jo@example.com',
      missing: of('volumes'),
    });
    expect(role).toMatch(/^kubectl create clusterrole kataudit-volume-reader --context=lab .* \| kubectl auth reconcile --context=lab /);
    expect(binding).toContain("--context=lab --clusterrole=kataudit-volume-reader '--user=jo@example.com' ");
    expect(rest).toEqual([]);
  });

  it.each([
    ['system:serviceaccount:audit:kataudit', '--serviceaccount=audit:kataudit'],
    ['not-system:serviceaccount:audit:kataudit', '--user=not-system:serviceaccount:audit:kataudit'],
    ['system:serviceaccount:audit:kataudit:x', '--user=system:serviceaccount:audit:kataudit:x'],
  ])('name %s as what it is, in the current context: %s', (principal, named) => {
    expect(grantCommands({ ...GRANT, place: {}, principal, missing: of('volumes') })[1]).toBe(
      `kubectl create clusterrolebinding kataudit-volume-reader --clusterrole=kataudit-volume-reader ${named} --dry-run=client --output=yaml | kubectl auth reconcile --filename=-`,
    );
  });

  // A dollar is read literally by both shells within single quotes, but the body of az rest has double ones.
  it.each(['a\u2019b', 'a$b'])('are a sentence in place of the subscription %j', (subscriptionId) => {
    const place = { cluster: { ...CLUSTER, subscriptionId }, azureRbac: true };
    expect(grantCommands({ ...GRANT, place, missing: of('audit') })).toEqual([
      expect.stringMatching(/^# The commands cannot be written: /),
    ]);
  });

  it.each([`a'; echo owned; '$(echo owned)`, 'a\u2019b', 'a\\', 'a"b', 'a\nb'])(
    'are a sentence in place of a name that both shells would not read alike: %j',
    (name) => {
      const missing = of('canary');
      for (const over of [{ canaryNamespace: name }, { principal: name }, { place: { context: name } }]) {
        expect(grantCommands({ ...GRANT, place: IN_CLUSTER, missing, ...over })).toEqual([
          expect.stringMatching(/^# The commands cannot be written: /),
        ]);
      }
    },
  );
});
