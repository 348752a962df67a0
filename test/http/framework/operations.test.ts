import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApi } from '../../../shared/http/framework/openapi.ts';
import { ROUTES } from '../../../shared/http/routes.ts';
import { ask, listOf, wrongFields } from '../client.ts';
import { aFinding, anEstate } from '../estate.ts';

const findings = ['a', 'b', 'c'].map((name) => aFinding({ subject: { kind: 'node', name } }));
const estate = anEstate({ findings });
const status = async (...asked: [path: string, how?: Parameters<typeof ask>[2]]) => (await ask(estate, ...asked)).status;

describe('every operation', () => {
  it.each([
    ['/health?x=1', 400],
    ['/findings?x=1', 400],
    ['/findings/%zz', 404],
    ['/findings/%2e%2e', 404],
    ['/openapi.json', 200],
  ])('answers %s with %i', async (path, expected) => expect(await status(path)).toBe(expected));

  it('that needs no app takes the media types and methods that it has, and no others', async () => {
    expect(await status('/health', { headers: { accept: 'text/html' } })).toBe(406);
    expect(await status('/health', { method: 'POST' })).toBe(405);
    expect(await status('/health', { headers: { accept: 'application/json' } })).toBe(200);
  });

  it('is found below the path of the host in any case', async () => {
    expect(await status('https://kataudit.example/API/findings', { method: 'PATCH' })).toBe(405);
    expect(await status('https://kataudit.example/other/findings', { method: 'PATCH' })).toBe(404);
    expect(await status('https://kataudit.example/clusters/api/', { method: 'PATCH' })).toBe(404);
  });

  it.each([
    ['application/json', 202],
    ['APPLICATION/JSON; charset=utf-8', 202],
    ['application/json ;a=b', 202],
    ['application/jsonp', 415],
    ['text/application/json', 415],
    ['application/x-www-form-urlencoded', 415],
    ['text/plain', 415],
  ])('takes a body of the type %s: %i', async (type, expected) => {
    expect(await status('/audits', { method: 'POST', body: '{}', headers: { 'content-type': type } })).toBe(expected);
  });

  it('that accepts a form accepts only that besides JSON', async () => {
    const of = (type: string) => status('/session', { method: 'POST', body: 'key=x', headers: { 'content-type': type } });
    expect([await of('application/x-www-form-urlencoded'), await of('application/x-www-form-urlencoded; charset=utf-8')]).toEqual([
      401, 401,
    ]);
    const others = ['application/x-www-form-urlencoded2', 'text/application/x-www-form-urlencoded', 'text/plain'];
    expect(await Promise.all(others.map(of))).toEqual([415, 415, 415]);
  });
});

describe('a parameter', () => {
  interface Bounds {
    readonly type?: string;
    readonly items?: Bounds;
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly minItems?: number;
    readonly maxItems?: number;
    readonly minimum?: number;
    readonly maximum?: number;
  }
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({ parameters: z.array(z.unknown()).default([]) }))) })
    .parse(openApi(ROUTES, '1'));
  const named = z.object({ name: z.string(), in: z.string(), schema: z.custom<Bounds>() });
  const boundsOf = (path: string) =>
    Object.fromEntries(
      (paths[path]?.get?.parameters ?? []).flatMap((one) => {
        const { name, in: place, schema } = named.parse(one);
        const { items, minLength = items?.minLength, maxLength = items?.maxLength, minItems, maxItems, minimum, maximum } = schema;
        const bounds = [minLength, maxLength, minItems, maxItems, minimum, maximum]
          .map((bound) => bound ?? '')
          .join(' ')
          .trim();
        return place !== 'query' || bounds === '' ? [] : [[name, bounds]];
      }),
    );
  const LIST = '1 100';
  const FILTERS = {
    status: LIST,
    severity: LIST,
    rule: `1 100 ${LIST}`,
    subscription: LIST,
    cluster: `1 512 ${LIST}`,
    tag: `1 770 ${LIST}`,
    pool: `1 260 ${LIST}`,
    namespace: `1 260 ${LIST}`,
    workload: `1 260 ${LIST}`,
    kind: LIST,
    owner: `1 260 ${LIST}`,
    q: '1 200',
  };
  const PAGE = { top: '1 1000', cursor: '1 4000' };
  const texts = Object.fromEntries(
    'severity rule cluster subscription namespace pool kind owner tag exempted overdue image id'
      .split(' ')
      .map((name) => [name, '770  200']),
  );
  const words = Object.fromEntries(
    'q status exemption firstSeenSince gap group days state sort from'.split(' ').map((name) => [name, '500']),
  );

  it.each<[string, Readonly<Record<string, string>>]>([
    ['/findings', { ...FILTERS, ...PAGE }],
    ['/exports/{format}', FILTERS],
    [
      '/clusters',
      {
        status: LIST,
        assessment: LIST,
        subscription: LIST,
        tag: `1 770 ${LIST}`,
        rule: `1 100 ${LIST}`,
        severity: LIST,
        gap: LIST,
        q: '1 200',
        ...PAGE,
      },
    ],
    ['/changes', { kind: LIST, severity: LIST, rule: `1 100 ${LIST}`, cluster: `1 512 ${LIST}`, ...PAGE }],
    ['/audits/{id}/difference', { from: '1 100' }],
    ['/exports/bundle', { number: '1 1000000000' }],
    ['/dashboard/{page}', { ...texts, ...words, page: '1 100000', after: '4000' }],
  ])('of %s has its bounds', (path, expected) => expect(boundsOf(path)).toEqual(expected));
});

describe('the link to the next page', () => {
  const nextOf = async (query: string) => listOf(await ask(estate, `/findings?${query}`)).nextLink ?? expect.fail('There is no next page.');

  it('leads on to the end, each finding once, and holds no key', async () => {
    const seen: unknown[] = [];
    let path: string | undefined = '/findings?top=2&kind=node&clientId=me&code=secret';
    while (path !== undefined) {
      expect(seen.length === 0 || !/code=|clientId=/.test(path)).toBe(true);
      const page = listOf(await ask(estate, path));
      seen.push(...page.value.map(({ id }) => id));
      path = page.nextLink;
    }
    expect(seen).toEqual(findings.map(({ id }) => id).toSorted());
  });

  it('is for its own list with its own filters, in any order of them', async () => {
    const cursor = new URL(await nextOf('top=1&severity=high&kind=node'), 'https://x.example').searchParams.get('cursor') ?? '';
    const open = (path: string) => ask(estate, `${path}&cursor=${encodeURIComponent(cursor)}`);
    expect((await open('/findings?kind=node&severity=high')).status).toBe(200);
    for (const path of [
      '/findings?severity=high',
      '/findings?kind=node&severity=low',
      '/clusters?top=1',
      '/findings?kind=node&severity=high&q=a',
    ]) {
      const answer = await open(path);
      expect([answer.status, wrongFields(answer)]).toEqual([400, ['cursor']]);
    }
  });
});
