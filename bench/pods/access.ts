import type { ClusterAccess } from '../../shared/kubernetes/client/access.ts';

/** The authority of the generated API server, PEM; the process that starts a client tells it. */
export function benchAuthority(): string {
  const ca = process.env.BENCH_CA;
  if (ca === undefined) throw new Error('BENCH_CA is not set.');
  return ca;
}

/** Access to the generated API server, which asks for no credential. */
export function benchAccess(server: string): ClusterAccess {
  return {
    server,
    credentials: async () => ({ tls: { ca: benchAuthority() }, headers: {} }),
    kubeConfig: () => Promise.reject(new Error('Not asked for here.')),
  };
}
