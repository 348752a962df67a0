import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '../report.ts';
import type { BenchServer } from './access.ts';

const POLL_MS = 25;
/** Clock ticks per second in /proc/<pid>/stat; 100 on every usual Linux. */
const TICKS_PER_SECOND = 100;

/** An API server for a program that reads kubeconfigs. */
interface Target extends BenchServer {
  readonly server: string;
}

/** One run of `kubectl get pods -A -o json`, its output is discarded. Rejects if kubectl is not installed. */
export function runKubectl(kubectl: string, target: Target): Promise<Omit<Run, 'mebibytes'>> {
  return withKubeconfig(target, (config, folder) =>
    measured(kubectl, ['--kubeconfig', config, '--cache-dir', join(folder, 'cache'), 'get', 'pods', '-A', '-o', 'json'], [0]),
  );
}

/** One run of the built `kataudit audit`, as the npm package starts it. */
export function runAudit(
  program: string,
  target: Target,
  environment: Readonly<Record<string, string>> = {},
): Promise<Omit<Run, 'mebibytes'>> {
  // Exit code 1: it has findings.
  return withKubeconfig(target, (config) => measured(process.execPath, [program, 'audit', '--kubeconfig', config], [0, 1], environment));
}

async function withKubeconfig<T>(target: Target, work: (config: string, folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-program-'));
  try {
    const config = join(folder, 'config');
    await writeFile(config, kubeconfig(target));
    return await work(config, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function kubeconfig({ server, ca, token }: Target): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'bench', user: token === undefined ? {} : { token } }],
  });
}

function measured(
  program: string,
  args: readonly string[],
  fine: readonly number[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Omit<Run, 'mebibytes'>> {
  return new Promise((done, fail) => {
    const began = performance.now();
    let [peakRssMiB, cpuMs, told] = [0, 0, ''];
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...environment } });
    const poll = setInterval(() => {
      const seen = usage(child.pid ?? 0);
      peakRssMiB = Math.max(peakRssMiB, seen?.peakRssMiB ?? 0);
      cpuMs = Math.max(cpuMs, seen?.cpuMs ?? 0);
    }, POLL_MS);
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString('utf8');
    });
    child.once('error', (error) => {
      clearInterval(poll);
      fail('code' in error && error.code === 'ENOENT' ? new Error(`${program} is not installed`, { cause: error }) : error);
    });
    child.once('exit', (code) => {
      clearInterval(poll);
      if (code !== null && fine.includes(code)) done({ wallMs: performance.now() - began, cpuMs, peakRssMiB });
      else fail(new Error(`${program} failed: ${told.slice(0, 300)}`));
    });
  });
}

/** The kernel's figures for a running process. */
function usage(pid: number): { readonly peakRssMiB: number; readonly cpuMs: number } | undefined {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    return { peakRssMiB: Number(peak ?? 0) / 1024, cpuMs: (ticks * 1000) / TICKS_PER_SECOND };
  } catch (error) {
    // It ended between two measurements.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
