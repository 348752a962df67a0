import 'reflect-metadata';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

/** A key and its certificate, both PEM. */
export interface ServerIdentity {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;

/** A self-signed certificate for the loopback address, valid for a day by default. */
export async function loopbackCertificate(notAfter = new Date(Date.now() + DAY_MS)): Promise<ServerIdentity> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=loopback',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 2 * DAY_MS),
    notAfter,
    extensions: [new BasicConstraintsExtension(true), new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der.toString('base64').replace(/(.{64})/g, '$1\n');
  return { key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`, cert: certificate.toString('pem') };
}
