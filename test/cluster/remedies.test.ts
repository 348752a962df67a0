import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../shared/domain/rule/command.ts';
import { until } from './support/control-plane.ts';
import { aNode, aPodSpec, type Kind } from './support/objects.ts';
import { isThere, TITLE } from './support/programs.ts';
import { inShell } from './support/shell.ts';
import { startWorld, type World, workload } from './support/world.ts';

/** A CronJob has no pods before its scheduled minute. */
const PLANTED: readonly Kind[] = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'];

const WEAK = { volumes: [{ name: 'h', hostPath: { path: '/var/log' } }], hostNetwork: true };

describe.skipIf(!isThere)(`remediations ${TITLE}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    await world.grant('auditor.yaml');
    // An ordinary node with the label of Kata nodes; it is cordoned, so that no pod is placed there.
    const labels = { 'kubernetes.azure.com/kata-vm-isolation': 'true' };
    await world.api.must('POST', '/api/v1/nodes', aNode('labelled-0', { labels, cordoned: true }));
    await world.tenant('plain');
    await world.tenant('weak');
    for (const kind of PLANTED) {
      const name = `a-${kind.toLowerCase()}`;
      await world.plant(kind, 'plain', name, aPodSpec(undefined), kind === 'Job' ? 'Succeeded' : 'Running');
      if (kind !== 'Job' && kind !== 'DaemonSet') await world.plant(kind, 'weak', name, aPodSpec('kata-vm-isolation', WEAK));
    }
  });
  afterAll(async () => world?.stop());

  it('open an owner of another API group, although its kind has the name of a Kubernetes kind', async () => {
    await world.tenant('kruise');
    const group = 'apps.kruise.io';
    await world.api.must('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', aDefinition(group));
    const path = `/apis/${group}/v1beta1/namespaces/kruise/statefulsets`;
    const owner = { apiVersion: `${group}/v1beta1`, kind: 'StatefulSet', metadata: { name: 'web' } };
    await until('the custom resource to be served', async () => (await world.api.ask('POST', path, owner)).status < 300);
    const { uid } = (await world.api.must('GET', `${path}/web`)).metadata;
    const metadata = {
      name: 'web-0',
      labels: { app: 'web' },
      ownerReferences: [{ apiVersion: owner.apiVersion, kind: 'StatefulSet', name: 'web', uid, controller: true }],
    };
    await world.api.must('POST', '/api/v1/namespaces/kruise/pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec: aPodSpec(undefined) });
    await until(
      'its pod to run',
      async () => (await world.api.must('GET', '/api/v1/namespaces/kruise/pods/web-0')).status?.phase === 'Running',
    );
    const [judged] = (await world.audit()).of('workload-sandboxed', { ...workload('StatefulSet', 'kruise', 'web'), ownerGroup: group });
    if (judged?.verdict !== 'fail') throw new Error('The workload is not told.');
    expect(judged.commands?.map(({ run }) => run)).toEqual([
      'kubectl edit --context real --namespace kruise -- StatefulSet.apps.kruise.io web',
    ]);
    for (const command of judged.commands ?? []) expect(await dryRun(world, command)).toMatchObject({ code: 0 });
  });

  it('are commands that the server accepts, or no command', async () => {
    const report = await world.audit();
    const commands = report.runs
      .flatMap((one) => (one.state === 'judged' ? one.judgements : []))
      .flatMap((one) => (one.verdict === 'fail' ? (one.commands ?? []) : []));
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.map(({ run }) => run)).toContainEqual(expect.stringMatching(/^kubectl label .* labelled-0 .*kata-vm-isolation-$/));
    const refused = [];
    for (const command of commands) {
      const { code, said } = await dryRun(world, command);
      if (code !== 0 || said.includes('(no change)')) refused.push(`${command.run}: ${said}`);
    }
    expect(refused).toEqual([]);
  });

  it('set no class that would leave the new pods without a node, because the template selects other nodes', async () => {
    await world.tenant('pinned');
    const pinned = { nodeSelector: { agentpool: 'plain' } };
    await world.plant('Deployment', 'pinned', 'web', aPodSpec(undefined, pinned));
    await world.plant('DaemonSet', 'pinned', 'agent', aPodSpec(undefined, { nodeSelector: { agentpool: 'kata' } }));
    const report = await world.audit();
    const told = (kind: string, name: string) => {
      const [judged] = report.of('workload-sandboxed', workload(kind, 'pinned', name));
      if (judged?.verdict !== 'fail') throw new Error('The workload is not told.');
      return { remediation: judged.remediation, commands: judged.commands?.map(({ run }) => run.split(' ')[1]) };
    };
    expect(told('Deployment', 'web')).toMatchObject({
      remediation: expect.stringContaining('selects nodes by agentpool: "plain", and no schedulable Kata node has that label'),
      commands: ['edit'],
    });
    expect(told('DaemonSet', 'agent')).toMatchObject({ commands: ['patch'] });
  });

  it('leave the workload sandboxed and running when they are applied', async () => {
    const subject = workload('Deployment', 'plain', 'a-deployment');
    const [judged] = (await world.audit()).of('workload-sandboxed', subject);
    if (judged?.verdict !== 'fail') throw new Error('The workload is not told.');
    for (const command of judged.commands ?? []) expect((await inShell(world, command.run)).code).toBe(0);
    await world.settled('plain', 'a-deployment', 'kata-vm-isolation');
    expect((await world.audit()).of('workload-sandboxed', subject)).toMatchObject([{ verdict: 'pass' }]);
  });
});

function aDefinition(group: string) {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `statefulsets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'StatefulSet', plural: 'statefulsets', singular: 'statefulset' },
      versions: [{ name: 'v1beta1', served: true, storage: true, schema }],
    },
  };
}

/** Runs commands that change something as a dry run; the editor of the others changes nothing. */
function dryRun(world: World, { run }: Command) {
  return inShell(world, run.replace(/^kubectl (patch|delete|cordon|uncordon|taint|label) /, '$& --dry-run=server '));
}
