import { type SandboxedRow, sandboxedPage } from '../../dashboard/sandboxed-page.ts';
import { REQUIRED_RULE } from '../../domain/findings/estate-figures.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { kindOf } from '../../domain/snapshot/subject.ts';
import { allClusters } from '../../usecases/queries/walk.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { type PageMaker, partOf } from './page-maker.ts';

const ROWS = 50;

/** The workloads that must be sandboxed and are. The summaries say which clusters a page is about, and only their evidence is read. */
export const sandboxedView: PageMaker = async (dependencies, view, query) => {
  const present = (await allClusters(dependencies.findings)).filter(({ status }) => status === 'present');
  const clusters = present.filter((one) => passes(one) > 0).toSorted(byName);
  const all = clusters.reduce((sum, one) => sum + passes(one), 0);
  const { page, pages, from, to } = partOf(all, ROWS, query.page);
  const shown: SandboxedRow[] = [];
  const differing: string[] = [];
  let begin = 0;
  for (const summary of clusters) {
    const end = begin + passes(summary);
    if (end > from && begin < to) {
      const rows = await rowsOf(dependencies, summary);
      if (rows.length !== passes(summary)) differing.push(summary.cluster.name);
      shown.push(...rows.slice(Math.max(0, from - begin), to - begin));
    }
    begin = end;
  }
  return sandboxedPage(view, { all, shown, page, pages, differing });
};

function passes({ rules }: ClusterSummary): number {
  return rules[REQUIRED_RULE]?.verdicts.pass ?? 0;
}

function byName(a: ClusterSummary, b: ClusterSummary): number {
  return a.cluster.name.localeCompare(b.cluster.name) || (a.cluster.id < b.cluster.id ? -1 : 1);
}

async function rowsOf({ assessments }: ApiDependencies, { cluster }: ClusterSummary): Promise<readonly SandboxedRow[]> {
  const run = (await assessments.get(cluster.id))?.runs.find(({ ruleId }) => ruleId === REQUIRED_RULE);
  if (run?.state !== 'judged') return [];
  return run.judgements.flatMap(({ verdict, subject, message = '' }) => {
    if (verdict !== 'pass' || subject.kind !== 'workload') return [];
    const { namespace, ownerName } = subject;
    return [{ clusterId: cluster.id, clusterName: cluster.name, namespace, kind: kindOf(subject), workload: ownerName, message }];
  });
}
