import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { until } from './support/control-plane.ts';
import { aPodSpec, aWorkload, type Kind, pathOf } from './support/objects.ts';
import { isThere, TITLE } from './support/programs.ts';
import { inShell } from './support/shell.ts';
import { startWorld, type World, workload } from './support/world.ts';

const KATA = 'kata-vm-isolation';
const ROLE = '/apis/rbac.authorization.k8s.io/v1/clusterroles/kataudit-template-reader';
const Rules = z.object({
  rules: z.array(z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) })),
});
const Template = z.object({ spec: z.object({ template: z.object({ spec: z.object({ runtimeClassName: z.string().optional() }) }) }) });
const LISTS = {
  deployments: '/apis/apps/v1/namespaces/shop/deployments',
  statefulsets: '/apis/apps/v1/namespaces/shop/statefulsets',
  daemonsets: '/apis/apps/v1/namespaces/shop/daemonsets',
  cronjobs: '/apis/batch/v1/cronjobs',
} as const;

/** Templates that name the class while their pods do not, with Kubernetes' own controllers. */
describe.skipIf(!isThere)(`pod templates ${TITLE}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    await world.grant('auditor.yaml');
    await world.tenant('shop');
    await world.tenant('full');
    await Promise.all([
      world.plant('Deployment', 'shop', 'plain'),
      world.plant('Deployment', 'shop', 'paused'),
      world.plant('Deployment', 'full', 'refused'),
      world.plant('StatefulSet', 'shop', 'kept'),
      world.plant('StatefulSet', 'shop', 'split'),
      world.plant('DaemonSet', 'shop', 'agent'),
    ]);
    await change('Deployment', 'shop', 'paused', { paused: true, ...classSet });
    await change('StatefulSet', 'shop', 'kept', { updateStrategy: { type: 'OnDelete', rollingUpdate: null }, ...classSet });
    await change('StatefulSet', 'shop', 'split', { updateStrategy: { rollingUpdate: { partition: 5 } }, ...classSet });
    await change('DaemonSet', 'shop', 'agent', { updateStrategy: { type: 'OnDelete', rollingUpdate: null }, ...classSet });
    const hard = { pods: '2' };
    await world.api.must('POST', '/api/v1/namespaces/full/resourcequotas', { metadata: { name: 'team' }, spec: { hard } });
    await until('the quota to be counted', async () => {
      const [quota] = await world.api.list('/api/v1/namespaces/full/resourcequotas');
      return JSON.stringify(quota?.status ?? {}).includes('"used":{"pods":"2"}');
    });
    await change('Deployment', 'full', 'refused', { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, ...classSet });
    await until('the controller to tell of the quota', async () => {
      const { body } = await world.api.ask('GET', pathOf('Deployment', 'full', 'refused'));
      return JSON.stringify(body).includes('exceeded quota');
    });
    const daily = (name: string, spec: object, over: object = {}) => {
      const made = aWorkload('CronJob', name, spec);
      return world.api.must('POST', pathOf('CronJob', 'shop'), { ...made, spec: { ...made.spec, schedule: '0 0 31 2 *', ...over } });
    };
    await daily('never', aPodSpec(undefined));
    await daily('asleep', aPodSpec(undefined), { suspend: true });
    await daily('right', aPodSpec(KATA));
  });
  afterAll(async () => world?.stop());

  const classSet = { template: { spec: { runtimeClassName: KATA } } };
  const change = async (kind: Kind, namespace: string, name: string, spec: object) => {
    await world.api.patch(pathOf(kind, namespace, name), { spec });
  };
  const told = async (kind: Kind, namespace: string, name: string) => {
    const [judgement] = (await world.audit()).of('workload-sandboxed', workload(kind, namespace, name));
    const { verdict, message = '', ...rest } = judgement ?? { verdict: 'none' };
    const { remediation = '', commands = [], severity } = 'remediation' in rest || 'commands' in rest ? rest : {};
    return { verdict, message, remediation, commands: commands.map(({ run }) => run), severity };
  };

  it('are not read without the permission: the patch is given, and a CronJob without pods is not judged', async () => {
    expect(await told('Deployment', 'shop', 'paused')).toMatchObject({
      verdict: 'fail',
      commands: [expect.stringMatching(/^kubectl patch /)],
    });
    expect(await told('CronJob', 'shop', 'never')).toMatchObject({ verdict: 'none' });
    expect((await world.audit()).of('cluster-assessed').filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  });

  describe('with the optional permission of template-reader.yaml', () => {
    beforeAll(async () => {
      await world.grant('template-reader.yaml');
      await mayList('cronjobs', 200);
    });

    it.each<[Kind, string, string, RegExp, RegExp]>([
      ['Deployment', 'shop', 'paused', /the Deployment is paused/, /^kubectl rollout resume /],
      ['Deployment', 'full', 'refused', /cannot be created: pods "refused-.*exceeded quota: team/, /^kubectl describe /],
      ['StatefulSet', 'shop', 'kept', /OnDelete keeps the older pods/, /^kubectl describe /],
      ['StatefulSet', 'shop', 'split', /the partition of its update strategy keeps/, /^kubectl describe /],
      ['DaemonSet', 'shop', 'agent', /OnDelete keeps the older pods/, /^kubectl describe /],
    ])(
      'the finding of the %s %s/%s says why no pod follows, without a command that sets the class again',
      async (kind, namespace, name, message, command) => {
        expect(await told(kind, namespace, name)).toMatchObject({
          verdict: 'fail',
          message: expect.stringMatching(message),
          commands: [expect.stringMatching(command)],
        });
      },
    );

    it('a workload whose template names no class still gets the patch', async () => {
      expect(await told('Deployment', 'shop', 'plain')).toMatchObject({
        verdict: 'fail',
        commands: [expect.stringMatching(/^kubectl patch /)],
      });
    });

    it('a CronJob without pods is judged by its template', async () => {
      expect(await told('CronJob', 'shop', 'never')).toMatchObject({
        verdict: 'fail',
        commands: [expect.stringMatching(/^kubectl patch /)],
      });
      expect(await told('CronJob', 'shop', 'asleep')).toMatchObject({ verdict: 'fail', severity: 'medium' });
      expect(await told('CronJob', 'shop', 'right')).toMatchObject({ verdict: 'pass' });
    });

    it.each(['deployments', 'statefulsets', 'daemonsets', 'cronjobs'] as const)(
      'all of which is necessary: without %s workloads are reported as before',
      async (resource) => {
        const { rules } = Rules.parse((await world.api.ask('GET', ROLE)).body);
        expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['list']));
        const left = rules.map((one) => ({ ...one, resources: one.resources.filter((name) => name !== resource) }));
        await world.api.patch(ROLE, { rules: left.filter(({ resources }) => resources.length > 0) });
        await mayList(resource, 403);
        try {
          expect(await told('Deployment', 'shop', 'paused')).toMatchObject({ commands: [expect.stringMatching(/^kubectl patch /)] });
          expect((await world.audit()).of('cluster-assessed').filter(({ verdict }) => verdict === 'fail')).toEqual([]);
        } finally {
          await world.api.patch(ROLE, { rules });
          await mayList(resource, 200);
        }
      },
    );

    it('the server accepts the commands, and the Deployment is sandboxed once it is resumed', async () => {
      for (const [kind, namespace, name] of [
        ['Deployment', 'full', 'refused'],
        ['StatefulSet', 'shop', 'kept'],
        ['Deployment', 'shop', 'paused'],
      ] as const) {
        for (const line of (await told(kind, namespace, name)).commands) expect(await inShell(world, line)).toMatchObject({ code: 0 });
      }
      await world.settled('shop', 'paused', KATA);
      expect(Template.parse((await world.api.ask('GET', pathOf('Deployment', 'shop', 'paused'))).body).spec.template.spec).toMatchObject({
        runtimeClassName: KATA,
      });
      await until('the finding to end', async () => (await told('Deployment', 'shop', 'paused')).verdict === 'pass');
    });
  });

  const mayList = (resource: keyof typeof LISTS, status: number) =>
    until(`the auditor's right to list ${resource}`, async () => (await world.as('auditor').ask('GET', LISTS[resource])).status === status);
});
