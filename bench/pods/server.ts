import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { encodeList } from '../../shared/local/estate/kubernetes/protobuf.ts';
import { createAuthority } from '../../shared/local/estate/server/certificates.ts';
import { type EncodedItems, type GeneratedCluster, generateCluster } from './generated-cluster.ts';

/*
 * An API server that answers from prepared pages, so that only the client is measured. A path may begin with the properties of the connection: /pods-100000/delay-5/mbit-100/gzip/api/v1/pods; with `gzip` the server compresses for clients that request it.
 */

const LISTS = {
  '/api/v1/pods': ['pods', 'PodList', 'v1'],
  '/api/v1/nodes': ['nodes', 'NodeList', 'v1'],
  '/api/v1/namespaces': ['namespaces', 'NamespaceList', 'v1'],
  '/apis/node.k8s.io/v1/runtimeclasses': ['runtimeclasses', 'RuntimeClassList', 'node.k8s.io/v1'],
} as const;
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
/** The level of real API servers. Source: kubernetes staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go. */
const GZIP_LEVEL = 1;
const SLICE = 64 * 1024;

/** The properties of the connection in the beginning of a path. */
interface Line {
  readonly path: string;
  readonly pods: number;
  readonly delayMs: number;
  readonly mbit: number;
  readonly gzip: boolean;
}

const cluster = generateCluster(Number(process.argv[2] ?? 2_000));
let sentBytes = 0;

const authority = await createAuthority('bench');
const { certificate, key } = await authority.server();
const server = createServer({ cert: certificate, key }, (request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.({ url: `https://127.0.0.1:${address.port}`, ca: authority.caPem });
});
process.on('disconnect', () => process.exit());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const line = lineOf(url.pathname);
  if (line.path === '/bytes') {
    response.end(String(sentBytes));
    sentBytes = 0;
    return;
  }
  if (line.delayMs > 0) await new Promise((done) => setTimeout(done, line.delayMs));
  const list = LISTS[isList(line.path) ? line.path : '/api/v1/pods'];
  const found = isList(line.path) ? page(cluster, list, line, url.searchParams, request.headers.accept ?? '') : discovery(line.path);
  const isPacked = line.gzip && request.headers['accept-encoding'] === 'gzip';
  response.writeHead(found.status, {
    'content-type': found.type,
    ...(isPacked ? { 'content-encoding': 'gzip' } : { 'content-length': found.parts.reduce((sum, { length }) => sum + length, 0) }),
  });
  await send(isPacked ? packed(found.parts) : found.parts, line, response);
  response.end();
}

function lineOf(pathname: string): Line {
  const found = { pods: 0, delay: 0, mbit: 0 };
  let path = pathname;
  let gzip = false;
  for (;;) {
    const [whole, name, value] = /^\/(pods|delay|mbit)-(\d+)/.exec(path) ?? /^\/(gzip)/.exec(path) ?? [];
    if (whole === undefined) return { path, pods: found.pods, delayMs: found.delay, mbit: found.mbit, gzip };
    if (name === 'pods' || name === 'delay' || name === 'mbit') found[name] = Number(value);
    else gzip = true;
    path = path.slice(whole.length);
  }
}

function isList(path: string): path is keyof typeof LISTS {
  return Object.hasOwn(LISTS, path);
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly parts: readonly Buffer[];
}

function page(held: GeneratedCluster, list: (typeof LISTS)[keyof typeof LISTS], line: Line, query: URLSearchParams, accept: string): Page {
  const [resource, kind, apiVersion] = list;
  const isProtobuf = accept.startsWith(PROTOBUF);
  const items = held[resource][isProtobuf ? 'protobuf' : 'json'];
  const distinct = items.offsets.length - 1;
  const node = /^spec\.nodeName=(.*)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  const total = resource === 'pods' ? line.pods : distinct;
  const start = Number(query.get('continue') ?? 0);
  const limit = Number(query.get('limit') ?? 0) || total;
  const end = Math.min(total, start + limit);
  const isWhole = node !== undefined || end >= total;
  const parts = node === undefined ? stretch(items, start, end, distinct) : onNode(items, held, node, line.pods / distinct);
  const head = { resourceVersion: '1', continue: isWhole ? '' : String(end), remainingItemCount: isWhole ? undefined : total - end };
  const framed = isProtobuf ? protobufFrame(apiVersion, kind, head, parts) : jsonFrame(apiVersion, kind, head, parts);
  return { status: 200, type: isProtobuf ? PROTOBUF : 'application/json', parts: framed };
}

