import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../scripts/deployment/environment.ts';
import { parametersFor } from '../../scripts/deployment/events.ts';
import { PERMISSIONS } from '../../shared/domain/access/permissions.ts';
import {
  alertProblems,
  azdProblems,
  eventProblems,
  parameterProblems,
  queueProblems,
  settingProblems,
  signInProblems,
  storeProblems,
} from './checks/agreement.ts';
import { readCode } from './checks/code.ts';
import { readDeployment, readTexts } from './checks/deployment.ts';
import { exposureProblems } from './checks/exposure.ts';
import { kubernetesRoleProblems, roleProblems } from './checks/permissions.ts';
import { ENVIRONMENT } from './environment.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
const TEXTS = readTexts(ROOT);
const CODE = readCode(ROOT);
const GUIDE = read('docs/operate.md');
const HOOK = ['environment', 'events'].map((name) => read(`scripts/deployment/${name}.ts`)).join('\n');
const SCRIPTS = {
  scripts: Object.keys(JSON.parse(read('package.json')).scripts),
  variables: [...new Set(HOOK.match(/\b(?:AZURE|SERVICE|KATAUDIT)_[A-Z_]+\b/g))],
  given: Object.keys(parametersFor(readEnvironment(ENVIRONMENT), ENVIRONMENT.AZURE_SUBSCRIPTION_ID).parameters),
};

/** Every mismatch between the code and a tree in which one text of a file is replaced by another. */
function problems(path?: string, right = '', wrong = ''): readonly string[] {
  const texts = new Map(TEXTS);
  if (path !== undefined) {
    const text = TEXTS.get(path) ?? '';
    expect(text).toContain(right);
    texts.set(path, text.replaceAll(right, wrong));
  }
  const deployment = readDeployment(texts);
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
    ...exposureProblems(deployment),
    ...signInProblems(deployment),
  ];
}

const MAIN = 'deployments/main-defaults.snapshot.json';
const EVENTS = 'deployments/events-clusters.snapshot.json';
const PARAMETERS = 'deployments/parameters.json';

