import type { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { advised } from './advice.ts';
import type { Credentials } from './credentials.ts';

/** How to connect and authenticate to one API server. */
export interface ClusterAccess {
  /** Without a trailing slash. */
  readonly server: string;
  /** Set if the access comes from a kubeconfig. */
  readonly contextName?: string;
  /** Returns credentials; with `renew` new ones, because the server refused the current ones. Throws a `Fault` if there are none. */
  readonly credentials: (renew: boolean, abortSignal: AbortSignal) => Promise<Credentials>;
  /** The same access as the Kubernetes client's configuration. */
  readonly kubeConfig: () => Promise<KubeConfig>;
}

/** A fixed token, or a function that returns a valid one; with `renew` a new one, because the server refused the last. */
export type TokenSource = string | ((abortSignal?: AbortSignal, renew?: boolean) => Promise<string>);

interface AksServer {
  readonly server: string;
  readonly caData: string;
}

/**
 * Returns the access from Azure's kubeconfig: its server and certificate authority, with the identity's own token. A client certificate
 * in it (an administrator's) and an exec plugin (a program) are never used. `hosts` are the API server's names according to Azure; a
 * kubeconfig with another server gets no token.
 */
export async function accessFromAksCredential(
  kubeconfigYaml: string,
  token: TokenSource,
  hosts: readonly string[],
): Promise<ClusterAccess> {
  const target = await advised(aksServer(kubeconfigYaml, hosts));
  const current = async (abortSignal?: AbortSignal, renew?: boolean) => (typeof token === 'string' ? token : token(abortSignal, renew));
  return {
    server: target.server,
    credentials: async (renew, abortSignal) => ({
      tls: { ca: Buffer.from(target.caData, 'base64') },
      headers: { authorization: `Bearer ${await current(abortSignal, renew)}` },
    }),
    kubeConfig: () => clientConfig(target, current),
  };
}

const Named = z.object({ name: z.string() });
/** Only these fields are read, no users and no credentials. */
const AksKubeconfig = z.object({
  'current-context': z.string().nullish(),
  clusters: z.array(Named.extend({ cluster: z.object({ server: z.url(), 'certificate-authority-data': z.base64().min(1) }) })).min(1),
  contexts: z.array(Named.extend({ context: z.object({ cluster: z.string() }) })).nullish(),
});

async function aksServer(kubeconfigYaml: string, hosts: readonly string[]): Promise<AksServer> {
  const { clusters, contexts, 'current-context': context } = readAksKubeconfig(kubeconfigYaml);
  const wanted = contexts?.find(({ name }) => name === context)?.context.cluster;
  const cluster = (clusters.find(({ name }) => name === wanted) ?? clusters[0])?.cluster;
  if (cluster === undefined || !cluster.server.startsWith('https:')) {
    throw new Fault('malformed', 'The kubeconfig from Azure has no server with https.');
  }
  const { hostname, username } = new URL(cluster.server);
  if (username !== '' || !hosts.some((host) => host.toLowerCase() === hostname.toLowerCase())) {
    const named = hosts.length === 0 ? 'none' : hosts.join(' or ');
    throw new Fault(
      'malformed',
      `The kubeconfig from Azure has the server ${hostname}, but the cluster's API server is ${named}: no token was sent.`,
    );
  }
  return { server: cluster.server.replace(/\/+$/, ''), caData: cluster['certificate-authority-data'] };
}

function readAksKubeconfig(text: string): z.infer<typeof AksKubeconfig> {
  try {
    return AksKubeconfig.parse(parse(text));
  } catch (cause) {
    throw new Fault('malformed', 'The kubeconfig from Azure has no server with a certificate authority.', { cause });
  }
}

/** The token is requested for each call, so that a long probe does not outlive it. */
async function clientConfig({ server, caData }: AksServer, current: () => Promise<string>): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('./library.ts');
  const config = new Config();
  config.addAuthenticator({
    isAuthProvider: () => true,
    applyAuthentication: async (_user, options) => {
      options.headers = { ...options.headers, Authorization: `Bearer ${await current()}` };
    },
  });
  config.loadFromClusterAndUser(
    { name: 'cluster', server, caData, skipTLSVerify: false },
    { name: 'identity', authProvider: { name: 'identity', config: {} } },
  );
  return config;
}
