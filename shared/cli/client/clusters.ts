import { SEVERITIES } from '../../domain/policy/severity.ts';
import { counted } from '../../domain/text/counted.ts';
import { ClusterSummaryView } from '../../http/schemas/cluster-schemas.ts';
import { deliver, destinationsOf, type Wanted } from '../frame/destinations.ts';
import type { Surroundings } from '../frame/surroundings.ts';
import { table } from '../frame/table.ts';
import { type AppOptions, listAll } from './connection.ts';

/** The options of `kataudit clusters`. */
export interface ClustersOptions extends AppOptions {
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

type Summary = ReturnType<typeof ClusterSummaryView.parse>;

/** `kataudit clusters`: lists the clusters of a running app. Exits with 2 if a cluster was not fully assessed. */
export async function clusters({ terminal }: Surroundings, options: ClustersOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const all = await listAll(options, 'clusters', new URLSearchParams(), ClusterSummaryView);
  await deliver(terminal, destinations, (format, page) => {
    if (format === 'json') return JSON.stringify(all, null, 2);
    const header = ['CLUSTER', 'STATUS', 'ASSESSED', ...SEVERITIES.map((severity) => severity.toUpperCase()), 'LAST SCAN', 'GAPS'];
    return `${table(header, all.map(row), page)}\n\n${counted(all.length, 'cluster')}.`;
  });
  return all.every(({ status, assessment }) => status !== 'present' || assessment === 'assessed') ? 0 : 2;
}

function row({ cluster, status, assessment, openBySeverity, observedAt, gaps }: Summary): readonly string[] {
  const reasons = new Set(gaps.map(({ reason }) => reason.message));
  return [
    cluster.name,
    status,
    assessment,
    ...SEVERITIES.map((severity) => String(openBySeverity[severity])),
    observedAt,
    [...reasons].join(' '),
  ];
}
