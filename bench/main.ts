import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { given } from '../shared/domain/snapshot/given.ts';
import type { Measure, Report } from './report.ts';
import { printReport } from './report.ts';

/** The subjects of measurements; each loads only when needed. */
const SUBJECTS: Readonly<Record<string, () => Promise<Measure>>> = {
  findings: async () => (await import('./findings/findings.ts')).measureFindings,
  pods: async () => (await import('./pods/pods.ts')).measurePods,
  events: async () => (await import('./events/events.ts')).measureEvents,
  views: async () => (await import('./views/views.ts')).measureViews,
  soak: async () => (await import('./soak/soak.ts')).measureSoak,
  estate: async () => (await import('./estate/estate.ts')).measureEstate,
  cluster: async () => (await import('./cluster/cluster.ts')).measureCluster,
  lines: async () => (await import('./lines/lines.ts')).measureLines,
};

const USAGE = `Usage: npm run bench -- [SUBJECT…] [options]

Subjects: ${Object.keys(SUBJECTS).join(', ')} (all of them when none is named).
Options:
  --json FILE      writes the figures as JSON too
  --runs N         runs of each row, 5 by default; each is a process of its own
  --sizes N,N      how large what is measured is to be; each subject has its own sizes:
                   pods 10,10000,100000,300000 pods; lines 10000 pods; cluster 20000 pods beside AKS's own; estate 250,1000,4000 clusters
  --nodes N        nodes of the cluster, 2000 by default
  --scans N        scans of the soak, 1000 by default
  --rows TEXT      only rows whose name contains this (the first row is always among them); may be given several times
  --skip TEXT      no rows whose name contains this, such as kubectl, which takes minutes; may be given several times
  --help           shows this
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      runs: { type: 'string', default: '5' },
      sizes: { type: 'string' },
      nodes: { type: 'string', default: '2000' },
      scans: { type: 'string', default: '1000' },
      rows: { type: 'string', multiple: true, default: [] },
      skip: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const options = {
    runs: whole('runs', values.runs),
    ...given({ sizes: values.sizes?.split(',').map((size) => whole('sizes', size)) }),
    nodes: whole('nodes', values.nodes),
    scans: whole('scans', values.scans),
    rows: values.rows,
    skip: values.skip,
    progress: (line: string) => process.stderr.write(`${line}\n`),
  };
  const reports: Report[] = [];
  for (const name of positionals.length === 0 ? Object.keys(SUBJECTS) : positionals) {
    const load = SUBJECTS[name];
    if (load === undefined) throw new Error(`Nothing is called ${JSON.stringify(name)}.\n\n${USAGE}`);
    const measure = await load();
    for await (const report of measure(options)) {
      reports.push(report);
      printReport(report, (text) => process.stdout.write(text));
      if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ node: process.version, reports }, null, 2)}\n`);
    }
  }
}

function whole(option: string, text: string): number {
  const number = Number(text.replaceAll('_', ''));
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${option}: expected a whole number above 0, got ${JSON.stringify(text)}.`);
  return number;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
