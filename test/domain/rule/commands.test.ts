import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, shellWord } from '../../../shared/domain/rule/command-words.ts';
import {
  addKataPoolCommand,
  clusterCommand,
  kubectlCommands,
  nodePoolCommand,
  replacementName,
  replacePoolCommands,
} from '../../../shared/domain/rule/commands.ts';
import { correctTemplate, patchTemplate } from '../../../shared/domain/rule/workload-commands.ts';
import type { Subject } from '../../../shared/domain/snapshot/subject.ts';
import { aCluster, aKataPool } from '../../support/a-snapshot.ts';

type Workload = Extract<Subject, { kind: 'workload' }>;

const AZURE = '--subscription 11111111-1111-4111-8111-111111111111 --resource-group rg-shop';
const LOGIN = `az aks get-credentials ${AZURE} --name shop`;
const local = aCluster({ id: 'kubeconfig:dev@kind', name: 'dev@kind' });
const cart: Workload = { kind: 'workload', namespace: 'web', ownerKind: 'Deployment', ownerName: 'cart' };
const lines = (commands: readonly { readonly run: string }[] = []) => commands.map(({ run }) => run);

describe('a word of a command line', () => {
  it.each(['', "'", '"a"', '`id`', 'a\nb', '\\', "it's", '\u2019', '\u201c', 'a\u202eb', 'a\u00a0b'])(
    'is none where no quotes keep it whole in both shells: %j',
    (word) => expect(shellWord(word)).toBeUndefined(),
  );

  it.each(['$HOME', '$(id)', '~', '*', '!!', '@a', 'a,b', 'rg (1)', '{a: b}', 'ünï', '%PATH%', '#', '; rm -rf /'])(
    'is quoted where a shell would read more than the word: %j',
    (word) => expect(shellWord(word)).toBe(`'${word}'`),
  );

  it('reads back as itself in a POSIX shell, whatever it is', () => {
    const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, (all) => {
        const safe = all.filter((word) => shellWord(word) !== undefined);
        const script = `for word in ${commandLine(safe)}; do printf '%s\\0' "$word"; done`;
        expect(safe.length === 0 ? [] : execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(safe);
      }),
      { numRuns: 40 },
    );
  });
});

describe('az commands', () => {
  it('name the cluster and the pool', () => {
    expect(lines(nodePoolCommand(aCluster(), 'kata1', 'upgrade', '--node-image-only'))).toEqual([
      `az aks nodepool upgrade ${AZURE} --cluster-name shop --name kata1 --node-image-only`,
    ]);
    expect(lines(clusterCommand(aCluster(), 'show'))).toEqual([`az aks show ${AZURE} --name shop`]);
    expect(lines(addKataPoolCommand(aCluster(), 'kata2', 'Standard_D4s_v5', 0)).join()).toMatch(/--name kata2 .*--node-count 1$/);
    expect(lines(clusterCommand(aCluster({ resourceGroup: 'Gruppe(1)' }), 'show')).join()).toContain("--resource-group 'Gruppe(1)' ");
  });

  it('mark the deletion, and put it last', () => {
    const commands = replacePoolCommands(aCluster(), aKataPool(), ['kata1', 'kata12']);
    expect(commands.map(({ run, deletes }) => [run.split(' ')[3], deletes])).toEqual([
      ['add', false],
      ['delete', true],
    ]);
  });

  it.each([
    ['a cluster that Azure does not know', local, 'kata1'],
    ['a pool whose name is none', aCluster(), '--all'],
    ['a cluster whose name is an option', aCluster({ name: '-o' }), 'kata1'],
    ['a resource group with a line feed', aCluster({ resourceGroup: 'rg\nrm' }), 'kata1'],
    ['a resource group that is an option', aCluster({ resourceGroup: '--debug' }), 'kata1'],
    ['a subscription that is none', aCluster({ subscriptionId: '$(id)' }), 'kata1'],
  ])('are none for %s', (_, cluster, pool) => {
    expect(nodePoolCommand(cluster, pool, 'show')).toEqual([]);
    expect(replacePoolCommands(cluster, aKataPool({ name: pool }), [])).toEqual([]);
  });

  it.each([
    ['kata', [], 'kata2'],
    ['kata', ['kata2', 'kata3'], 'kata4'],
    ['twelveletter', [], 'twelvelett2'],
  ])('name the pool that replaces %s beside %j', (name, taken, expected) => {
    expect(replacementName(name, taken)).toBe(expected);
    expect(expected.length).toBeLessThanOrEqual(12);
  });
});

