import { afterEach, describe, expect, it } from 'vitest';
import { dropParkedMessage, listParkedMessages, replayParkedMessage } from '../../shared/cli/client/parked.ts';
import { anEstate, NOW } from '../http/estate.ts';
import { type ServedApi, serveApi } from '../support/serve-api.ts';
import { someSurroundings } from '../support/surroundings.ts';

const message = (id: string, over: object = {}) => ({
  id,
  queue: 'scans',
  body: `{"clusterId":"${id}"}`,
  reason: 'Every attempt failed; the last with: storage was away',
  parkedAt: NOW,
  dequeueCount: 5,
  ...over,
});

let api: ServedApi;
afterEach(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

async function anApp(ids: readonly string[], over: object = {}) {
  const estate = anEstate({ parked: ids.map((id) => message(id, over)) });
  api = await serveApi(estate);
  const said: string[] = [];
  const print = (text: string) => void said.push(text);
  const here = someSurroundings();
  const terminal = { ...here.terminal, print };
  const list = (state: 'waiting' | 'settled' = 'waiting', format: 'table' | 'json' = 'table') =>
    listParkedMessages({ terminal }, { url: api.url, state, format: [{ format }] });
  return { estate, said, print, list };
}

describe('kataudit parked', () => {
  it('lists every parked message with its reason, and exits with 1 when there is one', async () => {
    const ids = Array.from({ length: 230 }, (_, at) => at.toString(16).padStart(4, '0'));
    const { said, list } = await anApp(ids);

    expect(await list()).toBe(1);
    for (const id of ids) expect(said[0]).toContain(`${id}  scans`);
    expect(said[0]).toContain('storage was away');
    expect(await list('waiting', 'json')).toBe(1);
    expect(JSON.parse(said[1] ?? '')).toHaveLength(ids.length);
  });

  it('reports that no message is parked and that none was settled', async () => {
    const { said, list } = await anApp([]);

    expect([await list(), await list('settled')]).toEqual([0, 0]);
    expect(said).toEqual(['There are no parked messages.', 'No parked message has been replayed or dropped.']);
  });

  it('replays one message, drops another, and lists their outcomes afterwards', async () => {
    const { estate, said, print, list } = await anApp(['a1', 'b2']);
    expect(await replayParkedMessage('a1', { url: api.url }, print)).toBe(0);
    expect(await dropParkedMessage('b2', { url: api.url }, print)).toBe(0);

    expect(estate.sent).toEqual([{ queue: 'scans', body: '{"clusterId":"a1"}' }]);
    expect(said).toEqual(['Sent again to the queue scans: {"clusterId":"a1"}', 'Dropped b2.']);
    expect(await list()).toBe(0);
    expect(await list('settled')).toBe(0);
    expect(said.at(-1)).toMatch(/replayed .* by access key +a1 .*\n.*dropped .* by access key +b2 /);
    await expect(replayParkedMessage('a1', { url: api.url }, print)).rejects.toThrow('There is no parked message a1');
    await expect(replayParkedMessage('../clusters', { url: api.url }, print)).rejects.toThrow('There is no parked message');
  });

  it('prints hostile text without sending it to the terminal as commands', async () => {
    const { said, list } = await anApp(['a1'], { body: '\u001b[2J\u202e', reason: 'line\nbreak' });
    await list();

    expect(said[0]?.split('\n')).toHaveLength(2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
    expect(said[0]).not.toMatch(/\u001b|\u202e/);
  });
});
