import type { ClusterAccess } from '../../shared/kubernetes/client/access.ts';

/** The API server that a client of the bench reads, from its environment variables. */
export interface BenchServer {
  /** Certificate authority, PEM. */
  readonly ca: string;
  /** Absent if the server requires none. */
  readonly token: string | undefined;
}

/** The environment variables of a process that reads pods. */
export function benchEnvironment({ ca, token }: BenchServer): Record<string, string> {
  return { BENCH_CA: ca, ...(token === undefined ? {} : { BENCH_TOKEN: token }) };
}

/** The API server that the bench started this process for. */
export function benchServer(): BenchServer {
  const { BENCH_CA: ca, BENCH_TOKEN: token } = process.env;
  if (ca === undefined) throw new Error('BENCH_CA is not set.');
  return { ca, token };
}

/** The headers that a request to it needs. */
export function benchHeaders({ token }: BenchServer): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Access to it. */
export function benchAccess(server: string): ClusterAccess {
  const bench = benchServer();
  return {
    server,
    credentials: async () => ({ tls: { ca: bench.ca }, headers: benchHeaders(bench) }),
    kubeConfig: () => Promise.reject(new Error('Not requested here.')),
  };
}
