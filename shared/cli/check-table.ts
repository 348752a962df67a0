import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { OverlaidFinding } from '../domain/findings/overlaid-finding.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import type { Place } from '../ports/manifests.ts';
import type { CheckedManifests } from '../usecases/check-manifests.ts';
import { plain, type Row, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';
import { counted } from './frame/words.ts';

/** A finding in a file, with the exemption that covers it, when one does. */
export type FoundInFile = OverlaidFinding & { readonly place: Place };

/** What was found in manifests, for people: the worst first, the fix below each, and how much was looked at. */
export function checkTable({ files, objects, workloads, remarks }: CheckedManifests, found: readonly FoundInFile[], page: Page): string {
  const open = found
    .filter(({ exemption }) => exemption === undefined)
    .toSorted((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity));
  const notJudged = remarks.filter(({ weight }) => weight === 'not-judged').length;
  const counts = [
    counted(open.length, 'finding'),
    ...(found.length > open.length ? [`${found.length - open.length} exempted`] : []),
    ...(notJudged === 0 ? [] : [`${notJudged} not judged`]),
  ];
  const looked = `${counted(workloads, 'pod template')} of ${counted(objects, 'object')} in ${counted(files, 'file')}`;
  const summary = `${counts.join(', ')}: ${looked}.`;
  return open.length === 0 ? summary : `${table(['SEVERITY', 'RULE', 'WHERE', 'WHAT WAS SEEN'], open.map(row(page)), page)}\n\n${summary}`;
}

/** `file:line:column`, as editors and terminals link it. */
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
