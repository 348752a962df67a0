import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstRows, inPartition, openTable, type Step, type Table } from '../../shared/storage/table.ts';

const ROW = { partitionKey: 'p', rowKey: 'r', value: 'v' };
const CODES: Readonly<Record<number, string>> = { 404: 'ResourceNotFound', 409: 'EntityAlreadyExists', 412: 'UpdateConditionNotSatisfied' };

/** The contract suite checks with Azurite that the service answers like this; these tests check how each answer is handled. */
describe('a table of the service', () => {
  let server: Server;
  let table: Table;
  let status = 204;
  let answers: { readonly headers?: Readonly<Record<string, string>>; readonly body: string }[] = [];
  const asked: { readonly method: string; readonly url: URL; readonly match: string | undefined; readonly body: string }[] = [];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, url: new URL(url, 'http://rows'), match: headers['if-match'], body: await text(request) });
      const answer = answers.shift();
      if (answer !== undefined) {
        response.writeHead(status, { 'content-type': 'application/json', ...answer.headers });
        response.end(answer.body);
        return;
      }
      const error = { 'odata.error': { code: CODES[status] ?? 'Other', message: { lang: 'en', value: 'no' } } };
      response.writeHead(status, { 'content-type': 'application/json', etag: 'W/"2"' });
      response.end(status < 300 ? undefined : JSON.stringify(error));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const credential = new AzureNamedKeyCredential('a', Buffer.from('k').toString('base64'));
    const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
    table = openTable(new TableClient(`http://127.0.0.1:${port}`, 'rows', credential, options), 'rows');
  });
  afterAll(() => server.close());
  beforeEach(() => {
    answers = [];
    asked.length = 0;
  });

  it.each<[string, number, (table: Table) => Promise<unknown>, unknown]>([
    ['an update', 204, (rows) => rows.update(ROW, 'W/"1"'), 'W/"2"'],
    ['an update of a row that another writer changed', 412, (rows) => rows.update(ROW, 'W/"1"'), undefined],
    ['an update of a deleted row', 404, (rows) => rows.update(ROW, 'W/"1"'), undefined],
    ['a creation', 204, (rows) => rows.create(ROW), true],
    ['a creation of an existing row', 409, (rows) => rows.create(ROW), false],
    ['a deletion', 204, (rows) => rows.delete('p', 'r', 'W/"1"'), true],
    ['a deletion of a deleted row', 404, (rows) => rows.delete('p', 'r'), false],
    ['a deletion of a row that another writer changed', 412, (rows) => rows.delete('p', 'r', 'W/"1"'), false],
    ['a read of a deleted row', 404, (rows) => rows.get('p', 'r'), undefined],
  ])('reports %s that was answered with %i', async (_, answer, ask, told) => {
    status = answer;
    expect(await ask(table)).toEqual(told);
  });

  it.each<[string, number, (table: Table) => Promise<unknown>]>([
    ['update', 409, (rows) => rows.update(ROW, 'W/"1"')],
    ['creation', 412, (rows) => rows.create(ROW)],
    ['creation', 404, (rows) => rows.create(ROW)],
    ['deletion', 409, (rows) => rows.delete('p', 'r')],
    ['look', 403, (rows) => rows.get('p', 'r')],
    ['look', 409, (rows) => rows.get('p', 'r')],
    ['write', 404, (rows) => rows.put(ROW)],
  ])('does not treat another refusal of a %s as an answer: %i', async (_, answer, ask) => {
    status = answer;
    await expect(ask(table)).rejects.toMatchObject({ name: 'Fault', message: expect.stringContaining('the table rows') });
  });

  it('writes a complete row, never merges it, and replaces only the version that was read', async () => {
    status = 204;
    await table.put(ROW);
    await table.update(ROW, 'W/"1"');
    await table.delete('p', 'r', 'W/"1"');
    await table.delete('p', 'r');
    const place = "/rows(PartitionKey='p',RowKey='r')";
    expect(asked.map(({ method, url, match }) => [method, decodeURIComponent(url.pathname), match])).toEqual([
      ['PUT', place, undefined],
      ['PUT', place, 'W/"1"'],
      ['DELETE', place, 'W/"1"'],
      ['DELETE', place, '*'],
    ]);
  });

  const rows = (...keys: readonly string[]) => JSON.stringify({ value: keys.map((key) => entity(key)) });
  const entity = (key: string, over: object = {}) => ({ 'odata.etag': 'W/"1"', PartitionKey: 'p', RowKey: key, ...over });
  const more = { 'x-ms-continuation-nextpartitionkey': 'p', 'x-ms-continuation-nextrowkey': 'c' };
  const keysOf = (held: readonly { readonly rowKey: string }[]) => held.map(({ rowKey }) => rowKey);

  it('returns a page with the position of the next one, until the service returns none', async () => {
    status = 200;
    answers = [{ headers: more, body: rows('a', 'b') }, { body: rows('c') }];
    const first = await table.page(inPartition('p'), 5_000);
    const second = await table.page(inPartition('p'), 7, first.next);
    expect([keysOf(first.value), keysOf(second.value), second.next]).toEqual([['a', 'b'], ['c'], undefined]);
    const queries = asked.map(({ url: { searchParams } }) => [searchParams.get('$top'), searchParams.get('NextRowKey')]);
    expect(queries).toEqual([
      ['1000', null],
      ['7', 'c'],
    ]);
    expect(asked[1]?.url.searchParams.get('$filter')).toBe("PartitionKey eq 'p'");
  });

  it('returns all rows, over short and empty pages', async () => {
    status = 200;
    answers = [{ headers: more, body: rows() }, { headers: more, body: rows('a') }, { body: rows('b') }];
    expect(keysOf(await table.all(inPartition('p')))).toEqual(['a', 'b']);
  });

  it('returns the first matching rows, and requests only as many as are missing', async () => {
    status = 200;
    answers = [
      { headers: more, body: rows('a') },
      { headers: more, body: rows('b', 'c', 'd') },
    ];
    expect(keysOf(await firstRows(table, inPartition('p'), 3))).toEqual(['a', 'b', 'c']);
    expect(asked.map(({ url }) => url.searchParams.get('$top'))).toEqual(['3', '2']);
  });

  it.each([
    ['no JSON', 'x'],
    ['an object', btoa('{}')],
    ['a number', btoa('{"nextPartitionKey":1}')],
    ['an invalid row', btoa('{"nextPartitionKey":"p","nextRowKey":1}')],
  ])('refuses a cursor that is %s, without a request', async (_, cursor) => {
    await expect(table.page(inPartition('p'), 1, cursor)).rejects.toMatchObject({ code: 'malformed' });
    expect(asked).toEqual([]);
  });

  it('continues from only a partition', async () => {
    status = 200;
    answers = [{ body: rows('a') }];
    expect(keysOf((await table.page(inPartition('p'), 1, btoa('{"nextPartitionKey":"p"}'))).value)).toEqual(['a']);
  });

  it.each([
    ['partition', { PartitionKey: undefined }],
    ['key', { RowKey: undefined }],
    ['version', { 'odata.etag': undefined }],
  ])('refuses a row without its %s', async (_, over) => {
    status = 200;
    answers = [{ body: JSON.stringify({ value: [entity('a', over)] }) }];
    await expect(table.all(inPartition('p'))).rejects.toMatchObject({ code: 'malformed', message: expect.stringMatching(/table rows/) });
  });

  it('returns a row with its version', async () => {
    status = 200;
    answers = [{ body: JSON.stringify(entity('a', { value: 'v' })) }];
    expect(await table.get('p', 'a')).toMatchObject({ partitionKey: 'p', rowKey: 'a', etag: 'W/"1"', value: 'v' });
    expect(decodeURIComponent(asked[0]?.url.pathname ?? '')).toBe("/rows(PartitionKey='p',RowKey='a')");
  });

  const STEPS: readonly Step[] = [
    { kind: 'create', row: { ...ROW, rowKey: 'a' } },
    { kind: 'put', row: { ...ROW, rowKey: 'b' } },
    { kind: 'update', row: { ...ROW, rowKey: 'c' }, etag: 'W/"0"' },
    { kind: 'delete', rowKey: 'd' },
  ];
  /** The answer of the service to a transaction. Source: learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions. */
  const changeset = (...parts: readonly string[]) => ({
    headers: { 'content-type': 'multipart/mixed; boundary=batchresponse_1' },
    body: `${parts.map((part) => `--changesetresponse_1\r\n\r\nHTTP/1.1 ${part}\r\n`).join('')}--changesetresponse_1--`,
  });

  it('applies the steps of a transaction together, and returns the new versions by row', async () => {
    status = 202;
    answers = [changeset('204 No Content\r\nETag: 1', '204 No Content\r\nETag: 2', '204 No Content\r\nETag: 3', '204 No Content')];
    const written = [...((await table.transact('p', STEPS)) ?? [])];
    expect(written.map(([key, etag]) => [key, etag.trim()])).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
    const lines = (asked[0]?.body ?? '').match(/^(POST|PUT|DELETE|PATCH|MERGE) |^if-match: .*/gim);
    expect(lines?.map((line) => line.trim().toLowerCase())).toEqual(['post', 'put', 'put', 'if-match: w/"0"', 'delete', 'if-match: *']);
  });

  it.each([
    [409, undefined],
    [412, undefined],
    [404, undefined],
    [403, 'denied'],
    [400, 'malformed'],
  ])('writes nothing of a transaction when one step gets %i', async (code, refusal) => {
    status = 202;
    const error = `{"odata.error":{"code":"Other","message":{"value":"no"}}}`;
    answers = [changeset(`${code} No\r\n\r\n${error}`)];
    const done = table.transact('p', STEPS);
    if (refusal === undefined) expect(await done).toBeUndefined();
    else await expect(done).rejects.toMatchObject({ code: refusal });
  });

  it('writes rows together, and does not treat a refusal as success', async () => {
    status = 202;
    answers = [changeset('204 No Content\r\nETag: 1')];
    await table.putAll('p', [ROW]);
    expect(asked[0]?.body).toMatch(/^PUT /m);
    answers = [changeset('409 No\r\n\r\n{"odata.error":{"code":"Other","message":{"value":"no"}}}')];
    await expect(table.putAll('p', [ROW])).rejects.toMatchObject({ code: 'conflict' });
  });
});
