import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

/** A proxy between the app and the tables of the storage emulator that can hold back requests. */
export interface HoldingProxy {
  /** The connection string through the proxy. */
  readonly connectionString: string;
  /** The number of requests since the last call of `hold`, or since the start. */
  readonly count: () => number;
  /** Counts from 0 again, and holds back the n-th request and all later ones until `release`. */
  hold(from: number): void;
  /** Resolves when the first request is held back. */
  reached(): Promise<void>;
  release(): void;
  stop(): Promise<void>;
}

/** Starts a proxy for the tables of a connection string; its other endpoints are unchanged. */
export async function startHoldingProxy(connectionString: string): Promise<HoldingProxy> {
  const [, origin = ''] = /TableEndpoint=(http:\/\/[^/;]+)/.exec(connectionString) ?? [];
  const agent = new Agent({ keepAlive: true });
  const held: (() => void)[] = [];
  let count = 0;
  let from = Number.POSITIVE_INFINITY;
  let reached = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    count += 1;
    if (count < from) pass(incoming, outgoing, origin, agent);
    else {
      held.push(() => pass(incoming, outgoing, origin, agent));
      reached.resolve();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const release = () => {
    from = Number.POSITIVE_INFINITY;
    for (const go of held.splice(0)) go();
  };
  return {
    connectionString: connectionString.replace(`TableEndpoint=${origin}`, `TableEndpoint=${originOf(server)}`),
    count: () => count,
    hold: (first) => {
      count = 0;
      from = first;
      reached = Promise.withResolvers();
    },
    reached: () => reached.promise,
    release,
    stop: async () => {
      release();
      agent.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return `http://127.0.0.1:${address.port}`;
}

/** The host header is unchanged: the emulator's signature covers only the path. */
function pass(incoming: IncomingMessage, outgoing: ServerResponse, origin: string, agent: Agent): void {
  const options = { agent, method: incoming.method ?? 'GET', headers: incoming.headers };
  const onward = request(`${origin}${incoming.url ?? '/'}`, options, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
