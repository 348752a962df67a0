import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Clock } from '../../ports/clock.ts';
import { withTimeLimit } from '../../ports/time-limit.ts';
import type { Answer, HttpClient } from '../client/http-client.ts';
import { CutOff } from '../client/network-fault.ts';
import { type ListPage, parseListPage } from '../wire/list-page.ts';
import type { Resource } from '../wire/resources.ts';
import type { TakeItem } from '../wire/streamed-list.ts';
import { ListExpired, refusal } from './list-fault.ts';
import { streamList, Unstreamed, whyNotStreamed } from './stream-list.ts';

/** Protobuf first; a server or proxy without protobuf answers in JSON. Source: kubernetes.io/docs/reference/using-api/api-concepts. */
const ACCEPT = 'application/vnd.kubernetes.protobuf, application/json;q=0.5';
const ACCEPT_JSON = 'application/json';

/** How lists are read. */
export interface ListOptions {
  readonly clock: Clock;
  /**
   * Objects per page. If absent, all pods come in one stream where the server supports it; otherwise the page size grows with the round
   * trip.
   */
  readonly pageSize?: number;
  /** Time limit of one page, however slowly it arrives. */
  readonly pageMs: number;
  /** Maximum time to wait for a throttling server, in all over a list. */
  readonly patienceMs: number;
  readonly pause: (milliseconds: number, abortSignal: AbortSignal) => Promise<void>;
  /** Returns a number from 0 to below 1; spreads the retries of many readers. */
  readonly random: () => number;
}

/** Defaults that suit AKS. */
export const LIST_OPTIONS: Omit<ListOptions, 'clock'> = {
  pageMs: 120_000,
  patienceMs: 60_000,
  pause: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal });
  },
  random: Math.random,
};

/** Selects what is listed. */
export interface Selection {
  readonly fieldSelector?: string;
  /** Objects per page, overriding the options. */
  readonly limit?: number;
}

/** The lists of one API server, read page by page. */
export interface Lists {
  /**
   * Yields the pages of a list, all of one version. The next page is requested while the caller works on the current one; never more than
   * one is requested at a time.
   */
  pages<T>(resource: Resource<T>, selection: Selection, abortSignal: AbortSignal): AsyncGenerator<ListPage<T>>;
  /**
   * Passes the items of one unpaged list to `take` as its bytes arrive. Throws `Unstreamed` if the server does not stream lists or the
   * list was incomplete; the items taken so far must then be discarded.
   */
  stream<T>(resource: Resource<T>, take: TakeItem, abortSignal: AbortSignal): Promise<void>;
  /** Why the server does not stream lists; `undefined` if it does. */
  whyNotStreamed(abortSignal: AbortSignal): Promise<string | undefined>;
  /** How often the server has throttled requests so far. */
  readonly putOff: number;
}

const SMALLEST_PAGE = 500;
const LARGEST_PAGE = 5_000;
/** Pages grow by this number of objects per millisecond of round trip; from 10 ms on they have the maximum size. */
const PER_MILLISECOND = 500;
const CUTS_ENDURED = 2;
/** The factor by which a page that was too large shrinks: objects may have 1.5 MB, where 9 KB are usual. */
const SHRINK = 8;

/** Returns the lists of an API server. */
export function listsOf(client: HttpClient, options: ListOptions): Lists {
  const state = { putOff: 0 };
  return {
    stream: async (resource, take, abortSignal) => {
      if (options.pageSize !== undefined) throw new Unstreamed(`pages of ${options.pageSize} objects are configured`);
      await streamList(client, resource, take, abortSignal);
    },
    whyNotStreamed: (abortSignal) => whyNotStreamed(client, abortSignal),
    pages: (resource, selection, abortSignal) => pages(client, resource, { ...options, ...selection }, state, abortSignal),
    get putOff() {
      return state.putOff;
    },
  };
}

/** Returns every object of a list; an expired list is restarted once. */
export async function readAll<T>(lists: Lists, resource: Resource<T>, abortSignal: AbortSignal): Promise<readonly T[]> {
  return onceAgain(async () => {
    const items: T[] = [];
    for await (const page of lists.pages(resource, {}, abortSignal)) for (const item of page.items()) items.push(item);
    return items;
  });
}

/** Runs a read, and restarts it once if the list expired. */
export async function onceAgain<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ListExpired) return read();
    throw error;
  }
}

type Reading = ListOptions & Selection;
interface State {
  putOff: number;
}

