import { EXPORT_FORMATS, type ExportName } from '../exports/formats.ts';

/** The export formats of judged snapshots. `evidence` needs what only an app keeps, and `json` is the snapshot's own. */
export const DOCUMENTS = EXPORT_FORMATS.filter(({ name, wholeOnly }) => !wholeOnly && name !== 'json');

/** What a judged snapshot can be printed as. */
export type AuditFormat = 'table' | 'wide' | 'json' | 'yaml' | ExportName;

/** Every format of `audit` and `evaluate`, the default first. */
export const AUDIT_FORMATS: readonly AuditFormat[] = ['table', 'wide', 'json', 'yaml', ...DOCUMENTS.map(({ name }) => name)];

/** What the name of a file of a format ends with. */
export function extensionOf(format: AuditFormat): string {
  if (format === 'table' || format === 'wide') return 'txt';
  if (format === 'json' || format === 'yaml') return format;
  return DOCUMENTS.find(({ name }) => name === format)?.extension ?? format;
}
