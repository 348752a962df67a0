import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

const MAIN = resolve(import.meta.dirname, '../../shared/cli/main.ts');
const VAULT = 'apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: { name: vault }\nhandler: kata-remote\n';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kataudit-guardrail-'));
  writeFileSync(
    join(folder, 'remote.yaml'),
    'version: 1\nworkloads: [{ name: peers, podLabels: { a: b }, acceptedHandlers: [kata-remote] }]\n',
  );
  writeFileSync(join(folder, 'nothing.yaml'), 'version: 1\nworkloads: []\n');
  writeFileSync(join(folder, 'settings.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(args: readonly string[], input = '') {
  return spawnSync(process.execPath, [MAIN, 'policy', 'guardrail', ...args], { cwd: folder, input, encoding: 'utf8' });
}

describe('kataudit policy guardrail', () => {
  it('writes a policy and its binding, from the RuntimeClasses of a cluster', () => {
    const { status, stdout, stderr } = run(['--policy', 'remote.yaml', '--classes', '-', '--enforce'], VAULT);
    const [policy, binding] = parseAllDocuments(stdout).map((one) => one.toJS());
    expect(policy.spec.variables.find(({ name }: { name: string }) => name === 'newWorkloadSandboxed').expression).toContain(
      'in ["vault"]',
    );
    expect(binding.spec).toEqual({ policyName: policy.metadata.name, validationActions: ['Deny', 'Audit'] });
    expect([status, stderr]).toEqual([0, '']);
  });

  it.each([
    [
      'no class is accepted',
      ['--policy', 'remote.yaml'],
      'No RuntimeClass has a handler that "peers" accepts (kata-remote). Give the classes of the clusters with --classes.',
    ],
    ['the policy requires nothing', ['--policy', 'nothing.yaml'], 'there is nothing to refuse'],
    ['the classes are invalid', ['--classes', 'settings.yaml'], 'There is no RuntimeClass in settings.yaml.'],
    ['the classes are missing', ['--classes', 'nowhere'], 'nowhere:1: There is no such file or folder.'],
    ['the format is invalid', ['-o', 'opa'], 'It must be one of vap, map, kyverno.'],
    ['both come from standard input', ['--policy', '-', '--classes', '-'], 'can be read only once'],
  ])('exits with 2 and one sentence when %s', (_, args, told) => {
    const { status, stdout, stderr } = run(args);
    expect(stderr).toContain(told);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([status, stdout]).toEqual([2, '']);
  });
});
