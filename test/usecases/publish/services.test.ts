import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../../shared/domain/findings/estate-figures.ts';
import type { ClusterSummary } from '../../../shared/domain/findings/summary.ts';
import { DEFAULT_POLICY, type Exemption, type Policy } from '../../../shared/domain/policy/policy.ts';
import type { Severity } from '../../../shared/domain/policy/severity.ts';
import type { Judgement, RuleRun } from '../../../shared/domain/rule/rule.ts';
import { FULL } from '../../../shared/domain/snapshot/observation.ts';
import type { Attestation } from '../../../shared/ports/attestations.ts';
import type { BundleHead } from '../../../shared/ports/bundle-store.ts';
import type { AssessedRule, RuleAssessment } from '../../../shared/ports/defender.ts';
import type { Published, PublishedItem } from '../../../shared/ports/publication-store.ts';
import { type AttestationPublisher, attestationPublisher } from '../../../shared/usecases/publish/attestation-publisher.ts';
import { assessmentName, defenderPublisher } from '../../../shared/usecases/publish/defender-publisher.ts';
import type { Said } from '../../../shared/usecases/publish/publisher.ts';
import { aFinding, anEstate, aSummary, clusterIdOf, SUBSCRIPTION } from '../../http/estate.ts';
import { aSnapshot } from '../../support/a-snapshot.ts';

const ID = clusterIdOf('prod');
const [IMAGE, SANDBOXED] = ['node-image-current', 'workload-sandboxed'] as const;
const { observedAt } = aSummary('prod', []);
const signal = new AbortController().signal;
const EXEMPT: Exemption = {
  id: 'e',
  rule: IMAGE,
  category: 'waiver',
  reason: 'moving',
  approvedBy: 'ciso',
  expiresOn: '2026-12-31T00:00:00Z',
};

const PASS: Judgement = { verdict: 'pass', subject: { kind: 'node-pool', name: 'kata' } };
const UNKNOWN: Judgement = { verdict: 'unknown', subject: { kind: 'node-pool', name: 'kata' }, message: 'Not seen.' };
const judged = (ruleId: string, ...judgements: readonly Judgement[]): RuleRun => ({ ruleId, state: 'judged', coverage: FULL, judgements });
const COMPLIES = [judged(IMAGE, PASS), judged(SANDBOXED)];

interface Held {
  readonly summary?: ClusterSummary;
  readonly findings?: readonly ReturnType<typeof aFinding>[];
  readonly runs?: readonly RuleRun[];
  /** The time of the scan whose verdicts are stored. */
  readonly keptOf?: string;
  readonly policy?: Partial<Policy>;
  readonly isHeld?: boolean;
}

function sources({
  findings = [],
  runs = COMPLIES,
  keptOf = observedAt,
  policy = {},
  isHeld = true,
  summary = aSummary('prod', findings),
}: Held) {
  const summaries = isHeld ? [summary] : [];
  const kept = { snapshot: aSnapshot({ observedAt: keptOf }), runs, policyHash: 'h' };
  return anEstate(
    { findings, summaries, policy },
    { assessments: { put: () => expect.unreachable('It only reads.'), get: async () => kept } },
  );
}

const anAudit = (id: string) => ({ id, startedAt: observedAt, cause: 'timer', subscriptions: [] }) as const;
const END = { state: 'complete', endedAt: observedAt, planned: 1, scanned: 1, notAssessed: 0, notListed: 0, changed: 0 } as const;
const ended = (id: string) => ({ ...anAudit(id), end: { ...END, figures: figuresOf([], DEFAULT_POLICY, new Date(observedAt)) } });
const THERE = { [IMAGE]: 'there', [SANDBOXED]: 'there' } as const;

