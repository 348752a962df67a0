import { expect, it } from 'vitest';
import { MAX_DEQUEUE_COUNT } from '../../../shared/compose/functions/last-try.ts';
import { PublicationMessage, ScanMessage } from '../../../shared/compose/functions/queue-messages.ts';
import { handlerOf, type Try } from '../../../shared/compose/functions/take-message.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';

const AT = '2026-11-20T12:00:00.000Z';
const MESSAGE = { service: 'defender', subscriptionId: '11111111-2222-4333-8444-555555555555' };
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

/** A handler whose app starts or fails, with the work of the test. */
function aHandler(work: (tried: Try) => Promise<string>, opening: () => Promise<string> = async () => 'the app') {
  const { parked } = createMemoryStorage();
  const said: unknown[][] = [];
  const done: unknown[] = [];
  const wired = { app: opening, parking: async () => ({ parked, clock: () => new Date(AT) }) };
  const handler = handlerOf(wired, 'publications', PublicationMessage, 5_000, async (app, message, tried) => {
    done.push(app, message);
    return work(tried);
  });
  const take = (dequeueCount: number, message: unknown = base64(MESSAGE)) =>
    handler(message, {
      triggerMetadata: { dequeueCount, id: 'm1' },
      info: (...line) => said.push(['info', ...line]),
      error: (...line) => said.push(['error', ...line]),
    });
  return { take, said, done, parked: async () => (await parked.list(10)).value };
}
const away = new Error('away');

it('a message is processed with its content, and the log says in one line what was done', async () => {
  const { take, said, done, parked } = aHandler(async ({ lastTry, abortSignal }) => `${lastTry} ${abortSignal.aborted}`);
  await take(1);
  await take(MAX_DEQUEUE_COUNT);
  expect(done).toEqual(['the app', MESSAGE, 'the app', MESSAGE]);
  expect(said).toEqual([
    ['info', 'false false'],
    ['info', 'true false'],
  ]);
  expect(await parked()).toEqual([]);
});

it('failed work is left to the queue while attempts remain, and parked with its reason at the last one', async () => {
  const { take, said, parked } = aHandler(() => Promise.reject(away));
  await expect(take(MAX_DEQUEUE_COUNT - 1)).rejects.toBe(away);
  expect([said, await parked()]).toEqual([[], []]);

  await take(MAX_DEQUEUE_COUNT);
  const reason = 'Every attempt failed; the last with: away';
  expect(await parked()).toMatchObject([{ queue: 'publications', body: JSON.stringify(MESSAGE), reason, parkedAt: AT, dequeueCount: 5 }]);
  expect(said).toEqual([['error', expect.stringMatching(/^Message parked: [0-9a-f]+ of the queue publications$/), away]]);
});

it('an invalid message is parked at its first attempt, with every mistake, and no work is done', async () => {
  const { take, done, parked } = aHandler(async () => 'done');
  await take(1, base64({ service: 'elsewhere' }));
  expect(done).toEqual([]);
  expect(await parked()).toMatchObject([
    { body: '{"service":"elsewhere"}', reason: expect.stringMatching(/^Not a message of this queue: message: /) },
  ]);
  await take(1, 'no base64!');
  expect(await parked()).toHaveLength(2);
  expect((await parked()).map(({ reason }) => reason)).toContainEqual(expect.stringMatching(/: message: /));
});

it('a message is parked at its last attempt even when the app cannot start', async () => {
  const { take, parked } = aHandler(
    async () => 'done',
    () => Promise.reject(away),
  );
  await expect(take(1)).rejects.toBe(away);
  await take(MAX_DEQUEUE_COUNT);
  expect(await parked()).toMatchObject([{ reason: expect.stringContaining('away') }]);
});

it('the work is aborted at its time limit', async () => {
  const { parked } = createMemoryStorage();
  const wired = { app: async () => undefined, parking: async () => ({ parked, clock: () => new Date(AT) }) };
  const stops = handlerOf(wired, 'publications', PublicationMessage, 1, async (_, __, { abortSignal }) => {
    await new Promise((done) => abortSignal.addEventListener('abort', done));
    throw abortSignal.reason;
  });
  const context = { info: () => undefined, error: () => undefined };
  await expect(stops(base64(MESSAGE), context)).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('a message that is not ours is parked with each of its mistakes, by the name of its member', async () => {
  const { parked } = createMemoryStorage();
  const wired = { app: async () => undefined, parking: async () => ({ parked, clock: () => new Date(AT) }) };
  const handler = handlerOf(wired, 'scans', ScanMessage, 5_000, () => expect.unreachable('It is no message.'));
  await handler(base64({ cause: 'a' }), { info: () => undefined, error: () => undefined });
  const [one] = (await parked.list(10)).value;
  expect(one?.reason).toMatch(/^Not a message of this queue: clusterId: [^;]+; requestedAt: [^;]+$/);
});
