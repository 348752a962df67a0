import { describe, expect, it } from 'vitest';
import { assertPublicHost, isPublic, publicLookup } from '../../shared/notify/address-guard.ts';
import { send } from '../../shared/notify/send.ts';
import { startReceiver } from './receiver.ts';

describe('the address guard', () => {
  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.64.0.1',
    '192.0.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'fec0::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:A9FE:A9FE',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '0:0:0:0:0:ffff:7f00:1',
    '::ffff:0:a00:1',
    '::127.0.0.1',
    '64:ff9b::',
    '64:ff9b::10.0.0.0',
    '64:ff9b:1::1',
    '0064:FF9B:0:0:0:0:7f00:1',
    '2002:7f00::1',
    '2002::1',
    '2001:0:4136:e378::1',
    '::ffff:127.0.0.1%eth0',
    'no address',
    '::ffff:10.0.0.1x',
  ])('refuses %s', (address) => expect(isPublic(address)).toBe(false));

  it.each([
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.128.0.1',
    '168.63.129.17',
    '192.0.1.1',
    '198.20.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '::ffff:1.1.1.1',
    '64:ff9b::101:101',
    '64:ff9b::192.0.1.1',
    '2002:101:101::1',
    '2002:101:101:a00:1::',
    '2606:4700::ffff:10.0.0.1',
    '::ffff:0:101:101',
    '2001:4860:4860::8888',
    '64:ff9b:2::10.0.0.1',
  ])('allows %s', (address) => expect(isPublic(address)).toBe(true));

  it.each([
    ['an address', '127.0.0.1'],
    ['a name that resolves to one', 'localhost'],
    ['an address in another notation', '0x7f.1'],
    ['an address as a number', '2130706433'],
  ])('checks %s before it connects, and connects when it is allowed', async (_, host) => {
    const receiver = await startReceiver();
    try {
      const url = receiver.url.replace('127.0.0.1', host);
      const sending = (allowPrivate: boolean) =>
        send({ url, headers: {}, body: '{}', allowPrivate, abortSignal: AbortSignal.timeout(5_000) });
      await expect(sending(false)).rejects.toMatchObject({ code: 'denied', message: expect.stringContaining('allowPrivateAddresses') });
      expect(receiver.received).toEqual([]);
      expect(await sending(true)).toBe(202);
    } finally {
      await receiver.stop();
    }
  });
});

it.each([
  ['127.0.0.1', true],
  ['[::1]', true],
  ['[::ffff:10.0.0.1]', true],
  ['1.1.1.1', false],
  ['[2606:4700::1111]', false],
  ['[2606:4700:1:2:3:4:5:6]', false],
  ['example.com', false],
])('the host %s of an address is refused before any look-up: %s', (hostname, expected) => {
  const look = () => assertPublicHost(hostname);
  if (expected) expect(look).toThrow(hostname);
  else expect(look).not.toThrow();
});

describe('the look-up of names', () => {
  const found = (hostname: string, all: boolean) =>
    new Promise((done) => publicLookup(hostname, { all }, (error, address, family) => done(error === null ? [address, family] : error)));

  it('gives public addresses in the form that is asked for', async () => {
    expect(await found('1.1.1.1', true)).toEqual([[{ address: '1.1.1.1', family: 4 }], undefined]);
    expect(await found('2606:4700::1111', false)).toEqual(['2606:4700::1111', 6]);
  });

  it.each([true, false])('gives no private one, and says so where a name has none: all %s', async (all) => {
    expect(await found('10.0.0.1', all)).toMatchObject({ code: 'denied' });
    expect(await found('not..a.name', all)).toMatchObject({ code: 'ENOTFOUND' });
  });
});
