import { writeCsv } from './csv.ts';
import { writeEvidence } from './evidence.ts';
import type { ExportFormat } from './export.ts';
import { writeHtml } from './html.ts';
import { writeJson } from './json.ts';
import { writeOcsf } from './ocsf.ts';
import { writeOpenReports } from './openreports.ts';
import { writeSarif } from './sarif.ts';

/** A format by its name; `undefined` when there is none. */
export function findFormat(name: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => format.name === name);
}

/** Every document format. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    name: 'json',
    mediaType: 'application/x-ndjson',
    extension: 'jsonl',
    openOnly: false,
    holdsVerdicts: false,
    wholeOnly: false,
    write: writeJson,
  },
  { name: 'csv', mediaType: 'text/csv', extension: 'csv', openOnly: false, holdsVerdicts: false, wholeOnly: false, write: writeCsv },
  {
    name: 'sarif',
    mediaType: 'application/sarif+json',
    extension: 'sarif',
    openOnly: true,
    holdsVerdicts: false,
    wholeOnly: false,
    write: writeSarif,
  },
  {
    name: 'ocsf',
    mediaType: 'application/x-ndjson',
    extension: 'jsonl',
    openOnly: false,
    holdsVerdicts: true,
    wholeOnly: false,
    write: writeOcsf,
  },
  {
    name: 'openreports',
    mediaType: 'application/yaml',
    extension: 'yaml',
    openOnly: true,
    holdsVerdicts: true,
    wholeOnly: false,
    write: writeOpenReports,
  },
  { name: 'html', mediaType: 'text/html', extension: 'html', openOnly: false, holdsVerdicts: false, wholeOnly: false, write: writeHtml },
  {
    name: 'evidence',
    mediaType: 'application/x-ndjson',
    extension: 'jsonl',
    openOnly: false,
    holdsVerdicts: false,
    wholeOnly: true,
    write: writeEvidence,
  },
];
