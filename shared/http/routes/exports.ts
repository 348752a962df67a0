import { z } from 'zod';
import { effectiveRules } from '../../domain/policy/rule-setting.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { ExportContext, ExportedFinding, ExportFormat } from '../../exports/export.ts';
import { exportedVerdicts } from '../../exports/export-verdicts.ts';
import { EXPORT_FORMATS, findFormat } from '../../exports/formats.ts';
import type { FindingFilter } from '../../ports/finding-store.ts';
import { givenExemptions } from '../../usecases/queries/exemptions.ts';
import { overlay } from '../../usecases/queries/overlay.ts';
import { everyCluster, walk } from '../../usecases/queries/walk.ts';
import { problem, SECURED } from '../framework/answers.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { exemptedOf, FINDING_FILTERS, toFilter } from '../framework/finding-query.ts';
import { assertAcceptable, json } from '../framework/negotiate.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { streamOf } from '../framework/stream.ts';
import { ExportFormatList } from '../schemas/operation-schemas.ts';

/** `GET /exports`: the formats. */
export const listExports = defineRoute({
  name: 'list-exports',
  tag: 'exports',
  summary: 'Lists the document formats.',
  query: NO_QUERY,
  answers: { 200: { description: 'Every format.', schema: ExportFormatList }, ...SECURED },
  handle: async () =>
    json({
      value: EXPORT_FORMATS.map(({ name, mediaType, extension, openOnly, holdsVerdicts, wholeOnly }) => ({
        name,
        mediaType,
        extension,
        openOnly,
        holdsVerdicts,
        wholeOnly,
      })),
    }),
});

/** `GET /exports/{format}`: findings as one document, streamed. */
export const getExport = defineRoute({
  name: 'get-export',
  tag: 'exports',
  summary: 'Streams findings as one document.',
  parameters: { format: `One of ${EXPORT_FORMATS.map(({ name }) => name).join(', ')}.` },
  query: z.strictObject({
    ...FINDING_FILTERS,
    include: z.enum(['pass']).optional().describe('`pass`: also include passed verdicts, for formats that can contain them.'),
  }),
  answers: {
    200: {
      description: 'The document. It is complete only if the body ends as its transfer encoding requires.',
      mediaTypes: [...new Set(EXPORT_FORMATS.map(({ mediaType }) => mediaType))],
      headers: { 'content-disposition': 'A file name.' },
    },
    ...SECURED,
    404: problem('There is no such format.'),
  },
  handle: async (dependencies, { params, query, headers, url }) => {
    const format = findFormat(params.format ?? '');
    if (format === undefined) throw new Problem(404, `The formats are ${EXPORT_FORMATS.map(({ name }) => name).join(', ')}.`);
    assertAcceptable(headers.get('accept'), [format.mediaType]);
    assertFits(format, url.searchParams);
    const { include, ...filters } = query;
    const asked = toFilter(filters, dependencies.rules);
    const filter: FindingFilter = format.openOnly ? { status: ['open'], ...asked } : asked;
    const exempted = exemptedOf(filters, 'any');
    const { assessments } = dependencies;
    const whole = await contextOf(dependencies);
    const context: ExportContext = {
      ...whole,
      filters: filtersOf(url.searchParams),
      ...given({ onlyCluster: filter.cluster?.length === 1 ? filter.cluster[0] : undefined }),
      // SARIF requires absolute addresses, and the caller controls the host of a request.
      ...(dependencies.publicUrl === undefined ? {} : { rulesPage: `${dependencies.publicUrl}/api/dashboard/rules` }),
      // Exemptions cover failures, so no verdict is exempted.
      ...(format.holdsVerdicts && exempted !== true
        ? { verdicts: () => exportedVerdicts({ clusters: whole.clusters(), assessments }, whole.rules, filter, include !== undefined) }
        : {}),
    };
    const findings = exportedFindings(dependencies, filter, exempted);
    return {
      status: 200,
      headers: {
        'content-type': contentType(format),
        'content-disposition': `attachment; filename="${fileName(format, filter, dependencies.clock())}"`,
      },
      body: await streamOf(findings, (input) => format.write(input, context)),
    };
  },
});

/** Returns a file name with the filters and the time. */
function fileName({ name, extension }: ExportFormat, { cluster, subscription, rule, severity }: FindingFilter, now: Date): string {
  const scope = [cluster, subscription, rule, severity].flatMap((values) =>
    values?.length === 1 ? [String(values[0]).split('/').at(-1)] : [],
  );
  const words = ['kataudit', name, ...scope, now.toISOString().slice(0, 10)].map((word) => String(word).replaceAll(/[^\w.-]+/g, '-'));
  return `${words.join('-').slice(0, 150)}.${extension}`;
}

/** Returns the entries of the evidence of the whole estate. */
export async function evidenceOf(
  dependencies: ApiDependencies,
): Promise<{ readonly findings: AsyncGenerator<ExportedFinding, void, undefined>; readonly context: ExportContext }> {
  return { findings: exportedFindings(dependencies, {}, undefined), context: await contextOf(dependencies) };
}

/** Returns the filters of the request, for readers. */
function filtersOf(asked: URLSearchParams): readonly string[] {
  return Object.keys(FINDING_FILTERS).flatMap((name) => asked.getAll(name).map((value) => `${name}=${value}`));
}

/** Throws for filters that the format cannot apply, instead of ignoring them. */
function assertFits({ name, holdsVerdicts, wholeOnly }: ExportFormat, asked: URLSearchParams): void {
  const filters = Object.keys(FINDING_FILTERS).filter((filter) => wholeOnly && asked.has(filter));
  const errors = filters.map((field) => ({ field, detail: `${name} covers the whole estate and takes no filter` }));
  if (asked.has('include') && !holdsVerdicts) errors.push({ field: 'include', detail: `${name} does not support this value` });
  if (errors.length > 0) throw new Problem(400, 'The query is invalid.', errors);
}

async function* exportedFindings(
  dependencies: ApiDependencies,
  filter: FindingFilter,
  exempted: boolean | undefined,
): AsyncGenerator<ExportedFinding, void, undefined> {
  const exemptionOf = await overlay(dependencies);
  for await (const finding of walk((top, after) => dependencies.findings.list(filter, top, after))) {
    const exemption = exemptionOf(finding);
    if (exempted !== undefined && exempted !== (exemption !== undefined)) continue;
    yield exemption === undefined ? { finding } : { finding, exemption };
  }
}

/** Returns the context of a document of the whole estate. */
async function contextOf(dependencies: ApiDependencies): Promise<ExportContext> {
  const [{ policy, hash, source }, given] = await Promise.all([dependencies.policy(), givenExemptions(dependencies)]);
  return {
    rules: effectiveRules(dependencies.rules, policy),
    generatedAt: dependencies.clock().toISOString(),
    version: dependencies.version,
    policy: { hash, source, value: policy },
    assessmentOf: (clusterId) => dependencies.assessments.get(clusterId),
    clusters: () => everyCluster(dependencies.findings),
    exemptions: given.map(({ exemption }) => exemption),
  };
}

function contentType({ mediaType }: ExportFormat): string {
  return mediaType.endsWith('json') ? mediaType : `${mediaType}; charset=utf-8`;
}
