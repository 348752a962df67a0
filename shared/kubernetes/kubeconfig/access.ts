import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterAccess } from '../client/access.ts';
import type { Credentials } from '../client/credentials.ts';
import { SignInFault } from '../client/network-fault.ts';
import { type Environment, loadKubeconfig } from './load.ts';
import { proxyFor } from './proxy.ts';
import { SignIn } from './sign-in.ts';
import { type Target, targetOf, tlsOf } from './target.ts';
import { impersonation, shown } from './user-headers.ts';

/** Dependencies for reading a kubeconfig. */
export interface KubeconfigWorld {
  readonly environment: Environment;
  /** Whether standard input is a terminal, so that sign-in programs may prompt. */
  readonly isTerminal: boolean;
  /** Time limit of a sign-in program, in milliseconds. */
  readonly signInMs: number;
  readonly clock: Clock;
}

/**
 * Returns the access of a kubeconfig's user as kubectl would: client certificates, tokens, passwords, programs, impersonation and proxies
 * are supported. Throws one `Fault` for a file or context that cannot be used.
 */
export async function accessFromKubeconfig(
  file: string | undefined,
  context: string | undefined,
  world: KubeconfigWorld,
): Promise<ClusterAccess> {
  const target = targetOf(await loadKubeconfig(file, world.environment), context);
  const { contextName, server } = target;
  checkProvider(target);
  const proxy = target.cluster['proxy-url'] ?? proxyFor(server, world.environment);
  const signIn = new SignIn(target, world);
  const credentials = async (renew: boolean, abortSignal: AbortSignal): Promise<Credentials> => {
    // No credential is sent over plain HTTP, as used with `kubectl proxy`.
    const own = server.startsWith('http:') ? { tls: {}, headers: {} } : await ofUser(target, signIn, renew, abortSignal);
    const agent = proxy === undefined ? undefined : await agentOf(await clientConfig(target, proxy, async () => own));
    return { ...own, ...given({ agent }) };
  };
  const kubeConfig = () => clientConfig(target, proxy, () => credentials(false, new AbortController().signal));
  return { contextName, server, credentials, kubeConfig };
}

async function ofUser(target: Target, signIn: SignIn, renew: boolean, abortSignal: AbortSignal): Promise<Credentials> {
  const tls = await tlsOf(target);
  const given = (await shown(target)) ?? (await signIn.headers(renew, abortSignal));
  return { tls: { ...tls, ...signIn.certificate }, headers: { ...given, ...impersonation(target.user) } };
}

/** kubectl 1.26 and later support only `oidc`. */
function checkProvider({ user, who }: Target): void {
  const name = user['auth-provider']?.name;
  if (name === undefined || name === 'oidc') return;
  const instead = { azure: ' (kubelogin)', gcp: ' (gke-gcloud-auth-plugin)' }[name] ?? '';
  throw new SignInFault(
    `The auth provider ${JSON.stringify(name)} for ${who} is not supported, by kubectl neither: configure a sign-in program in the kubeconfig instead${instead}.`,
  );
}

async function agentOf(config: KubeConfig): Promise<Agent | undefined> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return typeof options.agent === 'object' ? options.agent : undefined;
}

/** The same access as the Kubernetes client's configuration; credentials are requested for each call. */
async function clientConfig(target: Target, proxy: string | undefined, current: () => Promise<Credentials>): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('../client/library.ts');
  const { cluster, server } = target;
  const { ca } = await tlsOf(target);
  const config = new Config();
  config.addAuthenticator({
    isAuthProvider: () => true,
    applyAuthentication: async (_user, options) => {
      const { tls, headers } = await current();
      options.headers = { ...options.headers, ...single(headers) };
      if (tls.cert !== undefined) options.cert = tls.cert;
      if (tls.key !== undefined) options.key = tls.key;
    },
  });
  config.loadFromClusterAndUser(
    {
      name: 'cluster',
      server,
      skipTLSVerify: cluster['insecure-skip-tls-verify'] || server.startsWith('http:'),
      ...(ca === undefined ? {} : { caData: Buffer.from(String(ca)).toString('base64') }),
      ...given({ tlsServerName: cluster['tls-server-name'], proxyUrl: proxy?.replace(/^socks5:/i, 'socks5h:') }),
    },
    { name: 'user', authProvider: { name: 'kubeconfig', config: {} } },
  );
  return config;
}

/** The client joins several values of a header with commas, which would turn two groups into one. */
function single(headers: Credentials['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const [first = '', ...more] = typeof value === 'string' ? [value] : value;
      if (more.length > 0)
        throw new Fault('unsupported', 'The probe cannot act as a user with several groups: name one in `as-groups`, or none.');
      return [name, first];
    }),
  );
}
