import { coverageText, seenText, subjectLabel } from '../domain/findings/finding-text.ts';
import { given } from '../domain/snapshot/given.ts';
import { clusterKey } from '../domain/snapshot/resource-id.ts';
import type { Subject } from '../domain/snapshot/subject.ts';
import type { ExportContext, ExportedFinding, ExportedVerdict, Exporter } from './export.ts';
import { milliseconds, remedyText } from './words.ts';

/** Kyverno's limit: a larger report approaches etcd's limit for one object. */
const MAX_RESULTS = 1_000;
/** Maximum number of results held for namespaces of a cluster with many of them. */
const MAX_HELD = 5_000;
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const OUTCOMES = ['pass', 'fail', 'warn', 'error', 'skip'] as const;

type Outcome = (typeof OUTCOMES)[number];

interface Result {
  readonly result: Outcome;
  readonly [member: string]: unknown;
}

/** Results of one namespace of one cluster, or of subjects without a namespace. */
interface Bucket {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly namespace: string | undefined;
  readonly results: Result[];
}

/** Writes OpenReports: a `Report` per namespace and `ClusterReport`s, one JSON document each in a YAML stream. */
export const writeOpenReports: Exporter = async function* (input, context) {
  const reports = new Reports();
  for await (const one of input) {
    const { clusterId, clusterName, subject } = one.finding;
    yield* reports.add(clusterId, clusterName, subject, ofFinding(one));
  }
  for await (const one of context.verdicts?.() ?? none()) {
    yield* reports.add(one.clusterId, one.clusterName, one.subject ?? { kind: 'cluster' }, ofVerdict(one, context));
  }
  yield* reports.rest();
};

/**
 * Collects results by namespace and returns a report when one is full, and all of a cluster when another cluster follows. Findings are
 * ordered by cluster, so little is held in memory.
 */
class Reports {
  readonly #buckets = new Map<string, Bucket>();
  /** Number of reports of each cluster so far: their names must differ, even if a cluster occurs again. */
  readonly #written = new Map<string, number>();
  #clusterId = '';
  #held = 0;

  *add(clusterId: string, clusterName: string, subject: Subject, result: Result): Generator<string, void, undefined> {
    if (clusterId !== this.#clusterId || this.#held >= MAX_HELD) yield* this.rest();
    this.#clusterId = clusterId;
    const namespace = subject.kind === 'workload' && DNS_LABEL.test(subject.namespace) ? subject.namespace : undefined;
    const bucket = this.#buckets.get(namespace ?? '') ?? { clusterId, clusterName, namespace, results: [] };
    this.#buckets.set(namespace ?? '', bucket);
    bucket.results.push(result);
    this.#held += 1;
    if (bucket.results.length < MAX_RESULTS) return;
    this.#buckets.delete(namespace ?? '');
    this.#held -= bucket.results.length;
    yield this.#document(bucket);
  }

  *rest(): Generator<string, void, undefined> {
    const buckets = [...this.#buckets.values()];
    this.#buckets.clear();
    this.#held = 0;
    for (const bucket of buckets) yield this.#document(bucket);
  }

  #document(bucket: Bucket): string {
    const part = (this.#written.get(bucket.clusterId) ?? 0) + 1;
    this.#written.set(bucket.clusterId, part);
    return document(bucket, part);
  }
}

function document({ clusterId, clusterName, namespace, results }: Bucket, part: number): string {
  const summary = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, results.filter(({ result }) => result === outcome).length]));
  const report = {
    apiVersion: 'openreports.io/v1alpha1',
    kind: namespace === undefined ? 'ClusterReport' : 'Report',
    metadata: {
      name: `kataudit-${clusterKey(clusterId)}-${part}`,
      ...given({ namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'kataudit', 'kataudit.io/cluster-key': clusterKey(clusterId) },
      annotations: { 'kataudit.io/cluster-id': clusterId, 'kataudit.io/cluster-name': clusterName },
    },
    source: 'kataudit',
    summary,
    results,
  };
  return `---\n${yamlSafe(JSON.stringify(report, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value)))}\n`;
}

function ofFinding({ finding, exemption }: ExportedFinding): Result {
  return {
    ...common(finding.ruleId, finding.subject, finding.observedAt),
    result: outcomeOf(finding.status, finding.resolution, exemption !== undefined),
    severity: finding.severity,
    message: finding.message,
    properties: {
      finding: finding.id,
      subject: subjectLabel(finding.subject),
      firstSeenAt: finding.firstSeenAt,
      lastSeenAt: finding.lastSeenAt,
      coverage: seenText(finding),
      remediation: remedyText(finding),
      ...(finding.stale === true ? { stale: 'true' } : {}),
      ...(exemption === undefined
        ? {}
        : { exception: exemption.id, exceptionReason: exemption.reason, exceptionExpiresOn: exemption.expiresOn }),
    },
  };
}

function ofVerdict(
  { ruleId, subject = { kind: 'cluster' }, verdict, message, coverage, observedAt }: ExportedVerdict,
  context: ExportContext,
): Result {
  const severity = context.rules.find(({ id }) => id === ruleId)?.severity;
  return {
    ...common(ruleId, subject, observedAt),
    result: verdict === 'pass' ? 'pass' : 'error',
    ...given({ severity, message }),
    properties: { subject: subjectLabel(subject), coverage: coverageText(coverage) },
  };
}

/** In these reports a timestamp is an object, not a text. */
function common(ruleId: string, subject: Subject, at: string) {
  const time = milliseconds(at);
  return {
    source: 'kataudit',
    policy: 'kataudit',
    rule: ruleId,
    category: 'pod-sandboxing',
    scored: true,
    timestamp: { seconds: Math.floor(time / 1_000), nanos: (time % 1_000) * 1_000_000 },
    ...resourceOf(subject),
  };
}

/** Only Kubernetes objects can be referenced. */
function resourceOf(subject: Subject): object {
  if (subject.kind === 'workload')
    return { resources: [{ kind: subject.ownerKind, namespace: subject.namespace, name: subject.ownerName }] };
  if (subject.kind === 'node') return { resources: [{ apiVersion: 'v1', kind: 'Node', name: subject.name }] };
  if (subject.kind === 'runtime-class') return { resources: [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name: subject.name }] };
  return {};
}

/** Only a subject that was read and complies passes. */
function outcomeOf(status: 'open' | 'resolved', resolution: string | undefined, exempted: boolean): Outcome {
  if (status === 'open') return exempted ? 'skip' : 'fail';
  return resolution === 'complies' ? 'pass' : 'skip';
}

/** JSON is valid YAML except for these characters, which YAML requires to be escaped. */
function yamlSafe(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function* none(): AsyncGenerator<never, void, undefined> {
  // Nothing was asked for.
}
