import { writeCsv } from './csv.ts';
import type { ExportFormat } from './export.ts';
import { writeHtml } from './html.ts';
import { writeJson } from './json.ts';
import { writeOcsf } from './ocsf.ts';
import { writeOpenReports } from './openreports.ts';
import { writeSarif } from './sarif.ts';

/** Every document format. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  { name: 'json', mediaType: 'application/x-ndjson', extension: 'jsonl', openOnly: false, write: writeJson },
  { name: 'csv', mediaType: 'text/csv', extension: 'csv', openOnly: false, write: writeCsv },
  { name: 'sarif', mediaType: 'application/sarif+json', extension: 'sarif', openOnly: true, write: writeSarif },
  { name: 'ocsf', mediaType: 'application/x-ndjson', extension: 'jsonl', openOnly: false, write: writeOcsf },
  { name: 'openreports', mediaType: 'application/yaml', extension: 'yaml', openOnly: true, write: writeOpenReports },
  { name: 'html', mediaType: 'text/html', extension: 'html', openOnly: false, write: writeHtml },
];
