import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { given } from '../../shared/domain/snapshot/given.ts';
import { type OpenOptions, openCluster } from '../../shared/kubernetes/open-cluster.ts';
import type { PodReading } from '../../shared/ports/cluster-reader.ts';
import { benchAccess, benchAuthority } from './access.ts';
import type { Client, Seen } from './measured-client.ts';

const PAGE = 500;
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const never = new AbortController().signal;

/** Everything that reads pods here, by name. */
export const CLIENTS = {
  census: (url: string) => ours(url, 'census', {}),
  'census-gzip': (url: string) => ours(url, 'census', { gzip: true }),
  sample: (url: string) => ours(url, 'sample', {}),
  scan: async (url: string) => (await import('./whole-scan.ts')).wholeScan(url),
  'client-node-paged': (url: string) => clientNode(url, PAGE),
  'client-node-unpaged': (url: string) => clientNode(url, undefined),
  fetch: async (url: string) => () => fetchPages(url),
  'census-pages': (url: string) => ours(url, 'census', { list: { pageSize: PAGE } }),
  'drain-stream': async (url: string) => () => drain(url, PROTOBUF, undefined),
  'drain-pages': async (url: string) => () => drain(url, PROTOBUF, PAGE),
  'drain-json': async (url: string) => () => drain(url, 'application/json', PAGE),
} satisfies Readonly<Record<string, Client>>;

async function ours(url: string, mode: PodReading['pods']['mode'], options: Partial<OpenOptions>): Promise<() => Promise<Seen>> {
  const reader = await openCluster(benchAccess(url), { clock: () => new Date(), ...options });
  // As in every scan, the nodes and classes are read first; they are not part of what is compared.
  const nodes = await reader.nodes(never);
  const runtimeClasses = await reader.runtimeClasses(never);
  return async () => {
    const seen = await reader.workloads({ nodes, runtimeClasses, pods: { ...DEFAULT_POLICY.pods, mode }, seed: 'bench' }, never);
    reader.close();
    if (seen.state !== 'observed') throw new Error(seen.reason.message);
    const pods = seen.value.reduce((sum, group) => sum + group.pods, 0);
    const { coverage } = seen;
    if (coverage.kind !== 'sample') return { pods, note: `${seen.value.length} groups` };
    const bound = (coverage.upperBound * 100).toFixed(2);
    return { pods, note: `${coverage.sampledNodes} of ${coverage.totalNodes} nodes, at most ${bound} % of nodes unseen` };
  };
}

async function clientNode(server: string, limit: number | undefined): Promise<() => Promise<Seen>> {
  const { CoreV1Api, KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'bench', server, caData: Buffer.from(benchAuthority()).toString('base64'), skipTLSVerify: false },
    { name: 'bench' },
  );
  const api = config.makeApiClient(CoreV1Api);
  return async () => {
    let pods = 0;
    let sandboxed = 0;
    let next: string | undefined;
    do {
      const page = await api.listPodForAllNamespaces({
        ...given({ limit, _continue: next }),
      });
      for (const pod of page.items) if (pod.spec?.runtimeClassName !== undefined) sandboxed += 1;
      pods += page.items.length;
      next = page.metadata?._continue || undefined;
    } while (next !== undefined);
    return { pods, note: `${sandboxed} with a class` };
  };
}

interface JsonPods {
  readonly items: readonly { readonly spec?: { readonly runtimeClassName?: string } }[];
}

async function fetchPages(url: string): Promise<Seen> {
  let pods = 0;
  let sandboxed = 0;
  let next = '';
  do {
    const { body, following } = await page(`${url}/api/v1/pods?limit=${PAGE}&continue=${next}`, 'application/json', true);
    const { items }: JsonPods = JSON.parse(body);
    for (const pod of items) if (pod.spec?.runtimeClassName !== undefined) sandboxed += 1;
    pods += items.length;
    next = following;
  } while (next !== '');
  return { pods, note: `${sandboxed} with a class` };
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** One answer, its text kept or not. */
async function page(address: string, accept: string, isKept: boolean): Promise<{ readonly body: string; readonly following: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly body: string; readonly following: string }>();
  const request = get(address, { agent, ca: benchAuthority(), headers: { accept } }, (response: IncomingMessage) => {
    const kept: Buffer[] = [];
    response.on('error', reject);
    response.on('data', (chunk: Buffer) => isKept && kept.push(chunk));
    response.on('end', () =>
      resolve({ body: Buffer.concat(kept).toString('utf8'), following: String(response.headers['x-continue'] ?? '') }),
    );
  });
  request.on('error', reject);
  return promise;
}

/** Reads the same bytes and looks at none of them: nothing that reads pods can be faster. */
async function drain(url: string, accept: string, limit: number | undefined): Promise<Seen> {
  let next = '';
  let pages = 0;
  do {
    const query = limit === undefined ? '' : `?limit=${limit}&continue=${next}`;
    next = (await page(`${url}/api/v1/pods${query}`, accept, false)).following;
    pages += 1;
  } while (next !== '');
  agent.destroy();
  return { pods: 0, note: `${pages} answers` };
}
