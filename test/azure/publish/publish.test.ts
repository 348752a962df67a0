import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callBudgets } from '../../../shared/azure/client/options.ts';
import { attestationsOf } from '../../../shared/azure/publish/attestations.ts';
import { defenderOf } from '../../../shared/azure/publish/defender.ts';
import type { Attestation } from '../../../shared/ports/attestations.ts';
import { type ArmServer, type Reply, startArmServer } from '../support/arm-server.ts';
import { reach, sleepingClock } from '../support/reach.ts';
import { SUBSCRIPTION } from '../support/rows.ts';

const NAME = 'aaaaaaaa-0000-5000-8000-000000000001';
const ID = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-ö/providers/microsoft.containerservice/managedclusters/c`;
const PATH = ID.replace('ö', '%C3%B6');
const signal = new AbortController().signal;
const refused = (status: number, code: string): Reply => ({ status, body: { error: { code, message: 'no' } } });
const RULE = { displayName: 'Title', severity: 'High', description: 'Why.', remediation: 'How.' } as const;
const UNHEALTHY = { code: 'Unhealthy', cause: 'OpenFindings', description: '1 open finding.', facts: { ruleId: 'r' } } as const;
const ATTESTATION: Attestation = {
  policyAssignmentId: 'a',
  complianceState: 'Compliant',
  assessmentDate: '2026-11-23T06:00:00Z',
  expiresOn: '2026-11-24T06:00:00Z',
  comments: 'c',
  evidence: { description: 'd', sourceUri: 'u' },
  metadata: { auditId: 'a1' },
};
const assessed = (code: string, name = NAME.toUpperCase()) => ({ body: { name, properties: { status: { code } } } });
const attested = (complianceState: string, name = NAME.toUpperCase()) => ({ body: { name, properties: { complianceState } } });

let server: ArmServer;
let time: ReturnType<typeof sleepingClock>;
let before = 0;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  time = sleepingClock();
  before = server.asked.length;
});

const asked = () =>
  server.asked.slice(before).map(({ method, url, body }) => ({ method, url, body: body === '' ? undefined : JSON.parse(body) }));
const options = (over = {}) => reach(server, { clock: time.clock, sleep: time.sleep, ...over });
const defender = (over = {}) => defenderOf(options(over));
const attestations = () => attestationsOf(options());

const METADATA = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Security/assessmentMetadata/${NAME}?api-version=2025-05-04`;
const ASSESSMENT = `${PATH}/providers/Microsoft.Security/assessments/${NAME}?api-version=2025-05-04`;
const OF_POLICY = `${PATH}/providers/Microsoft.PolicyInsights/attestations/${NAME}?api-version=2024-10-01`;

