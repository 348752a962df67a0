import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { until } from './support/control-plane.ts';
import { aPodSpec } from './support/objects.ts';
import { isThere, TITLE } from './support/programs.ts';
import { startWorld, type World } from './support/world.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

describe.skipIf(!isThere)(`the probe by exec ${TITLE}`, () => {
  let world: World;

  beforeAll(async () => {
    // Simulated kubelets run the commands of a pod on this machine: nodes with its boot id share their kernel with their pods.
    const bootID = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    world = await startWorld();
    await world.grant('auditor.yaml');
    const status = { nodeInfo: { bootID }, daemonEndpoints: { kubeletEndpoint: { Port: world.kubeletPort } } };
    for (const node of ['kata-0', 'kata-1']) await world.api.patch(`/api/v1/nodes/${node}/status`, { status });
    for (const namespace of ['first', 'middle', 'last']) {
      await world.tenant(namespace);
      await world.plant('Deployment', namespace, 'pay', aPodSpec('kata-vm-isolation'));
    }
  });
  afterAll(async () => world?.stop());

  const probe = async () => {
    const { code, out, err } = await run(['probe', '--kubeconfig', world.kubeconfig('auditor'), '--mode', 'exec', '--format', 'json']);
    return { code, out, err };
  };

  it('reads the namespace whose Role allows it, and names the missing permission for the others', async () => {
    const rules = [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] }];
    await world.api.must('POST', `${RBAC}/namespaces/middle/roles`, {
      kind: 'Role',
      apiVersion: RBAC.slice(6),
      metadata: { name: 'exec' },
      rules,
    });
    await world.api.must('POST', `${RBAC}/namespaces/middle/rolebindings`, {
      apiVersion: RBAC.slice(6),
      kind: 'RoleBinding',
      metadata: { name: 'exec' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'exec' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'auditor' }],
    });
    const { code, out } = await until('the Role to be in force', async () => {
      const probed = await probe();
      return probed.out.includes('"disproved"') && probed;
    });
    expect(code).toBe(1);
    expect(out).toMatch(/the identity needs `create` on `pods\/exec`\. The API server said: .*cannot \w+ resource .*in the namespace/);
  });

  it('reports the reason of an admission policy that refuses exec in one namespace, and reads the others', async () => {
    await world.grant('exec-prober.yaml');
    await world.api.must('POST', `${ADMISSION}/validatingadmissionpolicies`, {
      apiVersion: ADMISSION.slice(6),
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'no-exec' },
      spec: {
        matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/exec'] }] },
        validations: [{ expression: 'request.namespace != "last"', message: 'nobody runs anything here' }],
      },
    });
    await world.api.must('POST', `${ADMISSION}/validatingadmissionpolicybindings`, {
      apiVersion: ADMISSION.slice(6),
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'no-exec' },
      spec: { policyName: 'no-exec', validationActions: ['Deny'] },
    });
    const { out } = await until('the admission policy to be in force', async () => {
      const probed = await probe();
      return probed.out.includes('nobody runs anything here') && probed;
    });
    expect(out).toContain('"disproved"');
  });
});
