import { Fault } from '../../domain/snapshot/fault.ts';
import { type Coverage, type Observation, observed } from '../../domain/snapshot/observation.ts';
import type { PodGroup } from '../../domain/snapshot/pod-group.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PodReading } from '../../ports/cluster-reader.ts';
import { readCensus, type Watch } from './census.ts';
import type { PodFold } from './fold.ts';
import { foldContext } from './fold-context.ts';
import type { Lists } from './list.ts';
import { readSample, type SampleReading, sampleSize } from './node-sample.ts';
import { planTargets, type WhyNotWorthwhile, whyNotWorthwhile } from './target-plan.ts';
import { readTargets } from './targeted.ts';

/** A sample that would read more than this share of the nodes is slower than a census. */
const WORTHWHILE_SHARE = 0.4;
/** This many throttled requests during a census mean that the server is overloaded. */
const PUT_OFF_TIMES = 3;
/** A forecast of the time needs this many pages. */
const PAGES_TO_JUDGE = 3;

/** The census would exceed the policy's budget. */
class OverBudget extends Error {}

/** Reads pods as the policy says: all of them, those of a sample of nodes, those that it needs, or automatically by the budget. */
export async function readWorkloads(
  lists: Lists,
  reading: PodReading,
  clock: Clock,
  abortSignal: AbortSignal,
  whyNot: WhyNotWorthwhile = whyNotWorthwhile,
): Promise<Observation<readonly PodGroup[]>> {
  const { pods, runtimeClasses } = reading;
  const fold = foldContext(reading.nodes, runtimeClasses, pods.maxWorkloads, reading.acceptedHandlers, reading.volumes);
  const target = pods.mode === 'targeted' ? await planTargets(lists, reading, whyNot, abortSignal) : undefined;
  if (target !== undefined && 'nodes' in target) {
    const read = await readTargets({ lists, plan: target, context: fold, abortSignal });
    return told(read.fold, read.coverage, pods.maxWorkloads);
  }
  const notTargeted = target === undefined ? '' : `; all of them, because ${target.why}`;
  const census = async (watch: Watch = () => undefined) => {
    const read = await readCensus(lists, fold, watch, abortSignal);
    return told(read.fold, { kind: 'full', by: `${read.by}${notTargeted}` }, pods.maxWorkloads);
  };
  const plan = samplePlan(reading, fold, clock);
  const sample = async (drawn: SampleReading) => {
    const read = await readSample(lists, drawn, abortSignal);
    return told(read.fold, read.coverage, pods.maxWorkloads);
  };
  if (pods.mode === 'census') return census();
  if (pods.mode === 'sample') {
    if (plan === undefined) throw new Fault('unsupported', 'A sample needs nodes, and no node could be read.');
    return sample(plan);
  }
  if (plan === undefined || sampleSize(plan) > WORTHWHILE_SHARE * plan.nodes.length) return census();
  try {
    return await census(within(reading, lists, clock));
  } catch (error) {
    const isTooBusy = error instanceof Fault && error.code === 'throttled';
    if (!isTooBusy && !(error instanceof OverBudget)) throw error;
    return sample({ ...plan, ...samplePlan(reading, fold, clock) });
  }
}

/** Returns the input of a sample, whose time starts now; `undefined` without nodes to draw from. */
function samplePlan({ nodes, violates, ...reading }: PodReading, fold: SampleReading['fold'], clock: Clock): SampleReading | undefined {
  if (nodes === undefined || nodes.length === 0) return undefined;
  const end = clock().getTime() + reading.pods.budgetSeconds * 1000;
  return { ...reading, nodes, fold, violates: violates ?? (() => false), isLate: () => clock().getTime() >= end };
}

/** Returns a watch that cancels a census as soon as it would exceed the budget or the server is overloaded. */
function within({ pods }: PodReading, lists: Lists, clock: Clock): Watch {
  const begun = clock().getTime();
  const putOffBefore = lists.putOff;
  let pages = 0;
  return (read, remaining = 0) => {
    pages += 1;
    const total = read + remaining;
    const seconds = (clock().getTime() - begun) / 1000;
    const forecast = pages >= PAGES_TO_JUDGE ? (seconds * total) / Math.max(1, read) : seconds;
    if (total > pods.budgetPods) throw new OverBudget(`${total} pods`);
    if (forecast > pods.budgetSeconds) throw new OverBudget(`${Math.round(forecast)} s`);
    if (lists.putOff - putOffBefore >= PUT_OFF_TIMES) throw new OverBudget('throttled');
  };
}

function told(fold: PodFold, coverage: Coverage, maxWorkloads: number): Observation<readonly PodGroup[]> {
  if (fold.left === 0) return observed(fold.groups(), coverage);
  const message = `${fold.left} of ${fold.pods} pods belong to workloads beyond the first ${maxWorkloads}, the maximum (pods.maxWorkloads).`;
  return observed(fold.groups(), { kind: 'truncated', message });
}
