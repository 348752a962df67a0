import type { Finding } from '../domain/findings/finding.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { Exemption, Policy } from '../domain/policy/policy.ts';
import type { RuleDefinition, RuleRun } from '../domain/rule/rule.ts';
import type { Coverage } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import type { Subject } from '../domain/snapshot/subject.ts';

/** A finding with its live exemption, if there is one. */
export interface ExportedFinding {
  readonly finding: Finding;
  readonly exemption?: Exemption;
  /** Its place in a file, for findings in files. */
  readonly place?: FilePlace;
}

/** A place in a file; lines and columns count from 1, columns in UTF-16 code units. */
export interface FilePlace {
  /** A valid URI reference, relative to the folder that the command ran in, or absolute. */
  readonly uri: string;
  readonly line: number;
  readonly column: number;
}

/** Information for the reader besides the findings, such as what could not be judged. */
export interface DocumentNote {
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly place?: FilePlace;
}

/** A verdict of the newest scan that is not a finding: passed or unknown. */
export interface ExportedVerdict {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly subscriptionId: string;
  readonly ruleId: string;
  /** Absent if the rule could not be judged at all. */
  readonly subject?: Subject;
  readonly verdict: 'pass' | 'unknown';
  readonly message?: string;
  readonly coverage: Coverage;
  readonly observedAt: string;
}

/** The parts of a rule that documents contain. */
export type RuleFacts = Pick<RuleDefinition, 'id' | 'title' | 'severity' | 'rationale' | 'remediation' | 'references'>;

/** The newest scan of a cluster with the results of every rule. */
export interface Assessed {
  readonly snapshot: ClusterSnapshot;
  readonly runs: readonly RuleRun[];
  readonly policyHash: string;
}

/** Input of a document besides the findings. */
export interface ExportContext {
  readonly rules: readonly RuleFacts[];
  /** The address of the page that describes every rule, each at the anchor of its id; absent if no app serves it. */
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
  /** The filters of the findings, as `name=value`, which a document for people must state. */
  readonly filters?: readonly string[];
  /** The only cluster of the document: its ARM id, or its name if only that was given; absent if the document has several. */
  readonly onlyCluster?: string;
  /** Further notes; if one is an error, not everything could be judged. */
  readonly notes?: readonly DocumentNote[];
  /** Newest snapshot of a cluster, for the evidence; absent if none is stored. */
  readonly assessmentOf?: (clusterId: string) => Promise<Assessed | undefined>;
}

/** Writes findings as one document, in pieces, with bounded memory. */
export type Exporter = (input: AsyncIterable<ExportedFinding>, context: ExportContext) => AsyncIterable<string>;

/** A document format. */
export interface ExportFormat {
  readonly name: string;
  readonly mediaType: string;
  /** The file extension, without the dot. */
  readonly extension: string;
  /** Whether the format describes the current state, so resolved findings are left out unless requested. */
  readonly openOnly: boolean;
  /** Whether the format can contain verdicts that are not findings. */
  readonly holdsVerdicts: boolean;
  /** Whether the format always covers the whole estate. */
  readonly wholeOnly: boolean;
  readonly write: Exporter;
}
