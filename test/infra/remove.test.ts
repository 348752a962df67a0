import { describe, expect, it } from 'vitest';
import type { AzResult } from '../../scripts/deployment/az.ts';
import { parseValues } from '../../scripts/deployment/azd.ts';
import { readEnvironment } from '../../scripts/deployment/environment.ts';
import { removeFrom, removeProbeRights, removePublishing, removeShared } from '../../scripts/deployment/remove.ts';
import { ENVIRONMENT } from './environment.ts';

const HOME = ENVIRONMENT.AZURE_SUBSCRIPTION_ID;
const OTHER = '33333333-3333-4333-8333-333333333333';
const TOKEN = ENVIRONMENT.KATAUDIT_DEPLOYMENT_TOKEN;
const ROLE = '99999999-9999-4999-8999-999999999999';
const PROBER = '88888888-8888-4888-8888-888888888888';
const ATTESTER = '66666666-6666-4666-8666-666666666666';
const APP = '77777777-7777-4777-8777-777777777777';
const environment = readEnvironment({ ...ENVIRONMENT, KATAUDIT_IDENTITY_PRINCIPAL_ID: APP });
const CLUSTER = `/subscriptions/${OTHER}/resourceGroups/aks/providers/Microsoft.ContainerService/managedClusters/one`;
const VAULT = `/subscriptions/${OTHER}/resourceGroups/shared/providers/Microsoft.KeyVault/vaults/kv`;

const authorization = (subscription: string) => `/subscriptions/${subscription}/providers/Microsoft.Authorization`;
const topic = (group: string) => `/subscriptions/${OTHER}/resourceGroups/${group}/providers/Microsoft.EventGrid/systemTopics/t`;
const role = (id: string, roleName: string) => ({ id, name: id.split('/').at(-1), properties: { roleName } });

const POLICY_TYPES = ['policyAssignments', 'policyDefinitions'];

/** The resources of the subscriptions, of this deployment and of others, by id. */
function world() {
  const state = new Map<string, object>([
    [topic('rg-prod'), {}],
    [topic('shared'), {}],
    ...['rg-prod', 'shared'].map((group) => [`${topic(group)}/eventSubscriptions/kataudit-${TOKEN}`, {}] as const),
    [`${topic('shared')}/eventSubscriptions/kataudit-zzzzzzzzzzzzz`, {}],
    [`/subscriptions/${OTHER}/resourceGroups/rg-prod`, { tags: { 'azd-env-name': 'prod' } }],
    [`/subscriptions/${OTHER}/resourceGroups/shared`, {}],
    [`/subscriptions/${HOME}/resourceGroups/rg-prod`, { tags: { 'azd-env-name': 'prod' } }],
    [`/subscriptions/${OTHER}/providers/Microsoft.Resources/deployments/kataudit-events-${TOKEN}`, {}],
    ...POLICY_TYPES.flatMap((type) =>
      [TOKEN, 'zzzzzzzzzzzzz'].map((token) => [`${authorization(OTHER)}/${type}/kataudit-${token}`, {}] as const),
    ),
    ...[HOME, OTHER].map((id) => [`${authorization(id)}/roleAssignments/${id}`, given(ROLE.toUpperCase(), APP)] as const),
    [`${CLUSTER}/providers/Microsoft.Authorization/roleAssignments/probes`, given(PROBER, 'the probe')],
    [`${VAULT}/providers/Microsoft.Authorization/roleAssignments/reads`, given('secrets-user', APP)],
    [`/subscriptions/${HOME}/resourceGroups/rg-prod/providers/Microsoft.Authorization/roleAssignments/of-storage`, given('blobs', APP)],
    [`${authorization(OTHER)}/roleAssignments/of-others`, given('other', 'others')],
    [`${authorization(OTHER)}/roleAssignments/attests`, given(ATTESTER, APP)],
  ]);
  const roles = [
    role(`${authorization(HOME)}/roleDefinitions/${ROLE}`, `Kataudit Auditor (prod, ${TOKEN})`),
    role(`${authorization(HOME)}/roleDefinitions/${PROBER}`, `Kataudit Exec Prober (prod, ${TOKEN})`),
    role(`${authorization(HOME)}/roleDefinitions/${ATTESTER}`, `Kataudit Attester (prod, ${TOKEN})`),
    role('/other', 'Kataudit Auditor (test, zzzzzzzzzzzzz)'),
  ];
  const calls: string[] = [];
  const az = async (words: readonly string[]): Promise<AzResult> => {
    calls.push(words.join(' '));
    if (words[0] === 'ad' && words[2] === 'show') return state.has('app') ? done('') : refused("Application doesn't exist");
    if (words[0] === 'ad') return state.delete('app') ? done('') : refused("Application doesn't exist");
    const [path = ''] = (words[words.indexOf('--uri') + 1] ?? '').split('?');
    if (words.includes('delete'))
      return state.delete(path) || roles.some(({ id }) => id === path) ? done('') : refused('ERROR: Not Found()');
    if (path.endsWith('/roleDefinitions')) return done({ value: roles });
    return done({ value: [...state].filter(([id]) => isIn(id, path)).map(([id, held]) => ({ id, name: id.split('/').at(-1), ...held })) });
  };
  return { state, calls, az };
}

