import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AzureEstateOptions } from '../../../shared/azure/client/options.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
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

/** Answers Resource Graph's questions in turn and every list by its subscription; a list that was not expected is refused. */
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
  it('learns of the clusters of many subscriptions in one call', async () => {
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

  it('asks of at most 1,000 subscriptions at once', async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => `aaaaaaaa-0000-4000-8000-${String(at).padStart(12, '0')}`);
    answer([
      { body: page(many.slice(0, 1_000).map((id) => shown('one', id))) },
      { body: page(many.slice(1_000).map((id) => shown('one', id))) },
    ]);

    expect((await list(many)).clusters).toHaveLength(1_001);
    expect(asked().map(({ body }) => JSON.parse(body).subscriptions.length)).toEqual([1_000, 1]);
  });

  it('asks Azure Resource Manager of a subscription of which nothing is shown, and believes it', async () => {
    answer([{ body: page([shown('one')]) }], { [TWO]: listed(armRow('new', TWO)) });

    const listing = await list([ONE, TWO]);

    expect(names(listing)).toEqual(['new', 'one']);
    expect(listing).toMatchObject({ notListed: [], detours: [] });
    expect(asked()).toHaveLength(2);
  });

  it('says of a subscription that it may not look, rather than that there is nothing', async () => {
    answer([{ body: page([shown('one')]) }]);

    await expect(list([ONE, TWO])).resolves.toMatchObject({
      clusters: [{ name: 'one' }],
      notListed: [{ subscriptionId: TWO, reason: { code: 'denied', message: expect.stringContaining(TWO) } }],
    });
  });

  it('knows that a subscription is empty from Azure Resource Manager alone', async () => {
    answer([{ body: page([]) }], { [ONE]: listed() });

    await expect(list()).resolves.toEqual({ clusters: [], notListed: [], detours: [] });
  });

  it.each<[string, readonly Reply[], string]>([
    ['refuses', [{ status: 403, body: { error: { code: 'AccessDenied', message: 'no' } } }], 'denied'],
    ['does not understand', [{ status: 400, body: { error: { code: 'BadRequest', message: 'no' } } }], 'unsupported'],
    ['answers nonsense', [{ body: 'nonsense' }], 'malformed'],
    ['cuts its answer short', [{ body: page([shown('one')], { totalRecords: 2 }) }], 'malformed'],
    ['truncates its answer', [{ body: page([shown('one')], { resultTruncated: 'true' }) }], 'malformed'],
    ['goes round in a circle', [1, 2, 3].map(() => ({ body: page([shown('one')], { totalRecords: 9, $skipToken: 'same' }) })), 'malformed'],
    ['shows a row twice', [{ body: page([shown('one'), shown('ONE')]) }], 'malformed'],
    ['shows what was not asked for', [{ body: page([shown('one', TWO)]) }], 'malformed'],
    ['shows a row without an id', [{ body: page([{ name: 'one', location: 'westeurope' }]) }], 'malformed'],
    ['says nothing of how many there are', [{ body: { data: [shown('one')] } }], 'malformed'],
    ['lets no part of its answer be a list', [{ body: page([], { data: { columns: [], rows: [] } }) }], 'malformed'],
  ])('takes the longer way when Resource Graph %s, and says why', async (_, graph, code) => {
    answer(graph, { [ONE]: listed(armRow('one', ONE), armRow('two', ONE)) });

    const listing = await list();

    expect(names(listing)).toEqual(['one', 'two']);
    expect(listing).toMatchObject({ notListed: [], detours: [{ code }] });
  });

  it('waits for the quota that Resource Graph says is spent', async () => {
    const { clock, sleep, slept } = sleepingClock();
    const spent = { 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:00:04' };
    answer([
      { body: page([shown('one')], { totalRecords: 2, $skipToken: 'b' }), headers: spent },
      { body: page([shown('two')], { totalRecords: 2 }) },
    ]);

    expect(names(await list([ONE], { clock, sleep }))).toEqual(['one', 'two']);
    expect(slept).toEqual([4_000]);
  });

  it('ends when its caller calls it off, and takes no longer way', async () => {
    const leaving = new AbortController();
    server.reply(() => {
      leaving.abort();
      return 'never';
    });

    await expect(list([ONE], {}, leaving.signal)).rejects.toMatchObject({ name: 'Fault', code: 'timed-out' });
    expect(asked()).toHaveLength(1);
  });

  it('ends when its caller calls it off in the middle of a list, which then does not count as not listed', async () => {
    const leaving = new AbortController();
    server.reply({ body: page([]) }, () => {
      leaving.abort();
      return 'never';
    });

    await expect(list([ONE], {}, leaving.signal)).rejects.toMatchObject({ name: 'Fault', code: 'timed-out' });
  });

  it('asks Azure Resource Manager of eight subscriptions at a time', async () => {
    const many = Array.from({ length: 40 }, (_, at) => `aaaaaaaa-0000-4000-8000-${String(at).padStart(12, '0')}`);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    server.reply({ body: page([]) }, async () => {
      await released;
      return listed();
    });

    const listing = list(many);
    await expect.poll(() => server.waiting).toBe(8);
    release();

    await expect(listing).resolves.toEqual({ clusters: [], notListed: [], detours: [] });
    expect(asked()).toHaveLength(41);
  });

  it('asks nothing of nobody', async () => {
    await expect(list([])).resolves.toEqual({ clusters: [], notListed: [], detours: [] });
    expect(asked()).toHaveLength(0);
  });
});
