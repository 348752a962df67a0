import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Fault } from '../domain/snapshot/fault.ts';

/**
 * Address ranges outside the public internet: this machine, its network, and the cloud's metadata service, which issues tokens to local
 * callers. Source: the special-purpose registries of IANA (RFC 6890).
 */
const NOT_PUBLIC = blockList([
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  // A public number, but only Azure's own platform answers there.
  ['168.63.129.16', 32, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  // Unspecified, loopback, and the old notation of IPv4 addresses.
  ['::', 96, 'ipv6'],
  // NAT64 of a private network, and Teredo, which contains an IPv4 address.
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2001::', 32, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]);

/** Positions of an IPv4 address within an IPv6 address: mapped, translated, NAT64 and 6to4. */
const EMBEDDED: readonly { readonly prefix: readonly number[]; readonly at: number }[] = [
  { prefix: [0, 0, 0, 0, 0, 0xffff], at: 6 },
  { prefix: [0, 0, 0, 0, 0xffff, 0], at: 6 },
  { prefix: [0x64, 0xff9b, 0, 0, 0, 0], at: 6 },
  { prefix: [0x2002], at: 1 },
];

/** Whether an address belongs to the public internet. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !NOT_PUBLIC.check(address, 'ipv4');
  if (family !== 6) return false;
  const plain = address.replace(/%.*/, '');
  const groups = groupsOf(plain);
  const embedded = EMBEDDED.find(({ prefix }) => prefix.every((group, index) => groups[index] === group));
  if (embedded === undefined) return !NOT_PUBLIC.check(plain, 'ipv6');
  const [high = 0, low = 0] = groups.slice(embedded.at);
  return !NOT_PUBLIC.check([high >> 8, high & 255, low >> 8, low & 255].join('.'), 'ipv4');
}

/** Returns the eight numbers of an IPv6 address in any notation. */
function groupsOf(address: string): readonly number[] {
  // A URL normalizes the notation: lower case, no dots, zeros as one `::`.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

/**
 * A DNS lookup that returns only public addresses. The checked address is the one that is connected to, even if the name resolves
 * differently later.
 */
export const publicLookup: LookupFunction = (hostname, options, done) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const found = Array.isArray(addresses) ? addresses : [];
    const hidden = found.find(({ address }) => !isPublic(address));
    if (error !== null) done(error, []);
    else if (hidden !== undefined) done(notPublic(hostname), []);
    else if (options.all === true) done(null, found);
    else done(null, found[0]?.address ?? '', found[0]?.family ?? 0);
  });
};

/** Throws if a host that is itself an address, and needs no lookup, is not public. */
export function assertPublicHost(hostname: string): void {
  const bare = hostname.replace(/[[\]]/g, '');
  if (isIP(bare) !== 0 && !isPublic(bare)) throw notPublic(hostname);
}

function notPublic(hostname: string): Fault {
  return new Fault(
    'denied',
    `${hostname} is an address of this machine or of a private network, to which notifications are not sent. Set notifications.allowPrivateAddresses in the policy to allow it.`,
  );
}

function blockList(subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix, family] of subnets) list.addSubnet(net, prefix, family);
  return list;
}
