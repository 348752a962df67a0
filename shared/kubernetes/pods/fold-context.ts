import { kataAbility, listsHandler } from '../../domain/isolation/kata-evidence.ts';
import { poolKey } from '../../domain/isolation/kata-node-check.ts';
import { EVERY_TAINT, isTolerated, repellingTaints, taintText } from '../../domain/isolation/node-ability.ts';
import { isSandboxHandler } from '../../domain/policy/handlers.ts';
import type { KubernetesNode, RuntimeClass, Taint } from '../../domain/snapshot/snapshot.ts';
import type { PodReading } from '../../ports/cluster-reader.ts';
import { boundedLabels } from '../bounds.ts';
import type { WirePod, WireToleration } from '../wire/messages.ts';
import { TextIndex } from '../wire/text-index.ts';

/** Nodes and RuntimeClasses, prepared for the fold; `undefined` for what could not be read. */
export interface FoldContext {
  readonly nodes: ReadonlyMap<string, NodePlace> | undefined;
  /** The same, indexed by encoded names. */
  readonly nodesByBytes: TextIndex<NodePlace> | undefined;
  readonly classes: ReadonlyMap<string, ClassMeaning> | undefined;
  readonly claims: ClaimedVolumes;
  /** Every taint that keeps pods off a node. */
  readonly taints: readonly Taint[];
  /** Workloads beyond this number are not stored, because memory grows with workloads. */
  readonly maxWorkloads: number;
}

/** Whether the volume behind a claim is on its node, by `claimKey`; or why that is unknown: the right is missing, or the read failed. */
export type ClaimedVolumes = ReadonlyMap<string, boolean> | 'not allowed' | 'not seen';

/** What a node offers its pods; identical nodes share one object. */
export interface NodePlace {
  readonly pool: string;
  /** `undefined` if the node's evidence is contradictory. */
  readonly isKata: boolean | undefined;
  /** Whether the node lists the handler of a class; `undefined` if unknown. */
  readonly lists: ReadonlyMap<string, boolean | undefined>;
}

/** What a RuntimeClass does to pods that name it. */
export interface ClassMeaning {
  readonly handler: string;
  readonly isSandbox: boolean;
  /** Labels that the class adds to the pod's node selector. */
  readonly selector: readonly (readonly [label: string, value: string])[];
  /** Seconds since 1970. Older pods were created when another class had this name. */
  readonly createdAt?: number;
}

/** Taints are few, but an operator can create any number of them. */
const MAX_TAINTS = 50;

/** Prepares the lookups that the fold makes for every pod. */
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

/** Neither name can contain a slash. */
export function claimKey(namespace: string, claim: string): string {
  return `${namespace}/${claim}`;
}

/** There can be hundreds of thousands of pods, and the nodes of a pool are alike: shared objects keep these lookups in the CPU cache. */
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

/** A pod normally selects by a few labels, but its author can write any number. */
const MAX_SELECTED = 20;
const NOTHING: ReadonlyMap<string, string> = new Map();

/** Returns the labels that a pod requires of its node, without those that its class adds. */
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

/** Returns which of the taints a pod's tolerations cover, and whether they cover all others too. */
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
