import { createServer, type IncomingHttpHeaders } from 'node:http';

/** A request to a webhook. */
export interface Received {
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A webhook that keeps its requests, and answers with the given status, or never. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  answer: number | 'hang';
  /** Resolves when a request makes the condition true. */
  until(holds: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one on this machine. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const looks = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      for (const look of looks) look();
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
    until: (holds) =>
      new Promise((done) => {
        const look = () => {
          if (!holds()) return;
          looks.delete(look);
          done();
        };
        looks.add(look);
        look();
      }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return receiver;
}
