import { setTimeout as delay } from 'node:timers/promises';
import { upgradeLive } from '../compose/command-line/demo-change.ts';
import type { LocalRun } from '../compose/container/local.ts';
import type { Finding } from '../domain/findings/finding.ts';
import { followAudit } from './follow-audit.ts';
import type { Surroundings } from './frame/surroundings.ts';
import type { Terminal } from './frame/terminal.ts';
import { UsageError } from './frame/usage-error.ts';
import { interruption } from './interruption.ts';
import { startOrExplain } from './start-local.ts';

const CLUSTER = 'pay-prod-neu';
const NODE_POOL = 'kata';
const POLL_MS = 100;
const PATIENCE_MS = 60_000;
/** The exit code that shells use for a command ended by Ctrl-C. */
const INTERRUPTED = 130;

/**
 * `kataudit demo`: upgrades a stale pool of the simulated estate, shows live how its finding resolves, and returns the exit code.
 */
export async function demo({ terminal, env }: Surroundings, { port }: { readonly port: number }): Promise<number> {
  const { signal, forget } = interruption(env);
  terminal.print('Starting storage, the simulated estate and the functions host …');
  try {
    const run = await startOrExplain({ port, auth: false, now: new Date(), abortSignal: signal });
    try {
      await show(run, terminal, signal);
    } finally {
      await run.stop();
    }
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.say('Interrupted.');
    return INTERRUPTED;
  } finally {
    forget();
  }
}

async function show(run: LocalRun, { print, progress }: Terminal, abortSignal: AbortSignal): Promise<void> {
  print(`The dashboard: ${run.apiUrl}/dashboard`);
  await followAudit(run, progress, abortSignal);
  progress('');
  const finding = await staleImage(run);
  print(`\nOpen since ${finding.firstSeenAt}: ${finding.message}\n`);
  for await (const line of upgradeLive(run, CLUSTER, NODE_POOL, new Date())) print(line);
  const last = Date.now();
  const resolved = await untilResolved(run, finding.id, abortSignal);
  const seconds = ((Date.now() - last) / 1000).toFixed(1);
  print(`\nResolved (${resolved.resolution}) ${seconds} s after the last event, on evidence: the pool was scanned again.`);
}

async function staleImage({ storage }: LocalRun): Promise<Finding> {
  const filter = { status: ['open'], cluster: [CLUSTER], nodePool: [NODE_POOL], rule: ['node-image-current'] } as const;
  const [finding] = (await storage.findings.list(filter, 1)).value;
  if (finding === undefined) throw new UsageError(`The audit found no outdated image on ${CLUSTER}/${NODE_POOL}.`);
  return finding;
}

async function untilResolved({ storage }: LocalRun, id: string, abortSignal: AbortSignal): Promise<Finding> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const finding = await storage.findings.get(id);
    if (finding?.status === 'resolved') return finding;
    abortSignal.throwIfAborted();
    await delay(POLL_MS);
  }
  throw new UsageError(`Finding ${id} did not resolve within ${PATIENCE_MS / 1000} s.`);
}
