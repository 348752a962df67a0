import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONTAINERS, QUEUES, TABLES } from '../../shared/storage/names.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { bundleStoreContract } from '../contracts/bundles-contract.ts';
import { assessmentStoreContract, messagesContract } from '../contracts/other-contracts.ts';
import { aSnapshot } from '../support/a-snapshot.ts';
import { BlobService } from '../support/blob-service.ts';

const NAME = 'an account on loopback';
const PATIENCE = { retries: 0, firstDelayMs: 1, longestDelayMs: 1, limitMs: 5_000 };

let service: BlobService;
beforeAll(async () => {
  service = await BlobService.start();
});
beforeEach(() => {
  service.fault = undefined;
  service.requests.length = 0;
});
afterAll(() => service.stop());

let spaces = 0;
/** A separate storage within the account. */
function aStorage(patience: Partial<typeof PATIENCE> = {}): Storage {
  spaces += 1;
  const account = { connectionString: service.connectionString, prefix: `p${spaces}` };
  return createStorage(account, () => new Date(), { ...PATIENCE, ...patience });
}

bundleStoreContract(NAME, async () => aStorage().bundles);
assessmentStoreContract(NAME, async () => aStorage().assessments);
messagesContract(NAME, async () => aStorage().messages);

const PLACE = 'policy/policy.yaml';
const MEBIBYTE = 1_048_576;

describe('a text blob of the account', () => {
  it('is written only from the version that was read, and is returned complete', async () => {
    const { texts } = aStorage();
    expect(await texts.read(PLACE)).toBeUndefined();
    expect(await texts.write(PLACE, 'ä', undefined)).toBe(true);
    expect(await texts.write(PLACE, 'other', undefined)).toBe(false);
    const held = await texts.read(PLACE);
    if (held === undefined || held === 'unchanged') return expect.unreachable();
    expect(held.text).toBe('ä');
    expect(await texts.read(PLACE, held.etag)).toBe('unchanged');
    expect(await texts.read(PLACE, '"another"')).toEqual(held);
    expect(await texts.write(PLACE, 'new', held.etag)).toBe(true);
    expect(await texts.write(PLACE, 'late', held.etag)).toBe(false);
    expect(await texts.read(PLACE, held.etag)).toMatchObject({ text: 'new' });
    // The text belongs to the returned ETag, even when someone writes in between.
    expect(service.requests).toContain(`GET /p${spaces}policy/policy.yaml of ${held.etag}`);
  });

  it('has at most 1 MiB: a larger one is refused before it is read', async () => {
    const { texts } = aStorage();
    await texts.write(PLACE, 'x'.repeat(MEBIBYTE), undefined);
    expect(await texts.read(PLACE)).toMatchObject({ text: expect.stringMatching(/^x+$/) });
    await texts.write('policy/large', 'x'.repeat(MEBIBYTE + 1), undefined);
    service.requests.length = 0;
    await expect(texts.read('policy/large')).rejects.toMatchObject({ code: 'too-large', message: expect.stringContaining('1048577') });
    expect(service.requests.filter((one) => one.startsWith('GET'))).toEqual([]);
  });

  it.each([
    ['a container of three letters', 'abc/x', true],
    ['one with a hyphen', 'ab-c/x', true],
    ['one of 63 letters', `${'a'.repeat(63)}/x`, true],
    ['a name of 1,024 letters', `abc/${'x'.repeat(1_024)}`, true],
    ['a folder', 'abc/x/y.json', true],
    ['a container of two letters', 'ab/x', false],
    ['one of 64', `${'a'.repeat(64)}/x`, false],
    ['one with two hyphens', 'abc--d/x', false],
    ['one that begins with a hyphen', '-abc/x', false],
    ['one that ends with one', 'abc-/x', false],
    ['one with a capital', 'Abc/x', false],
    ['no name', 'abc', false],
    ['an empty name', 'abc/', false],
    ['a slash before it', '/abc/x', false],
    ['a name of 1,025 letters', `abc/${'x'.repeat(1_025)}`, false],
  ])('has a valid path: %s', async (_, path, isPlace) => {
    const texts = createStorage({ connectionString: service.connectionString }, () => new Date(), PATIENCE).texts;
    expect(await texts.read(path)).toBeUndefined();
    expect(service.requests.length > 0).toBe(isPlace);
    if (isPlace) return;
    await expect(texts.write(path, '', undefined)).rejects.toThrow(TypeError);
    await expect(texts.deleteBelow(path, service.now)).rejects.toThrow(TypeError);
  });

  it('is deleted below a path when it is older than a time, and counted when it was there', async () => {
    const { texts } = aStorage();
    for (const path of ['cache/one', 'cache/two', 'other']) await texts.write(`policy/${path}`, '', undefined);
    expect(await texts.deleteBelow('policy/cache/', service.now)).toBe(0);
    const later = new Date(service.now.getTime() + 1_000);
    service.fault = { request: /^DELETE .*one/, answer: 404, code: 'BlobNotFound' };
    expect(await texts.deleteBelow('policy/cache/', later)).toBe(1);
    expect([await texts.read('policy/cache/two'), await texts.read('policy/other')]).toEqual([undefined, expect.anything()]);
  });
});

