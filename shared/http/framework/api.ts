import type { CoverageGap } from '../../domain/findings/summary.ts';
import type { Rule } from '../../domain/rule/rule.ts';
import type { ClusterSnapshot } from '../../domain/snapshot/snapshot.ts';
import type { AssessmentStore } from '../../ports/assessment-store.ts';
import type { AuditRecord, AuditStore } from '../../ports/audit-store.ts';
import type { BundleStore } from '../../ports/bundle-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ExemptionStore } from '../../ports/exemption-store.ts';
import type { FindingStore } from '../../ports/finding-store.ts';
import type { ImageKnowledgeSource } from '../../ports/image-knowledge.ts';
import type { Messages } from '../../ports/messages.ts';
import type { ParkedStore } from '../../ports/parked-store.ts';
import type { PolicySource } from '../../ports/policy-source.ts';
import type { ServiceStatus } from '../../ports/service-status.ts';
import type { Signer } from '../../ports/signer.ts';
import type { TrendStore } from '../../ports/trend-store.ts';
import type { Cookie } from '../access/session.ts';

/** The part of an HTTP request that the API reads; `HttpRequest` of Azure Functions is one. */
export interface ApiRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly params: Readonly<Record<string, string>>;
  /** Absent or `null` where there is none. */
  readonly body?: ReadableStream<Uint8Array> | null;
}

/** The answer to a request; Azure Functions takes it as `HttpResponseInit`. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly cookies?: Cookie[];
}

/** What is left of one kind of published call budget. */
export interface CallBudget {
  readonly budget: string;
  /** Of the scope with the fewest. */
  readonly left: number;
  readonly size: number;
}

/** A look at a cluster that somebody sent. */
interface SentSnapshot {
  /** Canonical ARM id. */
  readonly clusterId: string;
  readonly snapshot: ClusterSnapshot;
  /** The object id of who sent it; absent where only an access key proved it. */
  readonly sentBy?: string;
}

/** What became of a look that was sent. */
interface RecordedLook {
  readonly assessment: string;
  readonly changed: number;
  readonly gaps?: readonly CoverageGap[];
}

/** All that the API needs of the app. */
export interface ApiDependencies {
  readonly findings: FindingStore;
  readonly audits: AuditStore;
  readonly parked: ParkedStore;
  readonly assessments: AssessmentStore;
  /** Absent where exemptions come from the policy alone: their routes then answer 404. */
  readonly exemptions?: ExemptionStore;
  readonly policy: PolicySource;
  /** What is known of node images beside what is built in. */
  readonly images?: ImageKnowledgeSource;
  readonly rules: readonly Rule[];
  readonly messages: Pick<Messages, 'raw'>;
  readonly startAudit: (cause: AuditRecord['cause'], requestedBy?: string) => Promise<AuditRecord>;
  /** Starts an audit of chosen clusters. */
  readonly scanClusters: (clusterIds: readonly string[], requestedBy?: string) => Promise<AuditRecord>;
  /** Judges and stores what somebody saw of a cluster; throws `Fault` and stores nothing where it is not to be. */
  readonly recordSentLook: (sent: SentSnapshot) => Promise<RecordedLook>;
  readonly trend: Pick<TrendStore, 'list'>;
  /** Absent where no outside budget is drawn on. */
  readonly callBudgets?: () => readonly CallBudget[];
  /** How it goes with the services that the app asks or tells; absent where there are none. */
  readonly services?: () => Promise<readonly ServiceStatus[]>;
  /** Absent where nothing is kept: no bundle is sealed there. */
  readonly bundles?: BundleStore;
  /** Signs evidence; absent where no key is configured. */
  readonly signer?: Pick<Signer, 'sign'>;
  readonly clock: Clock;
  readonly version: string;
  /** Clusters that have metrics of their own, at most; absent: none. */
  readonly clusterMetrics?: number;
  /** When audits start, NCRONTAB; shown to whoever waits for the first one. */
  readonly schedule?: string;
  /** What the settings say is audited; absent where audits are not planned by this app. */
  readonly scope?: { readonly subscriptions: readonly string[]; readonly managementGroups: readonly string[] };
  /** When this process began to answer; an audit that was due since then and has not begun is overdue. */
  readonly startedAt?: Date;
  /** The address by which people reach the app, without a slash at its end; absent where nothing says. */
  readonly publicUrl?: string;
  /** What is wrong with the settings, when the app runs in spite of it. */
  readonly configProblem?: string;
  /** Keys the seals on cursors and sessions; every instance of the app must have the same one. */
  readonly cursorSecret?: () => Promise<string>;
}
