import type { TokenCredential } from '@azure/core-auth';
import type { Settings } from '../../config/settings.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { Span, Telemetry } from '../../ports/telemetry.ts';
import type { Destinations } from '../../telemetry/exporters.ts';
import { VERSION } from './version.ts';

const SILENT_SPAN: Span = { add: () => undefined, step: (_name, work) => work() };

/** Telemetry that tells nobody. */
export const SILENT: Telemetry = {
  span: (_name, _facts, _under, work) => work(SILENT_SPAN),
  measure: () => undefined,
  flush: async () => undefined,
};

/** Trouble that lasts is told once in this time, not with each of thousands of spans. */
const QUIET_MS = 600_000;

/**
 * Telemetry that goes where the settings say, silent when they say nothing. OpenTelemetry is loaded by
 * the first span: a function that makes none never pays for it. Telemetry that cannot be opened is a
 * warning, and silent from then on: it must not stop what it watches.
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

/** As the Functions host reads them: the identity is used where a way of authentication is set. */
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
