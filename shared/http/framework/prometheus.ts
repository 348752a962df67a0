/** The media type of Prometheus' text format. */
export const METRICS_TYPE = 'text/plain';
/** The content type that tells scrapers the version. */
export const METRICS_CONTENT_TYPE = `${METRICS_TYPE}; version=0.0.4; charset=utf-8`;

/** One number with its labels. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Formats a gauge in Prometheus' text format; without samples, only its description. */
export function gauge(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${number(value)}\n`);
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

/** Returns samples of counts by one label. */
export function byLabel(label: string, counts: Iterable<readonly [string, number]>): Sample[] {
  return [...counts].map(([key, value]) => ({ labels: { [label]: key }, value }));
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
