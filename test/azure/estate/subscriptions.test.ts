import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { type ArmServer, startArmServer } from '../support/arm-server.ts';
import { reach } from '../support/reach.ts';

const [ONE, TWO] = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'];
const subscription = (id: string) => ({
  id: `/subscriptions/${id}`,
  type: 'Microsoft.Management/managementGroups/subscriptions',
  name: id,
  properties: { displayName: 'x' },
});
const group = {
  id: '/providers/Microsoft.Management/managementGroups/inner',
  type: 'Microsoft.Management/managementGroups',
  name: 'inner',
};

let server: ArmServer;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());

const list = (name = 'root group') => createAzureEstate(reach(server)).listSubscriptions(name, new AbortController().signal);

describe('listSubscriptions', () => {
  it('reads every page, and omits nested management groups', async () => {
    const nextLink = `${server.endpoint}/providers/Microsoft.Management/managementGroups/root/descendants?api-version=x&$skiptoken=2`;
    server.reply(
      { body: { value: [group, subscription(ONE)], nextLink } },
      { body: { value: [subscription(TWO.toUpperCase())], nextLink: null } },
    );

    await expect(list()).resolves.toEqual([ONE, TWO]);

    expect(server.asked[0]).toMatchObject({
      url: '/providers/Microsoft.Management/managementGroups/root%20group/descendants?api-version=2020-05-01',
      authorization: 'Bearer the-token',
    });
  });

  it('knows a subscription by the last part of its type, and ends with a link to nowhere', async () => {
    const typed = (type: string, at: number) => ({ ...subscription(`${ONE.slice(0, -1)}${at}`), type });
    const types = ['/subscriptions', 'Subscriptions', 'Microsoft.Management/managementGroups/subscriptions/x', 'mysubscriptions'];
    server.reply({ body: { value: types.map(typed), nextLink: '' } });

    await expect(list()).resolves.toEqual([`${ONE.slice(0, -1)}0`, `${ONE.slice(0, -1)}1`]);
  });

  it('waits and retries like every other call', async () => {
    server.reply({ status: 429, headers: { 'retry-after': '3' } }, { status: 503 }, { body: { value: [subscription(ONE)] } });

    await expect(list()).resolves.toEqual([ONE]);
  });

  it('names the permission that is missing', async () => {
    server.reply({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } });

    await expect(list()).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('Microsoft.Management/managementGroups/descendants/read'),
    });
  });

  it.each([
    ['a repeated page', (endpoint: string) => ({ value: [subscription(ONE)], nextLink: `${endpoint}/again` }), 'nextLink'],
    ['a page on another server', () => ({ value: [subscription(ONE)], nextLink: 'https://elsewhere.example/x' }), 'nextLink'],
    ['a subscription without a GUID', () => ({ value: [subscription('../evil')] }), 'value.0.name'],
    ['a row without a type', () => ({ value: [{ name: ONE }] }), 'value.0.type'],
    ['no list', () => ({}), 'value'],
  ])('fails, instead of returning a short list, for %s', async (_, body, name) => {
    server.reply({ body: body(server.endpoint) });

    await expect(list()).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining(name) });
  });
});
