import { setImmediate as turn } from 'node:timers/promises';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import type { AzureEstateOptions } from '../../../shared/azure/client/options.ts';
import type { ArmServer } from './arm-server.ts';

/** A clock that advances only when a caller sleeps. */
export function sleepingClock(start = '2026-11-23T04:00:00.000Z') {
  let now = Date.parse(start);
  const slept: number[] = [];
  return {
    clock: () => new Date(now),
    sleep: async (milliseconds: number, abortSignal: AbortSignal) => {
      abortSignal.throwIfAborted();
      slept.push(milliseconds);
      // Callers that were woken before run first: no real time passes for them either.
      await turn();
      now += milliseconds;
    },
    /** Every wait so far, milliseconds. */
    slept,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

/** Options that reach a test's own server, with a clock that only sleeping advances. */
export function reach(server: ArmServer, over: Partial<AzureEstateOptions> = {}): AzureEstateOptions {
  const { clock, sleep } = sleepingClock();
  return {
    credential: staticToken('the-token'),
    armEndpoint: server.endpoint,
    clock,
    sleep,
    random: () => 0.5,
    tlsOptions: { ca: server.ca },
    ...over,
  };
}
