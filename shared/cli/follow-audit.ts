import { setTimeout as delay } from 'node:timers/promises';
import type { LocalRun } from '../compose/container/local.ts';
import type { AuditReport } from '../ports/audit-store.ts';
import { auditOutcome } from '../usecases/audit-outcome.ts';

const POLL_MS = 250;

/** Starts an audit and reports its progress until every planned cluster is accounted for. Throws if it is interrupted. */
export async function followAudit(run: LocalRun, say: (line: string) => void, abortSignal?: AbortSignal): Promise<AuditReport> {
  await run.runAudit();
  const { value: audits } = await run.storage.audits.list(1);
  const audit = audits[0];
  if (audit === undefined) throw new Error('The audit was not recorded.');
  let said = '';
  for (;;) {
    abortSignal?.throwIfAborted();
    const report = await run.storage.audits.get(audit.id);
    if (report !== undefined) {
      const line = progressLine(report);
      if (line !== said) say(line);
      said = line;
      if (auditOutcome(report, new Date()).state !== 'running') return report;
    }
    await delay(POLL_MS);
  }
}

function progressLine({ audit, subscriptions, clusters }: AuditReport): string {
  const done = clusters.filter(({ state }) => state !== 'planned').length;
  return `Auditing: ${subscriptions.length} of ${audit.subscriptions.length} subscriptions listed, ${done} of ${clusters.length} clusters scanned`;
}
