import type { Finding } from '../findings/finding.ts';
import type { ClusterSummary } from '../findings/summary.ts';
import type { Policy } from '../policy/policy.ts';
import { isRuleOn } from '../policy/rule-setting.ts';
import { SEVERITIES, type Severity } from '../policy/severity.ts';
import type { Rule, RuleRun } from '../rule/rule.ts';

/** Findings and verdicts of a cluster that are published to other services. */
export interface KnownCluster {
  readonly summary: ClusterSummary;
  /** Verdicts of every rule in the newest scan; absent when that scan was not stored. */
  readonly runs: readonly RuleRun[] | undefined;
  readonly findings: readonly Finding[];
  readonly isExempted: (finding: Finding) => boolean;
}

/** Standing of a cluster against one rule. */
export interface RuleStanding {
  readonly ruleId: string;
  /** `complies` only if every subject was scanned, and none failed, is unknown or is exempted. */
  readonly standing: 'fails' | 'exempted' | 'unknown' | 'complies' | 'not-applicable';
  /** One sentence. It names no workload, node or person: it is read outside the app. */
  readonly why: string;
  /** Open findings that no exemption covers, and those that one covers. */
  readonly open: number;
  readonly exempted: number;
  /** Of the open ones, the worst severity. */
  readonly worst?: Severity;
}

type Word = Pick<RuleStanding, 'standing' | 'why'>;

/** Standing of a cluster against each enabled rule, in rule order. */
export function ruleStandings(known: KnownCluster, rules: readonly Rule[], policy: Policy): readonly RuleStanding[] {
  const open = Map.groupBy(
    known.findings.filter(({ status }) => status === 'open'),
    ({ ruleId }) => ruleId,
  );
  return rules.filter((rule) => isRuleOn(rule, policy)).map(({ id }) => standingOf(id, open.get(id) ?? [], known));
}

function standingOf(ruleId: string, findings: readonly Finding[], { runs, isExempted }: KnownCluster): RuleStanding {
  const failing = findings.filter((finding) => !isExempted(finding));
  const counts = { open: failing.length, exempted: findings.length - failing.length };
  const worst = SEVERITIES.find((severity) => failing.some((finding) => finding.severity === severity));
  const run = runs?.find((one) => one.ruleId === ruleId);
  return { ruleId, ...wordOf(run, counts), ...counts, ...(worst === undefined ? {} : { worst }) };
}

/** The worst standing comes first, so that passing subjects never hide unknown ones. */
function wordOf(run: RuleRun | undefined, { open, exempted }: Pick<RuleStanding, 'open' | 'exempted'>): Word {
  if (open > 0) return { standing: 'fails', why: `${open} open ${open === 1 ? 'finding' : 'findings'}${alsoExempted(exempted)}.` };
  if (run === undefined || run.state === 'off') return unknown('The newest scan did not judge this rule.');
  if (run.state === 'error') return unknown('The rule failed in the newest scan.');
  if (run.state === 'unavailable') {
    const missing = run.missing.map(({ evidence, reason }) => `${evidence} (${reason.code})`);
    return unknown(`Could not be read: ${missing.join(', ')}.`);
  }
  const count = (verdict: 'pass' | 'fail' | 'unknown') => run.judgements.filter((one) => one.verdict === verdict).length;
  if (count('fail') > exempted) return { standing: 'fails', why: `${count('fail')} failed in the newest scan.` };
  if (count('unknown') > 0) return unknown(`${count('unknown')} could not be judged in the newest scan.`);
  if (count('pass') + exempted === 0) return { standing: 'not-applicable', why: 'The rule applies to nothing in this cluster.' };
  if ((run.unlisted ?? []).length > 0) return unknown('The newest scan could not list everything that the rule checks.');
  if (run.coverage.kind !== 'full') return unknown('The newest scan covered only a part, and nothing failed in that part.');
  if (exempted > 0) return { standing: 'exempted', why: `Every open finding is exempted: ${exempted}.` };
  return { standing: 'complies', why: `All ${count('pass')} that the rule applies to comply.` };
}

function unknown(why: string): Word {
  return { standing: 'unknown', why };
}

function alsoExempted(exempted: number): string {
  return exempted === 0 ? '' : `, and ${exempted} exempted`;
}
