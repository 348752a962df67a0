import { expect, it } from 'vitest';
import { rememberedVulnerabilities } from '../../../shared/compose/container/vulnerabilities.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { TextBlobs } from '../../../shared/storage/text-blobs.ts';

const IMAGE = 'AKSAzureLinux-V3katagen2-202610.08.0';
const PLACE = `policy/vulnerabilities/${IMAGE}.json`;
const signal = new AbortController().signal;

/** A storage and a clock that instances share; each instance asks the data by itself. */
function aWorld(answer: () => readonly string[] | undefined = () => ['CVE-2026-1001']) {
  const blobs = new Map<string, string>();
  let asked = 0;
  let now = Date.parse('2026-11-30T00:00:00Z');
  const texts: TextBlobs = {
    read: async (path) => (blobs.has(path) ? { text: blobs.get(path) ?? '', etag: '1' } : undefined),
    write: async (path, text) => blobs.set(path, text) !== undefined,
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
    instance,
    asked: () => asked,
    wait: (hours: number) => {
      now += hours * 3_600_000;
    },
  };
}

it('asks once a day for all instances, whatever the patch level', async () => {
  const { instance, asked, wait } = aWorld();
  const [one, two] = [instance(), instance()];
  expect(await one()).toEqual(['CVE-2026-1001']);
  expect(await one(`${IMAGE}-2026.10.20`)).toEqual(['CVE-2026-1001']);
  expect(await two()).toEqual(['CVE-2026-1001']);
  expect(asked()).toBe(1);
  wait(24);
  await two();
  expect(asked()).toBe(2);
});

it('remembers, too, that the data does not know an image', async () => {
  const { instance, asked } = aWorld(() => undefined);
  const one = instance();
  expect([await one(), await instance()()]).toEqual([undefined, undefined]);
  expect(asked()).toBe(1);
});

it('remembers no failure', async () => {
  let isAway = true;
  const { instance, asked, blobs } = aWorld(() => {
    if (isAway) throw new Fault('unreachable', 'No way out.');
    return [];
  });
  const one = instance();
  await expect(one()).rejects.toThrow('No way out.');
  expect(blobs.size).toBe(0);
  isAway = false;
  expect(await one()).toEqual([]);
  expect(asked()).toBe(2);
});

it.each(['{', 'null', '{"at":"2026-11-30T00:00:00Z"}', '{"at":"2026-11-30T00:00:00Z","ids":[7]}'])(
  'asks anew when what is kept is %s',
  async (text) => {
    const { instance, blobs, asked } = aWorld();
    blobs.set(PLACE, text);
    expect(await instance()()).toEqual(['CVE-2026-1001']);
    expect(asked()).toBe(1);
  },
);
