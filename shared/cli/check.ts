import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkPaths } from '../compose/command-line/check-manifests.ts';
import { VERSION } from '../compose/container/version.ts';
import { exempt } from '../domain/findings/overlaid-finding.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import { given } from '../domain/snapshot/given.ts';
import { writeAnnotations } from '../exports/annotations.ts';
import type { DocumentNote, ExportContext, ExportedFinding, FilePlace } from '../exports/export.ts';
import { writeSarif } from '../exports/sarif.ts';
import type { ManifestRemark, Place, RemarkWeight } from '../ports/manifests.ts';
import type { PolicyInForce } from '../ports/policy-source.ts';
import { RULES } from '../rules/index.ts';
import type { CheckedManifests } from '../usecases/check-manifests.ts';
import type { CheckFormat } from './check-formats.ts';
import { checkMarkdown } from './check-markdown.ts';
import { checkTable, type FoundInFile, whereOf } from './check-table.ts';
import { deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import { STANDARD_INPUT } from './frame/files.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { plain } from './frame/table.ts';
import type { Terminal } from './frame/terminal.ts';
import { UsageError } from './frame/usage-error.ts';
import { policyOf } from './policy-option.ts';

/** The options of `kataudit check`. */
export interface CheckOptions {
  readonly policy?: string;
  readonly namespace?: string;
  readonly failOn: Severity;
  readonly strict?: true;
  readonly format?: readonly Wanted<CheckFormat>[];
  readonly output?: string;
}

/** Where manifests are read from. */
export interface ManifestInput {
  readonly stdin: NodeJS.ReadableStream;
  /** The folder that relative paths start from. */
  readonly cwd: string;
}

const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** Only so many remarks are printed; documents contain all of them. */
const MAX_TOLD = 100;

/** Judges manifests, prints the findings and what could not be judged, and returns the exit code. */
export async function check(here: Surroundings, input: ManifestInput, paths: readonly string[], options: CheckOptions): Promise<number> {
  const namespace = namespaceOf(options.namespace);
  if (options.policy === STANDARD_INPUT && paths.includes(STANDARD_INPUT)) {
    throw new UsageError('Standard input ("-") can be read only once: policy and manifests cannot both come from it.');
  }
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const inForce = await policyOf(options.policy);
  const now = here.now();
  const checked = await checkPaths({ paths, namespace, policy: inForce.policy, stdin: input.stdin, now });
  const found = placed(checked, inForce, now);
  tell(checked.remarks, here.terminal);
  await deliver(here.terminal, destinations, (format, page) => {
    if (format === 'table') return checkTable(checked, found, page);
    if (format === 'json') return asJson(checked, found);
    if (format === 'markdown') return checkMarkdown(checked, found);
    const write = format === 'sarif' ? writeSarif : writeAnnotations;
    return write(exported(found, input.cwd), documentContext(checked, inForce, input.cwd, now));
  });
  return exitCode(checked, found, options);
}

function namespaceOf(name: string | undefined): string | undefined {
  if (name === undefined || NAMESPACE.test(name)) return name;
  throw new UsageError(`--namespace must be the name of a namespace, not ${JSON.stringify(name)}`);
}

function placed({ findings }: CheckedManifests, { policy }: PolicyInForce, now: Date): readonly FoundInFile[] {
  const overlaid = exempt(
    findings.map(({ finding }) => finding),
    policy.exemptions,
    now,
  );
  return findings.flatMap(({ place }, at) => {
    const one = overlaid[at];
    return one === undefined ? [] : [{ ...one, place }];
  });
}

/** 1 if a finding counts; otherwise 2 if something could not be judged; otherwise 0. */
function exitCode({ remarks }: CheckedManifests, found: readonly FoundInFile[], { failOn, strict }: CheckOptions): number {
  const limit = SEVERITIES.indexOf(failOn);
  const counts = ({ finding, exemption }: FoundInFile) => exemption === undefined && SEVERITIES.indexOf(finding.severity) <= limit;
  if (found.some(counts)) return 1;
  return remarks.some(({ weight }) => weight === 'not-judged' || (strict === true && weight === 'gap')) ? 2 : 0;
}

function tell(remarks: readonly ManifestRemark[], terminal: Terminal): void {
  const order: readonly RemarkWeight[] = ['not-judged', 'gap', 'told'];
  const sorted = remarks.toSorted((a, b) => order.indexOf(a.weight) - order.indexOf(b.weight));
  for (const { place, message } of sorted.slice(0, MAX_TOLD)) {
    terminal.say(plain(place === undefined ? message : `${whereOf(place)}: ${message}`));
  }
  if (sorted.length > MAX_TOLD) terminal.say(`and ${sorted.length - MAX_TOLD} more remarks; -o json and -o sarif contain all of them.`);
}

async function* exported(found: readonly FoundInFile[], cwd: string): AsyncGenerator<ExportedFinding, void, undefined> {
  for (const { place, ...one } of found) yield { ...one, place: filePlace(place, cwd) };
}

function documentContext({ remarks }: CheckedManifests, { hash, source, policy }: PolicyInForce, cwd: string, now: Date): ExportContext {
  return {
    rules: RULES,
    generatedAt: now.toISOString(),
    version: VERSION,
    policy: { hash, source },
    clusters: none,
    exemptions: policy.exemptions,
    notes: remarks.map(({ weight, place, message }): DocumentNote => {
      return { level: LEVELS[weight], message, ...given({ place: place && filePlace(place, cwd) }) };
    }),
  };
}

const LEVELS: Readonly<Record<RemarkWeight, DocumentNote['level']>> = { 'not-judged': 'error', gap: 'warning', told: 'note' };

/** Manifests do not belong to a cluster. */
async function* none(): AsyncGenerator<never, void, undefined> {
  yield* [];
}

/** A location with a URI: relative inside the working folder, absolute outside it. */
function filePlace({ file, line, column }: Place, cwd: string): FilePlace {
  if (file === STANDARD_INPUT) return { uri: 'stdin', line, column };
  const path = relative(cwd, resolve(cwd, file));
  const parts = path.split(sep);
  const isBelow = path !== '' && !isAbsolute(path) && parts[0] !== '..';
  const uri = isBelow ? parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/') : pathToFileURL(resolve(cwd, file)).href;
  return { uri, line, column };
}

function asJson({ files, objects, workloads, remarks }: CheckedManifests, found: readonly FoundInFile[]): string {
  const findings = found.map(({ finding: { ruleId, severity, subject, message, remediation }, place, exemption }) => ({
    ruleId,
    severity,
    subject,
    message,
    remediation,
    ...place,
    ...given({ exemption: exemption?.id }),
  }));
  return JSON.stringify({ files, objects, workloads, findings, remarks }, null, 2);
}