const EMPTY = { snapshot: aSnapshot(), runs: [], policyHash: 'h' };
async function* pieces() {
  yield '{}';
}
const HEAD = { sequence: 1, sha256: 'a'.repeat(64), sealedAt: '2026-11-23T12:00:00.000Z' };
const CALLS: Readonly<Record<string, (storage: Storage) => Promise<unknown>>> = {
  'a look at a text': ({ texts }) => texts.read(PLACE),
  'a write of a text': ({ texts }) => texts.write(PLACE, 'x', undefined),
  'a deletion of texts': ({ texts }) => texts.deleteBelow(PLACE, new Date(8_000_000_000_000)),
  'a look at an assessment': ({ assessments }) => assessments.get(EMPTY.snapshot.cluster.id),
  'a write of an assessment': ({ assessments }) => assessments.put(EMPTY),
  'a look for a bundle': ({ bundles }) => bundles.has(1),
  'a look at a bundle': ({ bundles }) => bundles.open(1),
  'a write of a bundle': ({ bundles }) => bundles.create(1, pieces()),
  'a look at the head': ({ bundles }) => bundles.head(),
  'a move of the head': ({ bundles }) => bundles.moveHead(HEAD, undefined),
  'a message': ({ messages }) => messages.raw('scans', '{}'),
  'a row': ({ trend }) => trend.rebuilt('2026-11-23T12:00:00.000Z'),
  'a preparation': (storage) => storage.ensure(),
};

describe('an account that refuses', () => {
  it.each(
    Object.entries(CALLS).flatMap(([name, call]) =>
      (
        [
          [403, 'denied'],
          [500, 'unreachable'],
        ] as const
      ).map((row) => [name, ...row, call] as const),
    ),
  )('%s with %i is reported as %s, and never treated as an empty answer', async (_, answer, code, call) => {
    service.fault = { request: /./, answer };
    await expect(call(aStorage())).rejects.toMatchObject({ name: 'Fault', code, message: expect.stringMatching(/^Cannot /) });
  });

  it.each(Object.entries(CALLS).filter(([name]) => !name.includes('bundle')))(
    'by never answering %s takes its time limit',
    async (_, call) => {
      service.fault = { request: /./, answer: 'hangs' };
      await expect(call(aStorage({ limitMs: 20 }))).rejects.toMatchObject({ code: 'timed-out' });
    },
  );

  it.each([
    ['queues', /^PUT \/p\d+scans/],
    ['containers', /^PUT \/p\d+assessments/],
    ['tables', /^POST/],
  ])('by never answering a preparation of its %s takes its time limit', async (_, request) => {
    service.fault = { request, answer: 'hangs' };
    await expect(aStorage({ limitMs: 150 }).ensure()).rejects.toMatchObject({ code: 'timed-out' });
  });

  it('by never answering a deletion of one of many texts takes its time limit', async () => {
    const { texts } = aStorage({ limitMs: 200 });
    await texts.write(PLACE, '', undefined);
    service.fault = { request: /^DELETE/, answer: 'hangs' };
    await expect(texts.deleteBelow(PLACE, new Date(8_000_000_000_000))).rejects.toMatchObject({ code: 'timed-out' });
  });

  it('in the middle of a bundle is reported, and what came is never taken for all of it', async () => {
    const { bundles } = aStorage();
    service.fault = { request: /^GET/, answer: 'breaks after a byte' };
    const read = async () => {
      for await (const _ of (await bundles.open(1)) ?? expect.unreachable());
    };
    await expect(read()).rejects.toMatchObject({ name: 'Fault', message: expect.stringContaining('read bundle 1') });
  });

  it.each(['a look at a text', 'a message', 'a row'])('%s again and again gets no request more than it may take', async (name) => {
    service.fault = { request: /./, answer: 503 };
    await expect(CALLS[name]?.(aStorage({ retries: 2 }))).rejects.toMatchObject({ code: 'throttled' });
    // Those of an earlier test may still arrive.
    expect(service.requests.filter((one) => one.includes(`/p${spaces}`))).toHaveLength(3);
  });

  it.each(Object.entries(CALLS))('%s once gets another request', async (_, call) => {
    service.fault = { request: /./, answer: 503, times: 1 };
    await expect(call(aStorage({ retries: 1 }))).resolves.not.toThrow();
  });
});

