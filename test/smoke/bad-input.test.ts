import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { followAudit } from '../../shared/cli/follow-audit.ts';
import { type LocalRun, startLocal } from '../../shared/compose/container/local.ts';
import { clusterId } from '../../shared/local/estate/cluster-id.ts';
import { freePort } from '../support/command.ts';

const Parked = z.object({ value: z.array(z.object({ id: z.string(), queue: z.string(), body: z.string(), reason: z.string() })) });

describe('unexpected input', () => {
  let local: LocalRun;

  beforeAll(async () => {
    local = await startLocal({ port: await freePort(), auth: false, now: new Date() });
  }, 120_000);
  afterAll(() => local?.stop());

  const parked = async () => Parked.parse(await (await fetch(`${local.apiUrl}/parked`)).json()).value;
  const deliver = (event: unknown) =>
    fetch(new URL('/runtime/webhooks/EventGrid?functionName=cluster-changed', local.apiUrl), {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification', 'content-type': 'application/json' },
      body: JSON.stringify([event]),
    });
  const aCluster = () => {
    for (const { id, clusters } of local.estate.estate.subscriptions) {
      const cluster = clusters.find(({ name }) => name === 'pay-prod-neu');
      if (cluster !== undefined) return clusterId(id, cluster);
    }
    throw new Error('The built-in estate has no pay-prod-neu.');
  };

  it.each([
    ['inventories', '{"auditId":"a","subscriptionId":"not a guid"}', /subscription id/],
    ['scans', '{"hello":"world"}', /clusterId/],
    ['scans', 'no JSON at all', /message: Invalid input: expected object/],
    // Neither the real host nor its poison function can decode this: it stayed in the poison queue forever.
    ['scans', 'no base64 at all!', /message: Invalid input: expected object/, 'as it is'],
    ['inventories', '12345', /message: Invalid input: expected object/, 'as it is'],
  ])(
    'is parked from the queue %s with the reason, and the audit continues',
    async (queue, body, reason, how = 'base64') => {
      const service = QueueServiceClient.fromConnectionString(local.storageConnectionString);
      await service.getQueueClient(queue).sendMessage(how === 'base64' ? Buffer.from(body).toString('base64') : body);
      await expect.poll(async () => (await parked()).map((message) => message.body), { timeout: 60_000 }).toContain(body);
      const message = (await parked()).find((one) => one.body === body);

      expect(message?.queue).toBe(queue);
      expect(message?.reason).toMatch(reason);
      expect((await service.getQueueClient(queue).getProperties()).approximateMessagesCount).toBe(0);
    },
    90_000,
  );

  it('does not stop the audit of the rest of the estate', async () => {
    const { clusters } = await followAudit(local, () => undefined);

    expect(clusters.length).toBeGreaterThanOrEqual(12);
    expect(clusters.every(({ state }) => state !== 'planned')).toBe(true);
  });

  it('can be dropped, and replayed', async () => {
    const [first, second] = await parked();
    expect((await fetch(`${local.apiUrl}/parked/${first?.id}`, { method: 'DELETE' })).ok).toBe(true);
    expect((await fetch(`${local.apiUrl}/parked/${second?.id}/replay`, { method: 'POST' })).ok).toBe(true);

    // A message that is still invalid is parked again, and not retried forever.
    await expect.poll(async () => (await parked()).map(({ body }) => body), { timeout: 60_000 }).toContain(second?.body);
    expect((await parked()).map(({ body }) => body)).not.toContain(first?.body);
  }, 90_000);

  it('ignores an event that is not about a cluster, and parks an unreadable one without its content', async () => {
    const event = {
      id: 'e1',
      topic: '/subscriptions/x',
      subject: 's',
      eventTime: new Date().toISOString(),
      data: { claims: { upn: 'someone@example.com' } },
    };
    expect((await deliver({ ...event, eventType: 'Microsoft.Storage.BlobCreated' })).status).toBe(202);
    const before = (await parked()).length;
    expect((await deliver({ ...event, eventType: 'Microsoft.ContainerService.ClusterSupportEnded' })).status).toBe(202);

    const now = await parked();
    expect(now).toHaveLength(before + 1);
    expect(now.find(({ queue }) => queue === 'events')?.reason).toMatch(/expected the ARM id of a cluster/);
    expect(JSON.stringify(now)).not.toContain('someone');
  });

  it('scans a cluster once for a burst of its events', async () => {
    const id = aCluster();
    const before = await local.storage.findings.cluster(id);
    for (const number of [1, 2, 3, 3]) {
      const event = {
        id: `burst-${number}`,
        topic: id,
        subject: 'pay-prod-neu',
        eventType: 'Microsoft.ContainerService.NodePoolRollingSucceeded',
        eventTime: new Date().toISOString(),
        data: { nodePoolName: 'kata' },
      };
      expect((await deliver(event)).status).toBe(202);
    }
    await expect.poll(async () => (await local.storage.findings.cluster(id))?.cause, { timeout: 60_000 }).toMatch(/^event:/);

    expect((await local.storage.findings.cluster(id))?.observedAt.localeCompare(before?.observedAt ?? '')).toBe(1);
  }, 90_000);
});
