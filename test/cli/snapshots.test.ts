import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staticToken } from '../../shared/azure/client/credential.ts';
import { collectCluster } from '../../shared/compose/command-line/azure-cluster.ts';
import { auditSaved, auditSeen } from '../../shared/compose/command-line/kubeconfig.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { printSnapshot } from '../../shared/domain/snapshot/snapshot-file.ts';
import { clusterId } from '../../shared/local/estate/cluster-id.ts';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';
import { run } from '../support/command.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
const estate = defaultEstate('kataudit', NOW);
const ids = new Map(estate.subscriptions.flatMap(({ id, clusters }) => clusters.map((cluster) => [cluster.name, clusterId(id, cluster)])));
const idOf = (name: string) => ids.get(name) ?? expect.unreachable();

let running: RunningEstate;
let folder: string;
let environment: Readonly<Record<string, string>>;
beforeAll(async () => {
  running = await startEstate(estate);
  folder = await mkdtemp(join(tmpdir(), 'kataudit-snapshots-'));
  await writeFile(join(folder, 'ca.pem'), running.caPem);
  environment = {
    KATAUDIT_ARM_ENDPOINT: running.armEndpoint,
    KATAUDIT_ACCESS_TOKEN: running.token,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  };
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

const collect = (name: string) => {
  const { armEndpoint, token, caPem } = running;
  const options = { credential: staticToken(token), armEndpoint, clock: () => NOW, tlsOptions: { ca: caPem } };
  return collectCluster(options, idOf(name), DEFAULT_POLICY, NOW);
};

describe('a cluster that is scanned through Azure', () => {
  it('gets the same verdicts offline, byte for byte, including planned upgrades', async () => {
    const seen = await collect('pay-prod-neu');
    const saved = printSnapshot(seen);
    const again = await auditSaved(saved, 'snapshot.json', DEFAULT_POLICY);

    expect(JSON.stringify(again)).toBe(JSON.stringify(await auditSeen(seen, DEFAULT_POLICY)));
    expect(JSON.parse(saved)).toMatchObject({ schemaVersion: 1, settings: { value: { plannedUpgrade: { value: { state: 'planned' } } } } });
    expect(again.findings.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('An upgrade is planned in the maintenance window of 2026-09-06 01:00 to 2026-09-06 05:00 UTC'),
    );
  });

  it('leaves no secret in the saved snapshot', async () => {
    const saved = printSnapshot(await collect('pay-prod-neu'));

    expect(saved.length).toBeGreaterThan(10_000);
    for (const secret of [running.token, 'Bearer', 'certificate-authority-data', 'BEGIN CERTIFICATE', 'kubeconfig']) {
      expect(saved.includes(secret), secret).toBe(false);
    }
    const base64 = Buffer.from(running.caPem).toString('base64');
    expect(saved).not.toContain(base64.slice(0, 40));
  });

  it('reports which parts could not be read', async () => {
    expect(await collect('hub-local-weu')).toMatchObject({
      settings: { state: 'observed' },
      nodes: { state: 'unavailable', reason: { code: 'not-entra-integrated' } },
    });
    await expect(collect('hub-denied-weu')).rejects.toMatchObject({ code: 'denied' });
  });
});

describe('the command line', () => {
  it('saves such a cluster and judges the file, with the same result twice', async () => {
    const file = join(folder, 'snapshot.json');
    const collected = await run(['collect', '--cluster', idOf('pay-prod-neu'), '--output', file], environment);
    const [first, second] = await Promise.all([1, 2].map(() => run(['evaluate', file, '--format', 'json'])));

    expect([collected.code, collected.err]).toEqual([0, '']);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ schemaVersion: 1, cluster: { name: 'pay-prod-neu' } });
    expect(first?.code).toBe(1);
    expect(first?.out).toBe(second?.out);
    expect(first?.out).toContain('"ruleId": "workload-sandboxed"');
  });

  it('audits it directly, and prints when its pool will be upgraded', async () => {
    const { code, out } = await run(['audit', '--cluster', idOf('pay-prod-neu')], environment);

    expect(code).toBe(1);
    expect(out).toMatch(/node-image-current +node pool kata .*planned in the maintenance window .*aksManagedNodeOSUpgradeSchedule/);
  });

  it.each([
    ['no cluster, where there is no kubeconfig', [], /There is no kubeconfig at .*\. Select a cluster with --kubeconfig FILE/],
    ['two clusters', ['--kubeconfig', 'x', '--cluster', idOf('pay-prod-neu')], /either by a kubeconfig .* or through Azure/],
    [
      'a context that no kubeconfig contains',
      ['--context', 'x', '--cluster', idOf('pay-prod-neu')],
      /either by a kubeconfig .* or through Azure/,
    ],
    ['an invalid id', ['--cluster', 'pay-prod-neu'], /--cluster must be the ARM id of an AKS cluster, not "pay-prod-neu"/],
    ['a cluster that Azure does not return', ['--cluster', idOf('hub-denied-weu')], /Cannot read the cluster .*hub-denied-weu/],
  ])('explains that it was given %s', async (_, args, words) => {
    for (const command of ['audit', 'collect']) {
      const { code, out, err } = await run([command, ...args], { ...environment, HOME: folder, KUBECONFIG: '' });
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(words);
      expect(err).not.toContain('    at ');
    }
  });
});
