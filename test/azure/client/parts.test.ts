import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { beforeAbort } from '../../../shared/azure/client/abort.ts';
import { advised } from '../../../shared/azure/client/advice.ts';
import { check, parseBody } from '../../../shared/azure/client/body.ts';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import { oneLine, timeRanOut } from '../../../shared/azure/client/fault.ts';
import { budgetsOf, callBudgets } from '../../../shared/azure/client/options.ts';
import { drain, only } from '../../../shared/azure/client/paging.ts';
import { clientOptions } from '../../../shared/azure/client/pipeline.ts';
import { resourcePath } from '../../../shared/azure/client/requests.ts';
import { Fault, type FaultCode } from '../../../shared/domain/snapshot/fault.ts';

describe('waiting until a signal aborts', () => {
  /** A signal that says how many listen to it. */
  function aSignal() {
    const listening = new Set<() => void>();
    const signal = {
      aborted: false,
      addEventListener: (_: 'abort', listener: () => void) => void listening.add(listener),
      removeEventListener: (_: 'abort', listener: () => void) => void listening.delete(listener),
    };
    return { signal, listening };
  }

  it('gives what the promise gives, and listens no longer', async () => {
    const { signal, listening } = aSignal();
    expect(await beforeAbort(Promise.resolve('done'), signal)).toBe('done');
    await expect(beforeAbort(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
    expect(listening.size).toBe(0);
    expect(await beforeAbort(Promise.resolve('done'), undefined)).toBe('done');
  });

  it('ends with the signal, also with one that has aborted already', async () => {
    const never = new Promise(() => undefined);
    const { signal, listening } = aSignal();
    const waiting = beforeAbort(never, signal);
    for (const listener of listening) listener();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(listening.size).toBe(0);
    await expect(beforeAbort(never, { ...signal, aborted: true })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the pages of a list', () => {
  type Answers = { readonly nextLink?: string | null }[];
  /** Reads pages with these links to the next one. */
  async function read(links: readonly (string | null | undefined)[]): Promise<number> {
    const answers: Answers = [];
    async function* pages() {
      for (const link of links) yield answers.push(link === undefined ? {} : { nextLink: link });
    }
    await drain(pages(), () => answers.at(-1)?.nextLink, 'list', 'theLink');
    return answers.length;
  }
  const chain = (count: number) => Array.from({ length: count }, (_, at) => `page ${at}`);

  it('are read to the end, whatever the last one says of the next', async () => {
    for (const end of [undefined, null, '']) expect(await read([...chain(999), end])).toBe(1_000);
  });

  const TWICE = 'Cannot list: the response is malformed: theLink points to a page that was already read.';

  it.each<[string, readonly string[], FaultCode, string]>([
    ['lead back', ['b', 'c', 'b'], 'malformed', TWICE],
    ['lead to themselves', ['b', 'b'], 'malformed', TWICE],
    ['never end', chain(1_000), 'too-large', 'Cannot list: the list has more than 1000 pages.'],
  ])('that %s are never a whole list', async (_, links, code, message) => {
    await expect(read(links)).rejects.toMatchObject({ code, message });
  });

  it('are one where a call has but one', () => {
    expect(only(['a', 'b'])).toBe('a');
    expect(() => only([])).toThrow(TypeError);
  });
});

describe('the body of an answer', () => {
  const Shape = z.object({ a: z.number(), b: z.number(), c: z.number(), d: z.number() });

  it('is read by its schema', () => {
    expect(parseBody(z.object({ a: z.number() }), '{"a":1,"b":2}', 'look')).toEqual({ a: 1 });
    expect(check(z.undefined(), undefined, 'look')).toBeUndefined();
  });

  it('that is not as expected names its first three mistakes', () => {
    const problem = (text: string) => {
      try {
        return parseBody(Shape, text, 'look');
      } catch (error) {
        return error;
      }
    };
    const cause = expect.any(Error);
    expect(problem('<html>')).toMatchObject({ code: 'malformed', message: expect.stringContaining('not JSON'), cause });
    expect(problem('{}')).toMatchObject({ code: 'malformed', message: expect.stringMatching(/: a: [^;]+; b: [^;]+; c: [^;]+$/), cause });
    expect(problem('[]')).toMatchObject({ message: expect.stringContaining('the response: ') });
  });
});

describe('words of a fault', () => {
  it.each([
    ['a\r\n\tb\u2028c', 'a b c'],
    ['ends.', 'ends'],
    ['version 1.2 ends.', 'version 1.2 ends'],
    ['ends.  ', 'ends'],
    ['x'.repeat(300), 'x'.repeat(300)],
    ['x'.repeat(301), `${'x'.repeat(300)}…`],
  ])('are on one line and short: %j', (text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });

  it.each<[FaultCode, boolean]>([
    ['conflict', true],
    ['throttled', true],
    ['unreachable', true],
    ['timed-out', true],
    ['malformed', true],
    ['too-large', true],
    ['expired', true],
    ['unsupported', true],
    ['denied', false],
    ['not-found', false],
  ])('of the kind %s end with what to do where they do not say it: %s', async (code, isAdvised) => {
    const fault = new Fault(code, 'It failed.');
    const told: unknown = await advised(Promise.reject(fault)).catch((error: unknown) => error);
    expect(told).toMatchObject({ code, message: expect.stringMatching(isAdvised ? /^It failed\. .+\.$/ : /^It failed\.$/) });
    expect(told === fault).toBe(!isAdvised);
  });

  it('are only for faults: a bug and a result stay unchanged', async () => {
    const bug = new TypeError('a bug');
    await expect(advised(Promise.reject(bug))).rejects.toBe(bug);
    expect(await advised(Promise.resolve(1))).toBe(1);
    expect(timeRanOut('look', bug)).toMatchObject({ code: 'timed-out', cause: bug });
  });
});

describe('the options of a client', () => {
  const options = { credential: staticToken('t'), armEndpoint: 'https://arm.example//', clock: () => new Date(0) };

  it('ask for tokens of the endpoint, and follow no redirect', () => {
    expect(clientOptions(options)).toMatchObject({
      endpoint: 'https://arm.example',
      credentials: { scopes: ['https://arm.example/.default'] },
      redirectOptions: { maxRetries: 0 },
    });
    expect(clientOptions(options)).not.toHaveProperty('tlsOptions');
    expect(clientOptions({ ...options, tlsOptions: { ca: 'pem' } })).toMatchObject({ tlsOptions: { ca: 'pem' } });
  });

  it.each(['http://arm.example', 'arm.example', 'xhttps://arm.example'])('send no token to %s', (armEndpoint) => {
    expect(() => clientOptions({ ...options, armEndpoint })).toThrow(/must begin with https/);
  });

  it('share one estimate of the budgets for each identity', () => {
    const other = { ...options, credential: staticToken('t') };
    expect(budgetsOf(options)).toBe(budgetsOf({ ...options }));
    expect(budgetsOf(options)).not.toBe(budgetsOf(other));
    budgetsOf(options).learnRemaining({ key: 'arm-reads/s', burst: 9, perSecond: 1 }, 4);
    expect([callBudgets(options)(), callBudgets(other)()]).toEqual([[{ budget: 'arm-reads', left: 4, size: 9 }], []]);
  });

  it('encode the path of a resource part by part', () => {
    expect(resourcePath('/subscriptions/a b/x?y')).toBe('/subscriptions/a%20b/x%3Fy');
  });
});
