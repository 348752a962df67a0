import type { Finding } from '../domain/findings/finding.ts';
import { seenText, subjectLabel } from '../domain/findings/finding-text.ts';
import type { Severity } from '../domain/policy/severity.ts';
import { given } from '../domain/snapshot/given.ts';
import { parseClusterId } from '../domain/snapshot/resource-id.ts';
import { subjectKey } from '../domain/snapshot/subject.ts';
import type { ExportContext, ExportedFinding, Exporter, FilePlace, RuleFacts } from './export.ts';
import { isNew } from './words.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
/** GitHub code scanning rejects a run with more results. */
const MAX_RESULTS_PER_RUN = 25_000;
const LEVELS: Readonly<Record<Severity, string>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note', info: 'note' };
/** GitHub derives severities from these scores: over 9 critical, over 7 high, over 4 medium. */
const SCORES: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0', info: '0.1' };

/** Returns a writer of SARIF 2.1.0 for GitHub code scanning and others, split into runs of at most `maxResults` results. */
export function sarifWriter(maxResults = MAX_RESULTS_PER_RUN): Exporter {
  return async function* (input, context) {
    const ruleIndex = new Map(context.rules.map(({ id }, index) => [id, index]));
    yield `{"$schema":${JSON.stringify(SCHEMA)},"version":"2.1.0","runs":[`;
    yield runHead(context, 1);
    yield* invocation(context);
    yield ',"results":[';
    let written = 0;
    for await (const one of input) {
      const inRun = written % maxResults;
      if (written > 0 && inRun === 0) yield `]},${runHead(context, written / maxResults + 1)},"results":[`;
      yield `${inRun === 0 ? '' : ','}\n${JSON.stringify(result(one, ruleIndex.get(one.finding.ruleId)))}`;
      written += 1;
    }
    yield ']}]}\n';
  };
}

/** Writes SARIF 2.1.0 within GitHub's limits. */
export const writeSarif: Exporter = sarifWriter();

/** The start of a JSON object; the caller adds `results` and closes it. */
function runHead({ rules, rulesPage, version, notes, onlyCluster }: ExportContext, run: number): string {
  const driver = { name: 'Kataudit', version, rules: rules.map((rule) => ruleDescriptor(rule, rulesPage)) };
  const head = {
    tool: { driver },
    // Consumers replace results with the same id by newer ones, so different clusters need different ids.
    automationDetails: {
      id: [notes === undefined ? 'kataudit' : 'kataudit-check', ...scopeOf(onlyCluster), run].join('/'),
    },
    columnKind: 'utf16CodeUnits',
  };
  return JSON.stringify(head).slice(0, -1);
}

/** Identifies a cluster uniquely, also among clusters of the same name, as far as its id is known. */
function scopeOf(cluster: string | undefined): readonly string[] {
  if (cluster === undefined) return [];
  const parsed = parseClusterId(cluster);
  const parts = parsed === undefined ? [cluster] : [parsed.subscriptionId, parsed.resourceGroup, parsed.name];
  return parts.map((part) => part.toLowerCase());
}

/** Notifications about parts that could not be read; a run with an unread cluster is not successful. */
async function* invocation({ clusters, generatedAt, notes = [] }: ExportContext): AsyncGenerator<string, void, undefined> {
  let successful = true;
  let first = true;
  yield `,"invocations":[{"endTimeUtc":${JSON.stringify(generatedAt)},"toolExecutionNotifications":[`;
  for await (const { cluster, status, assessment, gaps } of clusters()) {
    if (status !== 'present') continue;
    if (assessment === 'not-assessed') successful = false;
    for (const { evidence, reason } of gaps) {
      const text = plainText(`${cluster.name}: ${evidence} could not be read (${reason.code}): ${reason.message}`);
      const level = assessment === 'not-assessed' ? 'error' : 'warning';
      yield `${first ? '' : ','}${JSON.stringify({ level, message: { text }, descriptor: { id: reason.code } })}`;
      first = false;
    }
  }
  for (const { level, message, place } of notes) {
    if (level === 'error') successful = false;
    const where = place === undefined ? {} : { locations: [{ physicalLocation: physicalLocation(place) }] };
    yield `${first ? '' : ','}${JSON.stringify({ level, message: { text: plainText(message) }, ...where })}`;
    first = false;
  }
  yield `],"executionSuccessful":${successful}}]`;
}

function ruleDescriptor({ id, title, severity, rationale, remediation, references }: RuleFacts, page: string | undefined): object {
  const helpUri = page === undefined ? references[0] : `${page}#${id}`;
  return {
    id,
    shortDescription: { text: plainText(title) },
    fullDescription: { text: plainText(rationale) },
    help: { text: plainText(remediation) },
    ...given({ helpUri }),
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['security', 'kubernetes', 'kata-containers'], 'security-severity': SCORES[severity] },
  };
}

function result({ finding, exemption, place }: ExportedFinding, ruleIndex: number | undefined): object {
  const { clusterName, subject } = finding;
  const justification = exemption && `${exemption.id} (${exemption.category}, until ${exemption.expiresOn}): ${exemption.reason}`;
  return {
    ruleId: finding.ruleId,
    ...given({ ruleIndex }),
    kind: 'fail',
    level: LEVELS[finding.severity],
    message: { text: plainText(`${clusterName === '' ? '' : `${clusterName}, `}${subjectLabel(subject)}: ${finding.message}`) },
    locations: [
      {
        physicalLocation: place === undefined ? syntheticLocation(finding) : physicalLocation(place),
        logicalLocations: [
          { name: subjectLabel(subject), fullyQualifiedName: `${finding.clusterId}/${subjectKey(subject)}`, kind: 'resource' },
        ],
      },
    ],
    partialFingerprints: { 'kataudit/v1': place === undefined ? finding.id : `${finding.id}:${place.uri}` },
    baselineState: finding.status === 'resolved' ? 'absent' : isNew(finding) ? 'new' : 'unchanged',
    suppressions: justification === undefined ? [] : [{ kind: 'external', status: 'accepted', justification }],
    properties: {
      severity: finding.severity,
      firstSeenAt: finding.firstSeenAt,
      lastSeenAt: finding.lastSeenAt,
      coverage: seenText(finding),
      remediation: finding.remediation,
      commands: finding.commands ?? [],
      ...(finding.stale === true ? { stale: true } : {}),
    },
  };
}

function physicalLocation({ uri, line, column }: FilePlace): object {
  return { artifactLocation: { uri }, region: { startLine: line, startColumn: column } };
}

function syntheticLocation(finding: Finding): object {
  return { artifactLocation: { uri: syntheticUri(finding) }, region: { startLine: 1 } };
}

/** Findings of a cluster have no file. This path is the same for the same subject, and no name can leave its path segment. */
function syntheticUri({ clusterId, subject }: Finding): string {
  const parts = parseClusterId(clusterId);
  const cluster = parts === undefined ? ['kubernetes', clusterId] : ['azure', parts.subscriptionId, parts.resourceGroup, parts.name];
  return [...cluster, ...subjectKey(subject).split('/')].map(segment).join('/');
}

function segment(name: string): string {
  const encoded = encodeURIComponent(name.toWellFormed());
  return /^\.{1,2}$/.test(encoded) ? encoded.replaceAll('.', '%2E') : encoded;
}

/** SARIF renders `[text](target)` in a message as a link, which a hostile name must not create. */
function plainText(text: string): string {
  return text.toWellFormed().replaceAll(/[\\[\]]/g, '\\$&');
}
