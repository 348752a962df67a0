import { describe, expect, it } from 'vitest';
import { Fault, type FaultCode } from '../../../shared/domain/snapshot/fault.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import type { PublishedItem } from '../../../shared/ports/publication-store.ts';
import { bringTo, type Saying, type Wanted } from '../../../shared/usecases/publish/bring-to.ts';

const BEGIN = Date.parse('2026-11-20T12:00:00.000Z');
const HOUR = 3_600_000;
const [service, scope] = ['defender', '/subscriptions/11111111-1111-4111-8111-111111111111'] as const;
const PROBLEM = { code: 'denied', message: 'No.' } as const;
const THERE: PublishedItem = { digest: 'd', at: new Date(BEGIN).toISOString(), state: 'there' };

/** A service and the calls to it; a call for a resource in `fails` is refused. */
function aWorld() {
  const { publications } = createMemoryStorage();
  const did: string[] = [];
  const fails = new Map<string, unknown>();
  let now = BEGIN;
  let came: 'gone' | 'left' = 'gone';
  const items = async () => (await publications.get(service, scope))?.published.items;
  const held = new Map<string, unknown>();
  const call = async (word: string, name: string) => {
    did.push(`${word} ${name}`);
    held.set(name, (await items())?.[name]);
    if (fails.has(name)) throw fails.get(name);
  };
  const saying = (name: string, digest = 'd'): Saying => ({ name, digest, say: () => call('say', name) });
  const takeBack: Wanted['takeBack'] = async (name) => {
    await call('take back', name);
    return came;
  };
  return {
    publications,
    did,
    /** The record of each resource at the time of its call. */
    held,
    fails,
    items,
    record: async () => (await publications.get(service, scope))?.published,
    wait: (ms: number) => {
      now += ms;
    },
    keepsWhatIsTakenBack: (keeps: boolean) => {
      came = keeps ? 'left' : 'gone';
    },
    bring: (sayings: readonly (string | Saying)[], lastTry = true, over: Partial<Wanted> = {}) => {
      const wanted = { service, scope, sayings: sayings.map((one) => (typeof one === 'string' ? saying(one) : one)), takeBack, ...over };
      return bringTo({ publications, clock: () => new Date(now) }, wanted, lastTry, new AbortController().signal);
    },
    saying,
  };
}

describe('a resource to be written', () => {
  it('is recorded as unsure before it is written, and as present only after, so that a crash in between leaves nothing unrecorded', async () => {
    const { bring, held, record, did, saying } = aWorld();
    expect(await bring(['a', saying('b', 'e')])).toEqual({ written: 2, takenBack: 0 });
    const unsure = { digest: '', at: THERE.at, state: 'unsure' };
    expect([did, held.get('a'), held.get('b')]).toEqual([['say a', 'say b'], unsure, unsure]);
    expect(await record()).toEqual({ service, scope, items: { a: THERE, b: { ...THERE, digest: 'e' } }, lastSuccessAt: THERE.at });
  });

  it.each<[string, number, string, number | undefined, readonly string[]]>([
    ['an hour short of a day', 23 * HOUR - 1, 'd', undefined, []],
    ['a day but an hour', 23 * HOUR, 'd', undefined, ['say a']],
    ['another content, immediately', 0, 'e', undefined, ['say a']],
    ['its own time, before its end', 999, 'd', 1_000, []],
    ['its own time, after its end', 1_000, 'd', 1_000, ['say a']],
  ])('is written again after %s', async (_, ms, digest, renewAfterMs, expected) => {
    const { bring, did, wait, saying } = aWorld();
    await bring(['a']);
    wait(ms);
    did.length = 0;
    await bring([saying('a', digest)], true, renewAfterMs === undefined ? {} : { renewAfterMs });
    expect(did).toEqual(expected);
  });

  it('causes no write when nothing is to be done', async () => {
    const { bring, publications } = aWorld();
    await bring(['a']);
    const before = await publications.get(service, scope);
    expect(await bring(['a'])).toEqual({ written: 0, takenBack: 0 });
    expect(await publications.get(service, scope)).toEqual(before);
  });

  it('is written again when its presence is unknown, and keeps its earlier record until then', async () => {
    const { bring, fails, items, did, saying } = aWorld();
    fails.set('a', new Fault('unsupported', 'Odd.'));
    await bring(['a']);
    expect(await items()).toMatchObject({ a: { state: 'unsure' } });
    fails.clear();
    await bring(['a']);
    expect([did, await items()]).toEqual([['say a', 'say a'], { a: THERE }]);

    fails.set('a', new Fault('unsupported', 'Odd.'));
    await bring([saying('a', 'e')]);
    expect(await items()).toEqual({ a: THERE });
  });

  it('is said though as much else is to be taken back', async () => {
    const { bring, items } = aWorld();
    await bring(['a']);
    expect(await bring(['b'])).toEqual({ written: 1, takenBack: 1 });
    expect(await items()).toEqual({ b: THERE });
  });

  it('is not written while another process writes for the same resource', async () => {
    const { bring, did, publications } = aWorld();
    const busy = { ...publications, put: async () => undefined };
    const wanted = { service, scope, sayings: [aWorld().saying('a')], takeBack: () => expect.unreachable('It was not said.') };
    const brought = bringTo({ publications: busy, clock: () => new Date(BEGIN) }, wanted, true, new AbortController().signal);
    await expect(brought).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(scope) });
    expect([did, await bring([])]).toEqual([[], { written: 0, takenBack: 0 }]);
  });
});