describe('the deployment and the code', () => {
  it('agree', () => {
    expect(problems()).toEqual([]);
  });

  it.each([
    ['a setting is not set', MAIN, '        "KATAUDIT_PROBE": "off",\n', '', /reads KATAUDIT_PROBE, which is not set/],
    ['a setting is misspelled', MAIN, '"KATAUDIT_PROBE"', '"KATAUDIT_PROBES"', /KATAUDIT_PROBES is set, which nothing reads/],
    [
      'a setting that a binding needs is not set',
      MAIN,
      '        "KATAUDIT_SCHEDULE": "0 0 */6 * * *",\n',
      '',
      /a binding needs KATAUDIT_SCHEDULE/,
    ],
    ['a storage key is set', MAIN, '"AZURE_CLIENT_ID"', '"AzureWebJobsStorage"', /AzureWebJobsStorage is set/],
    [
      'a default differs from the setting’s',
      MAIN,
      '"KATAUDIT_SETTLE_SECONDS": "15"',
      '"KATAUDIT_SETTLE_SECONDS": "16"',
      /KATAUDIT_SETTLE_SECONDS is 16 by default, and 15/,
    ],
    ['a queue is missing', MAIN, '/default/scans"', '/default/scan"', /the queue scans is not made/],
    ['a queue is unused', MAIN, '/default/scans"', '/default/old"', /the queue old is made and not used/],
    ['a poison queue is missing', MAIN, '/default/inventories-poison"', '/default/x"', /inventories-poison is not made/],
    ['a table is missing', MAIN, '/default/findings"', '/default/finding"', /the table findings is not made/],
    ['a table is unused', MAIN, '/default/findings"', '/default/old"', /the table old is made and not used/],
    ['a container is missing', MAIN, '/default/assessments"', '/default/x"', /the container assessments is not made/],
    ['a container is unused', MAIN, '/default/policy"', '/default/old"', /the container old is made and not used/],
    ['an event type is misspelled', EVENTS, 'NodePoolRollingFailed', 'NodePoolRolledFailed', /rolledfailed are asked for and not/],
    ['an event type is not subscribed to', EVENTS, 'ResourceDeleteSuccess', 'ResourceWriteSuccess', /deletesuccess are understood and not/],
    ['an operation is not on clusters', EVENTS, 'managedClusters/write', 'managedCluster/write', /not an operation on clusters/],
    ['a parameter is given that does not exist', 'main.parameters.json', '"probe"', '"probes"', /gives probes/],
    ['a required parameter is missing', 'main.parameters.json', '"location"', '"place"', /takes location/],
    ['a parameter has no variable', 'main.parameters.json', '"settleSeconds"', '"settle"', /takes settleSeconds/],
    [
      'the probe’s role is given to the auditor',
      'deployments/main-full.snapshot.json',
      'userAssignedIdentities/id-kataudit-probe-',
      'userAssignedIdentities/id-kataudit-',
      /gives a probe’s role to another identity/,
    ],
    [
      'canaries get a whole cluster as scope',
      'deployments/main-full.snapshot.json',
      '/namespaces/kataudit-canary/providers',
      '/providers',
      /gives canaries more than a namespace/,
    ],
    [
      'azd has another default',
      'main.parameters.json',
      'KATAUDIT_VNET=false',
      'KATAUDIT_VNET=true',
      /default of vnetEnabled is true for azd/,
    ],
    ['an alert looks for text that is never logged', MAIN, 'Critical finding opened:', 'Critical finding found:', /never logged/],
    [
      'an alert depends on the telemetry of the host',
      MAIN,
      'AppTraces | where TimeGenerated',
      'AppRequests | where TimeGenerated',
      /rests on what the/,
    ],
    ['an alert is not explained', MAIN, 'sqr-kataudit-no-audit', 'sqr-kataudit-no-audits', /does not say what the alert no-audits/],
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
    ['a hook is not a script', 'azure.yaml', 'deployment:events', 'deployment:event', /hook deployment:event is no script/],
    [
      'Windows runs something else',
      'azure.yaml',
      'pwsh, run: npm run deployment:package',
      'pwsh, run: npm test',
      /is not what Windows runs/,
    ],
    [
      'the event templates need a parameter that the hook does not pass',
      PARAMETERS,
      '"functionAppName"',
      '"siteName"',
      /does not give siteName/,
    ],
    [
      'the hook passes a parameter that the event templates do not have',
      PARAMETERS,
      '"functionAppName"',
      '"siteName"',
      /gives functionAppName, which/,
    ],
    [
      'the hook reads a variable that is not an output',
      MAIN,
      '"KATAUDIT_STORAGE_ACCOUNT"',
      '"KATAUDIT_STORAGE"',
      /reads KATAUDIT_STORAGE_ACCOUNT/,
    ],
    ['storage keys work', MAIN, '"allowSharedKeyAccess": false', '"allowSharedKeyAccess": true', /has allowSharedKeyAccess true/],
    ['a container is public', MAIN, '"publicAccess": "None"', '"publicAccess": "Blob"', /has publicAccess "Blob"/],
    ['the app answers without TLS', MAIN, '"httpsOnly": true', '"httpsOnly": false', /has httpsOnly false/],
    ['publishing passwords work', MAIN, '"allow": false', '"allow": true', /has allow true/],
    ['other origins are allowed', MAIN, '"http20Enabled": true', '"http20Enabled": true, "cors": {}', /lets pages of other origins/],
    [
      'the storage account stays open although there is a network',
      'deployments/main-full.snapshot.json',
      '"publicNetworkAccess": "Disabled"',
      '"publicNetworkAccess": "Enabled"',
      /main-full: .* answers on the internet/,
    ],
    ['a name is one that Azure refuses', MAIN, '"name": "st', '"name": "st-', /may not be named st-/],
    [
      'a global topic has an identity',
      EVENTS,
      '"location": "global",',
      '"location": "global", "identity": { "type": "UserAssigned" },',
      /is global and has an identity/,
    ],
    ['an event subscription has the same name everywhere', EVENTS, 'kataudit-abcdefghijklm"', 'kataudit"', /does not carry the token/],
    ['an unknown role is assigned', MAIN, 'b7e6dc6d-', 'b7e6dc6e-', /which nobody checked/],
    [
      'people get access to all blobs',
      'deployments/main-full.snapshot.json',
      '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
      'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
      /gives people the whole account/,
    ],
    ['sign-in is set but not configured', MAIN, '/authsettingsV2"', '/other"', /the platform does otherwise/],
    ['sign-in admits everyone', MAIN, '"requireAuthentication": true', '"requireAuthentication": false', /and requireAuthentication false/],
    ['sign-in blocks the webhook', MAIN, '/runtime/webhooks/', '/runtime/', /stands before the webhook/],
    ['a role has the same name in every environment', MAIN, 'Kataudit Auditor (prod, ', 'Kataudit Auditor (', /does not carry the token/],
  ])('are refused when %s', (_case, path, right, wrong, expected) => {
    expect(problems(path, right, wrong)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  it('have a scan that logs the lines that alerts look for', () => {
    expect(read('functions/scan-cluster.queue.ts')).toContain('for (const line of criticalLines(changes)) context.error(line);');
  });

  it('have the same app roles', () => {
    const { appRoles } = readDeployment(TEXTS);
    expect(appRoles).toEqual(CODE.appRoles);
  });

  it('have the container of the default policy', () => {
    const { containers } = readDeployment(TEXTS);
    expect(containers).toContain(CODE.defaults.get('KATAUDIT_POLICY')?.split('/')[0]);
  });

  it('have the permissions that `kataudit doctor` checks', () => {
    const asked = PERMISSIONS.filter(({ purpose }) => purpose === 'audit' || purpose === 'volumes' || purpose === 'templates').map(
      ({ action }) => action,
    );
    const onClusters = CODE.actions.filter((action) => action.startsWith('Microsoft.ContainerService/'));
    expect(asked.toSorted()).toEqual([...new Set([...onClusters, ...CODE.dataActions])].sort());
  });
});
