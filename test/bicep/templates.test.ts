import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYMENTS, evaluateTemplates, findBicep, runBicep, templateFiles } from '../../scripts/templates/evaluate.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BICEP = findBicep(process.env);
/** Seven deployments take some seconds each while other tests run. */
const LIMIT = 600_000;

/** The compiler is not on npm: `az bicep install` installs it, and `.ci/run` has it. */
describe.skipIf(BICEP === undefined)('infra/, by the Bicep compiler,', () => {
  const bicep = BICEP ?? '';
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kataudit-templates-'));
    for (const [path, text] of templateFiles(ROOT)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('compiles without errors and warnings, by the rules of bicepconfig.json', { timeout: LIMIT }, () => {
    expect(runBicep(bicep, join(folder, 'infra'), 'lint', '--pattern', '**/*.bicep')).toEqual({ stdout: '', stderr: '' });
  });

  it('is formatted', { timeout: LIMIT }, () => {
    const copy = join(folder, 'formatted');
    cpSync(join(folder, 'infra'), copy, { recursive: true });
    runBicep(bicep, copy, 'format', '--pattern', '**/*.bicep');
    for (const [path, text] of templateFiles(ROOT).filter(([path]) => /^infra\/.*\.bicep$/.test(path))) {
      expect(readFileSync(join(copy, path.replace(/^infra\//, '')), 'utf8'), path).toBe(text);
    }
  });

  it('deploys what test/infra/deployments contains', { timeout: LIMIT }, () => {
    const names = evaluateTemplates(bicep, folder);
    expect(names).toHaveLength(8);
    for (const name of names) {
      const path = join(DEPLOYMENTS, name);
      expect(JSON.parse(readFileSync(join(ROOT, path), 'utf8')), `${path} is stale: npm run templates`).toEqual(
        JSON.parse(readFileSync(join(folder, path), 'utf8')),
      );
    }
  });

  it.each([
    ['a brace is missing', 'app/identities.bicep', 'tags: tags\n}', 'tags: tags\n', /BCP018/],
    ['a parameter is unused', 'app/monitoring.bicep', 'retentionInDays: retentionDays', 'retentionInDays: 30', /no-unused-params/],
    ['a module gets an unknown parameter', 'main.bicep', 'publicAccess: !vnetEnabled', 'publicAcess: !vnetEnabled', /BCP089/],
    [
      'a name is known only during the deployment',
      'main.bicep',
      'appIdentityName: appIdentityName\n    eventIdentityName: eventIdentityName\n    support',
      'appIdentityName: identities.outputs.appPrincipalId\n    eventIdentityName: eventIdentityName\n    support',
      /what-if-short-circuiting/,
    ],
  ])('is refused when %s', { timeout: LIMIT }, (_case, path, right, wrong, expected) => {
    const file = join(folder, 'infra', path);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(right);
    writeFileSync(file, text.replace(right, wrong));
    try {
      expect(() => runBicep(bicep, join(folder, 'infra'), 'lint', path)).toThrow(expected);
    } finally {
      writeFileSync(file, text);
    }
  });
});