/** Views of the objects from one number to another; the objects repeat. */
function stretch({ bytes, offsets }: EncodedItems, start: number, end: number, distinct: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = start; at < end; ) {
    const first = at % distinct;
    const last = Math.min(distinct, first + end - at);
    parts.push(bytes.subarray(offsets[first], offsets[last]));
    at += last - first;
  }
  return parts;
}

function onNode({ bytes, offsets }: EncodedItems, { podsOnNode }: GeneratedCluster, node: string, times: number): Buffer[] {
  const pods = (podsOnNode.get(node) ?? []).map((at) => bytes.subarray(offsets[at], offsets[at + 1]));
  return Array.from({ length: Math.max(1, Math.round(times)) }, () => pods).flat();
}

/** The frame is that of an empty list; its lengths are then those of the full one. */
function protobufFrame(apiVersion: string, kind: string, head: Parameters<typeof encodeList>[2], parts: readonly Buffer[]): Buffer[] {
  const empty = encodeList(apiVersion, kind, head, []);
  // k8s\0, the TypeMeta, the head of `raw`, the ListMeta, and two empty texts at the end.
  const typeMeta = 6 + (empty[5] ?? 0);
  const raw = varint(empty, typeMeta + 1);
  const metadata = empty.subarray(raw.end, raw.end + raw.value);
  const length = metadata.length + parts.reduce((sum, part) => sum + part.length, 0);
  return [empty.subarray(0, typeMeta + 1), Buffer.from(varintBytes(length)), metadata, ...parts, empty.subarray(raw.end + raw.value)];
}

function varint(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = from, factor = 1; ; at++, factor *= 0x80) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: at + 1 };
  }
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return [...bytes, left];
}

function jsonFrame(apiVersion: string, kind: string, head: Parameters<typeof encodeList>[2], parts: readonly Buffer[]): Buffer[] {
  const { remainingItemCount, ...metadata } = head;
  const told = remainingItemCount === undefined ? metadata : head;
  const [first, ...rest] = parts;
  const opening = Buffer.from(`{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(told)},"items":[`);
  return [opening, ...(first === undefined ? [] : [first.subarray(1)]), ...rest, Buffer.from(']}')];
}

/** The requests of kubectl before it lists. */
function discovery(path: string): Page {
  const resources = [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'], shortNames: ['po'] }];
  const known: Readonly<Record<string, object>> = {
    '/version': { major: '1', minor: '34', gitVersion: 'v1.34.2' },
    '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
    '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
    '/api/v1': { kind: 'APIResourceList', groupVersion: 'v1', resources },
  };
  const body = known[path];
  const text = JSON.stringify(body ?? { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 });
  return { status: body === undefined ? 404 : 200, type: 'application/json', parts: [Buffer.from(text)] };
}

/** Compressed anew for each answer, as by real API servers, because that work is part of the measurement. */
function packed(parts: readonly Buffer[]): AsyncIterable<Buffer> {
  return Readable.from(parts).pipe(createGzip({ level: GZIP_LEVEL, chunkSize: SLICE }));
}

async function send(parts: Iterable<Buffer> | AsyncIterable<Buffer>, { mbit }: Line, response: ServerResponse): Promise<void> {
  const began = performance.now();
  let sent = 0;
  for await (const part of parts) {
    const slice = mbit === 0 ? part.length : SLICE;
    for (let at = 0; at < part.length; at += slice) {
      const bytes = part.subarray(at, at + slice);
      await write(bytes, response);
      sent += bytes.length;
      sentBytes += bytes.length;
      const early = mbit === 0 ? 0 : (sent * 8) / (mbit * 1000) - (performance.now() - began);
      if (early >= 1) await new Promise((done) => setTimeout(done, early));
    }
  }
}

function write(part: Buffer, response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.reject(new Error('The client is gone.'));
  if (response.write(part)) return Promise.resolve();
  return new Promise((done, fail) => {
    const drained = () => {
      response.off('close', gone);
      done();
    };
    const gone = () => {
      response.off('drain', drained);
      fail(new Error('The client is gone.'));
    };
    response.once('drain', drained);
    response.once('close', gone);
  });
}