describe('a published resource', () => {
  it.each<[string, Reply, () => Promise<unknown>, string, object]>([
    [
      'the assessment type of a rule',
      { status: 201, body: { name: NAME.toUpperCase() } },
      () => defender().describeRule(SUBSCRIPTION, NAME, RULE, signal),
      METADATA,
      {
        displayName: 'Title',
        severity: 'High',
        description: 'Why.',
        remediationDescription: 'How.',
        assessmentType: 'CustomerManaged',
        categories: ['Container'],
      },
    ],
    [
      'an assessment',
      assessed('Unhealthy'),
      () => defender().assess(ID, NAME, UNHEALTHY, signal),
      ASSESSMENT,
      {
        resourceDetails: { source: 'Azure' },
        status: { code: 'Unhealthy', cause: 'OpenFindings', description: '1 open finding.' },
        additionalData: { ruleId: 'r' },
      },
    ],
    [
      'an attestation',
      attested('Compliant'),
      () => attestations().attest(ID, NAME, ATTESTATION, signal),
      OF_POLICY,
      { ...ATTESTATION, evidence: [ATTESTATION.evidence] },
    ],
  ])('is written completely, in the format of its service: %s', async (_, reply, write, url, properties) => {
    server.reply(reply);
    await write();
    expect(asked()).toEqual([{ method: 'PUT', url, body: { properties } }]);
    expect(server.asked.at(-1)?.headers['content-type']).toBe('application/json');
  });

  it.each<[string, Reply, () => Promise<unknown>]>([
    ['an assessment type with another name', { body: { name: 'other' } }, () => defender().describeRule(SUBSCRIPTION, NAME, RULE, signal)],
    ['an assessment with another name', assessed('Unhealthy', 'other'), () => defender().assess(ID, NAME, UNHEALTHY, signal)],
    ['an assessment with another state', assessed('Healthy'), () => defender().assess(ID, NAME, UNHEALTHY, signal)],
    ['an attestation with another name', attested('Compliant', 'other'), () => attestations().attest(ID, NAME, ATTESTATION, signal)],
    ['an attestation with another state', attested('Unknown'), () => attestations().attest(ID, NAME, ATTESTATION, signal)],
    ['nothing', { body: '' }, () => defender().assess(ID, NAME, UNHEALTHY, signal)],
  ])('does not count as written when the answer is about %s', async (_, reply, write) => {
    server.reply(reply);
    await expect(write()).rejects.toMatchObject({ code: 'malformed' });
  });

  it.each<[string, Reply, string, RegExp]>([
    [
      'is not allowed',
      refused(403, 'AuthorizationFailed'),
      'denied',
      /lacks Microsoft\.Security\/assessments\/write: give it a role that allows it\.$/,
    ],
    [
      'is of an unregistered provider',
      refused(409, 'MissingSubscriptionRegistration'),
      'unsupported',
      /Check that the subscription is registered for Microsoft\.Security; if it is, report the problem with Azure's message\.$/,
    ],
    ['is only accepted for later', { status: 202, body: {} }, 'malformed', /202/],
  ])('causes a fault that says what to do when it %s', async (_, reply, code, message) => {
    server.reply(reply);
    await expect(defender().assess(ID, NAME, UNHEALTHY, signal)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('names the permissions that assessment types and attestations need', async () => {
    server.reply(refused(403, 'AuthorizationFailed'));
    const needs = (permission: string) => ({ code: 'denied', message: expect.stringContaining(`lacks ${permission}: `) });
    const { describeRule, forgetRule } = defender();
    await expect(describeRule(SUBSCRIPTION, NAME, RULE, signal)).rejects.toMatchObject(
      needs('Microsoft.Security/assessmentMetadata/write'),
    );
    await expect(attestations().attest(ID, NAME, ATTESTATION, signal)).rejects.toMatchObject(
      needs('Microsoft.PolicyInsights/attestations/write'),
    );
    await expect(attestations().withdraw(ID, NAME, signal)).rejects.toMatchObject(needs('Microsoft.PolicyInsights/attestations/delete'));
    expect(await forgetRule(SUBSCRIPTION, NAME, signal)).toBe('left');
  });

  it('makes no call for an id that is not a cluster', async () => {
    for (const call of [
      () => defender().assess('kubeconfig:x', NAME, UNHEALTHY, signal),
      async () => attestations().attest('kubeconfig:x', NAME, ATTESTATION, signal),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining('kubeconfig:x') });
    expect(asked()).toEqual([]);
  });

  it('is limited to a minute, or to the remaining time of the app', async () => {
    server.reply({ status: 429, headers: { 'retry-after': '59' }, body: {} }, assessed('Unhealthy'));
    await defender({ timeBudgetMs: 360_000 }).assess(ID, NAME, UNHEALTHY, signal);
    time = sleepingClock();
    server.reply({ status: 429, headers: { 'retry-after': '60' }, body: {} }, assessed('Unhealthy'));
    await expect(defender({ timeBudgetMs: 360_000 }).assess(ID, NAME, UNHEALTHY, signal)).rejects.toMatchObject({ code: 'throttled' });
    server.reply({ status: 429, headers: { 'retry-after': '5' }, body: {} }, assessed('Unhealthy'));
    await expect(defender({ timeBudgetMs: 4_000 }).assess(ID, NAME, UNHEALTHY, signal)).rejects.toMatchObject({ code: 'throttled' });
    server.reply('never');
    await expect(defender({ attemptTimeoutMs: 20 }).assess(ID, NAME, UNHEALTHY, signal)).rejects.toMatchObject({ code: 'timed-out' });
  });

  it('uses the burst at once, and then four calls per second', async () => {
    server.reply(assessed('Unhealthy'));
    const { assess } = defender();
    for (let call = 0; call < 62; call++) await assess(ID, NAME, UNHEALTHY, signal);
    expect(time.slept).toEqual([250, 250]);
  });

  it("counts against Azure's budgets for writes and for deletions, and shares its own", async () => {
    const shared = options();
    const left = () => callBudgets(shared)().map(({ budget, left: calls }) => [budget, calls]);
    server.reply(attested('Compliant'));
    await attestationsOf(shared).attest(ID, NAME, ATTESTATION, signal);
    expect(left()).toEqual([
      ['publishing', 59],
      ['arm-writes', 179],
    ]);
    server.reply({ status: 200, body: '' });
    await attestationsOf(shared).withdraw(ID, NAME, signal);
    expect(left()).toEqual([
      ['publishing', 58],
      ['arm-writes', 179],
      ['arm-deletes', 179],
    ]);
  });
});

describe('a withdrawn resource', () => {
  it.each([200, 202, 204])('is deleted when the answer is %i', async (status) => {
    server.reply({ status, body: '' });
    expect(await defender().forgetRule(SUBSCRIPTION, NAME, signal)).toBe('gone');
    expect(await defender().withdraw(ID, NAME, signal)).toBe('gone');
    expect(await attestations().withdraw(ID, NAME, signal)).toBe('gone');
    expect(asked()).toEqual([METADATA, ASSESSMENT, OF_POLICY].map((url) => ({ method: 'DELETE', url, body: undefined })));
  });

  it('is deleted when it does not exist', async () => {
    server.reply(refused(404, 'ResourceNotFound'));
    expect(await defender().forgetRule(SUBSCRIPTION, NAME, signal)).toBe('gone');
    expect(await defender().withdraw(ID, NAME, signal)).toBe('gone');
  });

  it.each<[string, Reply]>([
    ['is not allowed', refused(403, 'AuthorizationFailed')],
    ['is not known to Azure', refused(405, 'MethodNotAllowed')],
  ])('is kept and marked as not applicable when its deletion %s', async (_, reply) => {
    server.reply(reply, assessed('NotApplicable'));
    expect(await defender().withdraw(ID, NAME, signal)).toBe('left');
    expect(asked()).toMatchObject([
      { method: 'DELETE' },
      {
        method: 'PUT',
        url: ASSESSMENT,
        body: { properties: { status: { code: 'NotApplicable', cause: 'Withdrawn' }, additionalData: {} } },
      },
    ]);
  });

  it('is deleted when its cluster is deleted meanwhile', async () => {
    server.reply(refused(403, 'AuthorizationFailed'), refused(404, 'ResourceNotFound'));
    expect(await defender().withdraw(ID, NAME, signal)).toBe('gone');
    server.reply(refused(403, 'AuthorizationFailed'), refused(403, 'AuthorizationFailed'));
    await expect(defender().withdraw(ID, NAME, signal)).rejects.toMatchObject({ code: 'denied' });
  });

  it.each<[string, Reply, string]>([
    ['503', refused(503, 'Busy'), 'unreachable'],
    ['409', refused(409, 'Conflict'), 'conflict'],
  ])('does not count as deleted after %s', async (_, reply, code) => {
    server.reply(reply);
    for (const call of [
      () => defender().withdraw(ID, NAME, signal),
      () => defender().forgetRule(SUBSCRIPTION, NAME, signal),
      () => attestations().withdraw(ID, NAME, signal),
    ])
      await expect(call()).rejects.toMatchObject({ code });
  });
});
