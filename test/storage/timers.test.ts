import { expect, it } from 'vitest';
import { createStorage } from '../../shared/storage/storage.ts';

/** Nothing listens on the lowest port. */
const NOWHERE = ['Blob', 'Queue', 'Table'].map((service) => `${service}Endpoint=http://127.0.0.1:1/account`).join(';');

it('leaves no timer behind after a call that fails, so that a command ends as soon as its storage is gone', async () => {
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=a2V5;${NOWHERE}`;
  const storage = createStorage({ connectionString }, undefined, { retries: 1, firstDelayMs: 1, longestDelayMs: 1, limitMs: 90_000 });
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();

  await expect(storage.findings.clusters(1)).rejects.toMatchObject({ code: 'unreachable' });
  expect(timers()).toBe(before);
});
