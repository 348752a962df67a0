import { afterAll, beforeAll, expect, it } from 'vitest';
import { pruneVulnerabilities } from '../../shared/compose/container/vulnerabilities.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { createStorage } from '../../shared/storage/storage.ts';

const DAY_MS = 86_400_000;
const PLACES = ['policy/vulnerabilities/a.json', 'policy/vulnerabilities/b.json'];
const OTHERS = ['policy/vulnerabilities.json', 'policy/images.json'];

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
}, 60_000);
afterAll(() => azurite.stop());

it('keeps the answers of the last month while the public data is on, and none once it is off, and deletes nothing else', async () => {
  const { texts, ensure } = createStorage({ connectionString: azurite.connectionString, prefix: 'texts' });
  await ensure();
  for (const place of [...PLACES, ...OTHERS]) await texts.write(place, '{}', undefined);
  // The storage dates blobs by the machine's clock, in seconds.
  const at = (days: number) => () => new Date(Date.now() + days * DAY_MS);
  const left = () => Promise.all([...PLACES, ...OTHERS].map(async (place) => (await texts.read(place)) !== undefined));
  expect(await pruneVulnerabilities(texts, true, at(29))()).toBe(0);
  expect(await left()).toEqual([true, true, true, true]);
  expect(await pruneVulnerabilities(texts, false, at(1))()).toBe(2);
  expect(await left()).toEqual([false, false, true, true]);
  expect(await pruneVulnerabilities(texts, false, at(1))()).toBe(0);

  await texts.write(PLACES[0] ?? '', '{}', undefined);
  expect(await pruneVulnerabilities(texts, true, at(31))()).toBe(1);
});