describe('a resource to be withdrawn', () => {
  it('is deleted and then forgotten, with the record after the last one', async () => {
    const { bring, held, did, items, record } = aWorld();
    await bring(['a', 'b']);
    expect(await bring(['b'])).toEqual({ written: 0, takenBack: 1 });
    expect([did.at(-1), held.get('a'), await items()]).toEqual(['take back a', THERE, { b: THERE }]);
    await bring([]);
    expect(await record()).toBeUndefined();
  });

  it('that cannot be deleted is reported as left behind, and tried again a day later', async () => {
    const { bring, keepsWhatIsTakenBack, did, items, wait } = aWorld();
    await bring(['a']);
    keepsWhatIsTakenBack(true);
    await bring([]);
    expect(await items()).toEqual({ a: { digest: '', at: THERE.at, state: 'left' } });
    wait(23 * HOUR - 1);
    await bring([]);
    expect(did).toEqual(['say a', 'take back a']);
    wait(1);
    keepsWhatIsTakenBack(false);
    await bring([]);
    expect([did.at(-1), did.length, await items()]).toEqual(['take back a', 3, undefined]);
  });

  it('that was left behind is written again when it is wanted again', async () => {
    const { bring, keepsWhatIsTakenBack, items } = aWorld();
    await bring(['a']);
    keepsWhatIsTakenBack(true);
    await bring([]);
    await bring(['a']);
    expect(await items()).toEqual({ a: THERE });
  });
});

describe('a failure', () => {
  it.each<[FaultCode, boolean]>([
    ['unauthenticated', false],
    ['denied', false],
    ['throttled', false],
    ['unreachable', false],
    ['timed-out', false],
    ['unsupported', true],
    ['malformed', true],
    ['not-found', true],
    ['conflict', true],
  ])('with the code %s lets the others be tried: %s', async (code, goesOn) => {
    const { bring, fails, did, record } = aWorld();
    fails.set('a', new Fault(code, 'First.'));
    const brought = await bring(['a', 'b']);
    expect(did).toEqual(goesOn ? ['say a', 'say b'] : ['say a']);
    expect(brought).toEqual({ written: goesOn ? 1 : 0, takenBack: 0, problem: { code, message: 'First.' } });
    expect(await record()).toMatchObject({ problem: { code, message: 'First.' } });
    expect(await record()).not.toHaveProperty('lastSuccessAt');
  });

  it('is reported as the first one, unless a later one ends the rest', async () => {
    const { bring, fails } = aWorld();
    for (const [name, code] of [['a', 'malformed'] as const, ['b', 'unsupported'] as const]) fails.set(name, new Fault(code, name));
    expect((await bring(['a', 'b', 'c'])).problem).toEqual({ code: 'malformed', message: 'a' });
    fails.set('b', new Fault('denied', 'b'));
    expect((await bring(['a', 'b', 'c'])).problem).toEqual({ code: 'denied', message: 'b' });
  });

  it('that is temporary is recorded and left to the queue, and reported at its last attempt', async () => {
    const { bring, fails, record } = aWorld();
    fails.set('a', new Fault('throttled', '429'));
    await expect(bring(['a'], false)).rejects.toMatchObject({ code: 'throttled' });
    expect(await record()).toMatchObject({ items: { a: { state: 'unsure' } }, problem: { code: 'throttled' } });
    expect(await bring(['a'], true)).toMatchObject({ problem: { code: 'throttled' } });
    fails.set('a', new Fault('denied', '403'));
    expect(await bring(['a'], false)).toMatchObject({ problem: { code: 'denied' } });
  });

  it('keeps the last success, and ends once everything is written, even when nothing was left to write', async () => {
    const { bring, fails, record, wait, publications } = aWorld();
    await bring(['a']);
    wait(HOUR);
    fails.set('b', new Fault('malformed', 'b'));
    await bring(['a', 'b']);
    expect(await record()).toMatchObject({ lastSuccessAt: THERE.at, problem: { code: 'malformed' } });

    const held = await publications.get(service, scope);
    const items = { a: THERE };
    await publications.put({ service, scope, items, problem: PROBLEM, lastSuccessAt: THERE.at }, held?.version);
    await bring(['a']);
    expect(await record()).toEqual({ service, scope, items, lastSuccessAt: new Date(BEGIN + HOUR).toISOString() });
  });

  it('keeps its record while no resource is present, so that health reports it', async () => {
    const { bring, fails, record, publications } = aWorld();
    await publications.put({ service, scope, items: { a: THERE } }, undefined);
    fails.set('a', new Fault('denied', 'No.'));
    await bring([]);
    expect(await record()).toMatchObject({ items: { a: THERE }, problem: PROBLEM });
  });

  it('of the program is not a failure of the service', async () => {
    const { bring, fails, record } = aWorld();
    fails.set('a', new TypeError('a bug'));
    await expect(bring(['a'])).rejects.toThrow('a bug');
    expect(await record()).not.toHaveProperty('problem');
  });
});