/** Microsoft Defender for Cloud, and what was written to it. */
function defender(held: Held = {}, address: { readonly publicUrl?: string } = { publicUrl: 'https://app' }) {
  const told = new Map<string, AssessedRule | RuleAssessment>();
  const takenBack: string[] = [];
  const publisher = defenderPublisher({
    ...sources(held),
    audits: { list: async () => ({ value: [anAudit('runs'), ended('newest'), ended('older')] }) },
    mode: 'on',
    ...address,
    defender: {
      describeRule: async (subscription, name, rule) => void told.set(`${subscription} ${name}`, rule),
      forgetRule: async (subscription, name) => {
        takenBack.push(`${subscription} ${name}`);
        return 'left';
      },
      assess: async (cluster, name, assessment) => void told.set(`${cluster} ${name}`, assessment),
      withdraw: async (cluster, name) => {
        takenBack.push(`${cluster} ${name}`);
        return 'left';
      },
    },
  });
  const published = (states: Readonly<Record<string, PublishedItem['state']>>): Published => {
    const items = Object.entries(states).map(([rule, state]) => [assessmentName(rule), { digest: '', at: '', state }] as const);
    return { service: 'defender', scope: `/subscriptions/${SUBSCRIPTION}`, items: Object.fromEntries(items) };
  };
  const say = async ({ sayings }: Said) => {
    for (const one of sayings) await one.say(signal);
    return sayings.map(({ name, digest }) => ({ name, digest }));
  };
  return {
    publisher,
    told,
    takenBack,
    describe: async (hasClusters = true) => say(await publisher.ofSubscription(SUBSCRIPTION, hasClusters)),
    assess: async (isPresent = true, states: Readonly<Record<string, PublishedItem['state']>> = THERE) =>
      say(await publisher.ofCluster(ID, isPresent, published(states))),
    takeBackOf: async (states: Readonly<Record<string, PublishedItem['state']>>) =>
      (await publisher.ofCluster(ID, true, published(states))).takeBack(assessmentName(IMAGE), signal),
    image: () => told.get(`${ID} ${assessmentName(IMAGE)}`),
  };
}

describe('Microsoft Defender for Cloud', () => {
  it('is written after the newest audit that has ended', async () => {
    expect(await defender().publisher.newest()).toBe('newest');
  });

  it.each<[Severity, string]>([
    ['critical', 'Critical'],
    ['high', 'High'],
    ['medium', 'Medium'],
    ['low', 'Low'],
    ['info', 'Low'],
  ])('gets a rule that the policy makes %s as %s, and again after a change', async (severity, expected) => {
    const { describe: say, told } = defender({ policy: { rules: { [IMAGE]: severity, [SANDBOXED]: 'off' } } });
    const said = await say();
    expect([...told]).toEqual([
      [
        `${SUBSCRIPTION} ${assessmentName(IMAGE)}`,
        {
          displayName: 'Node pools run a current node image',
          severity: expected,
          description: 'An old image keeps flaws.',
          remediation: 'Upgrade the pool.',
        },
      ],
    ]);
    const plain = await defender({ policy: { rules: { [SANDBOXED]: 'off' } } }).describe();
    expect(said[0]?.digest === plain[0]?.digest).toBe(severity === 'high');
  });

  it('gets no rule for a subscription without clusters, and loses the rules of that subscription', async () => {
    const { describe: say, publisher, takenBack } = defender();
    expect(await say(false)).toEqual([]);
    expect(await (await publisher.ofSubscription(SUBSCRIPTION, false)).takeBack('a', signal)).toBe('left');
    expect(takenBack).toEqual([`${SUBSCRIPTION} a`]);
  });

  it.each<[string, Held, string, string, object]>([
    ['complies', {}, 'Healthy', 'Complies', { openFindings: '0', exemptedFindings: '0' }],
    ['applies to nothing', { runs: [judged(IMAGE)] }, 'NotApplicable', 'NothingToJudge', {}],
    ['is unknown', { runs: [judged(IMAGE, PASS, UNKNOWN)] }, 'NotApplicable', 'NotAssessed', {}],
    ['was judged only in an older scan', { keptOf: '2026-11-23T05:00:00.000Z' }, 'NotApplicable', 'NotAssessed', {}],
    ['fails', { findings: [aFinding()] }, 'Unhealthy', 'OpenFindings', { openFindings: '1', worstSeverity: 'high' }],
    [
      'fails only with an exemption',
      { findings: [aFinding()], policy: { exemptions: [EXEMPT] } },
      'NotApplicable',
      'Exempted',
      { openFindings: '0', exemptedFindings: '1' },
    ],
  ])('gets the state of a rule that %s, and never healthy unless it is known', async (_, held, code, cause, facts) => {
    const { assess, image } = defender(held);
    await assess();
    const report = `https://app/api/dashboard/findings?cluster=${encodeURIComponent(ID)}&rule=${IMAGE}`;
    expect(image()).toMatchObject({ code, cause, facts: { ruleId: IMAGE, observedAt, report, ...facts } });
  });

  it('gets no link without a public URL', async () => {
    const { assess, told } = defender({}, {});
    await assess();
    expect(JSON.stringify([...told])).not.toContain('report');
  });

  it('keeps the same digest until something other than the time of the scan changes', async () => {
    const digests = async (held: Held) => (await defender(held).assess()).map(({ digest }) => digest);
    const later = { ...aSummary('prod', []), observedAt: '2026-11-24T06:00:00.000Z' };
    const again = defender({ summary: later, keptOf: later.observedAt });
    expect((await again.assess()).map(({ digest }) => digest)).toEqual(await digests({}));
    expect(again.image()).toMatchObject({ facts: { observedAt: later.observedAt } });
    expect(await digests({ findings: [aFinding()] })).not.toEqual(await digests({}));
  });

  it.each([
    ['for a deleted cluster', false, THERE, {}, 0],
    ['for one without stored results', true, THERE, { isHeld: false }, 0],
    ['for a rule without an assessment type', true, { [IMAGE]: 'there' } as const, {}, 1],
    ['for a rule whose assessment type is unsure', true, { [IMAGE]: 'there', [SANDBOXED]: 'unsure' } as const, {}, 1],
  ])('gets nothing %s', async (_, isPresent, states, held, count) => {
    expect(await defender(held).assess(isPresent, states)).toHaveLength(count);
  });

  it('is asked to delete an assessment only while its type exists, because deleting the type deletes its assessments', async () => {
    const { takeBackOf, takenBack } = defender();
    expect([await takeBackOf({}), takenBack]).toEqual(['gone', []]);
    expect([await takeBackOf({ [IMAGE]: 'left' }), takenBack]).toEqual(['left', [`${ID} ${assessmentName(IMAGE)}`]]);
  });
});

