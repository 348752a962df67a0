import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTable, type Table } from '../../shared/storage/table.ts';

const ROW = { partitionKey: 'p', rowKey: 'r', value: 'v' };
const CODES: Readonly<Record<number, string>> = { 404: 'ResourceNotFound', 409: 'EntityAlreadyExists', 412: 'UpdateConditionNotSatisfied' };

/** That the service answers like this is for the contract suite to say, which asks Azurite; here is what is made of each answer. */
describe('a table of the service', () => {
  let server: Server;
  let table: Table;
  let status = 204;

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
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

  it.each<[string, number, (table: Table) => Promise<unknown>, unknown]>([
    ['an update', 204, (rows) => rows.update(ROW, 'W/"1"'), 'W/"2"'],
    ['an update of a row that somebody else wrote', 412, (rows) => rows.update(ROW, 'W/"1"'), undefined],
    ['an update of a row that is gone', 404, (rows) => rows.update(ROW, 'W/"1"'), undefined],
    ['a creation', 204, (rows) => rows.create(ROW), true],
    ['a creation of what is there', 409, (rows) => rows.create(ROW), false],
    ['a deletion', 204, (rows) => rows.delete('p', 'r', 'W/"1"'), true],
    ['a deletion of what is gone', 404, (rows) => rows.delete('p', 'r'), false],
    ['a deletion of what somebody else wrote', 412, (rows) => rows.delete('p', 'r', 'W/"1"'), false],
    ['a look at what is gone', 404, (rows) => rows.get('p', 'r'), undefined],
  ])('tells of %s that was answered with %i', async (_, answer, ask, told) => {
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
  ])('takes no other refusal of a %s for an answer: %i', async (_, answer, ask) => {
    status = answer;
    await expect(ask(table)).rejects.toMatchObject({ name: 'Fault', message: expect.stringContaining('the table rows') });
  });
});
