import { describe, expect, it } from 'vitest';
import {
  clusterName,
  contextName,
  groupName,
  kindName,
  namespaceName,
  objectName,
  poolName,
  subscriptionId,
  vmSize,
} from '../../../shared/domain/rule/command-words.ts';
import {
  addKataPoolCommand,
  clusterCommand,
  guardrailCommands,
  kubectlCommands,
  nodePoolCommand,
  replacementName,
  replacePoolCommands,
} from '../../../shared/domain/rule/commands.ts';
import { correctTemplate, patchTemplate } from '../../../shared/domain/rule/workload-commands.ts';
import type { Subject } from '../../../shared/domain/snapshot/subject.ts';
import { commandLine, shellWord } from '../../../shared/domain/text/shell-word.ts';
import { aCluster, aKataPool } from '../../support/a-snapshot.ts';

type Workload = Extract<Subject, { kind: 'workload' }>;

const AZURE = '--subscription 11111111-1111-4111-8111-111111111111 --resource-group rg-shop';
const LOGIN = `az aks get-credentials ${AZURE} --name shop`;
const local = aCluster({ id: 'kubeconfig:dev@kind', name: 'dev@kind' });
const cart: Workload = { kind: 'workload', namespace: 'web', ownerKind: 'Deployment', ownerName: 'cart' };
const lines = (commands: readonly { readonly run: string }[] = []) => commands.map(({ run }) => run);

describe('a word of a command line', () => {
  it.each(['', "'", '"a"', '`id`', 'a\nb', '\\', "it's", '\u2019', '\u201c', 'a\u202eb', 'a\u00a0b'])(
    'is refused when it cannot be quoted for both shells: %j',
    (word) => expect(shellWord(word)).toBeUndefined(),
  );

  it.each(['$HOME', '$(id)', '~', '*', '!!', '@a', 'a,b', 'rg (1)', '{a: b}', 'ünï', '%PATH%', '#', '; rm -rf /'])(
    'is quoted when a shell would interpret it: %j',
    (word) => expect(shellWord(word)).toBe(`'${word}'`),
  );
});

