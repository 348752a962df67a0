import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

/** When the host is killed: at the n-th write to storage, before storage receives it or after it was applied. */
export interface DeathAtWrite {
  readonly write: number;
  readonly moment: 'before' | 'after';
  /** Gets the method and path of the write. */
  readonly kill: (write: string) => void;
}

/** A proxy between the app and the storage emulator that counts the writes and can kill the host at one of them. */
export interface StorageProxy {
  /** Leads through the proxy. */
  readonly connectionString: string;
  /** Writes that arrived since the last call of `arm`, or since the start. */
  readonly writes: () => number;
  /** Counts from 0 again, and kills the host at the given write; without one it never does. */
  arm(death?: DeathAtWrite): void;
  stop(): Promise<void>;
}

/** Starts a proxy for each endpoint that a connection string names. */
export async function startStorageProxy(connectionString: string): Promise<StorageProxy> {
  const agent = new Agent({ keepAlive: true });
  let writes = 0;
  let death: DeathAtWrite | undefined;
  const strike = (incoming: IncomingMessage): DeathAtWrite | undefined => {
    if (incoming.method === 'GET' || incoming.method === 'HEAD') return undefined;
    writes += 1;
    return writes === death?.write ? death : undefined;
  };
  const servers: Server[] = [];
  let proxied = connectionString;
  for (const [, origin = ''] of connectionString.matchAll(/Endpoint=(http:\/\/[^/;]+)/g)) {
    const server = createServer((incoming, outgoing) => pass(incoming, outgoing, origin, agent, strike(incoming)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    servers.push(server);
    proxied = proxied.replace(origin, addressOf(server));
  }
  return {
    connectionString: proxied,
    writes: () => writes,
    arm: (next) => {
      writes = 0;
      death = next;
    },
    stop: async () => {
      agent.destroy();
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
    },
  };
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, origin: string, agent: Agent, death: DeathAtWrite | undefined): void {
  // Without the query, which adds no information and contains a receipt that changes.
  const write = `${incoming.method} ${incoming.url?.split('?')[0]?.slice(0, 80)}`;
  if (death?.moment === 'before') {
    death.kill(write);
    outgoing.destroy();
    return;
  }
  const forwarded = request(`${origin}${incoming.url}`, { method: incoming.method, headers: incoming.headers, agent }, (answered) => {
    if (death === undefined) {
      outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(outgoing);
      return;
    }
    // Storage has applied it, and the app gets no answer.
    answered.resume();
    death.kill(write);
    outgoing.destroy();
  });
  forwarded.on('error', () => outgoing.destroy());
  incoming.pipe(forwarded);
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return `http://127.0.0.1:${address.port}`;
}
