import { describe, expect, it } from 'vitest';
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
    ['gvisor', 'told'],
    ['kata-qemu', 'not-judged'],
  ])('with the undefined name %s counts as %s when nothing is required', (name, weight) => {
    const checked = checkTexts({ a: NAMED(name, '  hostPID: true\n').replace('lane: guest', 'lane: staff') });
    expect(foundIn(checked)).toEqual([]);
    expect(checked.remarks.map((one) => one.weight)).toEqual([weight]);
  });

  it('is judged as a sandbox when the policy accepts its handler', () => {
    const checked = checkTexts({ a: NAMED('peers', '  hostPID: true\n'), b: CLASS('peers', 'kata-qemu-snp') }, { policy: ACCEPTS });
    expect(foundIn(checked)).toEqual(['sandboxed-pod-host-namespaces a:7']);
    expect(checked.remarks).toEqual([]);
  });
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
      expect.stringContaining('gap - 1 workload names no namespace, and the policy is about namespaces'),
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
