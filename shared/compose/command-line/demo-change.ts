import { setTimeout as delay } from 'node:timers/promises';
import { upgradeNodePool } from '../../local/estate/upgrade.ts';
import type { LocalRun } from '../container/local.ts';

/** Slow enough to follow, fast enough for a demonstration. */
const STEP_MS = 700;

/** The part of local mode that a demonstration changes. */
type DemoRun = Pick<LocalRun, 'apiUrl' | 'key'> & { readonly estate: Pick<LocalRun['estate'], 'estate' | 'setEstate'> };

/**
 * Upgrades a pool of the simulated estate step by step and delivers the events that AKS would emit;
 * yields one line for each step.
 */
export async function* upgradeLive(
  run: DemoRun,
  cluster: string,
  nodePool: string,
  now: Date,
  wait: (milliseconds: number) => Promise<unknown> = delay,
): AsyncGenerator<string> {
  const steps = upgradeNodePool(run.estate.estate, { cluster, nodePool, at: now });
  for (const [at, { estate, event }] of steps.entries()) {
    await run.estate.setEstate(estate);
    if (event === undefined) {
      yield `step ${at + 1} of ${steps.length}: a node was replaced`;
    } else {
      await deliver(run, event);
      yield `step ${at + 1} of ${steps.length}: Azure sent ${typeOf(event)}`;
    }
    await wait(STEP_MS);
  }
}

async function deliver({ apiUrl, key }: DemoRun, event: unknown): Promise<void> {
  const address = new URL('/runtime/webhooks/EventGrid?functionName=cluster-changed', apiUrl);
  if (key !== undefined) address.searchParams.set('code', key);
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
    body: JSON.stringify([event]),
  });
  if (!answer.ok) throw new Error(`The app rejected the event with status ${answer.status}.`);
}

function typeOf(event: unknown): string {
  const named = typeof event === 'object' && event !== null ? event : {};
  return 'eventType' in named ? String(named.eventType) : 'type' in named ? String(named.type) : 'an event';
}
