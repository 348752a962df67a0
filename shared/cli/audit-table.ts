import type { Finding } from '../domain/findings/finding.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { OverlaidFinding } from '../domain/findings/overlaid-finding.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import type { RuleRun } from '../domain/rule/rule.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';
import { plain, prose, type Row, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';
import { counted } from './frame/words.ts';
import { isolationSteps } from './isolation-steps.ts';

/** A judged snapshot for people: the worst first, the fix below each, what was not judged by reason, and how much was seen. */
export function auditTable(result: AuditedSnapshot, overlaid: readonly OverlaidFinding[], page: Page): string {
  const findings = overlaid.flatMap(({ finding, exemption }) => (exemption === undefined ? [finding] : [])).toSorted(bySeverity);
  const parts = [
    heading(result, overlaid, findings, page),
    findings.length === 0 ? 'No finding.' : table(['SEVERITY', 'RULE', 'SUBJECT', 'WHAT WAS SEEN'], findings.map(findingRow(page)), page),
    isolationSteps(result.snapshot, page),
    exemptedTable(overlaid, page),
    notJudged(result, page),
  ];
  return parts.filter((part) => part !== undefined).join('\n\n');
}

function bySeverity(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

function heading(result: AuditedSnapshot, overlaid: readonly OverlaidFinding[], findings: readonly Finding[], page: Page): string {
  const counts = SEVERITIES.map((severity) => [findings.filter((one) => one.severity === severity).length, severity] as const);
  const some = counts.flatMap(([count, severity]) => (count === 0 ? [] : [page.paint(severity, `${count} ${severity}`)]));
  const exempted = overlaid.length - findings.length;
  const parts = [
    `${counted(findings.length, 'finding')}${some.length === 0 ? '' : ` (${some.join(', ')})`}`,
    ...(exempted === 0 ? [] : [`${exempted} exempted`]),
    `${result.unknown.length} could not be judged`,
  ];
  const name = page.paint('strong', plain(result.snapshot.cluster.name));
  return [`Cluster ${name}: ${parts.join(', ')}.`, prose(coverage(result), page)].join('\n');
}

/** How much of the rules and of the pods stands behind the findings. */
function coverage({ runs, snapshot }: AuditedSnapshot): string {
  const on = runs.filter(({ state }) => state !== 'off');
  const judged = on.filter(hasJudged);
  return `${judged.length} of ${counted(on.length, 'rule')} judged; pods: ${podsSeen(snapshot)}.`;
}

/** Whether a rule said anything of what it found; that it found nothing to judge is an answer too. */
function hasJudged(run: RuleRun): boolean {
  return run.state === 'judged' && (run.judgements.length === 0 || run.judgements.some(({ verdict }) => verdict !== 'unknown'));
}

function podsSeen({ workloads }: ClusterSnapshot): string {
  if (workloads.state === 'unavailable') return `none, ${workloads.reason.message.replace(/\.$/, '')}`;
  const { coverage } = workloads;
  switch (coverage.kind) {
    case 'full':
      return 'all';
    case 'truncated':
      return `not all, ${coverage.message.replace(/\.$/, '')}`;
    case 'sample': {
      const { sampledPods, totalPods, sampledNodes, totalNodes, upperBound, confidence } = coverage;
      const of = totalPods === undefined ? '' : ` of ${totalPods}`;
      const bound = `where none shows a violation, at most ${percent(upperBound)} of the nodes have one (confidence ${percent(confidence)})`;
      return `a sample of ${sampledPods}${of} on ${sampledNodes} of ${counted(totalNodes, 'node')}: ${bound}`;
    }
  }
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

function findingRow(page: Page): (finding: Finding) => Row {
  return ({ severity, ruleId, subject, message, remediation }) => ({
    cells: [severity, ruleId, subjectLabel(subject), message],
    style: severity,
    below: [`    ${page.paint('faint', 'Fix:')} ${plain(remediation)}`],
  });
}

function exemptedTable(overlaid: readonly OverlaidFinding[], page: Page): string | undefined {
  const rows = overlaid.flatMap(({ finding, exemption }) =>
    exemption === undefined ? [] : [[finding.ruleId, subjectLabel(finding.subject), exemption.id, exemption.expiresOn]],
  );
  return rows.length === 0 ? undefined : table(['EXEMPTED', 'SUBJECT', 'BY', 'UNTIL'], rows, page);
}

/** One reason once, with every rule that it kept from judging. */
function notJudged({ unknown }: AuditedSnapshot, page: Page): string | undefined {
  if (unknown.length === 0) return undefined;
  const byReason = Map.groupBy(unknown, ({ message }) => message);
  const rows = [...byReason].map(([message, all]) => {
    const perRule = Map.groupBy(all, ({ ruleId }) => ruleId);
    const rules = [...perRule].map(([ruleId, ones]) => (ones.length === 1 ? ruleId : `${ruleId} (${ones.length})`));
    return [rules.join(', '), message];
  });
  return table(['NOT JUDGED', 'WHY'], rows, page);
}