describe('kubectl commands', () => {
  const cordon = { verb: 'cordon', objects: ['aks-kata1-0'] };

  it('name their cluster first, by the credentials that make the context or by the context that is there', () => {
    expect(kubectlCommands(aCluster(), cordon)).toEqual([
      { run: LOGIN, deletes: false },
      { run: 'kubectl cordon --context shop -- aks-kata1-0', deletes: false, context: 'shop' },
    ]);
    expect(lines(kubectlCommands(local, cordon))).toEqual(["kubectl cordon --context 'dev@kind' -- aks-kata1-0"]);
  });

  it('mark a deletion', () => {
    expect(kubectlCommands(local, { verb: 'delete', objects: ['pods', 'a'] })).toMatchObject([{ deletes: true }]);
  });

  it.each([
    ['a context that could be an option', aCluster({ id: 'kubeconfig:x', name: '--server=http://x' }), cordon],
    ['a context with a quote', aCluster({ id: 'kubeconfig:x', name: "it's" }), cordon],
    ['a name that is none', local, { verb: 'cordon', objects: [undefined] }],
    ['a namespace that is none', local, { ...cordon, namespace: 'a b' }],
    ['an Azure cluster that cannot be named', aCluster({ resourceGroup: 'a;b' }), cordon],
  ])('are none for %s', (_, cluster, call) => expect(kubectlCommands(cluster, call)).toEqual([]));

  it('are all there or none', () => {
    expect(kubectlCommands(local, cordon, { verb: 'delete', objects: ['pods', undefined] })).toEqual([]);
  });
});

describe('the commands for a pod template', () => {
  const change = { runtimeClassName: 'kata-vm-isolation' };

  it.each([
    ['Deployment', 'spec: {template: {spec: {runtimeClassName: kata-vm-isolation}}}', 'deployments.apps'],
    ['StatefulSet', 'spec: {template: {spec: {runtimeClassName: kata-vm-isolation}}}', 'statefulsets.apps'],
    ['DaemonSet', 'spec: {template: {spec: {runtimeClassName: kata-vm-isolation}}}', 'daemonsets.apps'],
    ['CronJob', 'spec: {jobTemplate: {spec: {template: {spec: {runtimeClassName: kata-vm-isolation}}}}}', 'cronjobs.batch'],
  ])('patch the template of a %s', (ownerKind, patch, resource) => {
    expect(lines(patchTemplate(local, { ...cart, ownerKind }, change))).toEqual([
      `kubectl patch --context 'dev@kind' --namespace web --patch '${patch}' -- ${resource} cart`,
    ]);
  });

  it.each(['Job', 'Pod', 'Node', 'ReplicaSet', 'Rollout', 'constructor', '--server=http://127.0.0.1:17199', '$(id)', ''])(
    'patch and edit nothing that the API server would refuse: %j',
    (ownerKind) => {
      const owner = { ...cart, ownerKind };
      expect(patchTemplate(local, owner, change)).toEqual([]);
      expect(lines(correctTemplate(local, owner, 'Do.').commands).filter((run) => !/^kubectl get /.test(run))).toEqual([]);
      expect(correctTemplate(local, owner, 'Do.').remediation).toMatch(/^Do\. [A-Z].*\.$/);
    },
  );

  it.each(['--server=http://x', 'web\nkata', 'Cart', ''])('take no owner whose name is none: %j', (ownerName) => {
    expect(patchTemplate(local, { ...cart, ownerName }, change)).toEqual([]);
    expect(correctTemplate(local, { ...cart, ownerName }, 'Do.').commands).toEqual([]);
  });

  it('keep the name of a class a text, whatever YAML would take it for', () => {
    expect(lines(patchTemplate(local, cart, { runtimeClassName: 'true' })).join()).toContain('{runtimeClassName: !!str true}');
    expect(patchTemplate(local, cart, { runtimeClassName: 'a}' })).toEqual([]);
  });
});
