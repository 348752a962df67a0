import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { writeCsv } from '../../shared/exports/csv.ts';
import type { ExportedVerdict } from '../../shared/exports/export.ts';
import { writeJson } from '../../shared/exports/json.ts';
import { writeOcsf } from '../../shared/exports/ocsf.ts';
import { writeOpenReports } from '../../shared/exports/openreports.ts';
import { sarifWriter, writeSarif } from '../../shared/exports/sarif.ts';
import { unknownVerdict } from '../../shared/exports/verdicts.ts';
import { FindingView } from '../../shared/http/schemas/finding-schemas.ts';
import { aSummary, NOW } from '../http/estate.ts';
import { OcsfEvent, OpenReport, SarifLog } from './forms.ts';
import { aContext, FINDINGS, from, HOSTILE, workload, written } from './samples.ts';

const { cluster } = aSummary('prod', []);
const unknown = unknownVerdict(cluster, NOW, 'node-image-current', HOSTILE);
const VERDICTS: readonly ExportedVerdict[] = [
  unknown,
  { ...unknown, verdict: 'pass', subject: workload('shop', 'cart') },
  { ...unknown, verdict: 'pass', subject: workload(HOSTILE, HOSTILE) },
];
const context = aContext({ verdicts: () => from(VERDICTS) });

describe('by the project’s own schemas', () => {
  it('every OCSF event is valid', async () => {
    const lines = (await written(writeOcsf, FINDINGS, context)).trimEnd().split('\n');
    expect(lines).toHaveLength(FINDINGS.length + VERDICTS.length);
    for (const line of lines) OcsfEvent.parse(JSON.parse(line));
  });

  it('the SARIF log is valid, whole and split into runs', async () => {
    expect(SarifLog.parse(JSON.parse(await written(writeSarif))).runs[0]?.results).toHaveLength(FINDINGS.length);
    expect(SarifLog.parse(JSON.parse(await written(sarifWriter(3)))).runs).toHaveLength(3);
    expect(SarifLog.parse(JSON.parse(await written(writeSarif, []))).runs).toHaveLength(1);
  });

  it('every OpenReports document is valid', async () => {
    const documents = parseAllDocuments(await written(writeOpenReports, FINDINGS, context));
    const reports = [...documents].map((document) => OpenReport.parse(document.toJS()));
    expect(reports.flatMap(({ results }) => results)).toHaveLength(FINDINGS.length + VERDICTS.length);
  });

  it('every JSON line is a finding in the format of the API', async () => {
    for (const line of (await written(writeJson)).trimEnd().split('\n')) FindingView.parse(JSON.parse(line));
  });

  it('every CSV cell is quoted and on one row with its header', async () => {
    const text = await written(writeCsv);
    expect(text).toMatch(/^(?:"(?:[^"]|"")*"(?:,"(?:[^"]|"")*"){23}\r\n)+$/);
  });
});
