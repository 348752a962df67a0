import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';
import type { Answer, HttpClient } from './http-client.ts';
import { type ListPage, parseListPage, parseStatus } from './wire/list-page.ts';
import type { Resource } from './wire/resources.ts';

/** Protobuf first; a server or proxy that cannot answers in JSON. Source: kubernetes.io/docs/reference/using-api/api-concepts. */
const ACCEPT = 'application/vnd.kubernetes.protobuf, application/json;q=0.5';

/** How lists are read. */
export interface ListOptions {
  readonly firstPage: number;
  readonly largestPage: number;
  /** How long one page may take. */
  readonly pageMs: number;
  /** How long the server may put us off, added up over a list. */
  readonly patienceMs: number;
  readonly pause: (milliseconds: number, abortSignal: AbortSignal) => Promise<void>;
}

/** Defaults that suit AKS. */
export const LIST_OPTIONS: ListOptions = {
  firstPage: 500,
  largestPage: 5_000,
  pageMs: 60_000,
  patienceMs: 60_000,
  pause: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal });
  },
};

/** The list's version is gone from the server's memory: it must be begun again. */
export class ListExpired extends Fault {
  constructor(plural: string) {
    super('expired', `The list of ${plural} was too old to go on (410).`);
  }
}

/**
 * Gives the pages of a list, all of one version. The next page is asked for while the caller still
 * works on this one, and never more than one is asked for at a time.
 */
export async function* listPages<T>(
  client: HttpClient,
  resource: Resource<T>,
  options: ListOptions,
  abortSignal: AbortSignal,
  parameters: Readonly<Record<string, string>> = {},
): AsyncGenerator<ListPage<T>> {
  const patience = { leftMs: options.patienceMs };
  let limit = options.firstPage;
  const ask = (next: string | undefined) => {
    const query = new URLSearchParams({ ...parameters, limit: String(limit), ...(next === undefined ? {} : { continue: next }) });
    return ask1(client, resource, `${resource.path}?${query}`, options, patience, abortSignal);
  };
  const seen = new Set<string>();
  let pending: Promise<Answer> | undefined = ask(undefined);
  while (pending !== undefined) {
    const answer: Answer = await pending;
    const page: ListPage<T> = parseListPage(answer.body, resource);
    limit = nextLimit(limit, answer, options);
    if (page.next !== undefined && seen.has(page.next)) {
      throw new Fault('malformed', `The list of ${resource.plural} goes round in a circle: the server gave one continue token twice.`);
    }
    if (page.next !== undefined) seen.add(page.next);
    pending = page.next === undefined ? undefined : ask(page.next);
    // A page that fails while the caller works must not be an unhandled rejection: it is awaited next.
    pending?.catch(() => undefined);
    yield page;
  }
}

/** Larger pages where waiting for the server's first byte outweighs reading what it sends. */
function nextLimit(limit: number, { waitedMs, tookMs }: Answer, { largestPage }: ListOptions): number {
  return waitedMs > tookMs / 2 ? Math.min(largestPage, limit * 2) : limit;
}

async function ask1<T>(
  client: HttpClient,
  resource: Resource<T>,
  path: string,
  options: ListOptions,
  patience: { leftMs: number },
  abortSignal: AbortSignal,
): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const answer = await client.get(path, ACCEPT, AbortSignal.any([abortSignal, AbortSignal.timeout(options.pageMs)]));
    if (answer.status === 200) return answer;
    const waitMs = answer.status === 429 || answer.status >= 500 ? retryAfterMs(answer, attempt) : undefined;
    if (waitMs === undefined || waitMs > patience.leftMs) throw refusal(answer, resource);
    patience.leftMs -= waitMs;
    try {
      await options.pause(waitMs, abortSignal);
    } catch (cause) {
      throw new Fault('timed-out', `The list of ${resource.plural} was put off by the API server until the time was up.`, { cause });
    }
  }
}

function retryAfterMs({ headers }: Answer, attempt: number): number {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.max(seconds * 1000, 100) : Math.min(8_000, 250 * 2 ** attempt);
}

function refusal<T>({ status, body }: Answer, { plural, dataAction }: Resource<T>): Fault {
  const said = parseStatus(body)?.message;
  const detail = said === undefined || said === '' ? '' : `: ${said}`;
  if (status === 401) return new Fault('unauthenticated', `The API server does not accept the token${detail}`);
  if (status === 403) return new Fault('denied', `Cannot list ${plural}: the identity lacks the data action ${dataAction}${detail}`);
  if (status === 404) return new Fault('not-found', `The API server has no ${plural}${detail}`);
  if (status === 410) return new ListExpired(plural);
  if (status === 429) return new Fault('throttled', `The API server kept putting off the list of ${plural} (429)${detail}`);
  if (status >= 500) return new Fault('unreachable', `The API server failed to list ${plural} (${status})${detail}`);
  return new Fault('unsupported', `The API server answered the list of ${plural} with status ${status}${detail}`);
}
