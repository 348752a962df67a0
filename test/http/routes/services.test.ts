import { describe, expect, it } from 'vitest';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { ServiceStatus } from '../../../shared/ports/service-status.ts';
import { ask } from '../client.ts';
import { aFinding, anEstate } from '../estate.ts';
import { parseMetrics } from '../prometheus-parser.ts';

const WELL: ServiceStatus = { service: 'defender', mode: 'on', lastSuccessAt: '2026-11-23T11:00:00.000Z', failures: 0, leftBehind: 0 };
const anApp = (services: () => Promise<readonly ServiceStatus[]>) => anEstate({ findings: [aFinding()] }, { services });
const checksOf = async (services: () => Promise<readonly ServiceStatus[]>) => {
  const { status, text } = await ask(anApp(services), '/health/detail');
  const { checks } = JSON.parse(text) as { readonly checks: readonly { name: string; status: string; message: string }[] };
  return { status, checks: checks.filter(({ name }) => !['settings', 'storage', 'policy', 'audits'].includes(name)) };
};

describe('health of the external services', () => {
  it('is absent when no service is on', async () => {
    expect((await checksOf(async () => [])).checks).toEqual([]);
  });

  it.each<[string, Partial<ServiceStatus>, string, string]>([
    ['works', {}, 'healthy', 'Microsoft Defender for Cloud (on): the last success was at 2026-11-23T11:00:00.000Z.'],
    [
      'failed',
      { failures: 3, problem: { code: 'denied', message: 'The identity lacks a permission.' } },
      'degraded',
      'Microsoft Defender for Cloud (on): the last success was at 2026-11-23T11:00:00.000Z. 3 have failed since the last success. The identity lacks a permission.',
    ],
    [
      'was turned off too early',
      { mode: 'off', leftBehind: 26 },
      'degraded',
      'Microsoft Defender for Cloud (off): the last success was at 2026-11-23T11:00:00.000Z. 26 items written there are still to be withdrawn: set it to withdraw first.',
    ],
    [
      'failed for no known reason',
      { failures: 1 },
      'degraded',
      'Microsoft Defender for Cloud (on): the last success was at 2026-11-23T11:00:00.000Z. 1 have failed since the last success.',
    ],
    [
      'has only a problem',
      { problem: { code: 'denied', message: 'No right.' } },
      'degraded',
      'Microsoft Defender for Cloud (on): the last success was at 2026-11-23T11:00:00.000Z. No right.',
    ],
    [
      'is withdrawing',
      { mode: 'withdraw', leftBehind: 2 },
      'degraded',
      'Microsoft Defender for Cloud (withdraw): the last success was at 2026-11-23T11:00:00.000Z. 2 items written there are still to be withdrawn.',
    ],
  ])('reports the state of a service that %s, and never makes the app unhealthy', async (_, over, status, message) => {
    const answer = await checksOf(async () => [{ ...WELL, ...over }]);
    expect(answer).toEqual({ status: 200, checks: [{ name: 'defender', status, message }] });
  });

  it('reports of a service that never succeeded only that', async () => {
    const { lastSuccessAt: _, ...never } = WELL;
    expect(await checksOf(async () => [never])).toMatchObject({
      checks: [{ status: 'healthy', message: 'Microsoft Defender for Cloud (on): nothing has succeeded yet.' }],
    });
  });

  it('reports that it cannot be read, and does not hide a bug', async () => {
    const unread = await checksOf(() => Promise.reject(new Fault('unreachable', 'No storage.')));
    expect(unread).toMatchObject({ status: 200, checks: [{ name: 'services', status: 'degraded' }] });
    await expect(
      ask(
        anApp(() => Promise.reject(new TypeError('bug'))),
        '/health/detail',
      ),
    ).rejects.toThrow('bug');
  });
});

describe('metrics of the services', () => {
  const families = async (services: readonly ServiceStatus[]) =>
    new Map(
      parseMetrics(
        (
          await ask(
            anApp(async () => services),
            '/metrics',
          )
        ).text,
      ).map(({ name, samples }) => [name, samples]),
    );

  it('contain last success, failures and what is left behind, by service', async () => {
    const found = await families([{ ...WELL, failures: 2, leftBehind: 5 }]);
    const labels = { service: 'defender' };
    expect(found.get('kataudit_service_last_success_timestamp_seconds')).toEqual([{ labels, value: 1_795_431_600 }]);
    expect(found.get('kataudit_service_failures')).toEqual([{ labels, value: 2 }]);
    expect(found.get('kataudit_service_left_behind')).toEqual([{ labels, value: 5 }]);
  });

  it('have no sample without a success, and none when no service is on', async () => {
    const { lastSuccessAt: _, ...never } = WELL;
    expect((await families([never])).get('kataudit_service_last_success_timestamp_seconds')).toEqual([]);
    expect((await families([])).get('kataudit_service_failures')).toEqual([]);
  });
});
