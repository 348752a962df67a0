import { subjectLabel } from '../domain/findings/finding-text.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import type { CheckedManifests } from '../usecases/check-manifests.ts';
import { type FoundInFile, summaryOf, whereOf } from './check-table.ts';

/** A job summary with more rows is not readable. */
const MAX_ROWS = 200;

/** The result of a manifest check as Markdown, for a job summary. */
export function checkMarkdown(checked: CheckedManifests, found: readonly FoundInFile[]): string {
  const open = found
    .filter(({ exemption }) => exemption === undefined)
    .toSorted((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity));
  const rows = open.slice(0, MAX_ROWS).map(({ finding, place }) => {
    return [finding.severity, finding.ruleId, whereOf(place), `${subjectLabel(finding.subject)}: ${finding.message}`, finding.remediation];
  });
  const more = open.length > MAX_ROWS ? [`\nand ${open.length - MAX_ROWS} more`] : [];
  const notJudged = checked.remarks.filter(({ weight }) => weight === 'not-judged').slice(0, MAX_ROWS);
  return [
    '## Kataudit check',
    '',
    summaryOf(checked, found),
    ...(rows.length === 0
      ? []
      : ['', '| Severity | Rule | Location | Observed | Remediation |', '| --- | --- | --- | --- | --- |', ...rows.map(row), ...more]),
    ...(notJudged.length === 0
      ? []
      : [
          '',
          '| Not judged | Why |',
          '| --- | --- |',
          ...notJudged.map(({ place, message }) => row([place === undefined ? '' : whereOf(place), message])),
        ]),
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** A name must not end its table cell, become markup or an image, or mention a person. */
function cell(text: string): string {
  const oneLine = text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd');
  return oneLine.replaceAll(/[\\`*_{}[\]<>()#+!|~@&:/-]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
