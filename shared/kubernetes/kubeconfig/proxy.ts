import { BlockList, isIP } from 'node:net';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Environment } from './load.ts';

/** Source: client-go tools/clientcmd/client_config.go. In Go, the proxy resolves the name for both SOCKS schemes. */
const SCHEMES = ['http:', 'https:', 'socks5:', 'socks5h:'];

/** Whether a text is a usable proxy address. */
export function isProxyAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && SCHEMES.includes(url.protocol) && url.hostname !== '';
}

/**
 * Returns the proxy for a server from the environment variables, with the rules of Go programs; `undefined` for none. Throws a `Fault`
 * for an invalid address, which Go ignores: a user who sets a proxy does not want to bypass it. Source: golang.org/x/net/http/httpproxy.
 */
export function proxyFor(server: string, environment: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const named = (name: string) => [name, name.toLowerCase()].find((one) => environment[one]) ?? name;
  const variable = named(protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const proxy = environment[variable]?.trim() || undefined;
  const host = hostname.replace(/[[\]]/g, '').toLowerCase();
  if (proxy === undefined || isLoopback(host)) return undefined;
  const withPort = `${host}:${port || (protocol === 'https:' ? '443' : '80')}`;
  const excepted = (environment[named('NO_PROXY')] ?? '').split(',').map((one) => one.trim().toLowerCase());
  if (excepted.some((one) => one !== '' && excepts(one, host, withPort))) return undefined;
  const whole = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (isProxyAddress(whole)) return whole;
  // The value is not printed, because it may contain a password.
  throw new Fault(
    'malformed',
    `The environment variable ${variable} is not a usable proxy: set an address such as http://proxy.example:3128.`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Whether a NO_PROXY entry matches: `*`, a network, an address or name with or without a port, or a domain. `example.com` matches itself
 * and its subdomains, `.example.com` only the subdomains.
 */
function excepts(one: string, host: string, withPort: string): boolean {
  if (one === '*' || one === host || one === withPort) return true;
  const [, literal = one, literalPort] = /^\[([0-9a-f:.]+)\](:\d+)?$/.exec(one) ?? [];
  if (isIP(literal) !== 0) {
    const isSame = isIP(literal) === isIP(host) && inNetwork(host, literal, isIP(host) === 6 ? 128 : 32);
    return isSame && (literalPort === undefined || withPort.endsWith(literalPort));
  }
  const [address = '', bits] = one.split('/');
  if (bits !== undefined) return isIP(host) !== 0 && isIP(address) === isIP(host) && inNetwork(host, address, Number(bits));
  const below = one.replace(/^\*?\./, '').replace(/:\d+$/, '');
  const port = /:\d+$/.exec(one)?.[0];
  if (port !== undefined && !withPort.endsWith(port)) return false;
  return isIP(host) === 0 && host.endsWith(`.${below}`);
}

function inNetwork(host: string, address: string, bits: number): boolean {
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv6' ? 128 : 32)) return false;
  const network = new BlockList();
  network.addSubnet(address, bits, family);
  return network.check(host, family);
}