const HEAD: BundleHead = { sequence: 7, sha256: 'a'.repeat(64), sealedAt: '2026-11-23T06:01:00.000Z', auditId: 'audit-1' };

/** Azure Policy, and what was written to it about one cluster. */
function policyOf(held: Held = {}, over: Partial<AttestationPublisher> & { readonly head?: BundleHead | undefined } = {}) {
  const { head = HEAD, ...settings } = over;
  const told: (readonly [string, Attestation])[] = [];
  const takenBack: string[] = [];
  const publisher = attestationPublisher({
    ...sources(held),
    mode: 'on',
    bundles: { head: async () => ('head' in over && over.head === undefined ? undefined : { head, version: 'v' }) },
    signs: true,
    assignment: 'kataudit',
    schedule: '0 0 */6 * * *',
    publicUrl: 'https://app',
    attestations: {
      attest: async (_, name, attestation) => void told.push([name, attestation]),
      withdraw: async (cluster, name) => {
        takenBack.push(`${cluster} ${name}`);
        return 'gone';
      },
    },
    ...settings,
  });
  const attest = async (isPresent = true) => {
    const { sayings } = await publisher.ofCluster(ID, isPresent, undefined);
    for (const { say } of sayings) await say(signal);
    return sayings[0];
  };
  const attested = async () => {
    await attest();
    return told[0]?.[1];
  };
  return { publisher, takenBack, attest, attested };
}

