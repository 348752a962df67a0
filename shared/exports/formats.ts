import type { Exporter, ExportFormat } from './export.ts';

/** The defaults of most formats: every finding, any filter, no verdicts. */
const USUAL = { openOnly: false, holdsVerdicts: false, wholeOnly: false } as const;

/** All document formats. A writer is loaded only when it is used, so listing formats is cheap. */
const FORMATS = [
  {
    ...USUAL,
    name: 'json',
    mediaType: 'application/x-ndjson',
    extension: 'jsonl',
    write: lazily(async () => (await import('./json.ts')).writeJson),
  },
  { ...USUAL, name: 'csv', mediaType: 'text/csv', extension: 'csv', write: lazily(async () => (await import('./csv.ts')).writeCsv) },
  {
    ...USUAL,
    name: 'sarif',
    mediaType: 'application/sarif+json',
    extension: 'sarif',
    openOnly: true,
    write: lazily(async () => (await import('./sarif.ts')).writeSarif),
  },
  {
    ...USUAL,
    name: 'ocsf',
    mediaType: 'application/x-ndjson',
    extension: 'jsonl',
    holdsVerdicts: true,
    write: lazily(async () => (await import('./ocsf.ts')).writeOcsf),
  },
  {
    ...USUAL,
    name: 'openreports',
    mediaType: 'application/yaml',
    extension: 'yaml',
    openOnly: true,
    holdsVerdicts: true,
    write: lazily(async () => (await import('./openreports.ts')).writeOpenReports),
  },
  { ...USUAL, name: 'html', mediaType: 'text/html', extension: 'html', write: lazily(async () => (await import('./html.ts')).writeHtml) },
  {
    ...USUAL,
    name: 'junit',
    mediaType: 'application/xml',
    extension: 'xml',
    openOnly: true,
    holdsVerdicts: true,
    write: lazily(async () => (await import('./junit.ts')).writeJunit),
  },
  {
    ...USUAL,
    name: 'markdown',
    mediaType: 'text/markdown',
    extension: 'md',
    openOnly: true,
    write: lazily(async () => (await import('./markdown.ts')).writeMarkdown),
  },
  {
    ...USUAL,
    name: 'evidence',
    mediaType: 'application/x-ndjson',
    extension: 'jsonl',
    wholeOnly: true,
    write: lazily(async () => (await import('./evidence.ts')).writeEvidence),
  },
] as const satisfies readonly ExportFormat[];

/** The name of a document format. */
export type ExportName = (typeof FORMATS)[number]['name'];

/** Every document format. */
export const EXPORT_FORMATS: readonly (ExportFormat & { readonly name: ExportName })[] = FORMATS;

/** Returns a format by name; `undefined` if there is none. */
export function findFormat(name: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => format.name === name);
}

function lazily(load: () => Promise<Exporter>): Exporter {
  return async function* (input, context) {
    yield* (await load())(input, context);
  };
}
