import { describe, expect, it } from 'vitest';
import type { AzResult } from '../../scripts/deployment/az.ts';
import { parseValues } from '../../scripts/deployment/azd.ts';
import { readEnvironment } from '../../scripts/deployment/environment.ts';
import { removeFrom, removeShared } from '../../scripts/deployment/remove.ts';
import { ENVIRONMENT } from './environment.ts';

const HOME = ENVIRONMENT.AZURE_SUBSCRIPTION_ID;
const OTHER = '33333333-3333-4333-8333-333333333333';
const TOKEN = ENVIRONMENT.KATAUDIT_DEPLOYMENT_TOKEN;
const ROLE = '99999999-9999-4999-8999-999999999999';
const environment = readEnvironment(ENVIRONMENT);

const authorization = (subscription: string) => `/subscriptions/${subscription}/providers/Microsoft.Authorization`;
const topic = (group: string) => `/subscriptions/${OTHER}/resourceGroups/${group}/providers/Microsoft.EventGrid/systemTopics/t`;
const role = (id: string, roleName: string) => ({ id, name: id.split('/').at(-1), properties: { roleName } });

/** What lies in the subscriptions, ours and others', by id. */
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
    ...[HOME, OTHER].map(
      (id) => [`${authorization(id)}/roleAssignments/${id}`, { properties: { roleDefinitionId: `x/${ROLE.toUpperCase()}` } }] as const,
    ),
    [`${authorization(OTHER)}/roleAssignments/of-others`, { properties: { roleDefinitionId: 'x/other' } }],
  ]);
  const roles = [
    role(`${authorization(HOME)}/roleDefinitions/${ROLE}`, `Kataudit Auditor (prod, ${TOKEN})`),
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

const done = (value: unknown): AzResult => ({ code: 0, stdout: JSON.stringify(value), stderr: '' });
const refused = (stderr: string): AzResult => ({ code: 1, stdout: '', stderr });

/** Whether an id lies directly in what a list asks for; of a provider, in any group of the subscription. */
function isIn(id: string, path: string): boolean {
  const [subscription = '', type = ''] = path.split('/providers/');
  if (type.endsWith('systemTopics')) return id.startsWith(subscription) && /systemTopics\/[^/]+$/.test(id);
  const rest = id.toLowerCase().startsWith(`${path.toLowerCase()}/`) ? id.slice(path.length + 1) : undefined;
  return rest !== undefined && !rest.includes('/');
}

describe('removing a deployment', () => {
  it('leaves nothing of it in any subscription, and what is of others', async () => {
    const { state, az } = world();
    state.set('app', {});
    const lines: string[] = [];
    const there = { az, print: (line: string) => lines.push(line) };

    expect(await removeFrom(there, environment, [HOME, OTHER])).toBe(0);
    expect(await removeShared(there, environment, 'api://kataudit')).toBe(0);
    expect([...state.keys()].sort()).toEqual(
      [
        `/subscriptions/${HOME}/resourceGroups/rg-prod`,
        `/subscriptions/${OTHER}/resourceGroups/shared`,
        topic('rg-prod'),
        topic('shared'),
        `${topic('shared')}/eventSubscriptions/kataudit-zzzzzzzzzzzzz`,
        `${authorization(OTHER)}/roleAssignments/of-others`,
      ].sort(),
    );
    expect(lines).toContain('Roles: 1 removed');
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

  it('leaves the other subscriptions alone when one is taken out of scope', async () => {
    const { state, az } = world();
    await removeFrom({ az, print: () => undefined }, environment, [OTHER]);
    expect([...state.keys()].filter((id) => id.includes(HOME))).toHaveLength(2);
  });

  it('goes on after a step that is refused, names it, and ends with 1', async () => {
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
