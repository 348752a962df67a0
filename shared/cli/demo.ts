import { setTimeout as delay } from 'node:timers/promises';
import { upgradeLive } from '../compose/command-line/demo-change.ts';
import type { LocalRun } from '../compose/container/local.ts';
import type { Finding } from '../domain/findings/finding.ts';
import { followAudit } from './follow-audit.ts';
import { UsageError } from './frame/usage-error.ts';
import { startOrExplain } from './start-local.ts';

const CLUSTER = 'pay-prod-neu';
const NODE_POOL = 'kata';
const POLL_MS = 100;
const PATIENCE_MS = 60_000;

/** `kataudit demo`: upgrades a stale pool of the simulated estate and shows its finding resolve live; returns the exit code. */
export async function demo({ port }: { readonly port: number }): Promise<number> {
  console.log('Starting storage, the simulated estate and the functions host …');
  const run = await startOrExplain({ port, auth: false, now: new Date() });
  try {
    console.log(`The dashboard: ${run.apiUrl}/dashboard`);
    await followAudit(run, () => undefined);
    const finding = await staleImage(run);
    console.log(`\nOpen since ${finding.firstSeenAt}: ${finding.message}\n`);
    for await (const line of upgradeLive(run, CLUSTER, NODE_POOL, new Date())) console.log(line);
    const last = Date.now();
    const resolved = await untilResolved(run, finding.id);
    console.log(
      `\nResolved (${resolved.resolution}) ${((Date.now() - last) / 1000).toFixed(1)} s after the last event, by evidence: the pool was looked at again.`,
    );
    return 0;
  } finally {
    await run.stop();
  }
}

async function staleImage({ storage }: LocalRun): Promise<Finding> {
  const filter = { status: ['open'], cluster: [CLUSTER], nodePool: [NODE_POOL], rule: ['node-image-current'] } as const;
  const [finding] = (await storage.findings.list(filter, 1)).value;
  if (finding === undefined) throw new UsageError(`The audit found no stale image on ${CLUSTER}/${NODE_POOL}.`);
  return finding;
}

async function untilResolved({ storage }: LocalRun, id: string): Promise<Finding> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const finding = await storage.findings.get(id);
    if (finding?.status === 'resolved') return finding;
    await delay(POLL_MS);
  }
  throw new UsageError(`The finding ${id} did not resolve within ${PATIENCE_MS / 1000} s.`);
}
