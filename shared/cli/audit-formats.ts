import { EXPORT_FORMATS, type ExportName } from '../exports/formats.ts';

/**
 * The export formats of judged snapshots. `evidence` needs data that only a running app stores, and `json` is the command line's
 * own format.
 */
export const DOCUMENTS = EXPORT_FORMATS.filter(({ name, wholeOnly }) => !wholeOnly && name !== 'json');

/** The output formats of a judged snapshot. */
export type AuditFormat = 'table' | 'wide' | 'json' | 'yaml' | ExportName;

/** Every format of `audit` and `evaluate`, the default first. */
export const AUDIT_FORMATS: readonly AuditFormat[] = ['table', 'wide', 'json', 'yaml', ...DOCUMENTS.map(({ name }) => name)];

/** The file extension of a format. */
export function extensionOf(format: AuditFormat): string {
  if (format === 'table' || format === 'wide') return 'txt';
  if (format === 'json' || format === 'yaml') return format;
  return DOCUMENTS.find(({ name }) => name === format)?.extension ?? format;
}
