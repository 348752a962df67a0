import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/domain/findings/finding.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { complianceOf } from '../../../shared/domain/publish/compliance.ts';
import { type RuleStanding, ruleStandings } from '../../../shared/domain/publish/rule-standing.ts';
import { uuidOf } from '../../../shared/domain/publish/uuid.ts';
import type { Judgement, RuleRun } from '../../../shared/domain/rule/rule.ts';
import { type Coverage, FULL } from '../../../shared/domain/snapshot/observation.ts';
import { aFinding, aSummary, RULES } from '../../http/estate.ts';

const RULE = 'node-image-current';
const subject = { kind: 'node-pool', name: 'kata' } as const;
const pass: Judgement = { verdict: 'pass', subject };
const fail: Judgement = { verdict: 'fail', subject, message: 'Old.' };
const unknown: Judgement = { verdict: 'unknown', subject, message: 'Not read.' };
const none: Judgement = { verdict: 'not-applicable', subject };
const SAMPLE: Coverage = { kind: 'truncated', message: 'too many' };

const judged = (judgements: readonly Judgement[], over: { coverage?: Coverage; unlisted?: readonly 'node'[] } = {}): RuleRun => ({
  ruleId: RULE,
  state: 'judged',
  coverage: FULL,
  judgements,
  ...over,
});
const exempted = aFinding({ subject: { kind: 'node-pool', name: 'exempted' } });
const resolved = aFinding({ status: 'resolved' });

/** The standing by the rule of the run. */
function standing(run: RuleRun | undefined, findings: readonly Finding[] = []): RuleStanding | undefined {
  const other: RuleRun = { ...judged([]), ruleId: 'node-image-supported' };
  const runs = run === undefined ? undefined : [other, run];
  const known = { summary: aSummary('prod', findings), runs, findings, isExempted: (one: Finding) => one === exempted };
  return ruleStandings(known, RULES, DEFAULT_POLICY).find(({ ruleId }) => ruleId === RULE);
}

describe('the standing of a cluster by a rule', () => {
  it.each<[string, RuleRun | undefined, readonly Finding[], RuleStanding['standing']]>([
    ['an open finding fails', judged([fail]), [aFinding()], 'fails'],
    ['an open finding fails although it could not be judged again', undefined, [aFinding()], 'fails'],
    ['an open finding and an exempted one fail', judged([fail, fail]), [aFinding(), exempted], 'fails'],
    ['a failure that could not be stored as a finding fails', judged([fail, pass]), [], 'fails'],
    ['only exempted findings', judged([fail, pass]), [exempted], 'exempted'],
    ['a resolved finding does not count', judged([pass]), [resolved], 'complies'],
    ['everything complies', judged([pass, none]), [], 'complies'],
    ['nothing that the rule applies to', judged([none]), [], 'not-applicable'],
    ['nothing at all', judged([]), [], 'not-applicable'],
    ['one subject that could not be judged among others that comply', judged([pass, unknown]), [], 'unknown'],
    ['one subject that could not be judged and an exempted one', judged([fail, unknown]), [exempted], 'unknown'],
    ['only a part was read, and it complies', judged([pass], { coverage: SAMPLE }), [], 'unknown'],
    ['only a part was read, and its findings are exempted', judged([fail], { coverage: SAMPLE }), [exempted], 'unknown'],
    ['not all of a kind was listed', judged([pass], { unlisted: ['node'] }), [], 'unknown'],
    ['the rule failed', { ruleId: RULE, state: 'error', message: 'bug' }, [], 'unknown'],
    ['the rule was off in the newest scan', { ruleId: RULE, state: 'off' }, [], 'unknown'],
    ['no snapshot is stored', undefined, [], 'unknown'],
  ])('%s', (_, run, findings, expected) => {
    expect(standing(run, findings)?.standing).toBe(expected);
  });

  it('says why something could not be read, without the text of the refusal', () => {
    const reason = { code: 'denied' as const, message: 'Cannot list pods of <b>shop</b>.' };
    const why = standing({ ruleId: RULE, state: 'unavailable', missing: [{ evidence: 'nodePools', reason }] })?.why;
    expect(why).toBe('Could not be read: nodePools (denied).');
  });

  it('names the highest severity of the failures, and no workload', () => {
    const hostile = aFinding({ severity: 'critical', message: '<script>', subject: { kind: 'node-pool', name: '<script>' } });
    const stands = standing(judged([fail, fail]), [aFinding({ severity: 'low' }), hostile]);
    expect(stands).toMatchObject({ open: 2, exempted: 0, worst: 'critical', why: '2 open findings.' });
    expect(JSON.stringify(stands)).not.toContain('<');
  });

  it('does not exist for a rule that is off', () => {
    const off = { ...DEFAULT_POLICY, rules: { [RULE]: 'off' as const } };
    const known = { summary: aSummary('prod', []), runs: [judged([pass])], findings: [], isExempted: () => false };
    expect(ruleStandings(known, RULES, off).map(({ ruleId }) => ruleId)).toEqual(['workload-sandboxed']);
  });
});

