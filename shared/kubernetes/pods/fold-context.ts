import { kataAbility, listsHandler } from '../../domain/isolation/kata-evidence.ts';
import { poolKey } from '../../domain/isolation/kata-node-check.ts';
import { EVERY_TAINT, isTolerated, repellingTaints, taintText } from '../../domain/isolation/node-ability.ts';
import { isSandboxHandler } from '../../domain/policy/handlers.ts';
import type { KubernetesNode, RuntimeClass, Taint } from '../../domain/snapshot/snapshot.ts';
import type { PodReading } from '../../ports/cluster-reader.ts';
import { boundedLabels } from '../bounds.ts';
import type { WirePod, WireToleration } from '../wire/messages.ts';
import { TextIndex } from '../wire/text-index.ts';

/** Where pods may sit and what their classes mean; `undefined` for what could not be seen. */
export interface FoldContext {
  readonly nodes: ReadonlyMap<string, NodePlace> | undefined;
  /** The same by names that lie encoded. */
  readonly nodesByBytes: TextIndex<NodePlace> | undefined;
  readonly classes: ReadonlyMap<string, ClassMeaning> | undefined;
  readonly claims: ClaimedVolumes;
  /** Every taint that keeps pods off some node. */
  readonly taints: readonly Taint[];
  /** Workloads beyond this many are not kept: memory grows with workloads. */
  readonly maxWorkloads: number;
}

/** Whether what lies behind a claim is on its node, by `claimKey`; or why nobody could look: the right is not given, or the read failed. */
export type ClaimedVolumes = ReadonlyMap<string, boolean> | 'not allowed' | 'not seen';

/** What a node can do for its pods; nodes that are alike share one. */
export interface NodePlace {
  readonly pool: string;
  /** `undefined` where what it shows contradicts itself. */
  readonly isKata: boolean | undefined;
  /** Whether it lists the handler of a class; `undefined` when nothing tells. */
  readonly lists: ReadonlyMap<string, boolean | undefined>;
}

/** What naming a class does to a pod. */
export interface ClassMeaning {
  readonly handler: string;
  readonly isSandbox: boolean;
  /** What it adds to the pod's node selector. */
  readonly selector: readonly (readonly [label: string, value: string])[];
  /** Seconds since 1970: older pods were created when the name stood for another class. */
  readonly createdAt?: number;
}

/** Taints are few, but an operator may write any number of them. */
const MAX_TAINTS = 50;

/** Prepares what the fold looks up for every pod. */
export function foldContext(
  nodes: readonly KubernetesNode[] | undefined,
  runtimeClasses: readonly RuntimeClass[] | undefined,
  maxWorkloads: number,
  accepted: readonly string[] = [],
  volumes?: PodReading['volumes'],
): FoldContext {
  const taints = (nodes ?? []).flatMap(repellingTaints);
  const places = nodes && placesOf(nodes, new Set(runtimeClasses?.map(({ handler }) => handler)), accepted);
  return {
    nodes: places,
    nodesByBytes: places && new TextIndex(places),
    classes: runtimeClasses && new Map(runtimeClasses.map((one) => [one.name, meaningOf(one, accepted)])),
    claims: claimedVolumes(volumes),
    taints: [...new Map(taints.map((taint) => [taintText(taint), taint])).values()].slice(0, MAX_TAINTS),
    maxWorkloads,
  };
}

function claimedVolumes(volumes: PodReading['volumes']): ClaimedVolumes {
  if (volumes === undefined) return 'not allowed';
  if (volumes.state === 'unavailable') return volumes.reason.code === 'denied' ? 'not allowed' : 'not seen';
  return new Map(volumes.value.map(({ namespace, claim, onNode }) => [claimKey(namespace, claim), onNode]));
}

/** Neither name can hold a slash. */
export function claimKey(namespace: string, claim: string): string {
  return `${namespace}/${claim}`;
}

/** Pods are counted by the hundred thousand, and the nodes of one pool are alike: what is looked up again and again stays in reach. */
function placesOf(
  nodes: readonly KubernetesNode[],
  handlers: ReadonlySet<string>,
  accepted: readonly string[],
): ReadonlyMap<string, NodePlace> {
  const distinct = new Map<string, NodePlace>();
  const placeOf = (node: KubernetesNode): NodePlace => {
    const lists = Array.from(handlers, (handler) => [handler, listsHandler(node, handler)] as const);
    const [pool, isKata] = [poolKey(node), kataAbility(node, accepted)];
    const key = JSON.stringify([pool, isKata, lists]);
    const place = distinct.get(key) ?? { pool, isKata, lists: new Map(lists) };
    distinct.set(key, place);
    return place;
  };
  return new Map(nodes.map((node) => [node.name, placeOf(node)]));
}

function meaningOf({ handler, nodeSelector, createdAt }: RuntimeClass, accepted: readonly string[]): ClassMeaning {
  return {
    handler,
    isSandbox: isSandboxHandler(handler, accepted),
    selector: Object.entries(nodeSelector),
    ...(createdAt === undefined ? {} : { createdAt: Date.parse(createdAt) / 1000 }),
  };
}

/** A pod selects by some labels; any number of them would do for an operator to write. */
const MAX_SELECTED = 20;
const NOTHING: ReadonlyMap<string, string> = new Map();

/** What a pod asks of its node's labels, beside what its class adds. */
export function ownSelectorOf({ spec }: WirePod, meaning: ClassMeaning | undefined): ReadonlyMap<string, string> {
  if (Object.keys(spec?.nodeSelector ?? {}).length === 0) return NOTHING;
  const added = new Map(meaning?.selector);
  const { labels } = boundedLabels(spec?.nodeSelector);
  return new Map(
    Object.entries(labels)
      .filter(([key, value]) => added.get(key) !== value)
      .slice(0, MAX_SELECTED),
  );
}

/** Which of some taints a pod's tolerations cover, and whether they cover every other one too. */
export function toleratedOf(taints: readonly Taint[], tolerations: readonly WireToleration[]): readonly string[] {
  const read = tolerations.map(({ key, operator, value, effect }) => ({
    key: key ?? '',
    operator: operator ?? '',
    value: value ?? '',
    effect: effect ?? '',
  }));
  const everything = read.some(({ key, operator }) => key === '' && operator === 'Exists');
  return [...(everything ? [EVERY_TAINT] : []), ...taints.filter((taint) => isTolerated(taint, read)).map(taintText)];
}
