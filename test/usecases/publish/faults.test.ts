import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { isRuleOn } from '../../../shared/domain/policy/rule-setting.ts';
import type { FaultAction, FaultRule } from '../../../shared/local/estate/server/fault-injection.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { assessmentName } from '../../../shared/usecases/publish/defender-publisher.ts';
import { PublishingWorld } from './world.ts';

const ON = RULES.filter((rule) => isRuleOn(rule, DEFAULT_POLICY)).length;
const EVERYTHING = ON * (3 + 4) + 4;
/** Of the cluster `ill`: all assessments, one of them, the attestation. */
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

/** What a fault leaves: how many things are missing, and how each service tells of it. */
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
    '403 for every description of a rule',
    put(METADATA, refusal(403, 'AuthorizationFailed')),
    { missing: ON * 7, defender: { failures: 3, code: 'denied', says: 'lacks Microsoft.Security/assessmentMetadata/write' } },
  ],
  [
    '403 for one attestation',
    put(ATTESTATION, refusal(403, 'AuthorizationFailed')),
    { missing: 1, attestations: { failures: 1, code: 'denied', says: 'lacks Microsoft.PolicyInsights/attestations/write' } },
  ],
  [
    '404 of a policy assignment that is not there',
    put(ATTESTATION, refusal(404, 'PolicyAssignmentNotFound')),
    { missing: 1, attestations: { failures: 1, code: 'not-found', says: '404 PolicyAssignmentNotFound' } },
  ],
  [
    '404 for one assessment, which costs only itself',
    put(ONE, refusal(404, 'ResourceNotFound')),
    { missing: 1, defender: { failures: 1, code: 'not-found', says: '404 ResourceNotFound' } },
  ],
  [
    '409 of a provider that is not registered',
    put(ASSESSMENTS, refusal(409, 'MissingSubscriptionRegistration')),
    { missing: ON, defender: { failures: 1, code: 'unsupported', says: 'registered for Microsoft.Security' } },
  ],
  [
    '409 for one assessment, at every try',
    put(ONE, refusal(409, 'Conflict')),
    { missing: 1, defender: { failures: 1, code: 'conflict', says: '409 Conflict' } },
  ],
  ['409 for one attestation, once', put(ATTESTATION, refusal(409, 'Conflict'), { times: 1 }), { missing: 0 }],
  [
    '429 that says how long to wait, twice',
    put(ASSESSMENTS, refusal(429, 'TooManyRequests', { retryAfterSeconds: 17 }), { times: 2 }),
    { missing: 0 },
  ],
  [
    '429 that asks for more patience than a call has',
    put(ASSESSMENTS, refusal(429, 'TooManyRequests', { retryAfterSeconds: 600 })),
    { missing: ON, defender: { failures: 1, code: 'throttled', says: 'Cannot write the assessment' } },
  ],
  ['503, twice', put(ASSESSMENTS, refusal(503, 'ServerBusy'), { times: 2 }), { missing: 0 }],
  ['500 after it was done, twice', put(ATTESTATION, { kind: 'status', status: 500 }, { times: 2 }), { missing: 0 }],
  [
    '500 at every try',
    put(ATTESTATION, refusal(500, 'InternalServerError')),
    { missing: 1, attestations: { failures: 1, code: 'unreachable', says: '500 InternalServerError' } },
  ],
  ['a connection that breaks, twice', put(ASSESSMENTS, { kind: 'cut' }, { times: 2 }), { missing: 0 }],
  [
    'half of the assessments of a cluster refused as content, which costs only those',
    put(new RegExp(`${ASSESSMENTS.source}[0-7]`), refusal(400, 'InvalidRequestContent')),
    {
      missing: RULES.filter((rule) => isRuleOn(rule, DEFAULT_POLICY) && /^[0-7]/.test(assessmentName(rule.id))).length,
      defender: { failures: 1, code: 'unsupported', says: '400 InvalidRequestContent' },
    },
  ],
  [
    'an answer that is about something else',
    put(ONE, { kind: 'broken-body', body: '{"name":"other","properties":{"status":{"code":"Healthy"}}}' }),
    { missing: 0, defender: { failures: 1, code: 'malformed', says: 'expected the name' } },
  ],
  [
    'an answer that is no JSON',
    put(ATTESTATION, { kind: 'broken-body', body: '<html>' }),
    { missing: 0, attestations: { failures: 1, code: 'malformed', says: 'is not JSON' } },
  ],
];

describe('a service that fails', () => {
  it.each(ROWS)('with %s', async (_, rule, { missing, ...services }) => {
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

  it('by never answering costs a cluster its time limit and no other cluster anything', async () => {
    world.attemptTimeoutMs = 60;
    await world.audit();
    const hang = world.running.faults.inject({ server: 'arm', method: 'PUT', path: ASSESSMENTS, action: { kind: 'hang' } });
    await world.publish();
    expect(world.parked).toEqual([]);
    // What hung was carried out all the same, and the first of them at every try.
    expect(EVERYTHING - world.told.size).toBe(ON - 1);
    expect(await world.status()).toMatchObject([{ failures: 1, problem: { code: 'timed-out' } }, { failures: 0 }]);
    hang.remove();
    world.attemptTimeoutMs = 10_000;
    world.mode.defender = 'withdraw';
    await world.publish();
    expect([...world.told.keys()].filter((id) => id.includes('microsoft.security'))).toEqual([]);
  });

  it('makes the wait that it asks for, by the clock of the calls', async () => {
    await world.audit();
    world.running.faults.inject(put(ASSESSMENTS, refusal(429, 'TooManyRequests', { retryAfterSeconds: 17 }), { times: 1 }));
    await world.publish();
    expect(Math.max(...world.slept)).toBeGreaterThanOrEqual(16_000);
  });

  it('because somebody deleted a description has it written again after the next audit', async () => {
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

describe('a process that dies', () => {
  it('before or after any of its calls leaves nothing that the next one does not finish, and nothing that withdrawal does not find', async () => {
    await world.audit();
    for (let call = 0; call < 12; call++) await world.publishUntil(call * 17);
    await world.publish();
    expect(world.told.size).toBe(EVERYTHING);
    expect((await world.status()).map(({ failures }) => failures)).toEqual([0, 0]);
  });

  it('is found by withdrawal, whatever it was about to do', async () => {
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
  it('keep what is told below what one subscription takes: 60 at once, then four a second', async () => {
    await world.audit();
    const began = world.now.getTime();
    await world.publish();
    // The subscription with two clusters takes three times as many calls as there are rules, and two attestations.
    const seconds = (world.now.getTime() - began) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual((ON * 3 + 2 - 60) / 4 - 1);
  });
});
