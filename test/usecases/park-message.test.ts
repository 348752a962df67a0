import { describe, expect, it } from 'vitest';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { dropMessage, parkMessage, replayMessage } from '../../shared/usecases/park-message.ts';

const AT = '2026-11-20T12:00:00.000Z';
const failed = { queue: 'scans', id: 'm1', body: '{}', dequeueCount: 5 };

function world() {
  const storage = createMemoryStorage();
  const sent: string[] = [];
  const messages = { raw: async (queue: string, body: string) => void sent.push(`${queue} ${body}`) };
  const deps = { parked: storage.parked, messages, clock: () => new Date(AT) };
  return { deps, sent, waiting: async () => (await storage.parked.list(10)).value };
}

describe('a message that failed at every attempt', () => {
  it.each([
    ['itself', {}, 1],
    ['another with the same body', { id: 'm2' }, 2],
    ['one of another queue', { queue: 'inventories' }, 2],
    ['one with another body', { body: '[]' }, 2],
  ])('is parked in addition to %s: %o', async (_, over, count) => {
    const { deps, waiting } = world();
    await parkMessage(deps, failed, 'It failed.');
    await parkMessage(deps, { ...failed, ...over }, 'It failed.');
    expect(await waiting()).toHaveLength(count);
  });

  it('is sent first and then settled, so that a crash in between loses nothing', async () => {
    const { deps, sent, waiting } = world();
    const { id } = await parkMessage(deps, failed, 'It failed.');
    const away = { raw: () => Promise.reject(new Error('away')) };
    await expect(replayMessage({ ...deps, messages: away }, id)).rejects.toThrow('away');
    expect(await waiting()).toMatchObject([{ id }]);

    expect(await replayMessage(deps, id, 'someone')).toMatchObject({ settled: { how: 'replayed', at: AT, by: 'someone' } });
    expect(sent).toEqual(['scans {}']);
    expect(await waiting()).toEqual([]);
    await expect(replayMessage(deps, id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('that is dropped records who did it, and is no longer parked', async () => {
    const { deps, waiting } = world();
    const { id } = await parkMessage(deps, failed, 'It failed.');
    await dropMessage(deps, id, 'someone');
    expect((await deps.parked.listSettled(10)).value).toMatchObject([{ id, settled: { how: 'dropped', at: AT, by: 'someone' } }]);
    expect(await waiting()).toEqual([]);
  });
});
