import type { Policy } from '../policy/policy.ts';
import type { Severity } from '../policy/severity.ts';
import type { FaultCode } from '../snapshot/fault.ts';
import type { KnownImages } from '../snapshot/known-images.ts';
import { type Coverage, FULL, type Observation, type UnavailableReason } from '../snapshot/observation.ts';
import type { Cluster, ClusterSnapshot, EvidenceKey, KubernetesNode } from '../snapshot/snapshot.ts';
import type { Subject } from '../snapshot/subject.ts';
import type { Remedy } from './command.ts';

/** A rule's verdict for a subject. */
export const VERDICTS = ['pass', 'fail', 'unknown', 'not-applicable'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Flat facts that an auditor can check, shown next to the verdict. */
export type EvidenceFacts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Marks a verdict that rests only on a pod template. When templates cannot be read, its absence proves nothing. */
export const JUDGED_BY_TEMPLATE = { judgedBy: 'pod template' } as const satisfies EvidenceFacts;

/** The verdict of one rule for one subject. */
export type Judgement =
  | { readonly verdict: 'pass' | 'not-applicable'; readonly subject: Subject; readonly message?: string; readonly facts?: EvidenceFacts }
  | {
      readonly verdict: 'unknown';
      readonly subject: Subject;
      readonly message: string;
      readonly facts?: EvidenceFacts;
      /** Why the evidence is missing; `no-azure-access` if this kind of audit never reads it. */
      readonly reason?: FaultCode;
    }
  | ({
      readonly verdict: 'fail';
      readonly subject: Subject;
      /** What was observed, with the value. */
      readonly message: string;
      readonly facts?: EvidenceFacts;
      /** Set if the evidence makes this failure more or less severe than the rule's default. */
      readonly severity?: Severity;
    } & Remedy);

/** The evidence that a rule asked for: `requires` is present, `consults` may be unavailable. */
export type Evidence<R extends EvidenceKey, C extends EvidenceKey> = {
  readonly cluster: Cluster;
  readonly observedAt: string;
  readonly policy: Policy;
  /** What the app's image file says about the node images in this cluster. */
  readonly knownImages: KnownImages | undefined;
} & {
  readonly [K in R]: ClusterSnapshot[K] extends Observation<infer T> ? T : never;
} & {
  readonly [K in Exclude<C, R>]: ClusterSnapshot[K];
};

/** What an audit that reads only Kubernetes knows about the nodes. */
export interface NodeEvidence {
  readonly cluster: Cluster;
  readonly observedAt: string;
  readonly policy: Policy;
  readonly knownImages: KnownImages | undefined;
  readonly nodes: readonly KubernetesNode[];
  readonly runtimeClasses: ClusterSnapshot['runtimeClasses'];
  readonly workloads: ClusterSnapshot['workloads'];
}

/** A rule as its file declares it. */
export interface RuleDefinition<R extends EvidenceKey = EvidenceKey, C extends EvidenceKey = EvidenceKey> {
  /** Stable and public; also the name of the file. */
  readonly id: string;
  /** The compliant state. */
  readonly title: string;
  readonly severity: Severity;
  /** Why the rule matters. */
  readonly rationale: string;
  /** What to do in general; a judgement may be more specific and contain commands. */
  readonly remediation: string;
  readonly references: readonly string[];
  /** The rule is off unless the policy turns it on. */
  readonly optIn?: boolean;
  readonly requires: readonly R[];
  readonly consults?: readonly C[];
  readonly evaluate: (evidence: Evidence<R, C>) => readonly Judgement[];
  /** How the rule judges nodes if Azure was not asked; without it, nothing is judged in that case. */
  readonly withoutAzure?: (evidence: NodeEvidence) => readonly Judgement[];
  /** Kinds of subjects that this scan did not try to list: a missing one proves nothing. */
  readonly unlisted?: (evidence: Evidence<R, C>) => readonly Subject['kind'][];
}

/** A rule with its evidence types hidden: it takes a snapshot and checks its own requirements. */
export interface Rule extends Omit<RuleDefinition, 'evaluate' | 'withoutAzure' | 'unlisted' | 'requires' | 'consults'> {
  readonly requires: readonly EvidenceKey[];
  readonly consults: readonly EvidenceKey[];
  readonly run: (snapshot: ClusterSnapshot, policy: Policy) => RuleRun;
}

/** The result of one rule for one snapshot. */
export type RuleRun =
  | {
      readonly ruleId: string;
      readonly state: 'judged';
      readonly coverage: Coverage;
      readonly judgements: readonly Judgement[];
      /** Kinds of subjects whose list is incomplete: a missing subject proves nothing. */
      readonly unlisted?: readonly Subject['kind'][];
      /** Set if the rule consults pod templates and not all of them were read. */
      readonly templatesUnread?: true;
    }
  | { readonly ruleId: string; readonly state: 'unavailable'; readonly missing: readonly MissingEvidence[] }
  | { readonly ruleId: string; readonly state: 'error'; readonly message: string }
  | { readonly ruleId: string; readonly state: 'off' };

/** A part of the evidence that a rule required but that is missing. */
export interface MissingEvidence {
  readonly evidence: EvidenceKey;
  readonly reason: UnavailableReason;
}

/** Defines a rule; reading evidence that it did not declare does not compile. */
export function defineRule<const R extends EvidenceKey, const C extends EvidenceKey = never>(definition: RuleDefinition<R, C>): Rule {
  const { evaluate, withoutAzure, unlisted: notJudged, consults = [], ...metadata } = definition;
  return {
    ...metadata,
    consults,
    run: (snapshot, policy) => {
      const ruleId = definition.id;
      const missing = definition.requires.flatMap((key): readonly MissingEvidence[] => {
        const part: Observation<unknown> = snapshot[key];
        return part.state === 'unavailable' ? [{ evidence: key, reason: part.reason }] : [];
      });
      if (missing.length > 0) return judgeNodes(ruleId, snapshot, policy, missing, withoutAzure);
      const evidence = gather(snapshot, policy, definition.requires, consults);
      const coverage = weakest(snapshot, definition.requires);
      const unlisted = [...unlistedKinds(snapshot, coverage, [...definition.requires, ...consults]), ...(notJudged?.(evidence) ?? [])];
      const told = unlisted.length === 0 ? {} : { unlisted };
      const templatesUnread = [...definition.requires, ...consults].some((key) => key === 'templates') && !isSeenWhole(snapshot.templates);
      return {
        ruleId,
        state: 'judged',
        coverage,
        judgements: evaluate(evidence),
        ...told,
        ...(templatesUnread ? { templatesUnread } : {}),
      };
    },
  };
}

/** If only Azure's evidence is missing, the nodes may be enough; otherwise the rule is unavailable. */
function judgeNodes(
  ruleId: string,
  { cluster, observedAt, knownImages, nodes, runtimeClasses, workloads }: ClusterSnapshot,
  policy: Policy,
  missing: readonly MissingEvidence[],
  judge: RuleDefinition['withoutAzure'],
): RuleRun {
  if (judge === undefined || missing.some(({ reason }) => reason.code !== 'no-azure-access'))
    return { ruleId, state: 'unavailable', missing };
  if (nodes.state === 'unavailable') return { ruleId, state: 'unavailable', missing: [{ evidence: 'nodes', reason: nodes.reason }] };
  const judgements = judge({ cluster, observedAt, policy, knownImages, nodes: nodes.value, runtimeClasses, workloads });
  return { ruleId, state: 'judged', coverage: nodes.coverage, judgements };
}

/** Builds the evidence object. The one cast here keeps casts out of the rules. */
function gather<R extends EvidenceKey, C extends EvidenceKey>(
  snapshot: ClusterSnapshot,
  policy: Policy,
  requires: readonly R[],
  consults: readonly C[],
): Evidence<R, C> {
  const { cluster, observedAt, knownImages } = snapshot;
  const parts: Record<string, unknown> = { cluster, observedAt, policy, knownImages };
  for (const key of consults) parts[key] = snapshot[key];
  for (const key of requires) {
    const part: Observation<unknown> = snapshot[key];
    if (part.state === 'observed') parts[key] = part.value;
  }
  return parts as Evidence<R, C>;
}

/** The evidence that lists the subjects of each kind; the cluster itself is always listed. */
const LISTED_BY: Readonly<Record<Exclude<Subject['kind'], 'cluster'>, EvidenceKey>> = {
  'node-pool': 'nodePools',
  node: 'nodes',
  'runtime-class': 'runtimeClasses',
  workload: 'workloads',
};

/** The kinds whose list is incomplete. A targeted coverage of the rule itself says for each workload whether it was listed. */
function unlistedKinds(snapshot: ClusterSnapshot, { kind: own }: Coverage, declared: readonly EvidenceKey[]): readonly Subject['kind'][] {
  const seen = (key: EvidenceKey) => isSeenWhole(snapshot[key]) || (own === 'targeted' && key === 'workloads');
  const kinds = ['node-pool', 'node', 'runtime-class', 'workload'] as const;
  return kinds.filter((kind) => declared.includes(LISTED_BY[kind]) && !seen(LISTED_BY[kind]));
}

function isSeenWhole(part: Observation<unknown>): boolean {
  return part.state === 'observed' && part.coverage.kind === 'full';
}

function weakest(snapshot: ClusterSnapshot, keys: readonly EvidenceKey[]): Coverage {
  const rank = { full: 0, targeted: 1, sample: 2, truncated: 3 } as const;
  let result: Coverage = FULL;
  for (const key of keys) {
    const part = snapshot[key];
    if (part.state === 'observed' && rank[part.coverage.kind] > rank[result.kind]) result = part.coverage;
  }
  return result;
}
