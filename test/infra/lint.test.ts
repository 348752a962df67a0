import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { API_VERSIONS, KNOWN_IDS } from './lint/known.ts';
import { lint, readTexts } from './lint/tree.ts';

const TEXTS = readTexts(resolve(import.meta.dirname, '../../infra'));

/** The tree with one mistake planted: a text of one file replaced. */
async function withMistake(path: string, right: string, wrong: string): Promise<readonly string[]> {
  const text = TEXTS.get(path) ?? '';
  expect(text).toContain(right);
  const problems = await lint(new Map(TEXTS).set(path, text.replace(right, wrong)));
  return problems.map(({ file, message }) => `${file}: ${message}`);
}

describe('infra/', () => {
  it('holds Bicep files in which the lint finds nothing', async () => {
    expect([...TEXTS.keys()].filter((path) => path.endsWith('.bicep')).length).toBeGreaterThan(15);
    expect(await lint(TEXTS)).toEqual([]);
  });

  it('uses every API version and id of the checked lists, so that the lists cannot grow stale', () => {
    const all = [...TEXTS.values()].join('\n');
    expect([...API_VERSIONS.keys(), ...KNOWN_IDS.keys()].filter((known) => !all.includes(`'${known}'`))).toEqual([]);
  });

  it.each([
    ['a brace is missing', 'app/identities.bicep', 'tags: tags\n}', 'tags: tags\n', /cannot be read/],
    [
      'pages of other origins are let in',
      'app/function-app.bicep',
      'http20Enabled: true\n',
      "http20Enabled: true\n      cors: { allowedOrigins: ['*'] }\n",
      /cors lets pages of other origins/,
    ],
    ['a symbol is not declared', 'main.bicep', 'tags: tags\n}', 'tags: labels\n}', /labels is not declared/],
    ['a name in a loop is not declared', 'app/storage.bicep', 'name: queue\n', 'name: queu\n', /queu is not declared/],
    [
      'a name in a text is not declared',
      'main.bicep',
      "{environmentName}'\n  location",
      "{environmentNam}'\n  location",
      /environmentNam is not declared/,
    ],
    [
      'a lambda uses a name of another',
      'events.bicep',
      'id => startsWith(toLower(id)',
      'id => startsWith(toLower(ids)',
      /ids is not declared/,
    ],
    ['a function does not exist', 'main.bicep', 'toLower(uniqueString', 'toLowerCase(uniqueString', /toLowerCase is not a function/],
    ['a parameter is not used', 'app/alerts.bicep', 'auditIntervalHours * 2', '12', /the param auditIntervalHours is not used/],
    [
      'a resource that exists already is not used',
      'app/private-endpoints.bicep',
      'serviceId: vault.id',
      "serviceId: ''",
      /the resource vault is not used/,
    ],
    [
      'a variable is not used',
      'main.bicep',
      "'azd-env-name': environmentName }",
      "'azd-env-name': environmentName }\nvar unused = 1",
      /the var unused is not used/,
    ],
    ['a name is declared twice', 'main.bicep', 'var tags =', 'var tags = {}\nvar tags =', /tags is declared twice/],
    ['a module does not exist', 'main.bicep', "'app/access.bicep'", "'app/acess.bicep'", /acess\.bicep, which does not exist/],
    [
      'a module is given what it does not take',
      'main.bicep',
      'publicAccess: !vnetEnabled',
      'publicAcess: !vnetEnabled',
      /given publicAcess/,
    ],
    ['a module is not given what it needs', 'main.bicep', '    policy: policy\n', '', /not given policy/],
    [
      'a module deploys elsewhere and says no scope',
      'main.bicep',
      "'kataudit-storage'\n  scope: group",
      "'kataudit-storage'",
      /says no scope/,
    ],
    ['an output does not exist', 'main.bicep', 'storage.outputs.name', 'storage.outputs.nam', /has no output nam/],
    [
      'an output of a conditional module does not exist',
      'main.bicep',
      'network!.outputs.appSubnetId',
      'network!.outputs.subnetId',
      /no output subnetId/,
    ],
    [
      'a parameter is not described',
      'main.bicep',
      "@description('Days that logs are kept.')\n",
      '',
      /logRetentionDays has no @description/,
    ],
    [
      'a secret is not @secure',
      'main.bicep',
      'param alertEmail',
      "param clientSecret string\n@description('x')\nparam alertEmail",
      /clientSecret sounds like a secret/,
    ],
    [
      'a secret is given out',
      'app/storage.bicep',
      'output name string',
      "output accessKey string = ''\noutput name string",
      /output accessKey sounds like a secret/,
    ],
    ['a key is asked for', 'app/storage.bicep', '= account.name', '= listKeys(account.id).keys[0].value', /listKeys gives a key out/],
    [
      'an API version is not known',
      'app/storage.bicep',
      'storageAccounts@2023-05-01',
      'storageAccounts@2023-05-02',
      /not in the list of API versions/,
    ],
    ['a role is not known', 'app/access.bicep', 'b7e6dc6d', 'b7e6dc6e', /not in the list of known ids/],
    ['a file that is loaded does not exist', 'roles/definitions.bicep', "'permissions.json'", "'permission.json'", /does not exist/],
    [
      'an extension is not configured',
      'bicepconfig.json',
      '"microsoftGraphV1"',
      '"microsoftGraphV2"',
      /microsoftGraphV1 is not in bicepconfig/,
    ],
    ['an extension is not asked for', 'app/application.bicep', 'extension microsoftGraphV1', '', /needs the extension of Microsoft Graph/],
    ['a name hides a function', 'main.bicep', 'var tags = ', 'var environment = 1\nvar tags = ', /environment hides the function/],
    [
      'a name hides a decorator',
      'roles/assignment.bicep',
      'param reason string',
      'param description string',
      /description hides the function/,
    ],
  ] as const)('is refused when %s', async (_case, path, right, wrong, expected) => {
    expect(await withMistake(path, right, wrong)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });
});
