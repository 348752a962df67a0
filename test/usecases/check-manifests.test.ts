import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { ManifestReader } from '../../shared/manifests/read-manifests.ts';
import { RULES } from '../../shared/rules/index.ts';
import { checkManifests } from '../../shared/usecases/check-manifests.ts';
import { aPod, checkTexts, foundIn, toldOf } from '../support/check-texts.ts';

const NAMED = (name: string, lines = '') => aPod(lines).replace('kata-vm-isolation', name);
const CLASS = (name: string, handler: string) =>
  `apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: { name: ${name} }\nhandler: ${handler}\noverhead: { podFixed: { memory: 600Mi } }\n`;
const ACCEPTS = 'version: 1\nworkloads: [{ name: guests, podLabels: { lane: guest }, acceptedHandlers: [kata-qemu*] }]\n';

describe('a class that a workload names', () => {
  it('is taken from the files before those of AKS, and the last one of two with the same name', () => {
    const runc = CLASS('kata-vm-isolation', 'runc');
    expect(foundIn(checkTexts({ a: aPod(), b: runc }))).toEqual(['runtime-class-handler b:4', 'workload-sandboxed a:5']);
    expect(foundIn(checkTexts({ a: aPod(), b: `${runc}---\n${CLASS('kata-vm-isolation', 'kata')}` }))).toEqual([
      'runtime-class-handler b:4',
    ]);
  });

  it('does not show that a workload is sandboxed when it is not defined', () => {
    const checked = checkTexts({ a: NAMED('kata-vm-isolaton') });
    expect(foundIn(checked)).toEqual(['workload-sandboxed a:5']);
    expect(toldOf(checked)).toEqual([
      expect.stringContaining('not-judged a:5 Pod p names the RuntimeClass kata-vm-isolaton, which is neither'),
    ]);
  });

  it.each([
    ['gvisor', 'staff', 'told'],
    ['kata-qemu', 'staff', 'not-judged'],
    ['gvisor', 'guest', 'not-judged'],
  ])('with the undefined name %s, in the lane %s, counts as %s', (name, lane, weight) => {
    const checked = checkTexts({ a: NAMED(name, '  hostPID: true\n').replace('lane: guest', `lane: ${lane}`) });
    expect(foundIn(checked)).toEqual(lane === 'guest' ? ['workload-sandboxed a:5'] : []);
    expect(checked.remarks.map((one) => one.weight)).toEqual([weight]);
  });

  it('is judged as a sandbox when the policy accepts its handler', () => {
    const checked = checkTexts({ a: NAMED('peers', '  hostPID: true\n'), b: CLASS('peers', 'kata-qemu-snp') }, { policy: ACCEPTS });
    expect(foundIn(checked)).toEqual(['sandboxed-pod-host-namespaces a:7']);
    expect(checked.remarks).toEqual([]);
  });
});

it('a class of something else is no mistake: whether a cluster has one for Kata is not for the files to say', () => {
  const checked = checkTexts({ a: CLASS('gvisor', 'runsc') });
  expect([foundIn(checked), toldOf(checked)]).toEqual([[], []]);
});

describe('the policy', () => {
  it('exempts nothing by cluster names, and can turn rules off', () => {
    const policy = 'version: 1\nworkloads: [{ name: guests, podLabels: { lane: guest } }]\nrules: { sandboxed-pod-host-namespaces: off }\n';
    expect(foundIn(checkTexts({ a: aPod('  hostPID: true\n') }, { policy }))).toEqual([]);
  });

  it('uses the labels that every namespace has', () => {
    const policy = 'version: 1\nworkloads: [{ name: lab, namespaceLabels: { kubernetes.io/metadata.name: lab } }]\n';
    const text = aPod().replace(/.*runtimeClassName.*\n/, '');
    const files = { a: text, b: 'apiVersion: v1\nkind: Namespace\nmetadata: { name: lab }\n' };
    expect(foundIn(checkTexts(files, { policy }))).toEqual(['workload-sandboxed a:4']);
  });

  it('is reported to depend on namespaces when an object names none, unless one is given', () => {
    const policy = "version: 1\nworkloads: [{ name: tenants, namespaces: ['tenant-*'] }]\n";
    const text = aPod()
      .replace('namespace: lab, ', '')
      .replace(/.*runtimeClassName.*\n/, '');
    expect(toldOf(checkTexts({ a: text }, { policy }))).toEqual([
      expect.stringContaining('gap - 1 workload names no namespace, and the policy selects by namespace'),
    ]);
    expect(foundIn(checkTexts({ a: text }, { policy, namespace: 'tenant-a' }))).toEqual(['workload-sandboxed a:4']);
  });

  it('uses its label even when the value is unknown', () => {
    const text = aPod()
      .replace('lane: guest', 'kataudit.io/sandbox: Required')
      .replace(/.*runtimeClassName.*\n/, '');
    const checked = checkTexts({ a: text, b: 'apiVersion: v1\nkind: Namespace\nmetadata: { name: lab }\n' }, { policy: 'built-in' });
    expect(foundIn(checked)).toEqual([]);
    expect(toldOf(checked)).toEqual([expect.stringContaining('not-judged a:4 Its pods have the label kataudit.io/sandbox=Required')]);
  });
});

