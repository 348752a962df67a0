import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AzureEstateOptions } from '../../../shared/azure/client/options.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { listEstate } from '../../../shared/azure/estate/list-estate.ts';
import { type ArmServer, type Asked, type Reply, startArmServer } from '../support/arm-server.ts';
import { reach, sleepingClock } from '../support/reach.ts';
import { aRow, idOf } from '../support/rows.ts';

const ONE = 'aaaaaaaa-0000-4000-8000-000000000001';
const TWO = 'aaaaaaaa-0000-4000-8000-000000000002';

/** The cluster's row as Resource Graph projects it. */
const shown = (name: string, subscriptionId = ONE) => ({ id: idOf(name, subscriptionId), name, location: 'westeurope', tags: null });
const page = (data: readonly unknown[], over: object = {}) => ({ totalRecords: data.length, count: data.length, data, ...over });
const listed = (...rows: readonly unknown[]) => ({ body: { value: rows } });
const armRow = (name: string, subscriptionId: string) => ({ ...aRow(name), id: idOf(name, subscriptionId) });

let server: ArmServer;
let before = 0;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  before = server.asked.length;
});

/** Answers the Resource Graph queries in turn and every list by its subscription; refuses an unexpected list. */
function answer(graph: readonly Reply[], lists: Readonly<Record<string, Reply>> = {}): void {
  let next = 0;
  server.reply(({ url }: Asked) => {
    if (url.startsWith('/providers/Microsoft.ResourceGraph/resources')) return graph[next++] ?? { status: 418 };
    const found = Object.entries(lists).find(([id]) => url.startsWith(`/subscriptions/${id}/`));
    return found?.[1] ?? { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } };
  });
}

const list = (subscriptions: readonly string[] = [ONE], over: Partial<AzureEstateOptions> = {}, signal = new AbortController().signal) =>
  createAzureEstate(reach(server, over)).listEstate(subscriptions, signal);
const asked = () => server.asked.slice(before);
const names = ({ clusters }: { readonly clusters: readonly { readonly name: string }[] }) => clusters.map(({ name }) => name).sort();

