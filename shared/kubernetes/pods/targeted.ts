import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';
import type { TargetedCoverage, UnavailableReason } from '../../domain/snapshot/observation.ts';
import { eachOf } from '../../ports/each-of.ts';
import type { WirePod } from '../wire/messages.ts';
import { PODS, podsOf, type Resource } from '../wire/resources.ts';
import { type IsCounted, PodFold } from './fold.ts';
import type { FoldContext } from './fold-context.ts';
import { type Lists, onceAgain } from './list.ts';
import type { TargetPlan } from './target-plan.ts';

const AT_ONCE = 4;
/** When more lists than this fail, the server has a problem and not the single lists. */
const MAX_UNREAD = 10;
/** Faults that every further request would meet too. */
const OF_THE_SERVER: readonly FaultCode[] = ['unauthenticated', 'throttled'];

/** One list of a targeted read. */
interface Part {
  readonly name: string;
  readonly kind: 'namespace' | 'node' | 'no node';
}

type Outcome<T> = { readonly part: Part } & ({ readonly read: T } | { readonly fault: Fault });

/** What the reads of all parts share. */
interface Reading {
  readonly lists: Lists;
  readonly plan: TargetPlan;
  readonly context: FoldContext;
  readonly abortSignal: AbortSignal;
}

/**
 * Reads the pods of some namespaces, those of every other namespace on some nodes, and those on no node. A list that fails costs
 * only its own part, which the coverage names; throws `Fault` when the server refuses every list, or many.
 */
export async function readTargets(reading: Reading): Promise<{ readonly fold: PodFold; readonly coverage: TargetedCoverage }> {
  const { plan, context } = reading;
  // Pods on no node come first. One that gets a node in the meantime is listed again there and counted once; a pod never loses its
  // node.
  const unplaced = await attempt(reading, { name: '', kind: 'no node' }, (part) => readUnplaced(reading, part));
  const names = 'read' in unplaced ? unplaced.read.names : new Set<string>();
  const isCounted: IsCounted | undefined = names.size === 0 ? undefined : (namespace, name) => names.has(`${namespace}/${name}`);
  const parts = [
    ...plan.namespaces.map((name): Part => ({ name, kind: 'namespace' })),
    ...plan.nodes.map((name): Part => ({ name, kind: 'node' })),
  ];
  const others = await together(reading, parts, isCounted);
  const fold = new PodFold(context);
  if ('read' in unplaced) fold.absorb(unplaced.read.fold);
  for (const one of others) if ('read' in one) fold.absorb(one.read);
  return { fold, coverage: coverageOf(plan, [unplaced, ...others], fold.pods) };
}

/** Reads parts in parallel; after a fault of the server, no further list is started. */
async function together(reading: Reading, parts: readonly Part[], isCounted: IsCounted | undefined): Promise<readonly Outcome<PodFold>[]> {
  const end = new AbortController();
  const ending = { ...reading, abortSignal: AbortSignal.any([reading.abortSignal, end.signal]) };
  try {
    return await eachOf(parts, AT_ONCE, (part) => attempt(ending, part, () => readPart(ending, part, isCounted)));
  } finally {
    end.abort();
  }
}

/** Reads one part. A fault of this part becomes its outcome; a fault of the server is thrown. */
async function attempt<T>({ abortSignal }: Reading, part: Part, read: (part: Part) => Promise<T>): Promise<Outcome<T>> {
  try {
    return { part, read: await onceAgain(() => read(part)) };
  } catch (fault) {
    if (!(fault instanceof Fault) || OF_THE_SERVER.includes(fault.code) || abortSignal.aborted) throw fault;
    return { part, fault };
  }
}

async function readPart(reading: Reading, part: Part, isCounted: IsCounted | undefined): Promise<PodFold> {
  const fold = new PodFold(reading.context, isCounted);
  for await (const page of pagesOf(reading, part)) fold.addPage(page);
  return fold;
}

/** Reads the pods on no node, which are few, and remembers their names. */
async function readUnplaced(reading: Reading, part: Part): Promise<{ readonly fold: PodFold; readonly names: ReadonlySet<string> }> {
  const fold = new PodFold(reading.context);
  const names = new Set<string>();
  for await (const page of pagesOf(reading, part)) {
    for (const pod of page.items()) {
      fold.add(pod);
      names.add(`${pod.metadata?.namespace ?? ''}/${pod.metadata?.name ?? ''}`);
    }
  }
  return { fold, names };
}

function pagesOf({ lists, plan, abortSignal }: Reading, { kind, name }: Part) {
  if (kind === 'namespace') return lists.pages<WirePod>(podsOf(name), {}, abortSignal);
  const elsewhere = plan.namespaces.map((namespace) => `metadata.namespace!=${namespace}`);
  const pods: Resource<WirePod> = PODS;
  return lists.pages(pods, { fieldSelector: [`spec.nodeName=${name}`, ...elsewhere].join(',') }, abortSignal);
}

function coverageOf(plan: TargetPlan, outcomes: readonly Outcome<unknown>[], pods: number): TargetedCoverage {
  const failed = outcomes.flatMap((one) => ('fault' in one ? [one] : []));
  const [first] = failed;
  if (first !== undefined && (failed.length > MAX_UNREAD || failed.length === outcomes.length)) throw first.fault;
  const read = (kind: Part['kind']) => outcomes.flatMap((one) => ('read' in one && one.part.kind === kind ? [one.part.name] : []));
  const unread = failed.map(({ part, fault }): UnavailableReason => ({ code: fault.code, message: `${labelOf(part)}: ${fault.message}` }));
  return {
    kind: 'targeted',
    namespaces: read('namespace'),
    nodes: read('node').length,
    totalNodes: plan.totalNodes,
    pods,
    totalPods: plan.totalPods,
    ...(unread.length === 0 ? {} : { unread }),
  };
}

function labelOf({ kind, name }: Part): string {
  return kind === 'no node' ? 'Pods on no node' : `Pods of the ${kind} ${name}`;
}
