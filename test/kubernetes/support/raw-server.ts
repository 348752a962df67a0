import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { ClusterAccess } from '../../../shared/kubernetes/client/access.ts';
import type { Credentials } from '../../../shared/kubernetes/client/credentials.ts';

/** A server whose answers a test chooses, over TLS when it has a certificate. */
export interface RawServer {
  readonly url: string;
  /** Access to it with these credentials. */
  access(credentials?: Partial<Credentials>): ClusterAccess;
  stop(): Promise<void>;
}

/** Starts a server on a free port of loopback. */
export async function startRawServer(listener: RequestListener, tls?: ServerOptions): Promise<RawServer> {
  const server: Server = tls === undefined ? createHttp(listener) : createHttps(tls, listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('A server has no port.');
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`;
  return {
    url,
    access: (credentials = {}) => ({
      server: url,
      credentials: async () => ({ tls: {}, headers: {}, ...credentials }),
      kubeConfig: () => Promise.reject(new Error('Not asked for here.')),
    }),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
