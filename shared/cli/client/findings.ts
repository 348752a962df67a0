import { subjectLabel } from '../../domain/findings/finding-text.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { counted } from '../../domain/text/counted.ts';
import { FindingView } from '../../http/schemas/finding-schemas.ts';
import { commandLines } from '../command-lines.ts';
import { filters } from '../export.ts';
import { deliver, destinationsOf, type Wanted } from '../frame/destinations.ts';
import type { Surroundings } from '../frame/surroundings.ts';
import { prose, type Row, table } from '../frame/table.ts';
import type { Page } from '../frame/terminal.ts';
import { type AppOptions, listAll } from './connection.ts';

/** The options of `kataudit findings`. */
export interface FindingsOptions extends AppOptions {
  readonly status: 'open' | 'resolved' | 'all';
  readonly severity?: readonly string[];
  readonly rule?: readonly string[];
  readonly cluster?: readonly string[];
  readonly namespace?: string;
  readonly exempted?: boolean;
  readonly filter?: readonly string[];
  readonly format?: readonly Wanted<'table' | 'wide' | 'json'>[];
  readonly output?: string;
}

type Finding = ReturnType<typeof FindingView.parse>;

/** `kataudit findings`: lists the findings of a running app, most severe first. Exits with 1 if there are any. */
export async function findings({ terminal }: Surroundings, options: FindingsOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  terminal.progress('Querying the app …');
  const found = (await listAll(options, 'findings', searchOf(options), FindingView)).toSorted(bySeverity);
  terminal.progress('');
  await deliver(terminal, destinations, (format, page) => {
    if (format === 'json') return JSON.stringify(found, null, 2);
    return found.length === 0 ? 'No findings.' : listing(found, format === 'wide', page);
  });
  return found.length === 0 ? 0 : 1;
}

function searchOf(options: FindingsOptions): URLSearchParams {
  const { status, severity, rule, cluster, namespace, exempted, filter = [] } = options;
  const search = filters(filter);
  if (status !== 'all') search.set('status', status);
  if (severity !== undefined) search.set('severity', severity.join(','));
  if (rule !== undefined) search.set('rule', rule.join(','));
  if (cluster !== undefined) search.set('cluster', cluster.join(','));
  if (namespace !== undefined) search.set('namespace', namespace);
  if (exempted !== undefined) search.set('exempted', String(exempted));
  return search;
}

function bySeverity(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.clusterName.localeCompare(b.clusterName);
}

function listing(found: readonly Finding[], isWide: boolean, page: Page): string {
  const header = ['SEVERITY', 'CLUSTER', 'RULE', 'SUBJECT', 'OBSERVED', ...(isWide ? ['SINCE', 'ID'] : [])];
  const rows = found.map(
    (one): Row => ({
      cells: [
        one.status === 'open' ? one.severity : one.status,
        one.clusterName,
        one.ruleId,
        subjectLabel(one.subject),
        one.exemption === undefined ? one.message : `${one.message} (exempted by ${one.exemption.id})`,
        ...(isWide ? [one.firstSeenAt, one.id] : []),
      ],
      style: one.severity,
      below: isWide ? fix(one, page) : [],
    }),
  );
  return `${table(header, rows, page)}\n\n${counted(found.length, 'finding')}.`;
}

function fix({ remediation, commands = [] }: Finding, page: Page): readonly string[] {
  return [prose(`Fix: ${remediation}`, page, '    '), ...commandLines(commands, page)];
}
