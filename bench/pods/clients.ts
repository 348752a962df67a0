import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { z } from 'zod';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { given } from '../../shared/domain/snapshot/given.ts';
import { type OpenOptions, openCluster } from '../../shared/kubernetes/open-cluster.ts';
import { FieldHead } from '../../shared/kubernetes/wire/field-head.ts';
import { kubernetes } from '../../shared/kubernetes/wire/kubernetes.generated.js';
import type { PodReading } from '../../shared/ports/cluster-reader.ts';
import { benchAccess, benchHeaders, benchServer } from './access.ts';
import type { Client, Seen } from './measured-client.ts';

const PAGE = 500;
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const never = new AbortController().signal;

/** All measured programs that read pods, by name. */
export const CLIENTS = {
  census: (url: string) => ours(url, 'census', { gzip: 'off' }),
  'census-gzip': (url: string) => ours(url, 'census', { gzip: 'on' }),
  sample: (url: string) => ours(url, 'sample', {}),
  scan: async (url: string) => (await import('./whole-scan.ts')).wholeScan(url),
  'client-node-paged': (url: string) => clientNode(url, PAGE),
  'client-node-unpaged': (url: string) => clientNode(url, undefined),
  fetch: async (url: string) => () => fetchPages(url),
  'census-pages': (url: string) => ours(url, 'census', { list: { pageSize: PAGE } }),
  'drain-stream': async (url: string) => () => drain(url, PROTOBUF, undefined),
  targeted: (url: string) => ours(url, 'targeted', { whyNotTargeted: () => undefined }),
  'drain-pages': async (url: string) => () => drain(url, PROTOBUF, PAGE),
  'drain-json': async (url: string) => () => drain(url, 'application/json', PAGE),
} satisfies Readonly<Record<string, Client>>;

/** The targets of a targeted read, as JSON in an environment variable of the process that reads them. */
export const TARGETS = 'BENCH_TARGETS';
const Targets = z.object({ namespaces: z.array(z.string()), nodes: z.array(z.string()) });

async function ours(url: string, mode: PodReading['pods']['mode'], options: Partial<OpenOptions>): Promise<() => Promise<Seen>> {
  const reader = await openCluster(benchAccess(url), { clock: () => new Date(), ...options });
  // As in every scan, the nodes and classes are read first; they are not measured.
  const { namespaces, nodes: able } = Targets.parse(JSON.parse(process.env[TARGETS] ?? '{"namespaces":[],"nodes":[]}'));
  const isAble = new Set(able);
  const listed = await reader.nodes(never);
  const nodes = mode === 'targeted' ? listed.map((node) => ({ ...node, runtimeHandlers: isAble.has(node.name) ? ['kata'] : [] })) : listed;
  const runtimeClasses = await reader.runtimeClasses(never);
  return async () => {
    const required = { names: namespaces, of: namespaces.length };
    const seen = await reader.workloads({ nodes, runtimeClasses, required, pods: { ...DEFAULT_POLICY.pods, mode }, seed: 'bench' }, never);
    reader.close();
    if (seen.state !== 'observed') throw new Error(seen.reason.message);
    const pods = seen.value.reduce((sum, group) => sum + group.pods, 0);
    const { coverage } = seen;
    if (coverage.kind === 'targeted') {
      const of = `${coverage.namespaces.length} namespaces and ${coverage.nodes} nodes`;
      return { pods, note: `${Math.round((100 * pods) / coverage.totalPods)} % of the pods, of ${of}` };
    }
    if (coverage.kind !== 'sample') return { pods, note: `${seen.value.length} groups` };
    const bound = (coverage.upperBound * 100).toFixed(2);
    return { pods, note: `${coverage.sampledNodes} of ${coverage.totalNodes} nodes, at most ${bound} % of nodes unseen` };
  };
}

async function clientNode(server: string, limit: number | undefined): Promise<() => Promise<Seen>> {
  const { CoreV1Api, KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const { ca, token } = benchServer();
  config.loadFromClusterAndUser(
    { name: 'bench', server, caData: Buffer.from(ca).toString('base64'), skipTLSVerify: false },
    { name: 'bench', ...given({ token }) },
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
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly { readonly spec?: { readonly runtimeClassName?: string } }[];
}

async function fetchPages(url: string): Promise<Seen> {
  let pods = 0;
  let sandboxed = 0;
  let next: string | undefined = '';
  while (next !== undefined) {
    const { body }: Page = await page(`${url}/api/v1/pods?limit=${PAGE}&continue=${encodeURIComponent(next)}`, 'application/json', true);
    const { items, metadata }: JsonPods = JSON.parse(body.toString('utf8'));
    for (const pod of items) if (pod.spec?.runtimeClassName !== undefined) sandboxed += 1;
    pods += items.length;
    next = metadata?.continue || undefined;
  }
  return { pods, note: `${sandboxed} with a class` };
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Page {
  /** Only its beginning, unless all of it is kept. */
  readonly body: Buffer;
  readonly bytes: number;
}

/** One answer. */
async function page(address: string, accept: string, isKept: boolean): Promise<Page> {
  const { promise, resolve, reject } = Promise.withResolvers<Page>();
  const bench = benchServer();
  const headers = { ...benchHeaders(bench), accept };
  const request = get(address, { agent, ca: bench.ca, headers }, (response: IncomingMessage) => {
    const kept: Buffer[] = [];
    let bytes = 0;
    response.on('error', reject);
    response.on('data', (chunk: Buffer) => {
      if (isKept || bytes === 0) kept.push(chunk);
      bytes += chunk.length;
    });
    response.on('end', () =>
      response.statusCode === 200
        ? resolve({ body: Buffer.concat(kept), bytes })
        : reject(new Error(`The API server answered with status ${response.statusCode}.`)),
    );
  });
  request.on('error', reject);
  return promise;
}

/** Reads the same bytes without parsing them: the lower bound for every client that reads pods. */
async function drain(url: string, accept: string, limit: number | undefined): Promise<Seen> {
  let next: string | undefined = '';
  let [answers, bytes] = [0, 0];
  while (next !== undefined) {
    const query: string = limit === undefined ? '' : `?limit=${limit}&continue=${encodeURIComponent(next)}`;
    const answer: Page = await page(`${url}/api/v1/pods${query}`, accept, false);
    next = continueOf(answer.body);
    answers += 1;
    bytes += answer.bytes;
  }
  agent.destroy();
  return { pods: 0, note: `${answers} answers, ${Math.round(bytes / 1_048_576)} MiB` };
}

/** The token in the head of a list, which is at its beginning in both encodings. */
function continueOf(beginning: Buffer): string | undefined {
  const text = beginning.toString('latin1', 0, 4_096);
  if (text.startsWith('{')) return /^[^}]*"continue":"([^"]+)"/.exec(text)?.[1];
  const [head, inner] = [new FieldHead(), new FieldHead()];
  for (let at = 4; head.read(beginning, at, beginning.length); at = head.end) {
    // Field 2 of the envelope is the list, and field 1 of the list its head.
    if (head.field === 2 && inner.read(beginning, head.at, beginning.length) && inner.field === 1) {
      return kubernetes.ListMeta.decode(beginning.subarray(inner.at, inner.end)).continue || undefined;
    }
  }
  throw new Error('The answer does not begin as a list does.');
}
