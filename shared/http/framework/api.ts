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

/** The part of an HTTP request that the API reads; Azure Functions' `HttpRequest` satisfies it. */
export interface ApiRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly params: Readonly<Record<string, string>>;
  /** Absent or `null` without a body. */
  readonly body?: ReadableStream<Uint8Array> | null;
}

/** The response to a request; Azure Functions accepts it as `HttpResponseInit`. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly cookies?: Cookie[];
}

/** The calls that are left of one kind of published call budget. */
export interface CallBudget {
  readonly budget: string;
  /** In the scope with the fewest. */
  readonly left: number;
  readonly size: number;
}

/** A pushed snapshot of a cluster. */
interface SentSnapshot {
  /** Canonical ARM id. */
  readonly clusterId: string;
  readonly snapshot: ClusterSnapshot;
  /** The object id of the sender; absent if the request was authenticated with only an access key. */
  readonly sentBy?: string;
}

/** The result of recording a pushed snapshot. */
interface RecordedLook {
  readonly assessment: string;
  readonly changed: number;
  readonly gaps?: readonly CoverageGap[];
}

/** Dependencies of the API. */
export interface ApiDependencies {
  readonly findings: FindingStore;
  readonly audits: AuditStore;
  readonly parked: ParkedStore;
  readonly assessments: AssessmentStore;
  /** Absent if exemptions come only from the policy; their routes then answer 404. */
  readonly exemptions?: ExemptionStore;
  readonly policy: PolicySource;
  /** Knowledge about node images in addition to the built-in data. */
  readonly images?: ImageKnowledgeSource;
  readonly rules: readonly Rule[];
  readonly messages: Pick<Messages, 'raw'>;
  readonly startAudit: (cause: AuditRecord['cause'], requestedBy?: string) => Promise<AuditRecord>;
  /** Starts an audit of chosen clusters. */
  readonly scanClusters: (clusterIds: readonly string[], requestedBy?: string) => Promise<AuditRecord>;
  /** Judges and stores a pushed snapshot; throws a `Fault` and stores nothing if it is refused. */
  readonly recordSentLook: (sent: SentSnapshot) => Promise<RecordedLook>;
  readonly trend: Pick<TrendStore, 'list'>;
  /** Absent if no published call budget is used. */
  readonly callBudgets?: () => readonly CallBudget[];
  /** Returns the status of the services that the app uses or publishes to; absent if there are none. */
  readonly services?: () => Promise<readonly ServiceStatus[]>;
  /** Absent if nothing is stored, so no bundle can be sealed. */
  readonly bundles?: BundleStore;
  /** Signs evidence; absent if no key is configured. */
  readonly signer?: Pick<Signer, 'sign'>;
  readonly clock: Clock;
  readonly version: string;
  /** Maximum number of clusters with their own metrics; absent: none. */
  readonly clusterMetrics?: number;
  /** When audits start, NCRONTAB; shown while there is no audit yet. */
  readonly schedule?: string;
  /** The configured scope; absent if this app does not plan audits. */
  readonly scope?: { readonly subscriptions: readonly string[]; readonly managementGroups: readonly string[] };
  /** When this process started; an audit that was due since then and has not started is overdue. */
  readonly startedAt?: Date;
  /** The public address of the app without a trailing slash; absent if it is not configured. */
  readonly publicUrl?: string;
  /** What is wrong with the settings, if the app runs in spite of it. */
  readonly configProblem?: string;
  /** Returns the secret that seals cursors and sessions; the same in every instance of the app. */
  readonly cursorSecret?: () => Promise<string>;
}