async function* pages<T>(
  client: HttpClient,
  resource: Resource<T>,
  reading: Reading,
  state: State,
  abortSignal: AbortSignal,
): AsyncGenerator<ListPage<T>> {
  const left = new AbortController();
  const signal = AbortSignal.any([abortSignal, left.signal]);
  const listing = { client, resource, reading, state, patience: { leftMs: reading.patienceMs }, abortSignal: signal };
  const seen = new Set<string>();
  let most = LARGEST_PAGE;
  const ask = async (next: string | undefined): Promise<Answer> => {
    const size = Math.min(most, reading.limit ?? reading.pageSize ?? pageSizeFor(client.roundTripMs));
    try {
      return await askUntilAnswered(listing, pathOf(resource, reading, size, next));
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'too-large' || size <= 1) throw error;
      // A continue token is valid for any page size; a page with fewer objects may fit.
      most = Math.max(1, Math.floor(size / SHRINK));
      return ask(next);
    }
  };
  try {
    let pending: Promise<Answer> | undefined = ask(undefined);
    while (pending !== undefined) {
      const answer: Answer = await pending;
      const page: ListPage<T> = parseListPage(answer.body.bytes, resource);
      if (page.next !== undefined && seen.has(page.next)) throw endless(resource);
      if (page.next !== undefined) seen.add(page.next);
      pending = page.next === undefined ? undefined : ask(page.next);
      // A page that fails while the caller works must not cause an unhandled rejection; it is awaited next.
      pending?.catch(() => undefined);
      yield page;
      // The page's objects were copied out of the buffer.
      answer.body.release();
    }
  } finally {
    left.abort();
  }
}

function endless<T>({ plural }: Resource<T>): Fault {
  return new Fault('malformed', `The list of ${plural} does not end: the server returned the same continue token twice.`);
}

function pathOf<T>({ path }: Resource<T>, { fieldSelector }: Reading, limit: number, next: string | undefined): string {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(next === undefined ? {} : { continue: next }),
  });
  return `${path}?${query}`;
}

/** Small pages limit memory; with a long round trip, fewer and larger pages save waiting time. */
export function pageSizeFor(roundTripMs: number | undefined): number {
  const wanted = Math.round((roundTripMs ?? 0) * PER_MILLISECOND);
  return Math.min(LARGEST_PAGE, Math.max(SMALLEST_PAGE, wanted));
}

/** The state of one list that is being read. */
interface Listing<T> {
  readonly client: HttpClient;
  readonly resource: Resource<T>;
  readonly reading: Reading;
  readonly state: State;
  readonly patience: { leftMs: number };
  readonly abortSignal: AbortSignal;
}

async function askUntilAnswered<T>({ client, resource, reading, state, patience, abortSignal }: Listing<T>, path: string): Promise<Answer> {
  const { clock, pageMs, pause, random } = reading;
  let cuts = 0;
  for (let attempt = 0; ; attempt++) {
    const asked = await withTimeLimit(pageMs, abortSignal, (signal) => ask(client, path, acceptFor(resource), signal));
    if (!(asked instanceof CutOff) && asked.status === 200) return asked;
    if (asked instanceof CutOff && cuts++ >= CUTS_ENDURED) throw asked;
    const fault = asked instanceof CutOff ? asked : refusal(asked, resource);
    const wait = asked instanceof CutOff ? backoffMs(attempt, random) : waitOf(asked, attempt, random, clock);
    if (wait === undefined || wait > patience.leftMs) throw fault;
    patience.leftMs -= wait;
    state.putOff += fault.code === 'throttled' ? 1 : 0;
    try {
      await pause(wait, abortSignal);
    } catch (cause) {
      throw new Fault('timed-out', `The time limit passed while the API server throttled: ${fault.message}`, { cause });
    }
  }
}

function acceptFor<T>({ fromProtobuf }: Resource<T>): string {
  return fromProtobuf === undefined ? ACCEPT_JSON : ACCEPT;
}

async function ask(client: HttpClient, path: string, accept: string, abortSignal: AbortSignal): Promise<Answer | CutOff> {
  try {
    return await client.get(path, accept, abortSignal);
  } catch (error) {
    if (error instanceof CutOff) return error;
    throw error;
  }
}

/** Milliseconds to wait before a retry; `undefined` if a retry does not help. */
function waitOf({ status, headers }: Answer, attempt: number, random: () => number, clock: Clock): number | undefined {
  if (status !== 429 && status < 500) return undefined;
  const told = headers['retry-after'];
  if (told === undefined) return backoffMs(attempt, random);
  const milliseconds = /^\d+$/.test(told) ? Number(told) * 1000 : Date.parse(told) - clock().getTime();
  return Number.isNaN(milliseconds) ? backoffMs(attempt, random) : Math.max(milliseconds, 100);
}

function backoffMs(attempt: number, random: () => number): number {
  return Math.min(8_000, 250 * 2 ** attempt) * (0.5 + random() / 2);
}
