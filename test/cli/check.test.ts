import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPod } from '../support/check-texts.ts';

const MAIN = resolve(import.meta.dirname, '../../shared/cli/main.ts');
const POLICY = 'version: 1\nworkloads:\n  - { name: guest lanes, podLabels: { lane: guest } }\n';
const OUTSIDE = aPod().replace(/.*runtimeClassName.*\n/, '');

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kataudit-check-'));
  const files = {
    'policy.yaml': POLICY,
    'k8s/outside.yaml': OUTSIDE,
    'k8s/fine.yaml': aPod(),
    'k8s/odd name, 100%#ü.yaml': aPod('  hostPID: true\n'),
    'k8s/kustomization.yaml': 'kind: Kustomization\npatches: [{ path: patches/net.yaml }]\n',
    'k8s/patches/net.yaml': aPod('  hostNetwork: true\n'),
    'broken/cut.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: { name: "x',
    'nothing/values.yaml': 'a: b\n',
    'low/limit.yaml': aPod().replace(/, resources: \{.*\}\} \}\]|, resources: \{ limits: \{ memory: 64Mi \} \}/, ''),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  symlinkSync('..', join(folder, 'k8s/loop'));
  symlinkSync('self.yaml', join(folder, 'broken/self.yaml'));
  symlinkSync('outside.yaml', join(folder, 'k8s/again.yaml'));
  mkdirSync(join(folder, 'pipes/folder.yaml'), { recursive: true });
  writeFileSync(join(folder, 'pipes/folder.yaml/outside.yaml'), OUTSIDE);
  execFileSync('mkfifo', [join(folder, 'pipes/fifo.yaml')]);
  writeFileSync(Buffer.concat([Buffer.from(join(folder, 'pipes/')), Buffer.from([0xff]), Buffer.from('.yaml')]), OUTSIDE);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command as a user does, in the folder of the files. */
function check(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'check', ...args], { cwd: folder, input, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const withPolicy = (...args: readonly string[]) => check(['--policy', 'policy.yaml', ...args]);

describe('kataudit check', () => {
  it('finds every manifest of a folder, each file once, and no patch', () => {
    const { status, stdout, stderr } = withPolicy('k8s', 'k8s/outside.yaml', '-o', 'json');
    const { findings, files } = JSON.parse(stdout);
    expect(findings.map(({ ruleId, file, line }: Record<string, unknown>) => [ruleId, file, line])).toEqual([
      ['sandboxed-pod-host-namespaces', 'k8s/odd name, 100%#ü.yaml', 7],
      ['workload-sandboxed', 'k8s/outside.yaml', 4],
    ]);
    expect([status, files, stderr]).toEqual([1, 5, '']);
  });

  it('prints a table with file and line of each finding', () => {
    const { status, stdout } = withPolicy('k8s');
    expect(stdout).toContain('critical  workload-sandboxed             k8s/outside.yaml:4:1');
    expect(stdout).toMatch(/\n2 findings: 3 pod templates of 3 objects in 5 files\.\n$/);
    expect(status).toBe(1);
  });

  it('annotates the lines of a pull request', () => {
    const { stdout } = withPolicy('k8s', '--format', 'github');
    expect(stdout).toContain('::error file=k8s/outside.yaml,line=4,col=1,title=Kataudit critical%3A workload-sandboxed::Pod lab/p: ');
    expect(stdout).toContain('::error file=k8s/odd name%2C 100%25#ü.yaml,line=7,col=3,title=');
  });

  it('reads standard input, with the given namespace', () => {
    const policy = ['--policy', 'policy.yaml', '-n', 'tenant'];
    const { status, stdout } = check(['-', ...policy], OUTSIDE.replace('namespace: lab, ', ''));
    expect(stdout).toContain('stdin:4:1');
    expect(stdout).toContain('Pod tenant/p');
    expect(status).toBe(1);
  });

  it('reads a folder whose name ends in .yaml, and does not wait for standard input', () => {
    const { status, stdout, stderr } = withPolicy('pipes', '-o', 'json');
    expect(JSON.parse(stdout).findings).toMatchObject([{ file: 'pipes/folder.yaml/outside.yaml' }]);
    expect(stderr).toContain('pipes/fifo.yaml:1:1: It is a pipe, a socket or a device');
    expect(stderr).toContain('pipes/\uFFFD.yaml:1:1: Its name is not UTF-8: rename it.');
    expect(status).toBe(1);
  });

  it.each<[string, readonly string[], number, string]>([
    ['there is no finding', ['k8s/fine.yaml'], 0, ''],
    ['a finding is below --fail-on', ['low', '--fail-on', 'high'], 0, ''],
    ['a finding is at --fail-on', ['low', '--fail-on', 'LOW'], 1, ''],
    ['a file is truncated', ['broken', 'k8s/fine.yaml'], 2, 'broken/cut.yaml:3:'],
    ['a link points to itself', ['broken', 'k8s/fine.yaml'], 2, 'broken/self.yaml:1:1: It is a link that leads back to itself.'],
    ['a path is missing', ['nowhere', 'k8s/fine.yaml'], 2, 'nowhere:1:1: There is no such file or folder.'],
    ['a path is missing and there is a finding', ['nowhere', 'k8s'], 1, 'nowhere:1:1: There is no such file or folder.'],
    ['there is no object', ['nothing'], 0, 'The files contain no Kubernetes object'],
    ['there is no object, strictly', ['nothing', '--strict'], 2, 'The files contain no Kubernetes object'],
    ['there is no path', [], 2, "missing required argument 'paths'"],
    ['the format is invalid', ['k8s', '-o', 'xml'], 2, 'It must be one of table, sarif, github, markdown, json.'],
    ['the severity is invalid', ['k8s', '--fail-on', 'bad'], 2, 'It must be one of critical, high'],
    ['policy and manifests both come from standard input', ['-', '--policy', '-'], 2, 'Standard input ("-") can be read only once'],
    ['the namespace is invalid', ['k8s', '-n', 'A B'], 2, '--namespace must be the name of a namespace, not "A B"'],
    ['an option is unknown', ['k8s', '--nope'], 2, "unknown option '--nope'"],
  ])('exits with the right code and message when %s', (_, args, code, told) => {
    const { status, stderr } = withPolicy(...args);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(told === '' ? stderr === '' : stderr.includes(told), stderr).toBe(true);
    expect(status).toBe(code);
  });

  it('fails for a namespace that is not in the files only with --strict, and reports it once', () => {
    const text = `${aPod('', 'a')}---\n${aPod('', 'b')}`;
    const [plain, strict] = [check(['-'], text), check(['-', '--strict'], text)];
    expect(plain.stderr.trim().split('\n')).toEqual([
      expect.stringContaining('labels of the namespace lab, which is not in the files, so it is unknown whether 2 workloads'),
    ]);
    expect([plain.status, strict.status]).toEqual([0, 2]);
  });

  it('refuses a policy with a mistake in one sentence', () => {
    writeFileSync(join(folder, 'bad.yaml'), 'version: 1\nworkload: []\n');
    const { status, stderr } = check(['k8s', '--policy', 'bad.yaml']);
    expect(stderr).toBe('kataudit: bad.yaml has 1 mistake:\n  - line 2: workload: there is no such key\n');
    expect(status).toBe(2);
  });
});
