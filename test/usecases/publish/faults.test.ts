import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { isRuleOn } from '../../../shared/domain/policy/rule-setting.ts';
import type { FaultAction, FaultRule } from '../../../shared/local/estate/server/fault-injection.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { assessmentName } from '../../../shared/usecases/publish/defender-publisher.ts';
import { shareOf } from '../../support/thorough.ts';
import { PublishingWorld } from './world.ts';

const ON = RULES.filter((rule) => isRuleOn(rule, DEFAULT_POLICY)).length;
const EVERYTHING = ON * (3 + 4) + 4;
/** The paths of the cluster `ill`: all assessments, one of them, the attestation. */
const ASSESSMENTS = /managedclusters\/ill\/providers\/Microsoft\.Security\/assessments\//;
const ONE = new RegExp(`${ASSESSMENTS.source}${assessmentName('kata-pool-present')}`);
const ATTESTATION = /managedclusters\/ill\/providers\/Microsoft\.PolicyInsights\/attestations\//;
const METADATA = /Microsoft\.Security\/assessmentMetadata\//;

let world: PublishingWorld;
beforeAll(async () => {
  world = await PublishingWorld.start();
});
beforeEach(() => world.reset());
afterAll(() => world.running.stop());

const error = (code: string) => JSON.stringify({ error: { code, message: 'Injected <b>fault</b>.' } });
const refusal = (status: number, code: string, over: { readonly retryAfterSeconds?: number } = {}): FaultAction => ({
  kind: 'status',
  status,
  body: error(code),
  isRefusal: true,
  ...over,
});
const put = (path: RegExp, action: FaultAction, over: Partial<FaultRule> = {}): FaultRule => ({
  server: 'arm',
  method: 'PUT',
  path,
  action,
  ...over,
});

/** The result of a fault: how many resources are missing, and how each service reports it. */
interface Outcome {
  readonly missing: number;
  readonly defender?: { readonly failures: number; readonly code: string; readonly says: string };
  readonly attestations?: { readonly failures: number; readonly code: string; readonly says: string };
}

const ROWS: readonly (readonly [string, FaultRule, Outcome])[] = [
  [
    '403 for the assessments of one cluster',
    put(ASSESSMENTS, refusal(403, 'AuthorizationFailed')),
    { missing: ON, defender: { failures: 1, code: 'denied', says: 'lacks Microsoft.Security/assessments/write' } },
  ],
  [
    '403 for every assessment type',
    put(METADATA, refusal(403, 'AuthorizationFailed')),
    { missing: ON * 7, defender: { failures: 3, code: 'denied', says: 'lacks Microsoft.Security/assessmentMetadata/write' } },
  ],
  [
    '403 for one attestation',
    put(ATTESTATION, refusal(403, 'AuthorizationFailed')),
    { missing: 1, attestations: { failures: 1, code: 'denied', says: 'lacks Microsoft.PolicyInsights/attestations/write' } },
  ],
  [
    '404 for a missing policy assignment',
    put(ATTESTATION, refusal(404, 'PolicyAssignmentNotFound')),
    { missing: 1, attestations: { failures: 1, code: 'not-found', says: '404 PolicyAssignmentNotFound' } },
  ],
  [
    '404 for one assessment, which affects only itself',
    put(ONE, refusal(404, 'ResourceNotFound')),
    { missing: 1, defender: { failures: 1, code: 'not-found', says: '404 ResourceNotFound' } },
  ],
  [
    '409 because of an unregistered provider',
    put(ASSESSMENTS, refusal(409, 'MissingSubscriptionRegistration')),
    { missing: ON, defender: { failures: 1, code: 'unsupported', says: 'registered for Microsoft.Security' } },
  ],
  [
    '409 for one assessment, at every attempt',
    put(ONE, refusal(409, 'Conflict')),
    { missing: 1, defender: { failures: 1, code: 'conflict', says: '409 Conflict' } },
  ],
  ['409 for one attestation, once', put(ATTESTATION, refusal(409, 'Conflict'), { times: 1 }), { missing: 0 }],
  [
    '429 with Retry-After, twice',
    put(ASSESSMENTS, refusal(429, 'TooManyRequests', { retryAfterSeconds: 17 }), { times: 2 }),
    { missing: 0 },
  ],
  [
    '429 with a Retry-After beyond the time limit of a call',
    put(ASSESSMENTS, refusal(429, 'TooManyRequests', { retryAfterSeconds: 600 })),
    { missing: ON, defender: { failures: 1, code: 'throttled', says: 'Cannot write the assessment' } },
  ],
  ['503, twice', put(ASSESSMENTS, refusal(503, 'ServerBusy'), { times: 2 }), { missing: 0 }],
  ['500 after it was applied, twice', put(ATTESTATION, { kind: 'status', status: 500 }, { times: 2 }), { missing: 0 }],
  [
    '500 at every attempt',
    put(ATTESTATION, refusal(500, 'InternalServerError')),
    { missing: 1, attestations: { failures: 1, code: 'unreachable', says: '500 InternalServerError' } },
  ],
  ['a connection that breaks, twice', put(ASSESSMENTS, { kind: 'cut' }, { times: 2 }), { missing: 0 }],
  [
    'half of the assessments of a cluster refused for their content, which affects only those',
    put(new RegExp(`${ASSESSMENTS.source}[0-7]`), refusal(400, 'InvalidRequestContent')),
    {
      missing: RULES.filter((rule) => isRuleOn(rule, DEFAULT_POLICY) && /^[0-7]/.test(assessmentName(rule.id))).length,
      defender: { failures: 1, code: 'unsupported', says: '400 InvalidRequestContent' },
    },
  ],
  [
    'an answer about another resource',
    put(ONE, { kind: 'broken-body', body: '{"name":"other","properties":{"status":{"code":"Healthy"}}}' }),
    { missing: 0, defender: { failures: 1, code: 'malformed', says: 'expected the name' } },
  ],
  [
    'an answer that is not JSON',
    put(ATTESTATION, { kind: 'broken-body', body: '<html>' }),
    { missing: 0, attestations: { failures: 1, code: 'malformed', says: 'is not JSON' } },
  ],
];