describe('a name', () => {
  const long = (length: number) => 'a'.repeat(length);
  it.each<[string, (word: string) => string | undefined, readonly string[], readonly string[]]>([
    [
      'an object',
      objectName,
      ['a', 'web-1.shop', '0', long(253)],
      ['', 'A', '-a', 'a-', 'a..b', '.a', 'a.', 'a.-b', 'a.b-', 'a_b', long(254)],
    ],
    ['a namespace', namespaceName, ['a', 'web-1', long(63)], ['', 'a.b', '-a', 'a-', 'Web', long(64)]],
    ['a kind', kindName, ['Deployment', 'A', 'V1x', `A${long(62)}`], ['', 'deployment', 'A-b', '1A', `A${long(63)}`]],
    ['a context', contextName, ['dev@kind', 'a b', 'a', long(253)], ['', '-a', ' a', long(254)]],
    ['a cluster', clusterName, ['a', 'Web_1-x', long(63)], ['', '-a', 'a-', '_a', 'a_', 'a.b', long(64)]],
    ['a node pool', poolName, ['a', 'kata1', long(12)], ['', '1a', 'Kata', 'a-b', long(13)]],
    ['a resource group', groupName, ['rg', '(rg)', '_rg-1.x', 'Straße', long(90)], ['', '-rg', '.rg', 'a b', long(91)]],
    ['a machine size', vmSize, ['Standard_D4s_v5', 'a', long(80)], ['', '_a', '1a', 'a b', long(81)]],
    [
      'a subscription',
      subscriptionId,
      ['11111111-2222-4333-8444-55555555555a', '11111111-2222-4333-8444-55555555555A'],
      ['', '11111111-2222-4333-8444-5555555555', '11111111222243338444555555555555', 'g1111111-2222-4333-8444-555555555555'],
    ],
  ])('of %s is given back as it is, and nothing else', (_, named, names, others) => {
    expect(names.map(named)).toEqual(names);
    // Another line before or behind it is none of its name.
    const lined = names.flatMap((name) => [`${name}\n`, `\n${name}`, `x y\n${name}`, `${name}\nx y`]);
    expect([...others, ...lined].filter((other) => named(other) !== undefined)).toEqual([]);
  });

  it('that is none leaves no command line', () => {
    expect(commandLine(['az', undefined])).toBeUndefined();
    expect(commandLine(['a', "it's"])).toBeUndefined();
    expect(commandLine(['a', 'b c', 'd'])).toBe("a 'b c' d");
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

  it('mark the deletion and put it last', () => {
    const commands = replacePoolCommands(aCluster(), aKataPool(), ['kata1', 'kata12']);
    expect(commands.map(({ run, deletes }) => [run.split(' ')[3], deletes])).toEqual([
      ['add', false],
      ['delete', true],
    ]);
  });

  it.each([
    ['a cluster that Azure does not know', aCluster({ id: 'kubeconfig:shop' }), 'kata1'],
    ['a pool with an invalid name', aCluster(), '--all'],
    ['a cluster whose name is an option', aCluster({ name: '-o' }), 'kata1'],
    ['a resource group with a line feed', aCluster({ resourceGroup: 'rg\nrm' }), 'kata1'],
    ['a resource group that is an option', aCluster({ resourceGroup: '--debug' }), 'kata1'],
    ['an invalid subscription', aCluster({ subscriptionId: '$(id)' }), 'kata1'],
  ])('are none for %s', (_, cluster, pool) => {
    expect(nodePoolCommand(cluster, pool, 'show')).toEqual([]);
    expect(replacePoolCommands(cluster, aKataPool({ name: pool }), [])).toEqual([]);
  });

  it.each([
    ['kata', [], 'kata2'],
    ['kata', ['kata2', 'kata3'], 'kata4'],
    ['twelveletter', [], 'twelvelett2'],
  ])('name the pool that replaces %s when %j exist', (name, taken, expected) => {
    expect(replacementName(name, taken)).toBe(expected);
    expect(expected.length).toBeLessThanOrEqual(12);
  });

  it('name no pool by a name that is taken, not even where every number is', () => {
    const taken = Array.from({ length: 98 }, (_, at) => `kata1${at + 2}`);
    expect(replacementName('kata1', taken.slice(0, -1))).toBe('kata199');
    expect(replacementName('kata1', taken)).toBe('kata');
  });

  it('replace no pool whose machines are not known, and keep its size and count', () => {
    const { vmSize: _, ...sizeless } = aKataPool();
    expect(replacePoolCommands(aCluster(), sizeless, [])).toEqual([]);
    expect(replacePoolCommands(aCluster(), aKataPool({ vmSize: '-o' }), [])).toEqual([]);
    const { count: __, ...countless } = aKataPool();
    const countOf = (pool: Parameters<typeof replacePoolCommands>[1]) =>
      lines(replacePoolCommands(aCluster(), pool, []))[0]
        ?.split(' ')
        .at(-1);
    expect([countOf(aKataPool({ count: 7 })), countOf(countless)]).toEqual(['7', '1']);
    expect(lines(replacePoolCommands(aCluster(), aKataPool(), []))[0]).toContain(
      ' --os-sku AzureLinux --workload-runtime KataVmIsolation --node-vm-size Standard_D4s_v3 ',
    );
  });
});

describe('kubectl commands', () => {
  const cordon = { verb: 'cordon', objects: ['aks-kata1-0'] };

  it('first select their cluster, by the credentials that create the context or by an existing context', () => {
    expect(kubectlCommands(aCluster(), cordon)).toEqual([
      { run: LOGIN, deletes: false },
      { run: 'kubectl cordon --context shop -- aks-kata1-0', deletes: false, context: 'shop' },
    ]);
    expect(lines(kubectlCommands(local, cordon))).toEqual(["kubectl cordon --context 'dev@kind' -- aks-kata1-0"]);
  });

  it('mark a deletion', () => {
    const marks = ['delete', 'drain', 'get'].map((verb) => kubectlCommands(local, { verb, objects: ['nodes', 'a'] })[0]?.deletes);
    expect(marks).toEqual([true, true, false]);
  });

  it.each([
    ['a context that looks like an option', aCluster({ id: 'kubeconfig:x', name: '--server=http://x' }), cordon],
    ['a context with a quote', aCluster({ id: 'kubeconfig:x', name: "it's" }), cordon],
    ['an invalid name', local, { verb: 'cordon', objects: [undefined] }],
    ['an invalid namespace', local, { ...cordon, namespace: 'a b' }],
    ['an Azure cluster that cannot be named', aCluster({ resourceGroup: 'a;b' }), cordon],
  ])('are none for %s', (_, cluster, call) => expect(kubectlCommands(cluster, call)).toEqual([]));

  it('name their namespace and options before what they are about, in their order', () => {
    const get = { verb: 'get', namespace: 'web', options: ['--output', 'yaml'], objects: ['pods', 'a'] };
    expect(lines(kubectlCommands(aCluster(), get, cordon))).toEqual([
      LOGIN,
      'kubectl get --context shop --namespace web --output yaml -- pods a',
      'kubectl cordon --context shop -- aks-kata1-0',
    ]);
    expect(kubectlCommands(aCluster())).toEqual([]);
  });

  it('write the guardrail from the classes of the cluster, and apply it there', () => {
    const run =
      "kubectl get --context shop --output yaml -- runtimeclasses.node.k8s.io | kataudit policy guardrail --policy policy.yaml --classes - --audit 'a b' | kubectl apply --context shop --filename -";
    expect(guardrailCommands(aCluster(), '--audit', 'a b')).toEqual([
      { run: LOGIN, deletes: false },
      { run, deletes: false, context: 'shop' },
    ]);
    expect(guardrailCommands(aCluster({ id: 'kubeconfig:shop' })).map(({ run: one }) => one)).toEqual([run.replace(" --audit 'a b'", '')]);
    const others = [{ id: 'kubeconfig:x', name: '-o' }, { id: 'kubeconfig:x', name: "it's" }, { resourceGroup: 'a;b' }];
    expect(others.flatMap((over) => guardrailCommands(aCluster(over)))).toEqual([]);
    expect(guardrailCommands(aCluster(), "it's")).toEqual([]);
  });

  it('are complete or empty', () => {
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
    'do not patch or edit what the API server would refuse: %j',
    (ownerKind) => {
      const owner = { ...cart, ownerKind };
      expect(patchTemplate(local, owner, change)).toEqual([]);
      expect(lines(correctTemplate(local, owner, 'Do.').commands).filter((run) => !/^kubectl get /.test(run))).toEqual([]);
      expect(correctTemplate(local, owner, 'Do.').remediation).toMatch(/^Do\. [A-Z].*\.$/);
    },
  );

  it.each(['--server=http://x', 'web\nkata', 'Cart', ''])('refuse an owner with an invalid name: %j', (ownerName) => {
    expect(patchTemplate(local, { ...cart, ownerName }, change)).toEqual([]);
    expect(correctTemplate(local, { ...cart, ownerName }, 'Do.').commands).toEqual([]);
  });

  it('keep the name of a class a string, whatever YAML would make of it', () => {
    expect(lines(patchTemplate(local, cart, { runtimeClassName: 'true' })).join()).toContain('{runtimeClassName: !!str true}');
    const read = ['kata-2.x', 'kata', '1-a', '0x1e-a', 'no', 'x\n'].map(
      (runtimeClassName) => /\{runtimeClassName: ([^}]*)\}/.exec(lines(patchTemplate(local, cart, { runtimeClassName })).join())?.[1],
    );
    expect(read).toEqual(['kata-2.x', '!!str kata', '!!str 1-a', '!!str 0x1e-a', '!!str no', undefined]);
    expect(patchTemplate(local, cart, { runtimeClassName: 'a}' })).toEqual([]);
  });

  it.each([
    ['Pod', /correct its manifest, delete the pod/, "kubectl get --context 'dev@kind' --namespace web --output yaml -- pods cart"],
    ['Job', /pod template of a Job is immutable: correct its manifest/, undefined],
    ['Node', /static pod/, undefined],
    ['Rollout', /Correct it in the definition of the Rollout/, undefined],
    ['$(id)', /Correct it in the definition of the owner/, undefined],
    ['Deployment', /^Do\.$/, "kubectl edit --context 'dev@kind' --namespace web -- deployments.apps cart"],
  ])('correct a %s in its own way', (ownerKind, words, command) => {
    const { remediation, commands } = correctTemplate(local, { ...cart, ownerKind }, 'Do.');
    expect(remediation).toMatch(words);
    expect(lines(commands)).toEqual(command === undefined ? [] : [command]);
  });

  it.each([
    ['Deployment', 'apps.kruise.io', ["kubectl edit --context 'dev@kind' --namespace web -- Deployment.apps.kruise.io cart"]],
    ['deployment', 'apps.kruise.io', []],
    ['Deployment', 'Apps', []],
  ])('open the owner %s.%s of another group by its whole name, and patch none', (ownerKind, ownerGroup, expected) => {
    const owner = { ...cart, ownerKind, ownerGroup };
    expect(lines(correctTemplate(local, owner, 'Do.').commands)).toEqual(expected);
    expect(patchTemplate(local, owner, change)).toEqual([]);
  });
});
