import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../shared/domain/access/permissions.ts';
import {
  alertProblems,
  azdProblems,
  eventProblems,
  parameterProblems,
  queueProblems,
  settingProblems,
  storeProblems,
} from './lint/agreement.ts';
import { readCode } from './lint/code.ts';
import { readDeployment } from './lint/deployment.ts';
import { kubernetesRoleProblems, roleProblems } from './lint/permissions.ts';
import { readTexts } from './lint/tree.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
const TEXTS = new Map(readTexts(resolve(ROOT, 'infra'))).set('azure.yaml', read('azure.yaml'));
const CODE = readCode(ROOT);
const GUIDE = read('docs/operate.md');
const SCRIPTS = new Map(['./infra/subscribe-events.sh', './infra/subscribe-events.ps1'].map((path) => [path, read(path)]));

/** Every disagreement between the code and a tree, with one text of a file replaced by another. */
async function problems(path?: string, right = '', wrong = ''): Promise<readonly string[]> {
  const texts = new Map(TEXTS);
  if (path !== undefined) {
    const text = TEXTS.get(path) ?? '';
    expect(text).toContain(right);
    texts.set(path, text.replace(right, wrong));
  }
  const deployment = await readDeployment(texts);
  return [
    ...settingProblems(deployment, CODE),
    ...queueProblems(deployment, CODE),
    ...storeProblems(deployment, CODE),
    ...eventProblems(deployment, CODE),
    ...parameterProblems(deployment),
    ...alertProblems(deployment, CODE, GUIDE),
    ...roleProblems(deployment, CODE),
    ...kubernetesRoleProblems(deployment, CODE),
    ...azdProblems(deployment, SCRIPTS),
  ];
}

