import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import { printSnapshot } from '../../shared/domain/snapshot/snapshot-file.ts';
import { aPlainPodGroup, aSnapshot } from '../support/a-snapshot.ts';
import { type Ended, freePort, run } from '../support/command.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = resolve(ROOT, 'shared/cli/main.ts');

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-full-'));
  const groups = Array.from({ length: 200 }, (_, index) =>
    aPlainPodGroup({ ownerName: `bad-${index}`, labels: { 'kataudit.io/sandbox': 'required' } }),
  );
  await writeFile(at('snapshot.json'), printSnapshot(aSnapshot({ workloads: observed(groups) })));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * Runs `kataudit` with a limit on the size of files, in blocks of 512 bytes or more. This simulates a disk that
 * becomes full during a write, without the permission to create one.
 */
function runOnFullDisk(blocks: number, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const shell = ['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, MAIN, ...args];
  return endOf(spawn('sh', shell, { cwd: ROOT, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] }));
}

function endOf(child: ReturnType<typeof spawn>): Promise<Ended> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    err += String(chunk);
  });
  return new Promise((done) => child.once('close', (code) => done({ code, out, err })));
}

describe('a full disk', () => {
  it.each([
    ['a list of rules', ['rules']],
    ['a judged snapshot', ['evaluate', 'snapshot.json', '--format', 'json']],
    ['findings as CSV', ['evaluate', 'snapshot.json', '--format', 'csv']],
    ['findings as HTML', ['evaluate', 'snapshot.json', '--format', 'html']],
    ['a policy', ['policy', 'init']],
  ])('never leaves a partly written file for %s, keeps the previous file, and reports the error', async (_, args) => {
    const whole = args.map((arg) => (arg === 'snapshot.json' ? at(arg) : arg));
    const output = at('output');
    await writeFile(output, 'before');
    const { code, err } = await runOnFullDisk(1, [...whole, '--output', output]);

    expect({ code, err }).toEqual({ code: 2, err: `kataudit: Cannot write ${output}: EFBIG: file too large, write\n` });
    expect(await readFile(output, 'utf8')).toBe('before');
    expect((await readdir(folder)).toSorted()).toEqual(['output', 'snapshot.json']);
    await rm(output);
  });

  it('never leaves a partly written signing key', async () => {
    const { code, err } = await runOnFullDisk(0, ['key', at('key.pem')]);
    expect({ code, err }).toEqual({ code: 2, err: `kataudit: Cannot write the key ${at('key.pem')}: EFBIG: file too large, write\n` });
    expect(await readdir(folder)).toEqual(['snapshot.json']);
  });

  it.runIf(process.platform === 'linux').each([
    ['lines', ['rules']],
    ['a document', ['evaluate', 'snapshot.json', '--format', 'csv']],
    ['a text', ['policy', 'init']],
  ])('behind standard output is reported when %s cannot be written there', async (_, args) => {
    const full = openSync('/dev/full', 'w');
    const whole = args.map((arg) => (arg === 'snapshot.json' ? at(arg) : arg));
    const { code, err } = await endOf(spawn(process.execPath, [MAIN, ...whole], { cwd: ROOT, stdio: ['ignore', full, 'pipe'] }));
    closeSync(full);
    expect({ code, err }).toEqual({ code: 2, err: 'kataudit: Cannot write to standard output: ENOSPC: no space left on device, write\n' });
  });

  it('for the state of local mode ends it with one clear sentence, and the next run with free space works', async () => {
    const data = at('data');
    const serve = ['serve', '--once', '--no-auth', '--data', data, '--port', String(await freePort())];
    // The next run waits for what this one leaves hidden in the queues.
    const { code, err } = await runOnFullDisk(16, serve, { LOCAL_LEASE_SECONDS: '4' });
    expect(err).toContain(`kataudit: The local storage cannot keep its state in ${data}: EFBIG: file too large`);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);

    const again = await run(serve);
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).toMatch(/\d+ open findings in \d+ clusters/);
  }, 120_000);
});