describe('whether a cluster complies', () => {
  const by = (...all: readonly RuleStanding['standing'][]): readonly RuleStanding[] =>
    all.map((one, at) => ({ ruleId: String(at), standing: one, why: '', open: 0, exempted: 0 }));

  it.each<[string, 'assessed' | 'partly-assessed' | 'not-assessed', readonly RuleStanding[], string]>([
    ['all comply', 'assessed', by('complies', 'not-applicable'), 'compliant'],
    ['all comply or are exempted', 'assessed', by('complies', 'exempted'), 'compliant'],
    ['one fails', 'assessed', by('complies', 'fails', 'unknown'), 'non-compliant'],
    ['one fails in a partly scanned cluster', 'partly-assessed', by('complies', 'fails'), 'non-compliant'],
    ['one is unknown', 'assessed', by('complies', 'unknown'), 'unknown'],
    ['all comply in a partly scanned cluster', 'partly-assessed', by('complies'), 'unknown'],
    ['nothing could be read', 'not-assessed', by('complies'), 'unknown'],
    ['nothing applies', 'assessed', by('not-applicable'), 'unknown'],
    ['every rule is off', 'assessed', [], 'unknown'],
  ])('%s', (_, assessment, standings, expected) => {
    expect(complianceOf({ assessment }, standings).state).toBe(expected);
  });

  it('reports the number of exempted rules', () => {
    expect(complianceOf({ assessment: 'assessed' }, by('complies', 'exempted')).why).toBe(
      'No rule fails: 1 of 2 comply. 1 rules are exempted.',
    );
  });
});

it('names are GUIDs of version 5 and never change, so that written resources are found again', () => {
  expect(uuidOf('assessment/node-image-current')).toBe('137cbc94-1236-5c36-a0c8-e55dcddbd275');
  for (let at = 0; at < 20; at++)
    expect(uuidOf(`name ${at}`)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

describe('the reason of a standing', () => {
  it.each<[string, RuleRun | undefined, readonly Finding[], string]>([
    ['one open finding', judged([fail]), [aFinding()], '1 open finding.'],
    ['an open finding beside an exempted one', judged([fail, fail]), [aFinding(), exempted], '1 open finding, and 1 exempted.'],
    ['no look', undefined, [], 'The newest scan did not judge this rule.'],
    ['a rule that failed', { ruleId: RULE, state: 'error', message: 'bug' }, [], 'The rule failed in the newest scan.'],
    ['failures without a finding', judged([fail, fail, pass]), [exempted], '2 failed in the newest scan.'],
    ['what is not known', judged([unknown, unknown, pass]), [], '2 could not be judged in the newest scan.'],
    ['nothing', judged([]), [], 'The rule applies to nothing in this cluster.'],
    [
      'a list that is not whole',
      judged([pass], { unlisted: ['node'] }),
      [],
      'The newest scan could not list everything that the rule checks.',
    ],
    ['a part', judged([pass], { coverage: SAMPLE }), [], 'The newest scan covered only a part, and nothing failed in that part.'],
    ['an exempted finding', judged([fail]), [exempted], 'Every open finding is exempted: 1.'],
    ['what complies', judged([pass, pass, none]), [], 'All 2 that the rule applies to comply.'],
  ])('is told of %s', (_, run, findings, why) => expect(standing(run, findings)?.why).toBe(why));

  it('counts what is open apart from what is exempted, and has a severity only of what is open', () => {
    expect(standing(judged([fail]), [exempted])).toMatchObject({ open: 0, exempted: 1 });
    expect(standing(judged([fail]), [exempted])).not.toHaveProperty('worst');
    const severe = [
      aFinding({ severity: 'medium' }),
      aFinding({ severity: 'low' }),
      aFinding({ status: 'resolved', severity: 'critical' }),
    ];
    expect(standing(judged([fail, fail]), severe)).toMatchObject({ open: 2, exempted: 0, worst: 'medium' });
    expect(standing(judged([pass]), [aFinding({ ruleId: 'workload-sandboxed' })])).toMatchObject({ standing: 'complies', open: 0 });
  });

  it.each<[Parameters<typeof complianceOf>[0]['assessment'], readonly RuleStanding['standing'][], string]>([
    ['assessed', ['fails', 'fails', 'exempted', 'complies'], '2 of 4 rules fail. 1 rules are exempted.'],
    ['partly-assessed', ['complies'], 'The newest scan could not read the whole cluster.'],
    ['assessed', ['unknown', 'complies'], '1 of 2 rules could not be judged.'],
    ['assessed', ['not-applicable'], 'No rule had anything to judge.'],
    ['assessed', ['complies', 'complies', 'not-applicable'], 'No rule fails: 2 of 3 comply.'],
  ])('of a cluster that is %s with %j is told', (assessment, stands, why) => {
    const all = stands.map((one, at) => ({ ruleId: String(at), standing: one, why: '', open: 0, exempted: 0 }));
    expect(complianceOf({ assessment }, all).why).toBe(why);
  });
});
