import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedBy, keyFingerprint, oneForm, type Signature } from '../../../shared/domain/evidence/signature.ts';

const bytes = Buffer.from('what was seen');
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const ed = generateKeyPairSync('ed25519');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });

const byEd: Signature = {
  algorithm: 'Ed25519',
  publicKey: pemOf(ed.publicKey),
  value: sign(null, bytes, ed.privateKey).toString('base64url'),
};
const byKey = ({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): Signature => ({
  algorithm: 'ES256',
  publicKey: pemOf(publicKey),
  value: sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
});
const byEc = byKey(ec);

describe('a signature', () => {
  it.each([byEd, byEc])('of $algorithm is valid for its bytes and for no others', (signature) => {
    expect(isSignedBy(bytes, signature)).toBe(true);
    expect(isSignedBy(Buffer.from('what was seem'), signature)).toBe(false);
  });

  it.each<[string, Signature]>([
    ['another key', { ...byEd, publicKey: pemOf(generateKeyPairSync('ed25519').publicKey) }],
    ['an algorithm that differs from its key', { ...byEd, algorithm: 'ES256' }],
    ['an unsupported curve', byKey(p384)],
    ['RSA', byKey(rsa)],
    ['no key at all', { ...byEd, publicKey: 'x' }],
    ['an invalid key', { ...byEd, publicKey: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n' }],
    ['a private key', { ...byEd, publicKey: ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }],
    ['another encoding of the key', { ...byEd, publicKey: `${byEd.publicKey}\n` }],
    ['another encoding of the value', { ...byEd, value: `${byEd.value}=` }],
    ['no value', { ...byEd, value: '' }],
  ])('is invalid with %s', (_, signature) => {
    expect(isSignedBy(bytes, signature)).toBe(false);
  });

  it('is taken of ES256 in one of its two forms: the one whose second half is the smaller', () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const withS = (s: bigint, length = 64): Signature => {
      const halves = ['11'.repeat(32), '00'.repeat(length - 64), s.toString(16).padStart(64, '0')].join('');
      return { ...byEc, value: Buffer.from(halves, 'hex').toString('base64url') };
    };
    for (const s of [1n, 255n, order / 2n]) {
      expect(oneForm(withS(s))).toEqual(withS(s));
      expect(oneForm(withS(order - s))).toEqual(withS(s));
    }
    // What is no signature of the curve stays as it is, and is refused for that.
    for (const odd of [withS(order), withS(order + 1n), withS(order - 1n, 65)]) expect(oneForm(odd)).toEqual(odd);
    const byOther: Signature = { ...withS(order - 1n), algorithm: 'Ed25519' };
    expect(oneForm(byOther)).toEqual(byOther);
    expect(isSignedBy(bytes, oneForm(byEc))).toBe(true);
  });

  it('has a key with a readable name that people can compare', () => {
    expect(keyFingerprint(byEd.publicKey)).toMatch(/^SHA256:[\w-]{43}$/);
    expect(keyFingerprint(byEd.publicKey)).not.toBe(keyFingerprint(byEc.publicKey));
    expect(keyFingerprint('x')).toBeUndefined();
    expect(keyFingerprint(ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toBeUndefined();
  });
});
