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
const SCOPE = '/subscriptions/11111111-1111-1111-1111-111111111111';

describe('grantCommands', () => {
  it('say nothing when nothing is missing', () => {
    expect(grantCommands(GRANT)).toEqual([]);
  });

  it('make one role of all that an audit lacks, on a cluster with Azure RBAC', () => {
    const [define, assign, ...rest] = grantCommands({ ...GRANT, missing: of('audit') });
    const definition = JSON.parse(/'(\{.*\})'$/.exec(define ?? '')?.[1] ?? '');
    expect(definition.Actions).toHaveLength(4);
    expect(definition.DataActions).toHaveLength(4);
    expect(definition.AssignableScopes).toEqual([SCOPE]);
    expect(assign).toBe(
      `az role assignment create --assignee-object-id ${GRANT.principalId} --assignee-principal-type ServicePrincipal --role '${definition.Name}' --scope ${SCOPE}`,
    );
    expect(rest).toEqual([]);
  });

  it('give the cluster’s part by Kubernetes RBAC where Azure RBAC is off', () => {
    const commands = grantCommands({ ...GRANT, azureRbac: false, missing: of('audit') });
    expect(commands.slice(2)).toEqual([
      'kubectl create clusterrole kataudit-auditor --verb=get,list --resource=nodes,namespaces,pods,runtimeclasses.node.k8s.io --dry-run=client --output=yaml | kubectl auth reconcile --filename=-',
      `kubectl create clusterrolebinding kataudit-auditor --clusterrole=kataudit-auditor --user=${GRANT.principalId} --dry-run=client --output=yaml | kubectl auth reconcile --filename=-`,
    ]);
  });

  it('grant no more than is missing', () => {
    const [nodes] = of('audit').filter(({ action }) => action.endsWith('/nodes/read'));
    const [define] = grantCommands({ ...GRANT, missing: nodes === undefined ? [] : [nodes] });
    expect(define).toContain('"Actions":[],"DataActions":["Microsoft.ContainerService/managedClusters/nodes/read"]');
  });

  it('keep a probe’s rights apart from the auditor’s', () => {
    const commands = grantCommands({ ...GRANT, azureRbac: false, missing: of('exec') });
    expect(commands[0]).toBe(
      'kubectl create clusterrole kataudit-exec-prober --verb=create,get --resource=pods/exec --dry-run=client --output=yaml | kubectl auth reconcile --filename=-',
    );
  });

  it('give a canary’s rights in one namespace', () => {
    const commands = grantCommands({ ...GRANT, azureRbac: false, missing: of('canary') });
    expect(commands).toEqual([
      'kubectl create role kataudit-canary-prober --namespace=kataudit-canary --verb=create,get,delete --resource=pods,pods/log --dry-run=client --output=yaml | kubectl auth reconcile --filename=-',
      `kubectl create rolebinding kataudit-canary-prober --namespace=kataudit-canary --role=kataudit-canary-prober --user=${GRANT.principalId} --dry-run=client --output=yaml | kubectl auth reconcile --filename=-`,
    ]);
  });

  it('survive a hostile name when they are pasted into a shell', () => {
    const canaryNamespace = `a'; echo owned; '$(echo owned)`;
    const [command = ''] = grantCommands({ ...GRANT, azureRbac: false, canaryNamespace, missing: of('canary') });
    const shown = execFileSync('sh', ['-c', command.replace(/ --dry-run.*/, '').replace('kubectl', 'printf "%s\\n"')], {
      encoding: 'utf8',
    });
    expect(shown.split('\n')).toContain(`--namespace=${canaryNamespace}`);
  });
});
