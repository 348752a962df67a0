import { describe, expect, it } from 'vitest';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { HttpClient } from '../../../shared/kubernetes/client/http-client.ts';
import { CutOff, Untrusted } from '../../../shared/kubernetes/client/network-fault.ts';
import { LIST_OPTIONS, type ListOptions, type Lists, listsOf, readAll } from '../../../shared/kubernetes/pods/list.ts';
import { Unstreamed } from '../../../shared/kubernetes/pods/stream-list.ts';
import { NAMESPACES, PODS, TEMPLATE_OWNERS } from '../../../shared/kubernetes/wire/resources.ts';
import { encodeList, encodeObject } from '../../../shared/local/estate/kubernetes/protobuf.ts';

/** An answer, by its status and content; or the error of a request that got none. */
type Reply =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly json?: unknown; readonly bytes?: Buffer }
  | Error;

/** A client that sends nothing: its answers are those of a test, and it records its requests. */
interface FakeClient extends HttpClient {
  readonly asked: { readonly path: string; readonly accept: string; readonly signal: AbortSignal }[];
  /** The paths whose answers were given back, in that order. */
  readonly released: string[];
}

/** Creates one; the path of a request and its number, from 0, decide its answer. */
function fakeClient(reply: (path: string, at: number) => Reply, pieces: readonly Buffer[] = []): FakeClient {
  const asked: FakeClient['asked'] = [];
  const released: string[] = [];
  const answer = (path: string, accept: string, signal: AbortSignal) => {
    asked.push({ path, accept, signal });
    const told = reply(path, asked.length - 1);
    if (told instanceof Error) throw told;
    const { status = 200, headers = {}, json = {}, bytes = Buffer.from(JSON.stringify(json)) } = told;
    return { status, headers, body: { bytes, release: () => void released.push(path) } };
  };
  return {
    asked,
    released,
    roundTripMs: undefined,
    get: async (path, accept, signal) => answer(path, accept, signal),
    stream: async (path, signal, take) => {
      const told = answer(path, 'stream', signal);
      if (told.status !== 200) return told;
      for (const piece of pieces) take(piece);
      return undefined;
    },
    close: () => undefined,
  };
}

/** The lists of a client that waits for nothing, and its waits in milliseconds. */
function listsOver(client: HttpClient, options: Partial<ListOptions> = {}): { readonly lists: Lists; readonly waits: readonly number[] } {
  const waits: number[] = [];
  const pause = async (milliseconds: number) => void waits.push(milliseconds);
  const lists = listsOf(client, { clock: () => new Date(0), pageMs: 5_000, patienceMs: 60_000, random: () => 1, pause, ...options });
  return { lists, waits };
}

/** A request that was given up at its time limit. */
const LATE = new Fault('timed-out', 'No answer in time.');

const running = new AbortController().signal;
const CUT = new CutOff('server', undefined);
/** A page of one namespace. */
const page = (name: string, next?: string): Reply => ({
  json: { kind: 'NamespaceList', metadata: { continue: next }, items: [{ metadata: { name } }] },
});
const DOUBLING = [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000, 8_000, 8_000];

/** Reads a list whose answers are these, the last one again and again. */
async function read(replies: readonly Reply[], options: Parameters<typeof listsOver>[1] = {}) {
  const client = fakeClient((_, at) => replies[Math.min(at, replies.length - 1)] ?? LATE);
  const { lists, waits } = listsOver(client, options);
  const names = await readAll(lists, NAMESPACES, running).then(
    (all) => all.map(({ metadata }) => metadata?.name),
    (error: unknown) => (error instanceof Fault ? error.code : error),
  );
  return { names, waits, asked: client.asked.map(({ path }) => path), putOff: lists.putOff, client };
}

