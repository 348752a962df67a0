import type { TokenCredential } from '@azure/core-auth';
import type { OnWait } from '../../azure/budget/budget.ts';
import type { Settings } from '../../config/settings.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { Span, Telemetry } from '../../ports/telemetry.ts';
import type { Destinations } from '../../telemetry/exporters.ts';
import { VERSION } from './version.ts';

const SILENT_SPAN: Span = { add: () => undefined, step: (_name, work) => work() };

/** Telemetry that discards everything. */
export const SILENT: Telemetry = {
  span: (_name, _facts, _under, work) => work(SILENT_SPAN),
  measure: () => undefined,
  flush: async () => undefined,
};

/** A lasting export failure is logged once in this time, not for each of thousands of spans. */
const QUIET_MS = 600_000;

/**
 * Telemetry as configured by the settings; without any, it is discarded. OpenTelemetry is loaded by
 * the first span, so that a function without spans does not load it. Telemetry that cannot be opened is a
 * warning and is then discarded, because it must not stop the work that it observes.
 */
export function telemetryOf(settings: Settings, credential: TokenCredential, serviceName: string, warn: (line: string) => void): Telemetry {
  const destinations = destinationsOf(settings, credential);
  if (Object.keys(destinations).length === 0) return SILENT;
  const onTrouble = seldom((problem) => warn(`Telemetry could not be sent: ${problem}`), QUIET_MS);
  let opened: Promise<Telemetry> | undefined;
  const open = (): Promise<Telemetry> => {
    opened ??= import('../../telemetry/open-telemetry.ts')
      .then(({ openTelemetry }) => openTelemetry({ destinations, serviceName, version: VERSION, onTrouble }))
      .catch((error: unknown) => {
        warn(`Telemetry is off: ${error instanceof Error ? error.message : String(error)}`);
        return SILENT;
      });
    return opened;
  };
  return {
    span: async (...span) => (await open()).span(...span),
    measure: (...measurement) => void open().then((telemetry) => telemetry.measure(...measurement)),
    flush: async () => (await opened)?.flush(),
  };
}

/** Records how long calls waited for their budget, in seconds. */
export function measuredWaits({ measure }: Pick<Telemetry, 'measure'>): OnWait {
  return (budget, milliseconds) => measure('kataudit.arm.wait', milliseconds / 1_000, { 'kataudit.budget': budget });
}

/** Reads them as the Functions host does: the identity is used when an authentication method is set. */
function destinationsOf(settings: Settings, credential: TokenCredential): Destinations {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint, APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString } = settings;
  const byIdentity = settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING !== undefined;
  return {
    ...given({ otlpEndpoint }),
    ...(connectionString === undefined ? {} : { applicationInsights: { connectionString, ...(byIdentity ? { credential } : {}) } }),
  };
}

function seldom(tell: (problem: string) => void, quietMs: number): (problem: string) => void {
  let quietUntil = 0;
  return (problem) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + quietMs;
    tell(problem);
  };
}
