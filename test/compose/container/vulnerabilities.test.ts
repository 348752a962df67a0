import { expect, it } from 'vitest';
import { pruneVulnerabilities, rememberedVulnerabilities } from '../../../shared/compose/container/vulnerabilities.ts';
import { vulnerabilityStatus } from '../../../shared/compose/container/vulnerability-status.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { TextBlobs } from '../../../shared/storage/text-blobs.ts';

const IMAGE = 'AKSAzureLinux-V3katagen2-202610.08.0';
const PLACE = `policy/vulnerabilities/${IMAGE}.json`;
const STATUS = 'policy/vulnerabilities/status.json';
const signal = new AbortController().signal;

/** A storage and a clock that instances share; each instance queries the data separately. */
function aWorld(answer: () => readonly string[] | undefined = () => ['CVE-2026-1001']) {
  const blobs = new Map<string, string>();
  /** The places that were written, and how many were being written at once at most. */
  const writes: { readonly places: string[]; open: number; most: number } = { places: [], open: 0, most: 0 };
  let asked = 0;
  let now = Date.parse('2026-11-30T00:00:00Z');
  const texts: Pick<TextBlobs, 'read' | 'write'> = {
    read: async (path) => (blobs.has(path) ? { text: blobs.get(path) ?? '', etag: '1' } : undefined),
    write: async (path, text, basedOn) => {
      writes.places.push(path);
      writes.open += 1;
      writes.most = Math.max(writes.most, writes.open);
      await new Promise(setImmediate);
      writes.open -= 1;
      const isNewest = basedOn === (blobs.has(path) ? '1' : undefined);
      if (isNewest) blobs.set(path, text);
      return isNewest;
    },
  };
  const source = async () => {
    asked += 1;
    return answer();
  };
  const instance = () => {
    const remembered = rememberedVulnerabilities(source, texts, () => new Date(now));
    return (image = IMAGE) => remembered(image, signal);
  };
  return {
    blobs,
    writes,
    instance,
    asked: () => asked,
    status: () => vulnerabilityStatus(texts),
    wait: (hours: number) => {
      now += hours * 3_600_000;
    },
  };
}

it('queries once a day for all instances, whatever the patch level', async () => {
  const { instance, asked, wait, writes } = aWorld();
  const [one, two] = [instance(), instance()];
  expect(await one()).toEqual(['CVE-2026-1001']);
  expect(await one(`${IMAGE}-2026.10.20`)).toEqual(['CVE-2026-1001']);
  expect(await two()).toEqual(['CVE-2026-1001']);
  expect(asked()).toBe(1);
  wait(24);
  await two();
  expect(asked()).toBe(2);
  // One after the other, so that what is told of the source is never older than its answers.
  expect(writes).toEqual({ places: [STATUS, PLACE, STATUS, PLACE], open: 0, most: 1 });
});

it('also caches that the data does not contain an image', async () => {
  const { instance, asked } = aWorld(() => undefined);
  const one = instance();
  expect([await one(), await instance()()]).toEqual([undefined, undefined]);
  expect(asked()).toBe(1);
});

it('does not cache a failure', async () => {
  let isAway = true;
  const { instance, asked, blobs, wait } = aWorld(() => {
    if (isAway) throw new Fault('unreachable', 'No way out.');
    return [];
  });
  const one = instance();
  await expect(one()).rejects.toThrow('No way out.');
  expect([...blobs.keys()]).toEqual([STATUS]);
  isAway = false;
  wait(1);
  expect(await one()).toEqual([]);
  expect(asked()).toBe(2);
});

it.each(['{', 'null', '{"at":"2026-11-30T00:00:00Z"}', '{"at":"2026-11-30T00:00:00Z","ids":[7]}'])(
  'queries again when the cached value is %s',
  async (text) => {
    const { instance, blobs, asked } = aWorld();
    blobs.set(PLACE, text);
    expect(await instance()()).toEqual(['CVE-2026-1001']);
    expect(asked()).toBe(1);
  },
);

it('is not queried for ten minutes after a failure, by each instance, so that not every scan waits', async () => {
  const { instance, asked, wait } = aWorld(() => {
    throw new Fault('timed-out', 'No answer in time.');
  });
  const one = instance();
  for (let scan = 0; scan < 3; scan++) await expect(one()).rejects.toThrow('No answer in time.');
  wait(9 / 60);
  await expect(one()).rejects.toThrow('No answer in time.');
  expect(asked()).toBe(1);
  wait(1 / 60);
  await expect(one()).rejects.toThrow('No answer in time.');
  expect(asked()).toBe(2);
});

