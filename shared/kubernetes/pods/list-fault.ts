import { Fault } from '../../domain/snapshot/fault.ts';
import type { Answer } from '../client/http-client.ts';
import { parseStatus } from '../wire/list-page.ts';
import { oneLine } from '../wire/one-line.ts';
import type { Resource } from '../wire/resources.ts';

/** The server no longer has the version of the list: the list must be restarted. */
export class ListExpired extends Fault {
  constructor(plural: string) {
    super('expired', `The list of ${plural} expired while it was read (410).`);
  }
}

/** Converts a response without a list into a `Fault`. */
export function refusal<T>({ status, body }: Answer, { plural, dataAction }: Resource<T>): Fault {
  if (status === 410) return new ListExpired(plural);
  const said = oneLine(parseStatus(body.bytes)?.message ?? '');
  const detail = said === '' ? '.' : `: ${said}.`;
  if (status === 401) return new Fault('unauthenticated', `The API server does not accept the credentials${detail}`);
  if (status === 403) {
    const needed = `the identity lacks the verb "list" on ${plural} (with Azure RBAC: the data action ${dataAction})`;
    return new Fault('denied', `Cannot list ${plural}: ${needed}${detail}`);
  }
  if (status === 404) return new Fault('not-found', `The API server has no ${plural}${detail}`);
  if (status === 429) return new Fault('throttled', `The API server kept throttling the list of ${plural} (429)${detail}`);
  if (status >= 500) return new Fault('unreachable', `The API server failed to list ${plural} (${status})${detail}`);
  if (status === 409) return new Fault('conflict', `The API server temporarily refused the list of ${plural} (409)${detail}`);
  return new Fault('unsupported', `The API server answered the list of ${plural} with status ${status}${detail}`);
}
