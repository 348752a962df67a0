import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { aPod } from '../support/check-texts.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ACTION = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'));
const [HOOK] = parse(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8'));
/** A name that would end its table cell, load an image and mention a person. */
const HOSTILE = 'x|![a](//evil.example)@org';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kataudit-action-'));
  for (const one of ['k8s', 'fine', 'bin']) mkdirSync(join(folder, one));
  writeFileSync(join(folder, 'policy.yaml'), 'version: 1\nworkloads:\n  - { name: guest lanes, podLabels: { lane: guest } }\n');
  writeFileSync(join(folder, 'k8s/pod.yaml'), aPod('  hostPID: true\n', JSON.stringify(HOSTILE)));
  writeFileSync(join(folder, 'fine/pod.yaml'), aPod());
  writeFileSync(join(folder, 'bin/kataudit'), `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'shared/cli/main.ts')}' "$@"\n`);
  chmodSync(join(folder, 'bin/kataudit'), 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the action like the GitHub runner: each input is an environment variable with its default. */
function runAction(inputs: Readonly<Record<string, string>>) {
  const files = { GITHUB_STEP_SUMMARY: join(folder, 'summary'), GITHUB_OUTPUT: join(folder, 'output') };
  for (const file of Object.values(files)) writeFileSync(file, '');
  const given = Object.entries<{ default: string }>(ACTION.inputs).map(([name, input]) => {
    return [`INPUT_${name.toUpperCase()}`, inputs[name] ?? input.default];
  });
  const env = { ...process.env, ...files, RUNNER_TEMP: folder, ...Object.fromEntries(given) };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'shared/cli/action.ts')], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return {
    status,
    stdout,
    stderr,
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
    output: readFileSync(files.GITHUB_OUTPUT, 'utf8'),
  };
}

describe('the GitHub Action', () => {
  it('annotates, summarizes, writes SARIF and fails for a finding', () => {
    const { status, stdout, summary, output } = runAction({ paths: 'k8s\nfine\n', policy: 'policy.yaml' });
    expect(stdout).toMatch(/^::error file=k8s\/pod\.yaml,line=7,col=3,title=Kataudit high%3A sandboxed-pod-host-namespaces::/);
    expect(summary).toContain('1 finding: 2 pod templates of 2 objects in 2 files.');
    expect(summary).toContain('| high | sandboxed&#45;pod&#45;host&#45;namespaces |');
    expect(summary).not.toMatch(/!\[|@org|\/\/evil/);
    expect(output).toBe('exit-code=1\nsarif-file=kataudit.sarif\n');
    expect(JSON.parse(readFileSync(join(folder, 'kataudit.sarif'), 'utf8')).runs[0].results).toHaveLength(1);
    expect(status).toBe(1);
  });

  it.each([
    ['nothing is found', { paths: 'fine', policy: 'policy.yaml' }, 0, ''],
    ['nothing is severe enough', { paths: 'k8s', policy: 'policy.yaml', 'fail-on': 'critical' }, 0, ''],
    ['a path is missing', { paths: 'nowhere', policy: 'policy.yaml' }, 2, 'nowhere:1:1: There is no such file or folder.'],
    ['a severity is invalid', { paths: 'k8s', 'fail-on': 'bad' }, 2, 'The input fail-on must be one of critical'],
    ['a policy is missing', { paths: 'k8s', policy: 'none.yaml' }, 2, 'Cannot read none.yaml'],
    ['a namespace is not in the files, strictly', { paths: 'fine', strict: 'true' }, 2, 'which is not in the files'],
  ])('exits with the right code and message when %s', (_, inputs, code, told) => {
    const { status, stderr } = runAction(inputs);
    expect(stderr).toContain(told);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(code);
  });

  it('runs a file of the package on Node 24', () => {
    expect(ACTION.runs).toEqual({ using: 'node24', main: 'dist/shared/cli/action.js' });
    expect(readFileSync(join(ROOT, 'scripts/npm/bundle.ts'), 'utf8')).toContain("'shared/cli/action.ts'");
  });
});

describe('the pre-commit hook', () => {
  it.each([
    [['k8s/pod.yaml'], 1],
    [['fine/pod.yaml'], 0],
    [['fine/pod.yaml', 'nowhere.yaml'], 2],
  ])('exits for %j with %i', (files, code) => {
    const env = { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` };
    const [program = '', ...args] = String(HOOK.entry).split(' ');
    expect(spawnSync(program, [...args, '--policy', 'policy.yaml', ...files], { cwd: folder, env }).status).toBe(code);
    expect(HOOK).toMatchObject({ id: 'kataudit-check', require_serial: true, types_or: ['yaml', 'json'] });
  });
});
