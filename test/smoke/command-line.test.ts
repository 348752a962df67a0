import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallEstate } from '../faults/small-estate.ts';
import { freePort, run, start } from '../support/command.ts';

/** The child processes of a process; from `/proc`, so only on Linux. */
function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, rest = ''] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ');
        const [state, parent] = rest.split(' ');
        return Number(parent) === pid && state !== 'Z' ? [Number(name)] : [];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

function isAlive(pid: number): boolean {
  try {
    return (
      execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
        .trim()
        .startsWith('Z') === false
    );
  } catch {
    // `ps` fails when there is no such process.
    return false;
  }
}

/** Whether an app answers on a port. */
async function answers(port: string): Promise<boolean> {
  const asked = fetch(`http://127.0.0.1:${port}/api/health`);
  return asked.then(
    () => true,
    () => false,
  );
}

/** Starting everything takes two seconds on an idle machine, and other tests run at the same time. */
const SLOW_MS = 120_000;

describe('kataudit serve', { timeout: SLOW_MS }, () => {
  let folder: string;
  /** Serves a few clusters, for what does not depend on them. */
  let serve: readonly string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kataudit-serve-'));
    const estate = join(folder, 'estate.json');
    await writeFile(estate, JSON.stringify(smallEstate()));
    serve = ['serve', '--no-auth', '--estate', estate];
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('says in one sentence that its port is in use, starts nothing, and fails', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((done) => other.listen(port, '127.0.0.1', done));
    const { code, err } = await run(['serve', '--port', String(port)]);
    await new Promise((done) => other.close(done));

    expect(code).toBe(2);
    expect(err.trim()).toBe(`kataudit: Port ${port} is taken, perhaps by another kataudit: stop it or choose another with --port.`);
  });

  it('runs once, prints the findings and ends', async () => {
    const { code, out } = await run(['serve', '--once', '--no-auth', '--port', String(await freePort())]);

    expect(code).toBe(0);
    expect(out).toMatch(/\d+ open findings in \d+ clusters\./);
    expect(out).toMatch(/critical +pay-prod-neu +workload-sandboxed/);
  });

  it.runIf(process.platform === 'linux').each(['azurite-process', 'host-process'])(
    'reports that %s died, ends the others, and fails',
    async (victim) => {
      const serving = start([...serve, '--port', String(await freePort())]);
      await serving.until('Serving until Ctrl-C');
      const children = childrenOf(serving.child.pid ?? 0);
      const doomed = children.find((pid) => commandOf(pid).includes(victim)) ?? expect.unreachable();
      process.kill(doomed, 'SIGKILL');
      const { code, err } = await serving.ended;

      expect(code).toBe(2);
      expect(err).toMatch(/^kataudit: .* ended unexpectedly\.$/m);
      expect(children.filter(isAlive)).toEqual([]);
    },
  );

  it.runIf(process.platform === 'linux')('ends every child process on Ctrl-C', async () => {
    const serving = start([...serve, '--port', String(await freePort())]);
    await serving.until('Serving until Ctrl-C');
    const children = childrenOf(serving.child.pid ?? 0);
    serving.child.kill('SIGINT');
    const { code } = await serving.ended;

    expect(children.length).toBeGreaterThanOrEqual(2);
    expect(code).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
  });

  it.runIf(process.platform === 'linux').each(['Starting storage', 'Started in'])(
    'ends within seconds on Ctrl-C after it said "%s", and leaves neither a process nor a key file behind',
    async (said) => {
      const temporary = await mkdtemp(join(tmpdir(), 'kataudit-temporary-'));
      const serving = start([...serve, '--port', String(await freePort())], { TMPDIR: temporary });
      await serving.until(said);
      const children = childrenOf(serving.child.pid ?? 0);
      const interrupted = Date.now();
      serving.child.kill('SIGINT');
      const { code, err } = await serving.ended;

      expect([code, err]).toEqual([0, '']);
      expect(Date.now() - interrupted).toBeLessThan(20_000);
      expect(children.filter(isAlive)).toEqual([]);
      expect(await readdir(temporary)).toEqual([]);
      await rm(temporary, { recursive: true });
    },
  );

  it.runIf(process.platform === 'linux')('ends when the npm process that started it ends', async () => {
    const port = String(await freePort());
    const npm = spawn('npm', ['run', '--silent', 'kataudit', '--', ...serve, '--port', port], { stdio: 'ignore' });
    await expect.poll(() => answers(port), { timeout: 60_000, interval: 100 }).toBe(true);
    npm.kill('SIGTERM');
    await expect.poll(() => answers(port), { timeout: 30_000, interval: 100 }).toBe(false);
  });

  it.each([
    ['an unknown setting', { KATAUDIT_SCHEDUEL: '0 0 * * * *' }, /KATAUDIT_SCHEDUEL is not a setting/],
    ['an invalid NCRONTAB', { KATAUDIT_SCHEDULE: 'every day' }, /KATAUDIT_SCHEDULE: expected an NCRONTAB of six fields/],
    ['a malformed subscription', { KATAUDIT_SUBSCRIPTIONS: 'mine' }, /KATAUDIT_SUBSCRIPTIONS: expected subscription ids/],
  ])('refuses %s and names what it expected', async (_, environment, message) => {
    const { code, err } = await run(['serve', '--port', String(await freePort())], environment);

    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('kataudit demo', { timeout: SLOW_MS }, () => {
  it('says in one sentence that its port is in use', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((done) => other.listen(port, '127.0.0.1', done));
    const { code, err } = await run(['demo', '--port', String(port)]);
    await new Promise((done) => other.close(done));
    expect([code, err.trim()]).toEqual([2, expect.stringMatching(/^kataudit: Port \d+ is taken, .*\.$/)]);
  });
});

describe('the command line', () => {
  it.each([
    ['an unknown command', ['bogus'], /unknown command 'bogus'/],
    ['an unknown option', ['rules', '--bogus'], /unknown option/],
    ['an invalid port', ['serve', '--port', 'abc'], /--port.*'abc' is invalid\. It must be 1 to 65535/],
    ['a missing estate file', ['serve', '--estate', '/no/such/file'], /The estate cannot be read/],
    ['a missing kubeconfig', ['audit', '--kubeconfig', '/no/such/file'], /\/no\/such\/file cannot be read/],
    [
      'an unknown format',
      ['audit', '--kubeconfig', 'README.md', '--format', 'xml'],
      /--format.*'xml' is invalid\. It must be one of table, wide, json/,
    ],
    ['an unknown rule', ['rules', 'nope'], /There is no rule "nope"/],
    ['an invalid snapshot', ['evaluate', 'README.md'], /Not JSON: README\.md/],
    ['no event', ['event'], /--type and --cluster/],
  ])('reports what is wrong with %s, and exits with 2', async (_, args, message) => {
    const { code, out, err } = await run(args);

    expect(code).toBe(2);
    expect(out + err).toMatch(message);
  });

  it('reads an estate from a file and lists all its mistakes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kataudit-test-'));
    const file = join(folder, 'estate.json');
    await writeFile(file, JSON.stringify({ seed: 1, subscriptions: 'none' }));
    const { code, err } = await run(['serve', '--estate', file, '--port', String(await freePort())]);
    await rm(folder, { recursive: true });

    expect(code).toBe(2);
    expect(err).toMatch(/is not an estate/);
    expect(err).toMatch(/seed: /);
    expect(err).toMatch(/subscriptions: /);
  });
});
