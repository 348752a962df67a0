import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import type { HostCommand, HostReport } from '../../shared/local/host-process.ts';
import { NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import type { ParkedMessage } from '../../shared/ports/parked-store.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { aFinding, aSummary, SUBSCRIPTION } from '../http/estate.ts';
import { type Receiver, startReceiver } from '../notify/receiver.ts';
import { digestOf } from '../support/access.ts';
import { run } from '../support/command.ts';

const HOST_FILE = resolve(import.meta.dirname, '../../shared/local/host-process.ts');
const KEY = 'a-key-of-this-test-with-43-characters-in-it';
/** The number of attempts of the host; a test compares it with `host.json`. */
const TRIES = 5;
const CAUSE = 'audit-1';
const finding = aFinding({ severity: 'critical' });
/** A message that sends all waiting notifications to the webhook of the settings. */
const DIGEST = JSON.stringify({ target: 'webhook' });

let azurite: Azurite;
let storage: Storage;
let receiver: Receiver;
let host: { readonly url: string; stop(): Promise<void> };

beforeAll(async () => {
  [azurite, receiver] = await Promise.all([startAzurite(), startReceiver()]);
  storage = createStorage({ connectionString: azurite.connectionString });
  await storage.ensure();
  const { id: findingId, clusterId, ruleId, severity, message, observedAt: at } = finding;
  const history = [{ findingId, clusterId, ruleId, at, kind: 'opened' as const, cause: CAUSE, severity, message }];
  await storage.findings.write({ clusterId, findings: [finding], history, summary: aSummary('prod', [finding]), basedOn: NOTHING_HELD });
}, 60_000);
afterAll(async () => {
  await host?.stop();
  await receiver.stop();
  await azurite.stop();
});

/** The local functions host in a separate process, with a webhook for notifications. */
async function startHost(settings: Readonly<Record<string, string>> = {}): Promise<typeof host> {
  const env = {
    ...process.env,
    KATAUDIT_SCHEDULE: '0 0 0 1 1 *',
    KATAUDIT_SUBSCRIPTIONS: SUBSCRIPTION,
    KATAUDIT_ARM_ENDPOINT: 'https://127.0.0.1:9',
    KATAUDIT_ACCESS_TOKEN: 'none',
    KATAUDIT_NOTIFY_URL: receiver.url,
    AzureWebJobsStorage: azurite.connectionString,
    LOCAL_PORT: '0',
    LOCAL_KEY: KEY,
    KATAUDIT_OPERATOR_KEYS: digestOf(KEY),
    ...settings,
  };
  const child = fork(HOST_FILE, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const url = await new Promise<string>((done, fail) => {
    child.on('message', (said: HostReport) => {
      if (said.report === 'ready') done(said.url);
      if (said.report === 'failed') fail(new Error(said.message));
    });
    child.once('exit', () => fail(new Error('The host ended.')));
  });
  return {
    url,
    stop: async () => {
      if (child.connected) child.send({ command: 'stop' } satisfies HostCommand);
      await exited;
    },
  };
}

/** Queues a message whose earlier attempts have all failed, so that the next one is its last. */
async function sendForTheLastTime(queue: string, body: string): Promise<void> {
  const client = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(queue);
  await client.sendMessage(Buffer.from(body).toString('base64'));
  for (let tried = 1; tried < TRIES; tried++) {
    const [message] = (await client.receiveMessages()).receivedMessageItems;
    if (message === undefined) throw new Error('Somebody else took the message.');
    await client.updateMessage(message.messageId, message.popReceipt, message.messageText, 0);
  }
}

const parkedOf = async (queue: string): Promise<readonly ParkedMessage[]> =>
  (await storage.parked.list(100)).value.filter((one) => one.queue === queue);
const metrics = async () => (await fetch(`${host.url}/api/metrics`, { headers: { 'x-functions-key': KEY } })).text();
const command = (...args: readonly string[]) => run(['parked', ...args, '--url', host.url, '--key', KEY]);

describe('a message that fails at every attempt', () => {
  it('is parked with its reason, shown on the command line and in the metrics, and processed when it is replayed', async () => {
    receiver.answer = 500;
    await storage.outbox.add('webhook', { clusterId: finding.clusterId, cause: CAUSE, at: finding.observedAt });
    await sendForTheLastTime('notifications', DIGEST);
    host = await startHost();
    await expect.poll(() => parkedOf('notifications'), { timeout: 30_000 }).toHaveLength(1);

    const [parked] = await parkedOf('notifications');
    expect(parked).toMatchObject({ body: DIGEST, dequeueCount: TRIES });
    expect(parked?.reason).toMatch(/Every attempt failed; the last with: The webhook .* answered with status 500/);
    const [seen, numbers] = await Promise.all([command('list'), metrics()]);
    expect(seen.code).toBe(1);
    expect(seen.out).toContain(parked?.id);
    expect(seen.out).toContain('Every attempt failed');
    expect(numbers).toContain('\nkataudit_parked_messages 1\n');
    expect(numbers).toContain('\nkataudit_queue_parked_messages{queue="notifications"} 1\n');

    receiver.answer = 202;
    const before = receiver.received.length;
    expect((await command('replay', parked?.id ?? '')).code).toBe(0);
    await receiver.until(() => receiver.received.length > before);
    expect(receiver.received.at(-1)?.body).toContain(finding.id);
    const [waiting, settled, after] = await Promise.all([command('list'), command('list', '--state', 'settled'), metrics()]);
    expect(waiting).toMatchObject({ code: 0, out: 'There are no parked messages.\n' });
    expect(settled.out).toMatch(new RegExp(`replayed .* by access key +${parked?.id} `));
    expect(after).toContain('\nkataudit_parked_messages 0\n');
  });

  it('because of an invalid setting is parked with that reason, although the app cannot start', async () => {
    const body = JSON.stringify({ auditId: 'audit-2', subscriptionId: SUBSCRIPTION });
    await host.stop();
    await sendForTheLastTime('inventories', body);
    const broken = await startHost({ KATAUDIT_SETTLE_SECONDS: 'soon', KATAUDIT_NONSENSE: '1' });
    await expect.poll(() => parkedOf('inventories'), { timeout: 30_000 }).toHaveLength(1);
    await broken.stop();
    host = await startHost();

    const [parked] = await parkedOf('inventories');
    expect(parked?.body).toBe(body);
    expect(parked?.reason).toMatch(/Every attempt failed; .*KATAUDIT_NONSENSE is not a setting.*KATAUDIT_SETTLE_SECONDS: /s);
    expect((await command('list')).out).toContain(parked?.id);
  });

  it('because its process crashed every time is parked from the poison queue, and can be dropped', async () => {
    const poison = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient('scans-poison');
    const body = JSON.stringify({ clusterId: finding.clusterId, cause: CAUSE, requestedAt: finding.observedAt });
    await poison.sendMessage(Buffer.from(body).toString('base64'));
    await expect.poll(() => parkedOf('scans'), { timeout: 30_000 }).toHaveLength(1);

    const [parked] = await parkedOf('scans');
    expect(parked).toMatchObject({ body, reason: expect.stringContaining('the process died') });
    expect((await command('drop', parked?.id ?? '')).code).toBe(0);
    expect(await parkedOf('scans')).toEqual([]);
    expect((await storage.parked.listSettled(100)).value.find(({ id }) => id === parked?.id)).toMatchObject({
      body,
      settled: { how: 'dropped' },
    });
  });
});
