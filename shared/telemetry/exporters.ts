import type { TokenCredential } from '@azure/core-auth';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Destinations of telemetry; at least one is set. */
export interface Destinations {
  /** An OTLP endpoint that accepts protobuf over HTTP, without `/v1/traces`. */
  readonly otlpEndpoint?: string;
  readonly applicationInsights?: {
    readonly connectionString: string;
    /** Absent when the component accepts telemetry from anyone with the connection string. */
    readonly credential?: TokenCredential;
  };
}

/** The exporters of spans and metrics for one destination. */
export interface Exporters {
  readonly spans: SpanExporter;
  readonly metrics: PushMetricExporter;
}

const TIMEOUT_MS = 10_000;

/** Creates the exporters of every destination; each loads its packages only when needed. */
export async function exportersOf({ otlpEndpoint, applicationInsights }: Destinations): Promise<readonly Exporters[]> {
  return [
    ...(otlpEndpoint === undefined ? [] : [await otlp(otlpEndpoint)]),
    ...(applicationInsights === undefined ? [] : [await azureMonitor(applicationInsights)]),
  ];
}

/** The package itself reads headers, such as a key, from `OTEL_EXPORTER_OTLP_HEADERS`. */
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
  // Telemetry that cannot be sent is dropped: the disk of an instance is not persistent.
  const given = { ...options, disableOfflineStorage: true };
  return { spans: new AzureMonitorTraceExporter(given), metrics: new AzureMonitorMetricExporter(given) };
}
