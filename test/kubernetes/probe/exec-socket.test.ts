import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { MAX_PROBE_OUTPUT, PROBE_COMMANDS } from '../../../shared/domain/isolation/probe-output.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { execInPod } from '../../../shared/kubernetes/probe/exec-probe.ts';
import type { ProbeApi, ProbedPod } from '../../../shared/kubernetes/probe/probe-api.ts';
import { aNode } from '../support/a-node.ts';

const TARGET = { namespace: 'lab', pod: 'web-0', ownerKind: 'Pod', ownerName: 'web-0', runtimeClassName: 'kata', node: aNode('kata-0') };
const RUNNING: ProbedPod = { phase: 'Running', node: 'kata-0', containers: ['web', 'sidecar'] };
const running = new AbortController().signal;

/** What the server does with the call of a number, from 0. */
type Plays = (socket: WebSocket, at: number) => void;
/** What the server answers instead of opening a connection. */
interface Refusal {
  readonly status: number;
  readonly body?: string;
}

async function serve(plays: Plays | Refusal) {
  const asked: URL[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const ended: Promise<unknown>[] = [];
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request: IncomingMessage, stream, head) => {
    asked.push(new URL(request.url ?? '', 'http://server'));
    headers.push(request.headers);
    ended.push(new Promise((done) => stream.once('close', done)));
    // Without a reader it would not see the other end leave.
    if (typeof plays !== 'function')
      stream
        .on('error', () => undefined)
        .resume()
        .on('end', () => stream.destroy());
    if (typeof plays === 'function') sockets.handleUpgrade(request, stream, head, (socket) => plays(socket, asked.length - 1));
    else
      stream.write(
        `HTTP/1.1 ${plays.status} No\r\nlocation: /elsewhere\r\ncontent-length: ${plays.body?.length ?? 0}\r\n\r\n${plays.body ?? ''}`,
      );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  const kubeConfig = new KubeConfig();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  kubeConfig.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u', token: 't' });
  return { kubeConfig, asked, headers, ended };
}

const apiOf = (found: ProbedPod | undefined): ProbeApi => ({
  readPod: async () => found,
  createPod: async () => undefined,
  readLog: async () => '',
  deletePod: async () => undefined,
  listPods: async () => [],
});

async function exec(plays: Plays | Refusal, { limitMs = 5_000, signal = running, found = [RUNNING] as (ProbedPod | undefined)[] } = {}) {
  const { kubeConfig, asked, headers, ended } = await serve(plays);
  const told = await execInPod(kubeConfig, apiOf(found[0]), TARGET, limitMs, signal).catch((error: unknown) =>
    error instanceof Fault ? error.code : error,
  );
  // Whatever came of it, no connection is left open.
  await Promise.all(ended);
  return { told, asked, headers };
}

const send = (socket: WebSocket, channel: number, text: string | Buffer) =>
  socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
const end = (socket: WebSocket, status: object) => send(socket, 3, JSON.stringify(status));
const failed = (message: string, exitCode?: string) => ({
  status: 'Failure',
  message,
  ...(exitCode === undefined
    ? {}
    : {
        details: {
          causes: [
            { reason: 'Other', message: '0' },
            { reason: 'ExitCode', message: exitCode },
          ],
        },
      }),
});
/** A Status of that many bytes, whose message comes last. */
const statusOf = (bytes: number) => {
  const of = (filled: number) => JSON.stringify({ kind: 'Status', filled: 'x'.repeat(filled), message: 'no exec' });
  return of(bytes - of(0).length);
};
const reason = (text: string) => ({ state: 'unknown', reason: expect.stringContaining(text) });

describe('a command in a pod', () => {
  it('is the first one, in the first container, without input; what it prints is read, and what it complains of is not', async () => {
    const { told, asked, headers } = await exec((socket) => {
      send(socket, 1, 'one ');
      send(socket, 2, 'complaint');
      send(socket, 1, 'two');
      send(socket, 255, '');
      socket.send(Buffer.alloc(0));
      // The answer to a ping comes after all of that was taken.
      socket.ping();
      socket.once('pong', () => end(socket, { status: 'Success' }));
    });
    expect(told).toEqual({ state: 'read', output: 'one two' });
    expect(asked.map(({ pathname }) => pathname)).toEqual(['/api/v1/namespaces/lab/pods/web-0/exec']);
    const query = asked[0]?.searchParams;
    expect(query?.getAll('command')).toEqual(PROBE_COMMANDS[0]);
    expect(['container', 'stdout', 'stderr', 'stdin', 'tty'].map((name) => query?.get(name))).toEqual([
      'web',
      'true',
      'true',
      'false',
      'false',
    ]);
    expect(headers[0]).toMatchObject({ 'sec-websocket-protocol': 'v5.channel.k8s.io,v4.channel.k8s.io', authorization: 'Bearer t' });
  });

  it.each<[string, object, number]>([
    ['not found', failed('exec: "cat": executable file not found in $PATH'), 2],
    ['no such file', failed('No such file or directory', '1'), 2],
    ['not permitted', failed('permission denied'), 2],
    ['126', failed('ended', '126'), 2],
    ['127', failed('ended', '127'), 2],
    ['1', failed('ended', '1'), 2],
    ['unknown', failed('the kubelet is gone'), 1],
  ])('that ends by %s is followed by the next one where that may help', async (_, status, calls) => {
    const { told, asked } = await exec((socket, at) => {
      send(socket, 1, at === 0 ? 'half' : 'whole');
      end(socket, at === 0 ? status : { status: 'Success' });
    });
    expect(asked.map(({ searchParams }) => searchParams.getAll('command')[0])).toEqual(
      PROBE_COMMANDS.slice(0, calls).map(([name]) => name),
    );
    expect(told).toEqual(calls === 1 ? reason('the kubelet is gone') : { state: 'read', output: 'whole' });
  });

  it('that no image has, or that fails in all, is unknown, and so says how it failed', async () => {
    const none = await exec((socket) => end(socket, failed('not found')));
    expect([none.told, none.asked.length]).toEqual([reason('no tool'), PROBE_COMMANDS.length]);
    for (const code of ['126', '127']) expect((await exec((socket) => end(socket, failed('ended', code)))).told).toEqual(reason('no tool'));
    const one = await exec((socket, at) => end(socket, at === 1 ? failed('ended', '9') : failed('not found')));
    expect(one.told).toEqual(reason('The command sh ended with exit code 9'));
  });

  it('whose refusal names the address of a node tells what went wrong only', async () => {
    const { told } = await exec((socket) => end(socket, failed('error dialing: Get "https://10.0.0.4:10250/exec/lab?token=x": timeout')));
    expect(told).toEqual({ state: 'unknown', reason: expect.stringMatching(/error dialing: timeout$/) });
    const long = await exec((socket) => end(socket, failed('x'.repeat(300))));
    expect(long.told).toEqual({ state: 'unknown', reason: expect.stringMatching(/: x{200}$/) });
  });

  it.each([
    [MAX_PROBE_OUTPUT, 'read'],
    [MAX_PROBE_OUTPUT + 1, 'unknown'],
  ])('that prints %i bytes is %s', async (length, state) => {
    const { told } = await exec((socket) => {
      for (let at = 0; at < length; at += 1_000) send(socket, 1, Buffer.alloc(Math.min(1_000, length - at), 0x61));
      end(socket, { status: 'Success' });
    });
    expect(told).toMatchObject(state === 'read' ? { state, output: 'a'.repeat(length) } : { state });
  });

  it.each<[string, Plays, string]>([
    ['ends the connection', (socket) => socket.close(), 'ended before the command did'],
    ['cuts it', (socket) => socket.terminate(), 'ended before the command did'],
    ['sends what nobody knows', (socket) => send(socket, 9, 'x'), 'ended before the command did'],
    ['sends too much at once', (socket) => send(socket, 1, 'x'.repeat(65_536)), 'ended before the command did'],
    ['sends a status that is none', (socket) => send(socket, 3, 'x'), 'ended before the command did'],
    ['never ends', (socket) => send(socket, 1, 'x'), 'within 0.05 s.'],
  ])('is unknown when the server %s', async (_, plays, words) => {
    const { told, asked } = await exec(plays, { limitMs: words.includes('0.05') ? 50 : 5_000 });
    expect([told, asked.length]).toEqual([reason(words), 1]);
  });

  it('is ended with its caller, whether the server answered or not', async () => {
    const controller = new AbortController();
    const { told } = await exec(() => controller.abort(), { signal: controller.signal });
    expect(told).toEqual({
      state: 'unknown',
      reason: expect.stringMatching(/^The probe ended before the (pod answered|command ended)\.$/),
    });
    const never = await exec(() => undefined, { signal: AbortSignal.abort() });
    expect([never.told, never.asked]).toEqual([reason('before'), []]);
  });
});

describe('a server that refuses to run a command', () => {
  it.each<[number, unknown]>([
    [302, 'unsupported'],
    [401, 'unauthenticated'],
    [403, 'denied'],
    [404, reason('The pod ')],
    [422, 'denied'],
    [429, 'throttled'],
    [418, 'unsupported'],
    [499, 'unsupported'],
    [500, 'unreachable'],
    [503, 'unreachable'],
  ])('with status %i', async (status, expected) => {
    const { told, asked } = await exec({ status });
    expect([told, asked.length]).toEqual([expected, 1]);
  });

  it('is quoted in one line', async () => {
    const body = JSON.stringify({ kind: 'Status', message: 'no exec\nhere' });
    const { kubeConfig } = await serve({ status: 403, body });
    await expect(execInPod(kubeConfig, apiOf(RUNNING), TARGET, 5_000, running)).rejects.toThrow(/no exec here/);
  });

  it.each([
    ['nothing', '', ''],
    ['what is no Status', 'no exec', ''],
    ['a Status of 64 KiB', statusOf(65_536), ' The API server said: no exec.'],
    ['more than that', statusOf(65_537), ''],
  ])('with %s is told with what can be read of it', async (_, body, said) => {
    const { kubeConfig } = await serve({ status: 403, body });
    await expect(execInPod(kubeConfig, apiOf(RUNNING), TARGET, 5_000, running)).rejects.toMatchObject({
      message: `The probe may not exec: the identity needs \`create\` on \`pods/exec\`.${said}`,
    });
  });

  it('or that nobody reaches is unreachable', async () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser({ name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: true }, { name: 'u', token: 't' });
    await expect(execInPod(kubeConfig, apiOf(RUNNING), TARGET, 5_000, running)).rejects.toMatchObject({ code: 'unreachable' });
    await expect(execInPod(new KubeConfig(), apiOf(RUNNING), TARGET, 5_000, running)).rejects.toMatchObject({ code: 'malformed' });
  });
});

it.each<[string, ProbedPod | undefined, string]>([
  ['is gone', undefined, 'The pod '],
  ['has ended', { ...RUNNING, phase: 'Succeeded' }, 'Succeeded'],
  ['runs on another node', { ...RUNNING, node: 'kata-1' }, 'another node'],
  ['has no container', { ...RUNNING, containers: [] }, 'no container'],
])('a pod that %s gets no command', async (_, found, words) => {
  const { told, asked } = await exec((socket) => end(socket, { status: 'Success' }), { found: [found] });
  expect([told, asked]).toEqual([reason(words), []]);
});
