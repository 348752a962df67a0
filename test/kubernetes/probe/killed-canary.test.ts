import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { clusterNamed } from '../../../shared/local/estate/model.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import type { CanaryArguments } from './canary-child.ts';
import { NOW, probed, probeOf } from './probed-cluster.ts';

/** The requests of a canary in order, and the number of canaries after the server has applied each. */
const POINTS = [
  { request: 'the list of orphans', skip: 0, left: 0 },
  { request: 'the creation', skip: 1, left: 1 },
  { request: 'a look at the pod', skip: 2, left: 1 },
  { request: 'the log', skip: 3, left: 1 },
  { request: 'the deletion', skip: 4, left: 0 },
] as const;
const clusterOf = (skip: number) => `killed-${skip}`;
const namespace = 'default';
const OF_CANARIES = /\/namespaces\/default\/pods/;
const estate = defaultEstate('killed canary', NOW);
const lab = clusterNamed(estate, 'lab-probes-weu');

let running: RunningEstate;
let folder: string;
beforeAll(async () => {
  const [subscription] = estate.subscriptions;
  if (subscription === undefined) throw new Error('The estate has no subscription.');
  const clusters = [...POINTS.map(({ skip }) => ({ ...lab, name: clusterOf(skip) })), { ...lab, name: 'undisturbed' }];
  running = await startEstate({ ...estate, subscriptions: [{ ...subscription, clusters }] });
  folder = await mkdtemp(join(tmpdir(), 'kataudit-canary-'));
  for (const { name } of clusters) await writeFile(join(folder, name), running.kubeconfigFor(name));
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

function coreOf(cluster: string): CoreV1Api {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(running.kubeconfigFor(cluster));
  return kubeConfig.makeApiClient(CoreV1Api);
}

async function canariesIn(cluster: string): Promise<number> {
  const { items } = await coreOf(cluster).listPodForAllNamespaces();
  return items.filter(({ metadata }) => metadata?.name?.startsWith('kataudit-canary-')).length;
}

async function start(cluster: string) {
  const { items } = await coreOf(cluster).listNode();
  const node = items.find(({ metadata }) => metadata?.labels?.agentpool === 'kata')?.metadata?.name ?? '';
  const told: CanaryArguments = [join(folder, cluster), namespace, node];
  const child = spawn(process.execPath, [resolve(import.meta.dirname, 'canary-child.ts'), ...told]);
  const ended = once(child, 'exit');
  const asked = () => running.requests.filter(({ server, path }) => server === cluster && OF_CANARIES.test(path));
  return { child, ended, asked };
}

describe.concurrent('a process that runs a canary', () => {
  test('makes exactly the requests at which the others are killed', { timeout: 60_000 }, async ({ expect }) => {
    const { ended, asked } = await start('undisturbed');
    expect(await ended).toEqual([0, null]);
    expect(asked().map(({ method, path }) => `${method} ${path.replace(/kataudit-canary-\w+/, 'NAME').replace(/\?.*/, '')}`)).toEqual([
      `GET /api/v1/namespaces/${namespace}/pods`,
      `POST /api/v1/namespaces/${namespace}/pods`,
      `GET /api/v1/namespaces/${namespace}/pods/NAME`,
      `GET /api/v1/namespaces/${namespace}/pods/NAME/log`,
      `DELETE /api/v1/namespaces/${namespace}/pods/NAME`,
    ]);
    expect(await canariesIn('undisturbed')).toBe(0);
  });

  test.for(POINTS)(
    'killed before it gets the answer to $request leaves nothing behind after the next probe',
    { timeout: 60_000 },
    async ({ skip, left }, { expect }) => {
      const cluster = clusterOf(skip);
      // The server applies the request and does not answer: nothing changes between this answer and the next request.
      const withheld = running.faults.inject({ server: cluster, path: OF_CANARIES, skip, action: { kind: 'hang' } });
      const { child, ended } = await start(cluster);
      await expect.poll(() => withheld.hits, { timeout: 40_000, interval: 20 }).toBe(1);
      child.kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);
      withheld.remove();
      expect(await canariesIn(cluster)).toBe(left);

      // While the canary's own run may still be active, the canary is left to it.
      const soon = await probeOf(running, cluster);
      expect(await soon.sweep(namespace, AbortSignal.timeout(10_000))).toBe(0);
      const now = () => new Date(Date.now() + 11 * 60_000);
      const next = await probed(running, cluster, { mode: 'canary', now, pause: async () => undefined });
      expect(next).toMatchObject({ state: 'observed', value: [{ result: { state: 'read' } }, {}, {}] });
      expect(await canariesIn(cluster)).toBe(0);
    },
  );
});
