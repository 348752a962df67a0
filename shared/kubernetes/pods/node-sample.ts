import { isKataNode } from '../../domain/isolation/kata-evidence.ts';
import { poolKey } from '../../domain/isolation/kata-node-check.ts';
import type { Coverage } from '../../domain/snapshot/observation.ts';
import type { PodGroup } from '../../domain/snapshot/pod-group.ts';
import { mostMarkedUnseen, planSample, shuffled } from '../../domain/snapshot/sampling.ts';
import type { KubernetesNode } from '../../domain/snapshot/snapshot.ts';
import type { PodReading } from '../../ports/cluster-reader.ts';
import { PODS } from '../wire/resources.ts';
import { countPods } from './count-pods.ts';
import { PodFold } from './fold.ts';
import type { FoldContext } from './fold-context.ts';
import { type Lists, onceAgain } from './list.ts';

/** Input of a sample: nodes to draw from, and limits. */
export interface SampleReading extends Omit<PodReading, 'nodes'> {
  readonly nodes: readonly KubernetesNode[];
  readonly fold: FoldContext;
  /** Whether the groups contain a violation, in which case their stratum is read completely. */
  readonly violates: (groups: readonly PodGroup[]) => boolean;
  /** Whether the time budget is used up. */
  readonly isLate: () => boolean;
}

/** The pods that were read, and the share of all pods that they are. */
export interface Sample {
  readonly fold: PodFold;
  readonly coverage: Coverage;
}

/** Nodes of one pool, either all or none of them able to run Kata, in the order in which they are drawn. */
interface Stratum {
  readonly order: readonly string[];
  read: number;
  violated: boolean;
}

/** Returns how many nodes a sample would read, and of how many. */
export function sampleSize({
  nodes,
  pods,
  seed,
  acceptedHandlers,
}: Pick<SampleReading, 'nodes' | 'pods' | 'seed' | 'acceptedHandlers'>): number {
  return planSample(
    strataOf(nodes, seed, acceptedHandlers).map(({ order }) => order.length),
    pods,
  ).reduce((sum, drawn) => sum + drawn, 0);
}

/**
 * Reads the pods of randomly drawn nodes in each stratum, and the pods without a node. A stratum with a violation is read completely, as
 * far as the budget allows. The same seed draws the same nodes.
 */
export async function readSample(lists: Lists, reading: SampleReading, abortSignal: AbortSignal): Promise<Sample> {
  const fold = new PodFold(reading.fold);
  const totalPods = await countPods(lists, abortSignal);
  fold.absorb(await readNode(lists, '', reading, abortSignal));
  const strata = strataOf(reading.nodes, reading.seed, reading.acceptedHandlers);
  const drawn = planSample(
    strata.map(({ order }) => order.length),
    reading.pods,
  );
  const readNext = async (stratum: Stratum) => {
    const node = await readNode(lists, stratum.order[stratum.read] ?? '', reading, abortSignal);
    stratum.read += 1;
    stratum.violated ||= reading.violates(node.groups());
    fold.absorb(node);
  };
  const mayGoOn = () => !reading.isLate() && fold.pods < reading.pods.budgetPods;
  // Reads one node of each stratum per round, so that every stratum has its share if the time runs out.
  for (let round = 0; round < Math.max(0, ...drawn); round++) {
    for (const [at, stratum] of strata.entries()) if (stratum.read < (drawn[at] ?? 0) && mayGoOn()) await readNext(stratum);
  }
  for (const stratum of strata) while (stratum.violated && stratum.read < stratum.order.length && mayGoOn()) await readNext(stratum);
  return { fold, coverage: coverageOf(strata, reading, fold.pods, totalPods) };
}

function strataOf(nodes: readonly KubernetesNode[], seed: string, accepted?: readonly string[]): readonly Stratum[] {
  const strata = Map.groupBy(nodes, (node) => `${poolKey(node)}/${isKataNode(node, accepted)}`);
  return [...strata]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => ({ order: shuffled(members.map((node) => node.name).sort(), `${seed}/${name}`), read: 0, violated: false }));
}

/** Reads the pods of one node; an empty name selects the pods without a node. */
async function readNode(lists: Lists, node: string, { fold }: SampleReading, abortSignal: AbortSignal): Promise<PodFold> {
  return onceAgain(async () => {
    const pods = new PodFold(fold);
    for await (const page of lists.pages(PODS, { fieldSelector: `spec.nodeName=${node}` }, abortSignal)) pods.addPage(page);
    return pods;
  });
}

function coverageOf(strata: readonly Stratum[], reading: SampleReading, sampledPods: number, totalPods: number | undefined): Coverage {
  const { confidence } = reading.pods;
  const sampledNodes = strata.reduce((sum, { read }) => sum + read, 0);
  const totalNodes = reading.nodes.length;
  if (sampledNodes === totalNodes) return { kind: 'full' };
  const unseen = mostMarkedUnseen(
    strata.map(({ order, read }) => ({ population: order.length, drawn: read })),
    confidence,
  );
  return {
    kind: 'sample',
    sampledNodes,
    totalNodes,
    sampledPods,
    ...(totalPods === undefined ? {} : { totalPods }),
    upperBound: unseen / totalNodes,
    confidence,
    seed: reading.seed,
  };
}
