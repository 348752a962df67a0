import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SUBJECT_KINDS } from '../../../shared/domain/snapshot/subject.ts';
import { type BodyBounds, readBounded } from '../../../shared/http/framework/body.ts';
import { exemptedOf, FINDING_FILTERS, toFilter, toQuestion } from '../../../shared/http/framework/finding-query.ts';
import { matchRoute } from '../../../shared/http/framework/match.ts';
import { Problem } from '../../../shared/http/framework/problem.ts';
import { parseBody, parseQuery } from '../../../shared/http/framework/query.ts';
import { pathOf } from '../../../shared/http/framework/route.ts';
import { ROUTES } from '../../../shared/http/routes.ts';
import { RULES, SUBSCRIPTION } from '../estate.ts';

/** The status of a refusal, and the invalid fields. */
const refused = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return [error.status, ...error.errors.map(({ field, detail }) => `${field} ${detail}`)];
    throw error;
  }
  return expect.fail('It was taken.');
};

describe('a body', () => {
  const bodyOf = (
    body: string | Uint8Array<ArrayBuffer> | readonly string[],
    headers: Record<string, string> = {},
    wanted?: BodyBounds,
  ) => {
    const parts = typeof body === 'string' || body instanceof Uint8Array ? [body] : body;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const part of parts) controller.enqueue(typeof part === 'string' ? Buffer.from(part) : part);
        controller.close();
      },
    });
    const request = { method: 'PUT', url: 'https://x.example/', headers: new Headers(headers), params: {}, body: stream };
    return readBounded(request, wanted).catch((error: unknown) => (error instanceof Problem ? error.status : Promise.reject(error)));
  };
  const LIMIT = 65_536;
  const packed = (text: string) => new Uint8Array(gzipSync(text));
  const gzip = { 'content-encoding': 'GZIP' };

  it.each<[string, Parameters<typeof bodyOf>, string | number]>([
    ['in pieces', [['a', 'b', 'c'], {}, {}], 'abc'],
    ['cut within a character', [packed('ü'), gzip, { maxUnpackedBytes: 2 }], 'ü'],
    ['at the default limit', ['x'.repeat(LIMIT), {}, {}], 'x'.repeat(LIMIT)],
    ['one byte over it', ['x'.repeat(LIMIT + 1), {}, {}], 413],
    ['at its own limit', ['abc', {}, { maxBytes: 3 }], 'abc'],
    ['one byte over its own limit', ['abcd', {}, { maxBytes: 3 }], 413],
    ['whose pieces are too large together', [['ab', 'cd'], {}, { maxBytes: 3 }], 413],
    ['whose first piece is too large', [['abcd', ''], {}, { maxBytes: 3 }], 413],
    ['that declares the largest allowed size', ['abc', { 'content-length': '3' }, { maxBytes: 3 }], 'abc'],
    ['that declares a larger size', ['a', { 'content-length': '4' }, { maxBytes: 3 }], 413],
    ['that is not used', ['abc', {}], ''],
    ['that is not used and declares a size that is too large', ['abc', { 'content-length': '65537' }], 413],
    ['compressed, up to its limit', [packed('abc'), gzip, { maxUnpackedBytes: 3 }], 'abc'],
    ['compressed, over its limit', [packed('abcd'), gzip, { maxUnpackedBytes: 3 }], 413],
    ['with another encoding', ['abc', { 'content-encoding': 'br' }, { maxUnpackedBytes: 3 }], 415],
    ['that is not encoded as declared', ['abc', gzip, { maxUnpackedBytes: 3 }], 400],
    ['that was cut off', [packed('abc').slice(0, -4), gzip, { maxUnpackedBytes: 3 }], 400],
    ['compressed where no encoding is accepted', ['abc', gzip, {}], 'abc'],
  ])('%s', async (_, [body, headers, wanted], expected) => {
    expect(await bodyOf(body, headers, wanted)).toBe(expected);
  });

  it('that fails for another reason than its content hides no bug', async () => {
    await expect(bodyOf(packed('abc'), gzip, { maxUnpackedBytes: -1 })).rejects.toThrow(RangeError);
  });

  it('that is not used is not read', async () => {
    const body = new ReadableStream<Uint8Array>({ pull: () => expect.fail('It was read.') }, { highWaterMark: 0 });
    const request = { method: 'GET', url: 'https://x.example/', headers: new Headers(), params: {} };
    expect(await readBounded({ ...request, body }, undefined)).toBe('');
    expect(await readBounded({ ...request, body: null }, {})).toBe('');
    expect(await readBounded(request, {})).toBe('');
  });
});

