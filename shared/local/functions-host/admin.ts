import type { HostRequest, HostResponse } from './http-exchange.ts';
import type { FunctionLog } from './invoke.ts';
import { allows, type Keys } from './keys.ts';
import type { Timers } from './timers.ts';

const PATH = /^\/admin\/functions\/(?<name>[\w-]+)\/?$/i;

/**
 * Answers `POST /admin/functions/{name}`, by which people run a timer now on the real host too: accepted
 * at once, run meanwhile. `undefined` for any other request.
 */
export function adminRequests(timers: Timers, keys: Keys, log: FunctionLog): (request: HostRequest) => HostResponse | undefined {
  return (request) => {
    const name = PATH.exec(request.url.pathname)?.groups?.name;
    if (name === undefined || request.method !== 'POST') return undefined;
    if (!allows(keys, 'admin', request)) return { status: 401, headers: {} };
    const timer = timers.names.find((one) => one.toLowerCase() === name.toLowerCase());
    if (timer === undefined) return { status: 404, headers: {}, body: `No timer is named ${name}; locally, only timers can be run so.` };
    timers.run(timer).catch((error: unknown) => {
      log(`error ${timer}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    });
    return { status: 202, headers: {} };
  };
}