describe('an answer to a list', () => {
  it.each<[number, string, number, number]>([
    [302, 'unsupported', 1, 0],
    [400, 'unsupported', 1, 0],
    [401, 'unauthenticated', 1, 0],
    [403, 'denied', 1, 0],
    [404, 'not-found', 1, 0],
    [409, 'conflict', 1, 0],
    [410, 'expired', 2, 0],
    [428, 'unsupported', 1, 0],
    [429, 'throttled', 12, 11],
    [499, 'unsupported', 1, 0],
    [500, 'unreachable', 12, 0],
    [503, 'unreachable', 12, 0],
  ])('of status %i is %s, after %i requests; how often it throttled is counted', async (status, code, requests, putOff) => {
    const { names, asked, waits, ...told } = await read([{ status }]);
    expect([names, asked.length, told.putOff]).toEqual([code, requests, putOff]);
    expect(waits).toEqual(requests > 2 ? DOUBLING : []);
  });

  it.each<[string | undefined, readonly number[], boolean]>([
    ['7', [7_000], true],
    ['0', [100], true],
    ['60', [60_000], true],
    ['61', [], false],
    ['soon', [250], true],
    ['1.5 s', [250], true],
    [undefined, [250], true],
    ['Thu, 01 Jan 1970 00:00:09 GMT', [9_000], true],
    ['Wed, 31 Dec 1969 00:00:00 GMT', [100], true],
  ])('with Retry-After: %s is waited for %j ms, up to a limit', async (told, waits, isRead) => {
    const headers = told === undefined ? {} : { 'retry-after': told };
    const seen = await read([{ status: 503, headers }, page('a')]);
    expect([seen.names, seen.waits]).toEqual([isRead ? ['a'] : 'unreachable', waits]);
  });

  it('is waited for half as long at the least, so that many readers do not come at once', async () => {
    expect((await read([{ status: 503 }, { status: 503 }, page('a')], { random: () => 0 })).waits).toEqual([125, 250]);
  });

  it('may put off all pages of a list together for no longer than the limit', async () => {
    const later = (seconds: number): Reply => ({ status: 429, headers: { 'retry-after': String(seconds) } });
    const pages = (second: number) => read([later(40), page('a', 'x'), later(second), page('b')]);
    expect(await pages(20)).toMatchObject({ names: ['a', 'b'], waits: [40_000, 20_000], putOff: 2 });
    expect(await pages(21)).toMatchObject({ names: 'throttled', waits: [40_000], putOff: 1 });
  });

  it.each<[string, readonly Reply[], unknown]>([
    ['twice', [CUT, CUT, page('a')], ['a']],
    ['three times', [CUT, CUT, CUT, page('a')], 'unreachable'],
    ['twice for each of two pages', [CUT, CUT, page('a', 'x'), CUT, CUT, page('b')], ['a', 'b']],
  ])('that is cut off %s', async (_, replies, expected) => {
    const { names, waits, putOff } = await read(replies);
    expect([names, putOff]).toEqual([expected, 0]);
    expect(waits).toEqual(Array.from({ length: waits.length }, (_, at) => 250 * (1 + (at % 2))));
  });

  it('that comes too late is not asked for again', async () => {
    expect(await read([LATE, page('a')])).toMatchObject({ names: 'timed-out', waits: [], asked: { length: 1 } });
  });

  it('is no longer waited for when the caller leaves', async () => {
    const pause = () => Promise.reject(new Error('aborted'));
    expect(await read([{ status: 429 }, page('a')], { pause })).toMatchObject({ names: 'timed-out', asked: { length: 1 } });
  });
});

