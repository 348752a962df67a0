import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { type Receiver, startReceiver } from '../notify/receiver.ts';
import { freePort, type Running, start } from '../support/command.ts';

const Events = z.array(z.object({ id: z.string(), type: z.string(), data: z.object({ severity: z.string(), cluster: z.string() }) }));

let receiver: Receiver;
let kataudit: Running | undefined;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  kataudit?.child.kill('SIGINT');
  await kataudit?.ended;
  await receiver.stop();
});

it('an audit notifies a webhook of every critical finding that it opens, and of nothing below the configured severity', {
  timeout: 120_000,
}, async () => {
  kataudit = start(['serve', '--port', String(await freePort())], {
    KATAUDIT_NOTIFY_URL: receiver.url,
    KATAUDIT_NOTIFY_SEVERITY: 'critical',
  });
  const out = await kataudit.until(' open findings in ');
  const critical = out.match(/^critical /gm)?.length ?? 0;
  expect(critical).toBeGreaterThan(0);

  const told = () => receiver.received.flatMap(({ body }) => Events.parse(JSON.parse(body)));
  await receiver.until(() => new Set(told().map(({ id }) => id)).size >= critical);
  expect(new Set(told().map(({ id }) => id)).size).toBe(critical);
  expect(told().every(({ type, data }) => type === 'io.kataudit.finding.opened' && data.severity === 'critical')).toBe(true);
});
