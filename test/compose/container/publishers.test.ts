import { expect, it } from 'vitest';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import { common } from '../../../shared/compose/container/app.ts';
import { heldFor, publishersOf } from '../../../shared/compose/container/publishers.ts';
import { load } from '../../../shared/config/settings.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import { anEstate, RULES } from '../../http/estate.ts';

it('an answer is cached for a minute, a failure never, and none after the clock was moved back', async () => {
  let [now, asked, isAway] = [Date.parse('2026-11-30T00:00:00Z'), 0, false];
  const read = heldFor(
    () => new Date(now),
    async () => {
      asked += 1;
      if (isAway) throw new Error('away');
      return asked;
    },
  );
  expect([await read(), await read()]).toEqual([1, 1]);
  now += 59_999;
  expect(await read()).toBe(1);
  now += 1;
  isAway = true;
  await expect(read()).rejects.toThrow('away');
  isAway = false;
  expect(await read()).toBe(3);
  now -= 1;
  expect(await read()).toBe(4);
});

const publishers = async (environment: Readonly<Record<string, string>>) => {
  const { bundles, audits } = createMemoryStorage();
  const azure = { credential: staticToken('t'), armEndpoint: 'https://arm.example', clock: () => new Date(0) };
  const all = await publishersOf(load(environment), { ...anEstate(), audits, bundles }, azure);
  return all.map(({ service, mode, blockedBy }) => [service, mode, blockedBy?.message.split(': ')[0]]);
};

it('every service is listed, also those that are off, with what each lacks', async () => {
  expect(await publishers({})).toEqual([
    ['defender', 'off', undefined],
    ['attestations', 'off', 'No key signs evidence'],
  ]);
  const on = { KATAUDIT_DEFENDER: 'withdraw', KATAUDIT_ATTESTATIONS: 'on', KATAUDIT_SIGNING_KEY: 'key.pem' };
  expect((await publishers(on))[1]).toEqual(['attestations', 'on', 'No policy assignment is configured']);
  const named = { ...on, KATAUDIT_POLICY_ASSIGNMENT: 'kataudit' };
  expect((await publishers(named))[1]).toEqual(['attestations', 'on', 'The address where evidence can be downloaded is missing']);
  expect(await publishers({ ...named, KATAUDIT_PUBLIC_URL: 'https://app.example' })).toEqual([
    ['defender', 'withdraw', undefined],
    ['attestations', 'on', undefined],
  ]);
});

it('audits have unique ids that sort by time, and scans are delayed by less than the jitter of the settings', () => {
  const app = common(load({ KATAUDIT_JITTER_SECONDS: '10', KATAUDIT_SUBSCRIPTIONS: '11111111-2222-4333-8444-555555555555' }), RULES);
  const ids = Array.from({ length: 20 }, app.newId);
  expect(new Set(ids).size).toBe(20);
  for (const id of ids) expect(id).toMatch(/^\d{8}t\d{9}z-[0-9a-f]{8}$/);
  const delays = Array.from({ length: 200 }, app.jitterSeconds);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...delays)).toBeLessThan(10);
  expect(new Set(delays).size).toBeGreaterThan(1);
  expect(app.scope).toEqual({ subscriptions: ['11111111-2222-4333-8444-555555555555'], managementGroups: [] });
});