describe('a list', () => {
  it('that expired is begun again once, from its first page', async () => {
    const expired: Reply = { status: 410 };
    const begun = ['/api/v1/namespaces?limit=500', '/api/v1/namespaces?limit=500&continue=x%2F1'];
    const again = await read([page('a', 'x/1'), expired, page('b', 'x/1'), page('c')]);
    expect([again.names, again.asked]).toEqual([
      ['b', 'c'],
      [...begun, ...begun],
    ]);
    expect(await read([page('a', 'x'), expired, page('b', 'x'), expired])).toMatchObject({ names: 'expired', asked: { length: 4 } });
  });

  it.each([
    ['one', [page('a', 'x'), page('b', 'x')]],
    ['an earlier one', [page('a', 'x'), page('b', 'y'), page('c', 'x')]],
  ])('that gives %s of its continue tokens again is malformed', async (_, replies) => {
    expect((await read(replies)).names).toBe('malformed');
  });

  it('whose pages are too large goes on with smaller ones, down to one object', async () => {
    const large = new Fault('too-large', 'More than fits.');
    const limits = (asked: readonly string[]) => asked.map((path) => Number(new URLSearchParams(path.split('?')[1]).get('limit')));
    const fits = await read([large, large, page('a', 'x'), page('b')], { pageSize: 100 });
    expect([fits.names, limits(fits.asked)]).toEqual([
      ['a', 'b'],
      [100, 12, 1, 1],
    ]);
    const none = await read([large], { pageSize: 100 });
    expect([none.names, limits(none.asked)]).toEqual(['too-large', [100, 12, 1]]);
    expect(limits((await read([LATE], { pageSize: 100 })).asked)).toEqual([100]);
  });

  it('asks for its next page while the caller works, for no other, and keeps the bytes of a page until then', async () => {
    const client = fakeClient((_, at) => page(`n${at}`, at < 2 ? `${at}` : undefined));
    const pages = listsOver(client).lists.pages(NAMESPACES, { fieldSelector: 'a=b', limit: 7 }, running);
    await pages.next();
    expect([client.asked.length, client.released.length]).toEqual([2, 0]);
    await pages.next();
    expect([client.asked.length, client.released]).toEqual([3, ['/api/v1/namespaces?limit=7&fieldSelector=a%3Db']]);
    expect(client.asked[2]?.signal.aborted).toBe(false);
    await pages.return(undefined);
    expect(client.asked[2]?.signal.aborted).toBe(true);
  });

  it('is given up at the time limit of a page, and when its caller leaves', async () => {
    const silent = () => {
      const client = fakeClient(() => LATE);
      const get = (_path: string, _accept: string, signal: AbortSignal) =>
        new Promise<never>((_done, fail) => {
          if (signal.aborted) fail(LATE);
          signal.addEventListener('abort', () => fail(LATE), { once: true });
        });
      return { ...client, get };
    };
    await expect(readAll(listsOver(silent(), { pageMs: 5 }).lists, NAMESPACES, running)).rejects.toBe(LATE);
    await expect(readAll(listsOver(silent()).lists, NAMESPACES, AbortSignal.timeout(5))).rejects.toBe(LATE);
  });

  it('waits by the clock unless its caller leaves', async () => {
    await LIST_OPTIONS.pause(1, running);
    await expect(LIST_OPTIONS.pause(60_000, AbortSignal.abort())).rejects.toThrow();
  });

  it('gives the page that came, and only then the fault of the next one', async () => {
    const client = fakeClient((_, at) => (at === 0 ? page('a', 'x') : { status: 403 }));
    const pages = listsOver(client).lists.pages(NAMESPACES, {}, running);
    expect((await pages.next()).done).toBe(false);
    await new Promise(setImmediate);
    await expect(pages.next()).rejects.toMatchObject({ code: 'denied' });
  });

  it.each([
    [PODS, 'application/vnd.kubernetes.protobuf, application/json;q=0.5'],
    [TEMPLATE_OWNERS.Deployment, 'application/json'],
  ])('is asked for in an encoding that can be read', async (resource, accept) => {
    const client = fakeClient(() => ({ json: { kind: resource.listKind, items: [] } }));
    await listsOver(client).lists.pages<unknown>(resource, {}, running).next();
    expect(client.asked.map((one) => one.accept)).toEqual([accept]);
  });
});