describe('what the files do not tell', () => {
  const LABELS = 'version: 1\nworkloads: [{ name: lab, namespaceLabels: { tier: lab } }, { name: guests, podLabels: { lane: guest } }]\n';
  const plain = (name: string, lane: string) =>
    aPod('', name)
      .replace(/.*runtimeClassName.*\n/, '')
      .replace('lane: guest', `lane: ${lane}`);

  it('of a namespace is reported once, with the number of affected workloads, unless they must be sandboxed anyway', () => {
    const checked = checkTexts({ a: plain('p', 'staff'), b: plain('q', 'staff'), c: plain('r', 'guest') }, { policy: LABELS });
    expect(foundIn(checked)).toEqual(['workload-sandboxed c:4']);
    expect(toldOf(checked)).toEqual([
      expect.stringMatching(/^gap - The policy selects by labels of the namespace lab.* whether 2 workloads must/),
    ]);
    expect(toldOf(checkTexts({ a: plain('p', 'staff') }, { policy: LABELS }))).toEqual([
      expect.stringContaining('whether 1 workload must'),
    ]);
  });

  it.each([
    ['which names none, by a policy about all', "namespaces: ['*']", 0],
    ['by a policy about labels', 'podLabels: { lane: guest }', 0],
    ['by a policy about some', "namespaces: ['tenant-*']", 1],
  ])('of the namespace of objects counts %s', (_, matcher, remarks) => {
    const policy = `version: 1\nworkloads: [{ name: some, ${matcher} }, { name: more, podLabels: { lane: none } }]\n`;
    const nowhere = (name: string) => plain(name, 'staff').replace('namespace: lab, ', '');
    const told = toldOf(checkTexts({ a: nowhere('p'), b: nowhere('q'), c: plain('r', 'staff') }, { policy })).filter((one) =>
      one.includes('no namespace'),
    );
    expect(told).toHaveLength(remarks);
    if (remarks > 0) expect(told[0]).toContain('2 workloads name no namespace');
  });

  it('is that there was nothing to judge, said once and only where nothing else is said', () => {
    const values = checkTexts({ a: 'replicas: 3\n' });
    expect(values.remarks.length).toBeGreaterThan(0);
    const silent = 'The files contain no Kubernetes object';
    expect(toldOf(checkTexts({ a: '# nothing\n' })).filter((one) => one.includes(silent))).toHaveLength(1);
    expect(toldOf(checkTexts({ a: 'kind: [' })).filter((one) => one.includes(silent))).toEqual([]);
    expect(toldOf(checkTexts({ a: aPod() }))).toEqual([]);
  });
});

it('a file that is read for nothing says so beside what else is said of it', () => {
  const told = { weight: 'told', message: 'A file of values.' } as const;
  const evidence = { files: 1, objects: 0, workloads: [], runtimeClasses: [], namespaces: [], remarks: [told] };
  const { remarks } = checkManifests(evidence, { policy: DEFAULT_POLICY, rules: RULES, isNamespaceGiven: true, now: new Date(0) });
  expect(remarks.map(({ weight }) => weight)).toEqual(['told', 'gap']);
});

it('only the labels of a namespace are reported once: what another rule cannot judge is reported separately', () => {
  const rule = RULES.find(({ id }) => id === 'sandboxed-pod-privileged') ?? expect.unreachable();
  const unsure = { ...rule, run: () => ({ ruleId: rule.id, state: 'error', message: 'Odd.' }) as const };
  const reader = new ManifestReader('lab');
  reader.add({ name: 'a', text: aPod(), named: true, patch: false });
  const policy = { ...DEFAULT_POLICY, workloads: [{ name: 'lab', namespaceLabels: { tier: 'lab' } }] };
  const { remarks } = checkManifests(reader.evidence(), { policy, rules: [unsure], isNamespaceGiven: true, now: new Date(0) });
  expect(remarks.map(({ weight, message }) => [weight, message])).toContainEqual(['not-judged', 'The rule failed: Odd.']);
});

it('a finding says how the file is fixed, by its own rule, and gives no command for a cluster', () => {
  const { findings } = checkTexts({ a: aPod('  hostPID: true\n'), b: CLASS('kata-vm-isolation', 'runc') });
  expect(findings.map(({ finding }) => finding.ruleId)).toEqual(['runtime-class-handler', 'workload-sandboxed']);
  for (const { finding } of findings) {
    const rule = RULES.find(({ id }) => id === finding.ruleId);
    expect([finding.remediation, finding.commands]).toEqual([rule?.remediation, []]);
  }
});

describe('the objects of a cluster', () => {
  it('are judged once: an object with its controller in the input is judged by its controller', () => {
    const template = '{ metadata: { labels: { lane: guest } }, spec: { containers: [{ name: c, image: i }] } }';
    const owned = (kind: string, name: string) =>
      `metadata: { name: x, namespace: lab, ownerReferences: [{ kind: ${kind}, name: ${name}, controller: true }] }`;
    const cronJob = `apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: nightly, namespace: lab }\nspec: { jobTemplate: { spec: { template: ${template} } } }\n`;
    const job = `apiVersion: batch/v1\nkind: Job\n${owned('CronJob', 'nightly')}\nspec: { template: ${template} }\n`;
    expect(foundIn(checkTexts({ a: cronJob, b: job }))).toEqual(['workload-sandboxed a:4']);
    expect(foundIn(checkTexts({ b: job }))).toEqual(['workload-sandboxed b:4']);
  });
});