describe('Azure Policy', () => {
  it.each<[string, Partial<AttestationPublisher>, string | undefined]>([
    ['nothing is missing', {}, undefined],
    ['there is no signing key', { signs: false }, 'KATAUDIT_SIGNING_KEY'],
    ['no assignment is named', { assignment: '' }, 'KATAUDIT_POLICY_ASSIGNMENT'],
  ])('reports what is missing for attestations: %s', (_, over, setting) => {
    const { blockedBy } = policyOf({}, over).publisher;
    if (setting === undefined) expect(blockedBy).toBeUndefined();
    else expect(blockedBy).toEqual({ code: 'unsupported', message: expect.stringContaining(setting) });
  });

  it('needs the public URL of the evidence', () => {
    const { publicUrl: _, ...without } = { ...sources({}), publicUrl: '' };
    const nothing = { attest: async () => undefined, withdraw: async () => 'gone' as const };
    const deps = { ...without, mode: 'on', bundles: { head: async () => undefined }, signs: true, assignment: 'a', schedule: '' } as const;
    expect(attestationPublisher({ ...deps, attestations: nothing }).blockedBy?.message).toContain('KATAUDIT_PUBLIC_URL');
  });

  it('is written after the audit of the newest bundle, and not before there is one', async () => {
    expect(await policyOf().publisher.newest()).toBe('audit-1');
    expect(await policyOf({}, { head: undefined }).publisher.newest()).toBeUndefined();
  });

  it.each<[string, Held, string, object]>([
    ['complies', {}, 'Compliant', { rulesFailed: '0', rulesUnknown: '0', rulesExempted: '0' }],
    ['fails', { findings: [aFinding()] }, 'NonCompliant', { rulesFailed: '1' }],
    ['is unknown', { runs: [judged(IMAGE, UNKNOWN), judged(SANDBOXED)] }, 'Unknown', { rulesUnknown: '1' }],
    ['is exempted', { findings: [aFinding()], policy: { exemptions: [EXEMPT] } }, 'Compliant', { rulesExempted: '1' }],
  ])('gets the state of a cluster that %s, with the bundle that shows it', async (_, held, complianceState, counts) => {
    expect(await policyOf(held).attested()).toMatchObject({
      policyAssignmentId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/kataudit`,
      complianceState,
      assessmentDate: observedAt,
      evidence: {
        description: `Kataudit evidence bundle 7, SHA-256 of its manifest ${HEAD.sha256}, sealed ${HEAD.sealedAt}.`,
        sourceUri: 'https://app/api/exports/bundle?number=7',
      },
      metadata: { auditId: 'audit-1', bundleSequence: '7', bundleSha256: HEAD.sha256, ...counts },
    });
  });

  it.each([
    ['as old as the bundle', HEAD.sealedAt, false],
    ['newer', '2026-11-23T06:01:00.001Z', true],
  ])('gets the note that a scan is not in the bundle when it is newer: %s', async (_, at, isLater) => {
    const held = { summary: { ...aSummary('prod', []), observedAt: at }, keptOf: at };
    expect((await policyOf(held).attested())?.comments.includes('The scan is newer than the bundle')).toBe(isLater);
  });

  it.each([
    ['the second audit after it should have ended', '0 0 */6 * * *', '2026-11-23T20:00:00.000Z'],
    ['two hours after it, when the schedule is invalid', 'never', '2026-11-23T08:01:00.000Z'],
    ['two hours after it, when no second audit is due', '0 0 0 30 2 *', '2026-11-23T08:01:00.000Z'],
  ])('gets it with the expiry %s', async (_, schedule, expiresOn) => {
    expect(await policyOf({}, { schedule }).attested()).toMatchObject({ expiresOn });
  });

  it('gets the id of an assignment above the subscription, under its own name', async () => {
    const assignment = '/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Authorization/policyAssignments/a';
    const above = policyOf({}, { assignment });
    expect(await above.attested()).toMatchObject({ policyAssignmentId: assignment });
    const [one, other] = [await above.attest(), await policyOf().attest()];
    expect(one?.name).not.toBe(other?.name);
    expect((await policyOf({}, { assignment: assignment.toUpperCase() }).attest())?.name).toBe(one?.name);
  });

  it('is told under names that never change, by which a later version finds what this one wrote', async () => {
    const assignment = '/subscriptions/ABCDEFAB-2222-4333-8444-555555555555/providers/Microsoft.Authorization/policyAssignments/Kata';
    expect((await policyOf({}, { assignment }).attest())?.name).toBe('0c4eb3d5-6cd5-5fd1-82e4-b80d201b7224');
    expect(assessmentName('workload-sandboxed')).toBe('e7258404-b7f5-552d-b60a-4aafb3df5fab');
  });

  it('is written again for each bundle, another state and another expiry, and never only because time passed', async () => {
    const digest = async (...args: Parameters<typeof policyOf>) => (await policyOf(...args).attest())?.digest;
    const before = await digest();
    expect(await digest()).toBe(before);
    const others = [
      await digest({ findings: [aFinding()] }),
      await digest({}, { head: { ...HEAD, sequence: 8 } }),
      await digest({}, { schedule: '0 0 */3 * * *' }),
    ];
    expect(others).not.toContain(before);
    expect(policyOf().publisher.renewAfterMs).toBe(Number.POSITIVE_INFINITY);
  });

  it.each<[string, boolean, Held, BundleHead | undefined]>([
    ['for a deleted cluster', false, {}, HEAD],
    ['before the first bundle', true, {}, undefined],
    ['for a cluster without stored results', true, { isHeld: false }, HEAD],
  ])('gets nothing %s, and loses earlier attestations', async (_, isPresent, held, head) => {
    const { publisher, takenBack } = policyOf(held, { head });
    const { sayings, takeBack } = await publisher.ofCluster(ID, isPresent, undefined);
    expect([sayings, await takeBack('n', signal), takenBack]).toEqual([[], 'gone', [`${ID} n`]]);
  });

  it('gets nothing about subscriptions, and has nothing to withdraw there', async () => {
    const { sayings, takeBack } = await policyOf().publisher.ofSubscription(SUBSCRIPTION, true);
    expect([sayings, await takeBack('n', signal)]).toEqual([[], 'gone']);
  });
});
