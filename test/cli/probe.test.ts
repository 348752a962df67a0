import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import { clusterNamed, type EstateCluster } from '../../shared/local/estate/model.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';
import { run as command, type Ended, start } from '../support/command.ts';

const estate = defaultEstate('probe test', new Date('2026-09-01T12:00:00.000Z'));
const payments = clusterNamed(estate, 'pay-prod-weu');
const probes = clusterNamed(estate, 'lab-probes-weu');
const clusters: readonly EstateCluster[] = [
  payments,
  // A container that does not answer takes ten seconds; the others are enough here.
  { ...probes, workloads: probes.workloads.filter(({ probe }) => probe !== 'hangs') },
  clusterNamed(estate, 'pay-prod-neu'),
  { ...payments, name: 'vanishing', canaries: 'vanish' },
  { ...payments, name: 'canaries' },
  { ...payments, name: 'no-exec', denied: ['get pods/exec'] },
  { ...payments, name: 'no-create', denied: ['create pods'] },
  { ...payments, name: 'stuck', canaries: 'unschedulable' },
  { ...payments, name: 'dark', network: 'private' },
];
const POLICY = 'version: 1\nprobe:\n  image: registry.example/busybox:1.36\n  namespace: default\n  podsPerPool: 50\n';

let running: RunningEstate;
let folder: string;
beforeAll(async () => {
  const [subscription] = estate.subscriptions;
  if (subscription === undefined) throw new Error('The estate has no subscription.');
  running = await startEstate({ ...estate, subscriptions: [{ ...subscription, clusters: [...clusters] }] });
  folder = await mkdtemp(join(tmpdir(), 'kataudit-probe-'));
  await writeFile(join(folder, 'policy.yaml'), POLICY);
  for (const { name } of clusters) await writeFile(join(folder, name), running.kubeconfigFor(name));
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

const of = (cluster: string, ...more: readonly string[]) => [
  'probe',
  '--kubeconfig',
  join(folder, cluster),
  '--policy',
  join(folder, 'policy.yaml'),
  ...more,
];
const probe = (cluster: string, ...more: readonly string[]): Promise<Ended> => command(of(cluster, ...more));
/** The requests that change one cluster. */
const changes = (cluster: string) =>
  running.requests.filter(({ server, method }) => server === cluster && method !== 'GET').map(({ method }) => method);

describe.concurrent('kataudit probe', () => {
  it('proves running pods by exec, compares them with plain ones, changes nothing, and exits with 0', async () => {
    const { code, out, err } = await probe('pay-prod-weu');
    expect(err).toMatch(
      /^kataudit: This runs a command .* in running sandboxed pods of pay-prod-weu .* It creates and changes nothing\.\n$/,
    );
    expect(out).toMatch(/^Cluster pay-prod-weu: 3 proven, 0 disproved/);
    expect(out).toMatch(
      /^sandboxed pod +checkout\/Deployment\/payments-api +\S+mshv\S+ +\S+mshv\S+ +kata-vm-isolation \(handler kata\) +different +proven /m,
    );
    expect(out).toMatch(/^runc pod on a plain node +pool system +\S+ +– +runc +not read +none /m);
    expect(out).toMatch(/^runc pod on a Kata node +pool kata +\S+mshv/m);
    expect(changes('pay-prod-weu')).toEqual([]);
    expect(code).toBe(0);
  });

  it('exits with 1 when a pod shares the kernel of its node, and lists the pods that could not be read', async () => {
    const { code, out } = await probe('lab-probes-weu');
    expect(out).toMatch(/^sandboxed pod +tenants\/Deployment\/shared-kernel .* equal +disproved +\S/m);
    expect(out).toMatch(/^sandboxed pod +tenants\/Deployment\/own-kernel .* different +proven +\S/m);
    expect(out).toMatch(/^sandboxed pod +tenants\/Deployment\/distroless .* not read +resolved .*no tool that can read/m);
    expect(out).toMatch(/^sandboxed pod +tenants\/Deployment\/chatty .* not read +resolved .*printed too much/m);
    expect(code).toBe(1);
  });

  it('proves a pod by its boot id when the kernel names are equal', async () => {
    const { code, out } = await probe('pay-prod-neu', '--namespace', 'ledger');
    expect(out).toMatch(/^sandboxed pod +ledger\/StatefulSet\/ledger +(\S+) +\1 .* different +proven /m);
    expect(code).toBe(0);
  });

  it('proves nothing with a canary that is deleted by someone else', async () => {
    const { code, out } = await probe('vanishing', '--mode', 'canary');
    expect(out).toMatch(/^sandboxed pod +canary in pool kata .* not read +resolved .*The canary was deleted/m);
    expect(out).toMatch(/^runc pod on a Kata node +canary in pool kata .* not read +none .*The canary was deleted/m);
    expect(code).toBe(2);
  });

  it('writes a document for programs, optionally for one namespace and to a file', async () => {
    const file = join(folder, 'probe.json');
    const { code, out } = await probe('pay-prod-weu', '--format', 'json', '--namespace', 'ledger', '--output', file);
    const written = JSON.parse(await readFile(file, 'utf8'));
    expect(out).toBe('');
    expect(written).toMatchObject({ cluster: 'pay-prod-weu', mode: 'exec', isolationProofs: { state: 'observed' } });
    const rows: { kind: string; subject: string; step: string }[] = written.rows;
    expect(rows.filter(({ kind }) => kind === 'sandboxed pod')).toMatchObject([
      { subject: 'ledger/StatefulSet/ledger', step: 'proven', bootIds: 'different' },
    ]);
    expect(code).toBe(0);
  });

  it('reports that nothing was probed, as an error, when a namespace contains no sandboxed pod', async () => {
    const { code, out } = await probe('pay-prod-weu', '--namespace', 'storefront');
    expect(out).toMatch(/: 0 proven, 0 disproved/);
    expect(out).toMatch(/^Nothing was probed: there is no running sandboxed pod/m);
    expect(code).toBe(2);
  });

  it('compares canaries with and without a pod VM on each Kata pool and one on a plain node, and deletes all of them', async () => {
    const { code, out, err } = await probe('canaries', '--mode', 'canary');
    expect(err).toMatch(
      /^kataudit: This creates short-lived pods with the image registry\.example\/busybox:1\.36 in the namespace default of /,
    );
    expect(out).toMatch(/^runc pod on a plain node +canary in pool system .* equal +none +As expected/m);
    expect(out).toMatch(/^runc pod on a Kata node +canary in pool kata .* equal +none +As expected/m);
    expect(out).toMatch(/^sandboxed pod +canary in pool kata .* different +proven /m);
    const made = changes('canaries');
    expect(made.filter((method) => method === 'POST').length).toBeGreaterThanOrEqual(3);
    expect(made.filter((method) => method === 'DELETE')).toHaveLength(made.length / 2);
    expect(code).toBe(0);
  });

  it.each([
    ['no-exec', 'exec', /the identity needs `create` on `pods\/exec`\. The API server said: .* \(denied\)/],
    ['no-create', 'canary', /the identity needs `create` on `pods` in default\. The API server said: .* \(denied\)/],
    ['dark', 'exec', /Could not read nodes: .* cannot be reached.*\(unreachable\)/],
  ])('says why it could not probe %s by %s, proves nothing, and exits with 2', async (cluster, mode, message) => {
    const { code, out } = await probe(cluster, '--mode', mode);
    expect(out).toMatch(/: 0 proven, 0 disproved/);
    expect(out).toMatch(message);
    expect(code).toBe(2);
  });

  it('deletes its canary on Ctrl-C, creates no other, and exits with 2', async () => {
    const probing = start(of('stuck', '--mode', 'canary'));
    await expect.poll(() => changes('stuck'), { timeout: 30_000 }).toContain('POST');
    probing.child.kill('SIGINT');
    const { code, err } = await probing.ended;
    expect(err).toMatch(/Deleting the canary\. Press Ctrl-C again to end immediately/);
    expect(err).toMatch(/Interrupted/);
    expect(changes('stuck').filter((method) => method === 'POST')).toHaveLength(1);
    const deleted = running.requests.filter(({ server, method, status }) => server === 'stuck' && method === 'DELETE' && status === 200);
    expect(deleted).toHaveLength(1);
    expect(code).toBe(2);
  });
});

describe.concurrent('kataudit probe with wrong arguments', () => {
  it('lists all of them at once, changes nothing, and exits with 2', async () => {
    const wrong = ['--namespace', 'Not_One', '--policy', '/no/such/policy', '--kubeconfig', '/no/such/file'];
    const { code, out, err } = await command(['probe', ...wrong]);
    expect(out).toBe('');
    expect(err.trim().split('\n')).toEqual([
      'kataudit: --namespace must be the name of a namespace, not "Not_One".',
      expect.stringMatching(/^kataudit: Cannot read \/no\/such\/policy/),
      expect.stringMatching(/^kataudit: The kubeconfig \/no\/such\/file cannot be read/),
    ]);
    expect(code).toBe(2);
  });

  it.each([
    ['an unknown mode', ['--mode', 'ssh'], /'ssh' is invalid\. It must be one of exec, canary\./],
    ['no kubeconfig', [], /There is no kubeconfig: /],
    ['a canary without an image', ['--mode', 'canary'], /--mode canary needs an image: .* probe\.image/],
  ])('reports what is wrong with %s', async (_, args, message) => {
    const { code, err } = await command(['probe', ...args]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  it('lists the existing contexts when another one is given', async () => {
    const { code, err } = await probe('stuck', '--context', 'elsewhere');
    expect(err).toMatch(/^kataudit: The kubeconfig .* has no context "elsewhere". Its contexts: stuck\.$/m);
    expect(code).toBe(2);
  });

  it('names the mistakes of a policy', async () => {
    const file = join(folder, 'bad.yaml');
    await writeFile(file, 'version: 1\nprobe: { podsPerPool: 0 }\n');
    const { code, err } = await command(['probe', '--kubeconfig', join(folder, 'stuck'), '--policy', file]);
    expect(err).toMatch(/podsPerPool/);
    expect(code).toBe(2);
  });
});
