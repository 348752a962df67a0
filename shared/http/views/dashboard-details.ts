import { clusterPage, type PoolImages, type WorkloadStep } from '../../dashboard/cluster-page.ts';
import { findingPage } from '../../dashboard/finding-page.ts';
import { findingsPage } from '../../dashboard/findings-page.ts';
import type { HistoryEntry } from '../../domain/findings/finding.ts';
import { kataImageOf } from '../../domain/images/kata-images.ts';
import { imageAgeDays, parseNodeImage } from '../../domain/images/node-image.ts';
import { isolationOf } from '../../domain/isolation/isolation-step.ts';
import { SEVERITIES, type Severity } from '../../domain/policy/severity.ts';
import type { ClusterSnapshot } from '../../domain/snapshot/snapshot.ts';
import { countsOf, withoutExempted } from '../../usecases/queries/exempted.ts';
import { pagesOf } from '../../usecases/queries/ordered-findings.ts';
import { overlay } from '../../usecases/queries/overlay.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { Problem } from '../framework/problem.ts';
import type { PageMaker } from './page-maker.ts';

const ROWS = 100;
const HISTORY = 30;

/** A page of findings, filtered, the worst first. */
export const findingsView: PageMaker = async (dependencies, view, { q, severity, rule, status, after }) => {
  const chosen = SEVERITIES.find((one): one is Severity => one === severity);
  const wanted = status === 'resolved' ? 'resolved' : 'open';
  const filter = {
    status: [wanted] as const,
    ...(chosen === undefined ? {} : { severity: [chosen] }),
    ...(rule === undefined || rule === '' ? {} : { rule: [rule] }),
    ...(q === undefined || q === '' ? {} : { q }),
  };
  const { value, next } = await pagesOf(dependencies.findings, filter, 'severity desc')(ROWS, after);
  const exemptionOf = await overlay(dependencies);
  return findingsPage(view, {
    findings: value,
    exempted: new Set(value.filter((finding) => exemptionOf(finding) !== undefined).map(({ id }) => id)),
    filter: {
      ...(q === undefined ? {} : { q }),
      ...(chosen === undefined ? {} : { severity: chosen }),
      ...(rule === undefined ? {} : { rule }),
      status: wanted,
    },
    rules: dependencies.rules.map(({ id }) => id),
    ...(next === undefined ? {} : { next }),
  });
};

/** One finding with its rule, history and exemption. */
export const findingView: PageMaker = async (dependencies, view, { id }) => {
  const finding = id === undefined ? undefined : await dependencies.findings.get(id);
  if (finding === undefined) throw new Problem(404, 'There is no finding with this id.');
  const [{ value: history }, exemptionOf] = await Promise.all([dependencies.findings.history(finding.id, ROWS), overlay(dependencies)]);
  const rule = dependencies.rules.find((one) => one.id === finding.ruleId);
  const exemption = exemptionOf(finding);
  return findingPage(view, {
    finding,
    history,
    ...(rule === undefined ? {} : { rule }),
    ...(exemption === undefined ? {} : { exemption }),
  });
};

/** One cluster: its summary, its newest snapshot, its findings and their history. */
export const clusterView: PageMaker = async (dependencies, view, { id }) => {
  const clusterId = (id ?? '').toLowerCase();
  const summary = await dependencies.findings.cluster(clusterId);
  if (summary === undefined) throw new Problem(404, 'There is no cluster with this id.');
  const [held, assessment, exemptionOf] = await Promise.all([
    dependencies.findings.ofCluster(clusterId),
    dependencies.assessments.get(clusterId),
    overlay(dependencies),
  ]);
  const exempted = held.findings.filter((finding) => finding.status === 'open' && exemptionOf(finding) !== undefined);
  const snapshot = assessment?.snapshot;
  return clusterPage(view, {
    summary: withoutExempted(summary, countsOf(exempted)),
    exempted: new Set(exempted.map(({ id: one }) => one)),
    staleAfterAudits: (await dependencies.policy()).policy.staleAfterAudits,
    ...(snapshot === undefined ? {} : { snapshot }),
    images: snapshot === undefined ? [] : imagesOf(snapshot, view.now),
    workloads: snapshot === undefined ? [] : stepsOf(snapshot, new Set(assessment?.runs.flatMap(requiredWorkloads))),
    findings: held.findings,
    history: await historyOf(dependencies, clusterId),
  });
};

function imagesOf(snapshot: ClusterSnapshot, now: Date): readonly PoolImages[] {
  if (snapshot.nodePools.state !== 'observed') return [];
  const offers = snapshot.latestImages.state === 'observed' ? snapshot.latestImages.value : [];
  return snapshot.nodePools.value.map((pool) => {
    const newest = offers.find(({ nodePool }) => nodePool === pool.name)?.image;
    const latest = newest?.state === 'observed' ? newest.value : undefined;
    return describeImage(pool.name, pool.nodeImageVersion, latest, snapshot, now);
  });
}

/** A pool's image: its age, the newest one offered, and what the image is known to carry. */
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
    ...(parsed === undefined ? {} : { ageDays: imageAgeDays(parsed, now.toISOString()) }),
    ...(latest === undefined ? {} : { latest }),
    ...(hostKernel === undefined ? {} : { hostKernel }),
    ...(known === undefined ? {} : { guestKernel: known.guestKernel, kataVersion: known.kataVersion }),
  };
}

/** The nodes say themselves which kernel they run; what an image came with is only what to expect. */
function hostKernelsOf(nodePool: string, { nodes }: ClusterSnapshot): string | undefined {
  const own = nodes.state === 'observed' ? nodes.value.filter((node) => node.nodePool === nodePool) : [];
  const kernels = [...new Set(own.map(({ kernelVersion }) => kernelVersion))].filter((kernel) => kernel !== '');
  return kernels.length === 0 ? undefined : kernels.join(', ');
}

function stepsOf(snapshot: ClusterSnapshot, required: ReadonlySet<string>): readonly WorkloadStep[] {
  if (snapshot.workloads.state !== 'observed') return [];
  return snapshot.workloads.value
    .map((group) => ({
      group,
      required: required.has(`${group.namespace}/${group.ownerKind}/${group.ownerName}`),
      evidence: isolationOf(group, snapshot),
    }))
    .filter(({ required: must, evidence }) => must || evidence.step !== 'none');
}

/** The workloads that the policy required a sandbox of: every subject that the rule judged. */
function requiredWorkloads(
  run: NonNullable<Awaited<ReturnType<ApiDependencies['assessments']['get']>>>['runs'][number],
): readonly string[] {
  if (run.ruleId !== 'workload-sandboxed' || run.state !== 'judged') return [];
  return run.judgements.flatMap(({ subject, verdict }) =>
    subject.kind === 'workload' && verdict !== 'not-applicable' ? [`${subject.namespace}/${subject.ownerKind}/${subject.ownerName}`] : [],
  );
}

/** The newest changes of one cluster in the last month. */
async function historyOf({ findings, clock }: ApiDependencies, clusterId: string): Promise<readonly HistoryEntry[]> {
  const since = new Date(clock().getTime() - 30 * 86_400_000).toISOString();
  return (await findings.clusterHistory(clusterId, { since })).slice(0, HISTORY);
}
