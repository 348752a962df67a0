import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { OverlaidFinding } from '../domain/findings/overlaid-finding.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { counted } from '../domain/text/counted.ts';
import type { Place } from '../ports/manifests.ts';
import type { CheckedManifests } from '../usecases/check-manifests.ts';
import { plain, type Row, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';

/** A finding in a file, with the exemption that covers it, if any. */
export type FoundInFile = OverlaidFinding & { readonly place: Place };

/**
 * Formats the result of a manifest check for a terminal: the most severe findings first, the fix below each, and how much was
 * checked.
 */
export function checkTable(checked: CheckedManifests, found: readonly FoundInFile[], page: Page): string {
  const open = found
    .filter(({ exemption }) => exemption === undefined)
    .toSorted((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity));
  const summary = summaryOf(checked, found);
  return open.length === 0 ? summary : `${table(['SEVERITY', 'RULE', 'WHERE', 'OBSERVED'], open.map(row(page)), page)}\n\n${summary}`;
}

/** The number of findings, and how many objects were checked. */
export function summaryOf({ files, objects, workloads, remarks }: CheckedManifests, found: readonly FoundInFile[]): string {
  const exempted = found.filter(({ exemption }) => exemption !== undefined).length;
  const notJudged = remarks.filter(({ weight }) => weight === 'not-judged').length;
  const counts = [
    counted(found.length - exempted, 'finding'),
    ...(exempted === 0 ? [] : [`${exempted} exempted`]),
    ...(notJudged === 0 ? [] : [`${notJudged} not judged`]),
  ];
  return `${counts.join(', ')}: ${counted(workloads, 'pod template')} of ${counted(objects, 'object')} in ${counted(files, 'file')}.`;
}

/** `file:line:column`, the form that editors and terminals turn into a link. */
export function whereOf({ file, line, column }: Place): string {
  return `${file === '-' ? 'stdin' : file}:${line}:${column}`;
}

function row(page: Page): (found: FoundInFile) => Row {
  return ({ finding: { severity, ruleId, subject, message, remediation }, place }) => ({
    cells: [severity, ruleId, whereOf(place), `${subjectLabel(subject)}: ${message}`],
    style: severity,
    below: [`    ${page.paint('faint', 'Fix:')} ${plain(remediation)}`],
  });
}
