import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { grantCommands } from '../../shared/domain/access/grants.ts';
import { PERMISSIONS } from '../../shared/domain/access/permissions.ts';
import { run } from '../support/command.ts';
import { until } from './support/control-plane.ts';
import { aPodSpec } from './support/objects.ts';
import { isThere, TITLE } from './support/programs.ts';
import { inShell } from './support/shell.ts';
import { startWorld, type World, workload } from './support/world.ts';

const ROLE = '/apis/rbac.authorization.k8s.io/v1/clusterroles/kataudit-auditor';
const Rules = z.object({
  rules: z.array(z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) })),
});
const LISTS = {
  pods: '/api/v1/pods',
  nodes: '/api/v1/nodes',
  namespaces: '/api/v1/namespaces',
  runtimeclasses: '/apis/node.k8s.io/v1/runtimeclasses',
} as const;

describe.skipIf(!isThere)(`the rights of infra/kubernetes ${TITLE}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    await world.grant('auditor.yaml');
    await world.tenant('shop');
    await world.plant('Deployment', 'shop', 'good', aPodSpec('kata-vm-isolation'));
    await world.plant('Deployment', 'shop', 'bad');
  });
  afterAll(async () => world?.stop());

  it('are sufficient to read every part of the cluster', async () => {
    const report = await world.audit();
    expect(report.of('cluster-assessed').filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(report.of('workload-sandboxed', workload('Deployment', 'shop', 'good'))).toMatchObject([{ verdict: 'pass' }]);
    expect(report.of('workload-sandboxed', workload('Deployment', 'shop', 'bad'))).toMatchObject([{ verdict: 'fail' }]);
    expect(report.code).toBe(1);
  });

  it.each(['pods', 'nodes', 'namespaces', 'runtimeclasses'] as const)(
    'are all necessary: without %s there is a gap that names them',
    async (resource) => {
      const { rules } = Rules.parse((await world.api.ask('GET', ROLE)).body);
      const left = rules.map((one) => ({ ...one, resources: one.resources.filter((name) => name !== resource) }));
      await change(left.filter(({ resources }) => resources.length > 0));
      await told(resource, 403);
      try {
        const [gap] = (await world.audit()).of('cluster-assessed');
        expect(gap?.verdict).toBe('fail');
        expect(gap?.message).toContain(`the identity lacks the verb "list" on ${resource}`);
      } finally {
        await change(rules);
        await told(resource, 200);
      }
    },
  );

  it('contain no verb other than list, which also reads a single pod when the exec probe may run nothing', async () => {
    const { rules } = Rules.parse((await world.api.ask('GET', ROLE)).body);
    expect(rules.flatMap(({ resources, verbs }) => resources.flatMap((one) => verbs.map((verb) => `${verb} ${one}`))).toSorted()).toEqual([
      'list namespaces',
      'list nodes',
      'list pods',
      'list runtimeclasses',
    ]);
    const probed = await run(['probe', '--kubeconfig', world.kubeconfig('auditor'), '--mode', 'exec']);
    expect(probed).toMatchObject({ code: 2, out: expect.stringContaining('the identity needs `create` on `pods/exec`') });
  });

  it('are reported as missing for a token without any, in one sentence per part, and never as a clean audit', async () => {
    const report = await world.audit([], 'nobody');
    expect(report.code).not.toBe(0);
    expect(report.of('cluster-assessed')).toMatchObject([{ verdict: 'fail', message: expect.stringMatching(/lacks the verb "list"/) }]);
    expect(report.err).not.toMatch(/\n\s+at /);
  });

  it('are granted by the commands that the doctor prints, which can be repeated and keep the other rules of a role', async () => {
    const kubernetes = PERMISSIONS.filter(({ plane, purpose }) => plane === 'kubernetes' && purpose === 'audit');
    const grant = { place: { context: 'real' }, principal: 'nobody', canaryNamespace: 'x' };
    for (const missing of [kubernetes.slice(0, 1), kubernetes, kubernetes.slice(1)]) {
      for (const line of grantCommands({ ...grant, missing })) expect(await inShell(world, line)).toMatchObject({ code: 0 });
    }
    const may = async () => Promise.all(Object.values(LISTS).map(async (path) => (await world.as('nobody').ask('GET', path)).status));
    await until('the rights of nobody', async () => (await may()).every((status) => status === 200));
  });

  const change = (rules: unknown) => world.api.patch(ROLE, { rules });
  /** Authorization reads roles from its own cache. */
  const told = (resource: keyof typeof LISTS, status: number) =>
    until(`the auditor's right to list ${resource}`, async () => (await world.as('auditor').ask('GET', LISTS[resource])).status === status);
});
