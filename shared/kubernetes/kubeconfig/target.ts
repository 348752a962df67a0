import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { Credentials } from '../client/credentials.ts';
import { ClusterEntry, ContextEntry, UserEntry } from './entries.ts';
import { type Entry, type Kubeconfig, problemsOf } from './load.ts';
import { isProxyAddress } from './proxy.ts';

/** The entries that one context names, parsed and checked. */
export interface Target {
  readonly contextName: string;
  /** Without a trailing slash. */
  readonly server: string;
  readonly cluster: ClusterEntry;
  readonly clusterFolder: string;
  readonly user: UserEntry;
  readonly userFolder: string;
  /** The user's name in messages. */
  readonly who: string;
}

/** Resolves a context and its entries; throws one `Fault` that names the file and its contexts. */
export function targetOf(config: Kubeconfig, wanted: string | undefined): Target {
  const contextName = wanted ?? config.currentContext ?? '';
  const entry = config.contexts.get(contextName);
  if (entry === undefined) throw noContext(config, contextName);
  const where = `The kubeconfig ${config.source}, context ${JSON.stringify(contextName)},`;
  const context = read(ContextEntry, entry, where);
  const found = { cluster: config.clusters.get(context.cluster ?? ''), user: config.users.get(context.user ?? '') };
  if (found.cluster === undefined) throw missing(where, 'cluster', context.cluster);
  if (found.user === undefined && context.user !== undefined) throw missing(where, 'user', context.user);
  const cluster = read(ClusterEntry, found.cluster, `${where} cluster ${JSON.stringify(context.cluster)},`);
  checkProxy(cluster, where);
  const who = `the user ${JSON.stringify(context.user ?? '')} of ${config.source}`;
  const nobody = { value: {}, folder: found.cluster.folder, isTwice: false };
  const user = read(UserEntry, found.user ?? nobody, `${where} user ${JSON.stringify(context.user ?? '')},`);
  checkUser(user, who);
  const userFolder = (found.user ?? nobody).folder;
  return { contextName, server: serverOf(cluster, user, where), cluster, clusterFolder: found.cluster.folder, user, userFolder, who };
}

function noContext({ source, contexts }: Kubeconfig, name: string): Fault {
  const names = [...contexts.keys()];
  const has = names.length === 0 ? 'It has no context.' : `Its contexts: ${names.join(', ')}.`;
  const what = name === '' ? 'names no current context' : `has no context ${JSON.stringify(name)}`;
  return new Fault('not-found', `The kubeconfig ${source} ${what}. ${has}`);
}

function missing(where: string, what: string, name = ''): Fault {
  return new Fault('malformed', `${where} refers to the ${what} ${JSON.stringify(name)}, which does not exist.`);
}

function read<T>(schema: z.ZodType<T>, { value, isTwice }: Entry, where: string): T {
  if (isTwice) throw new Fault('malformed', `${where} is defined twice: remove one of the two.`);
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw new Fault('malformed', `${where} cannot be used: ${problemsOf(parsed.error)}.`);
}

/**
 * Returns the server's address. Without a scheme, https is used if any TLS option is set, as kubectl does. Source: client-go
 * rest/url_utils.go.
 */
function serverOf(cluster: ClusterEntry, user: UserEntry, where: string): string {
  const { server } = cluster;
  if (server === undefined) throw new Fault('malformed', `${where} refers to a cluster without a server.`);
  const authority = cluster['certificate-authority'] ?? cluster['certificate-authority-data'];
  if (cluster['insecure-skip-tls-verify'] && authority !== undefined) {
    throw new Fault('malformed', `${where} has both a certificate authority and insecure-skip-tls-verify: remove one of the two.`);
  }
  const tls = authority ?? user['client-certificate'] ?? user['client-certificate-data'];
  const scheme = tls !== undefined || cluster['insecure-skip-tls-verify'] ? 'https' : 'http';
  const whole = server.includes('://') ? server : `${scheme}://${server}`;
  const url = URL.parse(whole);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new Fault('malformed', `${where} has no usable server: the address must begin with https://.`);
  }
  // client-go ignores a query: it replaces it with the path of each request.
  return `${url.protocol}${whole.slice(url.protocol.length)}`.replace(/[?#].*/s, '').replace(/\/+$/, '');
}

/** Checks the proxy of the cluster entry. */
function checkProxy({ 'proxy-url': proxy }: ClusterEntry, where: string): void {
  if (proxy === undefined || isProxyAddress(proxy)) return;
  throw new Fault('malformed', `${where} has no usable proxy-url: the address must begin with http://, https:// or socks5://.`);
}

/** Rejects the same combinations as kubectl. Source: client-go tools/clientcmd/validation.go. */
function checkUser(user: UserEntry, who: string): void {
  const no = (what: string) => new Fault('malformed', `${capital(who)} ${what}`);
  const byToken = user.token !== undefined || user.tokenFile !== undefined;
  if (byToken && user.username !== undefined) throw no('has a token and a user name: only one of them is allowed.');
  if (user.exec != null && user['auth-provider'] != null) throw no('has an auth provider and a program: only one of them is allowed.');
  const certificate = user['client-certificate'] ?? user['client-certificate-data'];
  const key = user['client-key'] ?? user['client-key-data'];
  if (certificate !== undefined && key === undefined) throw no('has a client certificate without its key.');
  const asWhat = user['as-uid'] !== undefined || user['as-groups'].length > 0 || Object.keys(user['as-user-extra']).length > 0;
  if (asWhat && user.as === undefined) throw no('impersonates groups, a uid or extra fields, but no user (`as`).');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns the TLS options of a context: the trusted certificate authority and the client certificate. Files are read each time. */
export async function tlsOf({ cluster, clusterFolder, user, userFolder, who }: Target): Promise<Credentials['tls']> {
  const ca = await pem(cluster, 'certificate-authority', clusterFolder, who);
  if (ca?.includes('-----BEGIN ') === false) throw new Fault('malformed', `The certificate-authority for ${who} contains no certificate.`);
  const cert = await pem(user, 'client-certificate', userFolder, who);
  const key = await pem(user, 'client-key', userFolder, who);
  return {
    ...given({ ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...given({ servername: cluster['tls-server-name'] }),
    ...(cluster['insecure-skip-tls-verify'] ? { rejectUnauthorized: false } : {}),
  };
}

/** Data in the entry itself takes precedence over a file that it names. */
async function pem<K extends string>(
  entry: { readonly [P in K | `${K}-data`]?: string | undefined },
  name: K,
  folder: string,
  who: string,
): Promise<Buffer | undefined> {
  const data = entry[`${name}-data`];
  if (data !== undefined) {
    if (!z.base64().safeParse(data.replace(/\s/g, '')).success) throw new Fault('malformed', `${name}-data for ${who} is not base64.`);
    return Buffer.from(data, 'base64');
  }
  const path = entry[name];
  return path === undefined ? undefined : readNamed(resolve(folder, path), name, who);
}

/** Reads a file that a kubeconfig refers to. */
export async function readNamed(path: string, name: string, who: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new Fault('malformed', `The file ${path}, the ${name} for ${who}, cannot be read (${reason}).`, { cause });
  }
}
