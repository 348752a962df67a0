import { clusterPage, type RuleVerdict } from '../../dashboard/cluster-page.ts';
import type { PoolImages } from '../../dashboard/cluster-tables.ts';
import type { WorkloadStep } from '../../dashboard/cluster-workloads.ts';
import { REQUIRED_RULE } from '../../domain/findings/estate-figures.ts';
import type { HistoryEntry } from '../../domain/findings/finding.ts';
import { kataImageOf } from '../../domain/images/kata-images.ts';
import { imageAgeDays, parseNodeImage } from '../../domain/images/node-image.ts';
import { isolationOf } from '../../domain/isolation/isolation-step.ts';
import { effectiveRules } from '../../domain/policy/rule-setting.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import type { Rule } from '../../domain/rule/rule.ts';
import { workloadSubject } from '../../domain/rule/workload-groups.ts';
import { DAY_MS } from '../../domain/snapshot/day.ts';
import { given } from '../../domain/snapshot/given.ts';
import { observedValue } from '../../domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../domain/snapshot/snapshot.ts';
import { subjectKey } from '../../domain/snapshot/subject.ts';
import type { ClusterAssessment } from '../../ports/assessment-store.ts';
import { countsOf, withoutExempted } from '../../usecases/queries/exempted.ts';
import { type FoundFinding, findingViews } from '../../usecases/queries/find-findings.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { Problem } from '../framework/problem.ts';
import { rowOf } from './dashboard-findings.ts';
import { type PageMaker, some } from './page-maker.ts';

/** Maximum number of findings and changes on the page; links lead to all of them. */
const FINDINGS = 50;
const HISTORY = 30;

/** One cluster: its summary, its newest snapshot, its findings and their history. */
export const clusterView: PageMaker = async (dependencies, view, { id }) => {
  const clusterId = (some(id)?.[0] ?? '').toLowerCase();
  const summary = await dependencies.findings.cluster(clusterId);
  if (summary === undefined) throw new Problem(404, 'There is no cluster with this id.');
  const [held, assessment, views, { policy }, history] = await Promise.all([
    dependencies.findings.ofCluster(clusterId),
    dependencies.assessments.get(clusterId),
    findingViews(dependencies),
    dependencies.policy(),
    historyOf(dependencies, clusterId),
  ]);
  const open = held.findings.filter(({ status }) => status === 'open').map(views);
  const counted = open.filter(({ exemption }) => exemption === undefined);
  const exempted = open.filter(({ exemption }) => exemption !== undefined);
  const snapshot = assessment?.snapshot;
  return clusterPage(view, {
    summary: withoutExempted(summary, countsOf(exempted.map(({ finding }) => finding))),
    ...given({ snapshot }),
    images: snapshot === undefined ? [] : imagesOf(snapshot, view.now),
    workloads: snapshot === undefined ? [] : stepsOf(snapshot, new Set(assessment?.runs.flatMap(requiredWorkloads))),
    rules: verdictsOf(effectiveRules(dependencies.rules, policy), assessment, counted),
    findings: counted.toSorted(bySeverity).slice(0, FINDINGS).map(rowOf),
    open: counted.length,
    hidden: exempted.length,
    staleAfterAudits: policy.staleAfterAudits,
    history,
  });
};

function bySeverity(a: FoundFinding, b: FoundFinding): number {
  return SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity);
}

function verdictsOf(
  rules: readonly Pick<Rule, 'id' | 'title' | 'severity'>[],
  assessment: ClusterAssessment | undefined,
  open: readonly FoundFinding[],
): readonly RuleVerdict[] {
  const counts = Map.groupBy(open, ({ finding }) => finding.ruleId);
  return rules.map(({ id, title, severity }) => ({
    rule: id,
    title,
    severity,
    open: counts.get(id)?.length ?? 0,
    ...given({ run: assessment?.runs.find(({ ruleId }) => ruleId === id) }),
  }));
}

function imagesOf(snapshot: ClusterSnapshot, now: Date): readonly PoolImages[] {
  if (snapshot.nodePools.state !== 'observed') return [];
  const offers = observedValue(snapshot.latestImages) ?? [];
  return snapshot.nodePools.value.map((pool) => {
    const newest = offers.find(({ nodePool }) => nodePool === pool.name)?.image;
    const latest = observedValue(newest);
    return describeImage(pool.name, pool.nodeImageVersion, latest, snapshot, now);
  });
}

/** Returns a pool's image: its age, the newest one available, and its known vulnerabilities. */
function describeImage(
  nodePool: string,
  version: string | undefined,
  latest: string | undefined,
  snapshot: ClusterSnapshot,
  now: Date,
): PoolImages {
  const parsed = version === undefined ? undefined : parseNodeImage(version);
  const known = kataImageOf(version, snapshot.knownImages);
  const hostKernel = hostKernelsOf(nodePool, snapshot) ?? known?.nodeKernel;
  return {
    nodePool,
    ...given({ ageDays: parsed && imageAgeDays(parsed, now.toISOString()) }),
    ...given({ latest, hostKernel }),
    ...given({ guestKernel: known?.guestKernel, kataVersion: known?.kataVersion }),
  };
}

/** The nodes report their own kernels; the kernel of an image is only the expected one. */
function hostKernelsOf(nodePool: string, { nodes }: ClusterSnapshot): string | undefined {
  const own = observedValue(nodes)?.filter((node) => node.nodePool === nodePool) ?? [];
  const kernels = [...new Set(own.map(({ kernelVersion }) => kernelVersion))].filter((kernel) => kernel !== '');
  return kernels.length === 0 ? undefined : kernels.join(', ');
}

function stepsOf(snapshot: ClusterSnapshot, required: ReadonlySet<string>): readonly WorkloadStep[] {
  if (snapshot.workloads.state !== 'observed') return [];
  return snapshot.workloads.value
    .map((group) => ({
      group,
      required: required.has(subjectKey(workloadSubject(group))),
      evidence: isolationOf(group, snapshot),
    }))
    .filter(({ required: must, evidence }) => must || evidence.step !== 'none');
}

/** Returns the workloads that the policy requires to be sandboxed: every subject that the rule judged. */
function requiredWorkloads(
  run: NonNullable<Awaited<ReturnType<ApiDependencies['assessments']['get']>>>['runs'][number],
): readonly string[] {
  const judgements = run.ruleId === REQUIRED_RULE && run.state === 'judged' ? run.judgements : [];
  return judgements.filter(({ verdict }) => verdict !== 'not-applicable').map(({ subject }) => subjectKey(subject));
}

/** Returns the changes of one cluster in the last month, newest first. */
async function historyOf({ findings, clock }: ApiDependencies, clusterId: string): Promise<readonly HistoryEntry[]> {
  const since = new Date(clock().getTime() - 30 * DAY_MS).toISOString();
  return (await findings.clusterHistory(clusterId, { since })).slice(0, HISTORY);
}
