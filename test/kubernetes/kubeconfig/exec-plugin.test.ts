import { access, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { accessFromKubeconfig, type KubeconfigWorld } from '../../../shared/kubernetes/kubeconfig/access.ts';

const VERSION = 'client.authentication.k8s.io/v1';
const SECRET = 'eyJhbGciOiJub25lIn0.s3cr3t';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugin-'));
});
afterAll(() => rm(folder, { recursive: true }));

const credential = (status: object, apiVersion = VERSION) => JSON.stringify({ apiVersion, kind: 'ExecCredential', status });

async function open(exec: object, world: Partial<KubeconfigWorld> = {}, cluster: object = {}) {
  const path = join(folder, 'config');
  const content = stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:1', 'insecure-skip-tls-verify': true, ...cluster } }],
    users: [{ name: 'u', user: { exec: { apiVersion: VERSION, command: 'sh', ...exec } } }],
  });
  await writeFile(path, content);
  return accessFromKubeconfig(path, undefined, {
    environment: process.env,
    isTerminal: false,
    signInMs: 10_000,
    clock: () => new Date(),
    ...world,
  });
}

const soon = () => AbortSignal.timeout(15_000);
const script = (text: string) => ({ args: ['-c', text] });
const shown = async (exec: object, world?: Partial<KubeconfigWorld>) => (await open(exec, world)).credentials(false, soon());
const refusal = async (exec: object, world?: Partial<KubeconfigWorld>) =>
  shown(exec, world).then(String, (error: unknown) => String(error));

