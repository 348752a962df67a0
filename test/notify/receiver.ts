import { createServer, type IncomingHttpHeaders } from 'node:http';

/** A request that a webhook got. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A webhook that keeps what it gets, and answers as it is told: a status, or nothing ever. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  answer: number | 'hang';
  stop(): Promise<void>;
}

/** Starts one on this machine. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      if (receiver.answer !== 'hang') response.writeHead(receiver.answer, { location: '/elsewhere' }).end('thanks');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${address.port}/hook/secret-path?key=secret-key`,
    received,
    answer: 202,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return receiver;
}
