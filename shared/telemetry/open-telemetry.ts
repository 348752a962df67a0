import type { Context, Span as OpenSpan, Tracer } from '@opentelemetry/api';
import { Fault } from '../domain/snapshot/fault.ts';
import type { Facts, Measure, Span, Telemetry, TraceContext } from '../ports/telemetry.ts';
import { type Destinations, type Exporters, exportersOf } from './exporters.ts';

/** Dependencies and destinations of telemetry. */
export interface TelemetryOptions {
  readonly destinations: Destinations;
  readonly serviceName: string;
  readonly version: string;
  /** Called with the reason each time sending fails. */
  readonly onTrouble: (problem: string) => void;
}

const FLUSH_LIMIT_MS = 5_000;
const DESCRIPTIONS: Readonly<Record<Measure, string>> = {
  'kataudit.scan.duration': 'How long scans of a cluster took, by outcome.',
  'kataudit.arm.wait': 'How long calls to Azure Resource Manager waited for their call budget.',
};
const BUCKETS = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 480];

/** Telemetry by OpenTelemetry. Only this file loads its packages, and it sets no global except the handler of its own errors. */
export async function openTelemetry({ destinations, serviceName, version, onTrouble }: TelemetryOptions): Promise<Telemetry> {
  const [{ setGlobalErrorHandler }, { resourceFromAttributes }, traces, metrics, exporters] = await Promise.all([
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/sdk-metrics'),
    exportersOf(destinations),
  ]);
  setGlobalErrorHandler((error) => onTrouble(error instanceof Error ? error.message : String(error)));
  const resource = resourceFromAttributes({ 'service.name': serviceName, 'service.version': version });
  const spanProcessors = exporters.map(({ spans }: Exporters) => new traces.BatchSpanProcessor(spans));
  const readers = exporters.map(({ metrics: exporter }) => new metrics.PeriodicExportingMetricReader({ exporter }));
  // The host decides which traces are sampled, so that a sampled trace is complete.
  const sampler = new traces.ParentBasedSampler({ root: new traces.AlwaysOnSampler() });
  const tracers = new traces.BasicTracerProvider({ resource, sampler, spanProcessors });
  const meters = new metrics.MeterProvider({ resource, readers });
  const meter = meters.getMeter('kataudit', version);
  const histogram = (name: Measure) =>
    meter.createHistogram(name, { unit: 's', description: DESCRIPTIONS[name], advice: { explicitBucketBoundaries: BUCKETS } });
  const histograms = {
    'kataudit.scan.duration': histogram('kataudit.scan.duration'),
    'kataudit.arm.wait': histogram('kataudit.arm.wait'),
  };
  const run = await spans(tracers.getTracer('kataudit', version));
  return {
    span: run,
    measure: (name, seconds, facts) => histograms[name].record(seconds, facts),
    flush: async () => {
      const sent = await Promise.race([Promise.allSettled([tracers.forceFlush(), meters.forceFlush()]), timeLimit()]);
      for (const one of sent) if (one.status === 'rejected') onTrouble(String(one.reason));
    },
  };
}

/** Runs work as a span, with its steps as child spans. */
async function spans(tracer: Tracer): Promise<Telemetry['span']> {
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, createTraceState }, { parseTraceParent }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
  ]);
  const within = (under: TraceContext | undefined): Context => {
    const remote = parseTraceParent(under?.traceParent ?? '');
    if (remote === null) return ROOT_CONTEXT;
    const traceState = under?.traceState === undefined ? {} : { traceState: createTraceState(under.traceState) };
    return trace.setSpanContext(ROOT_CONTEXT, { ...remote, ...traceState, isRemote: true });
  };
  const watch = async <T>(span: OpenSpan, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const type = errorType(error);
      span.setAttribute('error.type', type);
      span.setStatus({ code: SpanStatusCode.ERROR, message: type });
      throw error;
    } finally {
      span.end();
    }
  };
  return async (name, facts, under, work) => {
    const parent = within(under);
    const open = tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes: { ...facts } }, parent);
    const below = trace.setSpan(parent, open);
    const span: Span = {
      add: (found: Facts) => void open.setAttributes({ ...found }),
      step: (stepName, call, found) => {
        const step = tracer.startSpan(stepName, { kind: SpanKind.CLIENT }, below);
        return watch(step, async () => {
          const result = await call();
          if (found !== undefined) step.setAttributes({ ...found(result) });
          return result;
        });
      },
    };
    return watch(open, () => work(span));
  };
}

/** The kind of an error, never its text: Azure's error messages can name people. */
function errorType(error: unknown): string {
  if (error instanceof Fault) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}

async function timeLimit(): Promise<readonly PromiseSettledResult<void>[]> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, FLUSH_LIMIT_MS).unref();
  await promise;
  return [{ status: 'rejected', reason: `Telemetry was not sent within ${FLUSH_LIMIT_MS} ms.` }];
}
