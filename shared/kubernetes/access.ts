import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Fault } from '../domain/fault.ts';

/** What a request to an API server carries. */
export interface Credentials {
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  readonly headers: Readonly<Record<string, string>>;
}

/** How to reach and authenticate to one API server. */
export interface ClusterAccess {
  /** Without a slash at the end. */
  readonly server: string;
  /** Set when the access came from a kubeconfig. */
  readonly contextName?: string;
  /** Asked before each list; tokens are renewed when they are about to end, or when `renew` says that one was refused. */
  readonly credentials: (renew: boolean) => Promise<Credentials>;
  /** The same access for the Kubernetes client's own calls. */
  readonly kubeConfig: () => Promise<KubeConfig>;
}

/** The user's own kubeconfig: client certificates, tokens, token files and exec plugins are the user's to use. */
export async function accessFromKubeconfig(file: string, context?: string): Promise<ClusterAccess> {
  const kubeConfig = await parse(await readText(file), file);
  const contexts = kubeConfig.getContexts().map(({ name }) => name);
  const wanted = context ?? kubeConfig.getCurrentContext();
  if (!contexts.includes(wanted)) {
    const known = contexts.length === 0 ? 'it has none' : `it has ${contexts.join(', ')}`;
    const asked = wanted === undefined || wanted === '' ? 'names no current context' : `has no context ${JSON.stringify(wanted)}`;
    throw new Fault('malformed', `The kubeconfig ${file} ${asked}; ${known}.`);
  }
  kubeConfig.setCurrentContext(wanted);
  const server = kubeConfig.getCurrentCluster()?.server;
  if (server === undefined) throw new Fault('malformed', `The context ${wanted} of ${file} names a cluster that is not in the file.`);
  return {
    server: server.replace(/\/+$/, ''),
    contextName: wanted,
    credentials: () => credentialsOf(kubeConfig, wanted),
    kubeConfig: async () => kubeConfig,
  };
}

/**
 * The access that Azure gives: server and authority of its kubeconfig with the identity's own token. A
 * client certificate or an exec plugin in it is never used: the one is an administrator's, the other a program.
 */
export async function accessFromAksCredential(
  kubeconfigYaml: string,
  token: string | ((abortSignal?: AbortSignal) => Promise<string>),
): Promise<ClusterAccess> {
  const given = (await parse(kubeconfigYaml, 'the kubeconfig that Azure gave')).getCurrentCluster();
  if (given?.caData === undefined) throw new Fault('malformed', 'The kubeconfig that Azure gave names no server with an authority.');
  const { server, caData } = given;
  const current = async () => (typeof token === 'string' ? token : token());
  return {
    server: server.replace(/\/+$/, ''),
    credentials: async () => ({
      tls: { ca: Buffer.from(caData, 'base64') },
      headers: { authorization: `Bearer ${await current()}` },
    }),
    kubeConfig: async () => {
      const { KubeConfig: Config } = await import('@kubernetes/client-node');
      const config = new Config();
      config.loadFromClusterAndUser(
        { name: 'cluster', server, caData, skipTLSVerify: false },
        { name: 'identity', token: await current() },
      );
      return config;
    },
  };
}

async function credentialsOf(kubeConfig: KubeConfig, context: string): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await kubeConfig.applyToHTTPSOptions(options);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('unauthenticated', `The credentials of the context ${context} cannot be used: ${detail}`, { cause });
  }
  const { ca, cert, key, rejectUnauthorized, servername, auth } = options;
  const basic = typeof auth === 'string' ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  return {
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      ...(servername === undefined ? {} : { servername }),
    },
    headers: { ...headersOf(options.headers), ...basic },
  };
}

function headersOf(headers: RequestOptions['headers']): Record<string, string> {
  if (headers === undefined || Array.isArray(headers)) return {};
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), String(value)]])),
  );
}

async function parse(text: string, source: string): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node');
  const config = new Config();
  try {
    config.loadFromString(text);
  } catch (cause) {
    const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new Fault('malformed', `Not a kubeconfig: ${source} (${detail})`, { cause });
  }
  return config;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Fault('not-found', `The kubeconfig ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
