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
const spec = (text: string) => parseAllDocuments(text)[0]?.toJS().spec;

/** That the expressions do what they are for is held on a real API server: test/cluster/guardrail.test.ts. */
describe('a guardrail', () => {
  it('warns at first, and refuses when it is enforced', () => {
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
    ['a rule that the policy made severe', `${LANE}rules: { sandboxed-pod-privileged: critical }\n`, { failOn: 'critical' }, 2],
  ])('holds %s', (_, policy, over, count) => {
    expect(spec(write(policy, over)).validations).toHaveLength(count);
  });

  it('is text to readers of YAML 1.1, whatever a label or name is', () => {
    const hostile = 'version: 1\nworkloads: [{ name: w, podLabels: { "a\\"b": "\\" || true || \\"" }, namespaceLabels: { box: "yes" } }]\n';
    expect(write(hostile, {}, 'map')).toContain('box: "yes"');
    const { variables } = spec(write(hostile));
    const { expression } = variables.find(({ name }: { name: string }) => name === 'newWorkloadSandboxed');
    expect(expression).toContain('variables.newLabels["a\\"b"] == "\\" || true || \\""');
  });

  it('takes the class that lasts where several are accepted, and one policy for each class', () => {
    const policy = `version: 1
workloads:
  - { name: a, podLabels: { a: b } }
  - { name: c, podLabels: { c: d }, acceptedHandlers: [kata-cc] }
`;
    const documents = parseAllDocuments(write(policy, {}, 'map')).map((one) => one.toJS());
    const mutations = documents.flatMap(({ spec: { mutations = [] } }) =>
      mutations.map(({ applyConfiguration }: { applyConfiguration: { expression: string } }) => applyConfiguration.expression),
    );
    expect(mutations).toEqual([
      'Object{spec: Object.spec{runtimeClassName: "kata-vm-isolation"}}',
      'Object{spec: Object.spec{runtimeClassName: "kata-cc-isolation"}}',
    ]);
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
