import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { z } from 'zod';

/** The part of opentelemetry/proto that the tests use. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Traces { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    repeated KeyValue attributes = 9; Status status = 15;
  }
  message Status { string message = 2; int32 code = 3; }
  message Metrics { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message ScopeMetrics { repeated Metric metrics = 2; }
  message Metric { string name = 1; string unit = 3; Histogram histogram = 9; }
  message Histogram { repeated Point data_points = 1; }
  message Point { fixed64 count = 4; double sum = 5; repeated KeyValue attributes = 9; }
  message Resource { repeated KeyValue attributes = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`);

const facts = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])) }))
  .default([])
  .transform((all) => Object.fromEntries(all.map(({ key, value }) => [key, Object.values(value)[0]])));
const resource = z.object({ attributes: facts });
const tracesSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource,
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().default(''),
              traceState: z.string().default(''),
              name: z.string(),
              attributes: facts,
              status: z.object({ code: z.number().default(0), message: z.string().default('') }).default({ code: 0, message: '' }),
            }),
          ),
        }),
      ),
    }),
  ),
});
const metricsSchema = z.object({
  resourceMetrics: z.array(
    z.object({
      scopeMetrics: z
        .array(
          z.object({
            metrics: z.array(
              z.object({
                name: z.string(),
                unit: z.string(),
                histogram: z.object({
                  dataPoints: z.array(z.object({ count: z.coerce.number(), sum: z.number().default(0), attributes: facts })),
                }),
              }),
            ),
          }),
        )
        .default([]),
    }),
  ),
});

/** A span as it arrived; ids in hexadecimal. */
export type ReceivedSpan = z.output<typeof tracesSchema>['resourceSpans'][number]['scopeSpans'][number]['spans'][number] & {
  readonly resource: Readonly<Record<string, unknown>>;
};
/** A metric as it arrived. */
export type ReceivedMetric = z.output<typeof metricsSchema>['resourceMetrics'][number]['scopeMetrics'][number]['metrics'][number];

/** An OTLP endpoint that keeps what it receives. */
export interface OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  readonly metrics: ReceivedMetric[];
  /** Every byte of every body and header, as text, to check what must not be in it. */
  readonly everything: () => string;
  /** Answers with this status from now on. */
  answerWith(status: number): void;
  readonly requests: () => number;
  stop(): Promise<void>;
}

/** Starts a receiver on a free port of loopback. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metrics: ReceivedMetric[] = [];
  const heard: string[] = [];
  let status = 200;
  let requests = 0;
  const receive = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(Buffer.concat(chunks)) : Buffer.concat(chunks);
    requests += 1;
    heard.push(JSON.stringify(incoming.headers), body.toString('latin1'));
    if (status === 200 && incoming.url === '/v1/traces') spans.push(...spansOf(body));
    if (status === 200 && incoming.url === '/v1/metrics') metrics.push(...metricsOf(body));
    outgoing.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
  };
  const server = createServer((incoming, outgoing) => {
    receive(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    metrics,
    everything: () => heard.join('\n'),
    answerWith: (next) => {
      status = next;
    },
    requests: () => requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function decoded(type: string, body: Buffer): unknown {
  const message = root.lookupType(type);
  return message.toObject(message.decode(body), { longs: Number, bytes: Array });
}

function spansOf(body: Buffer): readonly ReceivedSpan[] {
  const hex = (value: unknown) => (Array.isArray(value) ? Buffer.from(value).toString('hex') : value);
  const readable: unknown = JSON.parse(
    JSON.stringify(decoded('Traces', body), (key, value) => (/^(?:trace|span|parentSpan)Id$/.test(key) ? hex(value) : value)),
  );
  return tracesSchema
    .parse(readable)
    .resourceSpans.flatMap((one) =>
      one.scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, resource: one.resource.attributes }))),
    );
}

function metricsOf(body: Buffer): readonly ReceivedMetric[] {
  return metricsSchema
    .parse(decoded('Metrics', body))
    .resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
}
