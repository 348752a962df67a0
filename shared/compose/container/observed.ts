import { given } from '../../domain/snapshot/given.ts';
import type { AuditRecord } from '../../ports/audit-store.ts';
import type { ScanMessage } from '../../ports/messages.ts';
import type { Facts, Span, Telemetry, TraceContext } from '../../ports/telemetry.ts';
import { type PlanAudit, planAudit } from '../../usecases/plan-audit.ts';
import type { ScanResult } from '../../usecases/record-look.ts';
import { type ScanCluster, scanCluster } from '../../usecases/scan-cluster.ts';

/** What tracing needs in addition to the dependencies of the work. */
interface Observed {
  readonly telemetry: Telemetry;
}

/** Scans a cluster as one span, with a span for each call to Azure and Kubernetes below it. */
export async function observedScan(
  app: ScanCluster & Observed,
  message: ScanMessage,
  lastTry: boolean,
  abortSignal: AbortSignal,
  under?: TraceContext,
): Promise<ScanResult> {
  const { clusterId, auditId } = message;
  const facts = {
    'kataudit.cluster': clusterId,
    'kataudit.last_try': lastTry,
    ...given({ 'kataudit.audit': auditId }),
  };
  return app.telemetry.span('scan-cluster', facts, under, async (span) => {
    const started = app.clock().getTime();
    let outcome: ScanResult['assessment'] | 'failed' = 'failed';
    try {
      const result = await scanCluster({ ...app, ...observedOutside(app, span) }, message, lastTry, abortSignal);
      outcome = result.assessment;
      span.add({ 'kataudit.assessment': outcome, ...changesOf(result) });
      return result;
    } finally {
      const seconds = (app.clock().getTime() - started) / 1_000;
      app.telemetry.measure('kataudit.scan.duration', seconds, { 'kataudit.outcome': outcome });
    }
  });
}

/** Plans an audit as one span, which does not contain the caller. */
export async function observedPlan(
  app: PlanAudit & Observed,
  cause: AuditRecord['cause'],
  abortSignal: AbortSignal,
  requestedBy?: string,
  under?: TraceContext,
): Promise<AuditRecord> {
  return app.telemetry.span('plan-audit', { 'kataudit.cause': cause }, under, async (span) => {
    const azure = observed(app.azure, 'azure', span);
    const audit = await planAudit({ ...app, azure }, cause, abortSignal, requestedBy);
    span.add({ 'kataudit.audit': audit.id, 'kataudit.subscriptions': audit.subscriptions.length });
    return audit;
  });
}

function changesOf({ changes }: ScanResult): Facts {
  const count = (kind: ScanResult['changes'][number]['kind']) => changes.filter((change) => change.kind === kind).length;
  return { 'kataudit.opened': count('opened'), 'kataudit.reopened': count('reopened'), 'kataudit.resolved': count('resolved') };
}

/** The ports of a scan that make external calls. */
type Outside = Pick<ScanCluster, 'azure' | 'maintenance' | 'connect'>;

function observedOutside({ azure, maintenance, connect }: Outside, span: Span): Outside {
  return {
    azure: observed(azure, 'azure', span),
    maintenance: observed(maintenance, 'azure', span),
    connect: async (listed, abortSignal) => {
      const reader = await span.step('kubernetes connect', () => connect(listed, abortSignal));
      return observed(reader, 'kubernetes', span);
    },
  };
}

/** The one method of these ports that is not an external call: it closes connections. */
const NO_CALLS: ReadonlySet<PropertyKey> = new Set(['close']);

/** Wraps a port so that each call is a child span, named `system method`. */
function observed<T extends object>(port: T, system: string, span: Span): T {
  return new Proxy(port, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      const call = (...given: readonly unknown[]) => Reflect.apply(method, target, given);
      return NO_CALLS.has(key)
        ? call
        : (...given: readonly unknown[]) => span.step(`${system} ${String(key)}`, async () => call(...given), countOf);
    },
  });
}

/** The length of a call's result, when it is a list. */
function countOf(result: unknown): Facts {
  const list = typeof result === 'object' && result !== null && 'value' in result ? result.value : result;
  return Array.isArray(list) ? { 'kataudit.count': list.length } : {};
}
