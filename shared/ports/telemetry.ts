/** What a span or a measurement may say: ids of resources, states and counts; never a token, a message, or who asked. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** What is measured, each in seconds. */
export type Measure = 'kataudit.scan.duration' | 'kataudit.arm.wait';

/** The W3C trace context that the Functions host runs an invocation in. */
export interface TraceContext {
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
}

/** A piece of work that is timed. */
export interface Span {
  /** Adds what the work found out. */
  add(facts: Facts): void;
  /** Runs one call to the outside as a step of this work; `found` tells of its result what is worth keeping. */
  step<T>(name: string, work: () => Promise<T>, found?: (result: T) => Facts): Promise<T>;
}

/** Where work is told of while it runs. It never fails and never holds up what it watches. */
export interface Telemetry {
  /** Runs work as a span, below the host's own where its context is known; what the work throws is noted and thrown on. */
  span<T>(name: string, facts: Facts, under: TraceContext | undefined, work: (span: Span) => Promise<T>): Promise<T>;
  measure(name: Measure, seconds: number, facts: Facts): void;
  /** Sends what waits to be sent, within a few seconds. */
  flush(): Promise<void>;
}
