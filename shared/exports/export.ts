import type { Finding } from '../domain/findings/finding.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { Exemption, Policy } from '../domain/policy/policy.ts';
import type { RuleDefinition, RuleRun } from '../domain/rule/rule.ts';
import type { Coverage } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import type { Subject } from '../domain/snapshot/subject.ts';

/** A finding with the live exemption that covers it, when one does. */
export interface ExportedFinding {
  readonly finding: Finding;
  readonly exemption?: Exemption;
  /** Where in a file it lies, for what was found in files. */
  readonly place?: FilePlace;
}

/** A place in a file; lines and columns count from 1, columns in UTF-16 code units. */
export interface FilePlace {
  /** A valid URI reference, relative to the folder that the command ran in, or absolute. */
  readonly uri: string;
  readonly line: number;
  readonly column: number;
}

/** Something that a reader must know besides the findings: what could not be judged, or is read otherwise than it looks. */
export interface DocumentNote {
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly place?: FilePlace;
}

/** A verdict of the newest scan that is no finding: what passed, and what could not be judged. */
export interface ExportedVerdict {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly subscriptionId: string;
  readonly ruleId: string;
  /** Absent when the rule could not be judged at all. */
  readonly subject?: Subject;
  readonly verdict: 'pass' | 'unknown';
  readonly message?: string;
  readonly coverage: Coverage;
  readonly observedAt: string;
}

/** What a document says of a rule. */
export type RuleFacts = Pick<RuleDefinition, 'id' | 'title' | 'severity' | 'rationale' | 'remediation' | 'references'>;

/** Newest scan of a cluster with the verdicts of every rule. */
export interface Assessed {
  readonly snapshot: ClusterSnapshot;
  readonly runs: readonly RuleRun[];
  readonly policyHash: string;
}

/** What documents need besides findings. */
export interface ExportContext {
  readonly rules: readonly RuleFacts[];
  /** The address of the page that describes every rule, each at the anchor of its id; absent where no app serves one. */
  readonly rulesPage?: string;
  /** RFC 3339 UTC. */
  readonly generatedAt: string;
  readonly version: string;
  readonly policy: { readonly hash: string; readonly source: string; readonly value?: Policy };
  /** Every cluster summary; may be called more than once. */
  readonly clusters: () => AsyncIterable<ClusterSummary>;
  /** Verdicts besides findings, for formats that include them; absent unless requested. */
  readonly verdicts?: () => AsyncIterable<ExportedVerdict>;
  readonly exemptions?: readonly Exemption[];
  /** What the findings were filtered by, as `name=value`: a document for people must say what it leaves out. */
  readonly filters?: readonly string[];
  /** The one cluster that the document is of, by its ARM id, or by its name where only that was asked for; absent where it is of several. */
  readonly onlyCluster?: string;
  /** What is to be told besides; where one is an error, not everything could be judged. */
  readonly notes?: readonly DocumentNote[];
  /** Newest snapshot of a cluster, for the evidence; absent if none is stored. */
  readonly assessmentOf?: (clusterId: string) => Promise<Assessed | undefined>;
}

/** Writes findings as one document, piece by piece; holds no more than a bounded part in memory. */
export type Exporter = (input: AsyncIterable<ExportedFinding>, context: ExportContext) => AsyncIterable<string>;

/** A document format. */
export interface ExportFormat {
  readonly name: string;
  readonly mediaType: string;
  /** Of its file, without the dot. */
  readonly extension: string;
  /** Whether the format tells what is: closed findings are left out unless they are asked for. */
  readonly openOnly: boolean;
  /** Whether the format has a place for verdicts that are no findings. */
  readonly holdsVerdicts: boolean;
  /** Whether it is of the whole estate or not at all. */
  readonly wholeOnly: boolean;
  readonly write: Exporter;
}
