import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissionsOn } from '../../shared/azure/permissions.ts';
import { type ArmServer, startArmServer } from './support/arm-server.ts';
import { reach } from './support/reach.ts';

const CLUSTER =
  '/subscriptions/aaaaaaaa-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/c';

let server: ArmServer;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());

const list = (id = CLUSTER) => permissionsOn(reach(server), id, new AbortController().signal);

describe('permissionsOn', () => {
  it('reads every page, and treats absent lists as empty', async () => {
    const nextLink = `${server.endpoint}${CLUSTER}/next?api-version=x`;
    server.reply(
      { body: { value: [{ actions: ['*/read'], notActions: [], dataActions: ['x'] }], nextLink } },
      { body: { value: [{ actions: ['*'], notActions: ['a/b/write'] }, {}] } },
    );

    await expect(list()).resolves.toEqual([
      { actions: ['*/read'], notActions: [] },
      { actions: ['*'], notActions: ['a/b/write'] },
      { actions: [], notActions: [] },
    ]);

    expect(server.asked[0]?.url).toBe(`${CLUSTER}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`);
  });

  it('omits permissions that are granted under a condition', async () => {
    server.reply({
      body: {
        value: [
          { actions: ['*'], condition: '(a or b)' },
          { actions: ['x/read'], notActions: null, condition: null },
          { actions: ['y/read'], notActions: null, condition: '' },
        ],
      },
    });

    await expect(list()).resolves.toEqual(['x/read', 'y/read'].map((action) => ({ actions: [action], notActions: [] })));
  });

  it('names the permission that is needed to read permissions', async () => {
    server.reply({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } });

    await expect(list()).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('Microsoft.Authorization/permissions/read'),
    });
  });

  it.each([
    ['no list', {}],
    ['an action that is not a string', { value: [{ actions: [1] }] }],
  ])('does not guess from %s', async (_case, body) => {
    server.reply({ body });

    await expect(list()).rejects.toMatchObject({ code: 'malformed' });
  });

  it('makes no call for an id that is not a cluster', async () => {
    await expect(list('kubeconfig:x')).rejects.toMatchObject({ code: 'malformed' });
  });
});