describe('what is deployed and what the code expects', () => {
  it('agree', async () => {
    expect(await problems()).toEqual([]);
  });

  it.each([
    ['a setting is not set', 'app/function-app.bicep', '  KATAUDIT_PROBE: probe\n', '', /reads KATAUDIT_PROBE, which is not set/],
    [
      'a setting is misspelled',
      'app/function-app.bicep',
      'KATAUDIT_PROBE:',
      'KATAUDIT_PROBES:',
      /KATAUDIT_PROBES is set, which nothing reads/,
    ],
    [
      'a setting that a binding needs is not set',
      'app/function-app.bicep',
      '  KATAUDIT_SCHEDULE: schedule\n',
      '',
      /a binding needs KATAUDIT_SCHEDULE/,
    ],
    ['a storage key is set', 'app/function-app.bicep', 'AZURE_CLIENT_ID: id', 'AzureWebJobsStorage: id', /AzureWebJobsStorage is set/],
    [
      'a default differs from the setting’s',
      'main.bicep',
      "param settleSeconds string = '15'",
      "param settleSeconds string = '16'",
      /settleSeconds is not that/,
    ],
    ['a queue is missing', 'app/storage.bicep', "  'scans'\n", '', /the queue scans is not made/],
    ['a poison queue is missing', 'app/storage.bicep', "  'inventories-poison'\n", '', /inventories-poison is not made/],
    ['a table is missing', 'app/storage.bicep', "  'findings'\n", '', /the table findings is not made/],
    ['a table is left over', 'app/storage.bicep', "  'findings'\n", "  'findings'\n  'old'\n", /the table old is made and not used/],
    ['a container is missing', 'app/storage.bicep', "  'assessments'\n", '', /the container assessments is not made/],
    ['a container is left over', 'app/storage.bicep', "  'policy'\n", "  'policy'\n  'old'\n", /the container old is made and not used/],
    ['a queue is left over', 'app/storage.bicep', "  'scans'\n", "  'scans'\n  'old'\n", /the queue old is made and not used/],
    [
      'an event type is misspelled',
      'events/cluster-events.bicep',
      'NodePoolRollingFailed',
      'NodePoolRolledFailed',
      /rolledfailed are asked for and not/,
    ],
    [
      'an event type is not asked for',
      'events/subscription-events.bicep',
      "        'Microsoft.Resources.ResourceDeleteSuccess'\n",
      '',
      /deletesuccess are understood and not/,
    ],
    [
      'an operation is not on clusters',
      'events/subscription-events.bicep',
      'managedClusters/write',
      'managedCluster/write',
      /not an operation on clusters/,
    ],
    ['a parameter is given that is not there', 'main.parameters.json', '"probe"', '"probes"', /gives probes/],
    [
      'a parameter is needed and not given',
      'main.bicep',
      "param schedule string = '0 0 */6 * * *'",
      'param shedule string',
      /needs shedule/,
    ],
    [
      'azd has another default',
      'main.parameters.json',
      'KATAUDIT_VNET=false',
      'KATAUDIT_VNET=true',
      /default of vnetEnabled is true for azd/,
    ],
    ['an alert looks for a function that is not there', 'app/alerts.bicep', '"plan-audit"', '"plan-audits"', /function plan-audits/],
    [
      'an alert looks for words that are never logged',
      'app/alerts.bicep',
      '"Critical finding opened:"',
      '"Critical finding found:"',
      /never logged/,
    ],
    ['an alert is not explained', 'app/alerts.bicep', "'no-audit'", "'no-audits'", /does not say what the alert no-audits/],
    ['a Kubernetes role lacks a resource', 'kubernetes/auditor.yaml', "'nodes', ", '', /auditor.yaml does not allow .*nodes\/read/],
    [
      'a Kubernetes role allows more',
      'kubernetes/auditor.yaml',
      "'nodes', ",
      "'nodes', 'secrets', ",
      /auditor.yaml allows .*secrets\/read, the Azure role does not/,
    ],
    [
      'an Azure role allows more',
      'roles/permissions.json',
      'namespaces/read',
      'secrets/read',
      /role allows .*secrets\/read, which the code does not call/,
    ],
    [
      'an Azure role allows less',
      'roles/permissions.json',
      'namespaces/read',
      'secrets/read',
      /code needs .*namespaces\/read, which no role allows/,
    ],
    [
      'the auditor may change something',
      'roles/permissions.json',
      'managedClusters/read',
      'managedClusters/write',
      /auditor may .*write, which changes/,
    ],
    [
      'the auditor may run commands',
      'roles/permissions.json',
      'pods/read"',
      'pods/read", "Microsoft.ContainerService/managedClusters/pods/exec/action"',
      /which only a probe needs/,
    ],
    [
      'a probe lacks a Kubernetes permission',
      'kubernetes/canary-prober.yaml',
      "'pods/log'",
      "'pods/status'",
      /no Kubernetes role allows get pods\/log/,
    ],
    ['the service has another name', 'azure.yaml', '  api:', '  web:', /azd-service-name: web/],
    ['a hook does not exist', 'azure.yaml', './infra/subscribe-events.sh', './infra/subscribe.sh', /subscribe.sh does not exist/],
    [
      'the events need what the hook does not give',
      'events.bicep',
      'param clusters string',
      'param clusterIds string',
      /does not give clusterIds/,
    ],
    [
      'the hook reads what is not put out',
      'main.bicep',
      'output KATAUDIT_STORAGE_ACCOUNT',
      'output KATAUDIT_STORAGE',
      /reads KATAUDIT_STORAGE_ACCOUNT/,
    ],
  ])('are refused when %s', async (_case, path, right, wrong, expected) => {
    expect(await problems(path, right, wrong)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  it('have a scan that logs the lines which alerts look for', () => {
    expect(read('functions/scan-cluster.queue.ts')).toContain('for (const line of alarms(changes)) context.error(line);');
  });

  it('have the same app roles', async () => {
    const { appRoles } = await readDeployment(TEXTS);
    expect(appRoles).toEqual(CODE.appRoles);
  });

  it('have the container of the default policy', async () => {
    const { containers } = await readDeployment(TEXTS);
    expect(containers).toContain(CODE.defaults.get('KATAUDIT_POLICY')?.split('/')[0]);
  });

  it('have the permissions that `kataudit doctor` asks about', () => {
    const asked = PERMISSIONS.filter(({ purpose }) => purpose === 'audit').map(({ action }) => action);
    const onClusters = CODE.actions.filter((action) => action.startsWith('Microsoft.ContainerService/'));
    expect(asked.toSorted()).toEqual([...new Set([...onClusters, ...CODE.dataActions])].sort());
  });
});
