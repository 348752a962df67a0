import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { send } from '../../shared/notify/send.ts';
import { webhookNotifier } from '../../shared/notify/webhook.ts';

/** Answers each connection with these bytes and leaves it open. */
let answer = '';
const sockets = new Set<Socket>();
let firstBytes: Buffer[] = [];
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.once('data', (data) => {
    firstBytes.push(data);
    socket.write(answer);
  });
  socket.once('close', () => sockets.delete(socket));
});
let port = 0;
beforeEach(async () => {
  firstBytes = [];
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : expect.unreachable();
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => server.close(done));
});

const sent = (scheme = 'http') =>
  send({
    url: `${scheme}://127.0.0.1:${port}/`,
    headers: {},
    body: '{}',
    allowPrivate: true,
    abortSignal: new AbortController().signal,
  });

it('a response whose body never ends is not read to its end: the connection is closed', async () => {
  answer = 'HTTP/1.1 202 Accepted\r\ncontent-length: 1000000\r\n\r\n';
  expect(await sent()).toBe(202);
  const [socket = expect.unreachable()] = sockets;
  await new Promise((done) => socket.once('close', done));
});

it('a status below 200 is no success', async () => {
  answer = 'HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n';
  const notifier = webhookNotifier({
    url: `http://127.0.0.1:${port}/`,
    setting: 'KATAUDIT_NOTIFY_URL',
    format: 'slack',
    pageOf: () => undefined,
    clock: () => new Date(0),
    allowPrivate: true,
  });
  await expect(notifier.deliver([], new AbortController().signal)).rejects.toThrow('answered with status 99');
});

it('an address with https is sent to by TLS', async () => {
  answer = 'HTTP/1.1 400 Bad Request\r\n\r\n';
  await expect(sent('https')).rejects.toThrow();
  // A record of a TLS handshake. Source: RFC 8446, 5.1.
  expect(firstBytes[0]?.[0]).toBe(22);
});
