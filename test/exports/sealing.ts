import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Signature } from '../../shared/domain/evidence/signature.ts';
import { type Previous, sealBundle } from '../../shared/exports/bundle.ts';
import type { EvidenceEntry } from '../../shared/exports/evidence.ts';
import { from } from './samples.ts';

/** A signer of the tests, with its public key. */
export interface TestSigner {
  readonly sign: (bytes: Uint8Array) => Promise<Signature>;
  readonly publicKey: string;
}

const signerOf = (
  algorithm: Signature['algorithm'],
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject },
): TestSigner => {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const signed = (bytes: Uint8Array) =>
    algorithm === 'Ed25519' ? sign(null, bytes, privateKey) : sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return { publicKey: pem, sign: async (bytes) => ({ algorithm, publicKey: pem, value: signed(bytes).toString('base64url') }) };
};

/** A new Ed25519 key. */
export const anEd25519Signer = (): TestSigner => signerOf('Ed25519', generateKeyPairSync('ed25519'));
/** A new P-256 key, as in Azure Key Vault. */
export const aP256Signer = (): TestSigner => signerOf('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }));

/** The smallest complete evidence. */
export const entries = (content: unknown = {}): readonly EvidenceEntry[] => [
  { name: 'about', content },
  { name: 'end', content: {} },
];

/** Seals a bundle in memory. */
export async function sealed(signer: TestSigner, previous?: Previous, content: unknown = {}): Promise<string> {
  let text = '';
  const sealing = { previous, sealedAt: '2026-11-23T12:00:00.000Z', sign: signer.sign };
  for await (const piece of sealBundle(from(entries(content)), sealing)) text += piece;
  return text;
}