it('reports the last success, and the failures since then, in every instance', async () => {
  let isAway = false;
  const { instance, status, wait } = aWorld(() => {
    if (isAway) throw new Fault('denied', 'The proxy refuses.');
    return [];
  });
  expect(await status()).toEqual({ service: 'vulnerabilities', mode: 'on', failures: 0, leftBehind: 0 });
  await instance()();
  isAway = true;
  wait(24);
  for (const one of [instance(), instance()]) await expect(one()).rejects.toThrow('refuses');
  const lastSuccessAt = '2026-11-30T00:00:00.000Z';
  expect(await status()).toMatchObject({ lastSuccessAt, failures: 2, problem: { code: 'denied', message: 'The proxy refuses.' } });
  isAway = false;
  await instance()();
  expect(await status()).toEqual({
    service: 'vulnerabilities',
    mode: 'on',
    lastSuccessAt: '2026-12-01T00:00:00.000Z',
    failures: 0,
    leftBehind: 0,
  });
});

it('notes a success again after an hour, and at once after a failure; dozens in a row are one', async () => {
  let isAway = false;
  const { instance, status, wait } = aWorld(() => {
    if (isAway) throw new Fault('denied', 'No.');
    return [];
  });
  const image = (at: number) => `AKSAzureLinux-V3katagen2-2026${String(at).padStart(2, '0')}.08.0`;
  const one = instance();
  const noted = async () => (await status()).lastSuccessAt;
  await one(image(1));
  wait(0.99);
  await one(image(2));
  expect(await noted()).toBe('2026-11-30T00:00:00.000Z');
  wait(0.01);
  await one(image(3));
  expect(await noted()).toBe('2026-11-30T01:00:00.000Z');
  isAway = true;
  await expect(one(image(4))).rejects.toThrow('No.');
  isAway = false;
  wait(0.5);
  await one(image(5));
  expect(await status()).toMatchObject({ lastSuccessAt: '2026-11-30T01:30:00.000Z', failures: 0 });
});

it.each(['{', 'null', '{"failures":-1}', '{"failures":1,"problem":{"code":"odd","message":"m"}}'])(
  'counts no failure where what is noted is %s, and writes it anew',
  async (text) => {
    const { instance, status, blobs } = aWorld();
    blobs.set(STATUS, text);
    expect(await status()).toMatchObject({ failures: 0 });
    await instance()();
    expect(await status()).toMatchObject({ failures: 0, lastSuccessAt: '2026-11-30T00:00:00.000Z' });
  },
);

it('holds 200 answers in memory, the newest, and asks the storage for older ones', async () => {
  const { instance, asked, blobs } = aWorld();
  const one = instance();
  const image = (at: number) =>
    `AKSAzureLinux-V3katagen2-2026${String(1 + Math.floor(at / 28)).padStart(2, '0')}.${String((at % 28) + 1).padStart(2, '0')}.${at}`;
  for (let at = 0; at < 201; at++) await one(image(at));
  const before = asked();
  blobs.clear();
  await one(image(200));
  await one(image(1));
  expect(asked()).toBe(before);
  await one(image(0));
  expect(asked()).toBe(before + 1);
});

it('holds an answer that was renewed as the newest', async () => {
  const { instance, asked, blobs, wait } = aWorld();
  const one = instance();
  const image = (at: number) => `AKSAzureLinux-V3katagen2-202610.08.${at}`;
  for (let at = 0; at < 200; at++) await one(image(at));
  wait(24);
  await one(image(0));
  await one(image(200));
  const before = asked();
  blobs.clear();
  await one(image(0));
  expect(asked()).toBe(before);
});

it('writes no answer anew that the storage has, and asks again after the clock was moved back behind a failure', async () => {
  const { instance, blobs, asked, wait, writes } = aWorld(() => {
    throw new Fault('denied', 'No.');
  });
  blobs.set(PLACE, JSON.stringify({ at: '2026-11-30T00:00:00.000Z', ids: ['CVE-2026-9'] }));
  const kept = blobs.get(PLACE);
  expect(await instance()()).toEqual(['CVE-2026-9']);
  expect([blobs.get(PLACE), writes.places]).toEqual([kept, []]);
  blobs.clear();
  const other = instance();
  await expect(other()).rejects.toThrow();
  wait(-1);
  await expect(other()).rejects.toThrow();
  expect(asked()).toBe(2);
});

it.each([
  [true, 30],
  [false, 0],
])('deletes, where it is on: %s, what is older than %i days', async (isOn, days) => {
  const asked: unknown[] = [];
  const deleteBelow = async (...what: unknown[]) => asked.push(what);
  await pruneVulnerabilities({ deleteBelow }, isOn, () => new Date('2026-11-30T00:00:00Z'))();
  expect(asked).toEqual([['policy/vulnerabilities/', new Date(Date.parse('2026-11-30T00:00:00Z') - days * 86_400_000)]]);
});