describe('listEstate', () => {
  it('gets the clusters of many subscriptions in one call', async () => {
    answer([{ body: page([shown('one'), shown('two', TWO)]) }]);

    const listing = await list([ONE.toUpperCase(), TWO, ONE]);

    expect(listing).toMatchObject({ notListed: [], detours: [] });
    expect(listing.clusters[0]).toEqual({
      id: idOf('one', ONE).toLowerCase(),
      name: 'one',
      subscriptionId: ONE,
      resourceGroup: 'rg-One',
      location: 'westeurope',
      tags: {},
    });
    expect(names(listing)).toEqual(['one', 'two']);
    expect(asked()).toHaveLength(1);
    expect(JSON.parse(asked()[0]?.body ?? '')).toMatchObject({
      subscriptions: [ONE, TWO],
      options: { $top: 1000, resultFormat: 'objectArray' },
      query: expect.stringMatching(/project id,.*order by id asc/),
    });
  });

  it('follows the skip token to the last page', async () => {
    answer([
      { body: page([shown('one')], { totalRecords: 3, $skipToken: 'b' }) },
      { body: page([shown('two')], { totalRecords: 3, $skipToken: 'c' }) },
      { body: page([shown('three')], { totalRecords: 3 }) },
    ]);

    expect(names(await list())).toEqual(['one', 'three', 'two']);
    expect(asked().map(({ body }) => JSON.parse(body).options.$skipToken)).toEqual([undefined, 'b', 'c']);
  });

  it('queries at most 1,000 subscriptions at once', async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => `aaaaaaaa-0000-4000-8000-${String(at).padStart(12, '0')}`);
    answer([
      { body: page(many.slice(0, 1_000).map((id) => shown('one', id))) },
      { body: page(many.slice(1_000).map((id) => shown('one', id))) },
    ]);

    expect((await list(many)).clusters).toHaveLength(1_001);
    expect(asked().map(({ body }) => JSON.parse(body).subscriptions.length)).toEqual([1_000, 1]);
  });

  it('lists a subscription through ARM when Resource Graph returns nothing for it, and uses that list', async () => {
    answer([{ body: page([shown('one')]) }], { [TWO]: listed(armRow('new', TWO)) });

    const listing = await list([ONE, TWO]);

    expect(names(listing)).toEqual(['new', 'one']);
    expect(listing).toMatchObject({ notListed: [], detours: [] });
    expect(asked()).toHaveLength(2);
  });

  it('reports denied access to a subscription, and does not treat it as empty', async () => {
    answer([{ body: page([shown('one')]) }]);

    await expect(list([ONE, TWO])).resolves.toMatchObject({
      clusters: [{ name: 'one' }],
      notListed: [{ subscriptionId: TWO, reason: { code: 'denied', message: expect.stringContaining(TWO) } }],
    });
  });

  it('asks for a subscription once, in any letters, and believes an answer that is whole', async () => {
    answer([{ body: page([shown('one')], { resultTruncated: 'false', $skipToken: null }) }]);
    expect(names(await list([ONE, ONE.toUpperCase()]))).toEqual(['one']);
    expect(JSON.parse(asked()[0]?.body ?? '')).toMatchObject({ subscriptions: [ONE] });
    answer([{ body: page([shown('one')], { resultTruncated: false }) }]);
    expect(names(await list())).toEqual(['one']);
  });

  it('never hides a bug of a list', async () => {
    answer([{ body: page([]) }]);
    const options = { ...reach(server), list: () => Promise.reject(new TypeError('a bug')) };
    await expect(listEstate(options, [ONE], new AbortController().signal)).rejects.toThrow('a bug');
  });

  it('treats a subscription as empty only when ARM returns an empty list', async () => {
    answer([{ body: page([]) }], { [ONE]: listed() });

    await expect(list()).resolves.toEqual({ clusters: [], notListed: [], detours: [] });
  });

  it.each<[string, readonly Reply[], string, string?]>([
    ['refuses', [{ status: 403, body: { error: { code: 'AccessDenied', message: 'no' } } }], 'denied'],
    ['does not understand the query', [{ status: 400, body: { error: { code: 'BadRequest', message: 'no' } } }], 'unsupported'],
    ['answers nonsense', [{ body: 'nonsense' }], 'malformed'],
    ['cuts its answer short', [{ body: page([shown('one')], { totalRecords: 2 }) }], 'malformed', 'totalRecords does not match the 1 rows'],
    [
      'counts differently on one of its pages',
      [{ body: page([shown('one')], { totalRecords: 2, $skipToken: 'b' }) }, { body: page([shown('two')], { totalRecords: 3 }) }],
      'malformed',
      'totalRecords does not match the 2 rows',
    ],
    ['truncates its answer', [{ body: page([shown('one')], { resultTruncated: 'true' }) }], 'malformed', 'it is truncated'],
    ['truncates its answer in another form', [{ body: page([shown('one')], { resultTruncated: true }) }], 'malformed', 'it is truncated'],
    [
      'returns pages in a cycle',
      [1, 2, 3].map(() => ({ body: page([shown('one')], { totalRecords: 9, $skipToken: 'same' }) })),
      'malformed',
      '$skipToken points to a page that was already read',
    ],
    ['returns a row twice', [{ body: page([shown('one'), shown('ONE')]) }], 'malformed', 'it contains a cluster twice'],
    [
      'returns a row that was not requested',
      [{ body: page([shown('one', TWO)]) }],
      'malformed',
      `it contains ${idOf('one', TWO).toLowerCase()}, which was not requested`,
    ],
    [
      'returns a row without an id',
      [{ body: page([{ name: 'one', location: 'westeurope' }]) }],
      'malformed',
      'it contains an entry without an id',
    ],
    ['returns no number of rows', [{ body: { data: [shown('one')] } }], 'malformed'],
    ['returns no list', [{ body: page([], { data: { columns: [], rows: [] } }) }], 'malformed'],
  ])('lists each subscription through ARM when Resource Graph %s, and reports why', async (_, graph, code, how) => {
    answer(graph, { [ONE]: listed(armRow('one', ONE), armRow('two', ONE)) });

    const listing = await list();

    expect(names(listing)).toEqual(['one', 'two']);
    expect(listing).toMatchObject({ notListed: [], detours: [{ code }] });
    if (how === undefined) return;
    const message = `Cannot query Resource Graph for the clusters of 1 subscriptions: the response is malformed: ${how}.`;
    expect(listing.detours[0]?.message).toBe(message);
  });

  it('waits when Resource Graph reports that the quota is used up', async () => {
    const { clock, sleep, slept } = sleepingClock();
    const spent = { 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:00:04' };
    answer([
      { body: page([shown('one')], { totalRecords: 2, $skipToken: 'b' }), headers: spent },
      { body: page([shown('two')], { totalRecords: 2 }) },
    ]);

    expect(names(await list([ONE], { clock, sleep }))).toEqual(['one', 'two']);
    expect(slept).toEqual([4_000]);
  });

  it('ends when its caller aborts it, without listing through ARM', async () => {
    const leaving = new AbortController();
    server.reply(() => {
      leaving.abort();
      return 'never';
    });

    await expect(list([ONE], {}, leaving.signal)).rejects.toMatchObject({ name: 'Fault', code: 'timed-out' });
    expect(asked()).toHaveLength(1);
  });

  it('ends when its caller aborts it in the middle of a list, without counting the subscription as not listed', async () => {
    const leaving = new AbortController();
    server.reply({ body: page([]) }, () => {
      leaving.abort();
      return 'never';
    });

    await expect(list([ONE], {}, leaving.signal)).rejects.toMatchObject({ name: 'Fault', code: 'timed-out' });
  });

  it('lists at most eight subscriptions through ARM at a time', async () => {
    const many = Array.from({ length: 40 }, (_, at) => `aaaaaaaa-0000-4000-8000-${String(at).padStart(12, '0')}`);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    server.reply({ body: page([]) }, async () => {
      await released;
      return listed();
    });

    const listing = list(many);
    await expect.poll(() => server.waiting, { timeout: 10_000 }).toBe(8);
    release();

    await expect(listing).resolves.toEqual({ clusters: [], notListed: [], detours: [] });
    expect(asked()).toHaveLength(41);
  });

  it('makes no call without subscriptions', async () => {
    await expect(list([])).resolves.toEqual({ clusters: [], notListed: [], detours: [] });
    expect(asked()).toHaveLength(0);
  });
});