describe('a query', () => {
  const schema = z.strictObject({
    top: z.number('expected a number').default(5),
    names: z.array(z.string().min(1)).optional(),
    deep: z.boolean('expected true or false').optional(),
    q: z.string().min(1).optional(),
  });
  const read = (text: string) => parseQuery(schema, new URLSearchParams(text));

  it.each<[string, object]>([
    ['', { top: 5 }],
    ['top=7&deep=true&q=a%20b', { top: 7, deep: true, q: 'a b' }],
    ['top=-70&deep=false', { top: -70, deep: false }],
    ['names=a,%20b&names=c', { top: 5, names: ['a', 'b', 'c'] }],
    ['code=secret&clientId=x', { top: 5 }],
  ])('%j is read', (text, expected) => expect(read(text)).toEqual(expected));

  it.each<[string, readonly string[]]>([
    ['top=1.5', ['top expected a number']],
    ['top=1e3', ['top expected a number']],
    ['top=0x1', ['top expected a number']],
    ['top=a1', ['top expected a number']],
    ['top=1%0A2', ['top expected a number']],
    ['top=1234567890123456', ['top expected a number']],
    ['top=', ['top expected a number']],
    ['deep=TRUE', ['deep expected true or false']],
    ['top=1&top=2', ['top is given more than once']],
    ['names=a,,b', ['names Too small: expected string to have >=1 characters']],
    ['names=,,', ['names Too small: expected string to have >=1 characters']],
    ['Top=1', ['Top is unknown; the parameters are top, names, deep, q']],
    ['constructor=1&toString=2', ['constructor', 'toString'].map((name) => `${name} is unknown; the parameters are top, names, deep, q`)],
    [
      `${'x'.repeat(101)}=1&deep=1`,
      [`${'x'.repeat(100)} is unknown; the parameters are top, names, deep, q`, 'deep expected true or false'],
    ],
  ])('%j is refused with every fault, each once', (text, errors) => expect(refused(() => read(text))).toEqual([400, ...errors]));

  it('of a route without parameters is refused with that reason', () => {
    expect(refused(() => parseQuery(z.strictObject({}), new URLSearchParams('a=1')))).toEqual([
      400,
      'a is unknown; this route has no parameters',
    ]);
  });
});

describe('a JSON body', () => {
  const schema = z.strictObject({ list: z.array(z.strictObject({ n: z.number('expected a number') })).optional() });

  it.each<[string, readonly string[]]>([
    ['{', [' is not JSON']],
    ['{"list":[{"n":1},{"n":"x","more":1}],"other":1}', ['/list/1/n expected a number', '/list/1/more is unknown', '/other is unknown']],
  ])('%s is refused with the pointer of every fault', (body, errors) => {
    expect(refused(() => parseBody(schema, body))).toEqual([400, ...errors]);
  });

  it('reports at most fifty faults, and accepts what is valid', () => {
    const faulty = (count: number) => JSON.stringify({ list: Array(count).fill({ n: 'x' }) });
    expect(refused(() => parseBody(schema, faulty(50)))).toHaveLength(51);
    expect(refused(() => parseBody(schema, faulty(51)))).toHaveLength(51);
    expect(parseBody(schema, '{"list":[{"n":1}]}')).toEqual({ list: [{ n: 1 }] });
  });
});

