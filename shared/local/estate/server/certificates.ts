import { webcrypto } from 'node:crypto';
import { DAY_MS } from '../../../domain/snapshot/day.ts';

/** A certificate with its private key, both PEM. */
export interface Credential {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of one simulated server. */
export interface CertificateAuthority {
  readonly caPem: string;
  /** Creates a certificate for a server on loopback. */
  server(): Promise<Credential>;
  /** Creates a client certificate; Kubernetes uses its common name as the user and its organization as the group. */
  client(user: string, group: string): Promise<Credential>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Creates a certificate authority that exists only in memory and must be trusted explicitly. */
export async function createAuthority(name: string): Promise<CertificateAuthority> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  // Certificates are checked against the machine's clock, not against the time of the estate.
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) };
  const keys = await newKeys();
  const issuer = `CN=${name}`;
  const authority = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: issuer,
      keys,
      signingAlgorithm: ALGORITHM,
      ...validity,
      extensions: [
        new x509.BasicConstraintsExtension(true, 1, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  const issue = async (subject: string, usage: string, names: readonly { type: 'dns' | 'ip'; value: string }[]): Promise<Credential> => {
    const own = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject,
        issuer,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        ...validity,
        extensions: [
          new x509.BasicConstraintsExtension(false),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([usage]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
          ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])]),
        ],
      },
      webcrypto,
    );
    return { certificate: certificate.toString('pem'), key: await privateKeyPem(own.privateKey) };
  };
  return {
    caPem: authority.toString('pem'),
    server: () =>
      issue('CN=localhost', x509.ExtendedKeyUsage.serverAuth, [
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    client: (user, group) => issue(`CN=${user}, O=${group}`, x509.ExtendedKeyUsage.clientAuth, []),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
}
