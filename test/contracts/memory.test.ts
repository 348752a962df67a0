import { expect, it } from 'vitest';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { everyContract } from './every-contract.ts';

everyContract('memory', async () => createMemoryStorage());

it('messages in memory can be looked at in the order in which they were sent', async () => {
  const { messages, queued } = createMemoryStorage();
  const scan = { clusterId: 'c', cause: 'a', requestedAt: 't' };
  await messages.inventory({ auditId: 'a', subscriptionId: 's' });
  await messages.scan(scan, 7);
  await messages.notification({ clusterId: 'c', cause: 'a' });
  await messages.digest({ target: 't' }, 30);
  await messages.publication({ service: 'defender', subscriptionId: 's' });
  await messages.raw('notifications', 'raw');
  expect(queued.map(({ queue, body, delaySeconds }) => [queue, body, delaySeconds])).toEqual([
    ['inventories', '{"auditId":"a","subscriptionId":"s"}', 0],
    ['scans', JSON.stringify(scan), 7],
    ['notifications', '{"clusterId":"c","cause":"a"}', 0],
    ['notifications', '{"target":"t"}', 30],
    ['publications', '{"service":"defender","subscriptionId":"s"}', 0],
    ['notifications', 'raw', 0],
  ]);
  // As large as a queue of the service takes: 64 KiB once it is base64.
  await messages.raw('scans', 'x'.repeat(49_152));
  await expect(messages.raw('scans', 'x'.repeat(49_153))).rejects.toMatchObject({ code: 'too-large' });
});