describe('an assessment', () => {
  const { id } = EMPTY.snapshot.cluster;

  it('that others keep writing is a conflict after ten attempts', async () => {
    const { assessments } = aStorage();
    await assessments.put(EMPTY);
    service.fault = { request: /^PUT/, answer: 412 };
    service.requests.length = 0;
    await expect(assessments.put(EMPTY)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(id) });
    expect(service.requests.filter((one) => one.startsWith('PUT'))).toHaveLength(10);
  });

  it('replaces only the one that was compared, or is created when there was none', async () => {
    const { assessments } = aStorage();
    service.fault = { request: /^PUT/, answer: 409, times: 1 };
    await assessments.put(EMPTY);
    await assessments.put(EMPTY);
    expect(service.requests.filter((one) => one.startsWith('PUT')).map((one) => one.replace(/^\S+ \S+ /, ''))).toEqual([
      'unless *',
      'unless *',
      expect.stringMatching(/^of "/),
    ]);
    expect(await assessments.get(id)).toEqual(EMPTY);
    expect([...service.blobs].at(-1)).toMatchObject([
      expect.stringMatching(/^p\d+assessments\/.*\.json\.gz$/),
      { type: 'application/gzip' },
    ]);
  });

  it.each([
    ['without verdicts', { ...EMPTY, runs: undefined }],
    ['whose verdicts are invalid', { ...EMPTY, runs: 'none' }],
    ['in another format', { ...EMPTY, snapshot: { schemaVersion: 1 } }],
  ])('%s is reported, and never read as none', async (_, stored) => {
    const { assessments } = aStorage();
    await assessments.put(EMPTY);
    const [path = ''] = [...service.blobs.keys()].slice(-1);
    const held = service.blobs.get(path) ?? expect.unreachable();
    service.blobs.set(path, { ...held, content: gzipSync(JSON.stringify(stored)) });
    await expect(assessments.get(id)).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining(id) });
  });
});

describe('a write', () => {
  it.each(['a write of an assessment', 'a write of a bundle'])('that is refused is no write of somebody else: %s', async (name) => {
    service.fault = { request: /^PUT/, answer: 403 };
    await expect(CALLS[name]?.(aStorage())).rejects.toMatchObject({ code: 'denied' });
    service.fault = { request: /^HEAD/, answer: 403 };
    if (name.includes('assessment')) await expect(CALLS[name]?.(aStorage())).rejects.toMatchObject({ code: 'denied' });
  });

  it.each([409, 412])('of a bundle that conflicts with another one is reported: %i', async (answer) => {
    service.fault = { request: /^PUT/, answer };
    expect(await aStorage().bundles.create(1, pieces())).toBe(false);
  });
});

