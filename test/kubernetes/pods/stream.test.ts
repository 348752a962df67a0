import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { observe } from '../../../shared/domain/snapshot/observation.ts';
import { type OpenOptions, openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import { encodeList, encodeObject } from '../../../shared/local/estate/kubernetes/protobuf.ts';
import type { PodReading } from '../../../shared/ports/cluster-reader.ts';
import { type RawServer, startRawServer } from '../support/raw-server.ts';
import { READING, soon } from '../support/simulated-cluster.ts';

const PODS = 500;
const PROTOBUF = { 'content-type': 'application/vnd.kubernetes.protobuf' };
const encoded = Array.from({ length: PODS }, (_, at) =>
  encodeObject('Pod', { metadata: { name: `web-${at}`, namespace: 'shop' }, spec: { nodeName: 'n1' }, status: { phase: 'Running' } }),
);
const listOf = (items: readonly Buffer[], rest = '') =>
  encodeList('v1', 'PodList', { resourceVersion: '1', continue: rest, remainingItemCount: undefined }, items);
const WHOLE = listOf(encoded);

const servers: RawServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

type Answers = (request: IncomingMessage, response: ServerResponse) => void;

/** Reads pods from a server that answers the stream as given, and pages correctly. */
async function read(
  stream: Answers,
  options: Partial<OpenOptions> = {},
  version = { major: '1', minor: '34' },
  reading: PodReading = READING,
) {
  const asked: string[] = [];
  const server = await startRawServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (path === '/version') response.end(JSON.stringify(version));
    else if (path === '/api/v1/pods') stream(request, response);
    else response.writeHead(200, PROTOBUF).end(WHOLE);
  });
  servers.push(server);
  const reader = await openCluster(server.access(), { clock: () => new Date(), ...options });
  try {
    const seen = await observe(() => reader.workloads(reading, soon()));
    const told = seen.state === 'observed' ? seen.value : seen;
    const pods = told.state === 'observed' ? told.value.reduce((sum, group) => sum + group.pods, 0) : told.reason;
    return { pods, by: told.state === 'observed' && told.coverage.kind === 'full' ? told.coverage.by : undefined, asked };
  } finally {
    reader.close();
  }
}

const answer: Answers = (_, response) => response.writeHead(200, PROTOBUF).end(WHOLE);

describe('all pods of a server that streams lists', () => {
  it.each(['34', '36', '34+', '100'])('are read by one list without a limit, from Kubernetes 1.%s', async (minor) => {
    const { pods, by, asked } = await read(answer, {}, { major: '1', minor });

    expect({ pods, by }).toEqual({ pods: PODS, by: 'one streamed list' });
    expect(asked).toEqual(['/version', '/api/v1/pods']);
  });

  it('may come compressed', async () => {
    const gzip: Answers = (request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { ...PROTOBUF, 'content-encoding': 'gzip' }).end(gzipSync(WHOLE));
    };

    expect(await read(gzip, { gzip: 'on' })).toMatchObject({ pods: PODS, by: 'one streamed list' });
  });

  it('are read with a token that is renewed once when the first one has expired', async () => {
    let refused = 0;
    const once: Answers = (request, response) => (refused++ === 0 ? response.writeHead(401).end() : answer(request, response));

    expect(await read(once)).toMatchObject({ pods: PODS, by: 'one streamed list' });
  });
});

describe('all pods are read in pages, and the result of the stream is discarded,', () => {
  const sent =
    (bytes: Buffer, headers: object = PROTOBUF): Answers =>
    (_, response) =>
      response.writeHead(200, { ...headers }).end(bytes);
  const cut: Answers = (_, response) => {
    response.writeHead(200, PROTOBUF).write(WHOLE.subarray(0, WHOLE.length / 2), () => setImmediate(() => response.destroy()));
  };
  const silent: Answers = (_, response) => void response.writeHead(200, PROTOBUF).write(WHOLE.subarray(0, WHOLE.length / 2));

  it.each<[string, Answers, string]>([
    ['when the connection is cut', cut, 'closed the connection during the response'],
    ['when it is truncated although it claims to be complete', sent(WHOLE.subarray(0, -100)), 'bytes before the end of its list'],
    ['when it stops sending', silent, 'sent nothing for'],
    ['at the 60 seconds after which a server ends a request', (_, response) => response.writeHead(504).end(), 'status 504'],
    ['when the server is overloaded', (_, response) => response.writeHead(429).end(), 'status 429'],
    ['when the server cannot write protobuf', (_, response) => response.writeHead(406).end(), 'status 406'],
    [
      'when it is another list',
      sent(encodeList('v1', 'NodeList', { resourceVersion: '1', continue: '', remainingItemCount: undefined }, [])),
      'expected a PodList',
    ],
    ['when an object does not end', sent(Buffer.concat([WHOLE.subarray(0, 40), Buffer.alloc(200, 0xff)])), 'the stream broke'],
    ['when it is a page', sent(listOf(encoded.slice(0, 9), 'more')), 'only a part of the list'],
    ['when it is compressed and damaged', sent(gzipSync(WHOLE).subarray(0, 90), { ...PROTOBUF, 'content-encoding': 'gzip' }), 'damaged'],
  ])('%s', async (_, stream, why) => {
    const { pods, by = '' } = await read(stream, { silenceMs: 60, gzip: 'on' });

    expect(pods).toBe(PODS);
    expect(by).toMatch(/^pages, because /);
    expect(by).toContain(why);
  });

  it.each([
    [{ major: '1', minor: '33' }, 'Kubernetes 1.33 does not stream lists'],
    [{ major: '2', minor: '40' }, 'Kubernetes 2.40 does not stream lists'],
    [{ major: '1', minor: 'x' }, 'Kubernetes 1.x does not stream lists'],
  ])('from a server of version %j, which gets no request for a stream', async (version, why) => {
    const { pods, by, asked } = await read(answer, {}, version);

    expect({ pods, by }).toEqual({ pods: PODS, by: `pages, because ${why}` });
    expect(asked).not.toContain('/api/v1/pods');
  });
});

describe('a stream that is refused', () => {
  it.each([
    [403, 'denied'],
    [404, 'not-found'],
  ])('with status %d is an error, and no page is requested', async (status, code) => {
    const { pods, asked } = await read((_, response) => response.writeHead(status).end());

    expect(pods).toMatchObject({ code });
    expect(asked).toEqual(['/version', '/api/v1/pods']);
  });

  it('because the budget is used up ends at once, and a sample is read instead', async () => {
    const node = { name: 'n1', provisioner: 'other', ready: true, labels: {}, kernelVersion: '', bootId: '', osImage: '' } as const;
    const nodes = Array.from({ length: 1_000 }, (_, at) => ({
      ...node,
      name: `n${at}`,
      containerRuntimeVersion: '',
      kubeletVersion: '',
      unschedulable: false,
    }));
    const auto = { ...READING, nodes, pods: { ...READING.pods, mode: 'auto', budgetPods: PODS - 1 } } as const;

    const { by, asked } = await read(answer, {}, undefined, auto);

    expect(by).toBeUndefined();
    expect(asked.some((path) => path.includes('spec.nodeName'))).toBe(true);
  });
});