describe('a service that fails', () => {
  it.each(shareOf(ROWS, 3))('with %s', async (_, rule, { missing, ...services }) => {
    await world.audit();
    const injected = world.running.faults.inject(rule);
    await world.publish();
    expect(injected.hits).toBeGreaterThan(0);
    expect(world.parked).toEqual([]);
    expect(EVERYTHING - world.told.size).toBe(missing);
    for (const service of ['defender', 'attestations'] as const) {
      const told = (await world.status()).find((one) => one.service === service);
      const { failures = 0, code, says } = services[service] ?? {};
      expect(told?.failures, service).toBe(failures);
      expect(told?.problem?.code).toBe(code);
      if (says !== undefined) expect(told?.problem?.message).toContain(says);
    }
    injected.remove();
    await world.audit();
    await world.publish();
    expect(world.told.size).toBe(EVERYTHING);
    expect((await world.status()).map(({ failures, problem }) => [failures, problem])).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
  });

  it('by never answering makes one cluster wait for its time limit, and affects no other cluster', async () => {
    world.attemptTimeoutMs = 60;
    await world.audit();
    const hang = world.running.faults.inject({ server: 'arm', method: 'PUT', path: ASSESSMENTS, action: { kind: 'hang' } });
    await world.publish();
    expect(world.parked).toEqual([]);
    // The hanging calls were still applied, the first of them at every attempt.
    expect(EVERYTHING - world.told.size).toBe(ON - 1);
    expect(await world.status()).toMatchObject([{ failures: 1, problem: { code: 'timed-out' } }, { failures: 0 }]);
    hang.remove();
    world.attemptTimeoutMs = 10_000;
    world.mode.defender = 'withdraw';
    await world.publish();
    expect([...world.told.keys()].filter((id) => id.includes('microsoft.security'))).toEqual([]);
  });

  it('by Retry-After makes the calls wait, by their own clock', async () => {
    await world.audit();
    world.running.faults.inject(put(ASSESSMENTS, refusal(429, 'TooManyRequests', { retryAfterSeconds: 17 }), { times: 1 }));
    await world.publish();
    expect(Math.max(...world.slept)).toBeGreaterThanOrEqual(16_000);
  });

  it('because someone deleted an assessment type gets it again after the next audit', async () => {
    await world.audit();
    await world.publish();
    const name = assessmentName('kata-pool-present');
    await world.erase(
      `/subscriptions/${world.subscriptionOf('ill')}/providers/Microsoft.Security/assessmentMetadata/${name}?api-version=2025-05-04`,
    );
    expect(world.told.size).toBe(EVERYTHING - 3);
    for (let day = 0; day < 2; day++) {
      await world.audit();
      await world.publish();
    }
    expect(world.told.size).toBe(EVERYTHING);
    expect((await world.status()).map(({ failures }) => failures)).toEqual([0, 0]);
  });
});

describe('a process that crashes', () => {
  it('before or after any of its calls leaves nothing that the next one does not finish and that withdrawal does not find', async () => {
    await world.audit();
    for (let call = 0; call < 12; call++) await world.publishUntil(call * 17);
    await world.publish();
    expect(world.told.size).toBe(EVERYTHING);
    expect((await world.status()).map(({ failures }) => failures)).toEqual([0, 0]);
  });

  it('leaves nothing behind after a withdrawal, whatever it was about to do', async () => {
    for (const call of [1, 30, 90, 150]) {
      await world.reset();
      await world.audit();
      await world.publishUntil(call);
      world.mode = { defender: 'withdraw', attestations: 'withdraw' };
      await world.publish();
      expect(world.told.size, `died after ${call} calls`).toBe(0);
      expect(await world.storage.publications.list('defender')).toEqual([]);
    }
  });
});

describe('budgets', () => {
  it('limit the calls for one subscription to 60 at once, then four per second', async () => {
    await world.audit();
    const began = world.now.getTime();
    await world.publish();
    // The subscription with two clusters needs three calls per rule, and two attestations.
    const seconds = (world.now.getTime() - began) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual((ON * 3 + 2 - 60) / 4 - 1);
  });
});
