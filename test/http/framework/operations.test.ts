import { describe, expect, it } from 'vitest';
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

  it('that takes a form takes that alone besides JSON', async () => {
    const of = (type: string) => status('/session', { method: 'POST', body: 'key=x', headers: { 'content-type': type } });
    expect([await of('application/x-www-form-urlencoded'), await of('application/x-www-form-urlencoded2'), await of('text/plain')]).toEqual(
      [401, 415, 415],
    );
  });
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
