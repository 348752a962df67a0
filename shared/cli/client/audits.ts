import { setTimeout as delay } from 'node:timers/promises';
import { counted } from '../../domain/text/counted.ts';
import { AuditReportView, AuditView } from '../../http/schemas/audit-schemas.ts';
import { deliver, destinationsOf, type Wanted } from '../frame/destinations.ts';
import type { Surroundings } from '../frame/surroundings.ts';
import { table } from '../frame/table.ts';
import type { Page } from '../frame/terminal.ts';
import { UsageError } from '../frame/usage-error.ts';
import { type AppOptions, listAll, readAnswer, sendApi } from './connection.ts';

/** The options of `kataudit audits list`. */
export interface ListAuditsOptions extends AppOptions {
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

/** The options of `kataudit audits start`. */
export interface StartAuditOptions extends ListAuditsOptions {
  readonly wait?: boolean;
  /** The longest time that `--wait` waits, in seconds. */
  readonly timeout: number;
}

type Report = ReturnType<typeof AuditReportView.parse>;

const POLL_MS = 2_000;

/** `kataudit audits list`: lists the audits of a running app, newest first. */
export async function listAudits({ terminal }: Surroundings, options: ListAuditsOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const audits = await listAll(options, 'audits', new URLSearchParams(), AuditView);
  await deliver(terminal, destinations, (format, page) => {
    if (format === 'json') return JSON.stringify(audits, null, 2);
    const rows = audits.map(({ id, startedAt, cause, subscriptions }) => [id, startedAt, cause, String(subscriptions.length)]);
    return table(['AUDIT', 'STARTED', 'CAUSE', 'SUBSCRIPTIONS'], rows, page);
  });
  return 0;
}

/** `kataudit audits start`: starts an audit. With `--wait` it exits with 0 only if every planned cluster was fully assessed. */
export async function startAudit(here: Surroundings, options: StartAuditOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const { id } = await readAnswer(options, await sendApi(options, 'POST', 'audits'), AuditView);
  if (options.wait !== true) {
    here.terminal.print(`Started audit ${id}.`);
    return 0;
  }
  const report = await ended(here, options, id);
  await deliver(here.terminal, destinations, (format, page) =>
    format === 'json' ? JSON.stringify(report, null, 2) : outcome(report, page),
  );
  const { state, notAssessed, notListed } = report.outcome;
  return state === 'complete' && notAssessed.length + notListed.length === 0 ? 0 : 2;
}

async function ended({ terminal, now }: Surroundings, options: StartAuditOptions, id: string): Promise<Report> {
  for (const end = now().getTime() + options.timeout * 1_000; now().getTime() < end; await delay(POLL_MS)) {
    const report = await readAnswer(options, await sendApi(options, 'GET', `audits/${encodeURIComponent(id)}`), AuditReportView);
    const { state, scanned, planned } = report.outcome;
    terminal.progress(`Audit ${id}: ${scanned} of ${counted(planned, 'cluster')} scanned …`);
    if (state !== 'running') {
      terminal.progress('');
      return report;
    }
  }
  throw new UsageError(`Audit ${id} did not end within ${options.timeout} s. It continues; \`kataudit audits list\` shows its progress.`);
}

function outcome({ audit, outcome: { state, scanned, planned, changed, notAssessed, notListed } }: Report, page: Page): string {
  const head = `Audit ${audit.id}: ${state}, ${scanned} of ${counted(planned, 'cluster')} scanned, ${counted(changed, 'finding')} changed.`;
  const gaps = [
    ...notListed.map(({ subscriptionId, reason }) => [subscriptionId, reason.message]),
    ...notAssessed.map(({ clusterId, reasons }) => [clusterId, reasons.map(({ message }) => message).join(' ')]),
  ];
  return gaps.length === 0 ? head : `${head}\n\n${table(['NOT FULLY ASSESSED', 'WHY'], gaps, page)}`;
}