describe('an exec plugin', () => {
  test('runs once for all waiting requests, and again only when the server refused its credential or it expired', async () => {
    const count = join(folder, 'count');
    const endsAt = new Date(Date.now() + 60_000);
    let now = new Date();
    const told = credential({ token: 't', expirationTimestamp: endsAt.toISOString() });
    const one = await open(script(`echo x >> ${count}; echo '${told}'`), { clock: () => now });
    const runs = async () => (await readFile(count, 'utf8')).length / 2;
    await Promise.all([one.credentials(false, soon()), one.credentials(false, soon())]);
    await one.credentials(false, soon());
    expect(await runs()).toBe(1);
    await one.credentials(true, soon());
    expect(await runs()).toBe(2);
    now = endsAt;
    await one.credentials(false, soon());
    expect(await runs()).toBe(3);
  });

  test('returns a token, a certificate with its key, or both', async () => {
    const both = credential({ token: ` ${SECRET}\n`, clientCertificateData: 'CERT', clientKeyData: 'KEY' });
    const { headers, tls } = await shown(script(`cat <<'E'\n${both}\nE`));
    expect(headers).toEqual({ authorization: `Bearer ${SECRET}` });
    expect(tls).toMatchObject({ cert: 'CERT', key: 'KEY' });
  });

  test('gets in KUBERNETES_EXEC_INFO how it is run, and the cluster if it wants it', async () => {
    const info = join(folder, 'info');
    const told = credential({ token: 't' });
    const exec = {
      ...script(`echo "$KUBERNETES_EXEC_INFO" > ${info}; echo "$MINE" >> ${info}; echo '${told}'`),
      env: [{ name: 'MINE', value: 'mine' }],
    };
    await shown(exec);
    const [first = '', mine] = (await readFile(info, 'utf8')).split('\n');
    expect(JSON.parse(first)).toEqual({ apiVersion: VERSION, kind: 'ExecCredential', spec: { interactive: false } });
    expect(mine).toBe('mine');
    const access = await open({ ...exec, provideClusterInfo: true }, {}, { 'certificate-authority-data': undefined });
    await access.credentials(false, soon());
    expect(JSON.parse((await readFile(info, 'utf8')).split('\n')[0] ?? '')).toMatchObject({
      spec: { cluster: { server: 'https://127.0.0.1:1' } },
    });
  });

  test.each([
    [true, 'IfAvailable', true],
    [true, 'Never', false],
    [false, 'IfAvailable', false],
  ])('on a terminal: %s, with the interactive mode %s, may prompt: %s', async (isTerminal, interactiveMode, expected) => {
    const info = join(folder, 'mode');
    const tells = `echo "$KUBERNETES_EXEC_INFO" > ${info}; echo $$ >> ${info}; cut -d' ' -f5 /proc/$$/stat >> ${info}`;
    await shown({ ...script(`${tells}; echo '${credential({ token: 't' })}'`), interactiveMode }, { isTerminal });
    const [told = '', pid, group] = (await readFile(info, 'utf8')).split('\n');
    expect(JSON.parse(told).spec.interactive).toBe(expected);
    // In a process group of its own it could not read from the terminal.
    expect(group === pid).toBe(!expected);
  });

  test('leaves no listener on the process when it has ended', async () => {
    const listeners = () => ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
    const before = listeners();
    await shown(script(`echo '${credential({ token: 't' })}'`));
    expect(listeners()).toEqual(before);
  });

  test('is killed by a signal to this process, which others may handle', async () => {
    const begun = join(folder, 'begun');
    const heard: string[] = [];
    const hear = (signal: string) => heard.push(signal);
    process.on('SIGHUP', hear);
    const said = refusal(script(`touch ${begun}; exec sleep 900`));
    await expect
      .poll(
        () =>
          access(begun).then(
            () => true,
            () => false,
          ),
        { interval: 5 },
      )
      .toBe(true);
    process.emit('SIGHUP', 'SIGHUP');
    expect(await said).toMatch(/ended with a signal; its output is above\.$/);
    process.off('SIGHUP', hear);
    expect(heard).toEqual(['SIGHUP']);
  });

  test('with a relative path is relative to the kubeconfig', async () => {
    const path = join(folder, 'plugin.sh');
    await writeFile(path, `#!/bin/sh\necho '${credential({ token: 'beside' })}'\n`);
    await chmod(path, 0o700);
    expect((await shown({ command: './plugin.sh', args: [] })).headers).toEqual({ authorization: 'Bearer beside' });
  });

  test('that hangs is killed in time with all its child processes, and does not run again', async () => {
    const pid = join(folder, 'pid');
    const one = await open(script(`sleep 900 & echo $! >> ${pid}; wait`), { signInMs: 500 });
    const fails = () =>
      expect(one.credentials(false, soon())).rejects.toMatchObject({
        code: 'unauthenticated',
        message: expect.stringMatching(/did not sign in within 1 s and was stopped\.$/),
      });
    await fails();
    await fails();
    const pids = (await readFile(pid, 'utf8')).trim().split('\n');
    expect(pids).toHaveLength(1);
    await expect.poll(() => isGone(Number(pids[0]))).toBe(true);
  });

  test('that hangs on a terminal is killed in time', async () => {
    const pid = join(folder, 'pid-of-terminal');
    expect(await refusal(script(`echo $$ > ${pid}; exec sleep 900`), { isTerminal: true, signInMs: 500 })).toMatch(
      /did not sign in within/,
    );
    const number = Number(await readFile(pid, 'utf8'));
    await expect.poll(() => isGone(number)).toBe(true);
  });

  test('that ends before a child process which holds its output does not wait for that, and leaves it not behind', async () => {
    const pid = join(folder, 'pid-of-child');
    expect(await refusal(script(`sleep 900 & echo $! > ${pid}`), { signInMs: 500 })).toMatch(/did not sign in within/);
    const number = Number(await readFile(pid, 'utf8'));
    await expect.poll(() => isGone(number)).toBe(true);
  });

  test('that leaves a process of another session with its output does not wait for that either', async () => {
    const pid = join(folder, 'pid-of-session');
    expect(await refusal(script(`setsid sleep 900 & echo $! > ${pid}`), { signInMs: 500 })).toMatch(/did not sign in within/);
    process.kill(Number(await readFile(pid, 'utf8')), 'SIGKILL');
  });

  test('that prints without end is stopped', async () => {
    const pid = join(folder, 'pid-of-printer');
    expect(await refusal(script(`echo $$ > ${pid}; exec yes`))).toMatch(/printed more than 1048576 characters and was stopped\.$/);
    const number = Number(await readFile(pid, 'utf8'));
    await expect.poll(() => isGone(number)).toBe(true);
  });

  test('may print 1,048,576 characters, and no more', async () => {
    const told = credential({ token: 't' });
    const padded = (room: number) => script(`printf '%s%*s' '${told}' ${room - told.length} ''`);
    expect((await shown(padded(1_048_576))).headers).toEqual({ authorization: 'Bearer t' });
    expect(await refusal(padded(1_048_577))).toMatch(/printed more than 1048576 characters and was stopped\.$/);
  });

  test.each<[string, object, RegExp]>([
    ['fails', script(`echo ${SECRET}; exit 3`), /ended with exit code 3; its output is above\.$/],
    ['prints text that is not JSON', script(`echo '${SECRET}'`), /returned no ExecCredential\.$/],
    ['prints another object', script(`echo '{"kind":"Pod","token":"${SECRET}"}'`), /returned no ExecCredential\.$/],
    [
      'uses another version',
      script(`echo '${credential({ token: SECRET }, 'client.authentication.k8s.io/v1beta1')}'`),
      /returned the API version .*v1beta1 instead of .*v1\.$/,
    ],
    ['gives nothing', script(`echo '${credential({})}'`), /returned neither a token nor a certificate with its key\.$/],
    [
      'must use an unknown version',
      { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
      /uses .*v1alpha1; kubectl and Kataudit support/,
    ],
    ['must prompt, and there is no terminal', { interactiveMode: 'Always' }, /needs to prompt, but standard input is not a terminal\.$/],
    [
      'is not installed',
      { command: 'kubelogin-of-nobody', installHint: 'Get it\nfrom a shop.' },
      /is not installed\. Get it from a shop\.$/,
    ],
    ['is not installed and has an install hint', { command: '/nowhere/kubelogin' }, /is not installed\. az aks install-cli installs it\.$/],
    ['cannot be started', { command: '/dev/null' }, /cannot be started \(EACCES\)\.$/],
    ['is not installed, and nobody says how to', { command: 'signs-in-nobody' }, /is not installed\.$/],
    ['is not named', { command: '' }, /names no program \(command\)\.$/],
  ])('that %s is reported in one sentence, without its output', async (_, exec, message) => {
    const said = await refusal(exec);
    expect(said).toMatch(message);
    expect(said).toMatch(/^Fault: [^\n]*$/);
    expect(said).not.toContain(SECRET);
  });
});

async function isGone(pid: number): Promise<boolean> {
  try {
    await access(`/proc/${pid}`);
    return (await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z ');
  } catch {
    return true;
  }
}
