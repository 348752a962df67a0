import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { upgradeLive } from '../../../shared/compose/command-line/demo-change.ts';
import { openNotifiers } from '../../../shared/compose/command-line/notifiers.ts';
import { knownRules, policySchemaText } from '../../../shared/compose/command-line/policy-tools.ts';
import { writeSimulatedHistory } from '../../../shared/compose/command-line/simulated-history.ts';
import { policyJsonSchema } from '../../../shared/config/policy-schema.ts';
import { parseClusterEvent } from '../../../shared/domain/snapshot/event.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import type { Estate } from '../../../shared/local/estate/model.ts';
import { upgradeNodePool } from '../../../shared/local/estate/upgrade.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { SlowWrites } from '../../support/slow-stores.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
const [CLUSTER, POOL] = ['pay-prod-neu', 'kata'];

describe('an upgrade that a demonstration shows', () => {
  let server: Server;
  let status = 200;
  const received: { readonly method: unknown; readonly url: URL; readonly type: unknown; readonly body: unknown[] }[] = [];
  beforeEach(async () => {
    status = 200;
    received.length = 0;
    server = createServer((request, response) => {
      const { method, url = '', headers } = request;
      text(request).then((body) => {
        received.push({ method, url: new URL(url, 'http://x'), type: headers['aeg-event-type'], body: JSON.parse(body) });
        response.writeHead(status).end();
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  /** Runs an upgrade; returns its lines and what the estate was at each of them. */
  async function upgrade(key?: string) {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : expect.unreachable();
    const first = defaultEstate('demonstration', NOW);
    const steps = upgradeNodePool(first, { cluster: CLUSTER, nodePool: POOL, at: NOW });
    const states: Estate[] = [];
    const waits: number[] = [];
    const soon = () => new Promise(setImmediate);
    const estate = { estate: first, setEstate: (next: Estate) => soon().then(() => void states.push(next)) };
    const run = { apiUrl: `http://127.0.0.1:${port}/api`, estate, ...(key === undefined ? {} : { key }) };
    const lines: string[] = [];
    const wait = (milliseconds: number) => soon().then(() => waits.push(milliseconds));
    for await (const line of upgradeLive(run, CLUSTER, POOL, NOW, wait)) {
      lines.push(line);
      expect([states.length, waits.length]).toEqual([lines.length, lines.length - 1]);
    }
    return { steps, states, lines, waits };
  }

  it('changes the estate step by step, and delivers the events of Azure in between', async () => {
    const { steps, states, lines, waits } = await upgrade('key');
    expect(states).toEqual(steps.map(({ estate }) => estate));
    expect(waits).toHaveLength(steps.length);
    expect(received.map(({ body }) => body)).toEqual(steps.flatMap(({ event }) => (event === undefined ? [] : [[event]])));
    expect(received.flatMap(({ body }) => body.map(parseClusterEvent)).every((event) => 'clusterId' in event)).toBe(true);
    expect(lines.map((line) => line.split(':')[0])).toEqual(steps.map((_, at) => `step ${at + 1} of ${steps.length}`));
    expect(lines.map((line) => line.includes('NodePoolRolling'))).toEqual(
      steps.map(({ event }) => JSON.stringify(event ?? '').includes('NodePoolRolling')),
    );
    for (const { method, url, type } of received) {
      expect([method, url.pathname, type]).toEqual(['POST', '/runtime/webhooks/EventGrid', 'Notification']);
      expect(Object.fromEntries(url.searchParams)).toEqual({ functionName: 'cluster-changed', code: 'key' });
    }
  });

  it('needs no key where the app needs none, and ends with an event that the app rejects', async () => {
    await upgrade();
    expect(received.some(({ url }) => url.searchParams.has('code'))).toBe(false);
    status = 401;
    await expect(upgrade()).rejects.toThrow('status 401');
  });
});

describe('the history of a demonstration', () => {
  const TODAY = { day: '2026-09-01', openBySeverity: { critical: 1, high: 2, medium: 0, low: 0, info: 0 } };

  it('waits for the figures of today, and adds the days before it', async () => {
    const slow = new SlowWrites();
    const { trend } = slow.stores(createMemoryStorage());
    let polls = 0;
    const wait = async () => {
      polls += 1;
      await new Promise(setImmediate);
      if (polls === 3) await trend.put(TODAY);
    };
    await writeSimulatedHistory({ storage: { trend } }, 2, NOW, wait);
    expect((await trend.list('2026-08-01', '2026-09-30')).map(({ day }) => day)).toEqual(['2026-08-30', '2026-08-31', '2026-09-01']);
    expect(polls).toBe(3);
    expect([slow.underWay, slow.done]).toEqual([[], Array.from({ length: 3 }, () => 'trend.put')]);
  });

  it('is not invented where no audit has ended', async () => {
    const { trend } = createMemoryStorage();
    await trend.put({ ...TODAY, day: '2026-08-31' });
    let waited = 0;
    const wait = async (milliseconds: number) => {
      waited += milliseconds;
    };
    await expect(writeSimulatedHistory({ storage: { trend } }, 2, NOW, wait)).rejects.toThrow('No audit has ended today');
    expect(waited).toBe(30_000);
    expect(await trend.list('2026-08-01', '2026-08-30')).toEqual([]);
  });
});

it('the targets of an environment are opened with its own webhook', async () => {
  const { ownTargets, notifierOf } = await openNotifiers({ KATAUDIT_NOTIFY_URL: 'https://127.0.0.1:1/', KATAUDIT_NOTIFY_FORMAT: 'slack' });
  const [target] = ownTargets;
  expect(target).toMatchObject({ name: 'webhook', format: 'slack' });
  const telling = notifierOf(target ?? expect.unreachable(), true).deliver([], AbortSignal.timeout(5_000));
  await expect(telling).rejects.toMatchObject({ code: 'unreachable' });
  await expect(openNotifiers({ KATAUDIT_NOTIFY_URL: 'http://elsewhere.example/' })).rejects.toMatchObject({ name: 'SettingsError' });
});

it('tools know every rule, and the schema of the policy', async () => {
  expect([...knownRules()]).toEqual(RULES.map(({ id }) => id));
  expect(await policySchemaText()).toBe(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
});
