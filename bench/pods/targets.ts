import { type Row, type Run, spread, type Target } from '../report.ts';

/** A scan of almost nothing shows the fixed cost of every scan. */
export const FEW_PODS = 10;
/** Ratios of times are meaningful from this size on; with fewer pods, the fixed costs dominate. */
export const MANY_PODS = 10_000;

/** Names of the rows that targets compare. */
export const OURS = 'census (ours)';
export const AUDIT = 'kataudit audit, built: the whole process';
export const CLIENT_NODE = '@kubernetes/client-node, limit=500';
export const KUBECTL = 'kubectl get pods -A -o json';
export const FLOOR = 'floor: drain the streamed protobuf bytes';

/** The median of a row's figures. */
export function medianOf(rows: readonly Row[], name: string, figure: keyof Run): number | undefined {
  return spread(
    rows.find((row) => row.name === name),
    figure,
  )?.median;
}

/** The targets of the design that one size can show; `basePeak` is the peak of an audit of few pods. */
export function targetsOf(rows: readonly Row[], pods: number, basePeak: number | undefined): readonly Target[] {
  const peak = medianOf(rows, AUDIT, 'peakRssMiB');
  if (pods === FEW_PODS) return goal('audit of ten pods: peak RSS ≤ 110 MiB', peak, (value) => value <= 110);
  const above = peak === undefined || basePeak === undefined ? undefined : peak - basePeak;
  const memory = goal('audit: peak RSS ≤ 40 MiB above that of ten pods', above, (value) => value <= 40);
  if (pods < MANY_PODS) return memory;
  return [
    ...ratio('≥ 16 × faster than @kubernetes/client-node paged', rows, [CLIENT_NODE, OURS], (value) => value >= 16),
    ...ratio('≥ 30 × faster than kubectl get pods -A -o json', rows, [KUBECTL, OURS], (value) => value >= 30),
    ...ratio('≤ 1.25 × the time of draining the same bytes', rows, [OURS, FLOOR], (value) => value <= 1.25),
    ...memory,
  ];
}

/** A row's time relative to that of another row; on a busy machine, the CPU time beside it is more reliable. */
function ratio(
  text: string,
  rows: readonly Row[],
  [one, other]: readonly [string, string],
  isReached: (value: number) => boolean,
): Target[] {
  const of = (figure: 'wallMs' | 'cpuMs') => {
    const [a, b] = [medianOf(rows, one, figure), medianOf(rows, other, figure)];
    return a === undefined || b === undefined ? undefined : a / b;
  };
  return goal(text, of('wallMs'), isReached, ` (${of('cpuMs')?.toFixed(2)} of CPU)`);
}

/** The result for a goal; none if it was not measured. */
export function goal(text: string, value: number | undefined, isReached: (value: number) => boolean, beside = ''): Target[] {
  return value === undefined ? [] : [{ goal: text, measured: `${value.toFixed(2)}${beside}`, isReached: isReached(value) }];
}
