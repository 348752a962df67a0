import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { dirname, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { beforeAbort } from './before-abort.ts';
import type { Credentials } from './credentials.ts';

/** One context of a kubeconfig, ready to be used. */
export interface OpenKubeconfig {
  readonly contextName: string;
  /** Without a slash at the end. */
  readonly server: string;
  readonly kubeConfig: KubeConfig;
  /** What the context's user shows to the server; runs the exec plugin when there is one. */
  apply(abortSignal: AbortSignal): Promise<Credentials>;
}

const text = z.string().nullish();
const User = z.looseObject({ token: text, tokenFile: text, exec: z.looseObject({ command: z.string() }).nullish() });
const Kubeconfig = z.looseObject({
  'current-context': text,
  contexts: z.array(z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: text }) })).nullish(),
  clusters: z.array(z.looseObject({ name: z.string(), cluster: z.looseObject({ server: z.string(), 'proxy-url': text }) })).nullish(),
  users: z.array(z.looseObject({ name: z.string(), user: User.nullish() })).nullish(),
});
type Kubeconfig = z.infer<typeof Kubeconfig>;

const TOKEN_FILE = 'token-file';
const NOBODY = 'nobody';
const MAX_DETAIL = 300;

/** Reads a kubeconfig and picks a context; throws one `Fault` that names the file and its contexts. */
export async function openKubeconfig(file: string, context?: string): Promise<OpenKubeconfig> {
  const config = await read(file);
  const contextName = contextOf(config, file, context);
  const { server, proxied, user, pluginName } = targetOf(config, file, contextName);
  const kubeConfig = await clientConfig(config, file, contextName, user);
  return {
    contextName,
    server,
    kubeConfig,
    apply: (abortSignal) => applied(kubeConfig, { file, proxied, pluginName }, abortSignal),
  };
}

/** The names of a kubeconfig's contexts, in its order; throws one `Fault` for a file that is none. */
export async function contextsOf(file: string): Promise<readonly string[]> {
  return (await read(file)).contexts?.map(({ name }) => name) ?? [];
}

async function read(file: string): Promise<Kubeconfig> {
  try {
    const source = await readFile(file, 'utf8');
    return Kubeconfig.parse(parse(source));
  } catch (cause) {
    if (cause instanceof z.ZodError) {
      throw new Fault('malformed', `${file} is not a kubeconfig: ${z.prettifyError(cause).slice(0, MAX_DETAIL)}`, { cause });
    }
    throw new Fault('malformed', `The kubeconfig ${file} cannot be read: ${detail(cause)}`, { cause });
  }
}

function contextOf(config: Kubeconfig, file: string, wanted: string | undefined): string {
  const names = (config.contexts ?? []).map(({ name }) => name);
  const name = wanted ?? config['current-context'] ?? '';
  if (names.includes(name)) return name;
  const has = names.length === 0 ? 'It has no context.' : `Its contexts: ${names.join(', ')}.`;
  const what = name === '' ? 'names no current context' : `has no context ${JSON.stringify(name)}`;
  throw new Fault('not-found', `The kubeconfig ${file} ${what}. ${has}`);
}

function targetOf(config: Kubeconfig, file: string, contextName: string) {
  const context = config.contexts?.find(({ name }) => name === contextName)?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const where = `The kubeconfig ${file}, context ${JSON.stringify(contextName)},`;
  if (cluster === undefined)
    throw new Fault('malformed', `${where} names the cluster ${JSON.stringify(context?.cluster)}, which is not in it.`);
  const server = URL.parse(cluster.server);
  if (server === null || !['http:', 'https:'].includes(server.protocol)) {
    throw new Fault('malformed', `${where} has no usable server: ${JSON.stringify(cluster.server)}.`);
  }
  const user = context?.user || NOBODY;
  const found = config.users?.find(({ name }) => name === user);
  if (found === undefined && user !== NOBODY)
    throw new Fault('malformed', `${where} names the user ${JSON.stringify(user)}, who is not in it.`);
  return {
    server: cluster.server.replace(/\/+$/, ''),
    proxied: Boolean(cluster['proxy-url']),
    user,
    pluginName: found?.user?.exec?.command,
  };
}

/**
 * The client library knows neither the kubeconfig's own key `tokenFile` nor a context without a user
 * (for which it would forget the certificate authority): both are put into words that it knows.
 */
async function clientConfig(config: Kubeconfig, file: string, contextName: string, user: string): Promise<KubeConfig> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node');
  const folder = dirname(resolve(file));
  const users = (config.users ?? []).map(({ name, user: held }) => ({
    name,
    user: held?.tokenFile ? fromFile(held.tokenFile, folder) : held,
  }));
  const contexts = config.contexts?.map((one) => (one.name === contextName ? { ...one, context: { ...one.context, user } } : one));
  const usable = { ...config, contexts, users: [...users, { name: NOBODY, user: {} }] };
  const kubeConfig = new Config();
  kubeConfig.addAuthenticator({
    isAuthProvider: ({ authProvider }) => authProvider?.name === TOKEN_FILE,
    applyAuthentication: async ({ authProvider }, options) => {
      const token = (await readFile(String(authProvider.config.path), 'utf8')).trim();
      options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
    },
  });
  try {
    kubeConfig.loadFromString(JSON.stringify(usable));
    kubeConfig.makePathsAbsolute(folder);
    kubeConfig.setCurrentContext(contextName);
    return kubeConfig;
  } catch (cause) {
    throw new Fault('malformed', `${file} is not a kubeconfig: ${detail(cause)}`, { cause });
  }
}

function fromFile(tokenFile: string, folder: string) {
  return { 'auth-provider': { name: TOKEN_FILE, config: { path: resolve(folder, tokenFile) } } };
}

interface Applying {
  readonly file: string;
  readonly proxied: boolean;
  readonly pluginName: string | undefined;
}

async function applied(kubeConfig: KubeConfig, { file, proxied, pluginName }: Applying, abortSignal: AbortSignal): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await beforeAbort(kubeConfig.applyToHTTPSOptions(options), abortSignal);
  } catch (cause) {
    if (abortSignal.aborted) throw new Fault('timed-out', `The credentials of ${file} did not come in time.`, { cause });
    const who = pluginName === undefined ? `The credentials of ${file}` : `The program ${pluginName}, which ${file} names,`;
    throw new Fault('unauthenticated', `${who} could not be used: ${detail(cause)}`, { cause });
  }
  const { ca, cert, key, servername, rejectUnauthorized, auth, agent } = options;
  return {
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
    headers: { ...plain(options.headers), ...(auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}) },
    ...(proxied && agent !== undefined && typeof agent !== 'boolean' ? { agent } : {}),
  };
}

function plain(headers: RequestOptions['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()]));
}

function detail(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).trim().slice(0, MAX_DETAIL);
}
