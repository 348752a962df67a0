import { BlockList, isIP } from 'node:net';
import type { Environment } from './load.ts';

/** The proxy that leads to a server by the environment, as Go's programs read it; `undefined` for none. Source: golang.org/x/net/http/httpproxy. */
export function proxyFor(server: string, environment: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const read = (name: string) => environment[name] || environment[name.toLowerCase()] || undefined;
  const proxy = read(protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (proxy === undefined || isLoopback(host)) return undefined;
  const withPort = `${host}:${port || (protocol === 'https:' ? '443' : '80')}`;
  const excepted = (read('NO_PROXY') ?? '').split(',').map((one) => one.trim().toLowerCase());
  if (excepted.some((one) => one !== '' && excepts(one, host, withPort))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** `*`, a network, an address or name with or without a port, or a domain: `example.com` means it and all below, `.example.com` only those. */
function excepts(one: string, host: string, withPort: string): boolean {
  if (one === '*' || one === host || one === withPort) return true;
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
