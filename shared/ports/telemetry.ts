/** Allowed attributes of spans and measurements: resource ids, states and counts; never a token, a message or a caller. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** The histograms, all in seconds. */
export type Measure = 'kataudit.scan.duration' | 'kataudit.arm.wait';

/** The W3C trace context of an invocation by the Functions host. */
export interface TraceContext {
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
}

/** A running span. */
export interface Span {
  /** Adds attributes to the span. */
  add(facts: Facts): void;
  /** Runs one external call as a child span; `found` selects attributes from its result. */
  step<T>(name: string, work: () => Promise<T>, found?: (result: T) => Facts): Promise<T>;
}

/** Receives spans and measurements. It never fails and never delays the work that it observes. */
export interface Telemetry {
  /** Runs work as a span, below the host's own where its context is known; an error of the work is recorded and rethrown. */
  span<T>(name: string, facts: Facts, under: TraceContext | undefined, work: (span: Span) => Promise<T>): Promise<T>;
  measure(name: Measure, seconds: number, facts: Facts): void;
  /** Sends buffered telemetry, within a few seconds. */
  flush(): Promise<void>;
}
