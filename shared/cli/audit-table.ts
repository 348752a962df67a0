import type { NotListed } from '../compose/command-line/azure-cluster.ts';
import type { Finding } from '../domain/findings/finding.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { OverlaidFinding } from '../domain/findings/overlaid-finding.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { type RuleRun, VERDICTS } from '../domain/rule/rule.ts';
import { counted } from '../domain/text/counted.ts';
import { commandLines } from './command-lines.ts';
import { coverageLine } from './coverage-line.ts';
import { plain, prose, type Row, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';
import { isolationSteps } from './isolation-steps.ts';
import type { ReportedCluster } from './report.ts';

/** What a table shows besides the findings. */
export interface TableOptions {
  readonly isWide: boolean;
  /** Ids of findings that were known before; absent without a baseline. */
  readonly known?: ReadonlySet<string> | undefined;
}

/**
 * Formats judged snapshots for a terminal: coverage, findings with the most severe first and the fix below each, and what was not
 * judged, by reason. The wide form adds the isolation steps and the number of subjects that each rule judged.
 */
export function auditTable(
  clusters: readonly ReportedCluster[],
  notListed: readonly NotListed[],
  { isWide, known }: TableOptions,
  page: Page,
): string {
  const findings = clusters.flatMap(({ overlaid }) => counting(overlaid)).toSorted(bySeverity);
  const parts = [
    clusters.map((one) => heading(one, page)).join('\n'),
    clusters.length === 1 ? undefined : `${counts(findings, page)} in ${counted(clusters.length, 'cluster')}.`,
    findings.length === 0 ? 'No findings.' : findingsTable(findings, clusters.length > 1, known, page),
    ...(isWide || clusters.length === 1 ? clusters.map(({ result }) => isolationSteps(result.snapshot, page)) : []),
    exemptedTable(
      clusters.flatMap(({ overlaid }) => overlaid),
      page,
    ),
    isWide ? verdictTable(clusters, page) : undefined,
    notJudged(clusters, page),
    unlisted(notListed, page),
  ];
  return parts.filter((part) => part !== undefined).join('\n\n');
}

function counting(overlaid: readonly OverlaidFinding[]): readonly Finding[] {
  return overlaid.flatMap(({ finding, exemption }) => (exemption === undefined ? [finding] : []));
}

function bySeverity(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

function heading({ result, overlaid }: ReportedCluster, page: Page): string {
  const findings = counting(overlaid);
  const exempted = overlaid.length - findings.length;
  const parts = [
    counts(findings, page),
    ...(exempted === 0 ? [] : [`${exempted} exempted`]),
    `${result.unknown.length} could not be judged`,
  ];
  const name = page.paint('strong', plain(result.snapshot.cluster.name));
  return [`Cluster ${name}: ${parts.join(', ')}.`, prose(coverageLine(result), page)].join('\n');
}

function counts(findings: readonly Finding[], page: Page): string {
  const some = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [page.paint(severity, `${count} ${severity}`)];
  });
  return `${counted(findings.length, 'finding')}${some.length === 0 ? '' : ` (${some.join(', ')})`}`;
}

function findingsTable(findings: readonly Finding[], ofMany: boolean, known: ReadonlySet<string> | undefined, page: Page): string {
  const header = ['SEVERITY', ...(known === undefined ? [] : ['NEW']), ...(ofMany ? ['CLUSTER'] : []), 'RULE', 'SUBJECT', 'OBSERVED'];
  const rows = findings.map(
    (finding): Row => ({
      cells: [
        finding.severity,
        ...noted(finding.id, known),
        ...(ofMany ? [finding.clusterName] : []),
        finding.ruleId,
        subjectLabel(finding.subject),
        finding.message,
      ],
      style: finding.severity,
      below: fix(finding, page),
    }),
  );
  return table(header, rows, page);
}

function noted(id: string, known: ReadonlySet<string> | undefined): readonly string[] {
  if (known === undefined) return [];
  return [known.has(id) ? 'known' : 'new'];
}

/** Prose wraps; a command does not. */
function fix({ remediation, commands = [] }: Finding, page: Page): readonly string[] {
  const note = prose(`Fix: ${remediation}`, page, '    ');
  return [page.paint('faint', note), ...commandLines(commands, page)];
}

function exemptedTable(overlaid: readonly OverlaidFinding[], page: Page): string | undefined {
  const rows = overlaid.flatMap(({ finding, exemption }) =>
    exemption === undefined ? [] : [[finding.ruleId, subjectLabel(finding.subject), exemption.id, exemption.expiresOn]],
  );
  return rows.length === 0 ? undefined : table(['EXEMPTED', 'SUBJECT', 'BY', 'UNTIL'], rows, page);
}

/** One row per reason, with the rules that it kept from judging and a count. */
function notJudged(clusters: readonly ReportedCluster[], page: Page): string | undefined {
  const gaps = clusters.flatMap(({ result }) => result.runs.flatMap(gapsOf));
  if (gaps.length === 0) return undefined;
  const rows = [...Map.groupBy(gaps, ({ reason }) => reason)].map(([reason, all]) => {
    const perRule = Map.groupBy(all, ({ ruleId }) => ruleId);
    return [reason, [...perRule].map(([ruleId, ones]) => (ones.length === 1 ? ruleId : `${ruleId} (${ones.length})`)).join(', ')];
  });
  return table(['NOT JUDGED BECAUSE', 'RULES'], rows, page);
}

function gapsOf(run: RuleRun): readonly { readonly ruleId: string; readonly reason: string }[] {
  const { ruleId } = run;
  switch (run.state) {
    case 'off':
      return [];
    case 'error':
      return [{ ruleId, reason: `The rule failed: ${run.message}` }];
    case 'unavailable':
      return [{ ruleId, reason: [...new Set(run.missing.map(({ reason }) => reason.message))].join(' ') }];
    case 'judged':
      return run.judgements.flatMap((one) => (one.verdict === 'unknown' ? [{ ruleId, reason: one.message }] : []));
  }
}

/** The verdicts of each rule, with the number of subjects. */
function verdictTable(clusters: readonly ReportedCluster[], page: Page): string {
  const runs = Map.groupBy(
    clusters.flatMap(({ result }) => result.runs),
    ({ ruleId }) => ruleId,
  );
  const rows = [...runs].map(([ruleId, all]) => {
    const judgements = all.flatMap((run) => (run.state === 'judged' ? run.judgements : []));
    return [ruleId, ...VERDICTS.map((verdict) => String(judgements.filter((one) => one.verdict === verdict).length)), statesOf(all)];
  });
  return table(['RULE', ...VERDICTS.map((verdict) => verdict.toUpperCase()), 'STATE'], rows, page);
}

function statesOf(runs: readonly RuleRun[]): string {
  return [...Map.groupBy(runs, ({ state }) => state)]
    .map(([state, all]) => (runs.length === 1 ? state : `${state} ${all.length}`))
    .join(', ');
}

function unlisted(notListed: readonly NotListed[], page: Page): string | undefined {
  if (notListed.length === 0) return undefined;
  return table(
    ['NOT LISTED', 'WHY'],
    notListed.map(({ scope, reason }) => [scope, reason.message]),
    page,
  );
}
