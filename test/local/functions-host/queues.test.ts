import { setTimeout as delay } from 'node:timers/promises';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../../shared/local/azurite.ts';
import type { HostOptions } from '../../../shared/local/functions-host/start.ts';
import { type Gate, startFixtures, startGate, type TestHost } from './support.ts';

const queues = { batchSize: 4, newBatchThreshold: 2, maxDequeueCount: 3, visibilityTimeout: '00:00:00', messageEncoding: 'none' };

let azurite: Azurite;
let service: QueueServiceClient;
let gate: Gate;
let count = 0;
let queueName: string;
const hosts: TestHost[] = [];

beforeAll(async () => {
  azurite = await startAzurite();
  service = QueueServiceClient.fromConnectionString(azurite.connectionString);
}, 60_000);
afterAll(() => azurite?.stop());

beforeEach(async () => {
  gate = await startGate();
  count += 1;
  queueName = `work-${count}`;
});
afterEach(async () => {
  gate.open();
  for (const host of hosts.splice(0)) await host.stop();
  await gate.stop();
});

async function startHost(options: Partial<HostOptions> = {}): Promise<TestHost> {
  const host = await startFixtures(['work'], {
    settings: { WORK_QUEUE: queueName, WorkStorage: azurite.connectionString },
    hostJson: { extensions: { queues } },
    ...options,
  });
  hosts.push(host);
  return host;
}

async function send(...messages: readonly unknown[]): Promise<void> {
  const queue = service.getQueueClient(queueName);
  await queue.createIfNotExists();
  for (const message of messages) await queue.sendMessage(typeof message === 'string' ? message : JSON.stringify(message));
}

async function left(name = queueName): Promise<number | undefined> {
  return (await service.getQueueClient(name).getProperties()).approximateMessagesCount;
}

describe('queue triggers', () => {
  it('wait silently for a queue that does not exist yet, then serve it', async () => {
    const host = await startHost();
    await host.idle();
    await send({ n: 1 });

    expect(await host.line('took')).toMatch(/^information work: took \{"n":1\}/);
    expect(host.lines.filter((line) => line.includes('cannot read'))).toEqual([]);
  });

  it("pass the queue's metadata of a message", async () => {
    const host = await startHost();
    await send('plain');
    const line = await host.line('took');

    expect(JSON.parse(line.slice(line.lastIndexOf(' {')))).toEqual({
      queueTrigger: 'plain',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      popReceipt: expect.any(String),
      dequeueCount: 1,
      insertionTime: expect.stringMatching(/^\d{4}-.*Z$/),
      expirationTime: expect.stringMatching(/^\d{4}-.*Z$/),
      nextVisibleTime: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('process at most a batch and the threshold at once', async () => {
    const waitFor = gate.url;
    await send(...Array.from({ length: 12 }, (_, n) => ({ n, waitFor })));
    const host = await startHost();
    await gate.asked(4);
    // The next batch is requested only when at most the threshold is in progress.
    await send('one more');
    expect(gate.count()).toBe(4);
    gate.open();
    await host.idle();

    expect(gate.count()).toBe(12);
    expect(await left()).toBe(0);
  });

  it('count the attempts, and move a message to the poison queue after the last', async () => {
    await send({ fail: true });
    const host = await startHost();

    expect(await host.line('parked')).toBe('warning park: parked {"fail":true} 1');
    await host.idle();
    const tries = host.lines.filter((line) => line.includes('took'));
    expect(tries.map((line) => /"dequeueCount":(\d)/.exec(line)?.[1])).toEqual(['1', '2', '3']);
    expect(await left()).toBe(0);
    expect(await left(`${queueName}-poison`)).toBe(0);
  });

  it('never give up on a message of a poison queue, and retry it when its lease has expired', async () => {
    await send({ fail: true, failParked: true });
    const host = await startHost({ leaseSeconds: 1 });

    expect(await host.line('parked', 5)).toBe('warning park: parked {"fail":true,"failParked":true} 5');
    await host.idle();
    const names: string[] = [];
    for await (const { name } of service.listQueues({ prefix: queueName })) names.push(name);
    expect(names.filter((name) => name.endsWith('-poison-poison'))).toEqual([]);
  });

  it('hide a message while its function runs, so that no other host takes it', async () => {
    await send({ n: 1, waitFor: gate.url });
    const first = await startHost({ leaseSeconds: 2 });
    await gate.asked(1);
    const second = await startHost({ leaseSeconds: 2 });
    // After two renewals, the first lease has long expired.
    const { nextVisibleOn } = await hiddenUntil(first);
    await passed(new Date(nextVisibleOn.getTime() + 1_000));
    gate.open();
    await first.line('done');
    await first.idle();

    expect(gate.count()).toBe(1);
    expect(second.lines.filter((line) => line.includes('took'))).toEqual([]);
  });

  it('leave a message to the host that took it when its lease was lost', async () => {
    await send({ n: 1, waitFor: gate.url });
    const host = await startHost();
    await gate.asked(1);
    await service.getQueueClient(queueName).clearMessages();
    gate.open();

    expect(await host.line('taken by another process')).toMatch(/^warning work: /);
  });

  it('finish running messages when they are stopped, and leave the rest', async () => {
    await send(...Array.from({ length: 6 }, (_, n) => ({ n, waitFor: gate.url })));
    const host = await startHost();
    await gate.asked(4);
    const stopped = host.stop();
    gate.open();
    await stopped;

    expect(host.lines.filter((line) => line.includes('done'))).toHaveLength(4);
    expect(await left()).toBe(2);
    await expect(host.idle()).rejects.toThrow('The host was stopped before its queues were empty.');
  });

  it('report when storage cannot be read', async () => {
    const away = await startAzurite();
    const host = await startHost({ settings: { WORK_QUEUE: queueName, WorkStorage: away.connectionString } });
    await host.idle();
    await away.stop();

    expect(await host.line('cannot read')).toContain(queueName);
    await expect(host.idle()).rejects.toThrow();
  });
});

/** When the first message of a host becomes visible again without a renewal. */
async function hiddenUntil(host: TestHost): Promise<{ readonly nextVisibleOn: Date }> {
  const line = await host.line('took');
  return { nextVisibleOn: new Date(JSON.parse(line.slice(line.lastIndexOf(' {'))).nextVisibleTime) };
}

/** The emulator's clock cannot be set, so this waits for it. */
async function passed(time: Date): Promise<void> {
  await delay(Math.max(0, time.getTime() - Date.now()));
}
