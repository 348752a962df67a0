import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { followAudit } from '../../shared/cli/follow-audit.ts';
import { type LocalRun, startLocal } from '../../shared/compose/container/local.ts';
import type { Finding } from '../../shared/domain/findings/finding.ts';
import { subjectKey } from '../../shared/domain/snapshot/subject.ts';
import { plantedFaults } from '../../shared/local/estate/planted-faults.ts';
import type { AuditReport } from '../../shared/ports/audit-store.ts';
import { auditOutcome } from '../../shared/usecases/audit-outcome.ts';
import { freePort, run } from '../support/command.ts';

async function openFindings({ storage }: LocalRun): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  let after: string | undefined;
  do {
    const page = await storage.findings.list({ status: ['open'] }, 1000, after);
    all.push(...page.value);
    after = page.next;
  } while (after !== undefined);
  return all;
}

const named = (findings: readonly Finding[]) =>
  findings.map(({ clusterName, ruleId, subject }) => `${clusterName}: ${ruleId} of ${subjectKey(subject)}`).sort();

const planted = (run: LocalRun) =>
  plantedFaults(run.estate.estate)
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ clusterName, ruleId, subject }) => `${clusterName}: ${ruleId} of ${subjectKey(subject)}`)
    .sort();

describe('a whole audit on one machine', { timeout: 120_000 }, () => {
  let local: LocalRun;
  let report: AuditReport;
  let found: readonly Finding[];

  beforeAll(async () => {
    local = await startLocal({ port: await freePort(), auth: true, now: new Date() });
    report = await followAudit(local, () => undefined);
    found = await openFindings(local);
  }, 120_000);
  afterAll(() => local?.stop());

  const api = (path: string, headers: Record<string, string> = { 'x-functions-key': local.key ?? '' }) =>
    fetch(`${local.apiUrl}${path}`, { headers });

  it('finds exactly what is planted', () => {
    expect(named(found)).toEqual(planted(local));
    expect(found.length).toBeGreaterThan(10);
  });

  it('shows every cluster, with the reason for those that could not be read', async () => {
    const { value } = await local.storage.findings.clusters(1000);
    const names = local.estate.estate.subscriptions.flatMap(({ clusters }) => clusters.map(({ name }) => name));
    const notAssessed = value.filter(({ assessment }) => assessment === 'not-assessed');

    expect(value.map(({ cluster }) => cluster.name).sort()).toEqual(names.sort());
    expect(names.length).toBeGreaterThanOrEqual(12);
    expect(notAssessed.map(({ gaps }) => gaps[0]?.reason.code).sort()).toEqual(
      expect.arrayContaining(['not-entra-integrated', 'stopped', 'unreachable']),
    );
  });

  it('is recorded as complete', () => {
    const outcome = auditOutcome(report, new Date());

    expect(outcome.state).toBe('complete');
    expect(outcome.planned).toBe(outcome.scanned);
  });

  it('is served over HTTP only to callers with the key', async () => {
    const page = z
      .object({ value: z.array(z.object({ id: z.string() })) })
      .parse(await (await api('/findings?top=1000&status=open')).json());

    expect(page.value.map(({ id }) => id).sort()).toEqual(found.map(({ id }) => id).sort());
    expect((await api('/findings', {})).status).toBe(401);
    expect((await api('/health', {})).status).toBe(200);
    expect((await api('/dashboard')).headers.get('content-type')).toMatch(/^text\/html/);
  });

  it('has the same workload findings from a kubeconfig, without Azure', async () => {
    for (const { name } of local.estate.estate.subscriptions.flatMap(({ clusters }) => clusters)) {
      const ofWorkloads = found.filter(({ clusterName, ruleId }) => clusterName === name && ruleId === 'workload-sandboxed');
      if (ofWorkloads.length === 0) continue;
      const kubeconfig = join(local.kubeconfigFolder, `${name}.kubeconfig`);
      const { code, out } = await run(['audit', '--kubeconfig', kubeconfig, '--format', 'json']);
      const { findings } = z
        .object({ findings: z.array(z.object({ ruleId: z.string(), subject: z.unknown(), message: z.string() })) })
        .parse(JSON.parse(out));

      expect(code).toBe(1);
      expect(findings.filter(({ ruleId }) => ruleId === 'workload-sandboxed').map(({ subject }) => subject)).toEqual(
        expect.arrayContaining(ofWorkloads.map(({ subject }) => subject)),
      );
      expect(findings.filter(({ ruleId }) => ruleId === 'workload-sandboxed')).toHaveLength(ofWorkloads.length);
    }
  });

  it('writes kubeconfig files with a server, its authority and a credential', async () => {
    const [first] = local.estate.estate.subscriptions.flatMap(({ clusters }) => clusters);
    const text = await readFile(join(local.kubeconfigFolder, `${first?.name}.kubeconfig`), 'utf8');

    expect(text).toMatch(/server: https:\/\/127\.0\.0\.1:\d+/);
    expect(text).toMatch(/certificate-authority-data/);
  });

  it('writes no new finding and loses none when nothing has changed', async () => {
    const since = new Date().toISOString();
    await followAudit(local, () => undefined);
    const again = await openFindings(local);

    expect(again.map(({ id, firstSeenAt }) => `${id} ${firstSeenAt}`).sort()).toEqual(
      found.map(({ id, firstSeenAt }) => `${id} ${firstSeenAt}`).sort(),
    );
    expect((await local.storage.findings.changes({ since: since }, 100)).value).toEqual([]);
  });

  it('resolves exactly what was repaired', async () => {
    const before = await openFindings(local);
    const target = before.find(({ ruleId, subject }) => ruleId === 'workload-sandboxed' && subject.kind === 'workload');
    const { subject } = target ?? expect.unreachable();
    if (subject.kind !== 'workload') throw new Error('not a workload');
    const { estate } = local.estate;
    const repaired = {
      ...estate,
      subscriptions: estate.subscriptions.map((subscription) => ({
        ...subscription,
        clusters: subscription.clusters.map((cluster) =>
          cluster.name === target?.clusterName
            ? {
                ...cluster,
                workloads: cluster.workloads.filter(({ namespace, name }) => namespace !== subject.namespace || name !== subject.ownerName),
              }
            : cluster,
        ),
      })),
    };
    await local.estate.setEstate(repaired);
    await followAudit(local, () => undefined);
    const after = await openFindings(local);
    const gone = before.filter(({ id }) => !after.some((one) => one.id === id));

    expect(
      gone.every((finding) => finding.clusterName === target?.clusterName && subjectKey(finding.subject) === subjectKey(subject)),
    ).toBe(true);
    expect(gone.map(({ id }) => id)).toContain(target?.id);
    expect(await local.storage.findings.get(target?.id ?? '')).toMatchObject({ status: 'resolved', resolution: 'subject-gone' });
    expect(after.length).toBe(before.length - gone.length);
  });
});