describe('a stream', () => {
  const listOf = (rest: string) =>
    encodeList('v1', 'PodList', { resourceVersion: '1', continue: rest, remainingItemCount: undefined }, [encodeObject('Pod', {})]);
  const WHOLE = listOf('');
  const version = (major: unknown, minor: unknown): Reply => ({ json: { major, minor } });
  const V34 = version('1', '34');

  async function stream(told: Reply, list: Reply = {}, pieces = [WHOLE], signal = running) {
    const client = fakeClient((path) => (path === '/version' ? told : list), pieces);
    let items = 0;
    const ended = await listsOver(client)
      .lists.stream(PODS, () => void items++, signal)
      .catch((error: unknown) => (error instanceof Fault ? error.code : error instanceof Unstreamed ? 'pages' : error));
    return [ended, items, client.asked.length, client.released.filter((path) => path === '/version').length];
  }

  it.each<[string, Reply, readonly unknown[]]>([
    ['1.33', version('1', '33'), ['pages', 0, 1, 1]],
    ['1.34', V34, [undefined, 1, 2, 1]],
    ['1.100', version('1', '100'), [undefined, 1, 2, 1]],
    ['2.34', version('2', '34'), ['pages', 0, 1, 1]],
    ['a number', version(1, 34), ['pages', 0, 1, 1]],
    ['none', { bytes: Buffer.from('<html>') }, ['pages', 0, 1, 1]],
    ['a refusal', { status: 403, json: { major: '1', minor: '34' } }, ['pages', 0, 1, 0]],
    ['no answer', LATE, ['timed-out', 0, 1, 0]],
  ])('is asked for by the version of the server: %s', async (_, told, expected) => {
    expect(await stream(told)).toEqual(expected);
  });

  it.each<[string, Reply, string]>([
    ['401', { status: 401 }, 'unauthenticated'],
    ['403', { status: 403 }, 'denied'],
    ['404', { status: 404 }, 'not-found'],
    ['406', { status: 406 }, 'pages'],
    ['429', { status: 429 }, 'pages'],
    ['504', { status: 504 }, 'pages'],
    ['a cut', CUT, 'pages'],
    ['silence', LATE, 'pages'],
    ['damage', new Fault('malformed', 'Damaged.'), 'pages'],
    ['too much', new Fault('too-large', 'Large.'), 'too-large'],
    ['a sign-in that failed', new Fault('unauthenticated', 'No token.'), 'unauthenticated'],
    ['a server that is not trusted', new Untrusted('server', new Error('expired')), 'unreachable'],
  ])('that ends by %s', async (_, list, expected) => {
    expect((await stream(V34, list))[0]).toBe(expected);
  });

  it.each<[string, readonly Buffer[]]>([
    ['a part of the list', [listOf('more')]],
    ['half of it', [WHOLE.subarray(0, WHOLE.length - 6)]],
    ['nothing', []],
    ['something else', [Buffer.from('{"kind":"PodList"}')]],
  ])('that holds %s is no list', async (_, pieces) => {
    expect((await stream(V34, {}, [...pieces]))[0]).toBe('pages');
  });

  it('that its caller leaves is not read by pages', async () => {
    expect((await stream(V34, LATE, [], AbortSignal.abort()))[0]).toBe('timed-out');
  });

  it('throws on what the taker throws', async () => {
    const own = new Error('The budget is used up.');
    const client = fakeClient(() => V34, [WHOLE]);
    const taken = listsOver(client).lists.stream(
      PODS,
      () => {
        throw own;
      },
      running,
    );
    await expect(taken).rejects.toBe(own);
  });

  it('is not asked for when pages of a size are', async () => {
    const client = fakeClient(() => V34);
    await expect(listsOver(client, { pageSize: 9 }).lists.stream(PODS, () => undefined, running)).rejects.toThrow(Unstreamed);
    expect(client.asked).toEqual([]);
  });
});