describe('the filters of findings', () => {
  const read = (text: string) => parseQuery(z.strictObject(FINDING_FILTERS), new URLSearchParams(text));

  it('are converted to those of the store, with times in UTC', () => {
    const times = 'since=2026-11-23T01:00:00%2B02:00&firstSeenSince=2026-11-22T00:00:00Z&changedSince=2026-11-21T00:00:00.5Z';
    const query = read(
      `${times}&pool=a,b&status=open&rule=node-image-current&kind=${SUBJECT_KINDS.join()}&subscription=${SUBSCRIPTION}&overdue=true`,
    );
    expect(toFilter(query, RULES)).toEqual({
      since: '2026-11-22T23:00:00.000Z',
      firstSeenSince: '2026-11-22T00:00:00.000Z',
      changedSince: '2026-11-21T00:00:00.500Z',
      nodePool: ['a', 'b'],
      status: ['open'],
      rule: ['node-image-current'],
      kind: [...SUBJECT_KINDS],
      subscription: [SUBSCRIPTION],
    });
  });

  it.each([
    ['', 'any', {}],
    ['', 'false', { exempted: false }],
    ['exempted=true', 'any', { exempted: true }],
    ['exempted=any', 'false', {}],
    ['overdue=true&exempted=false', 'any', { overdue: true, exempted: false }],
    ['overdue=false', 'any', {}],
  ] as const)('%j means, where %s is the default: %o', (text, byDefault, expected) => {
    expect(toQuestion(read(text), RULES, byDefault)).toEqual(expected);
    expect(exemptedOf(read(text), byDefault)).toBe('exempted' in expected ? expected.exempted : undefined);
  });

  it('accept up to a hundred values, and only existing rules', () => {
    const names = (count: number) => `cluster=${Array(count).fill('a').join()}`;
    expect(read(names(100)).cluster).toHaveLength(100);
    expect(refused(() => read(names(101)))[0]).toBe(400);
    expect(refused(() => toFilter(read('rule=node-image-current,"x,y'), RULES))).toEqual([
      400,
      'rule "\\"x", "y": no such rule; GET /api/rules lists them',
    ]);
    expect(
      refused(() => read('subscription=x&status=closed&since=yesterday'))
        .map(String)
        .map((one) => one.split(' ')[0]),
    ).toEqual(['400', 'status', 'subscription', 'since']);
  });
});

describe('a path', () => {
  it.each([
    ['GET', '/FINDINGS/Facets', 'facet-findings', {}],
    ['HEAD', '/findings/a%2Fb', 'get-finding', { id: 'a%2Fb' }],
    ['GET', '/dashboard', 'get-dashboard', { page: '' }],
    ['GET', '/dashboard/a/b', 'get-dashboard', { page: 'a/b' }],
    ['GET', '/clusters/s/g/n/snapshot', 'get-snapshot', { subscription: 's', resourceGroup: 'g', name: 'n' }],
    ['PUT', '/clusters/s/g/n/snapshot', 'put-snapshot', { subscription: 's', resourceGroup: 'g', name: 'n' }],
  ])('%s %s leads to %s with %o', (method, path, name, params) => {
    expect(matchRoute(ROUTES, method, path)).toMatchObject({ kind: 'route', route: { name }, params });
  });

  it('with another method lists the methods of only the closest route', () => {
    expect(matchRoute(ROUTES, 'POST', '/findings/groups')).toEqual({ kind: 'other-methods', methods: ['GET', 'HEAD'] });
    expect(matchRoute(ROUTES, 'GET', '/exports/bundle')).toMatchObject({ route: { name: 'get-bundle' } });
    expect(matchRoute(ROUTES, 'PATCH', '/exemptions/x')).toEqual({ kind: 'other-methods', methods: ['GET', 'HEAD', 'PUT', 'DELETE'] });
  });

  it.each([
    ['//evil.example//a//', '/evil.example//a'],
    ['/a/b', '/a/b'],
    ['/', '/'],
  ])('%s is linked as %s', (pathname, expected) => {
    expect(pathOf(new URL(`https://x.example${pathname}`))).toBe(expected);
  });
});

it.each([
  ['rule', 100],
  ['cluster', 512],
  ['tag', 770],
  ['pool', 260],
  ['q', 200],
])('the filter %s takes texts of up to %i characters, and no empty one', (name, most) => {
  const read = (length: number) => () => parseQuery(z.strictObject(FINDING_FILTERS), new URLSearchParams({ [name]: 'x'.repeat(length) }));
  expect([read(1), read(most)].map((run) => name in run())).toEqual([true, true]);
  expect([refused(read(0)), refused(read(most + 1))].map(([status]) => status)).toEqual([400, 400]);
});