const given = (role: string, principalId: string) => ({ properties: { roleDefinitionId: `x/${role}`, principalId } });
const done = (value: unknown): AzResult => ({ code: 0, stdout: JSON.stringify(value), stderr: '' });
const refused = (stderr: string): AzResult => ({ code: 1, stdout: '', stderr });

/** Whether an id is directly in the listed scope; for a provider, in any group of the subscription. */
function isIn(id: string, path: string): boolean {
  const [subscription = '', type = ''] = path.split('/providers/');
  if (type.endsWith('/roleAssignments')) return id.startsWith(`${subscription}/`) && id.includes('/roleAssignments/');
  if (type.endsWith('systemTopics')) return id.startsWith(subscription) && /systemTopics\/[^/]+$/.test(id);
  const rest = id.toLowerCase().startsWith(`${path.toLowerCase()}/`) ? id.slice(path.length + 1) : undefined;
  return rest !== undefined && !rest.includes('/');
}

describe('removing a deployment', () => {
  it('removes everything of it from every subscription, and keeps the resources of others', async () => {
    const { state, az } = world();
    state.set('app', {});
    const lines: string[] = [];
    const there = { az, print: (line: string) => lines.push(line) };

    expect(await removeFrom(there, environment, [HOME, OTHER])).toBe(0);
    expect(await removeShared(there, environment, 'api://kataudit')).toBe(0);
    expect([...state.keys()].sort()).toEqual(
      [
        `/subscriptions/${HOME}/resourceGroups/rg-prod`,
        `/subscriptions/${HOME}/resourceGroups/rg-prod/providers/Microsoft.Authorization/roleAssignments/of-storage`,
        `/subscriptions/${OTHER}/resourceGroups/shared`,
        topic('rg-prod'),
        topic('shared'),
        `${topic('shared')}/eventSubscriptions/kataudit-zzzzzzzzzzzzz`,
        `${authorization(OTHER)}/roleAssignments/of-others`,
        ...POLICY_TYPES.map((type) => `${authorization(OTHER)}/${type}/kataudit-zzzzzzzzzzzzz`),
      ].sort(),
    );
    expect(lines).toContain('Roles: 3 removed');
    expect(lines).toContain('Application: 1 removed');
  });

  it('does nothing the second time', async () => {
    const { az, calls } = world();
    const there = { az, print: () => undefined };
    await removeFrom(there, environment, [OTHER]);
    const before = calls.length;

    expect(await removeFrom(there, environment, [OTHER])).toBe(0);
    expect(calls.slice(before).filter((call) => call.includes(' delete '))).toEqual([]);
    expect(await removeShared(there, environment, 'api://kataudit')).toBe(0);
  });

  it('removes only the permissions of the probe', async () => {
    const { state, az } = world();
    const before = [...state.keys()];
    expect(await removeProbeRights({ az, print: () => undefined }, environment, [HOME, OTHER])).toBe(0);
    expect(before.filter((id) => !state.has(id))).toEqual([`${CLUSTER}/providers/Microsoft.Authorization/roleAssignments/probes`]);
  });

  it('removes only the resources of publishing', async () => {
    const { state, calls, az } = world();
    const before = [...state.keys()];
    expect(await removePublishing({ az, print: () => undefined }, environment, [HOME, OTHER])).toBe(0);
    const own = [
      `${authorization(OTHER)}/roleAssignments/attests`,
      ...POLICY_TYPES.map((type) => `${authorization(OTHER)}/${type}/kataudit-${TOKEN}`),
    ];
    expect(before.filter((id) => !state.has(id)).sort()).toEqual(own.sort());
    const roles = calls.filter((call) => call.includes(' delete ') && call.includes('/roleDefinitions/'));
    expect(roles).toHaveLength(1);
    expect(roles[0]).toContain(ATTESTER);
  });

  it('also searches the subscriptions of the probe and of the vault of secrets', () => {
    const elsewhere = readEnvironment({
      ...ENVIRONMENT,
      KATAUDIT_PROBE_SCOPES: `${CLUSTER}/namespaces/a`,
      KATAUDIT_REFERENCED_VAULT_ID: VAULT,
    });
    expect(elsewhere.rightsIn).toEqual([OTHER]);
  });

  it('does not change the other subscriptions when one is taken out of scope', async () => {
    const { state, az } = world();
    await removeFrom({ az, print: () => undefined }, environment, [OTHER]);
    expect([...state.keys()].filter((id) => id.includes(HOME))).toHaveLength(3);
  });

  it('continues after a refused step, names it, and exits with 1', async () => {
    const { az } = world();
    const lines: string[] = [];
    const denied = async (words: readonly string[]) =>
      words.join(' ').includes('roleAssignments') && words.includes('delete') ? refused('ERROR: {"message":"No right."}') : az(words);

    expect(await removeFrom({ az: denied, print: (line) => lines.push(line) }, environment, [HOME, OTHER])).toBe(1);
    expect(lines.at(-1)).toContain(`role assignments of ${HOME}; role assignments of ${OTHER}`);
    expect(lines).toContain('  event subscriptions: 2 removed');
  });
});

describe('the variables of azd', () => {
  it('are read as `azd env get-values` prints them', () => {
    expect(parseValues('A="1"\r\nB="x \\"y\\" \\\\"\n\nC=""\nnot a line')).toEqual({ A: '1', B: 'x "y" \\', C: '' });
  });
});
