import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { until } from './support/control-plane.ts';
import { isThere, TITLE } from './support/programs.ts';
import { inShell } from './support/shell.ts';
import { startWorld, type World } from './support/world.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const BINDING = `${GROUP}/validatingadmissionpolicybindings/kataudit-guardrail`;
const POLICY = `version: 1
workloads: [{ name: guest lanes, podLabels: { lane: guest } }, { name: boxed, namespaces: ['box-*'], namespaceLabels: { box: "yes" } }]
rules: { admission-guardrail: on }
`;

describe.skipIf(!isThere)(`the rule admission-guardrail ${TITLE}`, () => {
  let world: World;
  let policy: string;

  beforeAll(async () => {
    world = await startWorld();
    policy = join(world.folder, 'policy.yaml');
    await writeFile(policy, POLICY);
    await world.grant('auditor.yaml');
  });
  afterAll(async () => world?.stop());

  const says = async (file = policy) => {
    const report = await world.audit(['--policy', file]);
    return { report, judged: report.of('admission-guardrail') };
  };
  /** The commands of the documentation, with the guardrail that this checkout writes. */
  const apply = async (...options: readonly string[]) => {
    const classes = await inShell(world, `kubectl get runtimeclass -o yaml > ${join(world.folder, 'classes.yaml')}`);
    expect(classes).toMatchObject({ code: 0 });
    const written = await run(['policy', 'guardrail', '--policy', policy, '--classes', join(world.folder, 'classes.yaml'), ...options]);
    expect(written).toMatchObject({ code: 0 });
    await writeFile(join(world.folder, 'guardrail.yaml'), written.out);
    expect(await inShell(world, `kubectl apply -f ${join(world.folder, 'guardrail.yaml')}`)).toMatchObject({ code: 0 });
  };

  it('is unknown without its permission, with a gap that names the permission, and has no gap with it', async () => {
    const { report, judged } = await says();
    expect(judged).toEqual([]);
    expect(report.of('cluster-assessed')).toMatchObject([
      {
        verdict: 'fail',
        message: expect.stringContaining('lacks the verb "list" on validatingadmissionpolicies.admissionregistration.k8s.io'),
      },
    ]);
    await world.grant('guardrail-reader.yaml');
    const may = async () => (await world.as('auditor').ask('GET', `${GROUP}/mutatingadmissionpolicybindings`)).status === 200;
    await until('the right to list', may);
    expect((await says()).judged).toMatchObject([
      { verdict: 'fail', message: expect.stringContaining('has no ValidatingAdmissionPolicy') },
    ]);
  });

  it('recognizes guardrails that warn, deny and set classes, as the API server stores them', async () => {
    await apply();
    expect((await says()).judged).toMatchObject([{ verdict: 'fail', severity: 'low', message: expect.stringContaining('only warns') }]);
    await apply('--enforce');
    expect((await says()).judged).toMatchObject([{ verdict: 'pass', facts: { bindings: ['kataudit-guardrail: Deny, Audit'] } }]);
    await apply('-o', 'map');
    expect((await says()).judged).toMatchObject([{ verdict: 'pass' }]);
    await apply('--enforce', '--daemonsets', '--fail-on', 'high');
    expect((await says()).judged).toMatchObject([
      { verdict: 'pass', facts: { leftToTheAudit: expect.arrayContaining(['runtime-class-name-current']) } },
    ]);
  });

  it('fails for a binding that excludes objects, a changed policy, and a spec that was changed by hand', async () => {
    await apply('--enforce');
    const narrow = { spec: { matchResources: { namespaceSelector: { matchLabels: { a: 'b' } } } } };
    await world.api.patch(BINDING, narrow);
    expect((await says()).judged).toMatchObject([{ verdict: 'fail', message: expect.stringContaining('excludes some objects') }]);
    await world.api.patch(BINDING, { spec: { matchResources: null } });
    expect((await says()).judged).toMatchObject([{ verdict: 'pass' }]);

    const other = join(world.folder, 'other.yaml');
    await writeFile(other, POLICY.replace('lane: guest', 'lane: tenant'));
    expect((await says(other)).judged).toMatchObject([{ verdict: 'fail', message: expect.stringContaining('another policy') }]);

    await world.api.patch(`${GROUP}/validatingadmissionpolicies/kataudit-guardrail`, { spec: { failurePolicy: 'Ignore' } });
    expect((await says()).judged).toMatchObject([{ verdict: 'fail', message: expect.stringContaining('changed since') }]);
  });
});
