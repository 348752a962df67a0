import type { TokenCredential } from '@azure/core-auth';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Where telemetry goes; at least one of them is given. */
export interface Destinations {
  /** An OTLP endpoint that takes protobuf over HTTP, without `/v1/traces`. */
  readonly otlpEndpoint?: string;
  readonly applicationInsights?: {
    readonly connectionString: string;
    /** Absent where the component takes telemetry from anybody who knows the connection string. */
    readonly credential?: TokenCredential;
  };
}

/** What sends spans and metrics to one destination. */
export interface Exporters {
  readonly spans: SpanExporter;
  readonly metrics: PushMetricExporter;
}

const TIMEOUT_MS = 10_000;

/** Makes the exporters of every destination; each loads its packages only when it is asked for. */
export async function exportersOf({ otlpEndpoint, applicationInsights }: Destinations): Promise<readonly Exporters[]> {
  return [
    ...(otlpEndpoint === undefined ? [] : [await otlp(otlpEndpoint)]),
    ...(applicationInsights === undefined ? [] : [await azureMonitor(applicationInsights)]),
  ];
}

/** Headers, such as a key, are the package's own to read: `OTEL_EXPORTER_OTLP_HEADERS`. */
async function otlp(endpoint: string): Promise<Exporters> {
  const [{ OTLPTraceExporter }, { OTLPMetricExporter }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/exporter-metrics-otlp-proto'),
  ]);
  const base = endpoint.replace(/\/+$/, '');
  return {
    spans: new OTLPTraceExporter({ url: `${base}/v1/traces`, timeoutMillis: TIMEOUT_MS }),
    metrics: new OTLPMetricExporter({ url: `${base}/v1/metrics`, timeoutMillis: TIMEOUT_MS }),
  };
}

async function azureMonitor(options: NonNullable<Destinations['applicationInsights']>): Promise<Exporters> {
  const { AzureMonitorMetricExporter, AzureMonitorTraceExporter } = await import('@azure/monitor-opentelemetry-exporter');
  // What cannot be sent is let go: an instance's disk is nobody's archive.
  const given = { ...options, disableOfflineStorage: true };
  return { spans: new AzureMonitorTraceExporter(given), metrics: new AzureMonitorMetricExporter(given) };
}
