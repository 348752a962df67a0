import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parsePolicy } from '../../shared/config/policy-file.ts';
import { withAksClasses } from '../../shared/domain/isolation/aks-classes.ts';
import { guardrail } from '../../shared/exports/guardrail.ts';
import type { GuardrailFormat } from '../../shared/exports/guardrail-formats.ts';
import { RULES } from '../../shared/rules/index.ts';

const write = (policy: string, over = {}, format: GuardrailFormat = 'vap') => {
  const input = {
    policy: parsePolicy(policy),
    classes: withAksClasses([]),
    rules: RULES,
    failOn: 'info',
    enforce: false,
    daemonSets: false,
  } as const;
  return guardrail(format, { ...input, ...over });
};
const LANE = 'version: 1\nworkloads: [{ name: w, podLabels: { lane: "on" } }]\n';
const mutationsIn = (text: string) => text.match(/^kind: MutatingAdmissionPolicy$/gm)?.length;
const spec = (text: string) => parseAllDocuments(text)[0]?.toJS().spec;

/** A test on a real API server checks the effect of the expressions: test/cluster/guardrail.test.ts. */
describe('a guardrail', () => {
  it('warns by default, and denies when it is enforced', () => {
    const actions = (over: object) => parseAllDocuments(write(LANE, over))[1]?.toJS().spec.validationActions;
    expect([actions({}), actions({ enforce: true })]).toEqual([
      ['Warn', 'Audit'],
      ['Deny', 'Audit'],
    ]);
  });

  it.each([
    ['every rule', LANE, {}, 6],
    ['no rule that is off', `${LANE}rules: { sandboxed-pod-privileged: off }\n`, {}, 5],
    ['no rule below the severity', LANE, { failOn: 'high' }, 3],
    ['a rule whose severity the policy raised', `${LANE}rules: { sandboxed-pod-privileged: critical }\n`, { failOn: 'critical' }, 2],
  ])('contains %s', (_, policy, over, count) => {
    expect(spec(write(policy, over)).validations).toHaveLength(count);
  });

  it('tells whom it refuses in one line what to do', () => {
    const rules = RULES.map((rule) => ({ ...rule, title: 'Pods  are\n  sandboxed', remediation: 'Do\tthis.' }));
    const [first] = spec(write(LANE, { rules })).validations;
    expect(JSON.stringify(first)).toContain('Kataudit workload-sandboxed: Pods are sandboxed. Do this.');
  });

  it('is read as text by YAML 1.1 parsers, whatever a label or name contains', () => {
    const hostile = 'version: 1\nworkloads: [{ name: w, podLabels: { "a\\"b": "\\" || true || \\"" }, namespaceLabels: { box: "yes" } }]\n';
    expect(write(hostile, {}, 'map')).toContain('box: "yes"');
    const { variables } = spec(write(hostile));
    const { expression } = variables.find(({ name }: { name: string }) => name === 'newWorkloadSandboxed');
    expect(expression).toContain('variables.newLabels["a\\"b"] == "\\" || true || \\""');
  });

  it('uses the class that is not deprecated when several are accepted, and one policy per class', () => {
    const policy = `version: 1
workloads:
  - { name: a, podLabels: { a: b } }
  - { name: c, podLabels: { c: d }, acceptedHandlers: [kata-cc] }
`;
    for (const classes of [withAksClasses([]), withAksClasses([]).toReversed()]) {
      const documents = parseAllDocuments(write(policy, { classes }, 'map')).map((one) => one.toJS());
      const mutations = documents.flatMap(({ spec: { mutations = [] } }) =>
        mutations.map(({ applyConfiguration }: { applyConfiguration: { expression: string } }) => applyConfiguration.expression),
      );
      expect(mutations).toEqual([
        'Object{spec: Object.spec{runtimeClassName: "kata-vm-isolation"}}',
        'Object{spec: Object.spec{runtimeClassName: "kata-cc-isolation"}}',
      ]);
    }
  });

  it('sets a class by one policy for each selection of namespaces', () => {
    const policy = (labels: string) => `version: 1
workloads:
  - { name: a, podLabels: { a: b }, namespaceLabels: { box: "1" } }
  - { name: c, podLabels: { c: d }, namespaceLabels: { box: "${labels}" } }
`;
    expect(mutationsIn(write(policy('2'), {}, 'map'))).toBe(2);
    expect(mutationsIn(write(policy('1'), {}, 'map'))).toBe(1);
  });

  it.each([
    ['vap', { daemonSets: false }],
    ['vap', { daemonSets: true }],
    ['map', { daemonSets: false }],
    ['kyverno', { enforce: true, daemonSets: false }],
  ] as const)('is written byte for byte as it is kept: %s %o', async (format, over) => {
    const policy = `version: 1
workloads:
  - { name: guest lanes, podLabels: { lane: guest } }
  - { name: boxed namespaces, namespaceLabels: { box: "yes" } }
  - { name: tenants, namespaces: ['tenant-?*', exact], acceptedHandlers: [kata, kata-qemu] }
`;
    const name = `${format}${over.daemonSets ? '-daemonsets' : ''}.yaml`;
    await expect(write(policy, over, format)).toMatchFileSnapshot(`../fixtures/guardrail/${name}`);
  });
});