describe('the head of the chain', () => {
  it.each([
    ['no JSON', '{'],
    ['a number below one', JSON.stringify({ ...HEAD, sequence: 0 })],
    ['a digest that is too long', JSON.stringify({ ...HEAD, sha256: 'a'.repeat(65) })],
    ['a digest in capitals', JSON.stringify({ ...HEAD, sha256: 'A'.repeat(64) })],
  ])('with %s prevents sealing, and never begins a new chain', async (_, text) => {
    const { texts, bundles } = aStorage();
    await texts.write('bundles/head.json', text, undefined);
    await expect(bundles.head()).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining('bundles/head.json') });
  });

  it('and its bundles are dated JSON, in order of their numbers', async () => {
    const { bundles } = aStorage();
    await bundles.create(12, pieces());
    expect([...service.blobs].at(-1)).toMatchObject([`p${spaces}bundles/0000000012.json`, { type: 'application/json' }]);
  });
});

describe('a message', () => {
  const large = (bytes: number) => ({
    auditId: 'a',
    subscriptionId: 'x'.repeat(bytes - JSON.stringify({ auditId: 'a', subscriptionId: '' }).length),
  });

  it('is sent to its own queue unchanged, with the requested delay', async () => {
    const { messages } = aStorage();
    const before = service.messages.length;
    const scan = { clusterId: 'ä', cause: 'c', requestedAt: 't' };
    await messages.scan(scan, 7);
    await messages.inventory({ auditId: 'a', subscriptionId: 's' });
    await messages.notification({ clusterId: 'c', cause: 'a' });
    await messages.digest({ target: 't' }, 30);
    await messages.publication({ service: 'defender', subscriptionId: 's' });
    await messages.raw('notifications', 'raw');
    expect(service.messages.slice(before).map(({ queue, text, visibility }) => [queue.replace(/^p\d+/, ''), text, visibility])).toEqual([
      ['scans', JSON.stringify(scan), '7'],
      ['inventories', '{"auditId":"a","subscriptionId":"s"}', '0'],
      ['notifications', '{"clusterId":"c","cause":"a"}', '0'],
      ['notifications', '{"target":"t"}', '30'],
      ['publications', '{"service":"defender","subscriptionId":"s"}', '0'],
      ['notifications', 'raw', '0'],
    ]);
  });

  it('may have 64 KiB when it is sent, and not more', async () => {
    const { messages } = aStorage();
    await messages.inventory(large(49_152));
    await expect(messages.inventory(large(49_153))).rejects.toMatchObject({ code: 'too-large', message: expect.stringContaining('65536') });
  });
});

it('an account can be prepared twice, with a poison queue for each queue', async () => {
  const storage = aStorage();
  await storage.ensure();
  await storage.ensure();
  const own = service.made.filter((one) => one.includes(` p${spaces}`)).map((one) => one.replace(`p${spaces}`, ''));
  const queues = Object.values(QUEUES).flatMap((name) => [`queue ${name}`, `queue ${name}-poison`]);
  const others = [...Object.values(TABLES).map((name) => `table ${name}`), ...Object.values(CONTAINERS).map((name) => `blob ${name}`)];
  expect(own.toSorted()).toEqual([...queues, ...others].toSorted());
});

it.each([
  ['blob', 'a look at a text'],
  ['queue', 'a message'],
  ['table', 'a row'],
])("an account by its name is reached at its own %s service, with the app's identity", async (service, name) => {
  const scopes: unknown[] = [];
  const getToken = async (scope: string | string[]) => {
    scopes.push(...[scope].flat());
    return { token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
  };
  const account = { accountName: 'audits', credential: { getToken }, suffix: 'storage.invalid' };
  const call = CALLS[name]?.(createStorage(account, () => new Date(), PATIENCE));
  // No resolver knows a name that ends with `.invalid`. Source: RFC 6761, 6.4.
  await expect(call).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining(`audits.${service}.storage.invalid`) });
  expect(scopes).toEqual(['https://storage.azure.com/.default']);
});
